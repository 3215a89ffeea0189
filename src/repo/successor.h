/*
 * successor: a log that really lost its end goes on as another one. Where a head of it is known (the
 * anchor's, or one that the log's key signed) beyond all that log and catalog still have, a new entry
 * at one of the lost sizes would give that size a second root. So that log ends, and another begins:
 * its name is ORIGIN~2@M (M: the fact that says so; then ~3), its keys are new, its first entries are
 * all that is left, byte for byte, and the next one is the fact `successor`, signed by the key of the
 * old log, which is destroyed then. What was lost stays lost: its positions are taken, the keys of
 * what was sealed for it are destroyed.
 *
 *   .rescind/log.new/, catalog.new, KEYS/log~2.key, successor.anchor: made first, whole, beside
 *   KEYS/successor: then this, from here on it takes their place; a kill is ended by the next command
 *   .rescind/log~1/: the old log, as it was (its `log~2` after the next)
 */
#ifndef REPO_SUCCESSOR_H
#define REPO_SUCCESSOR_H

#include "repo/repo.h"

/* Numbers of the catalog: how many logs this one follows, and the facts that say so (".1", ..). */
#define SUCCESSORS "successors"

struct successor_words {
	/* Files with heads of the log that lost its end: of its facts, maybe of its records, or
	 * a statement, which has both; or the word "anchor", for what the keys directory
	 * remembers. */
	const char *const *lost;
	size_t lost_count;
	const char *reason;
	bool drop; /* keys of what is lost and still opens may be destroyed */
};
/* What a log lost and the vault still opens, by kind. */
struct successor_open {
	uint64_t records, files, statements, sets;
};
struct successor {
	char before[NOTE_NAME_MAX + 1]; /* origin of the log that ended; r->origin is the new one */
	struct head_state left[LOG_COUNT], lost[LOG_COUNT]; /* what is left of it; what it was */
	bool keys;		/* the keys directory knew of the lost part: what was erased then is */
	uint64_t fact;		/* its number */
	struct successor_open dropped; /* what its keys opened */
};
/* r is of the new log afterwards, has no catalog, and is to be closed. Errors: E_USAGE, no head
 * or no reason is given; E_MISMATCH, a head that is not this log's, or the keys directory is
 * older than the stores; E_CONFLICT, nothing is lost, or some of the lost part still opens and
 * drop is not set. */
must_use int repo_succeed(struct repo *r, const struct successor_words *w, struct successor *ret,
			  struct error *e);

/* The facts `successor`, ascending; lent by the arena. */
must_use int successors_of(struct repo *r, struct arena *a, uint64_t **ret, size_t *ret_count,
			   struct error *e);
/* Add the positions of what logs before lost. */
must_use int successors_lost(struct repo *r, struct set *s, struct error *e);
/* The vkey, for facts, of the log that had fact n, when it is one before this (lent by the
 * arena); else NULL. */
must_use int successors_vkey(struct repo *r, uint64_t n, struct arena *a, const char **ret,
			     struct error *e);

#endif
