#include "log/log.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/arena.h"
#include "log/edge.h"
#include "log/store.h"

/*
 * Bundles give leaf hashes, these the tiles of level 0, whose roots are the hashes of level 1,
 * and so on up to the root: that is the derived tree, held against what is stored. Where a
 * bundle and its tile differ, the tile is believed if it leads to the hash that is stored above
 * it, else the bundle. If in the end the derived tree has the right root, every choice was
 * right, and what is stored otherwise is wrong.
 */
struct check {
	struct blobs *b;
	uint64_t size;
	const struct hash *root;
	bool mend;
	struct task *task;
	void (*tell)(void *ctx, const char *line); /* NULL: in silence */
	void *ctx;
	uint64_t problems;
	struct edge edge; /* of level 0 only the last tile, if it is partial */
	struct buf *bundle;
	size_t at[TILE_WIDTH + 1];
};

struct id {
	int level;
	uint64_t number;
	unsigned width;
};

static void say(struct check *c, const char *before, const struct id *t, const char *what)
{
	char name[TILE_NAME_MAX] = "", line[ERROR_TEXT_MAX + TILE_NAME_MAX + 16];

	if (!c->tell || tile_name(name, t->level, t->number, t->width, NULL) < 0)
		return;
	snprintf(line, sizeof(line), "%s%s: %s", before, name, what);
	c->tell(c->ctx, line);
}

static void problem(struct check *c, const struct id *t, const char *what)
{
	c->problems++;
	say(c, "", t, what);
}

/* What keeps us from looking on; anything else is what we look for. */
static int stops(int code, const struct error *why, struct error *e)
{
	return code == E_MEMORY ? error_set(e, code, "%s", why->text) : 0;
}

static const char *reason(int code, const struct error *why)
{
	return code == E_NOT_FOUND ? "missing" : why->text;
}

/* What is there may only go because the derived tree has the root. */
static int mend(struct check *c, const struct id *t, const struct hash *derived, struct error *e)
{
	char name[TILE_NAME_MAX];
	int code = tile_name(name, t->level, t->number, t->width, e);

	if (code == 0)
		code = c->b->calls->remove(c->b, name, e);
	if (code == 0)
		code = c->b->calls->put(c->b, name, derived, t->width * sizeof(*derived), e);
	return code;
}

static int wrong_hashes(struct check *c, const struct id *t, const struct hash *derived,
			const char *what, struct error *e)
{
	int code;

	if (!c->mend) {
		problem(c, t, what);
		return 0;
	}
	code = mend(c, t, derived, e);
	if (code == 0)
		say(c, "repaired: ", t, what);
	return code;
}

static const char other_hashes[] = "holds other hashes than its entries give";

static int check_hashes(struct check *c, const struct id *t, const struct hash *derived,
			struct error *e)
{
	struct hash stored[TILE_WIDTH];
	struct error why = { 0 };
	int code = store_hashes(c->b, t->level, t->number, t->width, stored, &why);

	if (stops(code, &why, e) < 0)
		return code;
	if (code < 0)
		return wrong_hashes(c, t, derived, reason(code, &why), e);
	if (memcmp(stored, derived, t->width * sizeof(*stored)) != 0)
		return wrong_hashes(c, t, derived, other_hashes, e);
	return 0;
}

static unsigned width_of(int level, uint64_t number, uint64_t size)
{
	uint64_t left = tile_hashes(level, size) - number * TILE_WIDTH;

	return left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
}

/* The hash that is stored above a full tile of level 0. */
static bool stored_above(const struct check *c, uint64_t number, struct hash *ret)
{
	uint64_t above = number / TILE_WIDTH;
	struct hash tile[TILE_WIDTH];

	if (store_hashes(c->b, 1, above, width_of(1, above, c->size), tile, NULL) < 0)
		return false;
	*ret = tile[number % TILE_WIDTH];
	return true;
}

/* Above a partial tile there is only the root. */
static bool leads_up(struct check *c, const struct id *t, const struct hash *leaves)
{
	struct hash found, want = *c->root;

	if (t->width == TILE_WIDTH) {
		tree_root(&found, leaves, TILE_WIDTH);
		return stored_above(c, t->number, &want) && hash_equal(&found, &want);
	}
	for (unsigned i = 0; i < t->width; i++)
		edge_push(&c->edge, 0, &leaves[i]);
	edge_root(&c->edge, &found);
	c->edge.level[0].count = 0;
	return hash_equal(&found, &want);
}

