/* Orders and exact models: what goes on, what ends, what is gone on from, and what a lie leads to. */
#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "base/text.h"
#include "flow/exact.h"
#include "flow/order.h"
#include "flow/world.h"
#include "proof/certificate.h"

enum { PHOTOS = 9 };

static struct error e;
static json_t *doc; /* of the last call */

static json_t **fresh(void)
{
	json_decref(doc);
	doc = NULL;
	error_clear(&e);
	return &doc;
}

static struct world *some_photos(void)
{
	scoped(buf) *csv = NULL;
	struct world *w = world_open();
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1 };
	char name[16];

	w->r->solo = true;
	world_source("s", "none", "train:Purpose");
	check_ok(buf_create(&csv, 1024, &e));
	check_ok(buf_printf(csv, &e, "path,key,value\n"));
	for (unsigned i = 0; i < PHOTOS; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		world_photo(name, 40, 30, i + 1);
		check_ok(buf_printf(csv, &e, "%s,colour,%c\n", name, "xyz"[i % 3]));
	}
	words.attrs = world_beside(buf_text(csv));
	check(world_ingest_words(&words) == 0);
	check_ok(flow_dataset_create(w->r, "d", "train:IdentityVerification", NULL, fresh(), &e));
	return w;
}

static void train(struct world *w, const char *model, const char *dataset)
{
	struct train_words words = { .model = model, .dataset = dataset, .target = "colour",
				     .features = "pixels" };

	check_ok(flow_train(w->r, &words, fresh(), &e));
}

static int execute(struct world *w, const char *id, bool proved)
{
	const struct execute_words words = { .prove = proved };

	return flow_order_execute(w->r, id, &words, fresh(), &e);
}

/* "withdraw m@1, unlearn m@2" of the steps on checkpoints in the plan. */
static void plans(struct world *w, const char *id, const char *wanted)
{
	scoped(buf) *b = NULL;
	const json_t *step;
	size_t i;

	check_ok(buf_create(&b, 128, &e));
	check_ok(flow_order_plan(w->r, id, fresh(), &e));
	json_array_foreach(json_object_get(doc, "steps"), i, step) {
		const char *what = json_text_or(step, "do", "");

		if (strcmp(what, "withdraw") == 0 || strcmp(what, "unlearn") == 0)
			check_ok(buf_printf(b, &e, "%s%s %s", b->len ? ", " : "", what,
					    json_text_or(step, "target", "")));
	}
	assert_string_equal(buf_text(b), wanted);
}

/* The weights of a checkpoint that opens, as hex. Lent until the next call. */
static const char *weights_of(struct world *w, const char *model)
{
	static char hex[HASH_HEX_MAX];

	check_ok(flow_model_show(w->r, model, fresh(), &e));
	snprintf(hex, sizeof(hex), "%s", json_text_or(doc, "weights_sha256", ""));
	check(strlen(hex) == 2 * HASH_LEN);
	return hex;
}

static void is_state(struct world *w, const char *model, const char *state)
{
	check_ok(flow_model_show(w->r, model, fresh(), &e));
	assert_string_equal(json_text_or(doc, "state", ""), state);
}

/* The weights of what these records alone train. */
static void same_as_trained(struct world *w, const char *model, const char *where)
{
	char wanted[HASH_HEX_MAX];

	check_ok(flow_dataset_create(w->r, "alone", "train:IdentityVerification", where, fresh(), &e));
	train(w, "alone", "alone");
	snprintf(wanted, sizeof(wanted), "%s", json_text_or(doc, "weights_sha256", ""));
	assert_string_equal(weights_of(w, model), wanted);
}

static uint64_t fact_of(struct world *w, const char *model)
{
	check_ok(flow_model_show(w->r, model, fresh(), &e));
	return json_number_or(doc, "fact", 0);
}

