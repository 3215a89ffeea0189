/* What an order, an impact and a rebuild find of what left. */
#include <stdio.h>

#include "base/sys.h"
#include "base/test.h"
#include "base/text.h"
#include "flow/handover.h"
#include "flow/order.h"
#include "flow/rights.h"
#include "flow/share_world.h"
#include "flow/uses.h"
#include "repo/select.h"

/* --- what an order finds --- */

TEST(an_order_deletes_what_was_shared)
{
	scoped_json *again = NULL;
	const char *to;

	some_data();
	to = out_path("to");
	shared("R", to);
	world_taken_back("record:0");
	check(!is_there(to, "album/a.jpg") && is_there(to, "album/b.jpg") && is_there(to, "c"));
	/* The version that held it is denied whole; the next one leaves without it. */
	refused(share_of("d@1", "R", out_path("again"), &again), E_DENIED);
	check(json_number_or(json_object_get(again, "counts"), "erased", 0) == 1);
	shared("R", out_path("again"));
	check(!is_there(out_path("again"), "album/a.jpg") && is_there(out_path("again"), "c"));
}

TEST(an_order_leaves_a_file_that_is_another_by_now)
{
	const char *to;
	char path[PATH_LEN_MAX];

	some_data();
	to = out_path("to");
	shared("R", to);
	check_ok(path_join(path, to, "album/a.jpg", &e));
	check_ok(file_write(path, "else", 4, 0600, &e));
	world_taken_back("record:0");
	check(is_there(to, "album/a.jpg"));
}

static struct part_due *due(struct arena *a, const char *positions, size_t *ret_count)
{
	struct part_due *list = NULL;
	scoped(set) *s = NULL;
	struct touched t;

	check_ok(set_from_text(&s, positions, 1000, &e));
	check_ok(touched_by(world_now()->r, a, s, &t, &e));
	check_ok(parts_due(world_now()->r, a, s, &t, &list, ret_count, &e));
	return list;
}

TEST(lists_that_name_a_record_are_due_with_it)
{
	scoped(arena) *a = NULL;
	scoped_json *doc = NULL;
	enum removed how;
	struct part_due *list;
	char path[PATH_LEN_MAX];
	size_t count;

	some_data();
	shared("R", out_path("to"));
	check_ok(export(NULL, out_path("own"), &doc));
	check_ok(arena_create(&a, &e));
	list = due(a, "1", &count);
	check(count == 4);
	assert_string_equal(list[0].label, "out1");
	assert_string_equal(list[0].name, "manifest.csv");
	check(list[0].records == 1);
	assert_string_equal(list[1].label, "out2");
	for (size_t i = 0; i < count; i++) {
		check_ok(path_join(path, list[i].folder, list[i].name, &e));
		check(file_exists(path));
	}
	check_ok(part_remove(world_now()->r, &list[0], &how, &e));
	check(how == REMOVED && !is_there(out_path("to"), "manifest.csv"));
	check_ok(part_remove(world_now()->r, &list[0], &how, &e));
	check(how == REMOVED_ABSENT);
	/* Of the same length, and not ours. */
	check_ok(path_join(path, list[1].folder, list[1].name, &e));
	{
		scoped(buf) *b = content_of(list[1].folder, list[1].name);

		b->data[0] ^= 1;
		check_ok(file_write(path, b->data, b->len, 0600, &e));
	}
	check_ok(part_remove(world_now()->r, &list[1], &how, &e));
	check(how == REMOVED_OTHER && file_exists(path));
}

/* --- recipients --- */

static const json_t *recipient(const json_t *impact, const char *name, size_t nth)
{
	const json_t *list = json_object_get(impact, "recipients"), *one;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)list, i, one)
		if (strcmp(json_text_or(one, "recipient", ""), name) == 0 && nth-- == 0)
			return one;
	return NULL;
}

static void deployed(const char *product, const char *recipient_name, const char *from)
{
	const struct deploy_words w = { .model = "m", .product = product,
					.use = "infer:IdentityVerification",
					.recipient = recipient_name, .from = from };
	scoped_json *doc = NULL;

	check_ok(flow_deploy(world_now()->r, &w, &doc, &e));
}

TEST(impact_names_who_holds_some_of_it_each_once)
{
	const char *d[] = { "d" };
	struct model_words m = { .name = "m", .datasets = d, .dataset_count = 1 };
	scoped_json *model = NULL, *impact = NULL, *own = NULL;
	struct world *w = some_data();

	m.path = world_beside("weights");
	check_ok(flow_model_add(w->r, &m, &model, &e));
	shared("Receiver Ltd", out_path("to"));
	shared("Receiver Ltd", out_path("again"));
	check_ok(export(NULL, out_path("own"), &own));
	deployed("DoorCam", "Door Ltd", "2014-06-01");
	deployed("GateCam", "Door Ltd", "2013-06-01");
	deployed("Ours", NULL, NULL);
	check_ok(flow_impact(w->r, "record:1-2", &impact, &e));
	check(json_array_size(json_object_get(impact, "recipients")) == 3);
	assert_string_equal(json_text_or(recipient(impact, "Receiver Ltd", 0), "transfer", ""), "out1");
	assert_string_equal(json_text_or(recipient(impact, "Receiver Ltd", 1), "transfer", ""), "out2");
	check(json_number_or(recipient(impact, "Receiver Ltd", 0), "records", 0) == 2);
	assert_string_equal(json_text_or(recipient(impact, "Door Ltd", 0), "deployment", ""), "d1");
	assert_string_equal(json_text_or(recipient(impact, "Door Ltd", 0), "since", ""),
			    "2013-06-01T00:00:00Z");
	check(json_number_or(impact, "copies", 0) == 6);
}

