/*
 * edge: the hashes of a growing tree that no full tile is known to hold yet: of each tile
 * level, those from a tile's first hash on. It gives every perfect subtree among them, so
 * the root too. For log/ alone; memory only.
 */
#ifndef LOG_EDGE_H
#define LOG_EDGE_H

#include "log/tile.h"

enum { EDGE_LEVELS = 8 }; /* 256^8 is beyond TREE_SIZE_MAX */

struct edge {
	struct edge_level {
		struct hash *hash;
		uint64_t first; /* index of hash[0] at its level; a multiple of TILE_WIDTH */
		size_t count, cap;
	} level[EDGE_LEVELS];
};

void edge_init(struct edge *g, uint64_t size); /* of a tree of this size; no hashes yet */
void edge_done(struct edge *g);
/* Room for one more hash at every level. Errors: E_MEMORY. */
must_use int edge_reserve(struct edge *g, struct error *e);
/* Add the next hash of a level, for which there is room; the root of a tile that becomes full
 * is added to the level above. */
void edge_push(struct edge *g, int level, const struct hash *h);
/* Number of hashes of a level, with those before the edge. */
uint64_t edge_hashes(const struct edge *g, int level);
/* Forget the hashes of full tiles. */
void edge_trim(struct edge *g);
/* A tree_reader of subtrees within the edge; ctx is the struct edge. E_RANGE: not held. */
int edge_read(void *ctx, unsigned level, uint64_t first, struct hash *ret, struct error *e);
void edge_root(const struct edge *g, struct hash *ret);

#endif
