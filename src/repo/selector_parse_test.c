#include "base/test.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "repo/glob.h"
#include "repo/select.h"

static struct error e;

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char *canonical(struct buf *b, const char *text)
{
	scoped(selector) *s = NULL;

	buf_clear(b);
	check_ok(selector_parse(&s, text, &e));
	check_ok(selector_put(s, b, &e));
	return buf_text(b);
}

/* What is written reads as itself, and is written again the same. */
static void is_written(const char *text, const char *want)
{
	scoped(buf) *once = NULL, *twice = NULL;

	check_ok(buf_create(&once, 0, &e));
	check_ok(buf_create(&twice, 0, &e));
	assert_string_equal(canonical(once, text), want);
	assert_string_equal(canonical(twice, want), want);
}

static void is_wrong(const char *text, const char *place, const char *why)
{
	struct selector *s = NULL;
	char begin[64];

	error_clear(&e);
	snprintf(begin, sizeof(begin), "selector, byte %s: ", place);
	check_code(selector_parse(&s, text, &e), E_USAGE);
	check(s == NULL);
	if (e.code != E_USAGE || strncmp(e.text, begin, strlen(begin)) != 0 || !strstr(e.text, why))
		fail_msg("%s: %s", text, e.text);
}

TEST(each_word_is_read_and_written_as_it_was)
{
	static const char *const texts[] = {
		"source:partner", "transfer:t1", "transfer:out2", "batch:b12", "subject:p7", "grant:g3",
		"dataset:faces", "dataset:faces@2", "model:m.x_y-z@17", "record:0", "record:3-17",
		("sha256:" HEX64), "path:a/b.jpg", "path:**/*.jp[e]g", "licence:CC-BY-NC-4.0",
		"licence:LicenseRef-x", "attr:age=", "attr:name=a=b", "erased", "expired",
		"signal:DataMining",
	};

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		is_written(texts[i], texts[i]);
}

TEST(there_is_one_space_and_no_parenthesis_too_many)
{
	is_written("  erased\t and\n expired ", "erased and expired");
	is_written("((erased))", "erased");
	is_written("(erased)and(expired)or(batch:b1)", "erased and expired or batch:b1");
	is_written("not(erased)", "not erased");
	is_written("not ( not (erased))", "not not erased");
	is_written("(erased and expired) and batch:b1", "erased and expired and batch:b1");
	is_written("erased or (expired or (batch:b1 or batch:b2))",
		   "erased or expired or batch:b1 or batch:b2");
	is_written("(erased and expired) or batch:b1", "erased and expired or batch:b1");
}

TEST(not_binds_more_than_and_and_and_more_than_or)
{
	is_written("erased and (expired or batch:b1)", "erased and (expired or batch:b1)");
	is_written("(erased or expired)and batch:b1", "(erased or expired) and batch:b1");
	is_written("not(erased and expired)", "not (erased and expired)");
	is_written("not(erased or expired)", "not (erased or expired)");
	is_written("not erased and expired", "not erased and expired");
	is_written("(not erased) and expired", "not erased and expired");
	is_written("not (erased and not (expired or batch:b1))",
		   "not (erased and not (expired or batch:b1))");
}

TEST(values_are_quoted_where_they_must_be_and_nowhere_else)
{
	is_written("path:\"a.jpg\"", "path:a.jpg");
	is_written("path:\"a b.jpg\"", "path:\"a b.jpg\"");
	is_written("path:\"a)b\" and(erased)", "path:\"a)b\" and erased");
	is_written("(path:a(b)", "path:a(b");
	is_written("path:\"say \\\"hi\\\"\"", "path:\"say \\\"hi\\\"\"");
	is_written("path:\"back\\\\slash\"", "path:back\\slash");
	is_written("path:back\\slash", "path:back\\slash");
	is_written("path:\"both\\\\ of \\\"them\"", "path:\"both\\\\ of \\\"them\"");
	is_written("attr:\"place=New\nYork\"", "attr:\"place=New\nYork\"");
	is_written("attr:x=and and subject:or or subject:not",
		   "attr:x=and and subject:or or subject:not");
	is_written("subject:M\xc3\xbcller", "subject:M\xc3\xbcller");
}

