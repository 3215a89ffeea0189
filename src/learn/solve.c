#include "learn/solve.h"

#include <math.h>
#include <stdlib.h>

#include "base/pool.h"
#include "learn/bound.h"
#include "learn/guess.h"
#include "learn/residual.h"
#include "learn/wide.h"

/*
 * Weights come digit by digit. After each pass all outputs of a block hold
 *
 *   w = whole / 2^30 + part / 2^point,   0 <= part < 2^(point - 30)
 *   r = 2^point (right side - system w)             exactly, in integers
 *
 * and the next pass asks the guess for what is missing, takes as many bits of it as the exact
 * products bear, and moves the point. While point is below 30, whole is in units of 2^-point.
 */
enum { COLS = RESIDUAL_COLS, POINT_MAX = 148, PASSES_MAX = 64, SHIFTED_MAX = 118,
       PROOF_POINT = WEIGHTS_BITS + PROOF_BITS };

struct fixed {
	int128 whole, part;
};

struct block {
	unsigned point;
	size_t first, count; /* outputs */
	bool decided;
	int128 r_b[COLS];
};

struct solving {
	const struct sums *s;
	int64_t lambda;
	struct weights *w;
	struct guess *guess;
	struct residual *residual;
	size_t blocks;
	struct block *block;
	int128 *r;	 /* blocks of d rows of COLS */
	int64_t *x;	 /* the correction, the same */
	struct fixed *v; /* blocks of d + 1 rows of COLS */
};

static void solving_destroy(struct solving *p)
{
	if (!p)
		return;
	guess_destroy(p->guess);
	residual_destroy(p->residual);
	weights_destroy(p->w);
	if (p->r)
		wipe(p->r, p->blocks * p->s->d * COLS * sizeof(*p->r));
	free(p->block);
	free(p->r);
	free(p->x);
	free(p->v);
	free(p);
}
SCOPED(solving, solving_destroy);

static int solving_create(struct solving **ret, const struct sums *s, int64_t lambda,
			  struct error *e)
{
	scoped(solving) *p = calloc(1, sizeof(*p));
	size_t cells;

	if (!p)
		return error_set(e, E_MEMORY, "solving");
	p->s = s;
	p->lambda = lambda;
	p->blocks = (s->count + COLS - 1) / COLS;
	cells = p->blocks * s->d * COLS;
	p->block = calloc(p->blocks, sizeof(*p->block));
	p->r = calloc(cells, sizeof(*p->r));
	p->x = aligned_alloc(64, cells * sizeof(*p->x));
	p->v = calloc(cells + p->blocks * COLS, sizeof(*p->v));
	if (!p->block || !p->r || !p->x || !p->v)
		return error_set(e, E_MEMORY, "solving for %zu outputs", s->count);
	for (size_t b = 0; b < p->blocks; b++) {
		struct block *k = &p->block[b];

		k->first = b * COLS;
		k->count = s->count - k->first < COLS ? s->count - k->first : COLS;
		for (size_t c = 0; c < k->count; c++) {
			k->r_b[c] = bound_right(s, k->first + c, s->d);
			for (size_t i = 0; i < s->d; i++)
				p->r[(b * s->d + i) * COLS + c] = bound_right(s, k->first + c, i);
		}
	}
	*ret = give(p);
	return 0;
}

/* What the guess says is missing of the block, in units of 2^-point. */
static int ask_guess(const struct solving *p, size_t b, double (*x)[COLS], double *ret_most,
		     struct error *e)
{
	const struct sums *s = p->s;
	const struct block *k = &p->block[b];
	const int128 *r = p->r + b * s->d * COLS;
	double mean[COLS];
	size_t i, c;

	for (c = 0; c < COLS; c++)
		mean[c] = (double)k->r_b[c] / (double)s->n;
	for (i = 0; i < s->d; i++)
		for (c = 0; c < COLS; c++)
			x[i][c] = (double)r[i * COLS + c] - (double)s->s[i] * mean[c];
	guess_solve(p->guess, x);
	*ret_most = 0;
	for (i = 0; i < s->d; i++)
		for (c = 0; c < COLS; c++) {
			if (!isfinite(x[i][c]))
				return error_set(e, E_RANGE, "sums too near to singular: a larger "
						 "lambda");
			*ret_most = fmax(*ret_most, fabs(x[i][c]));
		}
	return 0;
}

