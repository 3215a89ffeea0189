#include "wire/json.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/test.h"
#include "base/text.h"

enum { MAX = 1 << 20 };

static struct error e;

static int parse_text(const char *text)
{
	scoped_json *j = NULL;

	return json_parse(&j, text, strlen(text), MAX, &e);
}

static int parse_canonical(const char *text)
{
	scoped_json *j = NULL;

	return json_parse_canonical(&j, text, strlen(text), MAX, &e);
}

/* What a text becomes when it is read and written. */
static void check_becomes(const char *text, const char *want)
{
	scoped_json *j = NULL;
	scoped(buf) *b = NULL;

	check_ok(json_parse(&j, text, strlen(text), MAX, &e));
	check_ok(buf_create(&b, 0, &e));
	check_ok(json_put(j, b, &e));
	assert_string_equal(buf_text(b), want);
	check_ok(parse_canonical(want));
}

static void nested(char *ret, unsigned depth, char open, char close)
{
	memset(ret, open, depth);
	memset(ret + depth, close, depth);
	ret[2 * depth] = 0;
}

TEST(a_value_has_one_spelling)
{
	check_becomes(" { \"b\" : 1 , \"a\" : [ true , null , \"x\" ] } \n",
		      "{\"a\":[true,null,\"x\"],\"b\":1}");
	check_becomes("\"\\u0041\\/\\u00e9\\ud83d\\ude00\"", "\"A/\xc3\xa9\xf0\x9f\x98\x80\"");
	check_becomes("\"\\u000a\\u0009\\u000d\\u0008\\u000c\\u0022\\u005c\\u001f\\u007f\"",
		      "\"\\n\\t\\r\\b\\f\\\"\\\\\\u001F\x7f\"");
	check_becomes("-0", "0");
	check_becomes("[9223372036854775807,-9223372036854775808]",
		      "[9223372036854775807,-9223372036854775808]");
	check_becomes("{}", "{}");
	check_becomes("[]", "[]");
	check_becomes("\"\"", "\"\"");
}

TEST(every_byte_that_json_escapes_has_one_spelling)
{
	static const char *const named = "\b\t\n\f\r";
	char text[16], want[16];

	for (int c = 1; c < 0x20; c++) {
		snprintf(text, sizeof(text), "\"\\u%04x\"", (unsigned)c);
		if (strchr(named, c))
			snprintf(want, sizeof(want), "\"\\%c\"", "btnfr"[strchr(named, c) - named]);
		else
			snprintf(want, sizeof(want), "\"\\u%04X\"", (unsigned)c);
		check_becomes(text, want);
		if (strcmp(text, want) != 0)
			check_code(parse_canonical(text), E_FORMAT);
	}
}

TEST(keys_are_sorted_by_bytes_the_shorter_first)
{
	check_becomes("{\"\xc3\xa9\":1,\"z\":2,\"aa\":3,\"a\":4,\"\":5,\"B\":6,\"a b\":7}",
		      "{\"\":5,\"B\":6,\"a\":4,\"a b\":7,\"aa\":3,\"z\":2,\"\xc3\xa9\":1}");
	/* Not by UTF-16 units: U+FF61 comes before U+1F600. */
	check_becomes("{\"\xf0\x9f\x98\x80\":1,\"\xef\xbd\xa1\":2}",
		      "{\"\xef\xbd\xa1\":2,\"\xf0\x9f\x98\x80\":1}");
}

TEST(another_spelling_is_not_canonical)
{
	static const char *const other[] = {
		" 1",	     "1\n",	      "[1, 2]",		"{\"b\":1,\"a\":2}",
		"\"\\/\"",   "\"\\u0041\"",   "-0",		"{\"a\": 1}",
		"\"\\u001f\"", "\"\\u000a\"", "\"\\u007f\"",	"\"\\u00e9\"",
	};

	for (size_t i = 0; i < COUNT_OF(other); i++) {
		check_ok(parse_text(other[i]));
		check_code(parse_canonical(other[i]), E_FORMAT);
	}
}

TEST(what_is_not_strict_json_is_refused)
{
	static const char *const bad[] = {
		"",	  " ",	    "{",     "[1,]",  "{\"a\":1,}",  "{\"a\":1,\"a\":1}",
		"nul",	  "01",	    "+1",    "1 2",   "[] []",	     "'a'",
		"NaN",	  "1.5",    "1e2",   "1.0",   "{a:1}",	     "\"\xff\"",
		"\"\n\"", "\"\\x\"", "\"\\ud800\"",   "\"\\u0000\"", "{\"a\\u0000b\":1}",
		"\xef\xbb\xbf{}", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "// a\n1",
	};

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		check_code(parse_text(bad[i]), E_FORMAT);
}

