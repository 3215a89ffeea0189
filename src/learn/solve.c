#include "learn/solve.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "learn/bound.h"
#include "learn/crew.h"
#include "learn/guess.h"
#include "learn/residual.h"
#include "learn/room.h"
#include "learn/wide.h"

/*
 * Weights come digit by digit. After each pass all outputs of a block hold
 *
 *   w = whole / 2^30 + part / 2^point,   0 <= part < 2^(point - 30)
 *   r = 2^point (right side - system w)             exactly, in integers
 *
 * and the next pass asks the guess for what is missing, takes as many bits of it as the exact
 * products bear, and moves the point. While point is below 30, whole is in units of 2^-point.
 *
 * Outputs have nothing to do with each other: BATCH blocks are solved at a time, in chunks of
 * blocks that share what is loaded of the factor.
 */
enum { COLS = RESIDUAL_COLS, POINT_MAX = 148, PASSES_MAX = 64, SHIFTED_MAX = 118, BATCH = 16,
       CHUNK_MAX = 8, PROOF_POINT = WEIGHTS_BITS + PROOF_BITS };
_Static_assert((int)COLS == (int)GUESS_COLS, "a block is a group of right sides");

struct fixed {
	int128 whole, part;
};

struct block {
	unsigned point;
	size_t first, count; /* outputs */
	bool open[COLS]; /* not decided yet */
	int128 r_b[COLS];
};

struct solving {
	const struct sums *s;
	int64_t lambda;
	struct weights *w;
	struct crew *crew;
	struct guess *guess;
	struct residual *residual;
	size_t room, blocks, chunk; /* blocks: at most, of this batch, of a chunk */
	unsigned enough;	    /* where the point is when a rounding is seldom open */
	struct block block[BATCH];
	int128 *r;	 /* blocks of d rows of COLS */
	int64_t *x;	 /* the correction, the same */
	struct fixed *v; /* blocks of d + 1 rows of COLS */
	double *y;	 /* blocks of guess_rows rows of COLS */
};

static void solving_destroy(struct solving *p)
{
	if (!p)
		return;
	guess_destroy(p->guess);
	residual_destroy(p->residual);
	crew_destroy(p->crew);
	weights_destroy(p->w);
	if (p->r)
		wipe(p->r, p->room * p->s->d * COLS * sizeof(*p->r));
	free(p->r);
	free(p->x);
	free(p->v);
	free(p->y);
	free(p);
}
SCOPED(solving, solving_destroy);

/* Where the bound of a rounded correction, which is about twice the trace of S by lambda, leaves
 * one block in eight open. */
static unsigned choose_enough(const struct sums *s, int64_t lambda)
{
	double trace = 0;

	for (size_t i = 0; i < s->d; i++)
		trace += (double)s->g[i * (i + 1) / 2 + i] -
			 (double)s->s[i] * (double)s->s[i] / (double)s->n;
	return PROOF_POINT + 4 + (unsigned)log2(fabs(trace) / (double)lambda * 2 + 1) +
	       (unsigned)log2((double)s->d * (double)COLS);
}

static int solving_create(struct solving **ret, const struct sums *s, int64_t lambda,
			  struct error *e)
{
	scoped(solving) *p = calloc(1, sizeof(*p));
	size_t cells, batches;

	if (!p)
		return error_set(e, E_MEMORY, "solving");
	p->s = s;
	p->lambda = lambda;
	p->enough = choose_enough(s, lambda);
	/* Batches of about the same size. */
	p->room = (s->count + COLS - 1) / COLS;
	batches = (p->room + BATCH - 1) / BATCH;
	p->room = (p->room + batches - 1) / batches;
	cells = p->room * s->d * COLS;
	p->r = room_alloc(cells * sizeof(*p->r));
	p->x = room_alloc(cells * sizeof(*p->x));
	p->v = room_alloc((cells + p->room * COLS) * sizeof(*p->v));
	if (!p->r || !p->x || !p->v)
		return error_set(e, E_MEMORY, "solving for %zu outputs", s->count);
	if (crew_create(&p->crew, e) < 0 ||
	    residual_create(&p->residual, p->crew, s, p->room, e) < 0 ||
	    guess_create(&p->guess, p->crew, s, lambda, e) < 0)
		return e->code;
	p->y = room_alloc(p->room * guess_rows(p->guess) * COLS * sizeof(*p->y));
	if (!p->y)
		return error_set(e, E_MEMORY, "solving for %zu outputs", s->count);
	*ret = give(p);
	return 0;
}

