/* Receipts: of whom, of what, and what they do not open. */
#include "flow/receipt.h"

#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "base/test.h"
#include "base/text.h"
#include "flow/order.h"
#include "flow/rights.h"
#include "flow/uses.h"
#include "flow/world.h"
#include "page/page.h"
#include "proof/receipt.h"
#include "wire/dsse.h"

#define USE "train:IdentityVerification"

static struct error e;

/* --- a world: 0 both, 1 ann, 2 bob --- */

static const char *paper(void)
{
	return world_beside("the terms");
}

static void source_of(const char *name, const char *people)
{
	const struct source_words w = { .name = name, .controller = "Example Ltd", .kind = "upload",
					.people = people,
					.terms = { .terms = paper(), .licence = "CC0-1.0",
						   .allow = USE, .basis = "consent" } };
	scoped_json *doc = NULL;

	check_ok(flow_source_add(world_now()->r, &w, &doc, &e));
}

static void granted(const char *subject)
{
	const struct grant_words w = { .subject = subject, .uses = USE, .basis = "consent",
				       .evidence = paper() };
	scoped_json *doc = NULL;

	check_ok(flow_grant_add(world_now()->r, &w, &doc, &e));
}

static struct world *some_people(void)
{
	struct world *w = world_open();
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1 };

	source_of("s", "personal");
	granted("ann");
	granted("bob");
	world_file("1", "both");
	world_file("2", "of ann");
	world_file("3", "of bob");
	words.use = USE;
	words.subjects = world_beside("subject,path\nann,1\nbob,1\nann,2\nbob,3\n");
	check_ok(world_ingest_words(&words));
	return w;
}

/* --- receipts --- */

static int made(const char *record, const char *subject, struct buf *out)
{
	const struct receipt_request w = { .record = record, .subject = subject };

	return flow_receipt(world_now()->r, &w, out, &e);
}

static void refused(const char *record, const char *subject, int code)
{
	scoped(buf) *out = NULL;

	check_ok(buf_create(&out, 0, &e));
	check_code(made(record, subject, out), code);
	check(out->len == 0);
	error_clear(&e);
}

static json_t *statement_of(const struct buf *file)
{
	scoped(dsse) *d = NULL;
	json_t *j = NULL;

	check_ok(dsse_parse(&d, file->data, file->len, CERTIFICATE_BYTES_MAX, &e));
	check_ok(json_parse_canonical(&j, d->body, d->body_len, CERTIFICATE_BYTES_MAX, &e));
	return j;
}

static json_t *receipt_of(const char *record, const char *subject)
{
	scoped(buf) *out = NULL;

	check_ok(buf_create(&out, 0, &e));
	check_ok(made(record, subject, out));
	return statement_of(out);
}

static const json_t *in(const json_t *statement, const char *member)
{
	return json_object_get(json_object_get(statement, "predicate"), member);
}

static const json_t *said(const json_t *statement, const char *member)
{
	return json_object_get(in(statement, "summary"), member);
}

static bool is_opened(const json_t *statement, const char *list, const char *value)
{
	const json_t *o;
	size_t i;

	json_array_foreach(in(statement, list), i, o) {
		scoped(buf) *b = NULL;

		check_ok(json_get_bytes64(o, "value", &b, &e));
		if (b->len == strlen(value) && memcmp(b->data, value, b->len) == 0)
			return true;
	}
	return false;
}

static uint64_t openings(const json_t *statement, const char *field)
{
	const json_t *o;
	uint64_t n = 0;
	size_t i;

	json_array_foreach(in(statement, "record_openings"), i, o)
		n += strcmp(json_text_or(o, "field", ""), field) == 0;
	return n;
}

TEST(a_receipt_is_of_the_records_of_one_person)
{
	scoped_json *j = NULL;

	some_people();
	j = receipt_of(NULL, "ann");
	check(json_array_size(in(j, "records")) == 2);
	check(json_number_or(json_array_get(in(j, "records"), 1), "p", 9) == 1);
	check(is_opened(j, "record_openings", "ann") && is_opened(j, "openings", "ann"));
	check(!is_opened(j, "record_openings", "bob") && !is_opened(j, "openings", "bob"));
	check(openings(j, "subject") == 2 && openings(j, "content") == 2);
	check(openings(j, "path") + openings(j, "about") + openings(j, "attr") + openings(j, "pad") == 0);
	check(json_array_size(said(j, "grants")) == 1);
	world_close();
}

