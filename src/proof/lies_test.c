/* What an operator who holds the signing key may try. Every lie is signed as it should be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "base/test.h"
#include "proof/world.h"

TEST(a_fact_that_came_after_the_last_step_changes_nothing)
{
	struct world w;
	scoped(buf) *c = NULL;
	scoped(verdict) *v = NULL;

	world_begin(&w, LIE_FACT_AFTER, "example.org/log", 10);
	world_build(&w);
	c = world_certify(&w);
	v = world_verdict(&w, c);
	check(v->valid);
	world_end(&w);
}

TEST(every_lie_in_the_logs_is_refused_by_the_check_that_should)
{
	static const struct {
		enum lie lie;
		const char *refused_by;
	} lies[] = {
		{ LIE_BATCH_LEFT_OUT, "batches" },
		{ LIE_BATCH_OVERLAPS, "batches" },
		{ LIE_BATCH_LONGER, "batches positions" },
		{ LIE_LAST_BATCH_OTHER_ROOT, "batches" },
		{ LIE_ORDER_SAW_OTHER_RECORDS, "batches positions" },
		{ LIE_SET_SAW_OTHER_RECORDS, "batches retained" },
		{ LIE_FEWER_POSITIONS, "positions" },
		{ LIE_MORE_POSITIONS, "positions retained" },
		{ LIE_POSITIONS_TO_COME, "positions" },
		{ LIE_KEPT_WITHOUT_WORD, "positions" },
		{ LIE_KEPT_ELSEWHERE, "positions" },
		{ LIE_OTHER_SOURCE, "positions" },
		{ LIE_SECOND_POSITIONS, "openings positions" },
		{ LIE_WRONG_COUNT, "positions" },
		{ LIE_PLAN_OF_OTHER_ORDER, "plan steps unlearned" },
		{ LIE_PLAN_FACT_OF_OTHER_ORDER, "plan steps unlearned" },
		{ LIE_PLAN_FROM_BEFORE, "plan steps unlearned" },
		{ LIE_PLAN_STEP_UNKNOWN, "plan steps unlearned" },
		{ LIE_PLAN_STEP_MISNUMBERED, "plan steps unlearned" },
		{ LIE_PLAN_REACHED_A_NUMBER, "plan steps unlearned" },
		{ LIE_PLAN_SUBSET_OF_NOTHING, "plan steps unlearned" },
		{ LIE_APPROVED_BY_OPENER, "approval" },
		{ LIE_APPROVED_BY_LOG, "approval" },
		{ LIE_APPROVED_BY_UNKNOWN, "approval" },
		{ LIE_APPROVED_OTHER_PLAN, "approval" },
		{ LIE_APPROVED_OTHER_DEMAND, "approval" },
		{ LIE_APPROVED_ELSEWHERE, "approval" },
		{ LIE_APPROVAL_FACT_OF_OTHER_PLAN, "approval" },
		{ LIE_APPROVED_BEFORE_PLAN, "approval" },
		{ LIE_TWO_KEYS_ALIKE, "approval" },
		{ LIE_STEP_LEFT_OUT, "steps" },
		{ LIE_STEP_TWICE, "steps" },
		{ LIE_STEP_BEYOND, "steps" },
		{ LIE_STEP_OF_OTHER_ORDER, "steps" },
		{ LIE_STEP_BEFORE_APPROVAL, "steps" },
		{ LIE_MADE_NOT_SAID, "steps" },
		{ LIE_MADE_BEFORE, "steps" },
		{ LIE_MADE_NONE, "steps" },
		{ LIE_MADE_TOO_MANY, "steps" },
		{ LIE_MADE_TEXT, "steps" },
		{ LIE_MADE_A_MODEL, "retained" },
		{ LIE_SET_HAS_ONE, "retained" },
		{ LIE_SET_BEYOND_RECORDS, "retained" },
		{ LIE_TIME_GOES_BACK, "facts" },
		{ LIE_BATCH_EMPTY, "batches" },
		{ LIE_LAST_SWAPPED, "positions retained" },
		{ LIE_FIRST_SWAPPED, "positions retained" },
		{ LIE_OTHER_SOURCE_ALIKE, "positions" },
		{ LIE_OTHER_SOURCE_LONGER, "positions" },
		{ LIE_SOURCE_TOO_LATE, "positions" },
		{ LIE_TWO_SOURCES, "facts" },
		{ LIE_KEPT_AND_TAKEN, "positions" },
		{ LIE_KEPT_TO_COME, "positions" },
		{ LIE_NUL_IN_POSITIONS, "positions" },
		{ LIE_PLAN_FROM_LATER, "plan steps unlearned" },
		{ LIE_PLAN_FACT_LATER, "plan steps unlearned" },
		{ LIE_APPROVAL_FACT_OF_OTHER_ORDER, "approval" },
		{ LIE_MADE_LATER, "steps" },
		{ LIE_MADE_TWICE, "retained" },
		{ LIE_STEP_EMPTY, "steps" },
		{ LIE_HEAD_OF_OTHER_LOG, "heads facts batches as-of" },
	};

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		struct world w;
		scoped(buf) *c = NULL;
		char what[32];

		snprintf(what, sizeof(what), "lie %d", (int)lies[i].lie);
		world_begin(&w, lies[i].lie, "example.org/log", 10);
		world_build(&w);
		c = world_certify(&w);
		world_refused(&w, c, lies[i].refused_by, what);
		world_end(&w);
	}
}

/* An entry that cannot be read leaves nothing to look at. */
TEST(entries_that_say_more_or_other_than_they_should_are_refused)
{
	static const enum lie lies[] = { LIE_VERSION, LIE_MEMBER_MORE, LIE_SECONDS, LIE_INPUT_LATER,
					 LIE_INPUT_TEXT, LIE_STEP_ONE_NUMBER, LIE_STEP_FIRST_TEXT,
					 LIE_STEP_LAST_TEXT, LIE_STEP_ZERO };

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		struct world w;
		scoped(buf) *c = NULL;

		world_begin(&w, lies[i], "example.org/log", 10);
		world_build(&w);
		c = world_certify(&w);
		world_refused(&w, c, "facts openings batches demand positions plan approval steps "
				     "retained unlearned as-of", "an entry");
		world_end(&w);
	}
}

