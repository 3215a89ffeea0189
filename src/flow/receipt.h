/*
 * receipt: for a person, what became of the records about them: a signed statement
 * (docs/formats-statements.md). It opens nobody else's fields, and of an erased
 * record nothing. Changes nothing.
 */
#ifndef FLOW_RECEIPT_H
#define FLOW_RECEIPT_H

#include "repo/repo.h"

struct receipt_request {
	/* One of them. Of a record ("12", "record:12") no person is opened; of a subject all that is
	 * known to be about them, and what an order against just them took back. */
	const char *record, *subject;
	const char *contact; /* an address for whoever wants to withdraw; NULL */
};
/* The statement's file is appended to out; it was verified. Errors: E_USAGE; E_NOT_FOUND, no such
 * record, or nobody known by this id; E_RANGE, more than RECEIPT_RECORDS_MAX records, or a file
 * that no verifier would read; E_MISMATCH, what was made does not hold. */
must_use int flow_receipt(struct repo *r, const struct receipt_request *w, struct buf *out,
			  struct error *e);

#endif