TEST(a_receipt_of_a_record_opens_nobody)
{
	scoped_json *j = NULL, *same = NULL;

	some_people();
	j = receipt_of("record:0", NULL);
	check(json_array_size(in(j, "records")) == 1);
	check(openings(j, "subject") == 0 && openings(j, "decision") == 1);
	check(!is_opened(j, "openings", "ann") && !is_opened(j, "openings", "bob"));
	check(json_array_size(said(j, "grants")) == 0);
	same = receipt_of("0", NULL);
	check(json_equal(in(j, "records"), in(same, "records")));
	world_close();
}

TEST(what_is_no_record_and_nobody_is_refused)
{
	some_people();
	refused("3", NULL, E_NOT_FOUND);
	refused("18446744073709551615", NULL, E_NOT_FOUND);
	refused("18446744073709551616", NULL, E_USAGE);
	refused("record:0-1", NULL, E_USAGE);
	refused("s", NULL, E_USAGE);
	refused("", NULL, E_USAGE);
	refused(NULL, NULL, E_USAGE);
	refused("0", "ann", E_USAGE);
	refused(NULL, "", E_USAGE);
	refused(NULL, "\xff", E_USAGE);
	refused(NULL, "eve", E_NOT_FOUND);
	granted("eve");
	refused(NULL, "eve", E_NOT_FOUND); /* known, and no record is hers */
	check(world_now()->r->lock_fd < 0);
	world_close();
}

TEST(an_address_is_one_line)
{
	static const char *const bad[] = { "", "two\nlines", "\x7f", "\xff" };
	char much[1026];
	struct receipt_request w = { .record = "0" };
	scoped(buf) *out = NULL;

	some_people();
	check_ok(buf_create(&out, 0, &e));
	memset(much, 'a', sizeof(much) - 1);
	much[1025] = 0;
	for (size_t i = 0; i <= COUNT_OF(bad); i++) {
		w.contact = i < COUNT_OF(bad) ? bad[i] : much;
		check_code(flow_receipt(world_now()->r, &w, out, &e), E_USAGE);
		error_clear(&e);
	}
	much[1024] = 0;
	check_ok(flow_receipt(world_now()->r, &w, out, &e));
	world_close();
}

TEST(a_person_of_one_record_too_many_is_told_so)
{
	struct world *w = some_people();
	struct tag t;

	repo_tag(w->r, &t, TAG_SUBJECT, "ann", 3);
	check_ok(catalog_begin(w->r->catalog, &e));
	for (uint64_t pos = 0; pos <= RECEIPT_RECORDS_MAX; pos++)
		check_ok(catalog_add_tag(w->r->catalog, TAG_SUBJECT, &t, pos, &e));
	check_ok(catalog_commit(w->r->catalog, &e));
	refused(NULL, "ann", E_RANGE);
	world_close();
}

TEST(what_does_not_hold_is_not_given_out)
{
	struct world *w = some_people();
	struct catalog_thing t = { .kind = THING_GRANT, .id = 3, .name = "g3", .fact = 1 };

	/* A row that leads to a fact which no receipt shows: the operator's key. */
	t.body = "{\"basis\":\"consent\",\"uses\":\"" USE "\"}";
	repo_tag(w->r, &t.tag, TAG_SUBJECT, "ann", 3);
	check_ok(catalog_begin(w->r->catalog, &e));
	check_ok(catalog_put_thing(w->r->catalog, &t, &e));
	check_ok(catalog_commit(w->r->catalog, &e));
	refused(NULL, "ann", E_MISMATCH);
	world_close();
}

/* --- what became of them --- */

TEST(of_an_erased_record_nothing_opens)
{
	scoped_json *ann = NULL, *record = NULL;
	const json_t *row;

	some_people();
	world_taken_back("subject:ann");
	ann = receipt_of(NULL, "ann");
	check(json_array_size(in(ann, "records")) == 2);
	check(json_array_size(in(ann, "record_openings")) == 0);
	row = json_array_get(said(ann, "records"), 0);
	assert_string_equal(json_text_or(row, "state", ""), "erased");
	assert_string_equal(json_text_or(row, "order", ""), "o1");
	assert_string_equal(json_text_or(row, "named_by", ""), "order");
	assert_string_equal(json_text_or(row, "positions", ""), "0-1");
	record = receipt_of("0", NULL);
	check(json_array_size(in(record, "record_openings")) == 0);
	row = json_array_get(said(record, "records"), 0);
	assert_string_equal(json_text_or(row, "order", ""), "o1");
	world_close();
}

TEST(whom_an_erased_record_was_about_nobody_can_tell)
{
	scoped_json *bob = NULL;

	some_people();
	world_taken_back("record:0");
	bob = receipt_of(NULL, "bob");
	check(json_array_size(in(bob, "records")) == 1);
	check(json_number_or(json_array_get(in(bob, "records"), 0), "p", 9) == 2);
	world_taken_back("source:s");
	refused(NULL, "bob", E_NOT_FOUND);
	world_close();
}

