#include <stdlib.h>

#include "base/test.h"
#include "base/text.h"
#include "flow/look.h"
#include "flow/sets.h"
#include "flow/world.h"

#define USE "train:IdentityVerification"

static struct error e;

/* Two live records and a copy of source s, as t1; one quarantined, of source q. */
static struct world *some_world(void)
{
	struct world *w = world_open();
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1 };
	const char *quarantined;

	error_clear(&e);
	world_source("s", "personal", USE);
	world_source("q", "none", "infer:Advertising");
	world_transfer("s", USE, "yes");
	world_grant(NULL, "s", USE);
	world_grant("ann", NULL, USE);
	world_photo("a.jpg", 20, 10, 5);
	world_file("b\xff", "bytes");
	world_file("c", "bytes");
	words.transfer = "t1";
	words.subjects = world_beside("path,subject\na.jpg,ann\n");
	words.attrs = world_beside("path,key,value\na.jpg,eyes,2=two\n");
	words.subjects = words.attrs = NULL;
	check(world_ingest_words(&words) == 0);
	world_file("q/d", "other");
	quarantined = world_path("q");
	check(world_ingest_words(&(struct ingest_words){ .source = "q", .paths = &quarantined,
							 .path_count = 1, .quarantine = true }) == 0);
	return w;
}

static const char *text(const json_t *o, const char *key)
{
	return json_text_or(o, key, "(none)");
}

static uint64_t number(const json_t *o, const char *key)
{
	return json_number_or(o, key, UINT64_MAX);
}

TEST(a_record_is_told_with_everything_known)
{
	struct world *w = some_world();
	scoped_json *o = NULL, *copied = NULL, *quarantined = NULL;
	const json_t *place;
	struct hash h;

	check_ok(flow_record(w->r, 0, &o, &e));
	check(number(o, "pos") == 0 && number(o, "width") == 20 && number(o, "height") == 10);
	assert_string_equal(text(o, "source"), "s");
	assert_string_equal(text(o, "status"), "live");
	assert_string_equal(text(o, "path"), "a.jpg");
	assert_string_equal(text(o, "media"), "image/jpeg");
	assert_string_equal(text(o, "batch"), "b1");
	assert_string_equal(text(o, "transfer"), "t1");
	assert_string_equal(text(o, "decision"), "allow " USE);
	check(number(o, "copies") == 0 && strlen(text(o, "commitment")) == 64);

	check_ok(flow_record(w->r, 1, &copied, &e));
	hash_bytes(&h, "bytes", 5);
	assert_string_equal(text(copied, "sha256"), hash_hex(&h).s);
	assert_string_equal(text(copied, "path"), "b\xef\xbf\xbd");
	assert_string_equal(text(copied, "path_hex"), "62ff");
	check(number(copied, "copies") == 1);
	place = json_array_get(json_object_get(copied, "places"), 0);
	assert_string_equal(text(place, "path"), "c");
	assert_string_equal(text(place, "origin"), w->files);

	check_ok(flow_record(w->r, 2, &quarantined, &e));
	assert_string_equal(text(quarantined, "status"), "quarantined");
	assert_string_equal(text(quarantined, "source"), "q");
	check(json_is_null(json_object_get(quarantined, "transfer")));
}

TEST(people_and_attributes_are_told)
{
	struct world *w = world_open();
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1 };
	scoped_json *o = NULL;

	world_source("s", "none", USE);
	world_grant("ann", NULL, USE);
	world_file("x", "1");
	words.subjects = world_beside("path,subject\nx,ann\n");
	check(world_ingest_words(&words) == 0);
	check_ok(flow_record(w->r, 0, &o, &e));
	check(json_array_size(json_object_get(o, "subjects")) == 1);
	assert_string_equal(json_string_value(json_array_get(json_object_get(o, "subjects"), 0)),
			    "ann");
	check(json_object_size(json_object_get(o, "attrs")) == 0);
	words.subjects = NULL;
	words.attrs = world_beside("path,key,value\ny,eyes,2=two\n");
	world_file("y", "2");
	check(world_ingest_words(&words) == 0);
	json_decref(o);
	check_ok(flow_record(w->r, 1, &o, &e));
	assert_string_equal(text(json_object_get(o, "attrs"), "eyes"), "2=two");
}

/* As an order does it. */
static void erase(struct world *w, uint64_t pos)
{
	struct catalog_record rec = world_record(pos);
	scoped(set) *which = NULL;

	check_ok(set_create(&which, &e));
	check_ok(set_add(which, pos, &e));
	check_ok(keyring_erase(w->r->keyring, rec.slot, &e));
	check_ok(keyring_commit(w->r->keyring, &e));
}

