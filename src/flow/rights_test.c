#include "flow/rights_testing.h"

#include <sys/stat.h>

#include "flow/rights_said.h"

/* --- sources and terms --- */

TEST(a_source_is_shown_with_its_terms_as_they_were_said)
{
	const json_t *t;

	begin();
	add_okc();
	check(same(said(doc, "source"), "okc"));
	check(facts() == 4); /* init, key, source, terms */
	for (int rebuilt = 0; rebuilt < 2; rebuilt++) {
		check_ok(flow_source_show(r, "okc", fresh(), &e));
		check(same(said(doc, "kind"), "upload"));
		check(same(said(doc, "people"), "personal"));
		check(same(said(doc, "controller"), "Example Dating Ltd"));
		check(json_number_or(doc, "records", 9) == 0);
		check(json_array_size(json_object_get(doc, "terms")) == 1);
		t = json_array_get(json_object_get(doc, "terms"), 0);
		check(json_number_or(t, "version", 0) == 1);
		check(same(said(t, "allow"), "train:IdentityVerification,train:Marketing"));
		check(is_null(t, "deny"));
		check(same(said(t, "licence"), "CC-BY-4.0"));
		check(same(said(t, "basis"), "consent"));
		check(same(said(t, "from"), "2014-03-01T00:00:00Z"));
		check(same(said(t, "until"), "2030-01-01T12:00:00Z"));
		check(same(said(t, "document"), paper_digest));
		open_again(true);
	}
	end();
}

TEST(a_source_and_its_first_terms_are_one_change_whose_private_parts_are_as_documented)
{
	static const char *const source_fields[] = { "name", "kind", "people", "controller" };
	static const char *const terms_fields[] = { "document", "document-name", "licence", "allow",
						    "deny", "basis", "from", "until" };
	scoped(fields) *s = NULL, *t = NULL;
	scoped_json *source = NULL, *terms = NULL;

	begin();
	add_okc();
	check_ok(repo_private(r, 2, &s, &e));
	check_ok(repo_private(r, 3, &t, &e));
	check(s->count == 4 && t->count == 8);
	for (size_t i = 0; i < 4; i++)
		check(same(s->list[i].name, source_fields[i]));
	for (size_t i = 0; i < 8; i++)
		check(same(t->list[i].name, terms_fields[i]));
	check(t->list[0].value->len == HASH_LEN);
	check(same(fields_text(t, "deny"), ""));
	check(same(fields_text(t, "from"), "2014-03-01T00:00:00Z"));
	check_ok(repo_fact(r, 2, &source, &e));
	check_ok(repo_fact(r, 3, &terms, &e));
	check(strlen(said(source, "source")) == 16);
	check(same(said(source, "source"), said(terms, "source")));
	check(json_number_or(terms, "version", 0) == 1);
	check(json_object_size(source) == 6 && json_object_size(terms) == 7);
	end();
}

TEST(what_a_source_does_not_state_is_strict_or_open_ended)
{
	struct source_words w = okc();
	const json_t *t;

	begin();
	w.people = NULL;
	w.terms.basis = w.terms.from = w.terms.until = NULL;
	w.terms.deny = "share:Purpose";
	check_ok(flow_source_add(r, &w, fresh(), &e));
	check_ok(flow_source_show(r, "okc", fresh(), &e));
	check(same(said(doc, "people"), "biometric"));
	t = json_array_get(json_object_get(doc, "terms"), 0);
	check(is_null(t, "basis") && is_null(t, "from") && is_null(t, "until"));
	check(same(said(t, "deny"), "share:Purpose"));
	end();
}

/* Each makes one thing wrong. */
static void wrong_source(int which, struct source_words *w, char text[512])
{
	memset(text, 'x', SAID_NAME_MAX + 1);
	text[SAID_NAME_MAX + 1] = 0;
	switch (which) {
	case 0: w->name = "Okc"; break;
	case 1: w->name = ""; break;
	case 2: w->name = NULL; break;
	case 3: w->controller = NULL; break;
	case 4: w->controller = ""; break;
	case 5: w->controller = text; break;
	case 6: w->controller = "Exam\nple"; break;
	case 7: w->controller = "Exam\x7fple"; break;
	case 8: w->controller = "Exam\xffple"; break;
	case 9: w->kind = "friend"; break;
	case 10: w->kind = NULL; break;
	case 11: w->people = "some"; break;
	case 12: w->terms.licence = NULL; break;
	case 13: w->terms.licence = ""; break;
	case 14: w->terms.licence = "cc-by-4.0"; break;
	case 15: w->terms.allow = NULL; break;
	case 16: w->terms.allow = ""; break;
	case 17: w->terms.allow = "train:Marketting"; break;
	case 18: w->terms.deny = "train"; break;
	case 19: w->terms.basis = "because"; break;
	case 20: w->terms.from = "yesterday"; break;
	case 21: w->terms.until = "2014-02-30"; break;
	case 22: w->terms.until = "2014-03-01T00:00:59Z"; break; /* the minute it begins */
	case 23: w->terms.terms = NULL; break;
	case 24: w->terms.terms = folder; break;
	default: fail();
	}
}