/* With no source to compare with, each of these is the only one that can see it. */
TEST(positions_are_what_was_demanded_whatever_the_selector)
{
	static const struct {
		enum lie lie;
		const char *member, *text;
	} lies[] = {
		{ LIE_SOURCE_BESIDE, NULL, NULL }, { LIE_KEPT_TO_COME, NULL, NULL },
		{ LIE_KEPT_AND_TAKEN, NULL, NULL }, { NO_LIE, "kept", "10-18" },
		{ NO_LIE, "kept", "" },
	};

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		scoped(buf) *c = NULL, *edited = NULL;
		scoped_json *j = NULL;
		struct world w;

		world_begin(&w, lies[i].lie, "example.org/log", 10);
		w.plain_selector = true;
		world_build(&w);
		c = world_certify(&w);
		j = statement_of(c);
		if (lies[i].member)
			json_object_set_new(predicate_of(j), lies[i].member,
					    json_string(lies[i].text));
		edited = world_sign(&w, j, true);
		world_refused(&w, edited, "positions", "no source");
		world_end(&w);
	}
}

/* A container shown as another one, or as one that ends early, would have nothing to open. */
TEST(a_container_cannot_be_shown_elsewhere)
{
	static const struct {
		json_int_t number, size;
	} lies[] = { { 1, 100000 }, { 0, 20000 }, { 1, 131072 }, { 0, 20012 } };
	scoped(buf) *c = NULL;
	struct hash root;
	struct world w;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	w.large = 1;
	world_build(&w);
	c = world_certify(&w);
	world_container_root(&w.sets[0], 0, &root);
	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		scoped_json *j = statement_of(c);
		json_t *k = json_array_get(json_object_get(predicate_of(j),
							   "containers"), 0);
		scoped(buf) *lie = NULL;

		check(json_object_get(k, "opening"));
		json_object_del(k, "opening");
		json_object_set_new(k, "root", json_string(hash_hex(&root).s));
		json_object_set_new(k, "number", json_integer(lies[i].number));
		json_object_set_new(k, "size", json_integer(lies[i].size));
		lie = world_sign(&w, j, true);
		world_refused(&w, lie, "retained", "elsewhere");
	}
	world_end(&w);
}

/* ---- edits of the statement ---- */

struct edit {
	const char *what, *refused_by;
	void (*change)(json_t *predicate);
	bool keep_proof;
};

static json_t *item(json_t *predicate, const char *list, size_t i)
{
	json_t *j = json_array_get(json_object_get(predicate, list), i);

	check(j);
	return j;
}