TEST(an_error_names_its_place)
{
	is_wrong("", "1", "missing");
	is_wrong("  ", "3", "missing");
	is_wrong("erased and", "11", "missing");
	is_wrong("erased or ()", "12", "not the beginning");
	is_wrong("not", "4", "missing");
	is_wrong("erased expired", "8", "\"and\" or \"or\"");
	is_wrong("erased)", "7", "nothing opens");
	is_wrong("(erased", "1", "nothing closes");
	is_wrong("(erased expired)", "9", "\"and\", \"or\" or \")\"");
	is_wrong("erased and wher:x", "12", "no selector word \"wher\"");
	is_wrong("and", "1", "no selector word \"and\"");
	is_wrong("AND", "1", "no selector word \"AND\"");
	is_wrong("not:x", "1", "no selector word \"not\"");
	is_wrong("source", "1", "takes a value");
	is_wrong("erased:now", "1", "takes no value");
	is_wrong(":x", "1", "not the beginning");
	is_wrong("\"erased\"", "1", "not the beginning");
	is_wrong("source:", "8", "no value");
	is_wrong("(source:)", "9", "no value");
	is_wrong("path:\"\"", "6", "no value");
	is_wrong("path:\"a", "6", "nothing closes");
	is_wrong("path:\"a\\", "8", "alone");
	is_wrong("path:\"a\\b\"", "8", "alone");
	is_wrong("path:\"a\"and erased", "9", "white space");
	is_wrong("attr:a=\"b c\"", "8", "quote within");
	is_wrong("path:\xff", "6", "UTF-8");
}

TEST(words_of_later_issues_are_not_known)
{
	is_wrong("like:face.jpg", "1", "no selector word \"like\"");
}

TEST(a_signal_has_a_name_and_no_other_value)
{
	char longest[SIGNAL_NAME_MAX + 16] = "signal:";

	memset(longest + 7, 'x', SIGNAL_NAME_MAX);
	is_written(longest, longest);
	longest[7 + SIGNAL_NAME_MAX] = 'x';
	is_wrong(longest, "8", "not a signal's name");
	is_wrong("signal:a/b", "8", "not a signal's name");
	is_wrong("signal:", "8", "no value");
	is_wrong("signal", "1", "takes a value");
}

TEST(a_word_that_is_shown_is_one_short_line)
{
	is_wrong("a\001b\177c:x", "1", "no selector word \"a?b?c\"");
	is_wrong("0123456789012345678901234567890123456789012\xc3\xbc", "1",
		 "\"0123456789012345678901234567890123456789012\"");
}

TEST(values_are_checked_before_anything_is_looked_up)
{
	is_wrong("source:Partner", "8", "not a name");
	is_wrong("source:a@1", "8", "not a name");
	is_wrong("transfer:1", "10", "not an id like t1");
	is_wrong("transfer:t0", "10", "not an id like t1");
	is_wrong("transfer:t01", "10", "not an id like t1");
	is_wrong("transfer:g1", "10", "not an id like t1");
	is_wrong("transfer:out", "10", "not an id like t1 or out1");
	is_wrong("transfer:out0", "10", "not an id like t1 or out1");
	is_wrong("transfer:out01", "10", "not an id like t1 or out1");
	is_wrong("transfer:o1", "10", "not an id like t1");
	is_wrong("batch:b", "7", "not an id like b1");
	is_wrong("grant:g99999999999999999999", "7", "not an id like g1");
	is_wrong("dataset:x@", "9", "NAME@VERSION");
	is_wrong("dataset:x@0", "9", "NAME@VERSION");
	is_wrong("dataset:x@1@2", "9", "NAME@VERSION");
	is_wrong("model:@1", "7", "NAME@VERSION");
	is_wrong("record:", "8", "no value");
	is_wrong("record:-1", "8", "not POS");
	is_wrong("record:1-", "8", "not POS");
	is_wrong("record:1-2-3", "8", "not POS");
	is_wrong("record:01", "8", "not POS");
	is_wrong("record:4-3", "8", "ends before");
	is_wrong("sha256:" HEX64 "0", "8", "64 lowercase");
	is_wrong("sha256:ABCD", "8", "64 lowercase");
	is_wrong("licence:cc-by-4.0", "9", "SPDX");
	is_wrong("attr:age", "6", "KEY=VALUE");
	is_wrong("attr:=18", "6", "KEY=VALUE");
}

/* "erased" joined n-1 times by what is between. */
static struct buf *many(size_t n, const char *before, const char *between, const char *after)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	for (size_t i = 0; i < n; i++)
		check_ok(buf_put(b, before, strlen(before), &e));
	check_ok(buf_put(b, "erased", 6, &e));
	for (size_t i = 0; i < n; i++) {
		check_ok(buf_put(b, after, strlen(after), &e));
		if (*between && i + 1 < n)
			check_ok(buf_printf(b, &e, "%serased", between));
	}
	return b;
}

