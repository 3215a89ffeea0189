/* What a trial's repository holds, and what must be true of it. */
#include "repo/testing.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/test.h"
#include "base/text.h"

/* --- everything as text --- */

static struct buf *out;

static void hex_out(const char *what, const void *p, size_t len)
{
	char hex[2 * 64 + 1];

	ok(buf_printf(out, &trial.e, " %s %s", what, hex_encode(hex, p, len)));
}

static int dump_record(void *ctx, const struct catalog_record *r, struct error *e)
{
	(void)ctx;
	return buf_printf(out, e, "record %" PRIu64 " batch %" PRIu64 " slot %" PRIu64 " status %u %d%d\n",
			  r->pos, r->batch, r->slot, r->status, r->card.len_bytes > 0,
			  r->bytes.len_bytes > 0);
}

static int dump_tag(void *ctx, const struct tag *t, uint64_t pos, struct error *e)
{
	hex_out(ctx, t->b, sizeof(t->b));
	return buf_printf(out, e, " %" PRIu64 "\n", pos);
}

static int dump_object(void *ctx, const struct catalog_object *o, struct error *e)
{
	(void)ctx;
	return buf_printf(out, e, "object %u %" PRIu64 " %" PRIu64 " slot %" PRIu64 " %d\n", o->kind,
			  o->owner, o->part, o->slot, o->at.len_bytes > 0);
}

static int dump_thing(void *ctx, const struct catalog_thing *t, struct error *e)
{
	(void)ctx;
	hex_out("thing", t->tag.b, sizeof(t->tag.b));
	return buf_printf(out, e, " %u %" PRIu64 " %s %" PRIu64 " %" PRIu64 " %u %s\n", t->kind, t->id,
			  t->name, t->owner, t->fact, t->state, t->body);
}

static int dump_container(void *ctx, const struct hash *name, const struct catalog_container *k,
			  struct error *e)
{
	(void)ctx;
	hex_out("container", name->b, HASH_LEN);
	hex_out("root", k->root.b, HASH_LEN);
	return buf_printf(out, e, " %" PRIu64 " slot %" PRIu64 "\n", k->number, k->slot);
}

static void dump_mark(uint64_t mark)
{
	scoped(set) *s = NULL;

	ok(set_create(&s, &trial.e));
	ok(catalog_mark_get(trial.r->catalog, mark, s, &trial.e));
	ok(buf_printf(out, &trial.e, "mark %" PRIu64 ": ", mark));
	ok(set_put_text(s, out, &trial.e));
	ok(buf_put(out, "\n", 1, &trial.e));
}

/* What is on the list cannot be walked: it is asked for each tag of the files in the keys. */
static void dump_never(void)
{
	scoped(arena) *a = NULL;
	char **names, file[64];
	size_t count;

	ok(arena_create(&a, &trial.e));
	ok(keydir_list(&trial.r->keys, a, "never", &names, &count, &trial.e));
	for (size_t i = 0; i < count; i++) {
		scoped(buf) *list = NULL;

		snprintf(file, sizeof(file), "never/%.40s", names[i]);
		ok(keydir_read(&trial.r->keys, file, 1 << 20, &list, &trial.e));
		for (size_t at = 0; at + 16 <= list->len; at += 16) {
			struct tag t;
			uint64_t order;

			memcpy(t.b, list->data + at, 16);
			ok(catalog_never(trial.r->catalog, &t, &order, &trial.e));
			hex_out("never", t.b, 16);
			ok(buf_printf(out, &trial.e, " %" PRIu64 "\n", order));
		}
	}
}

static void dump_facts(struct catalog *c)
{
	uint64_t facts, records;

	ok(catalog_fact_count(c, &facts, &trial.e));
	for (uint64_t n = 0; n < facts; n++) {
		ok(catalog_fact(c, n, out, &trial.e));
		ok(buf_put(out, "\n", 1, &trial.e));
	}
	ok(catalog_commitment_count(c, &records, &trial.e));
	for (uint64_t p = 0; p < records; p++) {
		struct hash h;

		ok(catalog_commitments(c, p, 1, &h, &trial.e));
		hex_out("commitment", h.b, HASH_LEN);
	}
	ok(buf_put(out, "\n", 1, &trial.e));
}

