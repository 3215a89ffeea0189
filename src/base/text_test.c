#include "base/text.h"

#include <stdio.h>
#include <string.h>

#include "base/test.h"

static struct error e;

TEST(hex_of_every_byte_comes_back)
{
	uint8_t bytes[256], back[256];
	char text[513];

	for (size_t i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	check_ok(hex_decode(back, 256, hex_encode(text, bytes, 256), &e));
	check(memcmp(bytes, back, 256) == 0);
	check(strncmp(text, "000102", 6) == 0 && strcmp(text + 506, "fdfeff") == 0);
}

TEST(hex_with_any_other_byte_or_length_is_refused)
{
	uint8_t back[2] = { 7, 7 };

	for (int c = 1; c < 256; c++)
		for (size_t at = 0; at < 4; at++) {
			char text[] = "00ff";

			text[at] = (char)c;
			if (strchr("0123456789abcdef", c))
				check_ok(hex_decode(back, 2, text, &e));
			else
				check_code(hex_decode(back, 2, text, &e), E_FORMAT);
		}
	check_code(hex_decode(back, 2, "00f", &e), E_FORMAT);
	check_code(hex_decode(back, 2, "00ff0", &e), E_FORMAT);
	check_code(hex_decode(back, 2, "", &e), E_FORMAT);
	check_ok(hex_decode(back, 0, "", &e));
}

TEST(base64_agrees_with_rfc_4648)
{
	const char *plain[] = { "", "f", "fo", "foo", "foob", "fooba", "foobar" };
	const char *coded[] = { "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy" };

	for (size_t i = 0; i < COUNT_OF(plain); i++) {
		scoped(buf) *b = NULL, *back = NULL;

		check_ok(buf_create(&b, 0, &e));
		check_ok(buf_create(&back, 0, &e));
		check_ok(base64_put(b, plain[i], strlen(plain[i]), &e));
		check(strcmp(buf_text(b), coded[i]) == 0);
		check_ok(base64_get(back, coded[i], strlen(coded[i]), &e));
		check(strcmp(buf_text(back), plain[i]) == 0);
	}
}

/* What decodes must encode to itself: then no value has two spellings. */
static void one_spelling(const char *text, size_t len)
{
	scoped(buf) *b = NULL, *again = NULL;

	check_ok(buf_from(&b, "kept", 4, &e));
	check_ok(buf_create(&again, 0, &e));
	if (base64_get(b, text, len, &e) < 0) {
		check(strcmp(buf_text(b), "kept") == 0);
		return;
	}
	check_ok(base64_put(again, b->data + 4, b->len - 4, &e));
	check(again->len == len && memcmp(again->data, text, len) == 0);
}

TEST(base64_has_one_spelling_for_each_value)
{
	for (int c = 0; c < 256; c++)
		for (int d = 0; d < 256; d++) {
			char text[8] = { 'Z', (char)c, (char)d, '=', 'Z', 'm', '9', 'v' };

			one_spelling(text, 4);
			one_spelling(text, 8);
			text[3] = 'v';
			one_spelling(text, 4);
			text[0] = text[1];
			one_spelling(text, 4);
		}
}

TEST(base64_that_is_not_canonical_is_refused)
{
	const char *bad[] = { "Z",    "Zg",   "Zg=",	 "Zh==", "Zm9=",     "Zg==Zg==", "====",
			      "Z===", "Zg= ", "Zm9v\n", "Zm-v", "Zm9v====", "=Zg=",	 " Zm9" };
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		check_code(base64_get(b, bad[i], strlen(bad[i]), &e), E_FORMAT);
		check(b->len == 0);
	}
}

TEST(numbers_reach_64_bits_and_not_one_more)
{
	const char *bad[] = { "", "00", "01", "-1", "+1", " 1", "1 ", "0x1", "1e3", "1.0" };
	const char *far[] = { "18446744073709551616", "99999999999999999999", "100000000000000000000" };
	uint64_t v = 7;

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		check_code(number_parse(&v, bad[i], strlen(bad[i]), &e), E_FORMAT);
	for (size_t i = 0; i < COUNT_OF(far); i++)
		check_code(number_parse(&v, far[i], strlen(far[i]), &e), E_RANGE);
	check(v == 7);
	check_ok(number_parse(&v, "18446744073709551615", 20, &e));
	check(v == UINT64_MAX);
	check_ok(number_parse(&v, "0", 1, &e));
	check(v == 0);
	check_ok(number_parse(&v, "123abc", 3, &e));
	check(v == 123);
}

TEST(every_day_of_all_years_has_its_number_and_comes_back)
{
	static const unsigned days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	uint64_t day = 0, ms;
	char text[TIME_TEXT_MAX], want[2 * TIME_TEXT_MAX];

	for (unsigned y = 1970; y <= 9999; y += y < 2120 || y > 9890 ? 1 : 10) {
		unsigned feb = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0 ? 29 : 28;

		snprintf(text, sizeof(text), "%04u-01-01", y);
		check_ok(time_parse(&ms, text, &e));
		if (y < 2120) /* in the years that are visited one by one, days follow each other */
			check(ms == day * 86400000);
		day = ms / 86400000;
		for (unsigned m = 1; m <= 12; m++) {
			unsigned last = m == 2 ? feb : days[m - 1];

			for (unsigned d = 1; d <= last; d++, day++) {
				snprintf(text, sizeof(text), "%04u-%02u-%02u", y, m, d);
				check_ok(time_parse(&ms, text, &e));
				check(ms == day * 86400000);
				snprintf(want, sizeof(want), "%sT23:59:59Z", text);
				check(strcmp(time_text(text, ms + 86399999), want) == 0);
			}
			snprintf(text, sizeof(text), "%04u-%02u-%02u", y, m, last + 1);
			check_code(time_parse(&ms, text, &e), E_FORMAT);
		}
	}
}

