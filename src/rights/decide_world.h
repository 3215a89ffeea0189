/*
 * decide_world: for tests: the facts about one record, said in a line of words:
 *
 *	"partner transfer notified=no grant person grant for=train:Marketing until=2025-01-01"
 *
 * It begins as an upload of somebody's personal data on terms that allow to train and share
 * for everything. Words change that from left to right:
 *
 *	partner upload scrape licensed public synthetic; biometric personal none
 *	and-terms	  one more version; allow= deny= licence= from= until= are of the last
 *	transfer	  it came by one: notified, in force, for everything;
 *			  notified= agreed= ended; lost-transfer: by one that is not found
 *	person		  one more known subject
 *	grant		  by the last person, by the controller if there is none, for
 *			  train:IdentityVerification; for= basis= explicit from= until= withdrawn
 *			  taken-back= are of the last grant
 *	no-source no-terms signal order grant-withdrawn never-again erased
 *	ask=USE at=TIME	  train:IdentityVerification, 2026-01-01
 */
#ifndef RIGHTS_DECIDE_WORLD_H
#define RIGHTS_DECIDE_WORLD_H

#include "rights/decide.h"

enum { WORLD_MAX = 4, WORLD_USES_MAX = 24 };
struct world {
	struct decide_record record;
	struct terms terms[WORLD_MAX];
	struct transfer transfer;
	struct grant given[WORLD_MAX][WORLD_MAX]; /* [0]: by the controller; [1]..: by subjects */
	struct grants by[WORLD_MAX];
	struct uses uses[WORLD_USES_MAX];
	size_t uses_count;
	struct grant *last_grant;
	struct period *last_period;
	struct use asked;
	uint64_t at_utc_ms;
	char words[512]; /* licences are lent from it */
};

/* Lends its own parts to its record: do not copy it. Fails the test at a word it does not know. */
void world_read(struct world *w, const char *facts);
reasons world_decide(const struct world *w);

#endif