TEST(of_an_erased_record_only_four_things_are_known)
{
	struct world *w = some_world();
	scoped_json *o = NULL;

	erase(w, 1);
	check_ok(flow_record(w->r, 1, &o, &e));
	check(json_object_size(o) == 4);
	assert_string_equal(text(o, "status"), "erased");
	assert_string_equal(text(o, "source"), "s");
	check(number(o, "pos") == 1 && strlen(text(o, "commitment")) == 64);
}

static int list(void *ctx, json_t *record, struct error *err)
{
	struct buf *out = ctx;

	check(json_object_get(record, "places") == NULL);
	return buf_printf(out, err, "%llu ", (unsigned long long)number(record, "pos"));
}

static void lists(struct world *w, const char *selector, const char *want)
{
	scoped(buf) *out = NULL;

	check_ok(buf_create(&out, 64, &e));
	check_ok(flow_ls(w->r, selector, list, out, &e));
	assert_string_equal(buf_text(out), want);
}

static int enough(void *ctx, json_t *record, struct error *err)
{
	(void)ctx;
	(void)record;
	return error_set(err, E_USAGE, "enough");
}

TEST(ls_tells_what_the_selector_picks)
{
	struct world *w = some_world();

	lists(w, "source:s", "0 1 ");
	lists(w, "not source:s", "2 ");
	lists(w, "record:0-2 and not path:a.jpg", "1 2 ");
	lists(w, "subject:nobody", "");
	check_code(flow_ls(w->r, "source:", list, NULL, &e), E_USAGE);
	error_clear(&e);
	check_code(flow_ls(w->r, "source:none", list, NULL, &e), E_NOT_FOUND);
	error_clear(&e);
	check_code(flow_ls(w->r, "source:s", enough, NULL, &e), E_USAGE);
	error_clear(&e);
}

static void shows(struct world *w, const char *thing, const char *key, const char *value)
{
	scoped_json *o = NULL;

	check_ok(flow_show(w->r, thing, &o, &e));
	assert_string_equal(text(o, key), value);
}

static void shows_nothing(struct world *w, const char *thing)
{
	json_t *o = NULL;

	check_code(flow_show(w->r, thing, &o, &e), E_NOT_FOUND);
	check(o == NULL);
	error_clear(&e);
}

TEST(show_knows_things_by_position_id_and_name)
{
	struct world *w = some_world();
	scoped_json *o = NULL, *batch = NULL;

	check_ok(flow_dataset_create(w->r, "faces", USE, NULL, &o, &e));
	shows(w, "0", "path", "a.jpg");
	shows(w, "t1", "transfer", "t1");
	shows(w, "g1", "grant", "g1");
	shows(w, "s", "source", "s");
	shows(w, "faces@1", "dataset", "faces");
	shows(w, "faces", "dataset", "faces");
	check_ok(flow_show(w->r, "b1", &batch, &e));
	assert_string_equal(text(batch, "batch"), "b1");
	assert_string_equal(text(batch, "source"), "s");
	assert_string_equal(text(batch, "use"), USE);
	assert_string_equal(text(batch, "origin"), w->files);
	check(number(batch, "first") == 0 && number(batch, "last") == 1);
	check(number(json_object_get(batch, "counts"), "copies") == 1);
}

TEST(what_is_not_there_is_not_shown)
{
	struct world *w = some_world();
	static const char *const things[] = { "", "3", "99999999999999999999", "t2", "g9", "b3", "o1",
					      "nobody", "s@1", "faces@1", "-1", "T1", "b", "s/../s" };

	for (size_t i = 0; i < COUNT_OF(things); i++)
		shows_nothing(w, things[i]);
}

TEST(a_source_called_like_an_id_is_shown_where_no_such_id_is)
{
	struct world *w = world_open();

	world_source("b1", "none", USE);
	shows(w, "b1", "source", "b1");
	world_file("x", "1");
	check(world_ingest("b1", NULL) == 0);
	shows(w, "b1", "batch", "b1");
}

static const json_t *reason_of(const json_t *o, const char *code)
{
	const json_t *reasons_list = json_object_get(o, "details"), *one;
	size_t i;

	json_array_foreach(reasons_list, i, one)
		if (strcmp(text(one, "code"), code) == 0)
			return one;
	return NULL;
}

TEST(a_decision_is_explained_reason_by_reason)
{
	struct world *w = some_world();
	scoped_json *allowed = NULL, *denied = NULL;

	check_ok(flow_explain(w->r, "0", USE, &allowed, &e));
	assert_string_equal(text(allowed, "decision"), "allow");
	assert_string_equal(text(allowed, "use"), USE);
	assert_string_equal(text(allowed, "thing"), "0");
	check(json_array_size(json_object_get(allowed, "reasons")) == 0);
	check(json_array_size(json_object_get(allowed, "details")) == 0);
	check(json_object_size(json_object_get(allowed, "counts")) == 0);
	check(number(allowed, "as_of") == world_facts() - 1);

	check_code(flow_explain(w->r, "0", "infer:Advertising", &denied, &e), E_DENIED);
	assert_string_equal(text(denied, "decision"), "deny");
	check(reason_of(denied, "use-not-allowed") && reason_of(denied, "no-grant"));
	check(number(reason_of(denied, "no-grant"), "records") == 1);
	check(number(json_object_get(denied, "counts"), "no-grant") == 1);
	check(json_array_size(json_object_get(denied, "reasons")) ==
	      json_array_size(json_object_get(denied, "details")));
	check(json_is_string(json_array_get(json_object_get(denied, "reasons"), 0)));
	check(strlen(text(reason_of(denied, "no-grant"), "sentence")) > 10);
	error_clear(&e);
}