TEST(known_moments_are_what_the_world_says)
{
	const struct { const char *text; uint64_t ms; } known[] = {
		{ "1970-01-01", 0 },
		{ "1970-01-01T00:00:00.001Z", 1 },
		{ "2000-02-29T00:00Z", 951782400000 },
		{ "2001-09-09T01:46:40Z", 1000000000000 },
		{ "2014-03-01T12:00:00Z", 1393675200000 },
		{ "2014-03-01T12:00Z", 1393675200000 },
		{ "2014-03-01T12:00:00.5Z", 1393675200500 },
		{ "2014-03-01T12:00:00.123999999Z", 1393675200123 },
		{ "2038-01-19T03:14:08Z", 2147483648000 },
		{ "9999-12-31T23:59:59.999Z", 253402300799999 },
	};
	char text[TIME_TEXT_MAX];
	uint64_t ms;

	for (size_t i = 0; i < COUNT_OF(known); i++) {
		check_ok(time_parse(&ms, known[i].text, &e));
		check(ms == known[i].ms);
	}
	check(strcmp(time_text(text, 1393675259999), "2014-03-01T12:00:59Z") == 0);
	check(strcmp(time_text_minute(text, 1393675259999), "2014-03-01T12:00Z") == 0);
	check(strcmp(time_text(text, TIME_NONE), "not stated") == 0);
	check(strlen(time_text(text, TIME_NONE - 1)) < TIME_TEXT_MAX);
}

TEST(a_time_spelled_otherwise_is_refused)
{
	const char *bad[] = {
		"", "2014", "2014-03", "2014-3-1", "2014-03-01T", "2014-03-01T12", "2014-03-01T12Z",
		"2014-03-01T12:00", "2014-03-01T12:00:00", "2014-03-01 12:00:00Z",
		"2014-03-01t12:00:00Z", "2014-03-01T12:00:00z", "2014-03-01T12:00:00+00:00",
		"2014-03-01T24:00:00Z", "2014-03-01T12:60:00Z", "2014-03-01T12:00:60Z",
		"2016-12-31T23:59:60Z", "2014-03-01T12:00:00.Z", "2014-03-01T12:00:00.1234567890Z",
		"2014-03-01T12:00.5Z", "2014-03-01T12:00:00,5Z", "2014-00-01", "2014-13-01",
		"2014-01-00", "2014-02-29", "1900-02-29", "2100-02-29", "1969-12-31", "0000-01-01",
		"10000-01-01", "+2014-03-01", "-2014-03-01", " 2014-03-01", "2014-03-01 ",
		"2014-03-01Z", "2014-03-01T12:00:00ZZ", "2014/03/01", "20140301", "2014-03-0a",
	};
	uint64_t ms = 7;

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		check_code(time_parse(&ms, bad[i], &e), E_FORMAT);
	check(ms == 7);
}

/* Written from the code points: what UTF-8 is, told the other way round. */
static size_t utf8_of(uint32_t point, char out[4])
{
	if (point < 0x80)
		return (size_t)(out[0] = (char)point, 1);
	if (point < 0x800) {
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 63));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 63));
		out[2] = (char)(0x80 | (point & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 63));
	out[2] = (char)(0x80 | (point >> 6 & 63));
	out[3] = (char)(0x80 | (point & 63));
	return 4;
}

TEST(every_code_point_is_utf8_but_the_surrogates)
{
	for (uint32_t point = 0; point < 0x110000 + 0x1000; point++) {
		char out[4];
		size_t len = utf8_of(point, out);
		bool good = point < 0x110000 && (point < 0xd800 || point > 0xdfff);

		check(utf8_valid(out, len) == good);
		check(utf8_char(out, len) == (good ? len : 0));
		check(len == 1 || !utf8_valid(out, len - 1));
	}
}

TEST(no_more_sequences_are_utf8_than_there_are_code_points)
{
	size_t two = 0, three = 0;

	for (uint32_t v = 0; v < 1 << 24; v++) {
		char p[] = { (char)(v >> 16), (char)(v >> 8 & 255), (char)(v & 255) };

		three += utf8_char(p, 3) == 3;
		two += (v & 255) == 0 && utf8_char(p, 2) == 2;
	}
	check(two == 0x800 - 0x80);
	check(three == 0x10000 - 0x800 - 0x800);
	check(!utf8_valid("\xf4\x90\x80\x80", 4) && !utf8_valid("\xf0\x8f\xbf\xbf", 4));
	check(!utf8_valid("ab\xff", 3) && utf8_valid("", 0) && utf8_char("", 0) == 0);
}

TEST(a_name_is_short_lower_case_and_begins_with_a_letter_or_digit)
{
	const char *good[] = { "a", "0", "a.b_c-d", "okcupid-2014", "a..b" };
	const char *bad[] = { "", ".a", "-a", "_a", "A", "aB", "a b", "a/b", "a\n", "\xc3\xa4" };
	char longest[102];

	for (size_t i = 0; i < COUNT_OF(good); i++)
		check(name_valid(good[i]));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		check(!name_valid(bad[i]));
	memset(longest, 'a', sizeof(longest));
	longest[100] = '\0';
	check(name_valid(longest));
	longest[100] = 'a';
	longest[101] = '\0';
	check(!name_valid(longest));
}

TEST_MAIN("text")
