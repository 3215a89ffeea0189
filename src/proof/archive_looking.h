/*
 * archive_looking: what the checks of an archive share. Inside proof/ only.
 */
#ifndef PROOF_ARCHIVE_LOOKING_H
#define PROOF_ARCHIVE_LOOKING_H

#include "proof/archive.h"

struct looking {
	struct verify_pins pins; /* first: check_newest finds the rest by it */
	const struct archive_pins *all;
	const struct archive *a; /* NULL: it could not be read */
	struct error unread;	 /* why not */
	struct verdict *v;
	bool *rooted;		 /* of each of the roots: it has stamped */
	const json_t *predicate; /* NULL: no statement could be read */
	char *detail;		 /* of the check that runs */
};

/* A sentence; whatever was quoted in it, it is one line of ASCII. */
int archive_say(json_t *list, struct error *e, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* What held, for people. Returns 0. */
int archive_tell(struct looking *x, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* archive_signed.c */
must_use int archive_check_signoffs(struct looking *x, struct error *e);
must_use int archive_check_stamps(struct looking *x, struct error *e);

#endif