static int128 *residual_of(const struct solving *p, size_t b)
{
	return p->r + b * p->s->d * COLS;
}

static double *guess_of(const struct solving *p, size_t b)
{
	return p->y + b * guess_rows(p->guess) * COLS;
}

/* Nothing is known of the outputs of the block. */
static int begin(void *ctx, size_t b, struct error *e)
{
	struct solving *p = ctx;
	const struct sums *s = p->s;
	struct block *k = &p->block[b];
	int128 *r = residual_of(p, b);

	(void)e;
	memset(p->v + b * (s->d + 1) * COLS, 0, (s->d + 1) * COLS * sizeof(*p->v));
	for (size_t c = 0; c < COLS; c++) {
		k->r_b[c] = c < k->count ? bound_right(s, k->first + c, s->d) : 0;
		for (size_t i = 0; i < s->d; i++)
			r[i * COLS + c] = c < k->count ? bound_right(s, k->first + c, i) : 0;
	}
	return 0;
}

/* Both halves on their own: a conversion of 128 bits is a long call. */
static inline double wide_double(int128 x)
{
	int64_t low = (int64_t)(uint64_t)x;

	return (double)(int64_t)wide_shift(x - low, 64) * 0x1p64 + (double)low;
}

/* What the guess is asked: the right side of the block without the intercept. */
static void put_question(const struct solving *p, size_t b)
{
	const struct sums *s = p->s;
	const int128 *r = residual_of(p, b);
	double mean[COLS], *y = guess_of(p, b);
	size_t i, c, rows = guess_rows(p->guess);

	for (c = 0; c < COLS; c++)
		mean[c] = wide_double(p->block[b].r_b[c]) / (double)s->n;
	for (i = 0; i < s->d; i++)
		for (c = 0; c < COLS; c++)
			y[i * COLS + c] = wide_double(r[i * COLS + c]) - (double)s->s[i] * mean[c];
	memset(y + s->d * COLS, 0, (rows - s->d) * COLS * sizeof(*y));
}

/* The greatest size of what the guess says is missing, in units of 2^-point. */
static int find_most(const struct solving *p, size_t b, double *ret, struct error *e)
{
	const double *y = guess_of(p, b);
	double most = 0, all = 0;

	for (size_t i = 0; i < p->s->d * COLS; i++) {
		double size = fabs(y[i]);

		all += size;
		most = size > most ? size : most;
	}
	if (!isfinite(all))
		return error_set(e, E_RANGE, "sums too near to singular: a larger lambda");
	*ret = most;
	return 0;
}

static int bits_of(const struct solving *p, size_t b)
{
	const int128 *r = residual_of(p, b);
	int128 all = 1;
	int bits = 0;

	for (size_t i = 0; i < p->s->d * COLS; i++)
		all |= wide_abs(r[i]);
	for (size_t c = 0; c < COLS; c++)
		all |= wide_abs(p->block[b].r_b[c]);
	while (bits < 127 && all >> bits)
		bits++;
	return bits;
}

/* By how many bits the point moves: the correction fills its digits, and nothing overflows. */
static int choose_shift(const struct solving *p, size_t b, double most, unsigned *ret,
			struct error *e)
{
	int point = (int)p->block[b].point, bits = bits_of(p, b), exponent = -1;
	int one = (int)residual_bits(p->residual, 1), shift = (int)residual_bits(p->residual, 2);

