/* Exact models in a repository: the same records give the same weights; an order finds what was
 * written out. */
#include "flow/exact_world.h"

#include <stdio.h>

#include "base/file.h"
#include "base/test.h"
#include "base/text.h"
#include "flow/checkpoint.h"
#include "flow/handover.h"
#include "flow/order.h"

static struct error e;

#define refused(call, code)						\
	do {								\
		check_code(call, code);					\
		error_clear(&e);					\
	} while (0)

TEST(the_order_in_which_records_came_leaves_no_trace)
{
	scoped_json *one = NULL, *two = NULL, *numbers = NULL, *again = NULL;
	struct world *w = exact_world(false);

	one = exact_trained(w, "m", "colour", false);
	numbers = exact_trained(w, "n", "size", true);
	check(json_number_or(one, "records", 0) == PHOTOS && json_number_or(one, "labels", 0) == 3);
	check(json_number_or(json_object_get(one, "unused"), "no-picture", 0) == 1);
	check(json_number_or(json_object_get(numbers, "unused"), "no-target", 0) == 1);
	assert_string_equal(json_text_or(one, "grade", ""), "enforced");
	exact_fsck_says(w, NULL);
	w = exact_world(true);
	two = exact_trained(w, "m", "colour", false);
	again = exact_trained(w, "n", "size", true);
	assert_string_equal(json_text_or(one, "weights_sha256", "1"),
			    json_text_or(two, "weights_sha256", "2"));
	assert_string_equal(json_text_or(numbers, "weights_sha256", "1"),
			    json_text_or(again, "weights_sha256", "2"));
	check(strcmp(json_text_or(one, "weights_sha256", "1"),
		     json_text_or(numbers, "weights_sha256", "1")) != 0);
	world_close();
}

TEST(a_model_is_shown_with_what_it_is_made_of)
{
	struct world *w = exact_world(false);
	scoped_json *doc = exact_trained(w, "m", "colour", false), *shown = NULL, *proved = NULL;

	check_ok(flow_model_prove(w->r, "m", &proved, &e));
	check(json_is_true(json_object_get(proved, "reproduced")));
	check_ok(flow_model_show(w->r, "m@1", &shown, &e));
	assert_string_equal(json_text_or(shown, "weights_sha256", ""),
			    json_text_or(doc, "weights_sha256", "-"));
	assert_string_equal(json_text_or(shown, "digest", ""), json_text_or(doc, "digest", "-"));
	check(json_number_or(shown, "lambda", 0) == json_number_or(doc, "lambda", 1));
	check(json_array_size(json_object_get(shown, "label_names")) == 3);
	check(json_array_size(json_object_get(shown, "reproduced")) == 1);
	assert_string_equal(json_string_value(json_array_get(json_object_get(shown, "reproduced"), 0)),
			    json_text_or(proved, "by", ""));
	assert_string_equal(json_text_or(shown, "target", ""), "colour");
	world_close();
}

TEST(subtracting_is_as_if_they_had_never_been_there)
{
	struct recipe how = { .target = "colour", .features = "pixels" };
	scoped(set) *all = NULL, *some = NULL, *rest = NULL;
	scoped(sums) *whole = NULL, *without = NULL;
	struct world *w = exact_world(false);
	struct gathered got;

	check_ok(set_create(&all, &e));
	check_ok(set_add_range(all, 0, PHOTOS, &e));
	check_ok(set_create(&some, &e));
	/* All of one colour: the label goes with them. (Position 0 is no picture.) */
	for (uint64_t pos = 1; pos <= PHOTOS; pos += 3)
		check_ok(set_add(some, pos, &e));
	check_ok(set_copy(&rest, all, &e));
	check_ok(set_minus(rest, some, &e));
	check_ok(exact_sums_create(&whole, &how, &e));
	check_ok(exact_sums_create(&without, &how, &e));
	check_ok(exact_learn(w->r, &how, all, 1, whole, NULL, &got, &e));
	check_ok(exact_learn(w->r, &how, rest, 1, without, NULL, &got, &e));
	check(!sums_equal(whole, without));
	check(whole->count == 3 && without->count == 2);
	check_ok(exact_learn(w->r, &how, some, -1, whole, NULL, &got, &e));
	check(sums_equal(whole, without));
	refused(exact_learn(w->r, &how, all, -1, whole, NULL, &got, &e), E_MISMATCH);
	world_close();
}

/* --- the door --- */

static void is_denied(struct world *w, const char *dataset, const char *reason)
{
	struct train_words words = { .model = "m", .dataset = dataset, .target = "colour",
				     .features = "pixels" };
	uint64_t facts = world_facts();
	scoped_json *doc = NULL;

	refused(flow_train(w->r, &words, &doc, &e), E_DENIED);
	assert_string_equal(json_text_or(doc, "decision", ""), "deny");
	check(json_is_null(json_object_get(doc, "model")));
	check(json_number_or(json_object_get(doc, "counts"), reason, 0) > 0);
	check(world_facts() == facts);
}

