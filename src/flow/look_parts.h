/*
 * look_parts: what the files of look share: the batches and sources that records are told with.
 * For look.c and look_things.c alone.
 */
#ifndef FLOW_LOOK_PARTS_H
#define FLOW_LOOK_PARTS_H

#include "flow/look.h"

struct looking {
	struct repo *r;
	struct arena *a;
	struct batch *batches;
	size_t batch_count;
	struct source *sources; /* that were met */
	size_t source_count, source_cap;
};
/* a is lent. */
must_use int looking_init(struct looking *l, struct repo *r, struct arena *a, struct error *e);
/* Lent by the arena. */
must_use int looking_source(struct looking *l, uint64_t id, const char **ret_name,
			    struct error *e);
/* Bytes as text: KEY as people read it and, where they are no UTF-8, KEY_hex as they are. */
void look_set_bytes(json_t *o, const char *key, const void *bytes, size_t len_bytes,
		    struct error *e);

#endif
