#include "flow/hold.h"

#include <stdio.h>

#include "base/test.h"
#include "base/text.h"
#include "flow/look.h"
#include "flow/order.h"
#include "flow/uses.h"
#include "flow/world.h"

#define INFER "infer:IdentityVerification"

static struct error e;

/* Fails as it should; and the next call begins with a clean story. */
#define refused(call, code)						\
	do {								\
		check_code(call, code);					\
		error_clear(&e);					\
	} while (0)

static struct world *four_records(void)
{
	struct world *w = world_open();

	world_source("s", "none", "train:Purpose");
	world_file("a", "one");
	world_file("b", "two");
	world_file("c", "three");
	world_file("d", "four");
	check_ok(world_ingest("s", NULL));
	return w;
}

static void hold(struct repo *r, const char *selector, const char *until)
{
	const struct hold_words words = { selector, "tax office: keep", until };
	scoped_json *doc = NULL;

	check_ok(flow_hold(r, &words, &doc, &e));
}

static void order(struct repo *r, const char *selector)
{
	const struct order_words words = { .selector = selector, .authority = "a", .reason = "r" };
	scoped_json *doc = NULL;

	check_ok(flow_order_open(r, &words, &doc, &e));
}

static void check_order(struct repo *r, const char *id, const char *state, size_t holds)
{
	scoped_json *doc = NULL;

	check_ok(flow_order_status(r, id, &doc, &e));
	check(strcmp(json_text_or(doc, "state", ""), state) == 0);
	check(json_array_size(json_object_get(doc, "holds")) == holds);
}

static void check_hold(struct repo *r, const char *id, const char *state, uint64_t records,
		       size_t orders)
{
	scoped_json *doc = NULL;

	check_ok(flow_holds(r, id, &doc, &e));
	check(strcmp(json_text_or(doc, "state", ""), state) == 0);
	check(json_number_or(doc, "records", 0) == records);
	check(json_array_size(json_object_get(doc, "orders")) == orders);
}

TEST(an_order_is_held_by_what_meets_it_alone_and_for_as_long)
{
	struct world *w = four_records();
	scoped_json *doc = NULL, *holds = NULL;
	uint64_t end;

	order(w->r, "record:0-1");
	order(w->r, "record:3");
	check_order(w->r, "o1", "open", 0);
	hold(w->r, "record:1-2", "2090-01-01");
	check_order(w->r, "o1", "held", 1);
	check_order(w->r, "o2", "open", 0);
	check_hold(w->r, "h1", "active", 2, 1);
	check_ok(flow_order_status(w->r, "o1", &doc, &e));
	holds = json_incref(json_array_get(json_object_get(doc, "holds"), 0));
	check(strcmp(json_text_or(holds, "hold", ""), "h1") == 0);
	check(strcmp(json_text_or(holds, "reason", ""), "tax office: keep") == 0);
	check(strcmp(json_text_or(holds, "until", ""), "2090-01-01T00:00:00Z") == 0);
	check(json_number_or(holds, "records", 0) == 1);
	check_ok(time_parse(&end, "2090-01-01", &e));
	w->r->at_utc_ms = end - 1;
	check_order(w->r, "o1", "held", 1);
	w->r->at_utc_ms = end;
	check_order(w->r, "o1", "open", 0);
	check_hold(w->r, "h1", "ended", 2, 0);
	world_close();
}

TEST(a_hold_that_was_released_holds_nothing)
{
	struct world *w = four_records();
	scoped_json *doc = NULL, *again = NULL;

	order(w->r, "record:0-1");
	hold(w->r, "source:s", "2090-01-01");
	hold(w->r, "record:1", "2091-01-01");
	check_order(w->r, "o1", "held", 2);
	check_ok(flow_hold_release(w->r, "h1", "the case is closed", &doc, &e));
	check(strcmp(json_text_or(doc, "state", ""), "released") == 0);
	check(json_is_string(json_object_get(doc, "released")));
	check(strcmp(json_text_or(doc, "release_reason", ""), "the case is closed") == 0);
	check(strcmp(json_text_or(doc, "reason", ""), "tax office: keep") == 0);
	check_order(w->r, "o1", "held", 1);
	refused(flow_hold_release(w->r, "h1", NULL, &again, &e), E_CONFLICT);
	refused(flow_hold_release(w->r, "h3", NULL, &again, &e), E_NOT_FOUND);
	refused(flow_hold_release(w->r, "h", NULL, &again, &e), E_NOT_FOUND);
	check_ok(flow_hold_release(w->r, "h2", NULL, &again, &e));
	check_order(w->r, "o1", "open", 0);
	world_close();
}

TEST(a_hold_changes_no_decision)
{
	const char *d[] = { "d" };
	struct model_words m = { .name = "m", .datasets = d, .dataset_count = 1 };
	scoped_json *dataset = NULL, *model = NULL, *before = NULL, *after = NULL;
	struct world *w = four_records();

	check_ok(flow_dataset_create(w->r, "d", "train:IdentityVerification", NULL, &dataset, &e));
	m.path = world_beside("weights");
	check_ok(flow_model_add(w->r, &m, &model, &e));
	check_ok(flow_gate(w->r, "m", INFER, NULL, &before, &e));
	hold(w->r, "source:s", "2090-01-01");
	check_ok(flow_gate(w->r, "m", INFER, NULL, &after, &e));
	json_object_del(before, "as_of");
	json_object_del(after, "as_of");
	check(json_equal(before, after));
	world_close();
}

