#include "flow/record.h"

#include "base/test.h"
#include "flow/order.h"
#include "flow/rights.h"
#include "flow/world.h"

#define TRAIN "train:IdentityVerification"

static struct error e;

#define refused(call, code)						\
	do {								\
		check_code(call, code);					\
		error_clear(&e);					\
	} while (0)

static void dataset(struct repo *r, const char *name, const char *where)
{
	scoped_json *doc = NULL;

	check_ok(flow_dataset_create(r, name, TRAIN, where, &doc, &e));
}

static void model(struct repo *r, const char *name, const char *of_dataset, const char *parent)
{
	struct model_words m = { .name = name, .datasets = &of_dataset, .parents = &parent,
				 .dataset_count = of_dataset != NULL, .parent_count = parent != NULL };
	scoped_json *doc = NULL;

	m.path = world_beside("weights");
	check_ok(flow_model_add(r, &m, &doc, &e));
}

static void ingest(struct world *w, const char *source, const char *name, const char *transfer)
{
	struct ingest_words words = { .source = source, .transfer = transfer, .use = TRAIN };
	const char *paths[] = { world_path(name) };

	(void)w;
	words.paths = paths;
	words.path_count = 1;
	check_ok(world_ingest_words(&words));
}

/* Positions 0 and 1 from "a", 2 from "b"; datasets of each and of both. */
static struct world *two_sources(void)
{
	struct world *w = world_open();

	w->r->solo = true;
	world_source("a", "none", "train:Purpose");
	world_source("b", "none", "train:Purpose");
	world_transfer("b", "train:Purpose", "yes");
	world_file("one", "1");
	world_file("two", "2");
	world_file("three", "3");
	ingest(w, "a", "one", NULL);
	ingest(w, "a", "two", NULL);
	ingest(w, "b", "three", "t1");
	dataset(w->r, "both", NULL);
	dataset(w->r, "of-a", "source:a");
	model(w->r, "m", "both", NULL);
	return w;
}

static json_t *shown_record(struct repo *r, const char *name)
{
	json_t *doc = NULL;

	check_ok(flow_model_record(r, name, &doc, &e));
	check(json_is_array(json_object_get(doc, "record")));
	return doc;
}

static const json_t *row(const json_t *doc, size_t i)
{
	return json_array_get(json_object_get(doc, "record"), i);
}

static uint64_t number(const json_t *doc, size_t i, const char *member)
{
	return json_number_or(row(doc, i), member, UINT64_MAX);
}

static bool says(const json_t *doc, size_t i, const char *member, const char *text)
{
	return strcmp(json_text_or(row(doc, i), member, ""), text) == 0;
}

TEST(batches_of_one_source_terms_and_transfer_are_one_row)
{
	struct world *w = two_sources();
	scoped_json *doc = shown_record(w->r, "m");

	check(json_array_size(json_object_get(doc, "record")) == 2);
	check(says(doc, 0, "source", "a") && number(doc, 0, "count") == 2);
	check(json_is_null(json_object_get(row(doc, 0), "transfer")));
	check(json_is_null(json_object_get(row(doc, 0), "notified")));
	check(says(doc, 1, "source", "b") && number(doc, 1, "count") == 1);
	check(says(doc, 1, "transfer", "t1") && says(doc, 1, "notified", "yes"));
	for (size_t i = 0; i < 2; i++) {
		check(number(doc, i, "terms") == 1 && says(doc, i, "licence", "CC0-1.0"));
		check(says(doc, i, "basis", "consent") && says(doc, i, "people", "none"));
		check(says(doc, i, "grade", "declared"));
		check(number(doc, i, "denied") == 0 && number(doc, i, "erased") == 0);
		check(json_object_get(row(doc, i), "digest") && json_object_get(row(doc, i), "until"));
	}
	world_close();
}

TEST(only_what_the_checkpoint_holds_is_counted)
{
	struct world *w = two_sources();
	scoped_json *doc = NULL;

	model(w->r, "of-a", "of-a", NULL);
	doc = shown_record(w->r, "of-a");
	check(json_array_size(json_object_get(doc, "record")) == 1);
	check(says(doc, 0, "source", "a") && number(doc, 0, "count") == 2);
	world_close();
}

