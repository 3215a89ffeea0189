#include "learn/guess.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/pool.h"
#include "learn/room.h"
#include "learn/wide.h"

/*
 * Right-looking, in steps of STEP columns. Step k:
 *
 *   +---+                 1. factor the square on the diagonal, and its inverse
 *   |1  |                 2. the panel below becomes panel * inverse'
 *   +---+--------+        3. what is right of the panel loses panel * panel'
 *   | 2 |   3    |
 *
 * 2 and 3 go by strips of ROWS rows, one job each, in tiles of ROWS x COLS whose sums stay in
 * registers. side holds the right factor of both by groups of COLS: side[group][k][COLS].
 */
enum { ROWS = 8, COLS = 24, STEP = 96, STRIP = 48 };

typedef double eight __attribute__((vector_size(64), aligned(8)));

struct guess {
	size_t d, size;	  /* size: d and identity up to a multiple of COLS */
	double *a;	  /* size * size; the lower half becomes the factor */
	double *inverse;  /* of the diagonal */
	double *side;
	double square[STEP][STEP];
	const struct sums *s;
	int64_t lambda;
	size_t at, width; /* of the step */
};

void guess_destroy(struct guess *g)
{
	if (!g)
		return;
	/* What is above the diagonal's groups was never written. */
	for (size_t i = 0; g->a && i < g->size; i++)
		wipe(g->a + i * g->size, (i / COLS + 1) * COLS * sizeof(double));
	if (g->side)
		wipe(g->side, g->size * STEP * sizeof(double));
	free(g->a);
	free(g->inverse);
	free(g->side);
	wipe(g, sizeof(*g));
	free(g);
}

/* n (G - s s'/n) is exact in 64 bits below 2^24 records. */
static int fill(void *ctx, size_t job, struct error *e)
{
	const struct guess *p = ctx;
	const struct sums *s = p->s;
	size_t i, j, last = (job + 1) * STRIP < p->size ? (job + 1) * STRIP : p->size;

	(void)e;
	for (i = job * STRIP; i < last; i++) {
		const int64_t *g = s->g + i * (i + 1) / 2;
		double *a = p->a + i * p->size, by = 1 / (double)s->n;

		for (j = 0; j <= i && i < p->d; j++)
			if (s->n < 1 << 24)
				a[j] = (double)(s->n * g[j] - s->s[i] * s->s[j]) * by;
			else
				a[j] = (double)((int128)s->n * g[j] -
						(int128)s->s[i] * s->s[j]) * by;
		/* Tiles reach over the diagonal to the end of its group; no more is read. */
		for (j = i < p->d ? i + 1 : 0; j < (i / COLS + 1) * COLS; j++)
			a[j] = 0;
		a[i] += i < p->d ? (double)p->lambda : 1;
	}
	return 0;
}

/* tile = rows of left (stride apart) times side; left[r][k] * side[k][c]. */
static inline __attribute__((always_inline)) void tile_body(
	const double *left, size_t stride, const double *side, size_t width, double out[ROWS][COLS])
{
	eight sum[ROWS][3] = { 0 };

	for (size_t k = 0; k < width; k++, side += COLS) {
		eight s0 = *(const eight *)side, s1 = *(const eight *)(side + 8),
		      s2 = *(const eight *)(side + 16);

#pragma GCC unroll 8
		for (size_t r = 0; r < ROWS; r++) {
			double x = left[r * stride + k];

			sum[r][0] += s0 * x;
			sum[r][1] += s1 * x;
			sum[r][2] += s2 * x;
		}
	}
#pragma GCC unroll 8
	for (size_t r = 0; r < ROWS; r++) {
		*(eight *)out[r] = sum[r][0];
		*(eight *)(out[r] + 8) = sum[r][1];
		*(eight *)(out[r] + 16) = sum[r][2];
	}
}

typedef void tile_call(const double *left, size_t stride, const double *side, size_t width,
		       double out[ROWS][COLS]);

static void tile_plain(const double *left, size_t stride, const double *side, size_t width,
		       double out[ROWS][COLS])
{
	tile_body(left, stride, side, width, out);
}

#ifdef __x86_64__
__attribute__((target("avx512f,avx512dq,fma")))
static void tile_avx512(const double *left, size_t stride, const double *side, size_t width,
			double out[ROWS][COLS])
{
	tile_body(left, stride, side, width, out);
}

__attribute__((target("avx2,fma")))
static void tile_avx2(const double *left, size_t stride, const double *side, size_t width,
		      double out[ROWS][COLS])
{
	tile_body(left, stride, side, width, out);
}
#endif

static tile_call *tile_best(void)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
		return tile_avx512;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return tile_avx2;
#endif
	return tile_plain;
}

