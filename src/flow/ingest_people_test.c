/* Who is on a picture, what is known of it, and what was to come never again. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/test.h"
#include "flow/look.h"
#include "flow/world.h"
#include "repo/never.h"

#define USE "train:IdentityVerification"

static struct error e;

TEST(each_is_decided_by_who_is_on_it)
{
	struct world *w = world_open();
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1 };
	scoped(set) *tagged = NULL;
	struct tag t;

	world_source("s", "personal", USE);
	world_grant("ann", NULL, USE);
	world_grant("bob", NULL, USE);
	world_file("1", "1");
	world_file("2", "2");
	world_file("3", "3");
	world_file("4", "4");
	words.subjects = world_beside("subject,path\nann,1\nbob,2\nann,2\neve,3\nann,./3\nann,5\n");
	check(world_ingest_words(&words) == E_PARTIAL);
	check(world_number("accepted") == 2 && world_reason("no-grant") == 2);
	check(world_told("/3: ") && world_told("/4: "));
	check(world_told("1 of its paths is no file that was found (the first: 5)"));
	check(world_number("unmatched") == 1);
	assert_string_equal(world_field(0, "subject"), "ann");
	check_ok(set_create(&tagged, &e));
	repo_tag(w->r, &t, TAG_SUBJECT, "ann", 3);
	check_ok(catalog_tagged(w->r->catalog, TAG_SUBJECT, &t, tagged, &e));
	check(set_count(tagged) == 2);
}

TEST(attributes_are_on_the_card)
{
	struct world *w = world_open();
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1 };
	scoped(fields) *card = NULL;
	struct catalog_record rec;
	size_t colours = 0, sizes = 0;

	world_source("s", "none", USE);
	world_file("1", "1");
	words.attrs = world_beside("path,key,value\n1,size,=big\n1,Colour,red\n");
	check(world_ingest_words(&words) == 0);
	rec = world_record(0);
	check_ok(repo_card(w->r, &rec, true, &card, &e));
	check(card->count == FIELDS_STEP);
	for (size_t i = 0; i < card->count; i++) {
		if (strcmp(card->list[i].name, "attr") != 0)
			continue;
		colours += strcmp(buf_text(card->list[i].value), "Colour=red") == 0;
		sizes += strcmp(buf_text(card->list[i].value), "size==big") == 0;
	}
	check(colours == 1 && sizes == 1);
}

static bool is_tagged(struct world *w, uint8_t kind, const char *value, uint64_t pos)
{
	struct tag t;
	bool has;

	repo_tag(w->r, &t, kind, value, strlen(value));
	check_ok(catalog_has_tag(w->r->catalog, kind, &t, pos, &has, &e));
	return has;
}

static void shows(struct world *w, uint64_t copies, size_t subjects)
{
	scoped_json *o = NULL;

	check_ok(flow_record(w->r, 0, &o, &e));
	check(json_number_or(o, "copies", 9) == copies);
	check(json_array_size(json_object_get(o, "subjects")) == subjects);
}

static void rebuild(struct world *w)
{
	struct repo_options o = { .at_utc_ms = UINT64_MAX, .rebuild = true, .task = &w->task };
	char folder[PATH_LEN_MAX];

	snprintf(folder, sizeof(folder), "%.*s", (int)(strlen(w->r->folder) - strlen("/.rescind")),
		 w->r->folder);
	o.folder = folder;
	repo_close(w->r);
	w->r = NULL;
	check_ok(repo_open(&w->r, &o, &e));
}

TEST(a_copy_brings_its_people_and_attributes_along)
{
	struct world *w = world_open();
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1 };
	scoped_json *o = NULL;

	world_source("s", "none", USE);
	world_grant("ann", NULL, USE);
	world_grant("bob", NULL, USE);
	world_file("1", "same");
	words.subjects = world_beside("path,subject\n1,ann\n");
	check(world_ingest_words(&words) == 0);
	world_file("2", "same");
	words.subjects = world_beside("path,subject\n2,bob\n2,ann\n");
	check(world_ingest_words(&words) == 0);
	check(world_number("accepted") == 0 && world_number("copies") == 2);
	check(world_records() == 1 && is_tagged(w, TAG_SUBJECT, "bob", 0));
	shows(w, 1, 2);
	/* At the same place, with something new; and then not. */
	words.subjects = NULL;
	words.attrs = world_beside("path,key,value\n1,size,big\n");
	check(world_ingest_words(&words) == 0);
	check(is_tagged(w, TAG_ATTR, "size=big", 0));
	shows(w, 2, 2);
	check(world_ingest_words(&words) == 0);
	shows(w, 2, 2);
	words.attrs = world_beside("path,key,value\n2,size,small\n");
	check(world_ingest_words(&words) == 0);
	shows(w, 3, 2);
	check_ok(flow_record(w->r, 0, &o, &e));
	check(json_array_size(json_object_get(json_object_get(o, "attrs"), "size")) == 2);
	/* All of it is found again. */
	rebuild(w);
	check(world_records() == 1 && is_tagged(w, TAG_SUBJECT, "bob", 0));
	check(is_tagged(w, TAG_ATTR, "size=big", 0) && is_tagged(w, TAG_ATTR, "size=small", 0));
	shows(w, 3, 2);
}

