/*
 * certifying: what the files that make a certificate share. Only for flow/order_certify*.c.
 */
#ifndef FLOW_CERTIFYING_H
#define FLOW_CERTIFYING_H

#include "flow/certify_words.h"
#include "flow/showing.h"

/* A certificate being made. */
struct certifying {
	struct showing show;
	const struct order *o;
};

/* Did a step of this order make it? It is shown also when there is a later version by now. */
bool certify_was_made(const struct certify_words *w, uint64_t fact);

/* Every retained set. w->done says what was made. */
must_use int certify_sets(struct certifying *x, struct certify_words *w, struct error *e);
/* The checkpoints that unlearned, those they became, and who made these again. w->plan and w->done
 * are there. */
must_use int certify_models(struct certifying *x, struct certify_words *w, struct error *e);

#endif