TEST(no_more_than_4096_terms_are_read)
{
	scoped(buf) *most = many(SELECTOR_TERMS_MAX, "", " or ", "");
	scoped(buf) *more = many(SELECTOR_TERMS_MAX + 1, "", " or ", "");

	is_written(buf_text(most), buf_text(most));
	is_wrong(buf_text(more), "40961", "more than 4096 terms");
}

TEST(no_more_than_64_levels_are_read)
{
	scoped(buf) *most = many(SELECTOR_DEPTH_MAX, "(", "", ")");
	scoped(buf) *more = many(SELECTOR_DEPTH_MAX + 1, "(", "", ")");
	scoped(buf) *nots = many(SELECTOR_DEPTH_MAX, "not ", "", "");
	scoped(buf) *more_nots = many(SELECTOR_DEPTH_MAX + 1, "not ", "", "");
	scoped(buf) *both = many(SELECTOR_DEPTH_MAX / 2, "not (", "", " and expired)");
	scoped(buf) *more_both = many(SELECTOR_DEPTH_MAX / 2 + 1, "not (", "", " and expired)");

	is_written(buf_text(most), "erased");
	is_wrong(buf_text(more), "65", "deeper than 64");
	is_written(buf_text(nots), buf_text(nots));
	is_wrong(buf_text(more_nots), "260", "deeper than 64");
	is_written(buf_text(both), buf_text(both));
	is_wrong(buf_text(more_both), "164", "deeper than 64");
}

TEST(what_has_been_closed_is_no_longer_deep)
{
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	for (int i = 0; i < 200; i++)
		check_ok(buf_printf(b, &e, "(not erased)%s", i < 199 ? " and " : ""));
	is_wrong("", "1", "missing");
	{
		scoped(selector) *s = NULL;

		check_ok(selector_parse(&s, buf_text(b), &e));
	}
}

static struct buf *filled(const char *begin, size_t len)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, len, &e));
	check_ok(buf_put(b, begin, strlen(begin), &e));
	while (b->len < len)
		check_ok(buf_put_u8(b, 'x', &e));
	return b;
}

TEST(no_more_than_65536_bytes_are_read)
{
	scoped(buf) *most = filled("subject:", SELECTOR_BYTES_MAX);
	scoped(buf) *more = filled("subject:", SELECTOR_BYTES_MAX + 1);

	is_written(buf_text(most), buf_text(most));
	is_wrong(buf_text(more), "65537", "more than 65536 bytes");
}

TEST(the_canonical_form_keeps_the_limit_too)
{
	/* "not (" is longer than "not(". */
	scoped(buf) *b = filled("not(erased or expired) and subject:", SELECTOR_BYTES_MAX - 1);
	scoped(buf) *more = filled("not(erased or expired) and subject:", SELECTOR_BYTES_MAX);
	scoped(buf) *want = filled("not (erased or expired) and subject:", SELECTOR_BYTES_MAX);

	is_written(buf_text(b), buf_text(want));
	is_wrong(buf_text(more), "65537", "more than 65536 bytes");
}

TEST(no_more_than_4096_bytes_of_a_path_are_read)
{
	scoped(buf) *most = filled("path:", 5 + GLOB_MAX);
	scoped(buf) *more = filled("path:", 5 + GLOB_MAX + 1);

	is_written(buf_text(most), buf_text(most));
	is_wrong(buf_text(more), "6", "more than 4096 bytes");
}

static void only(const char *text, const char *word, const char *want)
{
	scoped(selector) *s = NULL;
	const char *got;

	check_ok(selector_parse(&s, text, &e));
	got = selector_only(s, word);
	if (want)
		assert_string_equal(got, want);
	else
		check(got == NULL);
}

TEST(a_selector_of_one_word_gives_its_value)
{
	only("source:partner", "source", "partner");
	only("((source:partner))", "source", "partner");
	only("source:partner", "subject", NULL);
	only("not source:partner", "source", NULL);
	only("source:a and source:b", "source", NULL);
	only("erased", "erased", "");
}

static bool personal(const char *text)
{
	scoped(selector) *s = NULL;

	check_ok(selector_parse(&s, text, &e));
	return selector_is_personal(s);
}

TEST(what_names_people_or_their_data_is_personal)
{
	check(personal("subject:p7"));
	check(personal("path:a.jpg"));
	check(personal("sha256:" HEX64));
	check(personal("attr:a=b"));
	check(personal("record:7"));
	check(personal("source:a and not (expired or subject:p7)"));
	check(!personal("source:a and not (expired or erased)"));
	check(!personal("transfer:t1 or batch:b1 or grant:g1 or dataset:d or model:m"));
	check(!personal("licence:MIT"));
}