TEST(whom_only_a_copy_names_must_speak_too_before_it_comes_back)
{
	struct world *w = world_open();
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1 };
	const char *both[] = { "bob", "ann" };
	scoped(fields) *card = NULL;
	scoped(buf) *list = NULL;
	struct catalog_record rec;
	struct hash content;
	uint64_t order;
	bool same;

	world_source("s", "none", USE);
	world_grant("ann", NULL, USE);
	world_grant("bob", NULL, USE);
	world_file("1", "same");
	words.subjects = world_beside("path,subject\n1,ann\n");
	check(world_ingest_words(&words) == 0);
	words.subjects = world_beside("path,subject\n1,bob\n1,ann\n");
	check(world_ingest_words(&words) == 0);
	rec = world_record(0);
	check_ok(repo_card(w->r, &rec, true, &card, &e));
	check_ok(buf_create(&list, 64, &e));
	check_ok(never_put(w->r, 0, card, list, &e));
	check(list->len == 4 * sizeof(struct tag));
	check_ok(catalog_begin(w->r->catalog, &e));
	check_ok(never_fold(w->r, 1, list, &e));
	check_ok(catalog_commit(w->r->catalog, &e));
	hash_bytes(&content, "same", 4);
	check_ok(never_check(w->r, &content, both + 1, 1, &order, &same, &e));
	check(order == 1 && !same);
	check_ok(never_check(w->r, &content, both, 2, &order, &same, &e));
	check(order == 1 && same);
}

TEST(a_person_that_only_a_copy_names_may_deny)
{
	struct world *w = world_open();
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1,
				      .quarantine = true };
	scoped_json *o = NULL;

	world_source("s", "personal", USE);
	world_grant("ann", NULL, USE);
	world_file("1", "same");
	words.subjects = world_beside("path,subject\n1,ann\n");
	check(world_ingest_words(&words) == 0);
	check_ok(flow_explain(w->r, "0", USE, &o, &e));
	words.subjects = world_beside("path,subject\n1,ann\n1,eve\n");
	check(world_ingest_words(&words) == 0);
	check(world_number("copies") == 1 && world_records() == 1);
	json_decref(o);
	o = NULL;
	check_code(flow_explain(w->r, "0", USE, &o, &e), E_DENIED);
	error_clear(&e);
	check(world_record(0).status == RECORD_LIVE);
}

static bool is_copied(struct world *w, uint64_t pos)
{
	scoped_json *o = NULL;

	check_ok(flow_record(w->r, pos, &o, &e));
	return json_number_or(o, "copies", 0) > 0;
}

