#include "flow/order.h"
#include "flow/uses.h"

#include <stdio.h>

#include "base/file.h"
#include "base/test.h"
#include "base/text.h"
#include "flow/handover.h"
#include "flow/look.h"
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
	scoped_json *doc = NULL, *all = NULL, *none = NULL;
	const char *id = deploy(w->r, NULL);

	check(strcmp(id, "d1") == 0);
	check_ok(flow_undeploy(w->r, id, &doc, &e));
	check(json_is_string(json_object_get(doc, "until")));
	refused(flow_undeploy(w->r, id, &doc, &e), E_CONFLICT);
	refused(flow_undeploy(w->r, "d7", &doc, &e), E_NOT_FOUND);
	check_ok(flow_deployments(w->r, NULL, &all, &e));
	check(json_array_size(all) == 1);
	refused(flow_deployments(w->r, "d7", &none, &e), E_NOT_FOUND);
	world_close();
}

static bool says(const json_t *doc, const char *member, const char *text)
{
	return strcmp(json_text_or(doc, member, ""), text) == 0;
}

TEST(what_was_said_in_private_is_shown_to_the_operator)
{
	struct deploy_words d = { .model = "m", .product = "DoorCam", .use = INFER, .stop = "true",
				  .recipient = "Door Ltd", .endpoint = "https://door.example",
				  .from = "2014-06-01" };
	struct output_words o = { .name = "idx", .model = "m", .kind = "templates", .at = "/srv/idx",
				  .erase = "rm x" };
	scoped_json *made = NULL, *one = NULL, *kept = NULL, *list = NULL, *first = NULL, *second = NULL;
	struct world *w = some_model();

	check_ok(time_parse(&w->r->at_utc_ms, "2014-06-11", &e));
	check_ok(flow_deploy(w->r, &d, &made, &e));
	check_ok(flow_show(w->r, "d1", &one, &e));
	check(says(one, "deployment", "d1") && says(one, "model", "m@1") && says(one, "use", INFER));
	check(says(one, "product", "DoorCam") && says(one, "recipient", "Door Ltd"));
	check(says(one, "endpoint", "https://door.example") && says(one, "stop", "true"));
	check(says(one, "since", "2014-06-01T00:00:00Z") && json_number_or(one, "days", 0) == 10);
	check(json_is_null(json_object_get(one, "until")));
	check_ok(flow_output_add(w->r, &o, &kept, &e));
	check(says(kept, "at", "/srv/idx") && says(kept, "erase", "rm x"));
	check(json_is_string(json_object_get(kept, "since")));
	check_ok(flow_show(w->r, "idx", &first, &e));
	check(json_equal(kept, first));
	refused(flow_show(w->r, "d2", &second, &e), E_NOT_FOUND);
	deploy(w->r, NULL);
	check_ok(flow_deployments(w->r, "d2", &second, &e));
	check(json_is_null(json_object_get(second, "recipient")));
	check(json_is_null(json_object_get(second, "stop")));
	check_ok(flow_outputs(w->r, NULL, &list, &e));
	check(json_array_size(list) == 1 && json_equal(json_array_get(list, 0), kept));
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

TEST(what_was_allowed_once_is_not_deployed_now)
{
	struct deploy_words words = { .model = "m", .product = "X", .use = INFER };
	struct terms_words terms = { .from = "2015-01-01", .allow = "train:Marketing" };
	scoped_json *then = NULL, *said = NULL, *doc = NULL;
	struct world *w = some_model();
	uint64_t facts;

	terms.terms = world_beside("narrower");
	check_ok(flow_source_terms(w->r, "s", &terms, &said, &e));
	check_ok(time_parse(&w->r->at_utc_ms, "2014-12-31", &e));
	check_ok(flow_gate(w->r, "m", INFER, NULL, &then, &e));
	facts = world_facts();
	refused(flow_deploy(w->r, &words, &doc, &e), E_DENIED);
	check(json_is_null(json_object_get(doc, "deployment")) && world_facts() == facts);
	check(counted(doc, "use-not-allowed") == 2);
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

TEST(what_is_erased_is_counted_apart_by_an_impact)
{
	scoped_json *before = NULL, *after = NULL;
	struct world *w = some_model();

	check_ok(flow_impact(w->r, "record:0-1", &before, &e));
	check(json_number_or(before, "records", 9) == 2 && json_number_or(before, "erased", 9) == 0);
	world_taken_back("record:0");
	check_ok(flow_impact(w->r, "record:0-1", &after, &e));
	check(json_number_or(after, "records", 9) == 1 && json_number_or(after, "erased", 9) == 1);
	world_close();
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
	world_taken_back("source:s");
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

static const json_t *node(const json_t *doc, const char *id)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(doc, "nodes"), i, one)
		if (strcmp(json_text_or(one, "id", ""), id) == 0)
			return one;
	return NULL;
}

/* The ids of the nodes, in any order, with spaces between; the asked one first. */
static void draws(struct repo *r, const char *thing, const char *ids)
{
	size_t count = 1, first = strcspn(ids, " "), i;
	scoped_json *doc = NULL;
	const json_t *one;

	check_ok(flow_trace(r, thing, false, false, &doc, &e));
	for (const char *c = ids; *c; c++)
		count += *c == ' ';
	if (json_array_size(json_object_get(doc, "nodes")) != count)
		fail_msg("%s: %zu nodes", thing, json_array_size(json_object_get(doc, "nodes")));
	json_array_foreach(json_object_get(doc, "nodes"), i, one) {
		const char *id = json_text_or(one, "id", "");
		bool asked = strlen(id) == first && memcmp(id, ids, first) == 0;

		if (!strstr(ids, id) || json_is_true(json_object_get(one, "asked")) != asked)
			fail_msg("%s: %s", thing, id);
	}
}

static void hand_over(struct repo *r, uint64_t of, const char *to)
{
	const struct handover_new n = { .of = of, .count = 2, .to = to, .use = "share:Marketing",
					.at = "/srv/out", .format = "files" };
	scoped(change) *c = NULL;

	check_ok(change_begin(&c, r, &e));
	check_ok(handover_in(c, r, &n, NULL, &e));
	check_ok(change_commit(c, &e));
}

TEST(of_siblings_nothing_is_drawn)
{
	const char *d[] = { "d" }, *m[] = { "m" };
	struct model_words sibling = { .name = "sib", .datasets = d, .dataset_count = 1 };
	struct model_words child = { .name = "kid", .parents = m, .parent_count = 1 };
	struct output_words o = { .name = "idx", .model = "m", .kind = "templates", .at = "/x" };
	struct deploy_words used = { .model = "m", .product = "Door \"Cam\"", .use = INFER,
				     .recipient = "Door Ltd" };
	scoped_json *one = NULL, *two = NULL, *kept = NULL, *data = NULL, *out = NULL, *doc = NULL;
	struct world *w = some_model();

	child.path = sibling.path = world_beside("other weights");
	check_ok(flow_model_add(w->r, &sibling, &one, &e));
	check_ok(flow_model_add(w->r, &child, &two, &e));
	check_ok(flow_deploy(w->r, &used, &out, &e));
	check_ok(flow_output_add(w->r, &o, &kept, &e));
	check_ok(flow_dataset_show(w->r, "d", &data, &e));
	hand_over(w->r, json_number_or(data, "fact", 0), "Acme");
	hand_over(w->r, json_number_or(data, "fact", 0), NULL);
	draws(w->r, "m", "model:m@1 dataset:d@1 source:s model:kid@1 deployment:d1 output:idx");
	draws(w->r, "sib", "model:sib@1 dataset:d@1 source:s");
	draws(w->r, "kid", "model:kid@1 model:m@1 dataset:d@1 source:s");
	draws(w->r, "d1", "deployment:d1 model:m@1 dataset:d@1 source:s");
	draws(w->r, "idx", "output:idx model:m@1 dataset:d@1 source:s");
	draws(w->r, "out1", "handover:out1 dataset:d@1 source:s");
	draws(w->r, "out2", "handover:out2 dataset:d@1 source:s");
	draws(w->r, "d", "dataset:d@1 source:s model:m@1 model:sib@1 model:kid@1 deployment:d1 "
			 "output:idx handover:out1");
	check_ok(flow_trace(w->r, "s", false, true, &doc, &e));
	check(says(node(doc, "handover:out1"), "label", "out1 to Acme"));
	check(says(node(doc, "handover:out1"), "recipient", "Acme"));
	check(says(node(doc, "deployment:d1"), "label", "d1 in Door \"Cam\" of Door Ltd"));
	check(says(node(doc, "deployment:d1"), "recipient", "Door Ltd"));
	json_decref(kept);
	kept = NULL;
	check_ok(flow_show(w->r, "out1", &kept, &e));
	check(says(kept, "transfer", "out1") && says(kept, "to", "Acme"));
	world_close();
}

WORLD_MAIN("uses")