TEST(new_terms_make_a_new_row)
{
	struct terms_words terms = { .from = "2015-01-01", .licence = "CC-BY-4.0" };
	struct world *w = two_sources();
	scoped_json *said = NULL, *doc = NULL;

	terms.terms = world_beside("other terms");
	check_ok(flow_source_terms(w->r, "a", &terms, &said, &e));
	world_file("four", "4");
	ingest(w, "a", "four", NULL);
	dataset(w->r, "all", NULL);
	model(w->r, "n", "all", NULL);
	doc = shown_record(w->r, "n");
	check(json_array_size(json_object_get(doc, "record")) == 3);
	check(number(doc, 0, "terms") == 1 && says(doc, 0, "licence", "CC0-1.0"));
	check(number(doc, 2, "terms") == 2 && says(doc, 2, "licence", "CC-BY-4.0"));
	check(says(doc, 2, "from", "2015-01-01T00:00:00Z") && says(doc, 2, "source", "a"));
	check(strlen(json_text_or(row(doc, 2), "digest", "")) == 64);
	world_close();
}

TEST(a_child_rests_on_what_its_parents_rest_on)
{
	struct world *w = two_sources();
	scoped_json *doc = NULL;
	const json_t *edges;

	model(w->r, "child", NULL, "m");
	model(w->r, "grandchild", "of-a", "child");
	doc = shown_record(w->r, "grandchild");
	check(number(doc, 0, "count") == 2 && number(doc, 1, "count") == 1);
	check(number(doc, 0, "denied") == 0);
	edges = json_object_get(doc, "edges");
	check(json_array_size(edges) == 4);
	check(strcmp(json_text_or(json_array_get(edges, 0), "to", ""), "grandchild@1") == 0);
	check(strcmp(json_text_or(json_array_get(edges, 3), "from", ""), "both@1") == 0);
	check(strcmp(json_text_or(json_array_get(edges, 3), "to", ""), "m@1") == 0);
	check(strcmp(json_text_or(json_array_get(edges, 3), "grade", ""), "declared") == 0);
	check(strcmp(json_text_or(json_array_get(edges, 3), "input", ""), "dataset") == 0);
	check(strcmp(json_text_or(json_array_get(edges, 2), "input", ""), "model") == 0);
	check(json_number_or(json_array_get(edges, 3), "records", 0) == 3);
	world_close();
}

TEST(what_is_denied_now_and_what_is_erased_is_counted)
{
	struct order_words words = { .selector = "record:0", .authority = "a", .reason = "r" };
	struct world *w = two_sources();
	scoped_json *opened = NULL, *plan = NULL, *approved = NULL, *done = NULL, *before = NULL,
		    *after = NULL;

	check_ok(flow_order_open(w->r, &words, &opened, &e));
	before = shown_record(w->r, "m");
	check(number(before, 0, "denied") == 1 && number(before, 0, "erased") == 0);
	check(number(before, 1, "denied") == 0);
	check_ok(flow_order_plan(w->r, "o1", &plan, &e));
	check_ok(flow_order_approve(w->r, "o1", json_text_or(plan, "plan", ""), &approved, &e));
	check_ok(flow_order_execute(w->r, "o1", NULL, &done, &e));
	after = shown_record(w->r, "m");
	check(number(after, 0, "denied") == 1 && number(after, 0, "erased") == 1);
	check(number(after, 0, "count") == 2 && !json_object_get(after, "digest"));
	world_close();
}

TEST(a_name_that_nothing_has_is_refused)
{
	struct world *w = two_sources();
	scoped_json *doc = NULL;

	refused(flow_model_record(w->r, "nobody", &doc, &e), E_NOT_FOUND);
	refused(flow_model_record(w->r, NULL, &doc, &e), E_NOT_FOUND);
	check(!doc);
	world_close();
}

TEST(a_certificate_gets_the_rows_without_what_changes)
{
	static const char *const members[] = { "source", "terms", "licence", "basis", "transfer",
					       "count", NULL };
	struct world *w = two_sources();
	scoped_json *rows = NULL;
	scoped(arena) *a = NULL;
	struct model m;

	check_ok(arena_create(&a, &e));
	check_ok(model_named(w->r, a, "m", &m, &e));
	check_ok(record_rows(w->r, &m.set, &rows, &e));
	check(json_array_size(rows) == 2);
	for (size_t i = 0; i < 2; i++) {
		check_ok(json_only(json_array_get(rows, i), members, &e));
		check(json_object_size(json_array_get(rows, i)) == 6);
	}
	world_close();
}

WORLD_MAIN("record")
