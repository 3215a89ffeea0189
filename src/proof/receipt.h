/*
 * receipt: what became of a person's records, signed, for the person. The same kind of statement
 * as a certificate (docs/formats-statements.md): the records' commitments proved to be in the records
 * log, fields of their cards opened, and the facts that say on what terms they came, what was made
 * of them and where that runs. Fields that name other people are not opened.
 */
#ifndef PROOF_RECEIPT_H
#define PROOF_RECEIPT_H

#include "proof/certificate.h"

#define RECEIPT_TYPE "urn:rescind:receipt:1"
enum { RECEIPT_RECORDS_MAX = 1 << 16 };

/* Show the record at pos: its commitment as logged. Shown once, however often it is added. */
must_use int receipt_record(struct certificate_draft *d, uint64_t pos,
			    const struct hash *commitment, struct error *e);
/* Open field index of its card. Once for each field, however often. */
must_use int receipt_open(struct certificate_draft *d, uint64_t pos, const struct fields *card,
			  size_t index, struct error *e);

struct receipt_words {
	const char *origin, *tool;
	uint64_t issued_utc_ms;
	const char *facts_head, *records_head; /* notes */
	/* Lent. summary is an object with a text "what" and a text "withdraw", and what
	 * flow/receipt.c says beside; the others are lists of texts. */
	const json_t *summary, *asserted, *signed_by_others, *not_covered;
};
/* As certificate_make, of a draft filled by certificate_show and _open and by the two calls above.
 * read_records is over the records log. */
must_use int receipt_make(struct certificate_draft *d, const struct receipt_words *w,
			  const uint8_t seed[SIGN_SEED_LEN], tree_reader *read_facts,
			  void *facts_ctx, tree_reader *read_records, void *records_ctx,
			  struct buf *out, struct error *e);

#endif
