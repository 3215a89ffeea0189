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
	json_t *summary, *asserted, *signed_by_others, *not_covered, *sanitization;
};
must_use int certify_words_fill(struct certify_words *w, struct repo *r, const struct order *o,
				struct error *e);
void certify_words_done(struct certify_words *w);

#endif