	if (most > 0)
		frexp(most, &exponent); /* most < 2^exponent */
	shift -= exponent + 1;
	one -= exponent + 1;
	/* One digit takes half the time. */
	if (point + one >= (int)p->enough)
		shift = one;
	if (shift > SHIFTED_MAX - bits)
		shift = SHIFTED_MAX - bits;
	if (shift > POINT_MAX - point)
		shift = POINT_MAX - point;
	if (shift <= 0)
		return error_set(e, E_RANGE, "weights stay undecided: a larger lambda");
	*ret = (unsigned)shift;
	return 0;
}

static inline void fixed_add(struct fixed *v, unsigned point, unsigned shift, int128 x)
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
static void take_intercept(struct solving *p, size_t b, unsigned shift, int128 x_b[COLS])
{
	const struct sums *s = p->s;
	struct block *k = &p->block[b];
	const int64_t *x = p->x + b * s->d * COLS;
	int128 product[COLS] = { 0 };
	size_t i, c;

	for (i = 0; i < s->d; i++)
		for (c = 0; c < COLS; c++)
			product[c] += (int128)s->s[i] * x[i * COLS + c];
	for (c = 0; c < COLS; c++) {
		k->r_b[c] = k->r_b[c] * ((int128)1 << shift) - product[c];
		x_b[c] = wide_floor(k->r_b[c] + s->n / 2, s->n);
		k->r_b[c] -= x_b[c] * s->n;
	}
}

/* All of the correction but G times it, which is taken from all blocks afterwards. */
static void take(struct solving *p, size_t b, unsigned shift)
{
	const struct sums *s = p->s;
	struct block *k = &p->block[b];
	const int64_t *x = p->x + b * s->d * COLS;
	int128 *r = residual_of(p, b), x_b[COLS];
	struct fixed *v = p->v + b * (s->d + 1) * COLS;
	size_t i, c;

	take_intercept(p, b, shift, x_b);
	for (i = 0; i < s->d; i++)
		for (c = 0; c < COLS; c++, r++, x++, v++) {
			*r = *r * ((int128)1 << shift) - (int128)p->lambda * *x -
			     s->s[i] * x_b[c];
			fixed_add(v, k->point, shift, *x);
		}
	for (c = 0; c < COLS; c++)
		fixed_add(&v[c], k->point, shift, x_b[c]);
	k->point += shift;
}

static int correct(struct solving *p, size_t b, struct error *e)
{
	const double *y = guess_of(p, b);
	int64_t *x = p->x + b * p->s->d * COLS;
	unsigned shift = 0;
	double most = 0, by;

	if (find_most(p, b, &most, e) < 0 || choose_shift(p, b, most, &shift, e) < 0)
		return e->code;
	by = ldexp(1, (int)shift);
	for (size_t i = 0; i < p->s->d * COLS; i++)
		x[i] = (int64_t)(y[i] * by + (y[i] < 0 ? -0.5 : 0.5));
	take(p, b, shift);
	return 0;
}

static int correct_chunk(void *ctx, size_t job, struct error *e)
{
	struct solving *p = ctx;
	size_t from = job * p->chunk, end = from + p->chunk, b;

	if (end > p->blocks)
		end = p->blocks;
	for (b = from; b < end; b++)
		put_question(p, b);
	guess_solve(p->guess, guess_of(p, from), end - from);
	for (b = from; b < end; b++)
		if (correct(p, b, e) < 0)
			return e->code;
	return 0;
}

/* v is near what it stands for by error units of 2^-point. Is it on one side of every half of
 * 2^-at? Then ret is what it rounds to, from the whole on, in units of 2^-at. */
static inline bool rounds(const struct fixed *v, unsigned point, unsigned at, int128 error,
			  int128 *ret)
{
	int128 unit = (int128)1 << (point - at), half = unit / 2, rest = v->part & (unit - 1);

	if (error >= half / 2 || (rest >= half ? rest - half < error : half - rest <= error))
		return false;
	*ret = wide_shift(v->part, point - at) + (rest >= half);
	return true;
}

