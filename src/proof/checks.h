/*
 * checks: what a verifier looks at, each by one function that says what it found. A check sees
 * what earlier ones opened, and must be safe where they failed: then these are NULL or 0.
 * Inside proof/ only. Errors: E_MEMORY ends the verifying; every other says why the check does
 * not hold.
 */
#ifndef PROOF_CHECKS_H
#define PROOF_CHECKS_H

#include "proof/statement.h"

struct checking {
	struct statement *s;
	const struct verify_pins *pins;
	struct note_key facts_key, records_key;
	struct head facts, records; /* by check_heads */
	json_t *demand;		    /* by check_demand; NULL: withheld, or not known */
	bool withheld;
	json_t *plan;		    /* by check_plan */
	uint64_t *made;		    /* by check_steps: facts of the datasets that subset steps made */
	size_t made_count;
	char *detail;		    /* of the check that runs: found() */
	json_t *limits;		    /* sentences: limit() */
};
typedef int check_run(struct checking *c, struct error *e);

/* What held, for people. Returns 0. */
int found(struct checking *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What no check can say. Errors: E_MEMORY. */
must_use int limit(struct checking *c, const char *sentence, struct error *e);

/* check_log.c */
check_run check_signature, check_key, check_heads, check_facts, check_openings, check_batches,
	check_as_of;
/* check_order.c */
check_run check_demand, check_positions, check_plan, check_approval, check_steps;
/* check_sets.c */
check_run check_retained;

#endif
