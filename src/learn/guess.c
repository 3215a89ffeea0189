#include "learn/guess.h"

#include <stdlib.h>

#include "base/buf.h"
#include "learn/guess_tile.h"
#include "learn/room.h"
#include "learn/wide.h"

/*
 * Right-looking, in steps of STEP columns. Step k:
 *
 *   +---+                 1. factor the square on the diagonal, and invert it
 *   |1  |                 2. the panel below becomes panel * inverse'
 *   +---+--------+        3. what is right of the panel loses panel * panel'
 *   | 2 |   3    |
 *
 * 2 and 3 go by strips, one job each, in tiles of ROWS x COLS. side holds the panel again as the
 * right factor of 3, by groups of COLS rows: side[group][k][COLS]; turned is the right factor of
 * 2, less than nothing, so that what loses it gains.
 */
enum { ROWS = TILE_ROWS, COLS = TILE_COLS, STEP = TILE_SQUARE, STRIP = TILE_STRIP };

struct guess {
	struct triangle t; /* the lower half becomes the factor */
	size_t d;
	const struct guess_kernel *kernel;
	double *side;
	double square[STEP][STEP], inverse[STEP][STEP], turned[STEP * STEP];
	const struct sums *s;
	int64_t lambda;
	size_t at, width; /* of the step */
};

static size_t strips(size_t rows)
{
	return (rows + STRIP - 1) / STRIP;
}

static double *row_of(const struct guess *p, size_t i)
{
	return p->t.a + triangle_at(i);
}

void guess_destroy(struct guess *g)
{
	if (!g)
		return;
	if (g->t.a)
		wipe(g->t.a, triangle_at(strips(g->t.size) * STRIP) * sizeof(double));
	if (g->side)
		wipe(g->side, g->t.size * STEP * sizeof(double));
	free(g->t.a);
	free(g->t.inverse);
	free(g->side);
	wipe(g, sizeof(*g));
	free(g);
}

/* n (G - s s'/n) is exact in 64 bits below 2^24 records. */
static void fill_row(const struct guess *p, size_t i)
{
	const struct sums *s = p->s;
	const int64_t *g = s->g + i * (i + 1) / 2;
	double *a = row_of(p, i), by = 1 / (double)s->n;
	size_t j;

	for (j = 0; j <= i && i < p->d; j++)
		if (s->n < 1 << 24)
			a[j] = (double)(s->n * g[j] - s->s[i] * s->s[j]) * by;
		else
			a[j] = (double)((int128)s->n * g[j] - (int128)s->s[i] * s->s[j]) * by;
	/* Tiles reach over the diagonal to the end of its group; no more is read. */
	for (j = i < p->d ? i + 1 : 0; j < (i / COLS + 1) * COLS; j++)
		a[j] = 0;
	a[i] += i < p->d ? (double)p->lambda : 1;
}

/* From the bottom up: the longest first. */
static int fill(void *ctx, size_t job, struct error *e)
{
	const struct guess *p = ctx;
	size_t strip = strips(p->t.size) - 1 - job;

	(void)e;
	for (size_t i = strip * STRIP; i < (strip + 1) * STRIP && i < p->t.size; i++)
		fill_row(p, i);
	return 0;
}

/* The square on the diagonal, transposed, so that rows are what is subtracted. */
static int factor_square(struct guess *p, struct error *e)
{
	size_t w = p->width, i, j;

	for (i = 0; i < w; i++) {
		const double *row = row_of(p, p->at + i) + p->at;

		for (j = 0; j <= i; j++)
			p->square[j][i] = row[j];
	}
	if (!p->kernel->square(p->square, p->inverse, w))
		return error_set(e, E_RANGE, "sums too near to singular: a larger lambda");
	for (i = 0; i < w; i++) {
		double *row = row_of(p, p->at + i) + p->at;

		for (j = 0; j <= i; j++)
			row[j] = p->square[j][i];
		p->t.inverse[p->at + i] = p->inverse[i][i];
	}
	for (i = 0; i < w; i++)
		for (j = 0; j < w; j++)
			p->turned[(i / COLS * w + j) * COLS + i % COLS] = -p->inverse[i][j];
	return 0;
}

