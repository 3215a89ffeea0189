/* Orders whose commands fail outside of the house, what is told of them, and what certificates say
 * of people and checkpoints that the order itself made nameless. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/test.h"
#include "base/text.h"
#include "flow/care.h"
#include "flow/hold.h"
#include "flow/order.h"
#include "flow/uses.h"
#include "flow/world.h"
#include "proof/certificate.h"

#define TRAIN "train:IdentityVerification"
#define INFER "infer:IdentityVerification"

static struct error e;
static json_t *doc; /* of the last call */

static json_t **fresh(void)
{
	json_decref(doc);
	doc = NULL;
	error_clear(&e);
	return &doc;
}

/* Two files of ann, a dataset, a checkpoint on it. */
static struct world *some_people(void)
{
	const char *d[] = { "d" };
	struct model_words m = { .name = "m", .datasets = d, .dataset_count = 1 };
	struct world *w = world_open();
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1 };

	w->r->solo = true;
	world_source("s", "none", "train:Purpose");
	world_grant("ann", NULL, TRAIN);
	world_file("a", "one");
	world_file("b", "two");
	words.subjects = world_beside("path,subject\na,ann\nb,ann\n");
	words.use = TRAIN;
	check(world_ingest_words(&words) == 0);
	check_ok(flow_dataset_create(w->r, "d", TRAIN, NULL, fresh(), &e));
	m.path = world_beside("weights");
	check_ok(flow_model_add(w->r, &m, fresh(), &e));
	return w;
}

static void deployed(struct world *w, const char *product, const char *stop)
{
	struct deploy_words words = { .model = "m", .product = product, .use = INFER, .stop = stop };

	check_ok(flow_deploy(w->r, &words, fresh(), &e));
}

static void kept(struct world *w, const char *name, const char *at, const char *erase)
{
	struct output_words words = { .name = name, .model = "m", .kind = "templates", .at = at,
				      .erase = erase };

	check_ok(flow_output_add(w->r, &words, fresh(), &e));
}

static int execute(struct world *w)
{
	return flow_order_execute(w->r, "o1", NULL, fresh(), &e);
}

static void ends(struct world *w)
{
	check_ok(execute(w));
	assert_string_equal(json_text_or(doc, "state", ""), "certified");
	check(!json_object_get(doc, "failures"));
}

/* Of the certificate of o1; in doc. */
static const json_t *summary(struct world *w)
{
	const struct verify_pins pins = { 0 };
	scoped(verdict) *v = NULL;
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 4096, &e));
	check_ok(flow_certificate(w->r, "o1", b, &e));
	check_ok(certificate_verify(&v, b->data, b->len, &pins, &e));
	*fresh() = json_incref(v->statement);
	return json_object_get(json_object_get(doc, "predicate"), "summary");
}

/* The count of the row with this kind and a part of this text, 0. */
static uint64_t reached(const json_t *summary, const char *kind, const char *how, const char *grade)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(summary, "reached"), i, row)
		if (strcmp(json_text_or(row, "kind", ""), kind) == 0 &&
		    strstr(json_text_or(row, "how", ""), how) &&
		    strcmp(json_text_or(row, "grade", ""), grade) == 0)
			return json_number_or(row, "count", 0);
	return 0;
}

static const json_t *failure(size_t i)
{
	return json_array_get(json_object_get(doc, "failures"), i);
}

TEST(a_certificate_says_whom_one_could_tell_before_the_keys_went)
{
	struct world *w = some_people();
	const json_t *people;

	world_order("source:s");
	ends(w);
	people = json_object_get(summary(w), "people");
	check(json_number_or(people, "contactable", 9) == 1);
	check(json_number_or(people, "not", 9) == 0);
	world_close();
}

TEST(a_command_that_fails_keeps_no_other_step_from_being_done)
{
	struct world *w = some_people();
	scoped(set) *erased = NULL;

	deployed(w, "DoorCam", "exit 3");
	deployed(w, "MatchApp", "true");
	kept(w, "idx", "elsewhere", "exit 4");
	world_order("source:s");
	check_code(execute(w), E_PARTIAL);
	check(strstr(e.text, "step 1 failed, and others") != NULL);
	check(json_number_or(json_object_get(doc, "steps"), "failed", 0) == 2);
	check(json_number_or(json_object_get(doc, "steps"), "left", 9) == 0);
	assert_string_equal(json_text_or(doc, "state", ""), "executing");
	check(json_array_size(json_object_get(doc, "failures")) == 2);
	check(json_number_or(failure(0), "n", 0) == 1);
	assert_string_equal(json_text_or(failure(0), "do", ""), "stop");
	assert_string_equal(json_text_or(failure(0), "target", ""), "DoorCam");
	check(strstr(json_text_or(failure(0), "error", ""), "ended with 3") != NULL);
	assert_string_equal(json_text_or(failure(1), "do", ""), "erase");
	check_ok(set_create(&erased, &e));
	check_ok(catalog_mark_get(w->r->catalog, MARK_ERASED, erased, &e));
	check(set_count(erased) == 2); /* the keys went all the same */
	check_ok(flow_deployments(w->r, "d1", fresh(), &e));
	check(json_is_null(json_object_get(doc, "until")));
	check_ok(flow_deployments(w->r, "d2", fresh(), &e));
	check(json_is_string(json_object_get(doc, "until")));
	check_ok(flow_order_status(w->r, "o1", fresh(), &e));
	check(json_array_size(json_object_get(doc, "failures")) == 2);
	check_code(execute(w), E_PARTIAL); /* only what failed is tried again, and fails again */
	check(json_number_or(json_object_get(doc, "steps"), "failed", 0) == 2);
	error_clear(&e);
	check_code(flow_certificate(w->r, "o1", NULL, &e), E_NOT_FOUND);
	world_close();
}

