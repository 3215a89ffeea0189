/* verify_archive: `verify` of an archive (docs/archive.md). For verify.c only. */
#ifndef CLI_VERIFY_ARCHIVE_H
#define CLI_VERIFY_ARCHIVE_H

#include "cli/verify_signoffs.h"
#include "proof/archive.h"

/* The roots given with --tsa-ca, lent by the arena; E_USAGE, too many. */
must_use int verify_roots_read(const struct call *c, struct arena *a, struct archive_pins *ret,
			       struct error *e);
/* The document of archive_verify, with the files given as data held against the certificate. */
must_use int verify_archive(const struct buf *bytes, const struct verify_pins *pins,
			    const struct archive_pins *roots,
			    const struct verify_signoffs *signoffs, const char *const *data,
			    size_t data_count, json_t **ret, struct error *e);

#endif
