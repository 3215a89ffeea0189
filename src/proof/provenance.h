/*
 * provenance: of batches of an attestation or receipt, the facts that say where they came from and
 * on what terms: sources, terms, transfers and corrections that are shown. Inside proof/ only.
 */
#ifndef PROOF_PROVENANCE_H
#define PROOF_PROVENANCE_H

#include "proof/checks.h"
#include "proof/index.h"

struct provenance {
	const struct statement *s;
	struct index sources, terms, transfers;
};
/* All that are shown: no two of a kind with one tag (and version), and with the fields opened that
 * say what they are. */
must_use int provenance_begin(struct provenance *p, const struct statement *s, struct error *e);
/* The source of a batch is shown, and so is its transfer, if it came by one. ret_transfer: NULL if
 * not. Both are as old as the batch. */
must_use int provenance_of(const struct provenance *p, const struct fact *batch,
			   const struct fact **ret_source, const struct fact **ret_transfer,
			   struct error *e);
/* The version of its terms that this field names is shown, if it names one. */
must_use int provenance_terms(const struct provenance *p, const struct fact *source,
			      const struct opening *version, struct error *e);
/* Each that is shown was asked for, or is of what was. every: each source has terms. */
must_use int provenance_end(const struct provenance *p, bool every, struct error *e);

#endif
