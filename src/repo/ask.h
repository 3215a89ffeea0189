/*
 * ask: decisions over the repository: everything that decide() must know is looked up here,
 * for a set at a time: records are judged by batch and by subject, never one by one.
 */
#ifndef REPO_ASK_H
#define REPO_ASK_H

#include "repo/things.h"

struct ask; /* a session: sources, terms, transfers and grants as of one time */
must_use int ask_open(struct ask **ret, struct repo *r, uint64_t at_utc_ms, struct error *e);
void ask_close(struct ask *a);
SCOPED(ask, ask_close);

/* A record that would come in (door ingest): subjects by tag. never: its digest is on the list. */
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

/* Of one record. */
must_use int ask_record(struct ask *a, uint64_t pos, const struct use *u, reasons *ret,
			struct error *e);
/* Of a checkpoint: infer, finetune or share it for a purpose. why counts records as in ask_set. */
must_use int ask_model(struct ask *a, const struct model *m, const struct use *u, reasons *ret,
		       uint64_t why[REASON_COUNT], struct error *e);

#endif
