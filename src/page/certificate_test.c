/* The page of a certificate: all of it is there, and nothing from outside gets out of its place. */
#include <string.h>

#include "base/test.h"
#include "base/text.h"
#include "page/html.h"
#include "page/testing.h"
#include "page/page.h"
#include "wire/dsse.h"

static struct error e;

TEST(a_page_has_every_section_in_its_order)
{
	static const char *const parts[] = {
		"<!DOCTYPE html>\n<html lang=\"en\">", "Content-Security-Policy", "Rescind</span>",
		"<h1>Certificate of erasure</h1>", "<dd><bdi>o1</bdi></dd>", "<dd>Certified</dd>",
		"1 Summary", "<bdi>The authority</bdi>", "No contract", "source:partner",
		"<strong>1,490 records</strong>", "10 more records", "212 known to the operator",
		"2 What was reached", ">enforced<", "<em>Declared</em>", "<em>reproduced</em>",
		"3 What was not reached", "copies that others made",
		"4.1 Checked by anyone", ">encoding<", ">signature<", ">key<", ">heads<", ">facts<",
		">openings<", ">batches<", ">demand<", ">positions<", ">plan<", ">approval<",
		">steps<", ">retained<", ">unlearned<", ">as-of<", "4.2 Signed by others", "witnessed by: nobody",
		"4.3 Asserted by the operator", "no copy is elsewhere",
		"5 Timeline", "Opened.", "<bdi>operator</bdi> <code>", "Planned",
		"in 5 steps", "Approved", "<bdi>approver</bdi> <code>", "Step 1. Checkpoint withdrawn:",
		"Step 2. Dataset made anew", "The new version is fact", "Step 5.",
		"6 Retained", "1 dataset<", "2 checkpoints<",
		"7 Sanitization", "cryptographic erase", "none: not a method of SP 800-88",
		"SP 800-88 Rev. 2", "Serial number</bdi>: <bdi>S4EWNX0M1", "Performed by", "Inés Łęcka",
		"a field of tomorrow", "Not a NIST method",
		"8 How to check this yourself", "rescind verify",
		"--key <bdi>example.org/log/facts+", "--order ",
		"SHA-256 of the file", "Head of the facts log", "Head of the records log",
		"</html>",
	};
	scoped(buf) *certificate = NULL, *page = NULL;
	const char *at;
	struct world w;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	world_build(&w);
	certificate = full(&w);
	page = page_of(certificate);
	leave(page, "full.html");
	leave(certificate, "full.json");
	at = buf_text(page);
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		if (!strstr(at, parts[i]))
			fail_msg("not there, or not in its order: %s", parts[i]);
		at = strstr(at, parts[i]);
	}
	check(!says(page, "does not hold") && times(page, ">held<") == 14);
	world_end(&w);
}

TEST(a_page_names_the_demand_the_file_and_the_key)
{
	scoped(buf) *certificate = NULL, *page = NULL, *vkey = NULL;
	struct hash file;
	struct world w;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	world_build(&w);
	certificate = full(&w);
	page = page_of(certificate);
	hash_bytes(&file, certificate->data, certificate->len);
	check_ok(buf_create(&vkey, 0, &e));
	world_vkey(&w, "facts", vkey);
	check(says(page, hash_hex(&file).s) && says(page, hash_hex(&w.demand).s));
	check(says(page, buf_text(vkey)));
	world_end(&w);
}

TEST(a_page_runs_nothing_and_loads_nothing)
{
	static const char *const never[] = {
		"<script", "<link", "<img", "<iframe", "<object", "<base", " src=", " href=",
		" style=", "url(", "@import", "http:", "https:", " onload", "javascript:",
	};
	scoped(buf) *certificate = NULL, *page = NULL;
	struct world w;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	world_build(&w);
	certificate = full(&w);
	page = page_of(certificate);
	for (size_t i = 0; i < COUNT_OF(never); i++)
		if (says(page, never[i]))
			fail_msg("there is a %s", never[i]);
	check(says(page, "default-src 'none'") && !says(page, "unsafe-inline"));
	world_end(&w);
}