TEST(what_an_order_has_destroyed_is_not_held_any_more)
{
	scoped_json *plan = NULL, *approved = NULL, *done = NULL;
	scoped(set) *all = NULL;
	struct world *w = four_records();
	bool any;

	order(w->r, "record:0-1");
	check_ok(flow_order_plan(w->r, "o1", &plan, &e));
	check_ok(flow_order_approve(w->r, "o1", json_text_or(plan, "plan", ""), &approved, &e));
	check_ok(flow_order_execute(w->r, "o1", NULL, &done, &e));
	check(strcmp(json_text_or(done, "state", ""), "certified") == 0);
	hold(w->r, "source:s", "2090-01-01");
	check_hold(w->r, "h1", "active", 2, 0);
	check_order(w->r, "o1", "certified", 0);
	check_ok(set_from_text(&all, "0-1", SIZE_MAX, &e));
	check_ok(holds_any(w->r, all, w->r->at_utc_ms, &any, &e));
	check(!any);
	check_ok(set_add(all, 2, &e));
	check_ok(holds_any(w->r, all, w->r->at_utc_ms, &any, &e));
	check(any);
	refused(flow_hold(w->r, &(struct hold_words){ "record:0-1", "r", "2090-01-01" }, &done, &e),
		E_NOT_FOUND);
	world_close();
}

TEST(words_that_hold_nothing_are_refused)
{
	static const struct {
		struct hold_words words;
		int code;
	} wrong[] = {
		{ { "record:0", NULL, "2090-01-01" }, E_USAGE },
		{ { "record:0", "", "2090-01-01" }, E_USAGE },
		{ { "record:0", "\xff", "2090-01-01" }, E_USAGE },
		{ { "record:0", "r", NULL }, E_USAGE },
		{ { "record:0", "r", "soon" }, E_USAGE },
		{ { "record:0", "r", "2014-03-01" }, E_USAGE },
		{ { "record:", "r", "2090-01-01" }, E_USAGE },
		{ { "source:nobody", "r", "2090-01-01" }, E_NOT_FOUND },
	};
	struct world *w = four_records();
	uint64_t facts = world_facts();
	static char longest[16386];
	scoped_json *doc = NULL;

	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		refused(flow_hold(w->r, &wrong[i].words, &doc, &e), wrong[i].code);
	memset(longest, 'x', sizeof(longest) - 1);
	refused(flow_hold(w->r, &(struct hold_words){ "record:0", longest, "2090-01-01" }, &doc, &e),
		E_USAGE);
	check(world_facts() == facts);
	hold(w->r, "record:0", "2090-01-01");
	longest[16384] = '\0';
	check_ok(flow_hold(w->r, &(struct hold_words){ "record:0", longest, "2090-01-01" }, &doc, &e));
	world_close();
}

TEST(nothing_of_a_hold_but_a_number_is_public)
{
	struct world *w = four_records();
	scoped_json *made = NULL, *released = NULL, *doc = NULL;
	static const char *const members[] = { "v", "type", "at", "by", "private", "records", NULL };
	static const char *const members2[] = { "v", "type", "at", "by", "private", "hold", NULL };

	hold(w->r, "path:a*", "2090-01-01");
	check_ok(repo_fact(w->r, world_facts() - 1, &made, &e));
	check_ok(json_only(made, members, &e));
	check_ok(flow_hold_release(w->r, "h1", "secret", &doc, &e));
	check_ok(repo_fact(w->r, world_facts() - 1, &released, &e));
	check_ok(json_only(released, members2, &e));
	world_close();
}

TEST(status_and_show_tell_of_holds)
{
	struct world *w = four_records();
	struct order_words words = { .selector = "record:0", .authority = "a", .reason = "r",
				     .due = "2030-01-01" };
	scoped_json *opened = NULL, *status = NULL, *shown = NULL;
	const json_t *due;

	check_ok(flow_order_open(w->r, &words, &opened, &e));
	hold(w->r, "record:0", "2090-01-01");
	hold(w->r, "record:1", "2090-01-01");
	check_ok(flow_status(w->r, &status, &e));
	check(json_number_or(status, "holds", 0) == 2);
	due = json_array_get(json_object_get(status, "due"), 0);
	check(strcmp(json_text_or(due, "state", ""), "held") == 0);
	check_ok(flow_show(w->r, "h2", &shown, &e));
	check(strcmp(json_text_or(shown, "selector", ""), "record:1") == 0);
	world_close();
}

/* Everything that holds and orders say. */
static json_t *all_said(struct repo *r)
{
	json_t *list = json_array_make(&e), *holds = NULL, *orders = NULL;

	check_ok(flow_holds(r, NULL, &holds, &e));
	check_ok(flow_order_status(r, NULL, &orders, &e));
	json_add_new(list, holds, &e);
	json_add_new(list, orders, &e);
	check_ok(e.code);
	return list;
}

TEST(a_rebuilt_catalog_holds_the_same)
{
	struct repo_options o = { .at_utc_ms = TIME_NONE, .rebuild = true };
	struct world *w = four_records();
	scoped_json *before = NULL, *after = NULL, *doc = NULL;
	char folder[PATH_LEN_MAX + 4];

	order(w->r, "record:0-2");
	hold(w->r, "record:1-2", "2090-01-01");
	hold(w->r, "record:2", "2091-01-01");
	check_ok(flow_hold_release(w->r, "h2", "r", &doc, &e));
	before = all_said(w->r);
	snprintf(folder, sizeof(folder), "%s/..", w->r->folder);
	o.folder = folder;
	repo_close(w->r);
	w->r = NULL;
	check_ok(repo_open(&w->r, &o, &e));
	after = all_said(w->r);
	check(json_equal(before, after));
	check_order(w->r, "o1", "held", 1);
	world_close();
}

WORLD_MAIN("hold")