/* By how many bits the point moves: the correction fills its digits, and nothing overflows. */
static int choose_shift(const struct solving *p, size_t b, double most, unsigned *ret,
			struct error *e)
{
	const struct block *k = &p->block[b];
	int shift = (int)residual_bits(p->residual), bits = 0, exponent;
	int128 largest = 1;
	size_t i;

	for (i = 0; i < p->s->d * COLS; i++)
		if (wide_abs(p->r[b * p->s->d * COLS + i]) > largest)
			largest = wide_abs(p->r[b * p->s->d * COLS + i]);
	for (i = 0; i < COLS; i++)
		if (wide_abs(k->r_b[i]) > largest)
			largest = wide_abs(k->r_b[i]);
	while (bits < 127 && largest >> bits)
		bits++;
	if (most > 0) {
		frexp(most, &exponent); /* most < 2^exponent */
		shift -= exponent + 1;
	}
	if (shift > SHIFTED_MAX - bits)
		shift = SHIFTED_MAX - bits;
	if (shift > POINT_MAX - (int)k->point)
		shift = POINT_MAX - (int)k->point;
	if (shift <= 0)
		return error_set(e, E_RANGE, "weights stay undecided: a larger lambda");
	*ret = (unsigned)shift;
	return 0;
}

static void fixed_add(struct fixed *v, unsigned point, unsigned shift, int128 x)
{
	unsigned next = point + shift;

	if (next <= WEIGHTS_BITS) {
		v->whole = v->whole * ((int128)1 << shift) + x;
		return;
	}
	if (point < WEIGHTS_BITS)
		v->whole *= (int128)1 << (WEIGHTS_BITS - point);
	v->part = v->part * ((int128)1 << shift) + x;
	v->whole += wide_shift(v->part, next - WEIGHTS_BITS);
	v->part -= wide_shift(v->part, next - WEIGHTS_BITS) *
		   ((int128)1 << (next - WEIGHTS_BITS));
}

/* The best intercept for these weights is known exactly, up to half a unit. */
static void take_column(const struct solving *p, size_t b, size_t c, unsigned shift)
{
	const struct sums *s = p->s;
	struct block *k = &p->block[b];
	int128 *r = p->r + b * s->d * COLS + c, product = 0, x_b;
	const int64_t *x = p->x + b * s->d * COLS + c;
	struct fixed *v = p->v + b * (s->d + 1) * COLS + c;
	size_t i;

	for (i = 0; i < s->d; i++)
		product += (int128)s->s[i] * x[i * COLS];
	k->r_b[c] = k->r_b[c] * ((int128)1 << shift) - product;
	x_b = wide_floor(k->r_b[c] + s->n / 2, s->n);
	k->r_b[c] -= x_b * s->n;
	for (i = 0; i < s->d; i++) {
		r[i * COLS] = r[i * COLS] * ((int128)1 << shift) -
			      (int128)p->lambda * x[i * COLS] - s->s[i] * x_b;
		fixed_add(&v[i * COLS], k->point, shift, x[i * COLS]);
	}
	fixed_add(&v[s->d * COLS], k->point, shift, x_b);
}

/* One pass over a block, but for G times the correction, which is taken from all afterwards. */
static int correct(void *ctx, size_t b, struct error *e)
{
	struct solving *p = ctx;
	struct block *k = &p->block[b];
	size_t d = p->s->d, i, c;
	int64_t *x = p->x + b * d * COLS;
	double (*guess)[COLS], most;
	unsigned shift = 0;
	double by;
	int code;

	if (k->decided) {
		memset(x, 0, d * COLS * sizeof(*x));
		return 0;
	}
	guess = aligned_alloc(64, guess_rows(p->guess) * sizeof(*guess));
	if (!guess)
		return error_set(e, E_MEMORY, "correction");
	memset(guess + d, 0, (guess_rows(p->guess) - d) * sizeof(*guess));
	code = ask_guess(p, b, guess, &most, e);
	if (code == 0)
		code = choose_shift(p, b, most, &shift, e);
	by = ldexp(1, (int)shift);
	for (i = 0; code == 0 && i < d; i++)
		for (c = 0; c < COLS; c++)
			x[i * COLS + c] = llrint(guess[i][c] * by);
	free(guess);
	if (code < 0)
		return code;
	for (c = 0; c < COLS; c++)
		take_column(p, b, c, shift);
	k->point += shift;
	return 0;
}

