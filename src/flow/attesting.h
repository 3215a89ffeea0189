/*
 * attesting: what the files that make an attestation share. Only for flow/attest*.c but its page.
 */
#ifndef FLOW_ATTESTING_H
#define FLOW_ATTESTING_H

#include "flow/attest.h"
#include "flow/order.h"
#include "flow/showing.h"
#include "proof/attestation.h"

/* What a fact is to the checkpoint. */
enum { RESTS_ON = 1, /* it, or an input of what it rests on */
       WAS_BEFORE = 2 /* what an order made anew, so that this came to be */ };

/* An order that has to do with the checkpoint. */
struct attested_order {
	struct order *o;	 /* owned */
	json_t *made;		 /* what it made of the lineage: labels; owned */
	const char *state;	 /* lent by show.a */
	uint64_t holds;		 /* of its positions the set still holds */
	bool shown;		 /* certified, and none of its positions is in the set */
};

/* An attestation being made. Rows are lent by show.a; the rest is owned, attesting_done frees. */
struct attesting {
	struct showing show;
	struct model m;
	struct model *models;
	struct dataset *datasets;
	struct batch *batches;
	size_t model_count, dataset_count, batch_count;
	uint8_t *lineage;    /* RESTS_ON, WAS_BEFORE by number of fact, up to the checkpoint's own */
	uint8_t grade;	     /* the weakest of the way here */
	struct set *all, *erased, *named; /* the checkpoint's; all erased; of all: where a person is named */
	struct set *absent;
	struct attested_order *orders;
	size_t order_count, order_cap;
	json_t *corrections; /* of the transfers that records came by */
	json_t *summary, *sources, *inputs, *unknown; /* the last three are in the first */
	json_t *asserted, *signed_by_others, *not_covered;
	struct hash digest;
};
void attesting_done(struct attesting *x);

/* attest_lineage.c: lineage, grade, orders. The checkpoint and all rows are there. */
must_use int attesting_lineage(struct attesting *x, struct error *e);
bool attesting_rests_on(const struct attesting *x, uint64_t fact);
/* Does the set hold a record of this batch? */
bool attesting_meets(const struct attesting *x, const struct batch *b);
/* attest_facts.c: absent; facts shown, fields and the set opened. */
must_use int attesting_facts(struct attesting *x, struct error *e);
/* attest_summary.c: the members of the summary but unknown. */
must_use int attesting_summary(struct attesting *x, struct error *e);
/* attest_words.c: unknown and the lists of sentences, which follow from the summary. */
must_use int attesting_words(struct attesting *x, struct error *e);

#endif