TEST(one_denied_record_shuts_the_door)
{
	struct order_words order = { .selector = "record:3", .authority = "DPA", .reason = "r" };
	scoped_json *evaluated = NULL, *opened = NULL;
	struct world *w = exact_world(false);

	check_ok(flow_dataset_create(w->r, "e", "evaluate:IdentityVerification", NULL, &evaluated, &e));
	is_denied(w, "e", "use-not-allowed");
	check_ok(flow_order_open(w->r, &order, &opened, &e));
	is_denied(w, "d", "order-open");
	world_close();
}

/* Once: an order that somebody opens meanwhile. */
static void open_order(void *ctx, const struct task *t)
{
	struct order_words order = { .selector = "record:3", .authority = "DPA", .reason = "r" };
	struct world *w = ctx;
	json_t *doc = NULL;

	if (!w->task.show || t->done == 0)
		return;
	w->task.show = NULL;
	check_ok(flow_order_open(w->r, &order, &doc, &e));
	json_decref(doc);
}

TEST(what_changes_while_it_learns_is_decided_again)
{
	struct train_words words = { .model = "m", .dataset = "d", .target = "colour",
				     .features = "pixels" };
	struct world *w = exact_world(false);
	uint64_t facts = world_facts();
	scoped_json *doc = NULL;

	w->task.shown_us = 0;
	w->task.show = open_order;
	w->task.show_ctx = w;
	refused(flow_train(w->r, &words, &doc, &e), E_DENIED);
	check(!w->task.show && world_facts() == facts + 1);
	check(json_number_or(json_object_get(doc, "counts"), "order-open", 0) == 1);
	world_close();
}

TEST(wrong_words_train_nothing)
{
	struct world *w = exact_world(false);
	struct train_words good = { .model = "m", .dataset = "d", .target = "colour",
				    .features = "pixels" }, bad;
	uint64_t facts = world_facts();
	json_t *doc = NULL;

	bad = good, bad.model = "../m";
	refused(flow_train(w->r, &bad, &doc, &e), E_USAGE);
	bad = good, bad.lambda = "0";
	refused(flow_train(w->r, &bad, &doc, &e), E_USAGE);
	bad = good, bad.lambda = "70368744177665"; /* 2^46 + 1 */
	refused(flow_train(w->r, &bad, &doc, &e), E_USAGE);
	bad = good, bad.features = "pixels@00";
	refused(flow_train(w->r, &bad, &doc, &e), E_USAGE);
	bad = good, bad.target = "";
	refused(flow_train(w->r, &bad, &doc, &e), E_USAGE);
	bad = good, bad.target = "weight"; /* nobody has one */
	refused(flow_train(w->r, &bad, &doc, &e), E_RANGE);
	bad = good, bad.dataset = "d@2";
	refused(flow_train(w->r, &bad, &doc, &e), E_NOT_FOUND);
	check(world_facts() == facts && !doc);
	world_close();
}

/* --- written out --- */

static bool in_folder(const char *folder, const char *name)
{
	char path[PATH_LEN_MAX];

	check_ok(path_join(path, folder, name, &e));
	return file_exists(path);
}

TEST(what_is_written_out_is_what_is_sealed)
{
	struct world *w = exact_world(false);
	scoped_json *doc = exact_trained(w, "m", "colour", false), *out = NULL, *full = NULL;
	scoped(checkpoint) *card = NULL;
	scoped(fields) *f = NULL;
	scoped(buf) *bytes = NULL;
	char path[PATH_LEN_MAX], file[PATH_LEN_MAX];
	struct hash digest;
	struct model m;

	check_ok(path_join(path, test_folder(), "out", &e));
	check_ok(flow_model_export(w->r, "m", path, false, &out, &e));
	check(json_array_size(json_object_get(out, "files")) == 3);
	check(!in_folder(path, "sums.safetensors"));
	refused(flow_model_export(w->r, "m", path, true, &full, &e), E_CONFLICT);
	m = exact_model(w, "m");
	check_ok(repo_private(w->r, m.fact, &f, &e));
	check_ok(path_join(file, path, "checkpoint.json", &e));
	check_ok(file_read(file, CHECKPOINT_BYTES_MAX, &bytes, &e));
	check_ok(checkpoint_parse(&card, bytes->data, bytes->len, &e));
	check(memcmp(fields_find(f, "digest")->value->data, card->digest.b, HASH_LEN) == 0);
	check_ok(hex_decode(digest.b, HASH_LEN, json_text_or(doc, "weights_sha256", ""), &e));
	check(card_field_is(&card->weights, &digest) && !card->sums.opened);
	check(card->fact == m.fact && card->version == 1);
	world_close();
}

