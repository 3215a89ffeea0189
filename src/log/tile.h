/*
 * tile: names and arithmetic of C2SP tlog-tiles: which tile a subtree lies in, how a
 * tile is called, how an entry bundle is cut. Pure.
 */
#ifndef LOG_TILE_H
#define LOG_TILE_H

#include "base/buf.h"
#include "crypto/hash.h"

enum { TILE_WIDTH = 256, TILE_NAME_MAX = 64, LOG_ENTRY_MAX = 65535, TILE_LEVEL_MAX = 63,
       TILE_ENTRIES = -1 };

/* "tile/0/x001/234" or "tile/entries/000.p/17": level TILE_ENTRIES is the bundle; width 1 to
 * TILE_WIDTH. Errors: E_RANGE. */
must_use int tile_name(char ret_name[TILE_NAME_MAX], int level, uint64_t number, unsigned width,
		       struct error *e);
/* The inverse, strict. Errors: E_FORMAT. */
must_use int tile_parse_name(const char *name, int *ret_level, uint64_t *ret_number,
			     unsigned *ret_width, struct error *e);
/* Number of hashes at a level in a tree of this size; of level TILE_ENTRIES, as of level 0. */
uint64_t tile_hashes(int level, uint64_t size);

/* Append one entry to a bundle: u16 big-endian length, bytes. Errors: E_RANGE beyond
 * LOG_ENTRY_MAX. */
must_use int bundle_put(struct buf *b, const void *entry, size_t len_bytes, struct error *e);
/* Take the next entry at *at of a bundle; lent. E_FORMAT when it is cut short. */
must_use int bundle_next(const struct buf *bundle, size_t *at, const uint8_t **ret_entry,
			 size_t *ret_len, struct error *e);

#endif