TEST(no_wrong_word_makes_a_source)
{
	char text[512];

	begin();
	for (int i = 0; i < 25; i++) {
		struct source_words w = okc();

		wrong_source(i, &w, text);
		if (flow_source_add(r, &w, fresh(), &e) != E_USAGE)
			fail_msg("word %d: code %d: %s", i, e.code, e.text);
	}
	check(facts() == 2);
	end();
}

TEST(a_name_may_be_as_long_as_its_limit)
{
	struct source_words w = okc();
	char text[512];

	begin();
	memset(text, 'x', sizeof(text));
	text[SAID_NAME_MAX] = 0;
	w.controller = text;
	check_ok(flow_source_add(r, &w, fresh(), &e));
	end();
}

TEST(terms_that_are_not_there_are_not_found)
{
	struct source_words w = okc();

	begin();
	w.terms.terms = "/nowhere/terms.txt";
	check_code(flow_source_add(r, &w, fresh(), &e), E_NOT_FOUND);
	check(strstr(e.text, "/nowhere/terms.txt") != NULL);
	check(facts() == 2);
	end();
}

TEST(a_name_is_taken_once)
{
	struct source_words w = okc();

	begin();
	add_okc();
	check_code(flow_source_add(r, &w, fresh(), &e), E_CONFLICT);
	check(facts() == 4);
	w.name = "okc2";
	check_ok(flow_source_add(r, &w, fresh(), &e));
	check_ok(flow_source_show(r, NULL, fresh(), &e));
	check(json_array_size(doc) == 2);
	check(same(said(json_array_get(doc, 0), "source"), "okc"));
	check(same(said(json_array_get(doc, 1), "source"), "okc2"));
	check_code(flow_source_show(r, "okc3", fresh(), &e), E_NOT_FOUND);
	check(!doc);
	end();
}

TEST(new_terms_keep_what_they_do_not_say)
{
	struct terms_words w = { .terms = paper, .from = "2016-01-01", .deny = "share:Purpose" };
	const json_t *list, *t;

	begin();
	add_okc();
	check_ok(flow_source_terms(r, "okc", &w, fresh(), &e));
	check(json_number_or(doc, "version", 0) == 2);
	w = (struct terms_words){ .terms = paper, .from = "2017-01-01", .licence = "CC0-1.0",
				  .allow = "share:Marketing", .basis = "" };
	check_ok(flow_source_terms(r, "okc", &w, fresh(), &e));
	w = (struct terms_words){ .terms = paper, .from = "2018-01-01", .deny = "" };
	check_ok(flow_source_terms(r, "okc", &w, fresh(), &e));
	check(json_number_or(doc, "version", 0) == 4);
	check_ok(flow_source_show(r, "okc", fresh(), &e));
	list = json_object_get(doc, "terms");
	check(json_array_size(list) == 4);
	t = json_array_get(list, 1);
	check(same(said(t, "licence"), "CC-BY-4.0"));
	check(same(said(t, "allow"), "train:IdentityVerification,train:Marketing"));
	check(same(said(t, "deny"), "share:Purpose"));
	check(same(said(t, "basis"), "consent"));
	check(same(said(t, "from"), "2016-01-01T00:00:00Z") && is_null(t, "until"));
	t = json_array_get(list, 2);
	check(same(said(t, "licence"), "CC0-1.0") && same(said(t, "allow"), "share:Marketing"));
	check(same(said(t, "deny"), "share:Purpose") && is_null(t, "basis"));
	check(is_null(json_array_get(list, 3), "deny"));
	end();
}

TEST(new_terms_need_a_beginning_a_document_and_a_source)
{
	struct terms_words w = { .terms = paper, .from = "2016-01-01" };

	begin();
	check_code(flow_source_terms(r, "okc", &w, fresh(), &e), E_NOT_FOUND);
	add_okc();
	w.from = NULL;
	check_code(flow_source_terms(r, "okc", &w, fresh(), &e), E_USAGE);
	w = (struct terms_words){ .from = "2016-01-01" };
	check_code(flow_source_terms(r, "okc", &w, fresh(), &e), E_USAGE);
	check(facts() == 4);
	end();
}