TEST(only_the_latest_live_version_goes_on)
{
	struct world *w = some_photos();
	const char *id;

	train(w, "m", "d");
	train(w, "m", "d");
	train(w, "n", "d");
	train(w, "m", "d");
	check_ok(flow_model_withdraw(w->r, "m@3", NULL, fresh(), &e));
	id = world_order("record:0-1");
	plans(w, id, "withdraw m@1, withdraw m@3, unlearn m@2, unlearn n@1");
	check_ok(execute(w, id, true));
	check(json_array_size(json_object_get(doc, "models")) == 2);
	is_state(w, "m@1", "erased");
	is_state(w, "m@2", "erased");
	is_state(w, "m@3", "erased");
	is_state(w, "m@4", "live");
	same_as_trained(w, "m@4", "record:2-8");
	same_as_trained(w, "n@2", "record:2-8");
	world_close();
}

TEST(a_newer_one_that_is_not_touched_is_what_goes_on)
{
	struct world *w = some_photos();
	const char *id;

	train(w, "m", "d");
	check_ok(flow_dataset_create(w->r, "c", "train:IdentityVerification", "record:3-8", fresh(), &e));
	train(w, "m", "c");
	id = world_order("record:0-1");
	plans(w, id, "withdraw m@1");
	check_ok(execute(w, id, false));
	check(json_object_get(doc, "models") == NULL);
	is_state(w, "m@2", "live");
	world_close();
}

TEST(of_nothing_no_checkpoint_is_made)
{
	struct world *w = some_photos();
	const char *id;

	check_ok(flow_dataset_create(w->r, "c", "train:IdentityVerification", "record:3-5", fresh(), &e));
	train(w, "m", "c");
	id = world_order("record:3-6");
	plans(w, id, "withdraw m@1");
	check_ok(execute(w, id, false));
	is_state(w, "m", "erased");
	world_close();
}

/* Members of a step's fact that certificates open: numbers alone. */
TEST(what_a_step_opens_names_nothing)
{
	struct world *w = some_photos();
	scoped(order) *o = NULL;
	bool seen = false;
	const char *id;

	train(w, "m", "d");
	id = world_order("record:0 or record:3 or record:6");
	check_ok(execute(w, id, false));
	check(json_number_or(json_array_get(json_object_get(doc, "models"), 0), "labels_gone", 0) == 1);
	check_ok(order_load(w->r, id, &o, &e));
	for (size_t i = 0; i < o->step_fact_count; i++) {
		scoped(fields) *f = NULL;
		scoped_json *words = NULL;
		const char *member;
		json_t *value;

		check_ok(repo_private(w->r, o->step_facts[i], &f, &e));
		check_ok(json_parse(&words, fields_text(f, "done"), strlen(fields_text(f, "done")), 65536, &e));
		if (!json_object_get(words, "made"))
			continue;
		json_object_foreach(words, member, value) {
			const json_t *one = json_is_array(value) ? json_array_get(value, 0) : value;

			seen = seen || (uint64_t)json_integer_value(one) == fact_of(w, "m");
			check(json_is_integer(one));
		}
	}
	check(seen);
	world_close();
}

/* --- sums that do not open --- */

/* Its row says another place. */
static void move_object(struct world *w, uint8_t kind, uint64_t owner, uint64_t part, int by)
{
	struct catalog_object o;

	check_ok(catalog_object(w->r->catalog, kind, owner, part, &o, &e));
	o.at.at += (uint64_t)by;
	check_ok(catalog_begin(w->r->catalog, &e));
	check_ok(catalog_put_object(w->r->catalog, &o, &e));
	check_ok(catalog_commit(w->r->catalog, &e));
}

TEST(without_its_sums_it_is_learned_again)
{
	struct world *w = some_photos();
	const char *id;

	train(w, "m", "d");
	id = world_order("record:0-1");
	move_object(w, OBJECT_FILE, fact_of(w, "m"), EXACT_SUMS, 1);
	check_ok(execute(w, id, true));
	check(world_told("what is left is learned again"));
	same_as_trained(w, "m@2", "record:2-8");
	world_close();
}

/* --- what comes in between --- */