/* Else a browser shows the page without it. */
TEST(the_style_is_the_one_that_the_policy_allows)
{
	scoped(buf) *certificate = NULL, *page = NULL, *policy = NULL;
	const char *from, *to;
	struct hash style;
	struct world w;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	w.small = true;
	world_build(&w);
	certificate = world_certify(&w);
	page = page_of(certificate);
	from = strstr(buf_text(page), "<style>") + strlen("<style>");
	to = strstr(from, "</style>");
	check(to && to > from);
	hash_bytes(&style, from, (size_t)(to - from));
	check_ok(buf_from(&policy, "style-src 'sha256-", 18, &e));
	check_ok(base64_put(policy, &style, sizeof(style), &e));
	check(says(page, buf_text(policy)));
	world_end(&w);
}

TEST(the_same_certificate_gives_the_same_page_appended)
{
	scoped(buf) *certificate = NULL, *page = NULL, *again = NULL;
	struct world w;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	world_build(&w);
	certificate = full(&w);
	page = page_of(certificate);
	check_ok(buf_from(&again, "before", 6, &e));
	check_ok(certificate_html(certificate->data, certificate->len, again, &e));
	check(again->len == page->len + 6 && memcmp(again->data, "before", 6) == 0);
	check(memcmp(again->data + 6, page->data, page->len) == 0);
	world_end(&w);
}

TEST(a_withheld_demand_is_said_to_be_withheld)
{
	scoped(buf) *certificate = NULL, *page = NULL;
	struct world w;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	w.withhold = true;
	world_build(&w);
	certificate = full(&w);
	page = page_of(certificate);
	leave(page, "withheld.html");
	check(says(page, "are withheld here") && says(page, "The checks of section 4.1 add"));
	check(!says(page, "The authority") && !says(page, "No contract"));
	check(!says(page, "does not hold"));
	world_end(&w);
}

TEST(an_order_of_one_step_without_sets_and_words_has_a_page)
{
	scoped(buf) *certificate = NULL, *page = NULL;
	struct world w;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	w.small = w.solo = true;
	world_build(&w);
	certificate = world_certify(&w);
	page = page_of(certificate);
	leave(page, "small.html");
	check(says(page, "<strong>10 records</strong> were taken back. "));
	check(says(page, "opener and approver may be the same") && says(page, "in 1 step,"));
	check(says(page, "No dataset and no checkpoint"));
	check(says(page, "no statement in the terms of NIST"));
	world_end(&w);
}

/* --- lies and attacks --- */

#define ATTACK "</bdi></td><script>alert(1)</script><img src=x onerror=\"a\">'&$"

static bool is_text_member(const char *key)
{
	static const char *const strict[] = { "issued", "facts", "records", "positions", "kept",
					      "key", "entry", "field", "salt", "value", "path",
					      "facts_proof", "opening", "root", "origin",
					      "commitment" };

	for (size_t i = 0; i < COUNT_OF(strict); i++)
		if (strcmp(strict[i], key) == 0)
			return false;
	return true;
}

/* Every text that may be any text, and members that nobody knows. */
static void attack(json_t *j, const char *key)
{
	const char *member;
	json_t *value;
	size_t i;

	if (json_is_string(j) && is_text_member(key))
		check(json_string_set(j, ATTACK) == 0);
	json_array_foreach(j, i, value)
		attack(value, key);
	json_object_foreach(j, member, value)
		attack(value, member);
}

static void attack_value(json_t *predicate, const char *field, const char *json)
{
	json_t *list = json_object_get(predicate, "openings"), *item;
	size_t i;

	json_array_foreach(list, i, item)
		if (strcmp(json_text_or(item, "field", ""), field) == 0)
			json_set_bytes64(item, "value", json, strlen(json), &e);
	check_ok(e.code);
}

