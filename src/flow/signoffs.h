/*
 * signoffs: what people signed about a statement (proof/signoff.h): made with a key of theirs, and
 * held against the statement beside its verdict. From bytes alone, without a repository.
 */
#ifndef FLOW_SIGNOFFS_H
#define FLOW_SIGNOFFS_H

#include "proof/certificate.h"
#include "proof/signoff.h"

/* A statement that somebody is about to sign: everything in it holds that can be checked without
 * pins. *ret: {"type","origin","issued","what","sha256","sha512"}, for whoever signs to look at.
 * Errors: E_MISMATCH, which check fails and why; E_MEMORY. */
must_use int signoff_look(const struct buf *statement, json_t **ret, struct error *e);
/* What is to be signed, dated now, appended to message; of s the texts, the capacity and the key are
 * looked at, the date is set. about: by signoff_look. Errors: E_CONFLICT, this clock is behind the
 * statement; those of signoff_body. */
must_use int signoff_prepare(struct signoff *s, const struct buf *statement, const json_t *about,
			     struct buf *message, struct error *e);
/* The file of a sign-off, appended to out: of a message and its signature. *ret is what is in it. Errors:
 * those of signoff_assemble and signoff_check. */
must_use int signoff_finish(struct signoff **ret, const struct buf *message,
			    const void *signature, size_t signature_len,
			    const struct buf *statement, const json_t *about, struct buf *out,
			    struct error *e);

/* Are they sign-offs of this statement, and is there one by each of the signers? Adds the check
 * `signoffs` to the document of its verdict and who signed to its signed_by_others. issued: of the
 * statement, TIME_NONE where it could not be read. More than SIGNOFFS_MAX files or signers do not hold. */
must_use int signoffs_verify(json_t *doc, const struct buf *statement, uint64_t issued_utc_ms,
			     const struct signoff_file *files, size_t count,
			     const struct pubkey *signers, size_t signer_count, struct error *e);
/* Does it say that it is a sign-off? Then its statement is wanted. */
bool is_signoff(const struct buf *bytes);

#endif
