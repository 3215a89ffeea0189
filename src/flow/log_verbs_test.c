#include <stdlib.h>

#include "base/test.h"
#include "base/text.h"
#include "flow/look.h"
#include "flow/world.h"

#define USE "train:IdentityVerification"

static struct error e;

static struct world *logged_world(void)
{
	struct world *w = world_open();

	error_clear(&e);
	world_source("s", "none", USE);
	world_file("a", "1");
	world_file("b", "2");
	world_file("c", "3");
	check(world_ingest("s", NULL) == 0);
	return w;
}

/* The line at *at, ended there; *at is moved behind it. */
static char *next_line(char **at)
{
	char *line = *at, *end = strchr(line, '\n');

	check(end != NULL);
	*end = 0;
	*at = end + 1;
	return line;
}

/* Read a proof as a stranger would, and check it against the leaf. */
static void check_proof(struct world *w, int log, uint64_t index, const struct hash *leaf)
{
	struct tree_path path = { 0 };
	scoped(buf) *out = NULL, *entry = NULL;
	char want[64], *at, *line;
	struct hash said;
	struct head h;

	check_ok(buf_create(&out, 1024, &e));
	check_ok(flow_log_prove(w->r, log, index, out, &e));
	at = (char *)out->data;
	assert_string_equal(next_line(&at), "c2sp.org/tlog-proof@v1");
	line = next_line(&at);
	check(strncmp(line, "extra ", 6) == 0);
	check_ok(buf_create(&entry, 256, &e));
	check_ok(base64_get(entry, line + 6, strlen(line + 6), &e));
	tree_leaf(&said, entry->data, entry->len);
	check(hash_equal(&said, leaf));
	snprintf(want, sizeof(want), "index %llu", (unsigned long long)index);
	assert_string_equal(next_line(&at), want);
	while (*(line = next_line(&at))) {
		scoped(buf) *hash = NULL;

		check_ok(buf_create(&hash, HASH_LEN, &e));
		check_ok(base64_get(hash, line, strlen(line), &e));
		check(hash->len == HASH_LEN && path.count < TREE_PATH_MAX);
		memcpy(path.hash[path.count++].b, hash->data, HASH_LEN);
	}
	check_ok(head_open(&h, at, strlen(at), &w->r->log_key[log], &e));
	check_ok(tree_check(&path, leaf, index, h.size, &h.root, &e));
}

TEST(every_record_and_fact_can_be_proved)
{
	struct world *w = logged_world();
	struct hash entry, leaf;

	for (uint64_t i = 0; i < world_records(); i++) {
		check_ok(catalog_commitments(w->r->catalog, i, 1, &entry, &e));
		tree_leaf(&leaf, entry.b, HASH_LEN);
		check_proof(w, LOG_RECORDS, i, &leaf);
	}
	for (uint64_t i = 0; i < world_facts(); i++) {
		scoped(buf) *fact = NULL;

		check_ok(buf_create(&fact, 512, &e));
		check_ok(catalog_fact(w->r->catalog, i, fact, &e));
		tree_leaf(&leaf, fact->data, fact->len);
		check_proof(w, LOG_FACTS, i, &leaf);
	}
}

TEST(what_is_not_in_a_log_cannot_be_proved)
{
	struct world *w = logged_world();
	scoped(buf) *out = NULL;

	check_ok(buf_create(&out, 64, &e));
	check_code(flow_log_prove(w->r, LOG_RECORDS, world_records(), out, &e), E_NOT_FOUND);
	check_code(flow_log_prove(w->r, LOG_FACTS, UINT64_MAX, out, &e), E_NOT_FOUND);
	check_code(flow_log_prove(w->r, 2, 0, out, &e), E_USAGE);
	check(out->len == 0);
}

static void state_of(const json_t *o, const char *key, uint64_t *ret_size, struct hash *ret_root)
{
	json_t *part = NULL;

	check_ok(json_get_object(o, key, &part, &e));
	check_ok(json_get_number(part, "size", ret_size, &e));
	check_ok(json_get_hash(part, "root", ret_root, &e));
}

TEST(every_size_is_consistent_with_every_later_one)
{
	struct world *w = logged_world();

	for (uint64_t size = 1; size <= world_facts(); size++)
		for (uint64_t old = 1; old <= size; old++) {
			struct tree_path path = { 0 };
			struct hash roots[2];
			uint64_t sizes[2];
			scoped_json *o = NULL;
			const json_t *proof;

			check_ok(flow_log_consistency(w->r, LOG_FACTS, old, size, &o, &e));
			state_of(o, "old", &sizes[0], &roots[0]);
			state_of(o, "new", &sizes[1], &roots[1]);
			check(sizes[0] == old && sizes[1] == size);
			proof = json_object_get(o, "proof");
			for (; path.count < json_array_size(proof); path.count++)
				check_ok(hash_from_hex(
					&path.hash[path.count],
					json_string_value(json_array_get(proof, path.count)), &e));
			check_ok(tree_check_growth(&path, old, &roots[0], size, &roots[1], &e));
		}
}

TEST(sizes_that_a_log_never_had_are_refused)
{
	struct world *w = logged_world();
	json_t *o = NULL;

	check_code(flow_log_consistency(w->r, LOG_FACTS, 0, 1, &o, &e), E_RANGE);
	check_code(flow_log_consistency(w->r, LOG_FACTS, 2, 1, &o, &e), E_RANGE);
	check_code(flow_log_consistency(w->r, LOG_FACTS, 1, world_facts() + 1, &o, &e), E_RANGE);
	check_code(flow_log_consistency(w->r, -1, 1, 1, &o, &e), E_USAGE);
	check(o == NULL);
}

TEST(both_heads_are_told_as_their_notes)
{
	struct world *w = logged_world();
	static const char *const names[] = { "facts", "records" };
	scoped_json *o = NULL;
	struct head h;

	check_ok(flow_log_head(w->r, &o, &e));
	for (int i = 0; i < LOG_COUNT; i++) {
		const char *note = json_text_or(o, names[i], "");

		check_ok(head_open(&h, note, strlen(note), &w->r->log_key[i], &e));
		check(h.size == (i == LOG_FACTS ? world_facts() : world_records()));
	}
}

static int note_fact(void *ctx, json_t *fact, struct error *err)
{
	return buf_printf(ctx, err, "%llu:%s ",
			  (unsigned long long)json_number_or(fact, "n", UINT64_MAX),
			  json_text_or(fact, "type", "?"));
}

TEST(the_tail_is_the_last_facts_in_their_order)
{
	struct world *w = logged_world();
	scoped(buf) *out = NULL;

	check_ok(buf_create(&out, 64, &e));
	check_ok(flow_log_tail(w->r, 2, note_fact, out, &e));
	assert_string_equal(buf_text(out), "3:terms 4:batch ");
	buf_clear(out);
	check_ok(flow_log_tail(w->r, 0, note_fact, out, &e));
	assert_string_equal(buf_text(out), "");
	check_ok(flow_log_tail(w->r, UINT64_MAX, note_fact, out, &e));
	assert_string_equal(buf_text(out), "0:init 1:key 2:source 3:terms 4:batch ");
}

WORLD_MAIN("flow-log-verbs")
