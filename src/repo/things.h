/*
 * things: what facts fold into, as structs. Rows of the catalog keep the public parts as JSON
 * (body); what a person typed about other persons stays in the fact's private part and is
 * opened when somebody asks. All that is loaded is lent by the arena given.
 */
#ifndef REPO_THINGS_H
#define REPO_THINGS_H

#include "repo/repo.h"
#include "rights/decide.h"
#include "wire/fields.h"

enum thing_kind {
	THING_KEY = 1,	    /* name: role; body: key */
	THING_SOURCE = 2,   /* name; tag: its tag in facts (8 bytes); body: kind, people */
	THING_TERMS = 3,    /* owner: source; body: version, licence, allow, deny, basis, from, until */
	THING_TRANSFER = 4, /* name "t1"; owner: source; body: uses, notified, date */
	THING_GRANT = 5,    /* name "g1"; owner: source or 0; tag: of the subject or zero;
			       body: uses, basis, explicit, from, until, withdrawn */
	THING_BATCH = 6,    /* name "b1"; owner: source; body: first, last, transfer (id or 0), terms */
	THING_DATASET = 7,  /* name "faces@2"; body: name, version, use, size, containers, count */
	THING_MODEL = 8,    /* name "faces@2"; state: enum model_state; body: name, version, kind, grade,
			       inputs, size, containers, count, reasons, exact (true or absent),
			       reproduced (ids of the keys that made it again) */
	THING_ORDER = 9,    /* name "o1"; state: enum order_state; owner: the source it is wholly
			       against, or 0; body: demand, count, due, plan, plan_fact, steps,
			       approval_fact, step_facts, certified_fact, refused_fact */
	THING_STEP = 10,    /* owner: order; id: ORDER_STEPS_MAX x order + n; state: enum
			       step_state; fact: of its plan; body: the step as in the plan */
	THING_HOLD = 11,    /* name "h1"; state: 1 when it was released; body: count, until,
			       released */
	THING_DEPLOYMENT = 12, /* name "d1"; owner: model; state: 1 when it ended; body: product, use,
			       from, until */
	THING_OUTPUT = 13,  /* name; owner: model; state: 1 when it is gone; body: kind, count */
	THING_HANDOVER = 14 /* name "out1"; owner: dataset or model; body: of (its fact),
			       model, ours, count, since */
};
enum model_state { MODEL_LIVE, MODEL_WITHDRAWN, MODEL_ERASED };
enum order_state { ORDER_OPEN, ORDER_PLANNED, ORDER_APPROVED, ORDER_EXECUTING, ORDER_CERTIFIED,
		   ORDER_REFUSED, ORDER_HELD };
enum step_state { STEP_LEFT, STEP_INTENT, STEP_DONE, STEP_FAILED };
enum { ORDER_STEPS_MAX = 1000000 };
/* Copies are rows that go with their record. */
enum { ROW_COPY = OBJECT_OF_RECORD + OBJECT_COPY };
/* The number of the next order: those of a log that lost its end are not given again. */
must_use int order_next_id(struct repo *r, uint64_t *ret, struct error *e);
const char *model_state_name(uint8_t s);
const char *order_state_name(uint8_t s);
/* Repository-wide sets of the catalog (catalog_mark_*). */
enum mark { MARK_ERASED = 1, MARK_QUARANTINED = 2, MARK_ORDERED = 3 /* under an open order */,
	    MARK_ORDER = 1000 /* + id of an order: its positions */,
	    MARK_HOLD = 1 << 30 /* + id of a hold: its positions */ };

struct source {
	uint64_t id, fact;
	const char *name;
	uint8_t tag[8];
	uint8_t kind, people;
};
must_use int source_named(struct repo *r, struct arena *a, const char *name, struct source *ret,
			  struct error *e);
must_use int source_by_id(struct repo *r, struct arena *a, uint64_t id, struct source *ret,
			  struct error *e);

struct terms_version {
	uint64_t id, fact, source, version;
	struct terms terms;
	uint8_t basis;
};
/* Every version, ascending. */
must_use int terms_of(struct repo *r, struct arena *a, uint64_t source, struct terms_version **ret,
		      size_t *ret_count, struct error *e);

struct transfer_row {
	uint64_t id, fact, source;
	uint64_t date_utc_ms;
	uint8_t tag[8];
	struct uses *uses;
	uint8_t notified;
};
must_use int transfer_by_id(struct repo *r, struct arena *a, uint64_t id, struct transfer_row *ret,
			    struct error *e);

struct grant_row {
	uint64_t id, fact, source; /* source 0: a subject's */
	struct tag subject;
	struct grant grant;
};
must_use int grants_of_source(struct repo *r, struct arena *a, uint64_t source,
			      struct grant_row **ret, size_t *ret_count, struct error *e);
must_use int grants_of_subject(struct repo *r, struct arena *a, const struct tag *subject,
			       struct grant_row **ret, size_t *ret_count, struct error *e);

struct batch {
	uint64_t id, fact, source, transfer /* 0: none */, terms, first, last;
};
/* Ascending, so that first of each is one more than last of the one before. */
must_use int batches_all(struct repo *r, struct arena *a, struct batch **ret, size_t *ret_count,
			 struct error *e);
/* The batch that holds pos; NULL when none does. */
const struct batch *batch_of(const struct batch *list, size_t count, uint64_t pos);

/* A dataset version or a checkpoint: a stored set. */
struct stored_set {
	uint64_t size, count;
	const struct hash *containers; /* names, container_count(size) of them */
};
struct dataset {
	uint64_t id, fact, version;
	const char *name;  /* "faces" */
	const char *label; /* "faces@2" */
	struct use use;
	struct stored_set set;
};
struct model {
	uint64_t id, fact, version;
	const char *name, *label, *kind;
	uint8_t state, grade;
	const uint64_t *inputs;		/* numbers of facts: datasets and parent checkpoints */
	size_t input_count;
	struct stored_set set;		/* through all its parents */
	const char *reasons;		/* "" or why it was born withdrawn */
	bool exact;			/* made here, a function of its set and recipe */
	const char *const *reproduced;	/* key ids of those who made the same weights again */
	size_t reproduced_count;
};
/* "name@V" or "name": the latest. */
must_use int dataset_named(struct repo *r, struct arena *a, const char *name, struct dataset *ret,
			   struct error *e);
must_use int model_named(struct repo *r, struct arena *a, const char *name, struct model *ret,
			 struct error *e);
must_use int datasets_all(struct repo *r, struct arena *a, struct dataset **ret, size_t *ret_count,
			  struct error *e); /* by id */
must_use int models_all(struct repo *r, struct arena *a, struct model **ret, size_t *ret_count,
			struct error *e); /* by id: parents before children */
/* The positions of a stored set, added to s. */
must_use int stored_set_load(struct repo *r, const struct stored_set *which, struct set *s,
			     struct error *e);

#endif
