/* The page of a certificate: all of it is there, and nothing from outside gets out of its place. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/test.h"
#include "base/text.h"
#include "flow/html.h"
#include "flow/order.h"
#include "proof/world.h"
#include "wire/dsse.h"

static struct error e;

static struct buf *page_of(const struct buf *certificate)
{
	struct buf *out = NULL;

	check_ok(buf_create(&out, 0, &e));
	check_ok(certificate_html(certificate->data, certificate->len, out, &e));
	check(utf8_valid(buf_text(out), out->len) && strlen(buf_text(out)) == out->len);
	return out;
}

static bool says(const struct buf *page, const char *part)
{
	return strstr(buf_text(page), part) != NULL;
}

static size_t times(const struct buf *page, const char *part)
{
	size_t count = 0;

	for (const char *p = buf_text(page); (p = strstr(p, part)); p++)
		count++;
	return count;
}

/* What a reader sees, for a person to look at: RESCIND_PAGES names a folder to leave pages in. */
static void leave(const struct buf *page, const char *name)
{
	const char *folder = getenv("RESCIND_PAGES");
	char path[PATH_LEN_MAX];

	if (!folder)
		return;
	check_ok(path_join(path, folder, name, &e));
	check_ok(file_write(path, page->data, page->len, 0644, &e));
}

static json_t *predicate_of(json_t *statement)
{
	return json_object_get(statement, "predicate");
}

static void add(json_t *list, const char *sentence)
{
	json_add_new(list, json_string(sentence), &e);
}

static void reach(json_t *list, const char *kind, uint64_t count, const char *how,
		  const char *grade)
{
	json_t *row = json_object_make(&e);

	json_set_text(row, "kind", kind, &e);
	json_set_number(row, "count", count, &e);
	json_set_text(row, "how", how, &e);
	json_set_text(row, "grade", grade, &e);
	json_add_new(list, row, &e);
}

/* The words that flow/certify_words.c says, over the facts of proof's world. */
static void say_more(json_t *p)
{
	json_t *summary = json_object_get(p, "summary"), *s = json_object_get(p, "sanitization");
	json_t *people = json_object_get(summary, "people");
	json_t *reached = json_object_get(summary, "reached");
	json_t *who = json_object_make(&e);

	json_array_clear(reached);
	reach(reached, "records", 1490, "their keys were destroyed; bytes, cards and the salts of "
					"their commitments open nowhere any more", "enforced");
	reach(reached, "checkpoints", 1, "withdrawn, the sealed copy's key destroyed, the file "
					 "deleted where it was added from", "declared");
	reach(reached, "datasets", 1, "a next version without these records; the older ones are "
				      "denied", "enforced");
	reach(reached, "files", 1490, "deleted where they lay, and looked for again", "observed");
	json_set_number(people, "contactable", 212, &e);
	json_set_number(people, "not", 1034, &e);
	add(json_object_get(p, "not_covered"), "copies that others made, or that lie outside of "
					       "what was declared to this repository");
	add(json_object_get(p, "asserted"), "the retained sets listed are all that are in use");
	add(json_object_get(p, "signed_by_others"), "witnessed by: nobody");
	json_set_text(s, "media", "not applicable: objects sealed in files, virtual", &e);
	json_set_text(s, "method", "purge", &e);
	json_set_text(s, "technique", "cryptographic erase (AES-256-GCM, 256-bit keys; slot, page "
				      "key and epoch key replaced)", &e);
	json_set_number(s, "items", 1490, &e);
	json_set_text(s, "tool", "rescind 0.1.0", &e);
	json_set_text(s, "not_nist", "withdrawing a checkpoint is not a method of SP 800-88", &e);
	json_set_text(s, "serial", "a field of tomorrow", &e);
	json_set_text(who, "performed", "operator of this repository", &e);
	json_set_text(who, "validated", "approver", &e);
	json_set_new(s, "people", who, &e);
	check_ok(e.code);
}

/* The role of a key, opened: the one field of its fact. */
static void open_role(const struct world *w, json_t *p, size_t n)
{
	const struct field *f = &w->parts[n]->list[0];
	json_t *o = json_object_make(&e);

	json_set_number(o, "n", n, &e);
	json_set_text(o, "field", f->name, &e);
	json_set_number(o, "index", 0, &e);
	json_set_number(o, "count", 1, &e);
	json_set_bytes64(o, "salt", f->salt, sizeof(f->salt), &e);
	json_set_bytes64(o, "value", f->value->data, f->value->len, &e);
	json_set_text(o, "path", "", &e);
	check(e.code == 0 && json_array_insert_new(json_object_get(p, "openings"), n - 1, o) == 0);
}

static struct buf *full(struct world *w)
{
	scoped(buf) *plain = world_certify(w);
	scoped_json *statement = statement_of(plain);