TEST(an_order_finds_what_was_written_out)
{
	struct world *w = exact_world(false);
	scoped_json *doc = exact_trained(w, "m", "colour", false), *out = NULL;
	char folder[PATH_LEN_MAX], path[PATH_LEN_MAX];
	scoped(arena) *a = NULL;
	scoped(set) *s = NULL;
	struct part_due *due;
	struct touched t;
	enum removed how;
	size_t count;

	check(doc != NULL);
	check_ok(path_join(folder, test_folder(), "out", &e));
	check_ok(flow_model_export(w->r, "m", folder, true, &out, &e));
	check_ok(path_join(path, folder, "checkpoint.json", &e));
	check_ok(file_write(path, "mine now", 8, 0600, &e));
	check_ok(arena_create(&a, &e));
	check_ok(set_create(&s, &e));
	check_ok(set_add(s, 5, &e));
	check_ok(touched_by(w->r, a, s, &t, &e));
	check_ok(parts_due(w->r, a, s, &t, &due, &count, &e));
	check(count == 4);
	for (size_t i = 0; i < count; i++) {
		check_ok(part_remove(w->r, &due[i], &how, &e));
		check(how == (strcmp(due[i].name, "checkpoint.json") == 0 ? REMOVED_OTHER : REMOVED));
	}
	check(in_folder(folder, "checkpoint.json") && !in_folder(folder, "weights.safetensors"));
	world_close();
}

TEST(what_may_not_be_used_is_not_written_out)
{
	struct world *w = exact_world(false);
	struct model_words words = { .name = "k", .path = world_beside("weights") };
	scoped_json *doc = exact_trained(w, "m", "colour", false), *gone = NULL, *made = NULL;
	scoped_json *denied = NULL;
	char path[PATH_LEN_MAX];
	json_t *none = NULL;

	check(doc != NULL);
	check_ok(path_join(path, test_folder(), "out", &e));
	refused(flow_model_add(w->r, &words, &made, &e), E_DENIED);
	refused(flow_model_export(w->r, "k", path, false, &none, &e), E_USAGE);
	refused(flow_model_prove(w->r, "k", &none, &e), E_USAGE);
	check_ok(flow_model_withdraw(w->r, "m", NULL, &gone, &e));
	refused(flow_model_export(w->r, "m", path, false, &denied, &e), E_DENIED);
	assert_string_equal(json_text_or(denied, "decision", ""), "deny");
	check(json_array_size(json_object_get(denied, "reasons")) > 0);
	check(!none && !file_exists(path));
	world_close();
}

/* --- a rebuild --- */

struct moving {
	struct world *w;
	uint64_t fact;
	struct catalog_object first[2]; /* parts 0 and 1 */
	bool late;
};

static int move_object(void *ctx, const struct object_head *h, const struct place *at,
		       struct error *error)
{
	struct moving *m = ctx;
	bool is_first = h->slot == m->first[0].slot || h->slot == m->first[1].slot;
	struct place to;

	return is_first == m->late ? vault_add_sealed(m->w->r->vault, at, &to, error) : 0;
}

/* As compact does when its batch ends amid a checkpoint, and some of the first pack dies later. */
static void move_first_parts_last(struct world *w, uint64_t fact)
{
	struct moving m = { .w = w, .fact = fact };

	for (unsigned i = 0; i < 2; i++)
		check_ok(catalog_object(w->r->catalog, OBJECT_FILE, fact, i, &m.first[i], &e));
	for (int late = 0; late < 2; late++) {
		scoped(change) *c = NULL;

		check_ok(change_begin(&c, w->r, &e));
		m.late = late;
		check_ok(vault_scan(w->r->vault, m.first[0].at.pack, move_object, &m, &e));
		check_ok(change_commit(c, &e));
	}
	check_ok(vault_remove_pack(w->r->vault, m.first[0].at.pack, &e));
}

TEST(a_rebuild_knows_parts_wherever_compact_put_them)
{
	struct world *w = exact_world(false);
	scoped_json *doc = exact_trained(w, "m", "colour", false), *shown = NULL;
	struct repo_options o = { .at_utc_ms = UINT64_MAX, .rebuild = true, .task = &w->task };
	char folder[PATH_LEN_MAX];
	struct model m;

	move_first_parts_last(w, exact_model(w, "m").fact);
	snprintf(folder, sizeof(folder), "%.*s", (int)(strlen(w->r->folder) - strlen("/.rescind")),
		 w->r->folder);
	o.folder = folder;
	repo_close(w->r);
	w->r = NULL;
	check_ok(repo_open(&w->r, &o, &e));
	m = exact_model(w, "m");
	check(m.exact);
	check_ok(exact_check(w->r, &m, &e));
	check_ok(flow_model_show(w->r, "m", &shown, &e));
	assert_string_equal(json_text_or(shown, "digest", ""), json_text_or(doc, "digest", "-"));
	world_close();
}

int main(int argc, char **argv)
{
	return exact_main("exact", argc, argv);
}
