#include "flow/order.h"
#include "flow/rights_testing.h"

/* --- grants --- */

TEST(a_grant_is_shown_as_it_was_said)
{
	struct grant_words w = granted("p7", NULL, "train:Marketing+below,infer:Marketing");

	begin();
	add_okc();
	w.until = "2030-01-01";
	check_ok(flow_grant_add(r, &w, fresh(), &e));
	check(same(said(doc, "grant"), "g1"));
	w = granted(NULL, "okc", "train:Marketing");
	w.explicit_consent = false;
	w.basis = "contract";
	check_ok(flow_grant_add(r, &w, fresh(), &e));
	check_ok(flow_grant_show(r, NULL, fresh(), &e));
	check(json_array_size(doc) == 2);
	check_ok(flow_grant_show(r, "g1", fresh(), &e));
	check(same(said(doc, "subject"), "p7") && is_null(doc, "source"));
	check(same(said(doc, "uses"), "infer:Marketing,train:Marketing+below") ||
	      same(said(doc, "uses"), "train:Marketing+below,infer:Marketing"));
	check(same(said(doc, "basis"), "consent"));
	check(json_is_true(json_object_get(doc, "explicit")));
	check(is_null(doc, "from") && same(said(doc, "until"), "2030-01-01T00:00:00Z"));
	check(same(said(doc, "evidence"), paper_digest));
	check(json_is_false(json_object_get(doc, "withdrawn")));
	check_ok(flow_grant_show(r, "g2", fresh(), &e));
	check(same(said(doc, "source"), "okc") && is_null(doc, "subject"));
	check(json_is_false(json_object_get(doc, "explicit")));
	check_code(flow_grant_show(r, "g3", fresh(), &e), E_NOT_FOUND);
	end();
}

TEST(no_wrong_word_makes_a_grant)
{
	begin();
	add_okc();
	for (int i = 0; i < 10; i++) {
		struct grant_words w = granted("p7", NULL, "train:Marketing");

		if (i == 0) w.subject = NULL;
		if (i == 1) w.source = "okc";
		if (i == 2) w.subject = "";
		if (i == 3) w.subject = "p\t7";
		if (i == 4) w.uses = NULL;
		if (i == 5) w.basis = NULL;
		if (i == 6) w.basis = "none";
		if (i == 7) w.evidence = NULL;
		if (i == 8) w.from = "now";
		if (i == 9) w = granted(NULL, "other", "train:Marketing");
		if (i == 9 ? flow_grant_add(r, &w, fresh(), &e) != E_NOT_FOUND :
			     flow_grant_add(r, &w, fresh(), &e) != E_USAGE)
			fail_msg("word %d: code %d: %s", i, e.code, e.text);
	}
	check(facts() == 4);
	end();
}

/* --- withdrawing: over records put there by hand, one a subject, "" for nobody known --- */

static void text_field(struct fields *f, const char *name, const char *value)
{
	check_ok(fields_add_text(f, name, value, &e));
}

static void put_record(struct change *c, uint64_t batch, const char *subject)
{
	scoped(fields) *card = NULL;
	char path[32];
	struct hash h;
	uint64_t pos;

	snprintf(path, sizeof(path), "%llu.jpg", (unsigned long long)change_positions(c));
	hash_bytes(&h, path, strlen(path));
	check_ok(fields_create(&card, &e));
	check_ok(fields_add(card, "content", h.b, HASH_LEN, &e));
	text_field(card, "source", "okc");
	text_field(card, "transfer", "");
	text_field(card, "terms", "1");
	text_field(card, "decision", "allow train:Marketing");
	text_field(card, "path", path);
	text_field(card, "about", "{}");
	if (*subject)
		text_field(card, "subject", subject);
	check_ok(change_record(c, batch, RECORD_LIVE, card, path, strlen(path), &pos, &e));
}

static void put_batch(const char *const *subjects, size_t count)
{
	json_t *o = json_object();
	scoped(change) *c = NULL;
	scoped(fields) *f = NULL;
	scoped(arena) *a = NULL;
	struct source s;
	uint64_t n, first;
	char tag[17];

	check_ok(arena_create(&a, &e));
	check_ok(change_begin(&c, r, &e));
	check_ok(source_named(r, a, "okc", &s, &e));
	first = change_positions(c);
	for (size_t i = 0; i < count; i++)
		put_record(c, change_facts(c), subjects[i]);
	check_ok(change_set_records(c, o, &e));
	json_set_number(o, "first", first, &e);
	json_set_number(o, "last", change_positions(c) - 1, &e);
	json_set_text(o, "source", hex_encode(tag, s.tag, sizeof(s.tag)), &e);
	json_set_text(o, "transfer", "", &e);
	check_ok(e.code);
	check_ok(fields_create(&f, &e));
	text_field(f, "terms", "1");
	check_ok(change_fact(c, "batch", o, f, &n, &e));
	check_ok(change_commit(c, &e));
}

