#include "learn/gram.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/*
 * The triangle is cut into strips of GRAM_COLS columns, one job each; a strip into tiles of
 * GRAM_ROWS rows. For each block of records both forms of the rows are packed once:
 *
 *   a: panels of 8 features      [k4][ 8][4]     signed, one dword is broadcast
 *   b: panels of 48 features     [k4][48][4]     plus 128, three vectors of 64 bytes
 *
 * What the 128 adds to row i is 128 times the sum of its feature, which is known.
 */
struct block {
	const struct gram_kernel *kernel;
	const int8_t *rows;
	size_t count, d, panels, k4;
	int8_t *a;
	uint8_t *b;
	int32_t *sum; /* of each feature over the block */
	int64_t *g;
	int sign;
	struct crew *crew;
};

static void pack_four(const struct block *p, size_t panel, size_t k)
{
	size_t from = panel * GRAM_COLS, f, r;
	uint8_t *b = p->b + (panel * p->k4 + k) * GRAM_COLS * 4;

	for (f = 0; f < GRAM_COLS; f++) {
		size_t feature = from + f;
		int8_t *a = p->a + ((feature / GRAM_ROWS * p->k4 + k) * GRAM_ROWS +
				    feature % GRAM_ROWS) * 4;

		for (r = 0; r < 4; r++) {
			size_t row = 4 * k + r;
			int8_t x = feature < p->d && row < p->count ? p->rows[row * p->d + feature]
								    : 0;

			a[r] = x;
			b[4 * f + r] = (uint8_t)(x + 128);
			p->sum[feature] += x;
		}
	}
}

/* The usual case: 4 whole rows of 48 features, without a question for each. */
static void pack_whole(const struct block *p, size_t panel, size_t k)
{
	const int8_t *row = p->rows + 4 * k * p->d + panel * GRAM_COLS;
	uint8_t *b = p->b + (panel * p->k4 + k) * GRAM_COLS * 4;
	int32_t *sum = p->sum + panel * GRAM_COLS;
	uint32_t four[GRAM_COLS];
	size_t f, d = p->d;

	for (f = 0; f < GRAM_COLS; f++) {
		int8_t x0 = row[f], x1 = row[d + f], x2 = row[2 * d + f], x3 = row[3 * d + f];

		sum[f] += x0 + x1 + x2 + x3;
		four[f] = (uint32_t)(uint8_t)x0 | (uint32_t)(uint8_t)x1 << 8 |
			  (uint32_t)(uint8_t)x2 << 16 | (uint32_t)(uint8_t)x3 << 24;
	}
	for (f = 0; f < GRAM_COLS; f += GRAM_ROWS)
		memcpy(p->a + ((panel * GRAM_COLS + f) / GRAM_ROWS * p->k4 + k) * GRAM_ROWS * 4,
		       four + f, GRAM_ROWS * 4);
	for (f = 0; f < GRAM_COLS; f++)
		four[f] ^= 0x80808080u;
	memcpy(b, four, sizeof(four));
}

static int pack(void *ctx, size_t panel, struct error *e)
{
	const struct block *p = ctx;

	(void)e;
	memset(p->sum + panel * GRAM_COLS, 0, GRAM_COLS * sizeof(*p->sum));
	for (size_t k = 0; k < p->k4; k++)
		if ((panel + 1) * GRAM_COLS <= p->d && 4 * k + 4 <= p->count)
			pack_whole(p, panel, k);
		else
			pack_four(p, panel, k);
	return 0;
}

static void store(const struct block *p, size_t row, size_t col,
		  int32_t out[GRAM_ROWS][GRAM_COLS])
{
	for (size_t r = 0; r < GRAM_ROWS && row + r < p->d; r++) {
		int64_t *g = p->g + (row + r) * (row + r + 1) / 2 + col;
		size_t count = row + r + 1 > col ? row + r + 1 - col : 0;

		p->kernel->row(out[r], 128 * p->sum[row + r], p->sign,
			       count < GRAM_COLS ? count : GRAM_COLS, g);
	}
}

static int strip(void *ctx, size_t panel, struct error *e)
{
	const struct block *p = ctx;
	const uint8_t *b = p->b + panel * p->k4 * GRAM_COLS * 4;
	int32_t out[GRAM_ROWS][GRAM_COLS];

	(void)e;
	for (size_t row = panel * GRAM_COLS; row < p->d; row += GRAM_ROWS) {
		p->kernel->tile(p->a + row * p->k4 * 4, b, p->k4, out);
		store(p, row, panel * GRAM_COLS, out);
	}
	return 0;
}

static int add_block(struct block *p, int64_t *s, struct error *e)
{
	if (crew_run(p->crew, p->panels, pack, p, e) < 0 ||
	    crew_run(p->crew, p->panels, strip, p, e) < 0)
		return e->code;
	for (size_t i = 0; i < p->d; i++)
		s[i] += p->sign * (int64_t)p->sum[i];
	return 0;
}

static int add_blocks(struct block *p, int64_t *s, struct error *e)
{
	size_t left = p->count;

	for (; left > 0; left -= p->count, p->rows += p->count * p->d) {
		p->count = left < GRAM_BLOCK ? left : GRAM_BLOCK;
		p->k4 = (p->count + 3) / 4;
		if (add_block(p, s, e) < 0)
			return e->code;
	}
	return 0;
}

int gram_add(const struct gram_kernel *k, struct crew *c, int64_t *g, int64_t *s,
	     const int8_t *rows, size_t count, size_t d, int sign, struct error *e)
{
	struct block p = { .kernel = k, .rows = rows, .count = count, .d = d, .g = g,
			   .sign = sign, .crew = c, .panels = (d + GRAM_COLS - 1) / GRAM_COLS };
	size_t most = (count < GRAM_BLOCK ? count + 3 : GRAM_BLOCK) / 4 * 4;
	size_t len = p.panels * GRAM_COLS * most;
	int code;

	if (count == 0)
		return 0;
	p.a = aligned_alloc(64, (len + 63) / 64 * 64);
	p.b = aligned_alloc(64, (len + 63) / 64 * 64);
	p.sum = malloc(p.panels * GRAM_COLS * sizeof(*p.sum));
	if (p.a && p.b && p.sum)
		code = add_blocks(&p, s, e);
	else
		code = error_set(e, E_MEMORY, "packing %zu records", count);
	if (p.a)
		wipe(p.a, len);
	if (p.b)
		wipe(p.b, len);
	if (p.sum)
		wipe(p.sum, p.panels * GRAM_COLS * sizeof(*p.sum));
	free(p.a);
	free(p.b);
	free(p.sum);
	return code;
}
