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
/* Records of the set that are not erased, and their copies. */
must_use int each_place(struct repo *r, const struct set *s,
			int (*each)(void *ctx, const struct found_at *f, struct error *e),
			void *ctx, struct error *e);

/* Removes the file if its bytes still have this digest, and looks again. *ret_gone: it is not there
 * any more (or was not before); else *ret_other: another file is at its place, and stays. */
must_use int remove_file(const char *path, const struct hash *content, bool *ret_gone,
			 bool *ret_other, struct error *e);

#endif
