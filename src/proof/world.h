/*
 * world: a small repository in memory, for tests: two logs, keys, batches of two sources, an
 * order against one of them, and everything that followed. A lie is told in the logs
 * themselves, before they are signed: what a liar writes afterwards, tests edit in.
 */
#ifndef PROOF_WORLD_H
#define PROOF_WORLD_H

#include "proof/certificate.h"

enum { WORLD_FACTS = 256, WORLD_SETS = 128, WORLD_RECORDS = 100000 };

enum lie {
	NO_LIE,
	/* batches */
	LIE_BATCH_LEFT_OUT, LIE_BATCH_OVERLAPS, LIE_BATCH_LONGER, LIE_BATCH_EMPTY,
	LIE_ORDER_SAW_OTHER_RECORDS, LIE_SET_SAW_OTHER_RECORDS, LIE_LAST_BATCH_OTHER_ROOT,
	/* demand and positions */
	LIE_FEWER_POSITIONS, LIE_MORE_POSITIONS, LIE_KEPT_WITHOUT_WORD, LIE_KEPT_ELSEWHERE,
	LIE_OTHER_SOURCE, LIE_SECOND_POSITIONS, LIE_WRONG_COUNT, LIE_POSITIONS_TO_COME,
	LIE_LAST_SWAPPED, LIE_FIRST_SWAPPED, LIE_OTHER_SOURCE_ALIKE, LIE_OTHER_SOURCE_LONGER,
	LIE_SOURCE_TOO_LATE, LIE_SOURCE_BESIDE, LIE_TWO_SOURCES, LIE_KEPT_AND_TAKEN,
	LIE_KEPT_TO_COME, LIE_NUL_IN_POSITIONS,
	/* plan and approval */
	LIE_PLAN_OF_OTHER_ORDER, LIE_PLAN_FACT_OF_OTHER_ORDER, LIE_PLAN_FROM_BEFORE, LIE_PLAN_FROM_LATER,
	LIE_PLAN_FACT_LATER,
	LIE_PLAN_STEP_UNKNOWN, LIE_PLAN_STEP_MISNUMBERED, LIE_PLAN_REACHED_A_NUMBER,
	LIE_PLAN_SUBSET_OF_NOTHING,
	LIE_APPROVED_BY_OPENER, LIE_APPROVED_BY_LOG, LIE_APPROVED_OTHER_PLAN,
	LIE_APPROVED_OTHER_DEMAND, LIE_APPROVED_ELSEWHERE, LIE_APPROVAL_FACT_OF_OTHER_PLAN,
	LIE_APPROVAL_FACT_OF_OTHER_ORDER,
	LIE_APPROVED_BY_UNKNOWN, LIE_APPROVED_BEFORE_PLAN,
	/* steps */
	LIE_HEAD_OF_OTHER_LOG,
	LIE_STEP_LEFT_OUT, LIE_STEP_TWICE, LIE_STEP_BEYOND, LIE_STEP_OF_OTHER_ORDER,
	LIE_STEP_BEFORE_APPROVAL, LIE_MADE_NOT_SAID, LIE_MADE_BEFORE, LIE_MADE_LATER, LIE_MADE_TWICE,
	LIE_MADE_NONE, LIE_MADE_TOO_MANY, LIE_MADE_TEXT, LIE_STEP_EMPTY,
	LIE_MADE_A_MODEL,
	/* sets */
	LIE_SET_HAS_ONE, LIE_SET_BEYOND_RECORDS,
	/* checkpoints that unlearned */
	LIE_UNLEARN_MADE_OLD, LIE_UNLEARN_MADE_DATASET, LIE_UNLEARN_MADE_SAME, LIE_UNLEARN_MADE_NONE,
	LIE_UNLEARN_MADE_LATER, LIE_UNLEARN_SAYS_MORE, LIE_UNLEARN_SAYS_LESS_THAN_NONE,
	LIE_UNLEARN_SWAPPED, LIE_UNLEARN_HAS_ONE, LIE_UNLEARN_OLD_TWICE, LIE_UNLEARN_OLD_LATER,
	LIE_UNLEARN_OLD_DATASET, LIE_UNLEARN_OLD_RETAINED, LIE_UNLEARN_OLD_PLAIN,
	LIE_UNLEARN_NEW_PLAIN, LIE_UNLEARN_OF_NOTHING, LIE_UNLEARN_OTHER_TARGET,
	LIE_UNLEARN_TARGET_LONGER, LIE_UNLEARN_TARGET_NAME, LIE_UNLEARN_TARGET_WITHOUT, LIE_UNLEARN_OTHER_NAME, LIE_UNLEARN_SAME_VERSION,
	LIE_UNLEARN_VERSION_TEXT, LIE_UNLEARN_SAME_DIGEST, LIE_UNLEARN_DIGEST_OF_OTHER,
	LIE_UNLEARN_DIGEST_SHORT, LIE_UNLEARN_AFTER_DESTROY, LIE_UNLEARN_SUBSET_NOTHING,
	LIE_REPRODUCED_OLD, LIE_REPRODUCED_OTHER, LIE_REPRODUCED_LATER, LIE_REPRODUCED_BY_NOBODY,
	LIE_REPRODUCED_SIGNED_BY_OTHER, LIE_REPRODUCED_SIGNED_OTHER, LIE_REPRODUCED_ELSEWHERE,
	LIE_REPRODUCED_SHORT, LIE_REPRODUCED_NOT_SIGNED,
	/* the log */
	LIE_FACT_AFTER, LIE_TIME_GOES_BACK, LIE_VERSION, LIE_MEMBER_MORE, LIE_SECONDS,
	LIE_TWO_KEYS_ALIKE, LIE_INPUT_LATER, LIE_INPUT_TEXT, LIE_STEP_ONE_NUMBER, LIE_STEP_FIRST_TEXT,
	LIE_STEP_LAST_TEXT, LIE_STEP_ZERO
};

