/* verify_signoffs: --signoff and --signer of `verify`. For verify.c only. */
#ifndef CLI_VERIFY_SIGNOFFS_H
#define CLI_VERIFY_SIGNOFFS_H

#include "base/arena.h"
#include "cli/call.h"
#include "flow/signoffs.h"

struct verify_signoffs {
	struct signoff_file *files; /* all of it lent by an arena */
	struct pubkey *signers;
	size_t count, signer_count;
};
/* Reads what was given. Errors: a file that cannot be read; E_USAGE, a signer that is no public key in
 * PEM. */
must_use int verify_signoffs_read(const struct call *c, struct arena *a,
				  struct verify_signoffs *ret, struct error *e);
bool verify_signoffs_given(const struct verify_signoffs *s);
/* The check `signoffs`, where any were given. statement: as read, maybe NULL. */
must_use int verify_signoffs_hold(const struct verify_signoffs *s, const struct buf *bytes,
				  const json_t *statement, json_t *doc, struct error *e);

#endif
