/* The small JSON against Jansson. Nothing is said here of what is right: only that both agree. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/test.h"
#include "verify/json_case.h"

static struct error e;

static void agree(const void *bytes, size_t len)
{
	const char *why = case_differs(bytes, len);

	if (why)
		fprintf(stderr, "%s: %.*s\n", why, (int)(len < 200 ? len : 200),
			(const char *)bytes);
	check(!why);
}

TEST(every_short_text_of_the_letters_that_matter_is_taken_alike)
{
	static const char letters[] = "[]{},:\"\\u0d8nul-1.eE+ \n\x01\x7f\xc3\xa9\xed";
	const size_t count = sizeof(letters) - 1;
	char text[4];

	for (size_t a = 0; a < count; a++)
		for (size_t b = 0; b < count; b++)
			for (size_t c = 0; c < count; c++)
				for (size_t d = 0; d < count; d++) {
					text[0] = letters[a];
					text[1] = letters[b];
					text[2] = letters[c];
					text[3] = letters[d];
					agree(text, 4);
				}
}

TEST(texts_at_the_edges_are_taken_alike)
{
	static const char *const texts[] = {
		"", " ", "null", "true", "false", "truex", "nul", "0", "-0", "00", "01", "-", "1 2",
		"9223372036854775807", "9223372036854775808", "-9223372036854775808",
		"-9223372036854775809", "12345678901234567890123", "1.5", "1e5", "1.", "1e", "1e+",
		"[1e5]", "\"\\u0000\"", "\"\\u0001\"", "\"\\u00e9\\u20ac\\ud83d\\ude00\"",
		"\"\\ud83d\"", "\"\\ude00\"", "\"\\ud83d\\u0041\"", "\"\\ud83dx\"", "\"\\u00g0\"",
		"\"\\U0041\"", "\"\\b\\f\\n\\r\\t\\/\\\\\\\"\"", "\"\\x\"", "\"a\nb\"", "\"\x7f\"",
		"\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xf0\x9f\x98\x80\"",
		"\xef\xbb\xbfnull", "\"", "\"\\", "\"\\u", "[", "[1", "[1,", "[1,]", "[,1]", "{",
		"{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}",
		"{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "{\"\":1,\"\":2}", "{\"\":{}}",
		"{\"b\":1,\"a\":2}", "{\"a\":1,\"b\":2}", "{\"a\":[],\"ab\":1,\"B\":{\"c\":null}}",
		"{\"\\u0000\":1}", "{\"z\":1,\"a\":2,\"z\":3}", "[]x", "[] ]", "// c\n1", "[1]/**/",
		"NaN", "[Infinity]", "'a'", "\t\r\n [ ] \n", "\v[]", "\xc2\xa0[]",
		"{\"\xc3\xa9\":1,\"e\":2}", "{\"\\ud83d\\ude00\":1,\"\xef\xbf\xbd\":2}",
	};

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		agree(texts[i], strlen(texts[i]));
	agree("1\0", 2);
	agree("\0", 1);
	agree("\"\0\"", 3);
	agree("[1]\0x", 5);
}

TEST(depth_is_taken_alike)
{
	static const size_t depths[] = { 31, 32, 33, 34, 2047, 2048, 2049, 2050, 5000 };
	char text[20002];

	for (size_t i = 0; i < COUNT_OF(depths); i++) {
		memset(text, '[', depths[i]);
		memset(text + depths[i], ']', depths[i]);
		agree(text, 2 * depths[i]);
		agree(text, depths[i]);
		text[depths[i]] = '}';
		agree(text, 2 * depths[i]);
	}
}

/* Each byte of each seed of fuzz/json: changed in every bit, taken away, and the end of it all. */
static void agree_on_changes(const struct buf *seed)
{
	scoped(buf) *copy = NULL;

	agree(seed->data, seed->len);
	for (size_t i = 0; i < seed->len; i++) {
		check_ok(buf_from(&copy, seed->data, seed->len, &e));
		for (int bit = 0; bit < 8; bit++) {
			copy->data[i] ^= (uint8_t)(1 << bit);
			agree(copy->data, copy->len);
			copy->data[i] = seed->data[i];
		}
		memmove(copy->data + i, copy->data + i + 1, copy->len - i - 1);
		agree(copy->data, copy->len - 1);
		agree(seed->data, i);
		buf_destroy(copy);
		copy = NULL;
	}
}

static void agree_on_folder(const char *folder)
{
	DIR *d = opendir(folder);
	size_t seeds = 0;

	check(d);
	for (const struct dirent *entry; (entry = readdir(d)) != NULL;) {
		char path[PATH_LEN_MAX];
		scoped(buf) *seed = NULL;

		if (entry->d_name[0] == '.')
			continue;
		check_ok(path_join(path, folder, entry->d_name, &e));
		check_ok(file_read(path, 1 << 20, &seed, &e));
		if (seed->len <= 4096)
			agree_on_changes(seed);
		else
			agree(seed->data, seed->len);
		seeds++;
	}
	closedir(d);
	check(seeds > 0);
}

TEST(every_change_of_every_seed_is_taken_alike)
{
	agree_on_folder(SOURCE_ROOT "/fuzz/json");
}

TEST(the_json_test_suite_is_taken_alike)
{
	char folder[PATH_LEN_MAX];

	check_ok(path_join(folder, test_shared(), "material/bad-input/jsontestsuite/test_parsing",
			   &e));
	agree_on_folder(folder);
	check_ok(path_join(folder, test_shared(), "material/bad-input/jsontestsuite/test_transform",
			   &e));
	agree_on_folder(folder);
}

TEST_MAIN("verify/small_json")
