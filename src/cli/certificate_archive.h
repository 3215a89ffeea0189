/* certificate_archive: `certificate ORDER --archive`, `certificate renew`. For certificate.c. */
#ifndef CLI_CERTIFICATE_ARCHIVE_H
#define CLI_CERTIFICATE_ARCHIVE_H

#include "cli/call.h"

/* What --archive asks for, made and not written yet; *ret stays NULL when it was not given. Errors:
 * E_USAGE, --tsa or --signoff without it; as of flow_archive. */
must_use int certificate_archive(struct call *c, struct repo *r, struct buf **ret, struct error *e);

enum { CERTIFICATE_RENEW_OPTIONS = 3 };
extern const struct verb_option certificate_renew_options[CERTIFICATE_RENEW_OPTIONS];
must_use int certificate_renew(struct call *c, struct error *e);

#endif