static inline bool decide_weight(const struct solving *p, size_t b, size_t c, size_t i,
				 int128 error)
{
	const struct block *k = &p->block[b];
	size_t at = (k->first + c) * (p->s->d + 1) + i;
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

/* One output; others of its block are somebody else's. */
static int decide(void *ctx, size_t job, struct error *e)
{
	struct solving *p = ctx;
	size_t b = job / COLS, c = job % COLS;
	struct block *k = &p->block[b];
	int128 error, error_b;

	(void)e;
	k->open[c] = c < k->count;
	if (c >= k->count || k->point <= PROOF_POINT + 2 ||
	    !bound_errors(p->s, p->lambda, residual_of(p, b) + c, COLS, k->r_b[c], &error, &error_b))
		return 0;
	for (size_t i = 0; i <= p->s->d; i++)
		if (!decide_weight(p, b, c, i, i < p->s->d ? error : error_b))
			return 0;
	k->open[c] = false;
	return 0;
}

static bool is_decided(const struct block *k)
{
	for (size_t c = 0; c < k->count; c++)
		if (k->open[c])
			return false;
	return true;
}

/* Blocks that are decided make room for those that are not. */
static void drop_decided(struct solving *p)
{
	size_t d = p->s->d, b, kept = 0;

	for (b = 0; b < p->blocks; b++) {
		if (is_decided(&p->block[b]))
			continue;
		if (kept < b) {
			p->block[kept] = p->block[b];
			memcpy(residual_of(p, kept), residual_of(p, b), d * COLS * sizeof(*p->r));
			memcpy(p->v + kept * (d + 1) * COLS, p->v + b * (d + 1) * COLS,
			       (d + 1) * COLS * sizeof(*p->v));
		}
		kept++;
	}
	p->blocks = kept;
}

/* Chunks are as many as threads, or a multiple of it. */
static void choose_chunk(struct solving *p)
{
	size_t threads = crew_threads(p->crew), rounds;

	rounds = (p->blocks + threads * CHUNK_MAX - 1) / (threads * CHUNK_MAX);
	p->chunk = (p->blocks + threads * rounds - 1) / (threads * rounds);
}

static int refine(struct solving *p, struct error *e)
{
	for (int pass = 0; pass < PASSES_MAX && p->blocks > 0; pass++) {
		choose_chunk(p);
		if (crew_run(p->crew, (p->blocks + p->chunk - 1) / p->chunk, correct_chunk, p,
			     e) < 0 ||
		    residual_subtract(p->residual, p->blocks, p->x, p->r, e) < 0 ||
		    crew_run(p->crew, p->blocks * COLS, decide, p, e) < 0)
			return e->code;
		drop_decided(p);
	}
	return p->blocks == 0 ? 0 : error_set(e, E_RANGE, "weights stay undecided: a larger lambda");
}

static int solve_all(struct solving *p, struct error *e)
{
	size_t count = p->s->count;

	for (size_t first = 0; first < count;) {
		for (p->blocks = 0; p->blocks < p->room && first < count; p->blocks++) {
			size_t left = count - first, take = left < COLS ? left : COLS;

			p->block[p->blocks] = (struct block){ .first = first, .count = take };
			first += take;
		}
		if (crew_run(p->crew, p->blocks, begin, p, e) < 0 || refine(p, e) < 0)
			return e->code;
	}
	return 0;
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
	if (solving_create(&p, s, lambda, e) < 0 || weights_create(&p->w, s, lambda, e) < 0)
		return e->code;
	p->w->proof = calloc(s->count, (s->d + 1) * sizeof(*p->w->proof));
	if (!p->w->proof)
		return error_set(e, E_MEMORY, "proof");
	if (solve_all(p, e) < 0)
		return e->code;
	if (!weights_fit(p->w))
		return error_set(e, E_RANGE, "weights are too large");
	*ret = give(p->w);
	return 0;
}
