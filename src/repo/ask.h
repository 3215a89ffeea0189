/*
 * ask: decisions over the repository: everything that decide() must know is looked up here,
 * for a set at a time: records are judged by batch and by subject, never one by one.
 *
 * Beside what decide() says: a quarantined record was kept and never let in, so it answers
 * REASON_HOLD besides what denies it now, until it is ingested again. Of an erased record
 * nobody knows any more whom it was about, so the rows about people are not asked of it:
 * it answers REASON_ERASED. Where a record has several subjects, what is missing for any of
 * them is missing.
 */
#ifndef REPO_ASK_H
#define REPO_ASK_H

#include "repo/things.h"

/* A session: sources, terms, transfers, grants, orders and models as they are when first asked
 * for, judged as of at_utc_ms. After a change of the repository, open another. */
struct ask;
must_use int ask_open(struct ask **ret, struct repo *r, uint64_t at_utc_ms, struct error *e);
void ask_close(struct ask *a); /* NULL is fine */
SCOPED(ask, ask_close);

/* A record that would come in (door ingest): subjects by tag. never: its digest is on the list.
 * An open order wholly against the source denies. transfer 0: none. */
must_use int ask_incoming(struct ask *a, const struct source *s, uint64_t transfer,
			  const struct tag *subjects, size_t count, bool never,
			  const struct use *u, reasons *ret, struct error *e);

/* Of a set: ret_why[reason] counts positions it denies; *ret_allowed is what is left. */
struct set_decision {
	struct set *allowed; /* owned */
	uint64_t denied;
	uint64_t why[REASON_COUNT];
};
void set_decision_done(struct set_decision *d);
must_use int ask_set(struct ask *a, const struct set *which, const struct use *u,
		     struct set_decision *ret, struct error *e);

/* Of one record; as long as for a set. */
must_use int ask_record(struct ask *a, uint64_t pos, const struct use *u, reasons *ret,
			struct error *e);
/* Of a checkpoint: infer, finetune or share it for a purpose (E_USAGE for other processings). why
 * counts records as in ask_set; it may be NULL. m need not be in the catalog yet, but what it is
 * made from must. Its records are asked for what was done to them: of its datasets train, finetune
 * or embed by its kind (train for the kinds that rest on parents: distil, merge, quantise), and
 * so on through its parents by theirs. Its lineage is known when every input is found and every
 * position is in one of them. */
must_use int ask_model(struct ask *a, const struct model *m, const struct use *u, reasons *ret,
		       uint64_t why[REASON_COUNT], struct error *e);
/* The same, and of how many records any reason denies: one that is denied twice counts once. A
 * reason that counts none is of the checkpoint itself. */
struct model_decision {
	reasons why;
	uint64_t denied, by[REASON_COUNT];
};
must_use int ask_model_counted(struct ask *a, const struct model *m, const struct use *u,
			       struct model_decision *ret, struct error *e);

#endif
