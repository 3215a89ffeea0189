#include "learn/residual.h"

#include <stdlib.h>

#include "base/buf.h"
#include "learn/room.h"

/*
 * x is cut into two digits, x = x0 + x1 2^digit with |x0|, |x1| <= 2^(digit-1), and G, when it
 * does not fit 32 bits, into two limbs, G = g0 + g1 2^32. Then every product of a limb and a digit
 * is one of 32 x 32 bits, and the sizes of those of a row sum up to less than 2^63.
 */
enum { ROWS = RESIDUAL_ROWS, COLS = RESIDUAL_COLS, STRIP = 64, LIMB = 32, DIGITS = 2,
       ENTRY_BITS = 46 };

struct residual {
	const struct sums *s;
	struct crew *crew;
	const struct residual_kernel *kernel;
	unsigned limbs, digit;
	int32_t (*g[2])[ROWS];	/* limbs: all columns of ROWS rows, then of the next */
	uint64_t *size;		/* of the entries of each row, summed up: a part by each strip */
	uint64_t *most;		/* bits of the entries of each strip */
	int64_t *x;		/* of each block the lower digits, d rows of COLS, and the upper ones */
	bool *some[DIGITS];	/* of each block: is any of these digits not 0? */
	/* of one call */
	size_t blocks;
	const int64_t *whole;
	int128 *sum;
};

static size_t strips(const struct sums *s)
{
	return (s->d + STRIP - 1) / STRIP;
}

static size_t strip_end(const struct sums *s, size_t job)
{
	return (job + 1) * STRIP < s->d ? (job + 1) * STRIP : s->d;
}

void residual_destroy(struct residual *r)
{
	if (!r)
		return;
	for (int i = 0; i < 2; i++) {
		if (r->g[i])
			wipe(r->g[i], strips(r->s) * STRIP * r->s->d * sizeof(int32_t));
		free(r->g[i]);
	}
	free(r->size);
	free(r->most);
	for (int i = 0; i < DIGITS; i++)
		free(r->some[i]);
	free(r->x);
	free(r);
}

unsigned residual_bits(const struct residual *r, unsigned digits)
{
	unsigned bits = digits * (r->digit - 1);

	return bits < RESIDUAL_BITS_MAX ? bits : RESIDUAL_BITS_MAX;
}

/* An entry is in its own row and, the matrix being symmetric, in that of its column. */
static int add_sizes(void *ctx, size_t job, struct error *e)
{
	const struct residual *r = ctx;
	uint64_t *restrict size = r->size + job * r->s->d, all = 0;

	(void)e;
	memset(size, 0, r->s->d * sizeof(*size));
	for (size_t i = job * STRIP; i < strip_end(r->s, job); i++) {
		const int64_t *restrict g = r->s->g + i * (i + 1) / 2;
		uint64_t sum = 0;

		for (size_t j = 0; j < i; j++) {
			uint64_t by = g[j] < 0 ? -(uint64_t)g[j] : (uint64_t)g[j];

			size[j] += by;
			sum += by;
			all |= by;
		}
		size[i] += sum + (uint64_t)g[i];
		all |= (uint64_t)g[i];
	}
	r->most[job] = all;
	return 0;
}

static uint64_t largest_row(const struct residual *r)
{
	uint64_t most = 0;

	for (size_t i = 0; i < r->s->d; i++) {
		uint64_t size = 0;

		for (size_t k = i / STRIP; k < strips(r->s); k++)
			size += r->size[k * r->s->d + i];
		most = size > most ? size : most;
	}
	return most;
}

/* As many bits as the entries of the largest row leave. */
static int choose_digit(struct residual *r, struct error *e)
{
	uint64_t all = 0, most;

	if (crew_run(r->crew, strips(r->s), add_sizes, r, e) < 0)
		return e->code;
	for (size_t k = 0; k < strips(r->s); k++)
		all |= r->most[k];
	/* Those of records are not; others could wrap around. */
	if (all >> (ENTRY_BITS + 1))
		return error_set(e, E_RANGE, "products that no records have");
	r->limbs = all >> (LIMB - 1) ? 2 : 1;
	most = r->limbs == 1 ? largest_row(r) : (uint64_t)r->s->d << (LIMB - 1);
	r->digit = RESIDUAL_BITS_MAX / 2 + 1;
	while (most >> (63 - (r->digit - 1)))
		r->digit--;
	return 0;
}

