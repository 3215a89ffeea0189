/*
 * certify_words: what a certificate says in words, kept apart in what was reached, what is
 * asserted, and what is not covered. Only for flow/order_certify.c.
 */
#ifndef FLOW_CERTIFY_WORDS_H
#define FLOW_CERTIFY_WORDS_H

#include "flow/order.h"

struct certify_words {
	json_t *demand; /* as demanded; owned */
	bool withheld;	/* it names people: not in the certificate */
	struct set *kept;
	json_t *done;	    /* of each step, in order */
	const json_t *plan; /* lent */
	uint64_t opener_login, approver_login;
	bool same_key; /* one key opened and approved (--solo) */
	char approver[101];
	/* made by certify_words_fill */
	json_t *models;	      /* see certify_words_models; owned */
	uint64_t exact_ended; /* exact checkpoints that ended without a next one */
	json_t *summary, *asserted, *signed_by_others, *not_covered, *sanitization;
};
must_use int certify_words_fill(struct certify_words *w, struct repo *r, const struct order *o,
				struct error *e);
void certify_words_done(struct certify_words *w);

/* How many steps of the plan do this; the sum of a member over what the steps said. */
uint64_t certify_steps(const json_t *plan, const char *what);
uint64_t certify_sum(const json_t *done, const char *member);

/* certify_sanitization.c: NIST SP 800-88 Rev. 2, section 4.6 (docs/sanitization.md), into
 * w->sanitization. w->models is there. Errors: KEYS/sanitization.json is none. */
must_use int certify_sanitization(struct certify_words *w, struct repo *r, const struct order *o,
				  struct error *e);

/* certify_words_models.c: a row for each checkpoint that a step `unlearn` made: {"old","new":
 * labels,"fact": of the new one,"records","grade" ("reproduced" where it was, else its own),
 * "made_by": key id,"reproduced_by":[key ids],"record":[rows, see record_rows]}. */
must_use int certify_words_models(struct repo *r, const struct order *o,
				  const struct certify_words *w, json_t **ret, struct error *e);
/* Exact checkpoints that steps `withdraw` ended, and those of which a step `unlearn` made nothing.
 * w->models is there. */
must_use int certify_words_ended(struct repo *r, const struct certify_words *w, uint64_t *ret,
				 struct error *e);
/* The keys of a row that made it again in one text, "" for none; those that do not fit are left
 * out. The key that made it the first time is "the operator's own key". */
enum { CERTIFY_KEYS_MAX = 256 };
void certify_keys(const json_t *model, char ret[CERTIFY_KEYS_MAX]);

#endif
