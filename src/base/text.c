#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MS_PER_SECOND = 1000, SECONDS_PER_DAY = 86400, NAME_MAX_BYTES = 100 };

static const char hex_digits[] = "0123456789abcdef";

char *hex_encode(char *ret, const void *bytes, size_t len_bytes)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < len_bytes; i++) {
		ret[2 * i] = hex_digits[p[i] >> 4];
		ret[2 * i + 1] = hex_digits[p[i] & 15];
	}
	ret[2 * len_bytes] = '\0';
	return ret;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int hex_decode(void *ret, size_t len_bytes, const char *text, struct error *e)
{
	uint8_t *p = ret;

	if (strlen(text) != 2 * len_bytes)
		return error_set(e, E_FORMAT, "not %zu hex digits", 2 * len_bytes);
	for (size_t i = 0; i < 2 * len_bytes; i++)
		if (hex_value(text[i]) < 0)
			return error_set(e, E_FORMAT, "not %zu hex digits", 2 * len_bytes);
	for (size_t i = 0; i < len_bytes; i++)
		p[i] = (uint8_t)(hex_value(text[2 * i]) << 4 | hex_value(text[2 * i + 1]));
	return 0;
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_put(struct buf *b, const void *bytes, size_t len_bytes, struct error *e)
{
	const uint8_t *p = bytes;

	if (len_bytes > SIZE_MAX / 8 || buf_reserve(b, (len_bytes + 2) / 3 * 4, e) < 0)
		return error_set(e, E_MEMORY, "out of memory for %zu bytes", len_bytes);
	for (size_t i = 0; i < len_bytes; i += 3) {
		size_t left = len_bytes - i;
		unsigned v = (unsigned)p[i] << 16;

		if (left > 1)
			v |= (unsigned)p[i + 1] << 8;
		if (left > 2)
			v |= p[i + 2];
		b->data[b->len++] = (uint8_t)base64_digits[v >> 18];
		b->data[b->len++] = (uint8_t)base64_digits[v >> 12 & 63];
		b->data[b->len++] = (uint8_t)(left > 1 ? base64_digits[v >> 6 & 63] : '=');
		b->data[b->len++] = (uint8_t)(left > 2 ? base64_digits[v & 63] : '=');
	}
	b->data[b->len] = '\0';
	return 0;
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* Four digits, of which the last pad are '='. -1: not base64, or bits set that nobody reads. */
static int base64_quad(uint8_t ret[3], const char quad[4], size_t pad)
{
	unsigned v = 0;

	for (size_t i = 0; i < 4; i++) {
		int digit = i < 4 - pad ? base64_value(quad[i]) : 0;

		if (digit < 0)
			return -1;
		v = v << 6 | (unsigned)digit;
	}
	if ((v & ((1u << 8 * pad) - 1)) != 0)
		return -1;
	be_set(ret, v, 3);
	return 0;
}

int base64_get(struct buf *b, const char *text, size_t len, struct error *e)
{
	size_t before = b->len, pad = 0;

	if (len % 4 != 0)
		return error_set(e, E_FORMAT, "base64 of %zu digits", len);
	if (len > 0 && text[len - 1] == '=')
		pad = text[len - 2] == '=' ? 2 : 1;
	if (buf_reserve(b, len / 4 * 3, e) < 0)
		return E_MEMORY;
	for (size_t i = 0; i < len; i += 4) {
		size_t pad_here = i + 4 == len ? pad : 0;

		if (base64_quad(b->data + b->len, text + i, pad_here) < 0) {
			b->len = before;
			b->data[before] = '\0';
			return error_set(e, E_FORMAT, "not base64 at digit %zu", i);
		}
		b->len += 3 - pad_here;
	}
	b->data[b->len] = '\0';
	return 0;
}

int number_parse(uint64_t *ret, const char *text, size_t len, struct error *e)
{
	uint64_t v = 0;

	if (len == 0 || (len > 1 && text[0] == '0'))
		return error_set(e, E_FORMAT, "not a number");
	for (size_t i = 0; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return error_set(e, E_FORMAT, "not a number");
	for (size_t i = 0; i < len; i++) {
		unsigned digit = (unsigned)(text[i] - '0');

		if (v > (UINT64_MAX - digit) / 10)
			return error_set(e, E_RANGE, "number beyond 64 bits");
		v = v * 10 + digit;
	}
	*ret = v;
	return 0;
}

struct civil {
	uint64_t year;
	unsigned month, day, hour, minute, second, ms;
};

static bool leap(uint64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_in(uint64_t year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && leap(year) ? 29u : days[month - 1];
}

/* From 1970-01-01 to the first of January of year >= 1970. */
static uint64_t days_before_year(uint64_t year)
{
	uint64_t last = year - 1;
	const uint64_t leaps_to_1969 = 1969 / 4 - 1969 / 100 + 1969 / 400;

	return (year - 1970) * 365 + last / 4 - last / 100 + last / 400 - leaps_to_1969;
}

static uint64_t days_of(const struct civil *c)
{
	uint64_t days = days_before_year(c->year) + c->day - 1;

	for (unsigned month = 1; month < c->month; month++)
		days += days_in(c->year, month);
	return days;
}

static struct civil civil_of(uint64_t utc_ms)
{
	uint64_t seconds = utc_ms / MS_PER_SECOND, days = seconds / SECONDS_PER_DAY;
	unsigned rest = (unsigned)(seconds % SECONDS_PER_DAY);
	struct civil c = { .month = 1 };

	c.year = 1970 + days * 400 / 146097; /* at most one year beside the truth */
	while (days_before_year(c.year) > days)
		c.year--;
	while (days_before_year(c.year + 1) <= days)
		c.year++;
	days -= days_before_year(c.year);
	for (; days >= days_in(c.year, c.month); c.month++)
		days -= days_in(c.year, c.month);
	c.day = (unsigned)days + 1;
	c.hour = rest / 3600;
	c.minute = rest / 60 % 60;
	c.second = rest % 60;
	return c;
}

/* Exactly width digits; moves *at behind them. */
static bool digits(const char **at, unsigned width, unsigned *ret)
{
	unsigned v = 0;

	for (unsigned i = 0; i < width; i++) {
		char c = (*at)[i];

		if (c < '0' || c > '9')
			return false;
		v = v * 10 + (unsigned)(c - '0');
	}
	*at += width;
	*ret = v;
	return true;
}

static bool mark(const char **at, char c)
{
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

static bool fraction(const char **at, unsigned *ret_ms)
{
	unsigned ms = 0, digit, n = 0;

	for (; n < 9 && digits(at, 1, &digit); n++)
		if (n < 3)
			ms = ms * 10 + digit;
	if (n == 0)
		return false;
	for (; n < 3; n++)
		ms *= 10;
	*ret_ms = ms;
	return true;
}

static bool parse_date(const char **at, struct civil *c)
{
	unsigned year;

	if (!digits(at, 4, &year) || !mark(at, '-') || !digits(at, 2, &c->month) ||
	    !mark(at, '-') || !digits(at, 2, &c->day))
		return false;
	c->year = year;
	return year >= 1970 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	       c->day <= days_in(year, c->month);
}

static bool parse_clock(const char **at, struct civil *c)
{
	if (!digits(at, 2, &c->hour) || !mark(at, ':') || !digits(at, 2, &c->minute))
		return false;
	if (mark(at, ':')) {
		if (!digits(at, 2, &c->second))
			return false;
		if (mark(at, '.') && !fraction(at, &c->ms))
			return false;
	}
	return mark(at, 'Z') && c->hour < 24 && c->minute < 60 && c->second < 60;
}

int time_parse(uint64_t *ret_utc_ms, const char *text, struct error *e)
{
	struct civil c = { 0 };
	const char *at = text;
	uint64_t seconds;

	if (!parse_date(&at, &c) || (mark(&at, 'T') && !parse_clock(&at, &c)) || *at != '\0')
		return error_set(e, E_FORMAT,
				 "not a UTC time such as 2014-03-01T12:00:00Z or a date");
	seconds = days_of(&c) * SECONDS_PER_DAY + c.hour * 3600 + c.minute * 60 + c.second;
	*ret_utc_ms = seconds * MS_PER_SECOND + c.ms;
	return 0;
}

static char *text_of(char ret[TIME_TEXT_MAX], uint64_t utc_ms, bool with_seconds)
{
	struct civil c;
	int len;

	if (utc_ms == TIME_NONE)
		return strcpy(ret, "not stated");
	c = civil_of(utc_ms);
	len = snprintf(ret, TIME_TEXT_MAX, "%04" PRIu64 "-%02u-%02uT%02u:%02u", c.year,
		       c.month % 100, c.day % 100, c.hour % 100, c.minute % 100);
	if (with_seconds)
		snprintf(ret + len, TIME_TEXT_MAX - (size_t)len, ":%02uZ", c.second % 100);
	else
		snprintf(ret + len, TIME_TEXT_MAX - (size_t)len, "Z");
	return ret;
}

char *time_text(char ret[TIME_TEXT_MAX], uint64_t utc_ms)
{
	return text_of(ret, utc_ms, true);
}

char *time_text_minute(char ret[TIME_TEXT_MAX], uint64_t utc_ms)
{
	return text_of(ret, utc_ms, false);
}

/* The second byte's range is what tells overlong forms, surrogates and beyond U+10FFFF. */
size_t utf8_char(const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text;
	uint8_t low = 0x80, high = 0xbf;
	size_t n;

	if (len == 0 || (p[0] >= 0x80 && p[0] < 0xc2) || p[0] > 0xf4)
		return 0;
	n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (n > len)
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (n > 1 && (p[1] < low || p[1] > high))
		return 0;
	for (size_t i = 2; i < n; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return n;
}

bool utf8_valid(const char *text, size_t len)
{
	for (size_t at = 0, n; at < len; at += n) {
		n = utf8_char(text + at, len - at);
		if (n == 0)
			return false;
	}
	return true;
}

static bool lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool name_valid(const char *name)
{
	size_t len = strnlen(name, NAME_MAX_BYTES + 1);

	if (len > NAME_MAX_BYTES || !lower_or_digit(name[0]))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!lower_or_digit(name[i]) && !strchr("._-", name[i]))
			return false;
	return true;
}