	say_more(predicate_of(statement));
	open_role(w, predicate_of(statement), 1);
	open_role(w, predicate_of(statement), 2);
	return world_sign(w, statement, false);
}

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
		"7 Sanitization", "SP 800-88 Rev. 2", "cryptographic erase", "a field of tomorrow",
		"operator of this repository", "Not a NIST method",
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

/* --- checkpoints made anew --- */

static json_t *record_row(const char *source, int terms, const char *licence, const char *basis,
			  const char *transfer, int count)
{
	return json_pack("{s:s,s:i,s:s,s:s?,s:s?,s:i}", "source", source, "terms", terms, "licence",
			 licence, "basis", basis, "transfer", transfer, "count", count);
}

static json_t *model_row(const char *old, const char *new, uint64_t fact, const char *key)
{
	json_t *row = json_pack("{s:s,s:s,s:i,s:i,s:s,s:[]}", "old", old, "new", new, "fact",
				(int)fact, "records", 350, "grade", key ? "reproduced" : "enforced",
				"reproduced_by");

	if (key)
		add(json_object_get(row, "reproduced_by"), key);
	json_set_new(row, "record", json_pack("[o,o]",
		record_row("volunteers", 1, "LicenseRef-volunteers", "consent", NULL, 200),
		record_row("museum", 3, "CC-BY-4.0", NULL, "t1", 150)), &e);
	return row;
}

static struct buf *unlearned(struct world *w, json_t *models)
{
	scoped(buf) *plain = full(w);
	scoped_json *statement = statement_of(plain);
	json_t *summary = json_object_get(predicate_of(statement), "summary");

	reach(json_object_get(summary, "reached"), "unlearned checkpoints", 1,
	      "weights computed anew without these records, bit for bit those of training without "
	      "them; old weights, sums and card destroyed", "reproduced by 0011223344556677");
	json_set_new(summary, "models", models, &e);
	return world_sign(w, statement, false);
}

TEST(a_page_says_what_new_checkpoints_rest_on_and_whose_word_that_is)
{
	static const char *const parts[] = {
		"2 What was reached", "unlearned checkpoints", "reproduced by 0011223344556677",
		"4.1 Checked by anyone", ">unlearned<", "another digest", "5 Timeline",
		"Checkpoint made anew without the records:", "<bdi>faces@1</bdi>",
		"The new version is fact", "6 Retained", "6.1 What the new checkpoints rest on",
		"operator\xe2\x80\x99s word", "<bdi>faces@2</bdi>", "<bdi>faces@1</bdi>",
		"350 records", "trained again, with the same result bit for bit, by <code><bdi>0011",
		"volunteers", "LicenseRef-volunteers", "consent", "\xe2\x80\x93", ">200<", "museum",
		"CC-BY-4.0", "t1", ">150<", "<bdi>other@5</bdi>", "was not trained again",
		"7 Sanitization",
	};
	scoped(buf) *certificate = NULL, *page = NULL;
	const char *at;
	struct world w;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	w.unlearn = true;
	world_build(&w);
	certificate = unlearned(&w, json_pack("[o,o]",
		model_row("faces@1", "faces@2", w.made[0], "0011223344556677"),
		model_row("other@4", "other@5", w.made[1], NULL)));
	page = page_of(certificate);
	leave(page, "unlearned.html");
	leave(certificate, "unlearned.json");
	at = buf_text(page);
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		if (!strstr(at, parts[i]))
			fail_msg("not there, or not in its order: %s", parts[i]);
		at = strstr(at, parts[i]);
	}
	check(!says(page, "does not hold"));
	world_end(&w);
}

/* No check reads this part: a page has gaps where it has another shape. */
TEST(what_is_said_of_checkpoints_may_have_any_shape)
{
	static const char *const shapes[] = {
		"5", "\"faces\"", "{}", "[]", "[null,5,[],\"x\",{}]", "[{\"record\":5}]",
		"[{\"record\":[5,null,{},{\"source\":{},\"terms\":-1,\"count\":\"x\"}]}]",
		"[{\"old\":5,\"new\":[],\"fact\":-1,\"records\":\"x\",\"reproduced_by\":[5,{},null]}]",
		"[{\"reproduced_by\":{\"a\":1}}]",
	};

	for (size_t i = 0; i < COUNT_OF(shapes); i++) {
		scoped(buf) *certificate = NULL, *page = NULL;
		json_t *models = NULL;
		struct world w;

		world_begin(&w, NO_LIE, "example.org/log", 10);
		w.small = true;
		world_build(&w);
		check_ok(json_parse(&models, shapes[i], strlen(shapes[i]), 1000, &e));
		certificate = unlearned(&w, models);
		page = page_of(certificate);
		check(says(page, "</html>") && !says(page, "does not hold"));
		world_end(&w);
	}
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

TEST_MAIN("flow/html")
