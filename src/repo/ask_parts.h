/*
 * ask_parts: what ask.c, ask_set.c and ask_model.c share.
 */
#ifndef REPO_ASK_PARTS_H
#define REPO_ASK_PARTS_H

#include "repo/ask.h"

/* What is known of every record of one source that came by one transfer, but whom it is
 * about and what marks it has. */
struct provenance {
	uint64_t source, transfer;
	struct decide_record record;
};

struct person {
	struct tag tag;
	struct grants grants;
};

struct ask {
	struct repo *r;
	struct arena *a;
	uint64_t at_utc_ms;
	struct set *ordered, *erased, *quarantined; /* marks */
	struct set *ordered_sources;		    /* ids of those with an open order */

	const struct batch *batches;
	size_t batch_count;
	size_t *batch_provenance; /* index + 1 for each batch; 0: not looked up yet */
	struct provenance *provenances;
	size_t provenance_count, provenance_cap;

	bool people_read;
	struct person *people; /* those with grants, by tag */
	size_t people_count;
	struct grants *asked; /* of one incoming record's subjects */
	size_t asked_cap;

	bool models_read;
	struct model *models; /* by id */
	struct dataset *datasets;
	size_t model_count, dataset_count;
};

/* ask.c */
must_use int ask_provenance(struct ask *a, uint64_t source, uint64_t transfer, size_t *ret_index,
			    struct error *e);
must_use int ask_people(struct ask *a, struct error *e); /* a->people, once */

/* ask_set.c: judge positions; what each reason denies is added to deny. */
struct denials {
	struct set *by[REASON_COUNT];
};
must_use int denials_init(struct denials *d, struct error *e);
void denials_done(struct denials *d);
reasons denials_all(const struct denials *d);
/* derived: decide_derived() for a model that is asked `asked`; else decide(). */
must_use int ask_judge(struct ask *a, const struct set *which, const struct use *u, bool derived,
		       uint8_t asked, struct denials *d, struct error *e);

#endif