TEST(an_order_that_was_refused_names_nobody)
{
	const struct order_words words = { .selector = "subject:ann", .authority = "A", .reason = "B" };
	scoped_json *opened = NULL, *doc = NULL, *ann = NULL;
	struct repo *r;

	r = some_people()->r;
	check_ok(flow_order_open(r, &words, &opened, &e));
	check_ok(flow_order_refuse(r, "o1", "no", &doc, &e));
	world_taken_back("record:0");
	ann = receipt_of(NULL, "ann");
	check(json_array_size(in(ann, "records")) == 1);
	check(json_array_size(said(ann, "orders")) == 1);
	assert_string_equal(json_text_or(json_array_get(said(ann, "orders"), 0), "state", ""), "refused");
	world_close();
}

TEST(what_a_person_withdrew_is_told)
{
	scoped_json *doc = NULL, *ann = NULL;
	const json_t *g;

	some_people();
	check_ok(flow_grant_withdraw(world_now()->r, NULL, "ann", NULL, &doc, &e));
	ann = receipt_of(NULL, "ann");
	g = json_array_get(said(ann, "grants"), 0);
	check(json_is_true(json_object_get(g, "withdrawn")));
	check(json_number_or(json_array_get(said(ann, "orders"), 0), "records", 0) == 2);
	check(!strstr(json_text_or(in(ann, "summary"), "withdraw", ""), "grant withdraw"));
	world_close();
}

TEST(quarantined_records_are_said_to_be)
{
	struct world *w = world_open();
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1, .use = USE,
				      .quarantine = true };
	scoped_json *eve = NULL;

	source_of("s", "personal");
	world_file("1", "of eve");
	words.subjects = world_beside("subject,path\neve,1\n");
	(void)!world_ingest_words(&words);
	eve = receipt_of(NULL, "eve");
	assert_string_equal(json_text_or(json_array_get(said(eve, "records"), 0), "state", ""),
			    "quarantined");
	check(openings(eve, "decision") == 1 && json_array_size(said(eve, "grants")) == 0);
	world_close();
}

TEST(a_command_line_survives_any_name)
{
	struct world *w = world_open();
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1, .use = USE };
	scoped_json *j = NULL;

	source_of("s", "personal");
	granted("o'x $(y)");
	for (char name[] = "1"; *name <= '9'; ++*name)
		world_file(name, name);
	words.subjects = world_beside("subject,path\no'x $(y),1\no'x $(y),3\n");
	(void)!world_ingest_words(&words);
	j = receipt_of(NULL, "o'x $(y)");
	check(strstr(json_text_or(in(j, "summary"), "withdraw", ""),
		     "`rescind grant withdraw --subject 'o'\\''x $(y)'`"));
	world_close();
}

/* --- the page --- */

static struct buf *file_of(const char *subject)
{
	struct buf *out = NULL;

	check_ok(buf_create(&out, 0, &e));
	check_ok(made(subject ? NULL : "0", subject, out));
	return out;
}

static struct buf *page_of(const struct buf *file)
{
	struct buf *out = NULL;

	check_ok(buf_create(&out, 0, &e));
	check_ok(receipt_html(file->data, file->len, out, &e));
	check(utf8_valid(buf_text(out), out->len) && strlen(buf_text(out)) == out->len);
	check(strstr(buf_text(out), "</html>") && !strstr(buf_text(out), "<script"));
	return out;
}

static bool says(const struct buf *page, const char *part)
{
	return strstr(buf_text(page), part) != NULL;
}

TEST(a_page_has_every_section_in_its_order)
{
	static const char *const parts[] = {
		"<h1>What is kept about you</h1>", "example.org/world", "1 In short", "2 records</strong> are kept",
		"2 How to take it back", "Example Ltd", "rescind grant withdraw --subject ann",
		"3 The records", ">0-1<", ">Kept<", "4 On what terms", "training a model, for Identity Verification",
		"5 What you agreed to", ">g1<", "6 What was made of them", "Where that runs", "Who was given it",
		"7 Orders", "8 What this does not say", "9 What this rests on", ">records<", "witnessed by: nobody",
		"10 How to check", "--key", "--data", "Head of the records log", "</html>",
	};
	scoped(buf) *file = NULL, *page = NULL;
	const char *at;

	some_people();
	file = file_of("ann");
	page = page_of(file);
	at = buf_text(page);
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		if (!strstr(at, parts[i]))
			fail_msg("not there, or not in its order: %s", parts[i]);
		at = strstr(at, parts[i]);
	}
	check(!says(page, "bob") && !says(page, "does not hold"));
	world_close();
}