/* --- transfers --- */

TEST(a_transfer_is_shown_as_it_was_said_and_then_corrected)
{
	struct transfer_words w = handed(), fix = handed();
	const json_t *list;

	begin();
	add_okc();
	check_ok(flow_transfer_add(r, &w, fresh(), &e));
	check(same(said(doc, "transfer"), "t1"));
	fix.uses = NULL;
	fix.notified = "unknown";
	fix.under_count = 1;
	check_ok(flow_transfer_correct(r, "t1", &fix, fresh(), &e));
	fix.uses = "train:Marketing";
	fix.notified = NULL;
	check_ok(flow_transfer_correct(r, "t1", &fix, fresh(), &e));
	for (int rebuilt = 0; rebuilt < 2; rebuilt++) {
		check_ok(flow_transfer_show(r, "t1", fresh(), &e));
		check(same(said(doc, "transfer"), "t1") && same(said(doc, "source"), "okc"));
		check(same(said(doc, "from"), "Example Dating Ltd"));
		check(same(said(doc, "to"), "Vision AG"));
		check(same(said(doc, "date"), "2014-09-01T00:00:00Z"));
		check(same(said(doc, "uses"), "train:Marketing"));
		check(same(said(doc, "notified"), "unknown"));
		check(json_array_size(json_object_get(doc, "documents")) == 2);
		list = json_object_get(doc, "corrections");
		check(json_array_size(list) == 2);
		check(same(said(json_array_get(list, 0), "notified"), "unknown"));
		check(!json_object_get(json_array_get(list, 0), "uses"));
		check(same(said(json_array_get(list, 1), "uses"), "train:Marketing"));
		check(!json_object_get(json_array_get(list, 1), "notified"));
		open_again(true);
	}
	end();
}

TEST(transfers_are_counted_and_each_has_its_own_corrections)
{
	struct transfer_words w = handed();

	begin();
	add_okc();
	w.date = "2999-01-01"; /* not in force yet */
	for (int i = 0; i < 3; i++)
		check_ok(flow_transfer_add(r, &w, fresh(), &e));
	check(same(said(doc, "transfer"), "t3"));
	check_ok(flow_transfer_correct(r, "t2", &w, fresh(), &e));
	check_ok(flow_transfer_show(r, NULL, fresh(), &e));
	check(json_array_size(doc) == 3);
	check(same(said(json_array_get(doc, 2), "transfer"), "t3"));
	for (int i = 1; i <= 3; i++) {
		char id[16];

		snprintf(id, sizeof(id), "t%d", i);
		check_ok(flow_transfer_show(r, id, fresh(), &e));
		check(json_array_size(json_object_get(doc, "corrections")) == (i == 2));
	}
	end();
}

TEST(no_wrong_word_makes_a_transfer_or_a_correction)
{
	static const char *const no_ids[] = { "t2", "t0", "1", "x1", "t", "t01", "", "t1 " };

	begin();
	add_okc();
	for (int i = 0; i < 9; i++) {
		struct transfer_words w = handed();
		int want = i == 0 ? E_NOT_FOUND : E_USAGE;

		if (i == 0) w.source = "other";
		if (i == 1) w.from = NULL;
		if (i == 2) w.to = "";
		if (i == 3) w.date = NULL;
		if (i == 4) w.date = "1 May";
		if (i == 5) w.uses = NULL;
		if (i == 6) w.notified = NULL;
		if (i == 7) w.notified = "perhaps";
		if (i == 8) w.source = NULL;
		if (flow_transfer_add(r, &w, fresh(), &e) != want)
			fail_msg("word %d: code %d: %s", i, e.code, e.text);
	}
	check(facts() == 4);
	struct transfer_words w = handed();
	check_ok(flow_transfer_add(r, &w, fresh(), &e));
	for (size_t i = 0; i < COUNT_OF(no_ids); i++) {
		check_code(flow_transfer_correct(r, no_ids[i], &w, fresh(), &e), E_NOT_FOUND);
		check_code(flow_transfer_show(r, no_ids[i], fresh(), &e), E_NOT_FOUND);
	}
	w.under_count = 0;
	check_code(flow_transfer_correct(r, "t1", &w, fresh(), &e), E_USAGE);
	w = (struct transfer_words){ .under = handed().under, .under_count = 1 };
	check_code(flow_transfer_correct(r, "t1", &w, fresh(), &e), E_USAGE);
	w.notified = "";
	check_code(flow_transfer_correct(r, "t1", &w, fresh(), &e), E_USAGE);
	check(facts() == 5);
	end();
}

