#include "log/log.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/fault.h"
#include "log/handle.h"
#include "log/store.h"

static int leaf_check(const struct log *l, uint64_t index, const uint8_t *entry, size_t len,
		      struct error *e)
{
	const struct edge_level *leaves = &l->edge.level[0];
	struct hash leaf;

	tree_leaf(&leaf, entry, len);
	if (!hash_equal(&leaf, &leaves->hash[index - leaves->first]))
		return error_set(e, E_MISMATCH, "entry %" PRIu64 " changed before it was written",
				 index);
	return 0;
}

/* What is to be written, bundles first. Lent: names by the arena, bytes by the log. */
struct puts {
	struct log *l;
	uint64_t seen; /* size up to which others may have read */
	struct arena *a;
	struct blob_write *list;
	size_t count, cap;
};

/* Does no head of up to the size that was seen imply it? Then what is there is of a write that
 * was cut off. */
static bool unseen(const struct puts *p, int level, uint64_t number, unsigned width)
{
	return tile_hashes(level, p->seen) < number * TILE_WIDTH + width;
}

static int want(struct puts *p, int level, uint64_t number, unsigned width, const void *bytes,
		size_t len_bytes, struct error *e)
{
	char name[TILE_NAME_MAX];

	p->list = arena_grow(p->a, p->list, sizeof(*p->list), p->count, &p->cap, e);
	if (!p->list || tile_name(name, level, number, width, e) < 0)
		return e->code;
	p->list[p->count] = (struct blob_write){ arena_text(p->a, name, strlen(name), e), bytes,
						 len_bytes, unseen(p, level, number, width) };
	return p->list[p->count++].name ? 0 : e->code;
}

/* The bundle that begins at byte *at; moves *at past it. */
static int want_bundle(struct puts *p, uint64_t number, unsigned width, size_t *at, struct error *e)
{
	const struct log *l = p->l;
	const uint8_t *entry;
	size_t begin = *at, len;
	int code = 0;

	for (unsigned i = 0; i < width && code == 0; i++) {
		code = bundle_next(l->bundle, at, &entry, &len, e);
		if (code == 0)
			code = leaf_check(l, number * TILE_WIDTH + i, entry, len, e);
	}
	if (code < 0)
		return code;
	return want(p, TILE_ENTRIES, number, width, l->bundle->data + begin, *at - begin, e);
}

static unsigned width_at(const struct edge_level *l, size_t begin)
{
	size_t left = l->count - begin;

	return left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
}

static int want_bundles(struct puts *p, size_t *ret_full_bytes, struct error *e)
{
	const struct edge_level *leaves = &p->l->edge.level[0];
	size_t at = 0;
	int code = 0;

	*ret_full_bytes = 0;
	for (size_t i = 0; i < leaves->count && code == 0; i += TILE_WIDTH) {
		unsigned width = width_at(leaves, i);

		code = want_bundle(p, (leaves->first + i) / TILE_WIDTH, width, &at, e);
		if (width == TILE_WIDTH)
			*ret_full_bytes = at;
	}
	return code;
}

static int want_tiles(struct puts *p, int level, struct error *e)
{
	const struct edge_level *g = &p->l->edge.level[level];
	int code = 0;

	if (edge_hashes(&p->l->edge, level) == tile_hashes(level, p->l->written))
		return 0;
	for (size_t i = 0; i < g->count && code == 0; i += TILE_WIDTH) {
		unsigned width = width_at(g, i);

		code = want(p, level, (g->first + i) / TILE_WIDTH, width, &g->hash[i],
			    width * sizeof(*g->hash), e);
	}
	return code;
}

static int put_all(struct log *l, uint64_t seen, size_t *ret_full_bytes, struct error *e)
{
	struct puts p = { .l = l, .seen = seen };
	scoped(arena) *a = NULL;
	int code = arena_create(&a, e);

	p.a = a;
	if (code == 0)
		code = want_bundles(&p, ret_full_bytes, e);
	for (int level = 0; level < EDGE_LEVELS && code == 0; level++)
		code = want_tiles(&p, level, e);
	return code < 0 ? code : l->b->calls->write_many(l->b, p.list, p.count, e);
}

/* Only once every full tile is durable. No tile but the first can have been partial in a head. */
static int drop_partial(struct log *l, int level, struct error *e)
{
	const struct edge_level *g = &l->edge.level[level];
	uint64_t number = g->first / TILE_WIDTH;
	int code;

	if (g->count < TILE_WIDTH)
		return 0;
	code = store_drop_partial(l->b, level, number, e);
	if (code == 0 && level == 0)
		code = store_drop_partial(l->b, TILE_ENTRIES, number, e);
	return code;
}

static void forget_full(struct log *l, size_t full_bytes)
{
	struct buf *b = l->bundle;

	memmove(b->data, b->data + full_bytes, b->len - full_bytes + 1);
	b->len -= full_bytes;
	edge_trim(&l->edge);
}

int log_put(struct log *l, uint64_t seen, struct error *e)
{
	l->put_bytes = 0;
	return log_size(l) == l->written ? 0 : put_all(l, seen, &l->put_bytes, e);
}

/* Until the last line nothing changes in memory: what failed can be tried again. */
int log_written(struct log *l, struct error *e)
{
	int code = 0;

	if (log_size(l) == l->written)
		return 0;
	for (int level = 0; level < EDGE_LEVELS && code == 0; level++)
		code = drop_partial(l, level, e);
	if (code < 0)
		return code;
	l->written = log_size(l);
	forget_full(l, l->put_bytes);
	FAULT(log_tiles_written);
	return 0;
}

int log_write(struct log *l, struct error *e)
{
	if (log_size(l) == l->written)
		return 0;
	if (log_put(l, UINT64_MAX, e) < 0 || l->b->calls->settle(l->b, NULL, NULL, e) < 0)
		return e->code;
	return log_written(l, e);
}