static void dump_numbers(struct catalog *c)
{
	static const char *const names[] = { "slots", "epoch", "solo", "changes" };
	uint64_t v;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		ok(catalog_number(c, names[i], 0, &v, &trial.e));
		ok(buf_printf(out, &trial.e, "%s %" PRIu64 "\n", names[i], v));
	}
}

const char *trial_dump(void)
{
	static struct buf *texts[2];
	static unsigned turn;
	struct catalog *c = trial.r->catalog;
	scoped(set) *all = NULL;

	turn = !turn;
	buf_destroy(texts[turn]);
	ok(buf_create(&texts[turn], 65536, &trial.e));
	out = texts[turn];
	ok(set_create(&all, &trial.e));
	ok(set_add_range(all, 0, 10000, &trial.e));
	dump_facts(c);
	ok(catalog_each_record(c, all, dump_record, NULL, &trial.e));
	for (uint8_t kind = TAG_DIGEST; kind <= TAG_PLACE; kind++)
		ok(catalog_each_tag(c, kind, dump_tag, (void *)(uintptr_t)"tag", &trial.e));
	ok(catalog_each_object(c, 0, UINT64_MAX, dump_object, NULL, &trial.e));
	for (uint8_t kind = THING_KEY; kind <= THING_HANDOVER; kind++)
		ok(catalog_each_thing(c, kind, UINT64_MAX, dump_thing, NULL, &trial.e));
	ok(catalog_each_container(c, dump_container, NULL, &trial.e));
	for (uint64_t mark = 1; mark <= 3; mark++)
		dump_mark(mark);
	for (uint64_t id = 1; id < 4; id++)
		dump_mark(MARK_ORDER + id);
	dump_never();
	dump_numbers(c);
	return buf_text(out);
}

/* --- what must hold --- */

enum { HEADS_MAX = 256 };
static struct {
	bool known;
	struct hash root;
} heads[LOG_COUNT][HEADS_MAX];

const void *trial_noted(size_t *ret_len)
{
	*ret_len = sizeof(heads);
	return heads;
}

void trial_forget_heads(void)
{
	memset(heads, 0, sizeof(heads));
}

static void note_head(const struct note_key *key, int log, const struct buf *note)
{
	struct head h;

	ok(head_open(&h, note->data, note->len, key, &trial.e));
	check(h.size < HEADS_MAX);
	if (heads[log][h.size].known && !hash_equal(&heads[log][h.size].root, &h.root))
		fail_msg("log %d: size %" PRIu64 " has two roots", log, h.size);
	heads[log][h.size].known = true;
	heads[log][h.size].root = h.root;
}

static struct note_key head_keys[LOG_COUNT];

void trial_note_public(void)
{
	static const char *const names[] = { "log/facts/checkpoint", "log/records/checkpoint" };
	char path[PATH_LEN_MAX], folder[PATH_LEN_MAX];

	if (trial.r)
		memcpy(head_keys, trial.r->log_key, sizeof(head_keys));
	for (int log = 0; log < LOG_COUNT; log++) {
		scoped(buf) *note = NULL;

		ok(path_join(folder, trial.folder, ".rescind", &trial.e));
		ok(path_join(path, folder, names[log], &trial.e));
		if (file_read(path, NOTE_BYTES_MAX, &note, &trial.e) == 0)
			note_head(&head_keys[log], log, note);
		error_clear(&trial.e);
	}
}

void trial_note_heads(void)
{
	trial_note_public();
	for (int log = 0; log < LOG_COUNT; log++)
		for (uint64_t size = 0; trial.r && size < HEADS_MAX; size++) {
			scoped(buf) *stored = NULL;

			ok(buf_create(&stored, 512, &trial.e));
			if (catalog_head(trial.r->catalog, log, size, stored, &trial.e) == 0)
				note_head(&head_keys[log], log, stored);
			error_clear(&trial.e);
		}
}

struct referred {
	struct set *slots, *packs;
};