/* The square on the diagonal, transposed, so that rows are what is subtracted. */
static int factor_square(struct guess *p, struct error *e)
{
	size_t w = p->width, i, j, c;

	for (i = 0; i < w; i++)
		for (j = 0; j <= i; j++)
			p->square[j][i] = p->a[(p->at + i) * p->size + p->at + j];
	for (c = 0; c < w; c++) {
		double root = sqrt(p->square[c][c]);

		if (!(root > 0) || !isfinite(root))
			return error_set(e, E_RANGE, "sums too near to singular: a larger lambda");
		for (i = c; i < w; i++)
			p->square[c][i] /= root;
		for (i = c + 1; i < w; i++) {
			double by = p->square[c][i];

			for (j = i; j < w; j++)
				p->square[i][j] -= by * p->square[c][j];
		}
	}
	for (i = 0; i < w; i++) {
		for (j = 0; j <= i; j++)
			p->a[(p->at + i) * p->size + p->at + j] = p->square[j][i];
		p->inverse[p->at + i] = 1 / p->square[i][i];
	}
	return 0;
}

/* The inverse of the transposed factor, by groups of COLS columns. */
static void side_inverse(struct guess *p)
{
	double inverse[STEP][STEP] = { 0 }; /* of the lower factor: rows by rows above them */
	size_t w = p->width, i, j, k;

	for (i = 0; i < w; i++) {
		inverse[i][i] = 1;
		for (k = 0; k < i; k++) {
			double by = p->square[k][i];

			for (j = 0; j <= k; j++)
				inverse[i][j] -= by * inverse[k][j];
		}
		for (j = 0; j <= i; j++)
			inverse[i][j] *= p->inverse[p->at + i];
	}
	for (i = 0; i < w; i++)
		for (k = 0; k < w; k++)
			p->side[(i / COLS * w + k) * COLS + i % COLS] = inverse[i][k];
}

static int panel_strip(void *ctx, size_t job, struct error *e)
{
	const struct guess *p = ctx;
	size_t from = p->at + p->width + job * STRIP, row, g, r;
	size_t last = from + STRIP < p->size ? from + STRIP : p->size;
	tile_call *tile = tile_best();
	double out[STEP / COLS][ROWS][COLS];

	(void)e;
	for (row = from; row < last; row += ROWS) {
		double *left = p->a + row * p->size + p->at;

		for (g = 0; g < p->width / COLS; g++)
			tile(left, p->size, p->side + g * p->width * COLS, p->width, out[g]);
		for (g = 0; g < p->width / COLS; g++)
			for (r = 0; r < ROWS; r++)
				memcpy(left + r * p->size + g * COLS, out[g][r], sizeof(out[g][r]));
	}
	return 0;
}

/* The panel again, transposed, as the right factor of what it takes away. */
static int side_strip(void *ctx, size_t job, struct error *e)
{
	const struct guess *p = ctx;
	size_t from = p->at + p->width + job * COLS, k, c;
	double *side = p->side + job * p->width * COLS;

	(void)e;
	for (c = 0; c < COLS; c++)
		for (k = 0; k < p->width; k++)
			side[k * COLS + c] = p->a[(from + c) * p->size + p->at + k];
	return 0;
}

/* Strips from the bottom up: the longest first. */
static int rest_strip(void *ctx, size_t job, struct error *e)
{
	const struct guess *p = ctx;
	size_t first = p->at + p->width, strips = (p->size - first + STRIP - 1) / STRIP;
	size_t from = first + (strips - 1 - job) * STRIP, row, col, r, c;
	size_t last = from + STRIP < p->size ? from + STRIP : p->size;
	tile_call *tile = tile_best();
	double out[ROWS][COLS];

	(void)e;
	for (col = first; col < last; col += COLS)
		for (row = from > col ? from : col; row < last; row += ROWS) {
			tile(p->a + row * p->size + p->at, p->size,
			     p->side + (col - first) * p->width, p->width, out);
			for (r = 0; r < ROWS; r++)
				for (c = 0; c < COLS; c++)
					p->a[(row + r) * p->size + col + c] -= out[r][c];
		}
	return 0;
}

/* A thread costs as much as this many multiply-adds; below it, jobs are done here. */
enum { WORTH_A_THREAD = 1 << 24 };

static int run(size_t count, int (*job)(void *ctx, size_t i, struct error *e), struct guess *p,
	       size_t work, struct error *e)
{
	if (work >= WORTH_A_THREAD)
		return pool_run(count, job, p, e);
	for (size_t i = 0; i < count; i++)
		if (job(p, i, e) < 0)
			return e->code;
	return 0;
}

static int factor(struct guess *p, struct error *e)
{
	for (p->at = 0; p->at < p->size; p->at += p->width) {
		size_t left, strips;

		p->width = p->size - p->at < STEP ? p->size - p->at : STEP;
		left = p->size - p->at - p->width;
		strips = (left + STRIP - 1) / STRIP;
		if (factor_square(p, e) < 0)
			return e->code;
		if (left == 0)
			continue;
		side_inverse(p);
		if (run(strips, panel_strip, p, left * p->width * p->width, e) < 0 ||
		    run(left / COLS, side_strip, p, left * p->width, e) < 0 ||
		    run(strips, rest_strip, p, left * left / 2 * p->width, e) < 0)
			return e->code;
	}
	return 0;
}

