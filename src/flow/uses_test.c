#include "flow/order.h"
#include "flow/uses.h"

#include <stdio.h>

#include "base/file.h"
#include "base/test.h"
#include "base/text.h"
#include "flow/rights.h"
#include "flow/world.h"

#define TRAIN "train:IdentityVerification"
#define INFER "infer:IdentityVerification"

static struct error e;

/* Fails as it should; and the next call begins with a clean story. */
#define refused(call, code)						\
	do {								\
		check_code(call, code);					\
		error_clear(&e);					\
	} while (0)

/* Photos of a source with nobody in them, a dataset, a checkpoint on it. */
static struct world *some_model(void)
{
	const char *d[] = { "d" };
	struct model_words m = { .name = "m", .datasets = d, .dataset_count = 1 };
	scoped_json *dataset = NULL, *model = NULL;
	struct world *w = world_open();

	w->r->solo = true;
	world_source("s", "none", "train:Purpose");
	world_file("a", "one");
	world_file("b", "two");
	check_ok(world_ingest("s", NULL));
	check_ok(flow_dataset_create(w->r, "d", TRAIN, NULL, &dataset, &e));
	m.path = world_beside("weights");
	check_ok(flow_model_add(w->r, &m, &model, &e));
	return w;
}

static const char *deploy(struct repo *r, const char *stop)
{
	struct deploy_words w = { .model = "m", .product = "DoorCam", .use = INFER, .stop = stop,
				  .from = "2014-06-01" };
	static char id[24];
	scoped_json *doc = NULL;

	check_ok(flow_deploy(r, &w, &doc, &e));
	snprintf(id, sizeof(id), "%s", json_text_or(doc, "deployment", ""));
	return id;
}

TEST(a_checkpoint_that_may_be_used_is_deployed_and_ended)
{
	struct world *w = some_model();
	scoped_json *doc = NULL, *all = NULL;
	const char *id = deploy(w->r, NULL);

	check(strcmp(id, "d1") == 0);
	check_ok(flow_undeploy(w->r, id, &doc, &e));
	check(json_is_string(json_object_get(doc, "until")));
	refused(flow_undeploy(w->r, id, &doc, &e), E_CONFLICT);
	refused(flow_undeploy(w->r, "d7", &doc, &e), E_NOT_FOUND);
	check_ok(flow_deployments(w->r, NULL, &all, &e));
	check(json_array_size(all) == 1);
	world_close();
}

TEST(a_stop_that_fails_ends_nothing)
{
	struct world *w = some_model();
	scoped_json *doc = NULL, *now = NULL;
	const char *id = deploy(w->r, "exit 3");

	refused(flow_undeploy(w->r, id, &doc, &e), E_IO);
	check_ok(flow_deployments(w->r, id, &now, &e));
	check(json_is_null(json_object_get(now, "until")));
	world_close();
}

TEST(what_is_denied_is_not_deployed)
{
	struct deploy_words words = { .model = "m", .product = "X", .use = INFER };
	scoped_json *doc = NULL, *before = NULL, *after = NULL;
	struct world *w = some_model();
	uint64_t facts;

	check_ok(flow_gate(w->r, "m", INFER, NULL, &before, &e));
	check(strcmp(json_text_or(before, "decision", ""), "allow") == 0);
	{
		struct order_words order = { .selector = "record:0", .authority = "a", .reason = "r" };
		scoped_json *opened = NULL;

		check_ok(flow_order_open(w->r, &order, &opened, &e));
	}
	facts = world_facts();
	refused(flow_deploy(w->r, &words, &doc, &e), E_DENIED);
	check(json_is_null(json_object_get(doc, "deployment")));
	check(world_facts() == facts);
	refused(flow_gate(w->r, "m", INFER, "door", &after, &e), E_DENIED);
	check(strcmp(json_string_value(json_array_get(json_object_get(after, "reasons"), 0)),
		     "order-open") == 0);
	world_close();
}

static uint64_t counted(const json_t *doc, const char *reason)
{
	return json_number_or(json_object_get(doc, "counts"), reason, 0);
}

TEST(a_record_that_is_denied_twice_counts_once)
{
	struct order_words order = { .selector = "record:0", .authority = "a", .reason = "r" };
	struct deploy_words words = { .model = "m", .product = "X", .use = INFER };
	struct terms_words terms = { .from = "2015-01-01", .allow = "train:Marketing" };
	scoped_json *allowed = NULL, *denied = NULL, *opened = NULL, *refusal = NULL, *said = NULL;
	struct world *w = some_model();

	check_ok(flow_gate(w->r, "m", INFER, NULL, &allowed, &e));
	check(json_number_or(allowed, "records", 0) == 2 && json_number_or(allowed, "denied", 9) == 0);
	check(json_object_size(json_object_get(allowed, "counts")) == 0);
	check_ok(flow_order_open(w->r, &order, &opened, &e));
	refused(flow_gate(w->r, "m", INFER, NULL, &denied, &e), E_DENIED);
	check(json_number_or(denied, "denied", 0) == 1 && counted(denied, "order-open") == 1);
	terms.terms = world_beside("narrower");
	check_ok(flow_source_terms(w->r, "s", &terms, &said, &e));
	refused(flow_deploy(w->r, &words, &refusal, &e), E_DENIED);
	check(json_number_or(refusal, "denied", 0) == 2 && counted(refusal, "order-open") == 1);
	check(counted(refusal, "use-not-allowed") == 2);
	world_close();
}

