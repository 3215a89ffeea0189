/*
 * archive: an order's certificate and all that goes with it in one file (docs/archive.md), made
 * from the repository: the proof that it was logged, against the head of now with what its
 * witnesses signed; sign-offs; time stamps. What is made was verified before it is given.
 */
#ifndef FLOW_ARCHIVE_H
#define FLOW_ARCHIVE_H

#include "proof/archive.h"
#include "repo/repo.h"

struct archive_words {
	const char *const *tsa; /* URLs of authorities, each asked for a stamp */
	size_t tsa_count;
	const struct signoff_file *signoffs; /* those that come into the new layer */
	size_t signoff_count;
};

/* Append an archive of one layer, of the certificate of this order. *ret: {"order","layer","fact",
 * "entries" (of the head),"signoffs","stamps":[{"tsa","at","signer"}]}. Errors: E_NOT_FOUND, not
 * certified yet; E_MISMATCH, what was made would not verify (a sign-off is of another statement);
 * those of flow_stamp. */
must_use int flow_archive(struct repo *r, const char *order, const struct archive_words *w,
			  struct buf *out, json_t **ret, struct error *e);
/* Append file, an archive, with one layer more; or file, a certificate, as an archive. Errors: as
 * of flow_archive; E_MISMATCH, it does not hold, or is of another repository; E_RANGE, more files
 * or bytes than an archive may have. */
must_use int flow_archive_renew(struct repo *r, const struct buf *file,
				const struct archive_words *w, struct buf *out, json_t **ret,
				struct error *e);

/* Inside: VERIFY.md. */
enum { ARCHIVE_VERIFY_PARTS = 4 };
extern const char *const archive_verify_md[ARCHIVE_VERIFY_PARTS];

#endif
