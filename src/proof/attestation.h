/*
 * attestation: what a checkpoint rests on, signed, for whoever buys it. The same kind of statement
 * as a certificate (docs/formats-statements.md): facts in the log, fields of them opened, and one
 * set, the checkpoint's, opened as 0 at the positions `absent`: those of every batch whose
 * source is not shown, and those that the orders shown took back.
 */
#ifndef PROOF_ATTESTATION_H
#define PROOF_ATTESTATION_H

#include "proof/certificate.h"

#define ATTESTATION_TYPE "urn:rescind:attestation:1"

struct attestation_words {
	const char *origin, *tool;
	uint64_t issued_utc_ms;
	uint64_t model;		  /* number of the checkpoint's fact */
	const struct set *absent; /* may be empty */
	const char *facts_head, *records_head; /* notes */
	const struct hash *digest; /* the value of the opened field `digest` of that fact */
	/* Lent. summary is an object with a text "what", and what flow/attest.c says beside; the
	 * others are lists of texts. */
	const json_t *summary, *asserted, *signed_by_others, *not_covered;
};
/* As certificate_make, of a draft that was filled by certificate_show, _open, _set and
 * _set_container (the set of `model` alone; where it is not live any more too). That it holds is for
 * certificate_verify to say. */
must_use int attestation_make(struct certificate_draft *d, const struct attestation_words *w,
			      const uint8_t seed[SIGN_SEED_LEN], tree_reader *read, void *ctx,
			      struct buf *out, struct error *e);

#endif
