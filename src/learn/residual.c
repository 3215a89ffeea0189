#include "learn/residual.h"

#include <stdlib.h>

#include "base/pool.h"
#include "learn/room.h"

/*
 * x is cut into two digits, x = x0 + x1 2^digit with |x0|, |x1| <= 2^(digit-1), and G, when it
 * does not fit 32 bits, into two limbs, G = g0 + g1 2^31. Then every product of a limb and a digit
 * is one of 32 x 32 bits, and d of them are below 2^62.
 */
enum { ROWS = 8, STRIP = 64, LIMB = 31, GAP = 16 };

struct residual {
	const struct sums *s;
	size_t size;	/* d up to a multiple of ROWS */
	size_t stride;	/* of a row: d and a gap, so that a column is not all in one cache set */
	unsigned limbs, digit;
	int32_t *g[2];	/* size rows */
	/* of one call */
	size_t blocks;
	int64_t *x[2];	/* digits: blocks of d rows of RESIDUAL_COLS */
	int128 *sum;
};

void residual_destroy(struct residual *r)
{
	if (!r)
		return;
	for (int i = 0; i < 2; i++) {
		if (r->g[i])
			wipe(r->g[i], r->size * r->stride * sizeof(int32_t));
		free(r->g[i]);
		free(r->x[i]);
	}
	free(r);
}

unsigned residual_bits(const struct residual *r)
{
	unsigned bits = 2 * r->digit - 2;

	return bits < RESIDUAL_BITS_MAX ? bits : RESIDUAL_BITS_MAX;
}

static void put(const struct residual *r, size_t at, int64_t g)
{
	int64_t high = (g + (1 << 30)) >> LIMB;

	if (r->limbs == 1) {
		r->g[0][at] = (int32_t)g;
		return;
	}
	r->g[0][at] = (int32_t)(g - high * ((int64_t)1 << LIMB));
	r->g[1][at] = (int32_t)high;
}

/* Both halves of the symmetric matrix; the upper one in squares that are small enough to turn. */
static int expand(void *ctx, size_t job, struct error *e)
{
	const struct residual *r = ctx;
	const int64_t *g = r->s->g;
	size_t d = r->s->d, from = job * STRIP, last = from + STRIP < d ? from + STRIP : d, i, j;

	(void)e;
	for (i = from; i < last; i++)
		for (j = 0; j <= i; j++)
			put(r, i * r->stride + j, g[i * (i + 1) / 2 + j]);
	for (size_t at = from; at < d; at += GAP)
		for (j = from; j < last; j++)
			for (i = at > j ? at : j; i < at + GAP && i < d; i++)
				put(r, j * r->stride + i, g[i * (i + 1) / 2 + j]);
	return 0;
}

/* Bits of d products of a limb and a digit: at most 62. */
static void choose_digit(struct residual *r)
{
	int64_t most = 0;
	unsigned bits = 1;

	/* No entry is above the greatest square. */
	for (size_t i = 0; i < r->s->d; i++)
		if (r->s->g[i * (i + 1) / 2 + i] > most)
			most = r->s->g[i * (i + 1) / 2 + i];
	r->limbs = most >> LIMB ? 2 : 1;
	if (r->limbs == 2)
		most = INT32_MAX;
	while (most >> bits)
		bits++;
	r->digit = 62 - bits + 1;
	for (size_t d = 1; d < r->s->d; d *= 2)
		r->digit--;
	if (r->digit > RESIDUAL_BITS_MAX / 2 + 1)
		r->digit = RESIDUAL_BITS_MAX / 2 + 1;
}

int residual_create(struct residual **ret, const struct sums *s, struct error *e)
{
	scoped(residual) *r = calloc(1, sizeof(*r));

	if (!r)
		return error_set(e, E_MEMORY, "residual");
	r->s = s;
	r->size = (s->d + ROWS - 1) / ROWS * ROWS;
	r->stride = s->d + GAP;
	choose_digit(r);
	for (unsigned i = 0; i < r->limbs; i++) {
		r->g[i] = room_alloc(r->size * r->stride * sizeof(int32_t));
		if (!r->g[i])
			return error_set(e, E_MEMORY, "residual of %zu features", s->d);
		/* Rows beyond d are multiplied too; nobody looks at what they give. */
		memset(r->g[i] + s->d * r->stride, 0,
		       (r->size - s->d) * r->stride * sizeof(int32_t));
	}
	if (pool_run((s->d + STRIP - 1) / STRIP, expand, r, e) < 0)
		return e->code;
	*ret = give(r);
	return 0;
}