static void drop_fact(json_t *predicate, const char *type, size_t nth)
{
	json_t *list = json_object_get(predicate, "facts");
	char member[64];

	snprintf(member, sizeof(member), "\"type\":\"%s\"", type);
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strstr(json_text_or(json_array_get(list, i), "entry", ""), member) && nth-- == 0) {
			check(json_array_remove(list, i) == 0);
			return;
		}
	fail_msg("no %s", type);
}

static void drop_opening(json_t *predicate, const char *field, size_t nth)
{
	json_t *list = json_object_get(predicate, "openings");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_text_or(json_array_get(list, i), "field", ""), field) == 0 &&
		    nth-- == 0) {
			check(json_array_remove(list, i) == 0);
			return;
		}
	fail_msg("no %s", field);
}

static void swap(json_t *predicate, const char *list, const char *member)
{
	json_t *a = item(predicate, list, 0), *b = item(predicate, list, 1);
	json_t *x = json_incref(json_object_get(a, member));

	json_object_set(a, member, json_object_get(b, member));
	json_object_set_new(b, member, x);
}

static void without_first_batch(json_t *p) { drop_fact(p, "batch", 0); }
static void without_batch_between(json_t *p) { drop_fact(p, "batch", 1); }
static void without_last_batch(json_t *p) { drop_fact(p, "batch", 2); }
static void without_init(json_t *p) { drop_fact(p, "init", 0); }
static void without_opener(json_t *p) { drop_fact(p, "key", 0); }
static void without_approver(json_t *p) { drop_fact(p, "key", 1); }
static void without_approval(json_t *p) { drop_fact(p, "approval", 0); }
static void without_source(json_t *p) { drop_fact(p, "source", 0); }
static void without_source_name(json_t *p) { drop_opening(p, "name", 0); }
static void without_demand(json_t *p) { drop_opening(p, "demand", 0); }
static void without_positions(json_t *p) { drop_opening(p, "positions", 0); }
static void without_kept(json_t *p) { drop_opening(p, "kept", 0); }
static void without_id(json_t *p) { drop_opening(p, "id", 0); }
static void without_plan(json_t *p) { drop_opening(p, "plan", 0); }
static void without_made(json_t *p) { drop_opening(p, "done", 1); }

static void without_made_set(json_t *p)
{
	json_array_remove(json_object_get(p, "sets"), 0);
	drop_fact(p, "dataset", 0);
}

static void without_made_set_but_fact(json_t *p)
{
	json_array_remove(json_object_get(p, "sets"), 0);
}

static void without_last_set(json_t *p)
{
	json_array_remove(json_object_get(p, "sets"), 2);
	drop_fact(p, "model", 1);
}

static void set_twice(json_t *p)
{
	json_array_insert(json_object_get(p, "sets"), 0, item(p, "sets", 0));
}

static void sets_swapped(json_t *p)
{
	swap(p, "containers", "opening");
}

static void containers_of_other_set(json_t *p)
{
	json_object_set(item(p, "sets", 1), "containers",
			json_object_get(item(p, "sets", 2), "containers"));
}

static void smaller_set(json_t *p)
{
	for (size_t i = 0; i < 2; i++)
		json_object_set_new(item(p, "containers", i), "size", json_integer(1600));
}

/* A set of no positions has nothing to open. */
static void empty_sets(json_t *p)
{
	for (size_t i = 0; i < 3; i++)
		json_object_set_new(item(p, "sets", i), "containers", json_array());
	json_array_clear(json_object_get(p, "containers"));
}

static void root_instead_of_opening(json_t *p)
{
	json_t *c = item(p, "containers", 0);

	json_object_del(c, "opening");
	json_object_set_new(c, "root", json_string("00000000000000000000000000000000"
						   "00000000000000000000000000000000"));
}

static void opening_cut(json_t *p)
{
	json_object_set_new(item(p, "containers", 0), "opening", json_string(""));
}

static void container_from_nowhere(json_t *p)
{
	json_array_append_new(json_object_get(item(p, "sets", 0), "containers"), json_integer(7));
}

static void container_from_far_away(json_t *p)
{
	json_array_append_new(json_object_get(item(p, "sets", 0), "containers"),
			      json_integer(INT64_C(1) << 40));
}

static void other_text(json_t *p, const char *key, const char *text)
{
	json_object_set_new(p, key, json_string(text));
}

