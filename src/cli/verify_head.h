/*
 * verify_head: a signed head alone, checked with a pinned key.
 */
#ifndef CLI_VERIFY_HEAD_H
#define CLI_VERIFY_HEAD_H

#include "base/buf.h"
#include "proof/certificate.h"

/* Is this a signed note at all (not a statement)? */
bool is_note(const struct buf *bytes);
/* The document of verdict_json, with the one check "head". pinned NULL: then it does not hold. */
must_use int verify_head(const struct buf *bytes, const struct note_key *pinned, json_t **ret,
			 struct error *e);
/* That document with one check that failed and nothing else: for what is no statement. */
must_use int verdict_of_one(const char *check, bool ok, const char *detail, json_t **ret,
			    struct error *e);

#endif