TEST(what_cannot_be_explained_is_an_error)
{
	struct world *w = some_world();
	json_t *o = NULL;
	static const struct {
		const char *thing, *use;
		int code;
	} cases[] = { { "7", USE, E_NOT_FOUND },	{ "nobody@1", USE, E_NOT_FOUND },
		      { "", USE, E_NOT_FOUND },		{ "0", "train", E_USAGE },
		      { "0", USE "+below", E_USAGE } };

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		check_code(flow_explain(w->r, cases[i].thing, cases[i].use, &o, &e), cases[i].code);
		error_clear(&e);
	}
	check(o == NULL);
}

TEST(a_model_is_explained_by_its_records)
{
	struct world *w = some_world();
	scoped_json *dataset = NULL, *model = NULL, *denied = NULL;
	const char *faces[] = { "faces" };
	struct model_words words = { .name = "m", .path = world_path("a.jpg"), .datasets = faces,
				     .dataset_count = 1,
				     .kind = "train" };

	check_ok(flow_dataset_create(w->r, "faces", USE, NULL, &dataset, &e));
	check_ok(flow_model_add(w->r, &words, &model, &e));
	shows(w, "m", "state", "live");
	check_code(flow_explain(w->r, "m", "infer:Advertising", &denied, &e), E_DENIED);
	check(number(reason_of(denied, "use-not-allowed"), "records") == 2);
	error_clear(&e);
}

TEST(status_counts_what_is_here)
{
	struct world *w = some_world();
	const json_t *heads;
	scoped_json *o = NULL;

	check_ok(flow_status(w->r, &o, &e));
	assert_string_equal(text(o, "origin"), "example.org/world");
	check(strncmp(text(o, "vkey"), "example.org/world/facts+", 24) == 0);
	check(number(o, "records") == 3 && number(o, "erased") == 0);
	check(number(o, "quarantined") == 1 && number(o, "sources") == 2);
	check(number(o, "datasets") == 0 && number(o, "models") == 0);
	check(number(o, "orders_open") == 0 && number(o, "facts") == world_facts());
	heads = json_object_get(o, "heads");
	check(number(json_object_get(heads, "facts"), "size") == world_facts());
	check(number(json_object_get(heads, "records"), "size") == 3);
	check(json_array_size(json_object_get(o, "wrong")) == 0);
	check(json_array_size(json_object_get(o, "due")) == 0);
}

/* A row as an order would have it. */
static void put_order(struct world *w, uint64_t id, uint8_t state, const char *body)
{
	struct catalog_thing t = { .kind = THING_ORDER, .id = id, .state = state, .body = body };
	char name[24];

	snprintf(name, sizeof(name), "o%llu", (unsigned long long)id);
	t.name = name;
	check_ok(catalog_begin(w->r->catalog, &e));
	check_ok(catalog_put_thing(w->r->catalog, &t, &e));
	check_ok(catalog_commit(w->r->catalog, &e));
}

TEST(status_tells_what_is_due_and_what_is_wrong)
{
	struct world *w = world_open();
	scoped_json *o = NULL;
	const json_t *due;

	put_order(w, 1, ORDER_OPEN, "{\"due\":4102444800000}");
	put_order(w, 2, ORDER_PLANNED, "{\"due\":1000000}");
	put_order(w, 3, ORDER_HELD, "{}");
	put_order(w, 4, ORDER_CERTIFIED, "{\"due\":1}");
	put_order(w, 5, ORDER_REFUSED, "{\"due\":1}");
	w->r->read_only = true;
	check_ok(flow_status(w->r, &o, &e));
	w->r->read_only = false;
	check(number(o, "orders") == 5 && number(o, "orders_open") == 3);
	due = json_object_get(o, "due");
	check(json_array_size(due) == 2);
	assert_string_equal(text(json_array_get(due, 0), "order"), "o2");
	check(json_is_true(json_object_get(json_array_get(due, 0), "late")));
	assert_string_equal(text(json_array_get(due, 1), "state"), "open");
	assert_string_equal(text(json_array_get(due, 1), "due"), "2100-01-01T00:00:00Z");
	check(json_is_false(json_object_get(json_array_get(due, 1), "late")));
	check(json_array_size(json_object_get(o, "wrong")) == 1);
}

WORLD_MAIN("flow-look")