/* An order that was begun and stopped where it unlearns m@1, whose fact does not open for a while. */
static const char *begun(struct world *w, const char *selector)
{
	const char *id = world_order(selector);
	uint64_t fact = fact_of(w, "m@1");

	move_object(w, OBJECT_FACT, fact, 0, 1);
	check_code(execute(w, id, false), E_PARTIAL);
	assert_string_equal(json_text_or(doc, "state", ""), "executing");
	check(json_number_or(json_object_get(doc, "steps"), "failed", 9) == 1);
	error_clear(&e);
	move_object(w, OBJECT_FACT, fact, 0, -1);
	is_state(w, "m@1", "live");
	return id;
}

TEST(a_version_trained_in_between_is_what_is_meant)
{
	struct world *w = some_photos();
	char before[HASH_HEX_MAX];
	const char *id;

	train(w, "m", "d");
	id = begun(w, "record:0-1");
	check_ok(flow_dataset_create(w->r, "c", "train:IdentityVerification", "record:3-8", fresh(), &e));
	train(w, "m", "c");
	snprintf(before, sizeof(before), "%s", weights_of(w, "m@2"));
	check_ok(execute(w, id, true));
	assert_string_equal(json_text_or(json_array_get(json_object_get(doc, "models"), 0), "to", ""),
			    "m@2");
	is_state(w, "m@1", "erased");
	is_state(w, "m", "live");
	assert_string_equal(weights_of(w, "m"), before);
	world_close();
}

TEST(what_was_withdrawn_by_hand_stays_so)
{
	struct world *w = some_photos();
	const char *id;

	train(w, "m", "d");
	id = begun(w, "record:0-1");
	check_ok(flow_model_withdraw(w->r, "m", "no longer wanted", fresh(), &e));
	check_ok(execute(w, id, false));
	is_state(w, "m@1", "erased");
	is_state(w, "m@2", "withdrawn");
	world_close();
}

TEST(a_later_order_is_gone_on_from_and_ends_too)
{
	struct world *w = some_photos();
	const char *first, *second;

	train(w, "m", "d");
	first = begun(w, "record:0-1");
	second = world_order("record:2");
	check_ok(execute(w, second, false));
	check_ok(execute(w, first, false));
	is_state(w, "m@1", "erased");
	is_state(w, "m@2", "erased");
	is_state(w, "m@3", "live");
	same_as_trained(w, "m@3", "record:3-8");
	world_close();
}

TEST(where_nothing_is_left_by_then_it_ends_without_a_next)
{
	struct world *w = some_photos();
	const char *first, *second;
	const json_t *row;

	check_ok(flow_dataset_create(w->r, "c", "train:IdentityVerification", "record:3-5", fresh(), &e));
	train(w, "m", "c");
	first = begun(w, "record:3-4");
	second = world_order("record:5");
	check_ok(execute(w, second, false));
	is_state(w, "m@2", "live");
	check_ok(execute(w, first, true));
	assert_string_equal(json_text_or(doc, "state", ""), "certified");
	row = json_array_get(json_object_get(doc, "models"), 0);
	assert_string_equal(json_text_or(row, "from", ""), "m@2");
	check(json_is_null(json_object_get(row, "to")));
	is_state(w, "m@1", "erased");
	is_state(w, "m@2", "erased");
	is_state(w, "m", "erased");
	world_close();
}

/* --- a lie --- */

/* A checkpoint whose sums hold one record twice and another not at all. */
static void lie(struct world *w)
{
	struct recipe how = { .target = "colour", .features = "pixels" };
	scoped(set) *twice = NULL, *some = NULL, *said = NULL;
	scoped(sums) *s = NULL;
	scoped(change) *c = NULL;
	struct gathered got;
	struct exact_new n = { .name = "m", .how = &how, .input_count = 1 };
	scoped(arena) *a = NULL;
	struct dataset d;
	uint64_t fact;

	check_ok(arena_create(&a, &e));
	check_ok(dataset_named(w->r, a, "d", &d, &e));
	check_ok(set_from_text(&said, "0-8", 10, &e));
	check_ok(set_from_text(&some, "0-7", 10, &e));
	check_ok(set_from_text(&twice, "7", 10, &e));
	check_ok(exact_sums_create(&s, &how, &e));
	check_ok(exact_learn(w->r, &how, some, 1, s, NULL, &got, &e));
	check_ok(exact_learn(w->r, &how, twice, 1, s, NULL, &got, &e));
	n.inputs = &d.fact;
	n.set = said;
	n.sums = s;
	check_ok(change_begin(&c, w->r, &e));
	check_ok(exact_put(c, w->r, &n, &fact, NULL, NULL, &e));
	check_ok(change_commit(c, &e));
}