TEST(what_was_ended_by_hand_lets_the_order_end)
{
	struct world *w = some_people();
	const json_t *said;

	deployed(w, "DoorCam", "exit 3");
	kept(w, "idx", "elsewhere", "exit 4");
	world_order("source:s");
	check_code(execute(w), E_PARTIAL);
	check_ok(flow_undeploy_done(w->r, "d1", fresh(), &e));
	check(json_is_string(json_object_get(doc, "until")));
	check_code(execute(w), E_PARTIAL);
	check(json_array_size(json_object_get(doc, "failures")) == 1);
	check_ok(flow_output_gone(w->r, "idx", fresh(), &e));
	assert_string_equal(json_text_or(doc, "state", ""), "erased");
	ends(w);
	said = summary(w);
	check(reached(said, "deployments", "had ended", "declared") == 1);
	check(reached(said, "outputs", "were gone", "declared") == 1);
	check(reached(said, "deployments", "the command", "declared") == 0);
	check(json_number_or(json_object_get(said, "people"), "contactable", 9) == 1);
	world_close();
}

TEST(what_ended_already_is_not_ended_by_hand_again)
{
	struct world *w = some_people();

	deployed(w, "DoorCam", "exit 3");
	kept(w, "idx", "elsewhere", NULL);
	check_ok(flow_undeploy_done(w->r, "d1", fresh(), &e));
	check_code(flow_undeploy_done(w->r, "d1", fresh(), &e), E_CONFLICT);
	error_clear(&e);
	check_code(flow_undeploy_done(w->r, "d2", fresh(), &e), E_NOT_FOUND);
	error_clear(&e);
	check_ok(flow_output_gone(w->r, "idx", fresh(), &e));
	check_code(flow_output_gone(w->r, "idx", fresh(), &e), E_CONFLICT);
	error_clear(&e);
	check_code(flow_output_gone(w->r, "other", fresh(), &e), E_NOT_FOUND);
	world_close();
}

TEST(a_command_that_is_mended_ends_the_order)
{
	struct world *w = some_people();
	char stop[PATH_LEN_MAX + 16], path[PATH_LEN_MAX];

	snprintf(path, sizeof(path), "%s", world_path("ready"));
	snprintf(stop, sizeof(stop), "test -e '%s'", path);
	deployed(w, "DoorCam", stop);
	world_order("source:s");
	check_code(execute(w), E_PARTIAL);
	check_ok(file_write(path, "x", 1, 0600, &e));
	ends(w);
	check(reached(summary(w), "deployments", "the command", "declared") == 1);
	world_close();
}

TEST(what_goes_with_an_execution_is_told_as_of_now)
{
	struct world *w = some_people();

	world_order("source:s");
	check_ok(flow_hold(w->r, &(struct hold_words){ "source:s", "court", "2090-01-01" }, fresh(), &e));
	check_ok(time_parse(&w->r->at_utc_ms, "2095-01-01", &e));
	check_code(execute(w), E_DENIED);
	assert_string_equal(json_text_or(doc, "state", ""), "held");
	check(json_array_size(json_object_get(doc, "holds")) == 1);
	check_ok(flow_order_status(w->r, "o1", fresh(), &e));
	assert_string_equal(json_text_or(doc, "state", ""), "approved");
	world_close();
}

TEST(a_checkpoint_made_elsewhere_is_declared_gone)
{
	struct world *w = some_people();
	const json_t *said;

	world_order("source:s");
	ends(w);
	said = summary(w);
	check(reached(said, "checkpoints", "the file deleted", "declared") == 1);
	check(reached(said, "checkpoints", "weights, sums and card destroyed", "enforced") == 0);
	world_close();
}

static const struct sys *under;
static bool has_failed;

static int open_but_once(const char *path, int flags, unsigned mode)
{
	if (has_failed || !(flags & O_CREAT) || !strstr(path, "keyring/epoch-"))
		return under->open(path, flags, mode);
	has_failed = true;
	errno = EIO;
	return -1;
}

/* What the keyring could not do for one order is not done in silence by the next. */
TEST(keys_that_could_not_be_destroyed_are_not_destroyed_by_another_order)
{
	const struct execute_words batch = { .batch = true };
	struct world *w = some_people();
	struct sys table;

	world_order("record:0");
	world_order("record:1");
	under = sys;
	table = *under;
	table.open = open_but_once;
	sys = &table;
	check_code(flow_order_execute(w->r, "o1", &batch, fresh(), &e), E_PARTIAL);
	sys = under;
	check(has_failed);
	check(world_record(1).status == RECORD_ERASED); /* the other went on */
	if (flow_fsck(w->r, false, fresh(), &e) < 0)
		fail_msg("fsck: %s", json_dumps(doc, 0));
	check_ok(flow_order_execute(w->r, "o1", &batch, fresh(), &e));
	check(world_record(0).status == RECORD_ERASED);
	check_ok(flow_fsck(w->r, true, fresh(), &e));
}

WORLD_MAIN("order-failed")