typedef void rows_call(const int32_t *g, size_t stride, size_t d, const int64_t *x,
		       int64_t out[ROWS][RESIDUAL_COLS]);

static void rows_plain(const int32_t *g, size_t stride, size_t d, const int64_t *x,
		       int64_t out[ROWS][RESIDUAL_COLS])
{
	memset(out, 0, sizeof(int64_t) * ROWS * RESIDUAL_COLS);
	for (size_t r = 0; r < ROWS; r++)
		for (size_t j = 0; j < d; j++)
			for (size_t c = 0; c < RESIDUAL_COLS; c++)
				out[r][c] += g[r * stride + j] * x[j * RESIDUAL_COLS + c];
}

#ifdef __x86_64__
#include <immintrin.h>

__attribute__((target("avx512f")))
static void rows_avx512(const int32_t *g, size_t stride, size_t d, const int64_t *x,
			int64_t out[ROWS][RESIDUAL_COLS])
{
	__m512i sum[ROWS][2];
	size_t r;

#pragma GCC unroll 8
	for (r = 0; r < ROWS; r++)
		sum[r][0] = sum[r][1] = _mm512_setzero_si512();
	for (size_t j = 0; j < d; j++, x += RESIDUAL_COLS) {
		__m512i x0 = _mm512_loadu_si512(x), x1 = _mm512_loadu_si512(x + 8);

#pragma GCC unroll 8
		for (r = 0; r < ROWS; r++) {
			__m512i by = _mm512_set1_epi32(g[r * stride + j]);

			sum[r][0] = _mm512_add_epi64(sum[r][0], _mm512_mul_epi32(x0, by));
			sum[r][1] = _mm512_add_epi64(sum[r][1], _mm512_mul_epi32(x1, by));
		}
	}
#pragma GCC unroll 8
	for (r = 0; r < ROWS; r++) {
		_mm512_storeu_si512(out[r], sum[r][0]);
		_mm512_storeu_si512(out[r] + 8, sum[r][1]);
	}
}
#endif

static rows_call *rows_best(void)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx512f"))
		return rows_avx512;
#endif
	return rows_plain;
}

static void subtract_rows(const struct residual *r, size_t row, size_t block)
{
	rows_call *call = rows_best();
	size_t d = r->s->d, i, c;
	int64_t out[ROWS][RESIDUAL_COLS];

	for (unsigned limb = 0; limb < r->limbs; limb++)
		for (unsigned digit = 0; digit < 2; digit++) {
			unsigned shift = limb * LIMB + digit * r->digit;

			call(r->g[limb] + row * r->stride, r->stride, d,
			     r->x[digit] + block * d * RESIDUAL_COLS, out);
			for (i = 0; i < ROWS && row + i < d; i++)
				for (c = 0; c < RESIDUAL_COLS; c++)
					r->sum[(block * d + row + i) * RESIDUAL_COLS + c] -=
						(int128)out[i][c] * ((int128)1 << shift);
		}
}

static int subtract_strip(void *ctx, size_t job, struct error *e)
{
	const struct residual *r = ctx;
	size_t from = job * STRIP, last = from + STRIP < r->size ? from + STRIP : r->size;

	(void)e;
	for (size_t block = 0; block < r->blocks; block++)
		for (size_t row = from; row < last; row += ROWS)
			subtract_rows(r, row, block);
	return 0;
}

int residual_subtract(struct residual *r, size_t blocks, const int64_t *x, int128 *sum,
		      struct error *e)
{
	size_t count = blocks * r->s->d * RESIDUAL_COLS;
	int64_t half = (int64_t)1 << (r->digit - 1);

	r->blocks = blocks;
	r->sum = sum;
	for (int i = 0; i < 2; i++) {
		if (!r->x[i])
			r->x[i] = aligned_alloc(64, count * sizeof(int64_t));
		if (!r->x[i])
			return error_set(e, E_MEMORY, "digits of %zu weights", count);
	}
	for (size_t i = 0; i < count; i++) {
		r->x[1][i] = (x[i] + half) >> r->digit;
		r->x[0][i] = x[i] - r->x[1][i] * 2 * half;
	}
	return pool_run((r->size + STRIP - 1) / STRIP, subtract_strip, r, e);
}
