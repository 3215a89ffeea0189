/* verify_signoffs: --signoff and --signer of `verify`; --signoff of `certificate`. */
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
/* The file, lent by the arena. One of a byte too many is none of ours: what is read of it says so. */
must_use int signoff_file_read(const char *path, struct arena *a, struct signoff_file *ret,
			       struct error *e);
/* Reads what was given. Errors: a file that cannot be read; E_USAGE, a signer that is no public key in
 * PEM. */
must_use int verify_signoffs_read(const struct call *c, struct arena *a,
				  struct verify_signoffs *ret, struct error *e);
bool verify_signoffs_given(const struct verify_signoffs *s);
/* The check `signoffs`, where any were given. statement: as read, maybe NULL. */
must_use int verify_signoffs_hold(const struct verify_signoffs *s, const struct buf *bytes,
				  const json_t *statement, json_t *doc, struct error *e);

#endif