struct world_set {
	uint64_t n, size;
	struct set *s;
	uint8_t key; /* of its containers */
};

struct world {
	enum lie lie;
	bool solo, small, withhold, plain_selector;
	bool mldsa; /* its heads bear a line by the ML-DSA key of the seed, too */
	unsigned large;
	/* unlearn: the plan has three steps that make something, the last two from checkpoints. */
	bool unlearn, in_one; /* in_one: and one fact says so of all three */
	bool nothing_left;    /* of the second checkpoint */
	const uint8_t *reproducer; /* who made the first of them again; NULL: nobody */
	const char *origin, *id;
	const char *pin; /* the vkey that is pinned; NULL: its own */
	uint8_t seed[SIGN_SEED_LEN], opener[SIGN_SEED_LEN], approver[SIGN_SEED_LEN];
	struct buf *entries[WORLD_FACTS];
	struct fields *parts[WORLD_FACTS];
	struct hash leaves[WORLD_FACTS];
	size_t count;
	struct hash *records; /* leaf hashes */
	uint64_t record_count;
	uint64_t minute, source, opened, plan, approval, steps[8];
	size_t step_count;
	struct hash demand, plan_name;
	struct set *positions, *kept;
	struct world_set sets[WORLD_SETS];
	size_t set_count;
	uint64_t old[2], made[2], reproduced, reproducer_key; /* facts; 0: none */
};

/* solo, small, withhold, plain_selector and large may be set before. small: one batch, no sets.
 * large: so many sets of 100,000, with containers of their own, and 10,000 positions in a row. */
void world_begin(struct world *w, enum lie lie, const char *origin, uint8_t number);
void world_build(struct world *w);
/* An order and all that followed; world_build has made the first. */
void world_order(struct world *w);
void world_end(struct world *w);
void world_vkey(const struct world *w, const char *log, struct buf *b);
void world_vkey_mldsa(const struct world *w, const char *log, struct buf *b); /* of zeros where there is none */
/* The certificate, with all that it should show. */
struct buf *world_certify(struct world *w);
/* A statement that was edited, made whole again: the proof of the facts it shows now, its
 * spelling and its signature. */
struct buf *world_sign(const struct world *w, json_t *statement, bool prove);
json_t *statement_of(const struct buf *certificate);
json_t *predicate_of(json_t *statement); /* lent */
/* Take out of this list of the predicate what is of fact n; of openings, of this field alone if given. */
void world_drop(json_t *predicate, const char *list, uint64_t n, const char *field);
/* As verified with the key of this world pinned. */
struct verdict *world_verdict(const struct world *w, const struct buf *certificate);
/* names: "batches demand", exactly the checks that must not hold. With RESCIND_LIES=DIR it is written
 * there too, with its key and these names, for another verifier (tests/stranger_lies.sh). */
void world_refused(const struct world *w, const struct buf *certificate, const char *names,
		   const char *what);
/* The statement changed, signed again, and with the facts that it shows proved again or not. */
void world_edited(const struct world *w, json_t *statement, bool prove, const char *names,
			const char *what);
/* Without fact n, or without field of it alone. */
void world_without(const struct world *w, const struct buf *certificate, uint64_t n,
			   const char *field, const char *names, const char *what);
/* Write it as seeds of the fuzzer, KIND-file and KIND-body, into the folder RESCIND_SEEDS, if set. */
void world_seeds(const struct buf *certificate, const char *kind);

/* Parts for other worlds. */
struct fields *world_part(const char *const *names_and_values);
#define WORLD_PART(...) world_part((const char *const[]){ __VA_ARGS__, NULL })
uint64_t world_fact_by(struct world *w, const uint8_t *by, const char *type, json_t *members,
		       struct fields *part);
uint64_t world_key(struct world *w, const uint8_t seed[SIGN_SEED_LEN], const char *role);
void world_add_set(struct world *w, const char *type, const char *text, uint8_t key,
		   struct fields *part);
void world_step(struct world *w, uint64_t first, uint64_t last, const char *done);
json_t *world_inputs(const struct world *w);
/* Checkpoints: those that will be unlearned, the steps of the plan from the second on, and what
 * became of them. */
void world_old_models(struct world *w);
void world_plan_unlearning(const struct world *w, json_t *steps, uint64_t dataset);
void world_unlearn(struct world *w);
void world_show_models(struct world *w, struct certificate_draft *d);
uint64_t world_fact(struct world *w, const char *type, json_t *members, struct fields *part);
void world_head(const struct world *w, const char *log, const struct hash *leaves, uint64_t count,
		struct buf *b);
json_t *world_records(const struct world *w, uint64_t size);
/* Containers, roots and openings of a set; slow ones are remembered. */
void world_set_root(const struct world_set *s, struct hash *ret);
void world_container_root(const struct world_set *s, uint64_t number, struct hash *ret);
void world_show_set(struct certificate_draft *d, const struct world_set *s,
		    const struct set *positions);

#endif