#define JSON_ATTACK "</bdi></td><script>alert(1)</script>'&$"
#define DEMAND_ATTACK "{\"selector\":\"" JSON_ATTACK "\",\"authority\":\"" JSON_ATTACK \
		      "\",\"reason\":\"" JSON_ATTACK "\",\"document\":\"" JSON_ATTACK "\"}"
#define PLAN_ATTACK "{\"as_of\":1,\"steps\":[{\"n\":1,\"do\":\"" JSON_ATTACK \
		    "\",\"target\":\"" JSON_ATTACK "\",\"method\":\"" JSON_ATTACK "\"}]}"

TEST(no_text_of_a_certificate_becomes_markup)
{
	scoped(buf) *certificate = NULL, *attacked = NULL, *page = NULL;
	scoped_json *statement = NULL;
	struct world w;
	json_t *p;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	w.unlearn = true;
	world_build(&w);
	certificate = unlearned(&w, json_pack("[o]", model_row("a", "b", w.made[0], "c")));
	statement = statement_of(certificate);
	p = predicate_of(statement);
	attack(p, "");
	json_set_text(json_object_get(p, "sanitization"), ATTACK, ATTACK, &e);
	json_set_new(json_object_get(p, "sanitization"), "tool", json_pack("[s]", ATTACK), &e);
	json_set_text(json_object_get(p, "heads"), "facts", ATTACK, &e);
	attack_value(p, "demand", DEMAND_ATTACK);
	attack_value(p, "plan", PLAN_ATTACK);
	attack_value(p, "role", ATTACK);
	attacked = world_sign(&w, statement, false);
	page = page_of(attacked);
	leave(page, "attacked.html");
	check(!says(page, "<script") && !says(page, "<img") && !says(page, "onerror=\"a"));
	check(times(page, "&lt;script&gt;alert(1)") > 20);
	check(says(page, "demand of <strong><bdi>&lt;/bdi&gt;") && says(page, "picks"));
	check(says(page, "This file does not hold.") && says(page, "<dd>Does not hold</dd>"));
	world_end(&w);
}

TEST(an_origin_cannot_add_a_command_to_the_line_that_is_copied)
{
	scoped(buf) *certificate = NULL, *page = NULL;
	struct world w;

	world_begin(&w, NO_LIE, "a';rm$HOME;<b>", 10);
	world_build(&w);
	certificate = world_certify(&w);
	page = page_of(certificate);
	check(says(page, "--key <bdi>'a'\\'';rm$HOME;&lt;b&gt;/facts+"));
	check(says(page, "'</bdi> \\\n  --order "));
	world_end(&w);
}

TEST(a_page_over_a_lie_says_so_at_its_head)
{
	static const enum lie lies[] = { LIE_BATCH_LEFT_OUT, LIE_FEWER_POSITIONS, LIE_STEP_TWICE,
					 LIE_APPROVED_BY_OPENER, LIE_SET_HAS_ONE, LIE_STEP_LEFT_OUT,
					 LIE_VERSION, LIE_STEP_BEYOND };

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		scoped(buf) *certificate = NULL, *page = NULL;
		struct world w;

		world_begin(&w, lies[i], "example.org/log", 10);
		world_build(&w);
		certificate = world_certify(&w);
		page = page_of(certificate);
		check(says(page, "This file does not "
				 "hold.") && says(page, "<strong>failed</strong>"));
		check(!says(page, "<dd>Certified</dd>"));
		if (lies[i] == LIE_SET_HAS_ONE)
			check(says(page, "not proved by this file"));
		world_end(&w);
	}
}

/* --- what is no certificate --- */

static void check_refused(const void *bytes, size_t len)
{
	scoped(buf) *out = NULL;

	check_ok(buf_from(&out, "before", 6, &e));
	check_code(certificate_html(bytes, len, out, &e), E_FORMAT);
	check(out->len == 6 && strcmp(buf_text(out), "before") == 0);
	error_clear(&e);
}