/* The lower limb counts from -2^31 on. */
static inline int32_t limb_of(int64_t g, unsigned limb)
{
	int32_t low = (int32_t)(uint32_t)((uint64_t)g & UINT32_MAX);

	return limb ? (int32_t)((g - low) >> LIMB) : low;
}

/* ROWS rows from at on, those beyond the last as if 0. The matrix is symmetric: what lies right of
 * the diagonal is below it too. */
static inline void turn(const struct residual *r, const unsigned limb, size_t at)
{
	const int64_t *g = r->s->g;
	int32_t (*restrict to)[ROWS] = r->g[limb] + at / ROWS * r->s->d;
	size_t d = r->s->d, end = at + ROWS < d ? at + ROWS : d, i, j;

	if (end < at + ROWS)
		memset(to, 0, d * sizeof(*to));
	/* As many columns as rows at a time: what is written is still near for the next row. */
	for (size_t from = 0; from < at; from += ROWS)
		for (i = at; i < end; i++)
			for (j = from; j < from + ROWS; j++)
				to[j][i - at] = limb_of(g[i * (i + 1) / 2 + j], limb);
	for (i = at; i < end; i++)
		for (j = at; j <= i; j++) {
			to[j][i - at] = limb_of(g[i * (i + 1) / 2 + j], limb);
			to[i][j - at] = to[j][i - at];
		}
	for (j = end; j < d; j++)
		for (i = 0; i < ROWS; i++)
			to[j][i] = limb_of(g[j * (j + 1) / 2 + at + i], limb);
}

static int expand(void *ctx, size_t job, struct error *e)
{
	const struct residual *r = ctx;

	(void)e;
	for (size_t at = job * STRIP; at < strip_end(r->s, job); at += ROWS) {
		turn(r, 0, at);
		if (r->limbs == 2)
			turn(r, 1, at);
	}
	return 0;
}

static const struct residual_kernel *kernel_best(void)
{
	const struct residual_kernel *k = residual_kernels;

	while (!k->usable())
		k++;
	return k;
}

static int residual_room(struct residual *r, size_t blocks, struct error *e)
{
	size_t d = r->s->d;

	r->size = malloc(strips(r->s) * d * sizeof(*r->size));
	r->most = malloc(strips(r->s) * sizeof(*r->most));
	if (!r->size || !r->most)
		return error_set(e, E_MEMORY, "residual of %zu features", d);
	r->x = room_alloc(blocks * DIGITS * d * COLS * sizeof(int64_t));
	for (int i = 0; i < DIGITS; i++)
		r->some[i] = calloc(blocks, sizeof(bool));
	if (!r->x || !r->some[0] || !r->some[1])
		return error_set(e, E_MEMORY, "digits of %zu blocks", blocks);
	return 0;
}

int residual_create(struct residual **ret, struct crew *c, const struct sums *s, size_t blocks,
		    struct error *e)
{
	scoped(residual) *r = calloc(1, sizeof(*r));

	if (!r)
		return error_set(e, E_MEMORY, "residual");
	r->s = s;
	r->crew = c;
	r->kernel = kernel_best();
	if (residual_room(r, blocks, e) < 0 || choose_digit(r, e) < 0)
		return e->code;
	for (unsigned i = 0; i < r->limbs; i++) {
		r->g[i] = room_alloc(strips(s) * STRIP * s->d * sizeof(int32_t));
		if (!r->g[i])
			return error_set(e, E_MEMORY, "residual of %zu features", s->d);
	}
	if (crew_run(c, strips(s), expand, r, e) < 0)
		return e->code;
	*ret = give(r);
	return 0;
}