TEST(what_cannot_be_reproduced_is_not_certified)
{
	struct world *w = some_photos();
	const char *id;

	lie(w);
	id = world_order("record:0-1");
	check_code(execute(w, id, true), E_PARTIAL);
	assert_string_equal(json_text_or(doc, "state", ""), "executing");
	check(json_number_or(json_object_get(doc, "steps"), "failed", 9) == 0);
	check(json_number_or(json_object_get(doc, "steps"), "left", 9) == 0);
	check(world_told("no certificate"));
	check_code(execute(w, id, true), E_PARTIAL);
	/* What was found is not forgotten by asking again without --prove. */
	error_clear(&e);
	check_code(execute(w, id, false), E_PARTIAL);
	check(strstr(e.text, "--prove") != NULL);
	assert_string_equal(json_text_or(doc, "state", ""), "executing");
	world_close();
}

static const json_t *summary_of(struct world *w, const char *id)
{
	const struct verify_pins pins = { 0 };
	scoped(verdict) *v = NULL;
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 4096, &e));
	check_ok(flow_certificate(w->r, id, b, &e));
	check_ok(certificate_verify(&v, b->data, b->len, &pins, &e));
	*fresh() = json_incref(v->statement);
	return json_object_get(json_object_get(doc, "predicate"), "summary");
}

/* The grade of the first row of this kind, "". */
static const char *grade_of(const json_t *summary, const char *kind)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(summary, "reached"), i, row)
		if (strcmp(json_text_or(row, "kind", ""), kind) == 0)
			return json_text_or(row, "grade", "");
	return "";
}

TEST(an_exact_checkpoint_of_which_nothing_is_left_is_destroyed_and_not_declared_so)
{
	struct world *w = some_photos();
	const char *id;

	train(w, "m", "d");
	id = world_order("source:s");
	check_ok(execute(w, id, false));
	assert_string_equal(grade_of(summary_of(w, id), "checkpoints"), "enforced");
	world_close();
}

TEST(the_key_that_made_it_is_no_other_witness)
{
	struct world *w = some_photos();
	const json_t *said;
	const char *id;

	train(w, "m", "d");
	id = world_order("record:0");
	check_ok(execute(w, id, true));
	said = summary_of(w, id);
	assert_string_equal(grade_of(said, "unlearned checkpoints"), "reproduced by the operator's own key");
	assert_string_equal(json_text_or(json_array_get(json_object_get(said, "models"), 0), "made_by", ""),
			    json_string_value(json_array_get(json_object_get(
				    json_array_get(json_object_get(said, "models"), 0), "reproduced_by"), 0)));
	world_close();
}

/* What an auditor matches with a certificate. */
TEST(the_digest_that_is_shown_is_that_of_its_fact)
{
	struct world *w = some_photos();
	scoped(fields) *f = NULL;
	char trained[HASH_HEX_MAX], hex[HASH_HEX_MAX];

	train(w, "m", "d");
	snprintf(trained, sizeof(trained), "%s", json_text_or(doc, "digest", ""));
	check_ok(repo_private(w->r, fact_of(w, "m"), &f, &e));
	assert_string_equal(trained, hex_encode(hex, fields_find(f, "digest")->value->data, HASH_LEN));
	assert_string_equal(json_text_or(doc, "digest", ""), trained);
	assert_string_not_equal(json_text_or(doc, "weights_sha256", ""), trained);
	world_close();
}

WORLD_MAIN("unlearn")