static void fewer_listed(json_t *p) { other_text(p, "positions", "0-9,20-999,1500-1998"); }
static void more_kept(json_t *p) { other_text(p, "kept", "10-18"); }
static void earlier(json_t *p) { other_text(p, "issued", "2014-03-01T12:00:00Z"); }
static void other_origin(json_t *p) { other_text(p, "origin", "example.org/other"); }

static void other_id(json_t *p)
{
	json_object_set_new(json_object_get(p, "order"), "id", json_string("o2"));
}

static void step_not_listed(json_t *p)
{
	json_array_remove(json_object_get(json_object_get(p, "order"), "steps"), 1);
	drop_fact(p, "step", 1);
}

static void step_listed_only(json_t *p) { drop_fact(p, "step", 0); }

static void steps_swapped(json_t *p)
{
	json_t *list = json_object_get(json_object_get(p, "order"), "steps");

	json_array_insert(list, 0, json_array_get(list, 1));
	json_array_remove(list, 2);
}

static void step_listed_twice(json_t *p)
{
	json_t *list = json_object_get(json_object_get(p, "order"), "steps");

	json_array_insert(list, 0, json_array_get(list, 0));
}

static void last_step_left_out(json_t *p)
{
	json_array_remove(json_object_get(json_object_get(p, "order"), "steps"), 2);
	drop_fact(p, "step", 2);
}

static void opening_of_another_field(json_t *p)
{
	swap(p, "openings", "salt");
}

static void opening_twice(json_t *p)
{
	json_array_insert(json_object_get(p, "openings"), 0, item(p, "openings", 0));
}

static void opening_of_nothing(json_t *p)
{
	json_object_set_new(item(p, "openings", 0), "n", json_integer(4));
}

static void path_longer(json_t *p)
{
	json_object_set_new(item(p, "openings", 0), "path", json_string(""));
}

static void format_of_later(json_t *p)
{
	json_object_set_new(p, "format", json_integer(2));
}

static void salt_of_nothing(json_t *p)
{
	json_object_set_new(item(p, "openings", 0), "salt", json_string(""));
}

/* Withholding says "personal"; the commitment stays the same. */
static void demand_swapped_for_commitment(json_t *p)
{
	json_t *o = item(p, "openings", 2);

	check(strcmp(json_text_or(o, "field", ""), "demand") == 0);
	json_object_del(o, "salt");
	json_object_del(o, "value");
	json_object_set_new(o, "commitment", json_string("00000000000000000000000000000000"
							 "00000000000000000000000000000000"));
}

static void positions_withheld(json_t *p)
{
	json_t *o = item(p, "openings", 3);

	check(strcmp(json_text_or(o, "field", ""), "positions") == 0);
	json_object_del(o, "salt");
	json_object_del(o, "value");
	json_object_set_new(o, "commitment", json_string("00000000000000000000000000000000"
							 "00000000000000000000000000000000"));
}

static void heads_swapped(json_t *p)
{
	json_t *h = json_object_get(p, "heads"), *x = json_incref(json_object_get(h, "facts"));

	json_object_set(h, "facts", json_object_get(h, "records"));
	json_object_set_new(h, "records", x);
}

static void entries_swapped(json_t *p) { swap(p, "facts", "entry"); }
static void proof_cut(json_t *p) { other_text(p, "facts_proof", ""); }

static void fact_number_twice(json_t *p)
{
	json_array_insert(json_object_get(p, "facts"), 0, item(p, "facts", 0));
}

#define UNREAD "facts openings batches demand positions plan approval steps retained unlearned as-of"

