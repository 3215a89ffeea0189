/* certificate_sign: the actions `certificate sign` and `certificate media`. For certificate.c only. */
#ifndef CLI_CERTIFICATE_SIGN_H
#define CLI_CERTIFICATE_SIGN_H

#include "cli/call.h"

enum { CERTIFICATE_SIGN_OPTIONS = 12 };
extern const struct verb_option certificate_sign_options[CERTIFICATE_SIGN_OPTIONS];
must_use int certificate_sign(struct call *c, struct error *e);
must_use int certificate_media(struct call *c, struct error *e); /* certificate_media.c */

#endif