TEST(a_fact_has_at_most_so_many_documents)
{
	const char *under[SAID_DOCUMENTS_MAX + 1];
	struct transfer_words w = handed();

	begin();
	add_okc();
	for (size_t i = 0; i < COUNT_OF(under); i++)
		under[i] = paper;
	w.under = under;
	w.under_count = COUNT_OF(under);
	check_code(flow_transfer_add(r, &w, fresh(), &e), E_RANGE);
	w.under_count--;
	check_ok(flow_transfer_add(r, &w, fresh(), &e));
	end();
}

/* --- keys --- */

TEST(a_role_gets_a_key_once_and_may_act_with_it)
{
	struct repo_options o = { .folder = folder, .role = "approver", .at_utc_ms = TIME_NONE };
	struct source_words w = okc();
	scoped_json *entry = NULL;
	char id[KEY_ID_MAX];

	begin();
	check_ok(flow_key_add(r, "approver", fresh(), &e));
	check(same(said(doc, "role"), "approver") && strlen(said(doc, "key")) == 64);
	snprintf(id, sizeof(id), "%s", said(doc, "id"));
	check_code(flow_key_add(r, "approver", fresh(), &e), E_CONFLICT);
	check_code(flow_key_add(r, "operator", fresh(), &e), E_CONFLICT);
	check_code(flow_key_add(r, "The Boss", fresh(), &e), E_USAGE);
	check_code(flow_key_add(r, NULL, fresh(), &e), E_USAGE);
	check(facts() == 3);
	check_ok(flow_key_list(r, fresh(), &e));
	check(json_array_size(doc) == 2);
	check(same(said(json_array_get(doc, 0), "role"), "operator"));
	check(same(said(json_array_get(doc, 1), "id"), id));
	check(json_is_true(json_object_get(json_array_get(doc, 1), "here")));
	repo_close(r);
	r = NULL;
	check_ok(repo_open(&r, &o, &e));
	check_ok(flow_source_add(r, &w, fresh(), &e));
	check_ok(repo_fact(r, 3, &entry, &e));
	check(same(said(entry, "by"), id));
	end();
}

TEST(a_key_that_was_made_and_not_enrolled_is_enrolled_the_next_time)
{
	uint8_t made[SIGN_PUBLIC_LEN];
	char hex[2 * SIGN_PUBLIC_LEN + 1];

	begin();
	check_ok(repo_role_make(r, "approver", made, &e));
	check_ok(flow_key_add(r, "approver", fresh(), &e));
	check(same(said(doc, "key"), hex_encode(hex, made, sizeof(made))));
	end();
}

TEST(a_key_that_is_elsewhere_is_listed_and_said_not_to_be_here)
{
	uint8_t other[SIGN_PUBLIC_LEN];

	begin();
	check_ok(flow_key_add(r, "approver", fresh(), &e));
	check_ok(keydir_destroy(&r->keys, "roles/approver.key", &e));
	check_ok(flow_key_list(r, fresh(), &e));
	check(json_is_false(json_object_get(json_array_get(doc, 1), "here")));
	check_code(flow_key_add(r, "approver", fresh(), &e), E_CONFLICT);
	error_clear(&e);
	check_ok(repo_role_make(r, "approver", other, &e)); /* not the one that was enrolled */
	check_ok(flow_key_list(r, fresh(), &e));
	check(json_is_false(json_object_get(json_array_get(doc, 1), "here")));
	end();
}

/* --- files --- */

TEST(a_file_is_known_by_its_digest_and_only_a_file_is)
{
	char hex[HASH_HEX_MAX], pipe_path[PATH_LEN_MAX];

	begin();
	check_ok(flow_digest_file(paper, hex, &e));
	check(same(hex, paper_digest));
	check_code(flow_digest_file("/nowhere", hex, &e), E_NOT_FOUND);
	error_clear(&e);
	check_code(flow_digest_file(folder, hex, &e), E_USAGE);
	check_ok(path_join(pipe_path, folder, "pipe", &e));
	check(mkfifo(pipe_path, 0600) == 0);
	check_code(flow_digest_file(pipe_path, hex, &e), E_USAGE);
	end();
}

TEST_MAIN("rights")
