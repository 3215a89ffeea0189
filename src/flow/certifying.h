/*
 * certifying: what the files that make a certificate share. Only for flow/order_certify*.c.
 */
#ifndef FLOW_CERTIFYING_H
#define FLOW_CERTIFYING_H

#include "flow/certify_words.h"
#include "log/log.h"
#include "proof/certificate.h"

/* A certificate being made. */
struct certifying {
	struct repo *r;
	struct arena *a;
	const struct order *o;
	struct certificate_draft *d;
	struct log *facts;
};

/* Show fact n; however often. */
must_use int certify_show(struct certifying *x, uint64_t n, struct error *e);
/* Open the field of that name of its private part f; or withhold it. */
must_use int certify_field(struct certifying *x, uint64_t n, const struct fields *f,
			   const char *name, bool withhold, struct error *e);
/* Show the fact that enrolled the key which said fact n. */
must_use int certify_key_of(struct certifying *x, uint64_t n, struct error *e);
/* Did a step of this order make it? It is shown also when there is a later version by now. */
bool certify_was_made(const struct certify_words *w, uint64_t fact);

/* Every retained set. w->done says what was made. */
must_use int certify_sets(struct certifying *x, struct certify_words *w, struct error *e);
/* The checkpoints that unlearned, those they became, and who made these again. w->plan and w->done
 * are there. */
must_use int certify_models(struct certifying *x, struct certify_words *w, struct error *e);

#endif
