/*
 * log: an append-only list of entries under one Merkle tree (RFC 9162), kept as C2SP
 * tlog-tiles in blobs: hash tiles, entry bundles, and the signed head under the name
 * "checkpoint". It makes tiles of entries that are committed elsewhere (the catalog), so
 * making the same entries again writes the same bytes. Tiles are checked against the root
 * when they are read. A handle belongs to one thread; many readers, one writer by the
 * repository's lock. Signing and anchoring are repo/'s.
 */
#ifndef LOG_LOG_H
#define LOG_LOG_H

#include <stdbool.h>

#include "base/blobs.h"
#include "base/task.h"
#include "crypto/tree.h"
#include "log/tile.h"

struct log;

/* The log as of this size and root (of a head that was checked): the right edge is read from the
 * tiles and must lead to root. b is lent for the handle's life. size 0 needs no tiles.
 * Where a partial tile is gone, the full one serves. Errors: E_NOT_FOUND, tiles missing;
 * E_MISMATCH, other tiles. */
must_use int log_open(struct log **ret_log, struct blobs *b, uint64_t size,
		      const struct hash *root, struct error *e);
void log_close(struct log *l); /* NULL is fine */
SCOPED(log, log_close);

uint64_t log_size(const struct log *l); /* with entries added and not yet written */
void log_root(const struct log *l, struct hash *ret);

/* Add an entry of 0 to LOG_ENTRY_MAX bytes, borrowed for the call. Nothing is written yet; the
 * first one reads the last bundle, if that is partial. After an error nothing is added. */
must_use int log_add(struct log *l, const void *entry, size_t len_bytes, struct error *e);
/* Write every tile and bundle that the current size implies and that is not there; durable on
 * return. Each bundle's bytes are hashed again against the tile before it is written. Partial
 * tiles that a full one covers are removed, at last. After an error, or in a later process after
 * a crash, the same call with the same entries goes on. E_CONFLICT: other tiles are there. */
must_use int log_write(struct log *l, struct error *e);
/* The same in two, so that several wait for the disk once: log_put, settle of the blobs, log_written.
 * seen is the largest size whose head may have been public, of a log that this one continues:
 * tiles beyond it are of a write that was cut off, and others are put in their place. */
must_use int log_put(struct log *l, uint64_t seen, struct error *e);
must_use int log_written(struct log *l, struct error *e);

/* A tree_reader over the written tiles and the unwritten edge; ctx is the struct log. */
int log_read(void *ctx, unsigned level, uint64_t first, struct hash *ret, struct error *e);
/* Append entry index (written ones only) to out, checked against its leaf hash. Errors: E_RANGE;
 * E_NOT_FOUND, its bundle or a tile is missing; E_MISMATCH, is another. */
must_use int log_entry(struct log *l, uint64_t index, struct buf *out, struct error *e);
must_use int log_prove(struct log *l, uint64_t index, uint64_t size, struct tree_path *ret,
		       struct error *e);
must_use int log_prove_growth(struct log *l, uint64_t old_size, uint64_t size,
			      struct tree_path *ret, struct error *e);

/* The public head's bytes, put in place of the older one / appended to out (E_NOT_FOUND). What was
 * staged, and settled since, log_show puts there at once, durable with the next settle. */
must_use int log_stage(struct blobs *b, const void *note, size_t len_bytes, struct error *e);
must_use int log_show(struct blobs *b, const void *note, size_t len_bytes, struct error *e);
must_use int log_publish(struct blobs *b, const void *note, size_t len_bytes, struct error *e);
must_use int log_published(struct blobs *b, struct buf *out, struct error *e);

/* Re-derive everything: hash every entry of every bundle, every tile of every level, those of
 * older heads too, and the root; each problem is told by one line. *ret_problems counts them.
 * With repair (which needs the repository's lock and takes two passes), missing or wrong hash
 * tiles that entries leading to the root explain are written anew; such a one is told as
 * "repaired: ..." and not counted. What lies beyond size is not looked at. t (may be NULL) counts
 * entries, with repair twice. Errors: what keeps it from looking; a broken log is none. */
must_use int log_check(struct blobs *b, uint64_t size, const struct hash *root, bool repair,
		       struct task *t, void (*tell)(void *ctx, const char *line), void *ctx,
		       uint64_t *ret_problems, struct error *e);

/* Appends entry n, from where it is committed. */
typedef int (*log_entry_of)(void *ctx, uint64_t n, struct buf *out, struct error *e);
/* Entry bundles that are missing or wrong, written anew where the committed entries lead to the
 * hashes of their tile, or all of them to root (then a wrong tile is log_check's to write); each is
 * told as "repaired: ..." with the ctx of entry_of. What it does not explain is left to log_check,
 * which comes after. Needs the repository's lock. t may be NULL. */
must_use int log_mend(struct blobs *b, uint64_t size, const struct hash *root,
		      log_entry_of entry_of, void (*tell)(void *ctx, const char *line), void *ctx,
		      struct task *t, struct error *e);

#endif
