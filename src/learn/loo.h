/*
 * loo: leave-one-out: what a model says of each record that it rests on, had it been trained without
 * that one and with the same lambda. Exact: every answer is that of the weights learn_solve makes
 * of the sums without the record. Nearly all of them need no solving, since with
 *
 *   h = 1/n + (x - mean)' (scatter + lambda I)^-1 (x - mean)
 *
 * the score without the record is t - (t - score) / (1 - h). That is computed in floating point with
 * a bound of its error, in which the residual of each inverse is measured and the rounding of both
 * weights is counted; where the bound does not decide the answer, the record is really taken
 * out, the system solved, and the record put back. A label whose only record is left out is no
 * candidate.
 *
 * A handle belongs to one thread; it uses as many as there are processors.
 */
#ifndef LEARN_LOO_H
#define LEARN_LOO_H

#include "learn/weights.h"

enum { LOO_BATCH = 1024 /* records of one call */ };

struct loo;

/* w are the weights of s, with the lambda that they say. Both are lent for the handle's life.
 * Errors: E_MEMORY; E_RANGE, numbers of more than one output, or sums too near to singular. */
must_use int loo_create(struct loo **ret, const struct sums *s, const struct weights *w,
			struct error *e);
void loo_destroy(struct loo *l); /* wipes; NULL is fine */
SCOPED(loo, loo_destroy);

/* The whole number that a score of numbers says, halves up. */
static inline int64_t score_number(int64_t score)
{
	int64_t unit = (int64_t)1 << WEIGHTS_BITS, rest = score % unit;

	rest += rest < 0 ? unit : 0;
	return (score - rest) / unit + (rest >= unit / 2);
}

struct loo_answer {
	const char *label;  /* lent by w; NULL: of numbers, or nobody is left to answer */
	int64_t number;	    /* of numbers: the score, rounded, halves up */
	double score;	    /* of the answer; 1 is near the label, or the number; up to its bound */
	bool none;	    /* no other record: no answer */
	bool solved;	    /* it took a solve */
};

/* Of 1 to LOO_BATCH records, each of them inside the sums. Errors: E_RANGE, too many, or sums
 * without one of them that learn_solve refuses; E_MISMATCH, a record that is not inside as far as
 * can be seen; E_MEMORY. */
must_use int loo_answers(struct loo *l, const struct records *r, struct loo_answer *ret,
			 struct error *e);

#endif