TEST(what_is_no_certificate_has_no_page)
{
	static const uint8_t seed[SIGN_SEED_LEN] = { 1 };
	scoped(buf) *certificate = NULL, *other = NULL;
	struct world w;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	w.small = true;
	world_build(&w);
	certificate = world_certify(&w);
	check_refused("", 0);
	check_refused("{}\n", 3);
	check_refused("<html>", 6);
	check_refused(certificate->data, certificate->len - 1);
	check_ok(buf_create(&other, 0, &e));
	check_ok(dsse_sign(other, "application/vnd.in-toto+json", "{}", 2, "", seed, &e));
	check_refused(other->data, other->len);
	world_end(&w);
}

TEST(a_certificate_without_any_one_member_has_no_page)
{
	scoped(buf) *certificate = NULL;
	scoped_json *whole = NULL;
	struct world w;
	const char *member;
	json_t *value;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	w.small = true;
	world_build(&w);
	certificate = world_certify(&w);
	whole = statement_of(certificate);
	json_object_foreach(predicate_of(whole), member, value) {
		scoped_json *without = json_deep_copy(whole);
		scoped(buf) *b = NULL;

		json_object_del(predicate_of(without), member);
		b = world_sign(&w, without, false);
		check_refused(b->data, b->len);
	}
	world_end(&w);
}

/* Entries of facts and opened values that are nothing at all: a page, with gaps and a warning. */
TEST(facts_that_say_nothing_leave_gaps)
{
	static const char *const entries[] = {
		"", "{", "null", "[]", "{\"at\":5,\"by\":{},\"type\":\"key\",\"key\":1}",
		"{\"at\":\"9999-12-31T23:59Z\",\"steps\":[-1,9223372036854775807]}",
	};
	scoped(buf) *certificate = NULL;
	scoped_json *whole = NULL;
	struct world w;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	world_build(&w);
	certificate = full(&w);
	whole = statement_of(certificate);
	for (size_t i = 0; i < COUNT_OF(entries); i++) {
		json_t *list = json_object_get(predicate_of(whole), "facts"), *item;
		scoped(buf) *b = NULL, *page = NULL;
		size_t n;

		json_array_foreach(list, n, item)
			json_set_text(item, "entry", entries[i], &e);
		attack_value(predicate_of(whole), i % 2 ? "plan" : "demand", entries[i]);
		b = world_sign(&w, whole, false);
		page = page_of(b);
		check(says(page, "This file does not hold.") && says(page, "</html>"));
	}
	world_end(&w);
}

TEST(a_fact_that_is_not_shown_does_not_borrow_the_time_of_another)
{
	scoped(buf) *certificate = NULL, *b = NULL, *page = NULL;
	scoped_json *statement = NULL;
	struct world w;
	json_t *list;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	world_build(&w);
	certificate = full(&w);
	statement = statement_of(certificate);
	list = json_object_get(predicate_of(statement), "facts");
	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_number_or(json_array_get(list, i), "n", 0) == w.plan)
			json_array_remove(list, i);
	b = world_sign(&w, statement, false);
	page = page_of(b);
	check(says(page, "<td class=\"when\">?</td><td><strong>Planned</strong>"));
	check(times(page, ">?<") == 1);
	world_end(&w);
}

TEST(many_positions_are_cut_at_a_comma)
{
	scoped(buf) *certificate = NULL, *b = NULL, *page = NULL, *text = NULL;
	scoped_json *statement = NULL;
	struct world w;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	w.small = true;
	world_build(&w);
	certificate = world_certify(&w);
	statement = statement_of(certificate);
	check_ok(buf_create(&text, 0, &e));
	for (int i = 0; i < 100; i++)
		check_ok(buf_printf(text, &e, i ? ",%d" : "%d", 1000 + 2 * i));
	json_set_text(predicate_of(statement), "positions", buf_text(text), &e);
	b = world_sign(&w, statement, false);
	page = page_of(b);
	check(says(page, "1000, 1002, ") && says(page, "(all of them are in the file)"));
	check(says(page, "1094, \xe2\x80\xa6") && !says(page, "1096"));
	world_end(&w);
}

TEST_MAIN("page-certificate")
