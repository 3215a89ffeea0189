/*
 * order_places: where the files of records were found, from their cards: outside effects of an
 * order, and what it cannot reach. Only for flow/order_*.c.
 */
#ifndef FLOW_ORDER_PLACES_H
#define FLOW_ORDER_PLACES_H

#include "flow/order.h"

struct found_at {
	uint64_t pos;
	const char *origin, *path; /* a folder, absolute; below it; lent */
	bool in_place;
	struct hash content;
};
/* Records of the set that are not erased, and their copies. *ret_unread (may be NULL) counts what is
 * rotten: where its file lies is not known, and nobody else's order waits for it. */
must_use int each_place(struct repo *r, const struct set *s,
			int (*each)(void *ctx, const struct found_at *f, struct error *e),
			void *ctx, uint64_t *ret_unread, struct error *e);

/* How it is with a file that should go. Absent: it was not at its place, and where it went is not
 * known. Other: another file is at its place, and stays. */
enum removed { REMOVED, REMOVED_ABSENT, REMOVED_OTHER, REMOVED_COUNT };
/* Removes the file if its bytes still have this digest, and looks again. Errors: E_IO, also where
 * its place cannot be seen: what is not seen is not gone. */
must_use int remove_file(const char *path, const struct hash *content, enum removed *ret,
			 struct error *e);
/* Is nothing there? E_IO: it cannot be seen. */
must_use int place_is_empty(const char *path, bool *ret, struct error *e);

#endif
