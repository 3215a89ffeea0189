/*
 * set: a set of positions (64-bit), the one kind of thing every question here is
 * about. CRoaring does the algebra (one 32-bit bitmap per 2^32 block); its bytes are
 * never hashed or stored: set/container.h is the canonical form. A handle belongs to one
 * thread; many may read a set that nobody changes. After E_MEMORY a set that was being
 * changed is still a set, with part of the change. (CRoaring itself does not look whether
 * it got memory: a process that has none left may end inside it.)
 */
#ifndef SET_SET_H
#define SET_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/own.h"

struct set;

/* The most positions that one range or one text may hold: 2^34. A long run costs about 100
 * bytes for each 65,536 positions, so a few digits from outside cannot fill the memory. */
#define SET_RANGE_MAX ((uint64_t)1 << 34)

must_use int set_create(struct set **ret_set, struct error *e);
must_use int set_copy(struct set **ret_set, const struct set *s, struct error *e);
void set_destroy(struct set *s); /* NULL is fine */
SCOPED(set, set_destroy);

must_use int set_add(struct set *s, uint64_t pos, struct error *e);
/* Both ends included. Errors: E_RANGE, first > last or more than SET_RANGE_MAX positions. */
must_use int set_add_range(struct set *s, uint64_t first, uint64_t last, struct error *e);
/* Behind all that is in it. Errors: as of set_add_range; E_FORMAT, not behind it, or next to it. */
must_use int set_append(struct set *s, uint64_t first, uint64_t last, struct error *e);
/* What is not there may be removed. */
must_use int set_remove(struct set *s, uint64_t pos, struct error *e);
bool set_has(const struct set *s, uint64_t pos);
uint64_t set_count(const struct set *s);
/* How many lie in [first, last], both included. */
uint64_t set_count_in(const struct set *s, uint64_t first, uint64_t last);
/* Are all of these in it? Not when first > last. */
bool set_covers(const struct set *s, uint64_t first, uint64_t last);
/* How many are in both, without making the intersection. */
uint64_t set_count_both(const struct set *a, const struct set *b);
bool set_equal(const struct set *a, const struct set *b);
bool set_meets(const struct set *a, const struct set *b); /* is a position in both? */

/* a becomes: a and b, a or b, a without b. b is unchanged; it may be a itself. */
must_use int set_and(struct set *a, const struct set *b, struct error *e);
must_use int set_or(struct set *a, const struct set *b, struct error *e);
must_use int set_minus(struct set *a, const struct set *b, struct error *e);

/* Ascending; stops when each returns non-zero and returns that. each must not change s. */
int set_each(const struct set *s, int (*each)(void *ctx, uint64_t pos, struct error *e), void *ctx,
	     struct error *e);
/* Maximal runs, ascending, both ends included. */
int set_each_run(const struct set *s,
		 int (*each)(void *ctx, uint64_t first, uint64_t last, struct error *e), void *ctx,
		 struct error *e);
/* The same for what lies in [from, to], both included: runs are cut at these ends. */
int set_each_run_in(const struct set *s, uint64_t from, uint64_t to,
		    int (*each)(void *ctx, uint64_t first, uint64_t last, struct error *e),
		    void *ctx, struct error *e);
/* Walking by hand: the smallest position >= *pos; false when there is none. */
bool set_next(const struct set *s, uint64_t *pos);

/* As text: "3-17,20,31-40", ascending maximal runs, "" for none; one spelling each: two
 * neighbours are "3-4", one position is "20", no leading zeros, no spaces. Appends to b. */
must_use int set_put_text(const struct set *s, struct buf *b, struct error *e);
/* Errors: E_FORMAT (any other spelling), E_RANGE (more than max_runs runs or SET_RANGE_MAX
 * positions, or a number of more than 64 bits). */
must_use int set_from_text(struct set **ret_set, const char *text, size_t max_runs,
			   struct error *e);

#endif
