/* learn_check of solve.h: sums and weights in, integers all the way. */
#include <stdlib.h>

#include "base/pool.h"
#include "learn/bound.h"
#include "learn/solve.h"

/* The system times one row: out[i] = sum_j (G + lambda I)[i][j] x[j] + s[i] x[d]; out[d] is that of
 * the intercept. */
static void times_row(const struct sums *s, int64_t lambda, const int64_t *x, int128 *out)
{
	const int64_t *g = s->g;
	size_t i, j, d = s->d;

	out[d] = (int128)s->n * x[d];
	for (i = 0; i < d; i++) {
		int128 sum = (int128)lambda * x[i] + (int128)s->s[i] * x[d];

		for (j = 0; j < i; j++, g++) {
			sum += (int128)*g * x[j];
			out[j] += (int128)*g * x[i];
		}
		out[i] = sum + (int128)*g++ * x[i];
		out[d] += (int128)s->s[i] * x[i];
	}
}

struct checking {
	const struct weights *w;
	const struct sums *s;
};

/* Both digits of the weights, one after the other: r becomes the residual in units of 2^-92.
 * False when it is so large already after the first that the weights are wrong. */
static bool residual_of(const struct checking *p, size_t k, int128 *r, int128 *product)
{
	const struct sums *s = p->s;
	size_t i;

	times_row(s, p->w->lambda, weights_row(p->w, k), product);
	for (i = 0; i <= s->d; i++) {
		r[i] = bound_right(s, k, i) * ((int128)1 << WEIGHTS_BITS) - product[i];
		if (wide_abs(r[i]) >> 62)
			return false;
	}
	times_row(s, p->w->lambda, p->w->proof + k * (s->d + 1), product);
	for (i = 0; i <= s->d; i++)
		r[i] = r[i] * ((int128)1 << PROOF_BITS) - product[i];
	return true;
}

/* Is the exact solution, wherever it lies within the bound, rounded to w? */
static bool row_holds(const struct checking *p, size_t k, int128 *r, int128 *product)
{
	const int64_t *proof = p->w->proof + k * (p->s->d + 1);
	const int128 half = (int128)1 << (PROOF_BITS - 1);
	int128 error, error_b;
	size_t i, d = p->s->d;

	if (!residual_of(p, k, r, product) ||
	    !bound_errors(p->s, p->w->lambda, r, 1, r[d], &error, &error_b))
		return false;
	for (i = 0; i <= d; i++) {
		int128 by = i < d ? error : error_b;

		if (proof[i] - by < -half || proof[i] + by >= half)
			return false;
	}
	return true;
}

static int check_row(void *ctx, size_t k, struct error *e)
{
	const struct checking *p = ctx;
	int128 *r = calloc(2 * (p->s->d + 1), sizeof(*r));
	bool holds;

	if (!r)
		return error_set(e, E_MEMORY, "check of an output");
	holds = row_holds(p, k, r, r + p->s->d + 1);
	wipe(r, 2 * (p->s->d + 1) * sizeof(*r));
	free(r);
	if (!holds)
		return error_set(e, E_MISMATCH, "output %zu is not what these sums make", k);
	return 0;
}

static bool same_shape(const struct weights *w, const struct sums *s)
{
	if (w->kind != s->kind || strcmp(w->features, s->features) != 0 || w->d != s->d ||
	    w->count != s->count)
		return false;
	for (size_t k = 0; k < w->count; k++)
		if (w->kind == SUMS_LABELS && strcmp(w->label[k], s->output[k].label) != 0)
			return false;
	return true;
}

int learn_check(const struct weights *w, const struct sums *s, int64_t lambda, struct error *e)
{
	struct checking p = { w, s };

	if (sums_possible(s, e) < 0)
		return e->code;
	if (!same_shape(w, s) || s->n < 1)
		return error_set(e, E_MISMATCH, "weights of other features or labels");
	if (w->lambda != (lambda ? lambda : learn_lambda(s)) || w->lambda < 1 ||
	    w->lambda > LEARN_LAMBDA_MAX)
		return error_set(e, E_MISMATCH, "weights of lambda %lld", (long long)w->lambda);
	if (!w->proof)
		return error_set(e, E_NOT_FOUND, "the weights came without their proof");
	if (!weights_fit(w))
		return error_set(e, E_MISMATCH, "weights beyond their limit");
	return pool_run(w->count, check_row, &p, e);
}
