#include "learn/residual_tile.h"

#include <string.h>

#include "base/own.h"

enum { ROWS = RESIDUAL_ROWS, COLS = RESIDUAL_COLS };

void residual_rows_at(const int64_t *g, size_t d, size_t at, struct residual_rows *ret)
{
	size_t i, k;

	ret->at = at;
	ret->d = d;
	/* Rows beyond the last are the last again; nobody looks at what they give. */
	for (k = 0; k < ROWS; k++) {
		i = at + k < d ? at + k : d - 1;
		ret->row[k] = g + i * (i + 1) / 2;
	}
	for (i = 0; i < ROWS; i++)
		for (k = 0; k < ROWS; k++) {
			size_t row = i > k ? i : k, column = i > k ? k : i;

			ret->square[i][k] = at + row < d ? ret->row[row][at + column] : 0;
		}
	i = at + ROWS;
	ret->below = i < d ? g + i * (i + 1) / 2 + at : NULL;
	ret->longer = i + 1;
}

static bool always(void)
{
	return true;
}

static void one_plain(const struct residual_rows *g, bool high, const int64_t *x,
		      int64_t out[ROWS][COLS])
{
	const int64_t *below = g->below;
	size_t longer = g->longer, r, c, j;

	memset(out, 0, sizeof(int64_t) * ROWS * COLS);
	for (j = 0; j < g->d; j++, x += COLS) {
		for (r = 0; r < ROWS; r++) {
			int64_t by = j < g->at ? g->row[r][j]
				     : j < g->at + ROWS ? g->square[j - g->at][r] : below[r];
			int32_t limb = (int32_t)(high ? by >> 32 : by);

			for (c = 0; c < COLS; c++)
				out[r][c] += limb * x[c];
		}
		if (j >= g->at + ROWS)
			below += longer++;
	}
}

static void two_plain(const struct residual_rows *g, bool high, const int64_t *x, size_t gap,
		      int64_t (*out)[COLS])
{
	one_plain(g, high, x, out);
	one_plain(g, high, x + gap, out + ROWS);
}

#ifdef __x86_64__
#include <immintrin.h>

#define every_time static inline __attribute__((always_inline))
#define AVX512 __attribute__((target("avx512f")))
#define AVX2 __attribute__((target("avx2")))

static bool has_avx512(void)
{
	return __builtin_cpu_supports("avx512f");
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}

/* Either half of an entry. */
every_time int32_t half(const int64_t *g, bool high)
{
	int32_t limb;

	memcpy(&limb, (const char *)g + (high ? 4 : 0), 4);
	return limb;
}

#define ADD_512(r, entry)								\
	do {										\
		__m512i by_ = _mm512_set1_epi32(half((entry), high));			\
		sum[r][0] = _mm512_add_epi64(sum[r][0], _mm512_mul_epi32(x0, by_));	\
		if (two)								\
			sum[r][1] = _mm512_add_epi64(sum[r][1], _mm512_mul_epi32(x1, by_)); \
	} while (0)

AVX512 every_time void tile_512(const struct residual_rows *g, const bool high, const int64_t *x,
				size_t gap, int64_t (*out)[COLS], const bool two)
{
	const int64_t *below = g->below, *const *row = g->row;
	size_t longer = g->longer, r, j;
	__m512i sum[ROWS][2], x0, x1 = _mm512_setzero_si512();

#pragma GCC unroll 8
	for (r = 0; r < ROWS; r++)
		sum[r][0] = sum[r][1] = _mm512_setzero_si512();
	for (j = 0; j < g->at; j++, x += COLS) {
		x0 = _mm512_loadu_si512(x);
		if (two)
			x1 = _mm512_loadu_si512(x + gap);
#pragma GCC unroll 8
		for (r = 0; r < ROWS; r++)
			ADD_512(r, row[r] + j);
	}
	for (; j < g->d && j < g->at + ROWS; j++, x += COLS) {
		x0 = _mm512_loadu_si512(x);
		if (two)
			x1 = _mm512_loadu_si512(x + gap);
#pragma GCC unroll 8
		for (r = 0; r < ROWS; r++)
			ADD_512(r, &g->square[j - g->at][r]);
	}
	for (; j < g->d; j++, x += COLS, below += longer++) {
		x0 = _mm512_loadu_si512(x);
		if (two)
			x1 = _mm512_loadu_si512(x + gap);
#pragma GCC unroll 8
		for (r = 0; r < ROWS; r++)
			ADD_512(r, below + r);
	}
#pragma GCC unroll 8
	for (r = 0; r < ROWS; r++) {
		_mm512_storeu_si512(out[r], sum[r][0]);
		if (two)
			_mm512_storeu_si512(out[ROWS + r], sum[r][1]);
	}
}

