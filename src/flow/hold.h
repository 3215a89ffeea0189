/*
 * hold: a duty to keep. While a hold is active (not released, its end still to come) and meets
 * records of an order that are still here, the order is suspended: it reads `held`, and execute
 * refuses it. Nothing is stored with the order, and what decisions say is not changed: an open
 * order denies its records anyway.
 */
#ifndef FLOW_HOLD_H
#define FLOW_HOLD_H

#include "repo/change.h"
#include "repo/things.h"

struct hold_words {
	const char *selector, *reason, *until;
};
/* {"hold":"h1","state":"active","records":N,"orders":[ids],"until","reason","selector","fact",
 * "at","by"}: orders are the open ones that it suspends. Errors: E_USAGE, also for an end that is
 * over; E_NOT_FOUND, nothing that is still here answers to the selector. */
must_use int flow_hold(struct repo *r, const struct hold_words *w, json_t **ret, struct error *e);
/* The same document, as of --at: state is active, ended or released (then with "released", the
 * time, and "release_reason"). id NULL: all, as an array. */
must_use int flow_holds(struct repo *r, const char *id, json_t **ret, struct error *e);
/* reason NULL: not said. Errors: E_NOT_FOUND; E_CONFLICT, it is not active any more. */
must_use int flow_hold_release(struct repo *r, const char *id, const char *reason, json_t **ret,
			       struct error *e);

/* --- what orders ask --- */
/* The active holds that meet records of these positions that are not erased, the oldest first:
 * [{"hold","reason","until","records"}], records counting what they meet. What is done asks by the
 * real clock (sys->now_utc_ms()), what is told by r->at_utc_ms. */
must_use int holds_meeting(struct repo *r, const struct set *positions, uint64_t at_utc_ms,
			   json_t **ret, struct error *e);
/* Is there one? */
must_use int holds_any(struct repo *r, const struct set *positions, uint64_t at_utc_ms, bool *ret,
		       struct error *e);
/* How many are active, whatever they meet. */
must_use int holds_active(struct repo *r, uint64_t at_utc_ms, uint64_t *ret, struct error *e);

#endif