static void wrong_entry(struct check *c, const struct id *t, const struct hash *leaves,
			const struct hash *stored)
{
	struct id bundle = { TILE_ENTRIES, t->number, t->width };
	char what[80];
	unsigned i = 0;

	while (memcmp(&leaves[i], &stored[i], sizeof(*leaves)) == 0)
		i++;
	snprintf(what, sizeof(what), "entry %" PRIu64 " is not what its leaf hash says",
		 t->number * TILE_WIDTH + i);
	problem(c, &bundle, what);
}

/* A bundle that cannot be read: its tile must do, if there is one. */
static int lost_bundle(struct check *c, const struct id *t, const char *why,
		       const struct hash *stored, struct hash leaves[TILE_WIDTH], bool *ret_lost)
{
	struct id bundle = { TILE_ENTRIES, t->number, t->width };

	problem(c, &bundle, why);
	*ret_lost = !stored;
	if (stored) {
		memcpy(leaves, stored, t->width * sizeof(*leaves));
		return 0;
	}
	memset(leaves, 0, t->width * sizeof(*leaves));
	problem(c, t, "missing or broken, and its entries too");
	return 0;
}

/* The leaf hashes of a bundle, as they are believed after a look at its tile. */
static int leaves_of(struct check *c, const struct id *t, struct hash leaves[TILE_WIDTH],
		     bool *ret_lost, struct error *e)
{
	struct hash stored[TILE_WIDTH];
	struct error why = { 0 }, why_tile = { 0 };
	int code = store_entries(c->b, t->number, t->width, c->bundle, c->at, &why);
	int tile = store_hashes(c->b, 0, t->number, t->width, stored, &why_tile);

	*ret_lost = false;
	if (stops(code, &why, e) < 0 || stops(tile, &why_tile, e) < 0)
		return E_MEMORY;
	if (code < 0)
		return lost_bundle(c, t, reason(code, &why), tile < 0 ? NULL : stored, leaves,
				   ret_lost);
	store_leaves(c->bundle, c->at, t->width, leaves);
	if (tile < 0)
		return wrong_hashes(c, t, leaves, reason(tile, &why_tile), e);
	if (memcmp(stored, leaves, t->width * sizeof(*leaves)) == 0)
		return 0;
	if (!leads_up(c, t, stored))
		return wrong_hashes(c, t, leaves, other_hashes, e);
	wrong_entry(c, t, leaves, stored);
	memcpy(leaves, stored, t->width * sizeof(*leaves));
	return 0;
}

static int check_upper(struct check *c, bool full, struct error *e)
{
	int code = 0;

	for (int level = 1; level < EDGE_LEVELS && code == 0; level++) {
		const struct edge_level *g = &c->edge.level[level];
		struct id t = { level, g->first / TILE_WIDTH, (unsigned)g->count };

		if (g->count > 0 && full == (g->count == TILE_WIDTH))
			code = check_hashes(c, &t, g->hash, e);
	}
	edge_trim(&c->edge);
	return code;
}

static int check_bundle(struct check *c, uint64_t number, struct error *e)
{
	struct id t = { 0, number, width_of(0, number, c->size) };
	struct hash leaves[TILE_WIDTH], above;
	bool lost = false;
	int code = edge_reserve(&c->edge, e);

	if (code == 0)
		code = leaves_of(c, &t, leaves, &lost, e);
	if (code < 0)
		return code;
	if (t.width < TILE_WIDTH) {
		for (unsigned i = 0; i < t.width; i++)
			edge_push(&c->edge, 0, &leaves[i]);
		return 0;
	}
	if (!lost || !stored_above(c, number, &above))
		tree_root(&above, leaves, TILE_WIDTH);
	edge_push(&c->edge, 1, &above);
	return check_upper(c, true, e);
}

static int check_tree(struct check *c, struct error *e)
{
	uint64_t count = c->size / TILE_WIDTH + (c->size % TILE_WIDTH > 0);
	int code = 0;

	edge_done(&c->edge);
	edge_init(&c->edge, 0);
	c->edge.level[0].first = c->size / TILE_WIDTH * TILE_WIDTH;
	for (uint64_t i = 0; i < count && code == 0; i++) {
		code = check_bundle(c, i, e);
		if (code == 0)
			code = task_step(c->task, width_of(0, i, c->size), e);
	}
	return code < 0 ? code : check_upper(c, false, e);
}

