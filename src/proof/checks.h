/*
 * checks: what a verifier looks at, each by one function that says what it found. A check sees
 * what earlier ones opened, and must be safe where they failed: then these are NULL or 0.
 * Inside proof/ only. Errors: E_MEMORY ends the verifying; every other says why the check does
 * not hold.
 */
#ifndef PROOF_CHECKS_H
#define PROOF_CHECKS_H

#include "proof/statement.h"

struct demand {
	const char *selector, *authority, *reason;
	struct hash document; /* or 0 */
	bool keep_granted;
};
struct step {
	uint64_t n, fact;
	size_t has_fact;
	const char *deed, *target, *method;
	const struct fact *by; /* by check_steps: the fact that it was done */
};
struct plan {
	struct hash order;
	uint64_t as_of;
	struct step *steps; /* step n is steps[n - 1] */
	const char **not_reached;
	size_t step_count, not_reached_count;
};
/* What a subset or unlearn step made. */
struct made {
	uint64_t n;	     /* the fact, 0: nothing was left */
	const struct step *step;
	enum fact_type type; /* FACT_DATASET, FACT_MODEL */
	bool again;	     /* by check_unlearned: somebody trained it again */
};

struct checking {
	struct statement statement, *s; /* s: by the first check; NULL, it cannot be read */
	struct error unread; /* why it, or else what its facts say, is not looked at */
	const void *bytes;
	size_t len_bytes;
	const struct verify_pins *pins;
	struct note_key facts_key, records_key;
	struct head facts, records;  /* by check_heads */
	const struct demand *demand; /* by check_demand; NULL: withheld, or not known */
	bool withheld;
	struct plan *plan;	     /* by check_plan; what unlearn steps name is asked for */
	size_t unlearn_count;
	struct made *made;	     /* by check_steps: by their facts; NULL: not known */
	size_t made_count;
	char *detail;		     /* of the check that runs: found() */
	uint64_t work;		     /* that is left: spend() */
	json_t *limits;		     /* sentences: limit() */
	json_t *witnessed;	     /* sentences: by check_witnesses */
};
typedef int check_run(struct checking *c, struct error *e);

/* What held, for people. Returns 0. */
int found(struct checking *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What is quoted from a file may hold anything: only printable ASCII stays, the rest is '?'. */
void plain_text(char *text);
/* So many positions are to be opened, or as much work as that. E_RANGE: more than any honest file of this
 * size asks for, by far. */
must_use int spend(struct checking *c, uint64_t positions, struct error *e);
/* What no check can say. Errors: E_MEMORY. */
must_use int limit(struct checking *c, struct error *e, const char *sentence, ...)
	__attribute__((format(printf, 3, 4)));

/* check_log.c */
check_run check_signature, check_key, check_heads, check_facts, check_openings, check_batches,
	check_as_of;
/* No field opened in a receipt names a second person. */
must_use int check_one_person(struct checking *c, struct error *e);
/* Is it a key of either log? Is one of the policy's (check_witnesses.c)? */
bool is_of_log(const struct checking *c, const struct note_key *k);
/* ORIGIN/facts and ORIGIN/records are the logs of one key. */
bool same_logs(const char *a, const char *b);
bool log_is_listed(const struct checking *c, const struct policy *p);
/* check_successor.c: those of the facts that say so, by a proof that holds. */
must_use int check_successors(struct checking *c, const uint64_t *indices, const struct hash *leaves,
			      struct error *e);
/* The one by which a log before ended whose key this is; NULL. Nothing of it is checked. */
const struct fact *successor_of(const struct statement *s, const struct note_key *key);
/* Is what came in in this batch lost, or some of it? */
bool successor_lost(const struct statement *s, const struct fact *batch);
/* check_order.c */
check_run check_demand, check_positions, check_plan, check_approval;
/* Are none of its positions at or beyond size? */
bool all_below(const struct set *s, uint64_t size);
bool step_is(const struct step *step, const char *deed);
bool step_makes(const struct step *step); /* a set: subset, unlearn */
/* check_steps.c */
check_run check_steps;
/* check_sets.c */
check_run check_retained;
/* The containers make the listed sets, with 0 at each of the statement's positions. */
must_use int check_roots(struct checking *c, struct error *e);
/* Is the set of fact n listed, in a list that ascends? */
bool set_is_listed(const struct statement *s, uint64_t n);
/* check_models.c */
check_run check_unlearned;
/* A `reproduced` fact: is it by a key that is shown? Then it is said by which. */
must_use int check_again(struct checking *c, const struct fact *f, struct error *e);
/* check_attested.c */
check_run check_checkpoint, check_lineage, check_absent, check_orders, check_reproduced;
/* check_sources.c */
check_run check_sources;
/* check_records.c */
check_run check_records;
/* A pinned order, and this is about none. */
must_use int check_unpinned(const struct checking *c, struct error *e);

#endif
