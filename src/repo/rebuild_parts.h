/*
 * rebuild_parts: what the files of a rebuild share. Only for repo/rebuild*.c.
 */
#ifndef REPO_REBUILD_PARTS_H
#define REPO_REBUILD_PARTS_H

#include "repo/inside.h"
#include "repo/successor.h"
#include "repo/things.h"

struct rebuild {
	struct repo *r;
	struct log *log[LOG_COUNT];
	struct set *erased, *quarantined;
	struct set *orphans; /* packs of a change that was never committed */
	struct set *lost;    /* slots of what a log before lost, which its successors name */
	struct set *open;    /* of a log that lost its end now: slots beyond it that open, counted in `opens` */
	struct successor_open opens;
	const struct set *known; /* of such a one: what the old catalog knows to be erased; else NULL */
	uint64_t top;	     /* the highest slot of an object beyond it, as its head says */
	struct batch *batches;
	size_t batch_count;
	struct buf *plain;
	uint64_t pack, last_pack;      /* the one at hand; the highest that is no orphan */
	uint64_t first_orphan, slots;  /* slots; slots: one more than the highest that is in use */
	uint64_t unreadable; /* and what is lost */
	uint64_t records;    /* that have a row */
};

/* "the keys directory is older": its fact or record is committed, its slot was never given out. */
int rebuild_keys_older(struct error *e);
/* rebuild_meet.c: an object met in a pack. First pass: the private parts of facts, where they
 * open to what the log committed to; and which packs are of a change that was not. Then all the
 * rest. */
int rebuild_meet_fact(void *ctx, const struct object_head *h, const struct place *at,
		      struct error *e);
int rebuild_meet_rest(void *ctx, const struct object_head *h, const struct place *at,
		      struct error *e);

#endif