TEST(what_is_wrong_with_the_checkpoint_itself_counts_no_record)
{
	scoped_json *withdrawn = NULL, *doc = NULL;
	struct world *w = some_model();

	check_ok(flow_model_withdraw(w->r, "m", "recalled", &withdrawn, &e));
	refused(flow_gate(w->r, "m", INFER, NULL, &doc, &e), E_DENIED);
	check(json_array_size(json_object_get(doc, "reasons")) == 1);
	check(json_number_or(doc, "denied", 9) == 0 && json_number_or(doc, "records", 0) == 2);
	check(json_object_size(json_object_get(doc, "counts")) == 0);
	world_close();
}

TEST(words_that_are_wrong_are_refused)
{
	struct deploy_words no_product = { .model = "m", .use = INFER };
	struct output_words o = { .name = "idx", .model = "m", .kind = "templates", .at = "/x" };
	struct world *w = some_model();
	scoped_json *doc = NULL;

	refused(flow_deploy(w->r, &no_product, &doc, &e), E_USAGE);
	o.kind = "songs";
	refused(flow_output_add(w->r, &o, &doc, &e), E_USAGE);
	o.kind = "templates";
	o.count = "-1";
	refused(flow_output_add(w->r, &o, &doc, &e), E_USAGE);
	o.count = "600";
	o.model = "nobody";
	refused(flow_output_add(w->r, &o, &doc, &e), E_NOT_FOUND);
	o.model = "m";
	check_ok(flow_output_add(w->r, &o, &doc, &e));
	refused(flow_output_add(w->r, &o, &doc, &e), E_CONFLICT);
	world_close();
}

static void carry_out(struct repo *r, const char *selector)
{
	struct order_words words = { .selector = selector, .authority = "a", .reason = "r" };
	scoped_json *opened = NULL, *plan = NULL, *approved = NULL, *done = NULL;

	check_ok(flow_order_open(r, &words, &opened, &e));
	check_ok(flow_order_plan(r, "o1", &plan, &e));
	check_ok(flow_order_approve(r, "o1", json_text_or(plan, "plan", ""), &approved, &e));
	check_ok(flow_order_execute(r, "o1", NULL, &done, &e));
	check(strcmp(json_text_or(done, "state", ""), "certified") == 0);
}

TEST(an_order_stops_what_it_can_and_says_what_it_cannot)
{
	struct world *w = some_model();
	char stopped[PATH_LEN_MAX], kept[PATH_LEN_MAX], stop[PATH_LEN_MAX + 32], erase[PATH_LEN_MAX + 32];
	struct output_words o = { .name = "idx", .model = "m", .kind = "templates" };
	struct deploy_words other = { .model = "m", .product = "MatchApp", .use = INFER };
	scoped_json *doc = NULL, *mine = NULL, *theirs = NULL, *gone = NULL;
	const char *id;

	snprintf(stopped, sizeof(stopped), "%s", world_path("stopped"));
	snprintf(kept, sizeof(kept), "%s", world_path("index"));
	snprintf(stop, sizeof(stop), "touch '%s'", stopped);
	snprintf(erase, sizeof(erase), "rm '%s'", kept);
	check_ok(file_write(kept, "x", 1, 0600, &e));
	o.at = kept;
	o.erase = erase;
	id = deploy(w->r, stop);
	check_ok(flow_deploy(w->r, &other, &doc, &e));
	json_decref(doc);
	doc = NULL;
	check_ok(flow_output_add(w->r, &o, &doc, &e));
	carry_out(w->r, "source:s");
	check(file_exists(stopped) && !file_exists(kept));
	check_ok(flow_deployments(w->r, id, &mine, &e));
	check(json_is_string(json_object_get(mine, "until")));
	check_ok(flow_deployments(w->r, "d2", &theirs, &e));
	check(json_is_null(json_object_get(theirs, "until")));
	check_ok(flow_outputs(w->r, "idx", &gone, &e));
	check(strcmp(json_text_or(gone, "state", ""), "erased") == 0);
	world_close();
}

TEST(lineage_goes_up_and_down)
{
	struct world *w = some_model();
	scoped_json *both = NULL, *up = NULL, *down = NULL, *source = NULL, *none = NULL;

	deploy(w->r, NULL);
	check_ok(flow_trace(w->r, "m", false, false, &both, &e));
	check(json_array_size(json_object_get(both, "nodes")) == 4);
	check(json_array_size(json_object_get(both, "edges")) == 3);
	check_ok(flow_trace(w->r, "m", true, false, &up, &e));
	check(json_array_size(json_object_get(up, "nodes")) == 3);
	check_ok(flow_trace(w->r, "m", false, true, &down, &e));
	check(json_array_size(json_object_get(down, "nodes")) == 2);
	check_ok(flow_trace(w->r, "s", false, true, &source, &e));
	check(json_array_size(json_object_get(source, "nodes")) == 4);
	refused(flow_trace(w->r, "nothing", false, false, &none, &e), E_NOT_FOUND);
	world_close();
}

WORLD_MAIN("uses")