TEST(what_was_quarantined_is_let_in_by_ingesting_it_again)
{
	struct world *w = world_open();
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1,
				      .quarantine = true };

	world_source("s", "personal", USE);
	world_file("1", "one");
	words.subjects = world_beside("path,subject\n1,ann\n");
	check(world_ingest_words(&words) == 0);
	check(world_number("quarantined") == 1);
	/* Denied still: it is the same again. */
	check(world_ingest_words(&words) == 0);
	check(world_number("copies") == 1 && world_records() == 1);
	world_grant("ann", NULL, USE);
	words.quarantine = false;
	check(world_ingest_words(&words) == 0);
	check(world_number("accepted") == 1 && world_records() == 2);
	check(world_record(0).status == RECORD_QUARANTINED && world_record(1).status == RECORD_LIVE);
	/* And from then on the copies are of the one that was let in. */
	check(world_ingest_words(&words) == 0);
	check(world_number("copies") == 1 && world_records() == 2);
	world_file("2", "one");
	words.subjects = world_beside("path,subject\n1,ann\n2,ann\n");
	check(world_ingest_words(&words) == 0);
	check(world_number("copies") == 2 && world_records() == 2);
	check(is_copied(w, 1) && !is_copied(w, 0));
}

/* Put a content with a subject on the never-again list of an order. */
static void never_again(struct world *w, const char *content, const char *subject)
{
	struct catalog_thing order = { .kind = THING_ORDER, .id = 1, .name = "o1",
				       .state = ORDER_CERTIFIED, .body = "{}" };
	scoped(fields) *card = NULL;
	scoped(buf) *list = NULL;
	struct hash h;

	order.fact = world_facts() - 1;
	hash_bytes(&h, content, strlen(content));
	check_ok(fields_create(&card, &e));
	check_ok(fields_add(card, "content", h.b, HASH_LEN, &e));
	if (subject)
		check_ok(fields_add_text(card, "subject", subject, &e));
	check_ok(buf_create(&list, 64, &e));
	check_ok(never_put(w->r, 999, card, list, &e));
	check_ok(catalog_begin(w->r->catalog, &e));
	check_ok(catalog_put_thing(w->r->catalog, &order, &e));
	check_ok(never_fold(w->r, 1, list, &e));
	check_ok(catalog_commit(w->r->catalog, &e));
}

TEST(what_an_order_took_back_comes_in_never_again)
{
	struct world *w = world_open();

	world_source("s", "none", USE);
	world_file("x", "gone");
	world_file("y", "other");
	never_again(w, "gone", NULL);
	check(world_ingest("s", NULL) == E_PARTIAL);
	check(world_reason("never-again") == 1 && world_number("accepted") == 1);
	check(world_told("/x: never-again\n"));
	check(world_ingest_words(&(struct ingest_words){
		      .source = "s", .paths = &w->files, .path_count = 1, .quarantine = true }) ==
	      E_PARTIAL);
	check(world_number("quarantined") == 0 && world_number("refused") == 1);
}

TEST(a_fresh_grant_by_the_same_person_lifts_it)
{
	struct world *w = world_open();
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1 };

	world_source("s", "personal", USE);
	world_grant("ann", NULL, USE);
	world_grant("bob", NULL, USE);
	world_file("x", "gone");
	never_again(w, "gone", "ann");
	words.subjects = world_beside("path,subject\nx,ann\n");
	check(world_ingest_words(&words) == E_DENIED);
	check(world_reason("never-again") == 1);
	world_grant("bob", NULL, USE);
	check(world_ingest_words(&words) == E_DENIED);
	world_grant("ann", NULL, USE);
	/* Not for another person's word about it, nor for hers when more are named. */
	words.subjects = world_beside("path,subject\nx,bob\n");
	check(world_ingest_words(&words) == E_DENIED);
	words.subjects = world_beside("path,subject\nx,ann\nx,bob\n");
	check(world_ingest_words(&words) == E_DENIED);
	words.subjects = world_beside("path,subject\nx,ann\n");
	check(world_ingest_words(&words) == 0);
	check(world_number("accepted") == 1);
}

WORLD_MAIN("flow-ingest-people")