TEST(a_page_of_a_record_names_nobody)
{
	scoped(buf) *file = NULL, *page = NULL;

	some_people();
	file = file_of(NULL);
	page = page_of(file);
	check(says(page, "What became of a record") && says(page, "asked for by position"));
	check(!says(page, ">ann") && !says(page, " ann") && !says(page, "bob"));
	world_close();
}

static void attack_texts(json_t *j)
{
	const char *member;
	json_t *v;
	size_t i;

	json_object_foreach(j, member, v) {
		if (json_is_string(v))
			json_string_set(v, "<script>alert(1)</script>\"'&$\xe2\x80\xae");
		attack_texts(v);
	}
	json_array_foreach(j, i, v) {
		if (json_is_string(v))
			json_string_set(v, "</li><script>$");
		attack_texts(v);
	}
}

TEST(no_word_of_a_receipt_becomes_markup)
{
	scoped(buf) *file = NULL, *again = NULL, *page = NULL;
	scoped_json *j = NULL;

	some_people();
	file = file_of("ann");
	j = statement_of(file);
	attack_texts(json_object_get(json_object_get(j, "predicate"), "summary"));
	again = world_signed(j);
	page = page_of(again);
	check(says(page, "&lt;script&gt;") && !says(page, "does not hold"));
	world_close();
}

/* Gaps, never a fall: the summary is compared with nothing. */
static void without(const json_t *whole, const char *member, json_t *instead)
{
	scoped_json *j = json_deep_copy(whole);
	scoped(buf) *again = NULL, *page = NULL;
	json_t *summary = json_object_get(json_object_get(j, "predicate"), "summary");

	if (instead)
		json_object_set_new(summary, member, instead);
	else
		json_object_del(summary, member);
	again = world_signed(j);
	page = page_of(again);
	check(!says(page, "does not hold"));
}

TEST(what_a_summary_does_not_say_leaves_gaps)
{
	static const char *const bad[] = { "5", "{}", "\"x\"", "[5]", "[{}]", "[[]]", "[null]",
					   "[{\"count\":-1,\"state\":\"erased\",\"positions\":5}]",
					   "[{\"count\":9223372036854775807,\"state\":\"erased\"},{\"count\":9}]",
					   "[{\"transfer\":{},\"allow\":\",:,train:,:x,train:+below\"}]",
					   "[{\"since\":\"x\",\"until\":\"9999-12-31T23:59:59Z\",\"from\":5}]" };
	scoped(buf) *file = NULL;
	scoped_json *j = NULL;
	const char *member;
	json_t *v;

	some_people();
	file = file_of("ann");
	j = statement_of(file);
	json_object_foreach(json_object_get(json_object_get(j, "predicate"), "summary"), member, v) {
		if (strcmp(member, "what") == 0 || strcmp(member, "withdraw") == 0)
			continue;
		without(j, member, NULL);
		for (size_t i = 0; i < COUNT_OF(bad); i++)
			without(j, member, json_loads(bad[i], JSON_DECODE_ANY, NULL));
	}
	world_close();
}

TEST(a_page_over_what_does_not_hold_says_so)
{
	scoped(buf) *file = NULL, *again = NULL, *page = NULL;
	scoped_json *j = NULL;
	json_t *first;

	some_people();
	file = file_of("ann");
	j = statement_of(file);
	first = json_array_get(json_object_get(json_object_get(j, "predicate"), "records"), 0);
	json_set_text(first, "commitment",
		      "0000000000000000000000000000000000000000000000000000000000000000", &e);
	again = world_signed(j);
	page = page_of(again);
	check(says(page, "This file does not hold."));
	world_close();
}

TEST(another_statement_has_no_such_page)
{
	scoped(buf) *certificate = NULL, *out = NULL;

	some_people();
	world_taken_back("record:2");
	check_ok(buf_create(&certificate, 0, &e));
	check_ok(buf_create(&out, 0, &e));
	check_ok(buf_put(out, "x", 1, &e));
	check_ok(flow_certificate(world_now()->r, "o1", certificate, &e));
	check_code(receipt_html(certificate->data, certificate->len, out, &e), E_FORMAT);
	check(strcmp(buf_text(out), "x") == 0);
	error_clear(&e);
	check_code(receipt_html("{}", 2, out, &e), E_FORMAT);
	error_clear(&e);
	world_close();
}

WORLD_MAIN("flow/receipt")
