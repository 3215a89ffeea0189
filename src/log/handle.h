/*
 * handle: what a struct log is made of. For log/ alone.
 */
#ifndef LOG_HANDLE_H
#define LOG_HANDLE_H

#include <stdbool.h>

#include "log/edge.h"
#include "log/log.h"

enum { KEPT_LEAF_TILES = 48, KEPT_UPPER_TILES = 16,
       KEPT_TILES = KEPT_LEAF_TILES + KEPT_UPPER_TILES };

/* A full tile that leads to the root, with the nodes between: node[1] is its root, node[i] is
 * above node[2i] and node[2i+1], node[256..511] are the tile's hashes. */
struct kept_tile {
	int level;
	uint64_t number;
	struct hash node[2 * TILE_WIDTH];
};

struct log {
	struct blobs *b; /* lent */
	struct edge edge;
	uint64_t written;   /* size of what is in blobs */
	size_t put_bytes;   /* of bundle: the full ones that log_put wrote */
	struct buf *bundle; /* entries from edge.level[0].first on, once there is one to add */
	struct kept_tile *kept[KEPT_TILES];
	/* The bundle read last; its entries are not checked. */
	struct buf *read;
	uint64_t read_number;
	unsigned read_width; /* 0: none */
	size_t read_at[TILE_WIDTH + 1];
};

#endif