TEST(a_nul_byte_does_not_end_a_document)
{
	scoped_json *j = NULL;

	check_code(json_parse(&j, "1\0", 2, MAX, &e), E_FORMAT);
	check_code(json_parse(&j, "{}\0garbage", 10, MAX, &e), E_FORMAT);
	check_code(json_parse(&j, "[1\0]", 5, MAX, &e), E_FORMAT);
	check_code(json_parse(&j, "\0", 1, MAX, &e), E_FORMAT);
	check_code(json_parse(&j, NULL, 0, MAX, &e), E_FORMAT);
	check(!j);
}

TEST(the_story_of_bad_json_names_the_line_and_quotes_nothing)
{
	check_code(parse_text("{\n\"a\": secret\n}"), E_FORMAT);
	check(strstr(e.text, "line 2"));
	check(!strstr(e.text, "secret"));
	check_code(parse_text("{\"secret\":1,\"secret\":2}"), E_FORMAT);
	check(!strstr(e.text, "secret"));
}

TEST(one_byte_more_than_the_limit_is_refused)
{
	scoped_json *j = NULL;

	check_code(json_parse(&j, "[1,2]", 5, 4, &e), E_RANGE);
	check(!j);
	check_ok(json_parse(&j, "[1,2]", 5, 5, &e));
}

TEST(one_level_more_than_the_limit_is_refused)
{
	static char text[200001];
	scoped_json *j = NULL;

	nested(text, JSON_DEPTH_MAX, '[', ']');
	check_ok(parse_canonical(text));
	nested(text, JSON_DEPTH_MAX + 1, '[', ']');
	check_code(parse_text(text), E_RANGE);
	check_code(json_parse_foreign(&j, text, strlen(text), MAX, &e), E_RANGE);
	nested(text, 100000, '[', ']');
	check_code(parse_text(text), E_RANGE);
}

TEST(an_integer_beyond_64_bits_is_refused)
{
	check_code(parse_text("9223372036854775808"), E_RANGE);
	check_code(parse_text("-9223372036854775809"), E_RANGE);
	check_code(parse_text("100000000000000000000000000000000000"), E_RANGE);
}

TEST(reals_are_read_from_others_and_never_written)
{
	scoped_json *j = NULL;
	scoped(buf) *b = NULL;

	check_code(parse_text("[1.5]"), E_FORMAT);
	check_ok(json_parse_foreign(&j, "[1.5]", 5, MAX, &e));
	check_ok(buf_create(&b, 0, &e));
	check_code(json_put(j, b, &e), E_FORMAT);
}

TEST(what_could_not_be_read_again_is_not_written)
{
	scoped_json *nul = json_stringn("a\0b", 3), *latin = json_string_nocheck("\xe9");
	scoped_json *deep = json_array(), *nul_key = json_object(), *latin_key = json_object();
	scoped(buf) *b = NULL;

	check(json_object_setn_new(nul_key, "a\0b", 3, json_null()) == 0);
	check(json_object_set_new_nocheck(latin_key, "\xe9", json_null()) == 0);

	for (int i = 0; i < JSON_DEPTH_MAX; i++) {
		json_t *outer = json_array();

		json_array_append_new(outer, deep);
		deep = outer;
	}
	check_ok(buf_create(&b, 0, &e));
	check_code(json_put(nul, b, &e), E_FORMAT);
	check_code(json_put(latin, b, &e), E_FORMAT);
	check_code(json_put(nul_key, b, &e), E_FORMAT);
	check_code(json_put(latin_key, b, &e), E_FORMAT);
	check_code(json_put(deep, b, &e), E_RANGE);
	check_ok(json_put(json_array_get(deep, 0), b, &e));
}

static void write_all(json_t *o)
{
	struct hash h = { { 0xab } };
	json_t *list;

	e = (struct error){ 0 };
	list = json_array_make(&e);
	json_set_text(o, "text", "caf\xc3\xa9", &e);
	json_set_text(o, "none", NULL, &e);
	json_set_number(o, "number", INT64_MAX, &e);
	json_set_bool(o, "yes", true, &e);
	json_set_bool(o, "no", false, &e);
	json_set_hash(o, "hash", &h, &e);
	json_set_bytes64(o, "bytes", "\0\xff\x10", 3, &e);
	json_set_bytes64(o, "empty", "", 0, &e);
	json_set_time(o, "time", 1393675200000, &e);
	json_set_time(o, "never", TIME_NONE, &e);
	json_add_new(list, json_integer(7), &e);
	json_set_new(o, "list", list, &e);
	json_set_new(o, "object", json_object_make(&e), &e);
	check_ok(e.code);
}

