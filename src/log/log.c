#include "log/log.h"

#include <inttypes.h>
#include <stdlib.h>

#include "log/handle.h"
#include "log/store.h"

/*
 * A log in memory is its right edge: of each level the hashes of the last tile, if that is
 * partial, and all that came since. Of size 70,000:
 *
 *	level 2   [0]                      partial tile of width 1
 *	level 1   full | [256 .. 272]      partial tile of width 17
 *	level 0   273 full | [69888 ..]    partial tile of width 112
 *
 * The root grows from these alone, and a full tile is checked against the hash above it, up
 * to the edge. So the root that log_open was given vouches for every tile that is read.
 */
static int edge_load(struct log *l, uint64_t size, struct error *e)
{
	struct hash tile[TILE_WIDTH];

	for (int level = 0; level < EDGE_LEVELS; level++) {
		uint64_t hashes = tile_hashes(level, size);
		unsigned width = (unsigned)(hashes % TILE_WIDTH);
		int code = edge_reserve(&l->edge, e);

		if (code == 0 && width > 0)
			code = store_hashes(l->b, level, hashes / TILE_WIDTH, width, tile, e);
		if (code < 0)
			return code;
		for (unsigned i = 0; i < width; i++)
			edge_push(&l->edge, level, &tile[i]);
	}
	return 0;
}

static int log_create(struct log **ret_log, struct blobs *b, uint64_t size, struct error *e)
{
	scoped(log) *l = calloc(1, sizeof(*l));
	int code;

	if (!l)
		return error_set(e, E_MEMORY, "no memory for a log");
	l->b = b;
	l->written = size;
	edge_init(&l->edge, size);
	code = buf_create(&l->read, 0, e);
	if (code == 0)
		*ret_log = give(l);
	return code;
}

int log_open(struct log **ret_log, struct blobs *b, uint64_t size, const struct hash *root,
	     struct error *e)
{
	scoped(log) *l = NULL;
	struct hash found;
	int code;

	if (size > TREE_SIZE_MAX)
		return error_set(e, E_RANGE, "a log of %" PRIu64 " entries", size);
	code = log_create(&l, b, size, e);
	if (code == 0)
		code = edge_load(l, size, e);
	if (code < 0)
		return code;
	log_root(l, &found);
	if (!hash_equal(&found, root))
		return error_set(e, E_MISMATCH, "tiles of size %" PRIu64 " lead to another root",
				 size);
	*ret_log = give(l);
	return 0;
}

void log_close(struct log *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < KEPT_TILES; i++)
		free(l->kept[i]);
	edge_done(&l->edge);
	buf_destroy(l->bundle);
	buf_destroy(l->read);
	free(l);
}

uint64_t log_size(const struct log *l)
{
	return edge_hashes(&l->edge, 0);
}

void log_root(const struct log *l, struct hash *ret)
{
	edge_root(&l->edge, ret);
}

/* The last bundle is needed only by who adds to it. */
static int bundle_load(struct log *l, struct error *e)
{
	unsigned width = (unsigned)(l->written % TILE_WIDTH);
	struct hash leaf[TILE_WIDTH];
	size_t at[TILE_WIDTH + 1];
	scoped(buf) *bundle = NULL;
	int code = buf_create(&bundle, 0, e);

	if (code == 0 && width > 0) {
		code = store_entries(l->b, l->written / TILE_WIDTH, width, bundle, at, e);
		if (code < 0)
			return code;
		store_leaves(bundle, at, width, leaf);
		if (memcmp(leaf, l->edge.level[0].hash, width * sizeof(*leaf)) != 0)
			return error_set(e, E_MISMATCH, "the last bundle is not that of the root");
	}
	if (code == 0) {
		bundle->plain = true;
		l->bundle = give(bundle);
	}
	return code;
}

int log_add(struct log *l, const void *entry, size_t len_bytes, struct error *e)
{
	struct hash leaf;
	int code = 0;

	if (log_size(l) >= TREE_SIZE_MAX)
		return error_set(e, E_RANGE, "the log is full");
	if (!l->bundle)
		code = bundle_load(l, e);
	if (code == 0)
		code = edge_reserve(&l->edge, e);
	if (code == 0)
		code = bundle_put(l->bundle, entry, len_bytes, e);
	if (code < 0) {
		error_wrap(e, "entry %" PRIu64, log_size(l));
		return code;
	}
	tree_leaf(&leaf, entry, len_bytes);
	edge_push(&l->edge, 0, &leaf);
	return 0;
}
