/*
 * verify_head: a signed head alone, or a tlog-proof, checked with a pinned key or a policy.
 */
#ifndef CLI_VERIFY_HEAD_H
#define CLI_VERIFY_HEAD_H

#include "base/buf.h"
#include "proof/head.h"

/* The document of verdict_json: of proof/head.h. */
must_use int verify_head(const struct buf *bytes, const struct verify_pins *pins, json_t **ret,
			 struct error *e);
/* That document with one check that failed and nothing else: for what is no statement. */
must_use int verdict_of_one(const char *check, bool ok, const char *detail, json_t **ret,
			    struct error *e);

#endif