/* --- shards --- */

TEST(a_shard_holds_a_thousand_records_and_is_due_for_its_own)
{
	struct world *w = world_open();
	scoped_json *dataset = NULL, *doc = NULL;
	scoped(arena) *a = NULL;
	struct part_due *list;
	char name[24];
	size_t count;

	error_clear(&e);
	world_source("s", "none", TRAIN_USE);
	for (int i = 0; i < SHARD_RECORDS + 1; i++) {
		snprintf(name, sizeof(name), "%04d", i);
		world_file(name, name);
	}
	check_ok(world_ingest("s", NULL));
	check_ok(flow_dataset_create(w->r, "d", TRAIN_USE, NULL, &dataset, &e));
	check_ok(export("webdataset", out_path("own"), &doc));
	check(json_number_or(doc, "shards", 0) == 2 && copies() == 0);
	check(is_there(out_path("own"), "shard-000000.tar"));
	check(is_there(out_path("own"), "shard-000001.tar"));
	check_ok(arena_create(&a, &e));
	list = due(a, "1000", &count);
	check(count == 2);
	assert_string_equal(list[0].name, "shard-000001.tar");
	assert_string_equal(list[1].name, "manifest.csv");
	list = due(a, "999", &count);
	check(count == 2);
	assert_string_equal(list[0].name, "shard-000000.tar");
}

/* --- the catalog --- */

static int put_thing(void *ctx, const struct catalog_thing *t, struct error *err)
{
	return buf_printf(ctx, err, "%s %llu %llu %u %s\n", t->name, (unsigned long long)t->owner,
			  (unsigned long long)t->fact, t->state, t->body);
}

static int put_object(void *ctx, const struct catalog_object *o, struct error *err)
{
	return buf_printf(ctx, err, "%u %llu %llu %llu\n", o->kind, (unsigned long long)o->owner,
			  (unsigned long long)o->part, (unsigned long long)o->slot);
}

static int put_tag(void *ctx, const struct tag *t, uint64_t pos, struct error *err)
{
	char hex[33];

	return buf_printf(ctx, err, "%s %llu\n", hex_encode(hex, t->b, 16), (unsigned long long)pos);
}

static struct buf *rows(void)
{
	struct catalog *c = world_now()->r->catalog;
	struct buf *b = NULL;

	check_ok(buf_create(&b, 1024, &e));
	check_ok(catalog_each_thing(c, THING_HANDOVER, UINT64_MAX, put_thing, b, &e));
	check_ok(catalog_each_object(c, 0, UINT64_MAX, put_object, b, &e));
	check_ok(catalog_each_tag(c, TAG_PLACE, put_tag, b, &e));
	return b;
}

TEST(a_rebuild_makes_the_same_rows)
{
	struct repo_options o = { .at_utc_ms = TIME_NONE, .rebuild = true };
	scoped(buf) *before = NULL, *after = NULL;
	struct world *w = some_data();
	char folder[PATH_LEN_MAX];
	scoped_json *doc = NULL;

	shared("R", out_path("to"));
	shared("R", out_path("again"));
	check_ok(export("webdataset", out_path("own"), &doc));
	before = rows();
	snprintf(folder, sizeof(folder), "%.*s", (int)(strlen(w->r->folder) - 9), w->r->folder);
	o.folder = folder;
	repo_close(w->r);
	w->r = NULL;
	check_ok(repo_open(&w->r, &o, &e));
	after = rows();
	check(strstr(buf_text(before), "out3") != NULL && copies() == 6);
	assert_string_equal(buf_text(after), buf_text(before));
}

/* The folder was thrown away, and is filled again: its files are noted where they are, once. */
TEST(the_same_place_again_is_no_other_copy)
{
	const char *to;

	some_data();
	to = out_path("to");
	shared("R", to);
	check_ok(folder_remove(to, &e));
	shared("R", to);
	check(copies() == 3);
	shared("R", out_path("again"));
	check(copies() == 6);
}

TEST(a_hand_over_is_picked_and_listed)
{
	scoped_json *list = NULL, *one = NULL, *none = NULL;
	scoped(selector) *s = NULL;
	scoped(set) *got = NULL;
	struct world *w = some_data();

	shared("Receiver Ltd", out_path("to"));
	check_ok(selector_parse(&s, "transfer:out1", &e));
	check_ok(selector_run(w->r, s, &got, &e));
	check(set_count(got) == 3);
	check_ok(flow_transfer_show(w->r, NULL, &list, &e));
	check(json_array_size(list) == 1);
	assert_string_equal(json_text_or(json_array_get(list, 0), "direction", ""), "out");
	check_ok(flow_transfer_show(w->r, "out1", &one, &e));
	assert_string_equal(json_text_or(one, "to", ""), "Receiver Ltd");
	assert_string_equal(json_text_or(one, "dataset", ""), "d@1");
	check(json_array_size(json_object_get(one, "documents")) == 1);
	refused(flow_transfer_show(w->r, "out2", &none, &e), E_NOT_FOUND);
	refused(flow_transfer_show(w->r, "outer", &none, &e), E_USAGE);
}

WORLD_MAIN("flow/share_order")