TEST(what_was_set_is_got)
{
	scoped_json *o = json_object_make(&e);
	scoped(buf) *bytes = NULL, *empty = NULL;
	const char *text = NULL;
	uint64_t v = 0;
	bool yes = false;
	struct hash h;
	json_t *j = NULL;

	write_all(o);
	check_ok(json_get_text(o, "text", &text, &e));
	assert_string_equal(text, "caf\xc3\xa9");
	check_ok(json_get_number(o, "number", &v, &e));
	check(v == INT64_MAX);
	check_ok(json_get_bool(o, "yes", &yes, &e));
	check(yes);
	check_ok(json_get_bool(o, "no", &yes, &e));
	check(!yes);
	check_ok(json_get_hash(o, "hash", &h, &e));
	check(h.b[0] == 0xab && h.b[31] == 0);
	check_ok(json_get_bytes64(o, "bytes", &bytes, &e));
	check(bytes->len == 3 && memcmp(bytes->data, "\0\xff\x10", 3) == 0);
	check_ok(json_get_bytes64(o, "empty", &empty, &e));
	check(empty->len == 0);
	check_ok(json_get_time(o, "time", &v, &e));
	check(v == 1393675200000);
	check_ok(json_get_time(o, "never", &v, &e));
	check(v == TIME_NONE);
	check_ok(json_get_array(o, "list", &j, &e));
	check(json_array_size(j) == 1);
	check_ok(json_get_object(o, "object", &j, &e));
	assert_string_equal(json_text_or(o, "text", "x"), "caf\xc3\xa9");
	check(json_number_or(o, "number", 1) == INT64_MAX);
}

TEST(the_written_document_is_pinned)
{
	scoped_json *o = json_object_make(&e);
	scoped(buf) *b = NULL;

	write_all(o);
	check_ok(buf_create(&b, 0, &e));
	check_ok(json_put(o, b, &e));
	assert_string_equal(
		buf_text(b),
		"{\"bytes\":\"AP8Q\",\"empty\":\"\",\"hash\":\"ab000000000000000000000000000000"
		"00000000000000000000000000000000\",\"list\":[7],\"never\":null,\"no\":false,"
		"\"none\":null,\"number\":9223372036854775807,\"object\":{},"
		"\"text\":\"caf\xc3\xa9\",\"time\":\"2014-03-01T12:00:00Z\",\"yes\":true}");
}

/* Every getter on one member; 0 when it gave something. */
static int get(const json_t *o, const char *key, int getter)
{
	scoped(buf) *b = NULL;
	const char *text;
	uint64_t v;
	bool yes;
	struct hash h;
	json_t *j;

	switch (getter) {
	case 0: return json_get_text(o, key, &text, &e);
	case 1: return json_get_number(o, key, &v, &e);
	case 2: return json_get_bool(o, key, &yes, &e);
	case 3: return json_get_hash(o, key, &h, &e);
	case 4: return json_get_bytes64(o, key, &b, &e);
	case 5: return json_get_time(o, key, &v, &e);
	case 6: return json_get_object(o, key, &j, &e);
	default: return json_get_array(o, key, &j, &e);
	}
}

TEST(a_member_that_is_missing_or_of_another_type_is_named)
{
	static const char text[] =
		"{\"t\":\"ABC\",\"n\":-1,\"b\":true,\"o\":{},\"a\":[],\"z\":null}";
	static const char *const key[] = { "t", "n", "b", "o", "a", "z", "missing" };
	static const char allowed[7][9] = { "10000000", "00000000", "00100000", "00000010",
					    "00000001", "00000100", "00000000" };
	scoped_json *o = NULL;

	check_ok(json_parse(&o, text, sizeof(text) - 1, MAX, &e));
	for (size_t k = 0; k < COUNT_OF(key); k++)
		for (int getter = 0; getter < 8; getter++) {
			if (allowed[k][getter] == '1') {
				check_ok(get(o, key[k], getter));
				continue;
			}
			check_code(get(o, key[k], getter), E_FORMAT);
			check(strchr(e.text, '"') && strstr(e.text, key[k]));
		}
	check_code(get(NULL, "t", 0), E_FORMAT);
	check(!json_text_or(o, "n", NULL));
	check(json_number_or(o, "n", 5) == 5);
	check(json_number_or(o, "missing", 6) == 6);
}

TEST(a_key_that_is_not_known_is_named)
{
	static const char *const keys[] = { "a", "b", NULL };
	scoped_json *o = NULL, *p = NULL;

	check_ok(json_parse(&o, "{\"b\":1}", 7, MAX, &e));
	check_ok(json_only(o, keys, &e));
	check_ok(json_parse(&p, "{\"b\":1,\"cc\":2,\"dd\":3}", 21, MAX, &e));
	check_code(json_only(p, keys, &e), E_FORMAT);
	check(strstr(e.text, "cc"));
}