static bool has_root(const struct check *c)
{
	struct hash found;

	edge_root(&c->edge, &found);
	return hash_equal(&found, c->root);
}

/* Partial tiles of older heads are beginnings of what there is now. */
struct older {
	const struct check *c;
	struct arena *a;
	struct id *tile;
	size_t count, cap;
};

static int note_older(void *ctx, const char *name, uint64_t len_bytes, struct error *e)
{
	struct older *o = ctx;
	struct id t;
	uint64_t hashes, number;

	(void)len_bytes;
	if (tile_parse_name(name, &t.level, &t.number, &t.width, NULL) < 0 || t.width == TILE_WIDTH)
		return 0;
	hashes = tile_hashes(t.level, o->c->size);
	number = hashes / TILE_WIDTH;
	/* Beyond the size, or the one that the size implies. */
	if (t.number > number || (t.number == number && t.width >= hashes % TILE_WIDTH))
		return 0;
	o->tile = arena_grow(o->a, o->tile, sizeof(*o->tile), o->count, &o->cap, e);
	if (!o->tile)
		return E_MEMORY;
	o->tile[o->count++] = t;
	return 0;
}

/* The derived hashes where the edge has them, else the full tile, which was checked. */
static bool hashes_now(const struct check *c, const struct id *t, struct hash ret[TILE_WIDTH])
{
	int level = t->level == TILE_ENTRIES ? 0 : t->level;
	const struct edge_level *g = &c->edge.level[level];

	if (t->number != g->first / TILE_WIDTH)
		return store_hashes(c->b, level, t->number, TILE_WIDTH, ret, NULL) == 0;
	memcpy(ret, g->hash, g->count * sizeof(*ret));
	return true;
}

static int check_older_bundle(struct check *c, const struct id *t, const struct hash *now,
			      struct error *e)
{
	struct hash leaves[TILE_WIDTH];
	struct error why = { 0 };
	int code = store_entries(c->b, t->number, t->width, c->bundle, c->at, &why);

	if (stops(code, &why, e) < 0)
		return code;
	if (code < 0) {
		problem(c, t, reason(code, &why));
		return 0;
	}
	store_leaves(c->bundle, c->at, t->width, leaves);
	if (memcmp(leaves, now, t->width * sizeof(*leaves)) != 0)
		wrong_entry(c, t, leaves, now);
	return 0;
}

static int check_older(struct check *c, struct error *e)
{
	struct hash now[TILE_WIDTH];
	scoped(arena) *a = NULL;
	struct older o = { .c = c };
	int code = arena_create(&a, e);

	o.a = a;
	if (code == 0)
		code = c->b->calls->list(c->b, "tile/", note_older, &o, e);
	for (size_t i = 0; i < o.count && code == 0; i++) {
		if (!hashes_now(c, &o.tile[i], now))
			continue;
		if (o.tile[i].level == TILE_ENTRIES)
			code = check_older_bundle(c, &o.tile[i], now, e);
		else
			code = check_hashes(c, &o.tile[i], now, e);
	}
	return code;
}

static int check_all(struct check *c, struct error *e)
{
	int code = check_tree(c, e);

	if (code == 0)
		code = check_older(c, e);
	if (code < 0 || has_root(c))
		return code;
	c->problems++;
	if (c->tell)
		c->tell(c->ctx, "root: the entries lead to another one");
	return 0;
}

int log_check(struct blobs *b, uint64_t size, const struct hash *root, bool repair,
	      struct task *t, void (*tell)(void *ctx, const char *line), void *ctx,
	      uint64_t *ret_problems, struct error *e)
{
	struct check c = { .b = b, .size = size, .root = root, .task = t, .ctx = ctx };
	scoped(buf) *bundle = NULL;
	int code = buf_create(&bundle, 0, e);

	if (code == 0 && size > TREE_SIZE_MAX)
		code = error_set(e, E_RANGE, "a log of %" PRIu64 " entries", size);
	c.bundle = bundle;
	/* Without one word, to know whether the derived tree is the right one. */
	if (code == 0 && repair)
		code = check_tree(&c, e);
	c.mend = code == 0 && repair && has_root(&c);
	c.problems = 0;
	c.tell = tell;
	if (code == 0)
		code = check_all(&c, e);
	edge_done(&c.edge);
	if (code == 0)
		*ret_problems = c.problems;
	return code;
}
