/*
 * making: what the makers of certificates, attestations and receipts share. Inside proof/ only:
 * make*.c. Below, e->code is 0 at first and the first failure is kept in it: see wire/json.h.
 */
#ifndef PROOF_MAKING_H
#define PROOF_MAKING_H

#include "proof/draft.h"

/* What every kind says: of its own words, by these names. */
struct making_words {
	const char *origin, *tool;
	uint64_t issued_utc_ms;
	const char *facts_head, *records_head;
	const json_t *summary, *asserted, *signed_by_others, *not_covered;
};
#define MAKING_WORDS(w)                                                                          \
	{ (w)->origin, (w)->tool, (w)->issued_utc_ms, (w)->facts_head, (w)->records_head,        \
	  (w)->summary, (w)->asserted, (w)->signed_by_others, (w)->not_covered }

struct making {
	struct certificate_draft *d;
	const char *type; /* predicateType */
	const struct making_words *w;
	tree_reader *read; /* over the facts log */
	void *ctx;
	/* From making_begin to making_done: */
	struct note_key key; /* of the facts log */
	struct head facts;
	json_t *own;	 /* members of this kind, for the predicate */
	json_t *subject; /* a list, see add_subject */
};
/* Sorts the draft; the facts head is by this seed (E_MISMATCH). */
must_use int making_begin(struct making *m, const uint8_t seed[SIGN_SEED_LEN], struct error *e);
/* The whole file (envelope and final newline) is appended to out. */
must_use int making_end(struct making *m, const uint8_t seed[SIGN_SEED_LEN], struct buf *out,
			struct error *e);
void making_done(struct making *m);

void add_subject(json_t *list, const char *name, const struct hash *digest, struct error *e);
void set_positions(json_t *o, const char *key, const struct set *s, struct error *e);
json_t *sets_json(const struct certificate_draft *d, struct error *e);
json_t *containers_json(const struct certificate_draft *d, struct error *e);
/* of: the member that names what the fields are of, "n" or "p". */
json_t *openings_json(const struct opening *list, size_t count, const char *of, struct error *e);

#endif