/* okc with records 0 and 1 of p7, 2 of p "8", 3 of nobody known */
static void begin_with_people(void)
{
	static const char *const subjects[] = { "p7", "p7", "p \"8\\", "" };

	begin();
	add_okc();
	put_batch(subjects, COUNT_OF(subjects));
}

/* Item i of a list of texts in the last document. */
static const char *listed(const char *list, size_t i)
{
	const char *text = json_string_value(json_array_get(json_object_get(doc, list), i));

	return text ? text : "(none)";
}

static json_t *order_fact(uint64_t n, const char *field)
{
	scoped(fields) *f = NULL;
	const char *text;
	json_t *j = NULL;

	check_ok(repo_private(r, n, &f, &e));
	text = fields_text(f, field);
	check(text != NULL);
	check_ok(json_parse(&j, text, strlen(text), 4096, &e));
	return j;
}

static bool ordered(uint64_t order, const char *positions)
{
	scoped(set) *s = NULL;
	scoped(buf) *b = NULL;

	check_ok(set_create(&s, &e));
	check_ok(buf_create(&b, 64, &e));
	check_ok(catalog_mark_get(r->catalog, MARK_ORDER + order, s, &e));
	check_ok(set_put_text(s, b, &e));
	return same(buf_text(b), positions);
}

static uint64_t orders(void)
{
	uint64_t next;

	check_ok(catalog_next_id(r->catalog, THING_ORDER, &next, &e));
	return next - 1;
}

TEST(a_person_who_withdraws_everything_opens_an_order_over_what_is_of_them)
{
	scoped_json *demand = NULL;
	scoped(fields) *f = NULL;
	uint64_t before;

	begin_with_people();
	grant("p7", NULL, "train:Marketing");
	grant("p7", NULL, "share:Marketing");
	before = facts();
	check_ok(flow_grant_withdraw(r, NULL, "p7", NULL, fresh(), &e));
	check(json_array_size(json_object_get(doc, "withdrawn")) == 2);
	check(same(listed("withdrawn", 1), "g2"));
	check(json_number_or(doc, "records", 0) == 2);
	check(json_array_size(json_object_get(doc, "models")) == 0);
	check(same(said(doc, "order"), "o1"));
	check(facts() == before + 2);
	check(ordered(1, "0-1"));
	demand = order_fact(before, "demand");
	check(same(said(demand, "selector"), "subject:p7"));
	check(same(said(demand, "authority"), "the person"));
	check(same(said(demand, "reason"), "grant withdrawn"));
	check(json_is_false(json_object_get(demand, "keep_granted")));
	check_ok(repo_private(r, before + 1, &f, &e));
	check(f->count == 4 && same(fields_text(f, "grant"), "g1"));
	check(same(f->list[1].name, "grant") && same(fields_text(f, "subject"), "p7"));
	check(same(fields_text(f, "order"), "o1"));
	open_again(true);
	check_ok(flow_grant_show(r, "g2", fresh(), &e));
	check(json_is_true(json_object_get(doc, "withdrawn")));
	check(ordered(1, "0-1"));
	end();
}

TEST(a_name_that_a_selector_must_quote_is_quoted)
{
	scoped_json *demand = NULL;

	begin_with_people();
	grant("p \"8\\", NULL, "train:Marketing");
	check_ok(flow_grant_withdraw(r, "g1", NULL, NULL, fresh(), &e));
	check(same(said(doc, "order"), "o1") && ordered(1, "2"));
	demand = order_fact(facts() - 2, "demand");
	check(same(said(demand, "selector"), "subject:\"p \\\"8\\\\\""));
	end();
}

TEST(a_person_who_keeps_a_valid_grant_keeps_the_records)
{
	begin_with_people();
	grant("p7", NULL, "train:Marketing");
	grant("p7", NULL, "share:Marketing");
	check_ok(flow_grant_withdraw(r, NULL, "p7", "share:Marketing", fresh(), &e));
	check(json_array_size(json_object_get(doc, "withdrawn")) == 1);
	check(same(listed("withdrawn", 0), "g2"));
	check(is_null(doc, "order") && json_number_or(doc, "records", 0) == 2);
	check(orders() == 0);
	check_ok(flow_grant_withdraw(r, "g1", NULL, NULL, fresh(), &e));
	check(same(said(doc, "order"), "o1") && ordered(1, "0-1"));
	end();
}

TEST(a_grant_that_holds_no_more_or_not_yet_keeps_nothing)
{
	struct grant_words w = granted("p7", NULL, "train:Marketing");

	begin_with_people();
	grant("p7", NULL, "share:Marketing");
	w.until = "2020-01-01";
	check_ok(flow_grant_add(r, &w, fresh(), &e));
	w.until = NULL;
	w.from = "2999-01-01";
	check_ok(flow_grant_add(r, &w, fresh(), &e));
	check_ok(flow_grant_withdraw(r, "g1", NULL, NULL, fresh(), &e));
	check(same(said(doc, "order"), "o1"));
	end();
}

