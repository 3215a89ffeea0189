/*
 * successor_parts: what the files that make a log's successor share. Only for repo/successor*.c.
 */
#ifndef REPO_SUCCESSOR_PARTS_H
#define REPO_SUCCESSOR_PARTS_H

#include "repo/inside.h"
#include "repo/successor.h"

/* What is to be done when all is made. */
struct switching {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t number; /* of the new log, as its origin says: 2, 3, .. */
	uint64_t lost;	 /* facts: none of the old log beyond them is known */
};

enum { HEADS_MAX = 64 };
struct heads {
	struct head_state at[HEADS_MAX]; /* the largest first, each size once */
	size_t count;
};

struct succeeding {
	struct repo *r, s; /* s: as the new log is made */
	const struct successor_words *w;
	struct successor *ret;
	struct heads known[LOG_COUNT]; /* given, the anchor's, the public ones */
	struct log *old[LOG_COUNT]; /* as far as it can be read; NULL */
	bool noted[LOG_COUNT];	    /* a head of it was given */
	uint64_t given[LOG_COUNT];  /* the largest size in such */
	uint64_t committed[LOG_COUNT], left[LOG_COUNT];
	uint64_t number, seen; /* facts, in a head that was given */
	uint64_t first, last;	/* slots of the lost part */
	struct switching to;
};

/* Append entry n, from where it is left. */
must_use int successor_entry(struct succeeding *x, int log, uint64_t n, struct buf *out, struct error *e);

/* successor_make.c: all of the new log beside the old one: tiles, heads, keys, anchor, catalog,
 * first facts. */
must_use int successor_make(struct succeeding *x, struct error *e);

/* successor_switch.c */
/* What an earlier try left beside, away. */
must_use int switch_clear(struct repo *r, struct error *e);
/* The highest number of an order that has a never-again list. */
must_use int switch_last_list(struct repo *r, uint64_t *ret, struct error *e);
must_use int switch_begin(struct repo *r, const struct switching *s, struct error *e);
/* The steps, when all that they need was looked at. */
must_use int switch_finish(struct repo *r, const struct switching *s, struct error *e);

#endif