int guess_create(struct guess **ret, const struct sums *s, int64_t lambda, struct error *e)
{
	scoped(guess) *p = calloc(1, sizeof(*p));

	if (!p)
		return error_set(e, E_MEMORY, "factor");
	p->s = s;
	p->lambda = lambda;
	p->d = s->d;
	p->size = (s->d + COLS - 1) / COLS * COLS;
	p->a = room_alloc(p->size * p->size * sizeof(double));
	p->inverse = malloc(p->size * sizeof(double));
	p->side = aligned_alloc(64, p->size * STEP * sizeof(double));
	if (!p->a || !p->inverse || !p->side)
		return error_set(e, E_MEMORY, "factor of %zu features", s->d);
	if (pool_run((p->size + STRIP - 1) / STRIP, fill, p, e) < 0 || factor(p, e) < 0)
		return e->code;
	*ret = give(p);
	return 0;
}

/*
 * Rows of the factor are taken ROWS at a time, so that what is loaded of x is used ROWS times:
 * forward, the rows lose what is above them, then each other; back, what is above loses the rows.
 * Of the last rows some may lie beyond d: x has room for size rows, and there the factor is 1.
 */
static inline __attribute__((always_inline)) void forward_rows(const struct guess *p, size_t i,
							       double (*x)[GUESS_COLS])
{
	const double *row = p->a + i * p->size;
	eight sum[ROWS][2] = { 0 };
	size_t r, k;

	for (size_t j = 0; j < i; j++) {
		eight x0 = *(const eight *)x[j], x1 = *(const eight *)(x[j] + 8);

#pragma GCC unroll 8
		for (r = 0; r < ROWS; r++) {
			sum[r][0] += x0 * row[r * p->size + j];
			sum[r][1] += x1 * row[r * p->size + j];
		}
	}
#pragma GCC unroll 8
	for (r = 0; r < ROWS; r++) {
		eight *to = (eight *)x[i + r];

		for (k = 0; k < r; k++) {
			sum[r][0] += ((const eight *)x[i + k])[0] * row[r * p->size + i + k];
			sum[r][1] += ((const eight *)x[i + k])[1] * row[r * p->size + i + k];
		}
		to[0] = (to[0] - sum[r][0]) * p->inverse[i + r];
		to[1] = (to[1] - sum[r][1]) * p->inverse[i + r];
	}
}

static inline __attribute__((always_inline)) void back_rows(const struct guess *p, size_t i,
							    double (*x)[GUESS_COLS])
{
	const double *row = p->a + i * p->size;
	eight by[ROWS][2];
	size_t r, k;

	for (r = ROWS; r-- > 0;) {
		eight *to = (eight *)x[i + r];

		to[0] *= p->inverse[i + r];
		to[1] *= p->inverse[i + r];
		for (k = 0; k < r; k++) {
			((eight *)x[i + k])[0] -= to[0] * row[r * p->size + i + k];
			((eight *)x[i + k])[1] -= to[1] * row[r * p->size + i + k];
		}
	}
#pragma GCC unroll 8
	for (r = 0; r < ROWS; r++) {
		by[r][0] = *(const eight *)x[i + r];
		by[r][1] = *(const eight *)(x[i + r] + 8);
	}
	for (size_t j = 0; j < i; j++) {
		eight x0 = *(const eight *)x[j], x1 = *(const eight *)(x[j] + 8);

#pragma GCC unroll 8
		for (r = 0; r < ROWS; r++) {
			x0 -= by[r][0] * row[r * p->size + j];
			x1 -= by[r][1] * row[r * p->size + j];
		}
		*(eight *)x[j] = x0;
		*(eight *)(x[j] + 8) = x1;
	}
}

static inline __attribute__((always_inline)) void solve_body(const struct guess *p,
							     double (*x)[GUESS_COLS])
{
	for (size_t i = 0; i < p->size; i += ROWS)
		forward_rows(p, i, x);
	for (size_t i = p->size; i > 0; i -= ROWS)
		back_rows(p, i - ROWS, x);
}

#ifdef __x86_64__
__attribute__((target("avx512f,avx512dq,fma")))
static void solve_avx512(const struct guess *p, double (*x)[GUESS_COLS])
{
	solve_body(p, x);
}
#endif

size_t guess_rows(const struct guess *p)
{
	return p->size;
}

void guess_solve(const struct guess *p, double (*x)[GUESS_COLS])
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
		solve_avx512(p, x);
		return;
	}
#endif
	solve_body(p, x);
}
