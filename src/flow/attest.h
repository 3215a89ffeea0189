/*
 * attest: what a checkpoint rests on, as a signed statement for whoever gets it
 * (docs/formats-statements.md). No subject, path or digest of a record is in
 * it. Changes nothing.
 */
#ifndef FLOW_ATTEST_H
#define FLOW_ATTEST_H

#include "repo/repo.h"

/* The statement's file about "name" or "name@V", as of the public heads, is appended to out; it was
 * verified. Errors: E_NOT_FOUND, no such checkpoint, or one that is erased and whose digest would
 * still answer whoever guesses its file; E_RANGE, more than a verifier would read; E_MISMATCH,
 * what was made does not hold. */
must_use int flow_attest(struct repo *r, const char *model, struct buf *out, struct error *e);

#endif
