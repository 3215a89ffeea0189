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
	struct index tags;
	size_t sources;
	void *ctx;
};
/* Where a batch came from; transfer: NULL if it came by none. */
typedef int provenance_batch(struct provenance *p, const struct fact *batch,
			     const struct fact *source, const struct fact *transfer,
			     struct error *e);
/* Each batch that does not lie wholly in the statement's positions, if it has some: they ascend,
 * their source and transfer are shown and as old as they, and each is called with them. No two
 * facts of a kind have one tag (and version), and what says what they are is opened. Each that is
 * shown was asked for, or is of what was, and in an attestation each source has terms. */
must_use int provenance_walk(struct provenance *p, provenance_batch *each, struct error *e);
/* The version of its terms that this field names is shown, if it names one. */
must_use int provenance_terms(const struct provenance *p, const struct fact *source,
			      const struct opening *version, struct error *e);

#endif