AVX512 static void one_512(const struct residual_rows *g, bool high, const int64_t *x,
			   int64_t out[ROWS][COLS])
{
	if (high)
		tile_512(g, true, x, 0, out, false);
	else
		tile_512(g, false, x, 0, out, false);
}

AVX512 static void two_512(const struct residual_rows *g, bool high, const int64_t *x, size_t gap,
			   int64_t (*out)[COLS])
{
	if (high)
		tile_512(g, true, x, gap, out, true);
	else
		tile_512(g, false, x, gap, out, true);
}

/* Rows from to from + 3, half a row of x at a time. */
AVX2 every_time void part_256(const struct residual_rows *g, const bool high, const int64_t *x,
			      int64_t (*out)[COLS], size_t from)
{
	const int64_t *below = g->below + from;
	size_t longer = g->longer, r, j;
	__m256i sum[4][2];

#pragma GCC unroll 4
	for (r = 0; r < 4; r++)
		sum[r][0] = sum[r][1] = _mm256_setzero_si256();
	for (j = 0; j < g->d; j++, x += COLS) {
		__m256i x0 = _mm256_loadu_si256((const __m256i *)x);
		__m256i x1 = _mm256_loadu_si256((const __m256i *)(x + 4));

#pragma GCC unroll 4
		for (r = 0; r < 4; r++) {
			const int64_t *entry = j < g->at ? g->row[from + r] + j
					       : j < g->at + ROWS ? &g->square[j - g->at][from + r]
								  : below + r;
			__m256i by = _mm256_set1_epi32(half(entry, high));

			sum[r][0] = _mm256_add_epi64(sum[r][0], _mm256_mul_epi32(x0, by));
			sum[r][1] = _mm256_add_epi64(sum[r][1], _mm256_mul_epi32(x1, by));
		}
		if (j >= g->at + ROWS)
			below += longer++;
	}
#pragma GCC unroll 4
	for (r = 0; r < 4; r++) {
		_mm256_storeu_si256((__m256i *)out[from + r], sum[r][0]);
		_mm256_storeu_si256((__m256i *)(out[from + r] + 4), sum[r][1]);
	}
}

AVX2 static void one_256(const struct residual_rows *g, bool high, const int64_t *x,
			 int64_t out[ROWS][COLS])
{
	for (size_t from = 0; from < ROWS; from += 4)
		if (high)
			part_256(g, true, x, out, from);
		else
			part_256(g, false, x, out, from);
}

AVX2 static void two_256(const struct residual_rows *g, bool high, const int64_t *x, size_t gap,
			 int64_t (*out)[COLS])
{
	one_256(g, high, x, out);
	one_256(g, high, x + gap, out + ROWS);
}
#endif

const struct residual_kernel residual_kernels[] = {
#ifdef __x86_64__
	{ "avx512", has_avx512, one_512, two_512 },
	{ "avx2", has_avx2, one_256, two_256 },
#endif
	{ "plain", always, one_plain, two_plain },
};
const size_t residual_kernel_count = COUNT_OF(residual_kernels);