static bool matches(const char *glob, const char *path)
{
	return glob_match(glob, strlen(glob), path, strlen(path));
}

TEST(a_pattern_matches_what_fnmatch_says)
{
	check(matches("", ""));
	check(!matches("", "a"));
	check(matches("*", ""));
	check(matches("*", "a/b"));
	check(matches("**/*.jpg", "a/b/c.jpg"));
	check(!matches("**/*.jpg", "c.jpg"));
	check(matches("*.jpg", "a/b.jpg"));
	check(!matches("*.jpg", "a.jpeg"));
	check(matches("a?c", "abc"));
	check(matches("a?c", "a/c"));
	check(!matches("a?c", "ac"));
	check(matches("*ab*ab", "xabyabab"));
	check(!matches("*ab*ac", "xabyabab"));
	check(matches("[a-c]x", "bx"));
	check(!matches("[a-c]x", "dx"));
	check(!matches("[!a-c]x", "bx"));
	check(matches("[^a-c]x", "dx"));
	check(matches("[]]", "]"));
	check(matches("[!]]", "a"));
	check(!matches("[!]]", "]"));
	check(matches("[a-]", "-"));
	check(matches("[a\\]b]", "]"));
	check(matches("\\*", "*"));
	check(!matches("\\*", "a"));
	check(matches("[ab", "[ab"));
	check(!matches("[ab", "a"));
	check(matches("a\\", "a\\"));
	check(!matches("a*", "b"));
}

/* The n-th text over an alphabet; all short ones have a number. */
static const char *nth(char ret[16], size_t n, const char *alphabet)
{
	size_t len = 0, letters = strlen(alphabet);

	for (; n > 0; n = (n - 1) / letters)
		ret[len++] = alphabet[(n - 1) % letters];
	ret[len] = '\0';
	return ret;
}

static void agrees_with_fnmatch(const char *glob, const char *const *paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (matches(glob, paths[i]) != (fnmatch(glob, paths[i], 0) == 0))
			fail_msg("%s and %s", glob, paths[i]);
}

TEST(every_short_pattern_matches_what_fnmatch_says)
{
	static const char *const paths[] = { "",   "a",	 "b",  "/",  "ab",  "ba",  "a/",   "aa",
					     "-",  "!",	 "]",  "^",  "aab", "a/b", "abab", "-a",
					     "a]", "!]", "b]", "-]", "aaa", "bab", "a-b",  "]]" };
	char glob[24], in[16];

	for (size_t n = 0; n < 20000; n++)
		agrees_with_fnmatch(nth(in, n, "ab*?/"), paths, COUNT_OF(paths));
	for (size_t n = 0; n < 20000; n++) {
		snprintf(glob, sizeof(glob), "[%s]", nth(in, n, "ab-!]^"));
		agrees_with_fnmatch(glob, paths, COUNT_OF(paths));
	}
}

TEST(a_character_is_one_of_utf_8_and_else_a_byte)
{
	check(matches("M?ller", "M\xc3\xbcller"));
	check(!matches("M??ller", "M\xc3\xbcller"));
	check(matches("M[\xc3\xb6-\xc3\xbf]ller", "M\xc3\xbcller"));
	check(!matches("M[\xc3\xb6\xc3\xb7]ller", "M\xc3\xbcller"));
	check(matches("M?ller", "M\xfcller"));
	check(!matches("M\xc3\xbcller", "M\xfcller"));
	check(!matches("[\x01-\xf4\x8f\xbf\xbf]", "\xfc"));
}

TEST(many_stars_take_no_time)
{
	char path[GLOB_MAX], glob[200] = "";

	memset(path, 'a', sizeof(path));
	for (int i = 0; i < 60; i++)
		strcat(glob, "*a");
	strcat(glob, "*b");
	check(!glob_match(glob, strlen(glob), path, sizeof(path)));
	path[sizeof(path) - 1] = 'b';
	check(glob_match(glob, strlen(glob), path, sizeof(path)));
}

TEST(a_pattern_without_wildcards_is_a_path)
{
	char path[GLOB_MAX];
	size_t len = 99;

	check(glob_is_path("a/b.jpg", 7, path, &len));
	check(len == 7 && memcmp(path, "a/b.jpg", 7) == 0);
	check(glob_is_path("a\\*\\", 4, path, &len));
	check(len == 3 && memcmp(path, "a*\\", 3) == 0);
	check(!glob_is_path("a*", 2, path, &len));
	check(!glob_is_path("a?", 2, path, &len));
	check(!glob_is_path("[a]", 3, path, &len));
}

TEST_MAIN("repo/selector_parse")