static const struct edit edits[] = {
	{ "first batch", "batches positions", without_first_batch, false },
	{ "a batch between", "batches", without_batch_between, false },
	{ "last batch", "batches positions", without_last_batch, false },
	{ "no init", "facts approval", without_init, false },
	{ "no opener", "approval", without_opener, false },
	{ "no approver", "approval", without_approver, false },
	{ "no approval", "facts approval", without_approval, false },
	{ "no source", "openings positions", without_source, false },
	{ "no source name", "positions", without_source_name, false },
	{ "no demand", "demand positions", without_demand, false },
	{ "no positions", "positions", without_positions, false },
	{ "no kept", "positions", without_kept, false },
	{ "no id", "demand", without_id, false },
	{ "no plan", "plan approval steps unlearned", without_plan, false },
	{ "no made", "steps", without_made, false },
	{ "made set not listed", "retained", without_made_set, false },
	{ "made set only shown", "retained", without_made_set_but_fact, false },
	{ "container without set", "retained", without_last_set, false },
	{ "a set twice", "retained", set_twice, false },
	{ "openings of each other", "retained", sets_swapped, false },
	{ "containers of another set", "retained", containers_of_other_set, false },
	{ "smaller", "retained", smaller_set, false },
	{ "empty", "retained", empty_sets, false },
	{ "no opening", "retained", root_instead_of_opening, false },
	{ "opening cut", "retained", opening_cut, false },
	{ "no such container", "retained", container_from_nowhere, false },
	{ "a container far beyond them", "retained", container_from_far_away, false },
	{ "fewer", "positions retained", fewer_listed, false },
	{ "fewer kept", "positions", more_kept, false },
	{ "issued before", "facts", earlier, false },
	{ "origin", "signature key heads facts batches approval as-of", other_origin, false },
	{ "another id", "demand", other_id, false },
	{ "a step not listed", "openings steps", step_not_listed, false },
	{ "a step only listed", "facts openings steps", step_listed_only, false },
	{ "steps swapped", "steps", steps_swapped, false },
	{ "a step listed twice", "facts steps", step_listed_twice, false },
	{ "last step", "openings steps", last_step_left_out, false },
	{ "salts", "openings", opening_of_another_field, false },
	{ "opening twice", "openings", opening_twice, false },
	{ "opening of no fact", "openings positions", opening_of_nothing, false },
	{ "path", "openings", path_longer, false },
	{ "salt", "encoding signature key heads " UNREAD, salt_of_nothing, false },
	{ "format", "encoding signature key heads " UNREAD, format_of_later, false },
	{ "other commitment", "openings demand positions", demand_swapped_for_commitment, false },
	{ "positions withheld", "openings positions", positions_withheld, false },
	{ "heads", "heads facts batches as-of", heads_swapped, false },
	{ "entries", "facts approval", entries_swapped, true },
	{ "proof", "facts", proof_cut, true },
	{ "a fact twice", UNREAD, fact_number_twice, true },
};

TEST(every_lie_in_the_statement_is_refused_by_the_check_that_should)
{
	struct world w;
	scoped(buf) *certificate = NULL;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	world_build(&w);
	certificate = world_certify(&w);
	for (size_t i = 0; i < COUNT_OF(edits); i++) {
		scoped_json *j = statement_of(certificate);
		scoped(buf) *lie = NULL;

		edits[i].change(predicate_of(j));
		lie = world_sign(&w, j, !edits[i].keep_proof);
		world_refused(&w, lie, edits[i].refused_by, edits[i].what);
	}
	world_end(&w);
}

/* Each of these containers is opened whole: 150 bytes that ask for 262,144 hashes. */
static void many_containers(json_t *p, size_t count)
{
	json_t *list = json_array();
	char zeros[45];

	memset(zeros, 'A', 43);
	strcpy(zeros + 43, "=");
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_pack("{s:i,s:i,s:s}", "number", 0, "size", 65536,
						      "opening", zeros));
	json_object_set_new(p, "containers", list);
	json_object_set_new(p, "positions", json_string("0-65535"));
}

TEST(more_work_than_honest_files_ask_for_is_refused_within_seconds)
{
	struct world w;
	scoped(buf) *certificate = NULL, *lie = NULL;
	scoped_json *j = NULL;
	scoped(verdict) *v = NULL;
	const char *detail = "";
	uint64_t began;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	world_build(&w);
	certificate = world_certify(&w);
	j = statement_of(certificate);
	many_containers(predicate_of(j), 150000);
	lie = world_sign(&w, j, true);
	began = sys->monotonic_us();
	v = world_verdict(&w, lie);
	check(lie->len > 15 << 20);
	printf("%zu MB refused in %.1f s\n", lie->len >> 20,
	       (double)(sys->monotonic_us() - began) / 1e6);
	check(!v->valid && sys->monotonic_us() - began < 60 * 1000000ULL);
	for (size_t i = 0; i < v->count; i++)
		if (strcmp(v->check[i].name, "retained") == 0)
			detail = v->check[i].detail;
	if (strcmp(detail, "more work than a file of this size may ask for") != 0)
		fail_msg("retained: %s", detail);
	world_end(&w);
}

TEST_MAIN("lies")
