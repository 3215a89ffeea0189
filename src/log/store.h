/*
 * store: tiles and bundles in blobs, by number. For log/ alone. Nothing is checked but the
 * form; callers hold the hashes against the tree.
 */
#ifndef LOG_STORE_H
#define LOG_STORE_H

#include "base/blobs.h"
#include "log/tile.h"

/* The first width hashes of a hash tile: of its partial tile of this width, or if that is gone,
 * of the full one. Errors: E_NOT_FOUND; E_MISMATCH, of another length. */
must_use int store_hashes(struct blobs *b, int level, uint64_t number, unsigned width,
			  struct hash ret[TILE_WIDTH], struct error *e);
/* The first width entries of a bundle, likewise, in place of what out holds; entry i lies at
 * ret_at[i], and ret_at[width] is the end. Errors: E_NOT_FOUND; E_MISMATCH, not so many entries. */
must_use int store_entries(struct blobs *b, uint64_t number, unsigned width, struct buf *out,
			   size_t ret_at[TILE_WIDTH + 1], struct error *e);
/* Leaf hashes of entries that store_entries found. */
void store_leaves(const struct buf *bundle, const size_t at[TILE_WIDTH + 1], unsigned width,
		  struct hash ret[TILE_WIDTH]);
/* Remove the partial tiles of one that is full; a power cut may bring them back. */
must_use int store_drop_partial(struct blobs *b, int level, uint64_t number, struct error *e);

#endif
