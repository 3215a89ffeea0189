/*
 * record: the lineage record of a checkpoint: what it rests on, as rows of source x terms version
 * x licence x basis x transfer, and from where that came to it. Worked out from batches by set
 * algebra, never record by record.
 */
#ifndef FLOW_RECORD_H
#define FLOW_RECORD_H

#include "flow/sets.h"

/* As flow_model_show, and besides:
 *   record[]  {"source","people","terms" (version; null: none held),"licence","basis","from",
 *             "until" (of these terms),"digest" (SHA-256 of their document),"transfer","date",
 *             "notified" (null where it came by none),"count","denied" (of these now, by what the
 *             datasets were made for, erased ones too),"erased","grade" (weakest of the way here)}
 *   edges[]   {"input" (what `from` is: dataset or model),"from","to","kind","grade","records"}:
 *             every step from datasets through parents to this one; grade is the word for that
 *             step, records what `from` has
 * name NULL is E_NOT_FOUND. */
must_use int flow_model_record(struct repo *r, const char *name, json_t **ret, struct error *e);

/* For an attestation: members record[] and edges[] added to doc, and in each row "named", how many of
 * its records are in this set. */
must_use int record_of(struct repo *r, const struct model *m, const struct set *named, json_t *doc,
		       struct error *e);
/* For a certificate: the rows as "source", "terms", "licence", "basis", "transfer" and "count"
 * alone. */
must_use int record_rows(struct repo *r, const struct stored_set *set, json_t **ret,
			 struct error *e);

#endif