TEST(the_first_failure_of_setting_is_kept)
{
	struct error first = { 0 };
	scoped_json *o = json_object_make(&first);

	json_set_number(o, "a", (uint64_t)INT64_MAX + 1, &first);
	check_code(first.code, E_RANGE);
	json_set_text(o, "b", "\xff", &first);
	json_set_number(o, "c", 1, &first);
	json_set_new(o, "d", json_array(), &first);
	check_code(first.code, E_RANGE);
	check(json_object_size(o) == 0);
	first.code = 0;
	json_set_text(o, "b", "\xff", &first);
	check_code(first.code, E_FORMAT);
	first.code = 0;
	json_set_new(o, "e", NULL, &first);
	check_code(first.code, E_MEMORY);
}

static int calls_left;
static void *scarce(size_t len)
{
	return calls_left-- > 0 ? malloc(len) : NULL;
}

/* Read, write and build with Jansson's n-th allocation failing. */
static int with_scarce_memory(int n)
{
	static const char text[] = "{\"b\":[1,{\"x\":true}],\"a\":\"text\",\"c\":{}}";
	scoped_json *j = NULL, *o = NULL, *lossy = NULL;
	scoped(buf) *b = NULL;
	int code;

	e = (struct error){ 0 };
	calls_left = n;
	o = json_object_make(&e);
	json_set_text(o, "a", "b", &e);
	json_set_number(o, "n", 1, &e);
	json_set_bytes64(o, "s", "xyz", 3, &e);
	json_set_new(o, "l", json_array_make(&e), &e);
	if (e.code < 0)
		return e.code;
	lossy = json_text_lossy("\xff", 1, &e);
	if (!lossy)
		return e.code;
	code = json_parse(&j, text, sizeof(text) - 1, MAX, &e);
	if (code < 0 || (code = buf_create(&b, 0, &e)) < 0)
		return code;
	return json_put(j, b, &e);
}

TEST(every_allocation_of_jansson_that_fails_is_told)
{
	int n = 0, code = E_MEMORY;

	json_set_alloc_funcs(scarce, free);
	/* Jansson's lexer takes its own failed allocation for a bad token. */
	for (; n < 1000 && (code == E_MEMORY || code == E_FORMAT); n++)
		code = with_scarce_memory(n);
	json_set_alloc_funcs(malloc, free);
	check_ok(code);
	check(n > 20 && n < 1000);
}

static void check_lossy(const char *bytes, size_t len, const char *want)
{
	scoped_json *j = json_text_lossy(bytes, len, &e);

	check(j);
	assert_string_equal(json_string_value(j), want);
}

TEST(bytes_that_are_not_text_are_shown_as_replacement)
{
	check_lossy("", 0, "");
	check_lossy("caf\xc3\xa9", 5, "caf\xc3\xa9");
	check_lossy("caf\xe9 x", 6, "caf\xef\xbf\xbd x");
	check_lossy("a\0b", 3, "a\xef\xbf\xbd" "b");
	check_lossy("\xf0\x9f\x98\x80\xc3", 5, "\xf0\x9f\x98\x80\xef\xbf\xbd");
	check_lossy("\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

/* y_ files that are JSON and that we refuse, by our own stated rules. */
static bool refused_by_rule(const char *name)
{
	return strcmp(name, "y_object_escaped_null_in_key.json") == 0;
}

static void check_suite_file(const char *folder, const char *name)
{
	char path[PATH_LEN_MAX];
	scoped(buf) *bytes = NULL;
	scoped_json *j = NULL, *again = NULL;
	int code;

	check_ok(path_join(path, folder, name, &e));
	check_ok(file_read(path, MAX, &bytes, &e));
	code = json_parse_foreign(&j, bytes->data, bytes->len, MAX, &e);
	if (strncmp(name, "y_", 2) == 0 && (code != 0) != refused_by_rule(name))
		fail_msg("%s: %d %s", name, code, e.text);
	if (strncmp(name, "n_", 2) == 0 && code == 0)
		fail_msg("%s: was accepted", name);
	/* The strict reader takes less, never more. */
	if (json_parse(&again, bytes->data, bytes->len, MAX, &e) == 0)
		check(code == 0 && json_equal(j, again));
}

static unsigned check_suite(const char *folder)
{
	unsigned count = 0;
	DIR *d = opendir(folder);

	check(d);
	for (struct dirent *f = readdir(d); f; f = readdir(d))
		if (f->d_name[0] != '.') {
			check_suite_file(folder, f->d_name);
			count++;
		}
	closedir(d);
	return count;
}

TEST(the_json_test_suite_is_read_as_it_asks)
{
	char folder[PATH_LEN_MAX];

	check_ok(path_join(folder, test_shared(), "material/bad-input/jsontestsuite/test_parsing",
			   &e));
	check(check_suite(folder) > 200);
	check_ok(path_join(folder, test_shared(), "material/bad-input/jsontestsuite/test_transform",
			   &e));
	check(check_suite(folder) > 10);
}

TEST_MAIN("wire/json")