/* v is near what it stands for by error units of 2^-point. Is it on one side of every half of
 * 2^-at? Then ret is what it rounds to, from the whole on, in units of 2^-at. */
static bool rounds(const struct fixed *v, unsigned point, unsigned at, int128 error, int128 *ret)
{
	int128 unit = (int128)1 << (point - at), half = unit / 2, rest = v->part % unit;

	if (error >= half / 2 || (rest >= half ? rest - half < error : half - rest <= error))
		return false;
	*ret = v->part / unit + (rest >= half);
	return true;
}

static bool decide_weight(const struct solving *p, const struct block *k, size_t c, size_t i,
			  int128 error)
{
	size_t b = k->first / COLS, at = (k->first + c) * (p->s->d + 1) + i;
	const struct fixed *v = &p->v[(b * (p->s->d + 1) + i) * COLS + c];
	int128 up, digits;

	if (!rounds(v, k->point, WEIGHTS_BITS, error, &up) ||
	    !rounds(v, k->point, PROOF_POINT, error, &digits) ||
	    wide_abs(v->whole) >= WEIGHTS_ROW_MAX)
		return false;
	p->w->w[at] = (int64_t)(v->whole + up);
	p->w->proof[at] = (int64_t)(digits - up * ((int128)1 << PROOF_BITS));
	return true;
}

static int decide(void *ctx, size_t b, struct error *e)
{
	struct solving *p = ctx;
	struct block *k = &p->block[b];
	size_t d = p->s->d;

	(void)e;
	if (k->decided || k->point <= PROOF_POINT + 2)
		return 0;
	for (size_t c = 0; c < k->count; c++) {
		int128 error, error_b;

		if (!bound_errors(p->s, p->lambda, p->r + b * d * COLS + c, COLS, k->r_b[c], &error,
				  &error_b))
			return 0;
		for (size_t i = 0; i <= d; i++)
			if (!decide_weight(p, k, c, i, i < d ? error : error_b))
				return 0;
	}
	k->decided = true;
	return 0;
}

static bool all_decided(const struct solving *p)
{
	for (size_t b = 0; b < p->blocks; b++)
		if (!p->block[b].decided)
			return false;
	return true;
}

static int refine(struct solving *p, struct error *e)
{
	for (int pass = 0; pass < PASSES_MAX; pass++) {
		if (pool_run(p->blocks, correct, p, e) < 0 ||
		    residual_subtract(p->residual, p->blocks, p->x, p->r, e) < 0 ||
		    pool_run(p->blocks, decide, p, e) < 0)
			return e->code;
		if (all_decided(p))
			return 0;
	}
	return error_set(e, E_RANGE, "weights stay undecided: a larger lambda");
}

int64_t learn_lambda(const struct sums *s)
{
	int128 total = 0, power = 1;

	if (s->n == 0)
		return 1;
	for (size_t i = 0; i < s->d; i++)
		total += (int128)s->n * s->g[i * (i + 1) / 2 + i] - (int128)s->s[i] * s->s[i];
	total /= (int128)s->n * (int64_t)s->d * LEARN_LAMBDA_PART;
	while (2 * power <= total)
		power *= 2;
	return power < LEARN_LAMBDA_MAX ? (int64_t)power : LEARN_LAMBDA_MAX;
}

int learn_solve(struct weights **ret, const struct sums *s, int64_t lambda, struct error *e)
{
	scoped(solving) *p = NULL;

	if (s->n < 1 || s->count < 1)
		return error_set(e, E_RANGE, "no records to learn from");
	if (lambda < 0 || lambda > LEARN_LAMBDA_MAX)
		return error_set(e, E_RANGE, "lambda %lld", (long long)lambda);
	if (lambda == 0)
		lambda = learn_lambda(s);
	if (solving_create(&p, s, lambda, e) < 0 ||
	    weights_create(&p->w, s, lambda, e) < 0 ||
	    residual_create(&p->residual, s, e) < 0 || guess_create(&p->guess, s, lambda, e) < 0)
		return e->code;
	p->w->proof = calloc(s->count, (s->d + 1) * sizeof(*p->w->proof));
	if (!p->w->proof)
		return error_set(e, E_MEMORY, "proof");
	if (refine(p, e) < 0)
		return e->code;
	if (!weights_fit(p->w))
		return error_set(e, E_RANGE, "weights are too large");
	*ret = give(p->w);
	return 0;
}