static void refer(struct referred *x, uint64_t slot, const struct place *at)
{
	ok(set_add(x->slots, slot, &trial.e));
	if (at->len_bytes)
		ok(set_add(x->packs, at->pack, &trial.e));
}

static int refer_record(void *ctx, const struct catalog_record *r, struct error *e)
{
	(void)e;
	refer(ctx, r->slot, &r->card);
	refer(ctx, r->slot, &r->bytes);
	return 0;
}

static int refer_object(void *ctx, const struct catalog_object *o, struct error *e)
{
	(void)e;
	refer(ctx, o->slot, &o->at);
	return 0;
}

static int refer_container(void *ctx, const struct hash *name, const struct catalog_container *k,
			   struct error *e)
{
	(void)name;
	(void)e;
	refer(ctx, k->slot, &k->at);
	return 0;
}

static int is_dead(void *ctx, const struct object_head *h, const struct place *at, struct error *e)
{
	bool alive;

	(void)ctx;
	ok(keyring_alive(trial.r->keyring, h->slot, &alive, e));
	if (alive)
		fail_msg("pack %" PRIu64 " is an orphan that opens", at->pack);
	return 0;
}

/* A pack that nothing refers to holds what was erased. */
static int referred_pack(void *ctx, uint64_t pack, uint64_t len, struct error *e)
{
	struct referred *x = ctx;
	uint64_t last;

	(void)len;
	ok(catalog_number(trial.r->catalog, "packs", 0, &last, e));
	check(pack <= last);
	return set_has(x->packs, pack) ? 0 : vault_scan(trial.r->vault, pack, is_dead, NULL, e);
}

static int opens(void *ctx, const struct catalog_record *rec, struct error *e)
{
	scoped(fields) *card = NULL;
	scoped(buf) *bytes = NULL;
	bool alive;

	(void)ctx;
	ok(keyring_alive(trial.r->keyring, rec->slot, &alive, e));
	check(alive == (rec->status != RECORD_ERASED));
	if (!alive)
		return 0;
	ok(repo_card(trial.r, rec, true, &card, e));
	ok(buf_create(&bytes, 64, e));
	ok(repo_bytes(trial.r, rec, bytes, e));
	return 0;
}

/* What was ever public is still committed. */
static void check_heads(void)
{
	uint64_t sizes[LOG_COUNT];

	sizes[LOG_FACTS] = trial_facts();
	ok(catalog_commitment_count(trial.r->catalog, &sizes[LOG_RECORDS], &trial.e));
	for (int log = 0; log < LOG_COUNT; log++)
		for (uint64_t size = sizes[log] + 1; size < HEADS_MAX; size++)
			check(!heads[log][size].known);
}

void trial_check_whole(void)
{
	struct catalog *c = trial.r->catalog;
	scoped(set) *slots = NULL, *packs = NULL, *all = NULL;
	struct referred x;
	bool alive;

	ok(set_create(&slots, &trial.e));
	ok(set_create(&packs, &trial.e));
	ok(set_create(&all, &trial.e));
	ok(set_add_range(all, 0, 10000, &trial.e));
	x.slots = slots;
	x.packs = packs;
	ok(catalog_each_record(c, all, opens, NULL, &trial.e));
	ok(catalog_each_record(c, all, refer_record, &x, &trial.e));
	ok(catalog_each_object(c, 0, UINT64_MAX, refer_object, &x, &trial.e));
	ok(catalog_each_container(c, refer_container, &x, &trial.e));
	ok(vault_each_pack(trial.r->vault, referred_pack, &x, &trial.e));
	for (uint64_t s = 0; s < keyring_slots(trial.r->keyring); s++) {
		ok(keyring_alive(trial.r->keyring, s, &alive, &trial.e));
		if (alive && !set_has(slots, s))
			fail_msg("slot %" PRIu64 " is an orphan", s);
	}
	for (uint64_t n = 0; n < trial_facts(); n++) {
		scoped(fields) *f = NULL;

		ok(repo_private(trial.r, n, &f, &trial.e));
	}
	for (int log = 0; log < LOG_COUNT; log++) {
		scoped(log) *l = NULL;

		ok(repo_log(trial.r, log, &l, &trial.e));
	}
	trial_note_heads();
	check_heads();
}
