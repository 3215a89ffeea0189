/*
 * receipt_parts: what the files that make a receipt share. Only for flow/receipt*.c but its page.
 */
#ifndef FLOW_RECEIPT_PARTS_H
#define FLOW_RECEIPT_PARTS_H

#include "flow/receipt.h"
#include "flow/sets.h"
#include "flow/showing.h"
#include "proof/receipt.h"

enum { RECEIPT_CONTACT_MAX = 1024, RECEIPT_ID_MAX = 256 };

/* An order that takes back some of the records. */
struct receipt_order {
	uint64_t id, fact, certified_fact; /* UINT64_MAX: not certified */
	uint8_t state;
	const char *name;      /* lent by the arena */
	struct set *positions; /* those of the records that are in it; owned */
};

/* A receipt being made. Texts and rows are lent by show.a; sets and JSON are owned. */
struct receipting {
	struct showing show;
	const struct receipt_request *ask;
	uint64_t only;		     /* the record asked for */
	struct tag subject;	     /* with ask->subject */
	struct set *all;	     /* the records it is about */
	struct set *erased, *kept;   /* of these; kept: quarantined */
	struct set *on_card;	     /* cards that name the subject: opened */
	struct batch *batches;	     /* that hold some of them */
	size_t batch_count;
	struct receipt_order *orders; /* certified ones first, in the order that they were carried out */
	size_t order_count;
	struct grant_row *grants;    /* the subject's own */
	size_t grant_count;
	struct touched touched;
	json_t *summary, *asserted, *signed_by_others, *not_covered;
};

/* receipt_choose.c: the records, their batches, orders and grants. */
must_use int receipting_choose(struct receipting *x, struct error *e);
/* The records of a batch among those it is about; yours. */
must_use int receipting_of_batch(const struct receipting *x, const struct batch *b,
				 struct set **ret, struct error *e);
/* receipt_cards.c: every record shown, of each that is here the fields of its card opened. */
must_use int receipting_cards(struct receipting *x, struct error *e);
/* receipt_facts.c: the facts shown. */
must_use int receipting_facts(struct receipting *x, struct error *e);
/* receipt_words.c: summary and lists. */
must_use int receipting_words(struct receipting *x, struct error *e);

/* receipt_records.c, receipt_terms.c, receipt_made.c: members of the summary. */
must_use int receipting_records(struct receipting *x, struct error *e);
must_use int receipting_terms(struct receipting *x, struct error *e);
must_use int receipting_grants(struct receipting *x, struct error *e);
must_use int receipting_made(struct receipting *x, struct error *e);
must_use int receipting_orders(struct receipting *x, struct error *e);
/* receipt_withdraw.c: how to take it back. */
must_use int receipting_withdraw(struct receipting *x, struct error *e);

#endif
