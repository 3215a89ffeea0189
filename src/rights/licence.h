/*
 * licence: SPDX licence ids and what the few with an entry in our table deny. The list of ids is
 * generated (rights/licences.def); LicenseRef-* is accepted too; NOASSERTION and NONE are
 * spelled so and deny.
 */
#ifndef RIGHTS_LICENCE_H
#define RIGHTS_LICENCE_H

#include "rights/use.h"

enum { LICENCE_MAX = 100 }; /* letters of an id */

/* Errors: E_USAGE unless an SPDX id in SPDX's own spelling, LicenseRef-[A-Za-z0-9.-]+,
 * NOASSERTION or NONE; names the nearest id if one is near. */
must_use int licence_valid(const char *id, struct error *e);
/* True when the licence itself rules the use out. NC: commercial purposes; ND: share of what is
 * derived (sharing, and nothing trained under it may be shared: decide_derived asks for that);
 * missing, NOASSERTION, NONE, and what licence_valid refuses: all. */
bool licence_denies(const char *id, const struct use *u);

#endif
