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
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

int hex_decode(void *ret, size_t len_bytes, const char *text, struct error *e)
{
	uint8_t *p = ret;

	if (strlen(text) != 2 * len_bytes || strspn(text, hex_digits) != 2 * len_bytes)
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

/* One more than the value of a digit; 0: none. */
static const uint8_t base64_values[256] = {
	['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6, ['G'] = 7,
	['H'] = 8, ['I'] = 9, ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14,
	['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21,
	['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28,
	['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35,
	['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
	['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49,
	['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
	['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63,
	['/'] = 64,
};

int base64_decode(uint8_t *ret, size_t *ret_len, const char *text, size_t len, struct error *e)
{
	size_t pad = 0, at = 0;
	unsigned bits = 0, v = 0; /* of v, the last ones are not yet in a byte */

	if (len % 4 != 0)
		return error_set(e, E_FORMAT, "base64 of %zu digits", len);
	if (len > 0 && text[len - 1] == '=')
		pad = text[len - 2] == '=' ? 2 : 1;
	for (size_t i = 0; i < len - pad; i++) {
		unsigned digit = base64_values[(uint8_t)text[i]];

		if (digit == 0)
			return error_set(e, E_FORMAT, "not base64 at digit %zu", i);
		v = v << 6 | (digit - 1);
		bits += 6;
		if (bits >= 8)
			ret[at++] = (uint8_t)(v >> (bits -= 8));
	}
	if ((v & ((1u << bits) - 1)) != 0)
		return error_set(e, E_FORMAT, "base64 with bits that nobody reads");
	*ret_len = at;
	return 0;
}

int base64_get(struct buf *b, const char *text, size_t len, struct error *e)
{
	size_t more = 0;

	if (buf_reserve(b, len / 4 * 3, e) < 0)
		return E_MEMORY;
	if (base64_decode(b->data + b->len, &more, text, len, e) < 0) {
		b->data[b->len] = '\0';
		return E_FORMAT;
	}
	b->len += more;
	b->data[b->len] = '\0';
	return 0;
}

int number_parse(uint64_t *ret, const char *text, size_t len, struct error *e)
{
	uint64_t v = 0;

	if (len == 0 || (len > 1 && text[0] == '0'))
		return error_set(e, E_FORMAT, "not a number");
	for (size_t i = 0; i < len; i++) {
		unsigned digit = (unsigned)text[i] - '0';

		if (digit > 9)
			return error_set(e, E_FORMAT, "not a number");
		if (v > (UINT64_MAX - digit) / 10)
			return error_set(e, E_RANGE, "number beyond 64 bits");
		v = v * 10 + digit;
	}
	*ret = v;
	return 0;
}

enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, UNITS };

/* From 1970-01-01. A year is counted from March here, so that the leap day is its last; month 13 is
 * the next year's January. */
static uint64_t days_of(unsigned year, unsigned month, unsigned day)
{
	uint64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static unsigned days_in(unsigned year, unsigned month)
{
	return (unsigned)(days_of(year, month + 1, 1) - days_of(year, month, 1));
}

/* Is text as like is? A letter of "YMDhms" there is a digit of that unit here. */
static bool is_like(const char *text, const char *like, unsigned ret[UNITS])
{
	static const char units[] = "YMDhms";

	for (; *like; like++, text++) {
		const char *unit = strchr(units, *like);
		unsigned digit = (unsigned)*text - '0';

		if (unit ? digit > 9 : *text != *like)
			return false;
		if (unit)
			ret[unit - units] = ret[unit - units] * 10 + digit;
	}
	return *text == '\0';
}

int time_parse_like(uint64_t *ret_utc_ms, const char *text, const char *like, struct error *e)
{
	unsigned t[UNITS] = { 0 };

	if (!is_like(text, like, t) || t[YEAR] < 1970 || t[MONTH] < 1 || t[MONTH] > 12 ||
	    t[DAY] < 1 || t[DAY] > days_in(t[YEAR], t[MONTH]) || t[HOUR] > 23 || t[MINUTE] > 59 ||
	    t[SECOND] > 59)
		return error_set(e, E_FORMAT, "not a UTC time such as %s", like);
	*ret_utc_ms = (days_of(t[YEAR], t[MONTH], t[DAY]) * SECONDS_PER_DAY + t[HOUR] * 3600 +
		       t[MINUTE] * 60 + t[SECOND]) * MS_PER_SECOND;
	return 0;
}

/* The milliseconds of a fraction of 1 to 9 digits behind the seconds, which is cut out of the text.
 * */
static unsigned take_fraction(char *text)
{
	char *dot = text + strlen("2014-03-01T12:00:00");
	size_t len = *dot == '.' ? strspn(dot + 1, "0123456789") : 0;
	unsigned ms = 0;

	if (len < 1 || len > 9)
		return 0;
	for (size_t i = 1; i <= 3; i++)
		ms = ms * 10 + (i <= len ? (unsigned)dot[i] - '0' : 0);
	memmove(dot, dot + 1 + len, strlen(dot + 1 + len) + 1);
	return ms;
}

int time_parse(uint64_t *ret_utc_ms, const char *text, struct error *e)
{
	size_t len = strnlen(text, TIME_TEXT_MAX);
	char whole[TIME_TEXT_MAX] = "";
	unsigned ms = 0;

	if (len < TIME_TEXT_MAX)
		memcpy(whole, text, len);
	if (len > strlen(TIME_SECOND))
		ms = take_fraction(whole);
	if (time_parse_like(ret_utc_ms, whole, len == strlen("YYYY-MM-DD") ? "YYYY-MM-DD" :
			    len == strlen(TIME_MINUTE) ? TIME_MINUTE : TIME_SECOND, e) < 0)
		return error_set(e, E_FORMAT,
				 "not a UTC time such as 2014-03-01T12:00:00Z or a date");
	*ret_utc_ms += ms;
	return 0;
}

static void split(unsigned ret[UNITS], uint64_t utc_ms)
{
	uint64_t seconds = utc_ms / MS_PER_SECOND, days = seconds / SECONDS_PER_DAY;
	unsigned rest = (unsigned)(seconds % SECONDS_PER_DAY), month = 1;
	unsigned year = (unsigned)(1970 + days * 400 / 146097); /* at most one beside the truth */

	while (days_of(year, 1, 1) > days)
		year--;
	while (days_of(year + 1, 1, 1) <= days)
		year++;
	while (days_of(year, month + 1, 1) <= days)
		month++;
	ret[YEAR] = year;
	ret[MONTH] = month;
	ret[DAY] = (unsigned)(days - days_of(year, month, 1)) + 1;
	ret[HOUR] = rest / 3600;
	ret[MINUTE] = rest / 60 % 60;
	ret[SECOND] = rest % 60;
}

static char *text_of(char ret[TIME_TEXT_MAX], uint64_t utc_ms, bool with_seconds)
{
	unsigned t[UNITS];
	int len;

	if (utc_ms == TIME_NONE)
		return strcpy(ret, "not stated");
	split(t, utc_ms);
	len = snprintf(ret, TIME_TEXT_MAX, "%04u-%02u-%02uT%02u:%02u", t[YEAR], t[MONTH] % 100,
		       t[DAY] % 100, t[HOUR] % 100, t[MINUTE] % 100);
	if (with_seconds)
		snprintf(ret + len, TIME_TEXT_MAX - (size_t)len, ":%02uZ", t[SECOND] % 100);
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

/* The least code point that needs as many bytes. */
static const uint32_t utf8_least[5] = { 0, 0, 0x80, 0x800, 0x10000 };

size_t utf8_point(uint32_t *ret, const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t n = len == 0 ? 0 : p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 :
		   p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t v = n == 1 ? p[0] : n > 1 ? p[0] & (0x7fu >> n) : 0;

	if (n > len || (n == 4 && p[0] > 0xf7))
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (p[i] & 0x3f);
	}
	*ret = v;
	return v >= utf8_least[n] && v <= 0x10ffff && (v < 0xd800 || v > 0xdfff) ? n : 0;
}

bool utf8_valid(const char *text, size_t len)
{
	uint32_t point;

	for (size_t at = 0, n; at < len; at += n) {
		n = utf8_point(&point, text + at, len - at);
		if (n == 0)
			return false;
	}
	return true;
}

size_t utf8_char(const char *text, size_t len)
{
	uint32_t point;

	return utf8_point(&point, text, len);
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
