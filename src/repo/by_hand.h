/*
 * by_hand: for tests: a repository that is a catalog and a tag key alone, filled row by row as
 * repo/things.h says. No logs, no vault, no keys.
 */
#ifndef REPO_BY_HAND_H
#define REPO_BY_HAND_H

#include "repo/things.h"

enum { HAND_NOW = 1700000000 }; /* seconds since 1970: the time of every question */
struct by_hand {
	struct repo r;
	uint64_t facts, positions;
};

/* Begins a transaction; hand_commit ends it, hand_end closes all. Calls fail the test. */
void hand_begin(struct by_hand *h);
void hand_commit(struct by_hand *h);
void hand_again(struct by_hand *h); /* one more transaction */
void hand_end(struct by_hand *h);

/* Ids. Uses are text; periods are [from, until) in days from now, 0 is not stated. */
uint64_t hand_source(struct by_hand *h, const char *name, const char *kind, const char *people);
void hand_terms(struct by_hand *h, uint64_t source, const char *licence, const char *allow,
		const char *deny, int from, int until);
uint64_t hand_transfer(struct by_hand *h, uint64_t source, const char *uses,
		       const char *notified, int date);
/* By a subject, or by the controller of a source when subject is NULL. */
uint64_t hand_grant(struct by_hand *h, uint64_t source, const char *subject, const char *uses,
		    const char *basis, bool explicit_consent, int from, int until, bool withdrawn);
/* The next count positions; *the first of them. */
uint64_t hand_batch(struct by_hand *h, uint64_t source, uint64_t transfer, uint64_t count);
void hand_tag(struct by_hand *h, uint8_t kind, const char *value, uint64_t pos);
struct tag hand_subject(const struct by_hand *h, const char *subject);
void hand_order(struct by_hand *h, uint64_t source, uint8_t state);
/* Their fact. Positions as text ("0-3,7"); inputs end with UINT64_MAX. */
uint64_t hand_dataset(struct by_hand *h, const char *name, uint64_t version, const char *positions);
uint64_t hand_model(struct by_hand *h, const char *name, const char *kind, uint8_t grade,
		    uint8_t state, const uint64_t *inputs, const char *positions);
void hand_mark(struct by_hand *h, uint64_t mark, const char *positions);
uint64_t hand_day(int day); /* the time so many days from now; TIME_NONE for 0 */

#endif
