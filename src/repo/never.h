/*
 * never: the never-again list: what was erased by an order does not come back by another door.
 * It holds keyed digests only (HMAC under never.key, 16 bytes), one file "never/oN" for each
 * order in the keys directory, so that it outlives any repository put back; the catalog has a
 * copy to look up. For a record of content d with the subjects s1..sn it has
 *   tag(d), tag(d, n), tag(d, s1) .. tag(d, sn)
 * so that one can ask whether somebody who brings d again speaks for the same people.
 */
#ifndef REPO_NEVER_H
#define REPO_NEVER_H

#include "repo/repo.h"

/* Append the tags of the record at pos to list: of the subjects of its card and of its copies. */
must_use int never_put(struct repo *r, uint64_t pos, const struct fields *card, struct buf *list,
		       struct error *e);
/* Put a list into the catalog (in the open transaction). The list itself is the file "never/oN" of
 * the keys directory, which flow/ writes before the first key of the order is destroyed. */
must_use int never_fold(struct repo *r, uint64_t order, const struct buf *list, struct error *e);
/* Into the catalog again, from the keys directory (rebuild). */
must_use int never_load(struct repo *r, struct error *e);

/* *ret_order: the order that put content on the list, or 0. *ret_same: all these subjects, and no
 * others, were its known ones (or it had none known and there are some now), so that a fresh
 * grant by each of them lifts the entry. */
must_use int never_check(struct repo *r, const struct hash *content, const char *const *subjects,
			 size_t count, uint64_t *ret_order, bool *ret_same, struct error *e);

#endif