/* sum -= 2^shift (low + 2^digit high); high may be NULL. */
static void subtract(const struct residual *r, size_t at, size_t block, unsigned shift,
		     int64_t (*low)[COLS], int64_t (*high)[COLS])
{
	int128 *sum = r->sum + (block * r->s->d + at) * COLS;
	int128 unit = (int128)1 << shift, digit = (int128)1 << r->digit;
	size_t rows = r->s->d - at < ROWS ? r->s->d - at : ROWS, i, c;

	for (i = 0; i < rows; i++)
		for (c = 0; c < COLS; c++, sum++)
			*sum -= (high ? low[i][c] + high[i][c] * digit : low[i][c]) * unit;
}

static void subtract_rows(const struct residual *r, size_t at, size_t block, unsigned limb)
{
	size_t d = r->s->d, gap = d * COLS;
	const int32_t (*g)[ROWS] = (const int32_t (*)[ROWS])(r->g[limb] + at / ROWS * d);
	const int64_t *x = r->x + block * DIGITS * gap;
	int64_t out[DIGITS * ROWS][COLS];

	if (r->some[1][block]) {
		r->kernel->two(g, d, x, gap, out);
		subtract(r, at, block, limb * LIMB, out, out + ROWS);
	} else if (r->some[0][block]) {
		r->kernel->one(g, d, x, out);
		subtract(r, at, block, limb * LIMB, out, NULL);
	}
}

/* Two blocks of one digit are one of two. */
static bool subtract_both(const struct residual *r, size_t at, size_t block, unsigned limb)
{
	size_t d = r->s->d, gap = d * COLS;
	const int32_t (*g)[ROWS] = (const int32_t (*)[ROWS])(r->g[limb] + at / ROWS * d);
	const bool *low = r->some[0] + block, *high = r->some[1] + block;
	int64_t out[2 * ROWS][COLS];

	if (block + 1 >= r->blocks || !low[0] || !low[1] || high[0] || high[1])
		return false;
	r->kernel->two(g, d, r->x + block * DIGITS * gap, DIGITS * gap, out);
	subtract(r, at, block, limb * LIMB, out, NULL);
	subtract(r, at, block + 1, limb * LIMB, out + ROWS, NULL);
	return true;
}

static int subtract_strip(void *ctx, size_t job, struct error *e)
{
	const struct residual *r = ctx;

	(void)e;
	for (size_t block = 0; block < r->blocks; block += 2)
		for (unsigned limb = 0; limb < r->limbs; limb++)
			for (size_t at = job * STRIP; at < strip_end(r->s, job); at += ROWS) {
				if (subtract_both(r, at, block, limb))
					continue;
				subtract_rows(r, at, block, limb);
				if (block + 1 < r->blocks)
					subtract_rows(r, at, block + 1, limb);
			}
	return 0;
}

static int cut_digits(void *ctx, size_t block, struct error *e)
{
	const struct residual *r = ctx;
	size_t count = r->s->d * COLS, i;
	const int64_t *whole = r->whole + block * count;
	int64_t *low = r->x + block * DIGITS * count, *high = low + count;
	int64_t half = (int64_t)1 << (r->digit - 1), some[DIGITS] = { 0 };

	(void)e;
	for (i = 0; i < count; i++) {
		high[i] = (whole[i] + half) >> r->digit;
		low[i] = whole[i] - high[i] * 2 * half;
		some[0] |= low[i];
		some[1] |= high[i];
	}
	r->some[0][block] = some[0] != 0;
	r->some[1][block] = some[1] != 0;
	return 0;
}

int residual_subtract(struct residual *r, size_t blocks, const int64_t *x, int128 *sum,
		      struct error *e)
{
	r->blocks = blocks;
	r->whole = x;
	r->sum = sum;
	if (crew_run(r->crew, blocks, cut_digits, r, e) < 0)
		return e->code;
	return crew_run(r->crew, strips(r->s), subtract_strip, r, e);
}