TEST(a_use_ends_the_grants_that_give_it_or_something_below_it)
{
	static const struct {
		const char *given, *withdrawn;
		bool ends;
	} rows[] = {
		{ "train:Marketing", "train:Marketing", true },
		{ "train:Marketing", "share:Marketing", false },
		{ "train:Advertising", "train:Marketing", true },
		{ "train:Marketing", "train:Advertising", false },
		{ "train:Marketing+below", "train:Advertising", true },
		{ "train:Purpose+below", "train:Advertising", true },
		{ "share:Purpose+below,train:IdentityVerification", "train:Advertising", false },
		{ "share:Purpose+below,train:IdentityVerification", "train:Purpose", true },
	};

	begin_with_people();
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char person[8];

		snprintf(person, sizeof(person), "u%zu", i);
		grant(person, NULL, rows[i].given);
		check_code(flow_grant_withdraw(r, NULL, person, rows[i].withdrawn, fresh(), &e),
			   rows[i].ends ? 0 : E_NOT_FOUND);
		if (rows[i].ends)
			check(is_null(doc, "order") && json_number_or(doc, "records", 9) == 0);
	}
	check(orders() == 0);
	end();
}

TEST(what_is_withdrawn_or_unknown_cannot_be_withdrawn)
{
	uint64_t before;

	begin_with_people();
	grant("p7", NULL, "train:Marketing");
	check_ok(flow_grant_withdraw(r, "g1", NULL, NULL, fresh(), &e));
	before = facts();
	check_code(flow_grant_withdraw(r, "g1", NULL, NULL, fresh(), &e), E_CONFLICT);
	check_code(flow_grant_withdraw(r, NULL, "p7", NULL, fresh(), &e), E_CONFLICT);
	check_code(flow_grant_withdraw(r, NULL, "p7", "train:Marketing", fresh(), &e), E_CONFLICT);
	check_code(flow_grant_withdraw(r, NULL, "p7", "share:Marketing", fresh(), &e), E_NOT_FOUND);
	check_code(flow_grant_withdraw(r, NULL, "p9", NULL, fresh(), &e), E_NOT_FOUND);
	check_code(flow_grant_withdraw(r, "g2", NULL, NULL, fresh(), &e), E_NOT_FOUND);
	check_code(flow_grant_withdraw(r, "p7", NULL, NULL, fresh(), &e), E_NOT_FOUND);
	check_code(flow_grant_withdraw(r, NULL, NULL, NULL, fresh(), &e), E_USAGE);
	check_code(flow_grant_withdraw(r, "g1", "p7", NULL, fresh(), &e), E_USAGE);
	check_code(flow_grant_withdraw(r, "g1", NULL, "train:Marketing", fresh(), &e), E_USAGE);
	check_code(flow_grant_withdraw(r, NULL, "p7", "train", fresh(), &e), E_USAGE);
	check(!doc && facts() == before);
	end();
}

TEST(when_a_controller_withdraws_those_who_agreed_themselves_stay)
{
	scoped_json *demand = NULL;

	begin_with_people();
	grant(NULL, "okc", "train:Marketing");
	grant("p7", NULL, "train:Marketing");
	check_ok(flow_grant_withdraw(r, "g1", NULL, NULL, fresh(), &e));
	check(same(said(doc, "order"), "o1") && json_number_or(doc, "records", 0) == 2);
	check(ordered(1, "2-3"));
	demand = order_fact(facts() - 2, "demand");
	check(same(said(demand, "selector"), "source:okc"));
	check(same(said(demand, "authority"), "the controller"));
	check(json_is_true(json_object_get(demand, "keep_granted")));
	end();
}

TEST(when_all_agreed_themselves_a_controller_who_withdraws_opens_no_order)
{
	static const char *const subjects[] = { "p7" };

	begin();
	add_okc();
	put_batch(subjects, 1);
	grant(NULL, "okc", "train:Marketing");
	grant("p7", NULL, "train:Marketing");
	check_ok(flow_grant_withdraw(r, "g1", NULL, NULL, fresh(), &e));
	check(is_null(doc, "order") && orders() == 0);
	check_ok(flow_grant_show(r, "g1", fresh(), &e));
	check(json_is_true(json_object_get(doc, "withdrawn")));
	end();
}

TEST(records_of_a_source_are_counted_and_models_on_them_are_named)
{
	const char *all[] = { "all" };
	struct model_words m = { .name = "faces", .path = paper, .datasets = all, .dataset_count = 1 };

	begin_with_people();
	check_ok(flow_source_show(r, "okc", fresh(), &e));
	check(json_number_or(doc, "records", 0) == 4);
	grant("p7", NULL, "train:IdentityVerification");
	check_ok(flow_dataset_create(r, "all", "train:IdentityVerification", NULL, fresh(), &e));
	check_ok(flow_model_add(r, &m, fresh(), &e));
	check(same(said(doc, "model"), "faces"));
	check_ok(flow_grant_withdraw(r, NULL, "p7", NULL, fresh(), &e));
	check(json_array_size(json_object_get(doc, "models")) == 1);
	check(same(listed("models", 0), "faces@1"));
	end();
}

TEST_MAIN("grants")
