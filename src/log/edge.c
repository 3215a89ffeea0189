#include "log/edge.h"

#include <inttypes.h>
#include <stdlib.h>

#include "crypto/tree.h"

void edge_init(struct edge *g, uint64_t size)
{
	memset(g, 0, sizeof(*g));
	for (int i = 0; i < EDGE_LEVELS; i++)
		g->level[i].first = tile_hashes(i, size) / TILE_WIDTH * TILE_WIDTH;
}

void edge_done(struct edge *g)
{
	for (int i = 0; i < EDGE_LEVELS; i++)
		free(g->level[i].hash);
}

static int level_reserve(struct edge_level *l, struct error *e)
{
	size_t cap = l->cap ? 2 * l->cap : TILE_WIDTH;
	struct hash *hash;

	if (l->count < l->cap)
		return 0;
	hash = realloc(l->hash, cap * sizeof(*hash));
	if (!hash)
		return error_set(e, E_MEMORY, "no memory for %zu hashes", cap);
	l->hash = hash;
	l->cap = cap;
	return 0;
}

int edge_reserve(struct edge *g, struct error *e)
{
	int code = 0;

	for (int i = 0; i < EDGE_LEVELS && code == 0; i++)
		code = level_reserve(&g->level[i], e);
	return code;
}

void edge_push(struct edge *g, int level, const struct hash *h)
{
	struct edge_level *l = &g->level[level];
	struct hash full;

	l->hash[l->count++] = *h;
	if (l->count % TILE_WIDTH != 0 || level + 1 == EDGE_LEVELS)
		return;
	tree_root(&full, &l->hash[l->count - TILE_WIDTH], TILE_WIDTH);
	edge_push(g, level + 1, &full);
}

uint64_t edge_hashes(const struct edge *g, int level)
{
	return g->level[level].first + g->level[level].count;
}

void edge_trim(struct edge *g)
{
	for (int i = 0; i < EDGE_LEVELS; i++) {
		struct edge_level *l = &g->level[i];
		size_t full = l->count / TILE_WIDTH * TILE_WIDTH;

		if (full == 0)
			continue;
		memmove(l->hash, l->hash + full, (l->count - full) * sizeof(*l->hash));
		l->count -= full;
		l->first += full;
	}
}

/*
 * A subtree of 2^level leaves is one of 2^(level % 8) hashes of the tile level level / 8, all in
 * one tile.
 */
int edge_read(void *ctx, unsigned level, uint64_t first, struct hash *ret, struct error *e)
{
	struct edge *g = ctx;

	if (level >= 8 * EDGE_LEVELS)
		return error_set(e, E_RANGE, "no subtree of 2^%u", level);

	const struct edge_level *l = &g->level[level / 8];
	uint64_t index = first >> (level / 8 * 8), width = UINT64_C(1) << level % 8;

	if (index < l->first || index - l->first > l->count ||
	    l->count - (index - l->first) < width)
		return error_set(e, E_RANGE, "no subtree of 2^%u at %" PRIu64, level, first);
	tree_root(ret, &l->hash[index - l->first], width);
	return 0;
}

void edge_root(const struct edge *g, struct hash *ret)
{
	struct edge reader = *g;

	/* The subtrees below a root are one for each bit of size, all of them in the edge. */
	if (tree_range(ret, 0, edge_hashes(g, 0), edge_read, &reader, NULL) < 0)
		memset(ret, 0, sizeof(*ret));
}