static void panel_tile(const struct guess *p, size_t row)
{
	double *panel = row_of(p, row) + p->at, left[ROWS][STEP];
	size_t stride = triangle_stride(row), r, g;

	for (r = 0; r < ROWS; r++) {
		memcpy(left[r], panel + r * stride, p->width * sizeof(double));
		memset(panel + r * stride, 0, p->width * sizeof(double));
	}
	/* The inverse is a triangle too. */
	for (g = 0; g < p->width / COLS; g++)
		p->kernel->take(left[0], STEP, p->turned + g * p->width * COLS, (g + 1) * COLS,
				panel + g * COLS, stride);
}

static int panel_strip(void *ctx, size_t job, struct error *e)
{
	const struct guess *p = ctx;
	size_t first = p->at + p->width, from = first + job * STRIP, row, k, r;
	size_t last = from + STRIP < p->t.size ? from + STRIP : p->t.size;

	(void)e;
	for (row = from; row < last; row += ROWS) {
		size_t stride = triangle_stride(row), in = row - first;
		const double *panel = row_of(p, row) + p->at;
		double *side = p->side + in / COLS * p->width * COLS + in % COLS;

		panel_tile(p, row);
		for (k = 0; k < p->width; k++)
			for (r = 0; r < ROWS; r++)
				side[k * COLS + r] = panel[r * stride + k];
	}
	return 0;
}

static int rest_strip(void *ctx, size_t job, struct error *e)
{
	const struct guess *p = ctx;
	size_t first = p->at + p->width, row, col;
	size_t from = first + (strips(p->t.size - first) - 1 - job) * STRIP;
	size_t last = from + STRIP < p->t.size ? from + STRIP : p->t.size;

	(void)e;
	for (col = first; col < last; col += COLS)
		for (row = from > col ? from : col; row < last; row += ROWS)
			p->kernel->take(row_of(p, row) + p->at, triangle_stride(row),
					p->side + (col - first) * p->width, p->width,
					row_of(p, row) + col, triangle_stride(row));
	return 0;
}

static int factor(struct guess *p, struct crew *c, struct error *e)
{
	for (p->at = 0; p->at < p->t.size; p->at += p->width) {
		size_t left;

		p->width = p->t.size - p->at < STEP ? p->t.size - p->at : STEP;
		left = p->t.size - p->at - p->width;
		if (factor_square(p, e) < 0 ||
		    crew_run(c, strips(left), panel_strip, p, e) < 0 ||
		    crew_run(c, strips(left), rest_strip, p, e) < 0)
			return e->code;
	}
	return 0;
}

int guess_create(struct guess **ret, struct crew *c, const struct sums *s, int64_t lambda,
		 struct error *e)
{
	scoped(guess) *p = calloc(1, sizeof(*p));

	if (!p)
		return error_set(e, E_MEMORY, "factor");
	p->s = s;
	p->lambda = lambda;
	p->d = s->d;
	p->kernel = guess_kernel_best();
	p->t.size = (s->d + COLS - 1) / COLS * COLS;
	p->t.a = room_alloc(triangle_at(strips(p->t.size) * STRIP) * sizeof(double));
	p->t.inverse = malloc(p->t.size * sizeof(double));
	p->side = room_alloc(p->t.size * STEP * sizeof(double));
	if (!p->t.a || !p->t.inverse || !p->side)
		return error_set(e, E_MEMORY, "factor of %zu features", s->d);
	if (crew_run(c, strips(p->t.size), fill, p, e) < 0 || factor(p, c, e) < 0)
		return e->code;
	*ret = give(p);
	return 0;
}

size_t guess_rows(const struct guess *p)
{
	return p->t.size;
}

void guess_solve(const struct guess *p, double *x, size_t groups)
{
	p->kernel->solve(&p->t, x, groups);
}
