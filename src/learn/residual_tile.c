#include "learn/residual_tile.h"

#include <string.h>

#include "base/own.h"

enum { ROWS = RESIDUAL_ROWS, COLS = RESIDUAL_COLS };

static bool always(void)
{
	return true;
}

static void one_plain(const int32_t (*g)[ROWS], size_t d, const int64_t *x,
		      int64_t out[ROWS][COLS])
{
	memset(out, 0, sizeof(int64_t) * ROWS * COLS);
	for (size_t j = 0; j < d; j++, x += COLS)
		for (size_t r = 0; r < ROWS; r++)
			for (size_t c = 0; c < COLS; c++)
				out[r][c] += g[j][r] * x[c];
}

static void two_plain(const int32_t (*g)[ROWS], size_t d, const int64_t *x, size_t gap,
		      int64_t (*out)[COLS])
{
	one_plain(g, d, x, out);
	one_plain(g, d, x + gap, out + ROWS);
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

AVX512 every_time void tile_512(const int32_t (*g)[ROWS], size_t d, const int64_t *x, size_t gap,
				int64_t (*out)[COLS], const bool two)
{
	__m512i sum[ROWS][2], x0, x1 = _mm512_setzero_si512();
	size_t r;

#pragma GCC unroll 8
	for (r = 0; r < ROWS; r++)
		sum[r][0] = sum[r][1] = _mm512_setzero_si512();
	for (size_t j = 0; j < d; j++, x += COLS) {
		x0 = _mm512_loadu_si512(x);
		if (two)
			x1 = _mm512_loadu_si512(x + gap);
#pragma GCC unroll 8
		for (r = 0; r < ROWS; r++) {
			__m512i by = _mm512_set1_epi32(g[j][r]);

			sum[r][0] = _mm512_add_epi64(sum[r][0], _mm512_mul_epi32(x0, by));
			if (two)
				sum[r][1] = _mm512_add_epi64(sum[r][1], _mm512_mul_epi32(x1, by));
		}
	}
#pragma GCC unroll 8
	for (r = 0; r < ROWS; r++) {
		_mm512_storeu_si512(out[r], sum[r][0]);
		if (two)
			_mm512_storeu_si512(out[ROWS + r], sum[r][1]);
	}
}

AVX512 static void one_512(const int32_t (*g)[ROWS], size_t d, const int64_t *x,
			   int64_t out[ROWS][COLS])
{
	tile_512(g, d, x, 0, out, false);
}

AVX512 static void two_512(const int32_t (*g)[ROWS], size_t d, const int64_t *x, size_t gap,
			   int64_t (*out)[COLS])
{
	tile_512(g, d, x, gap, out, true);
}

/* Rows from to from + 3, half a row of x at a time. */
AVX2 every_time void part_256(const int32_t (*g)[ROWS], size_t d, const int64_t *x,
			      int64_t (*out)[COLS], const size_t from)
{
	__m256i sum[4][2];
	size_t r;

#pragma GCC unroll 4
	for (r = 0; r < 4; r++)
		sum[r][0] = sum[r][1] = _mm256_setzero_si256();
	for (size_t j = 0; j < d; j++, x += COLS) {
		__m256i x0 = _mm256_loadu_si256((const __m256i *)x);
		__m256i x1 = _mm256_loadu_si256((const __m256i *)(x + 4));

#pragma GCC unroll 4
		for (r = 0; r < 4; r++) {
			__m256i by = _mm256_set1_epi32(g[j][from + r]);

			sum[r][0] = _mm256_add_epi64(sum[r][0], _mm256_mul_epi32(x0, by));
			sum[r][1] = _mm256_add_epi64(sum[r][1], _mm256_mul_epi32(x1, by));
		}
	}
#pragma GCC unroll 4
	for (r = 0; r < 4; r++) {
		_mm256_storeu_si256((__m256i *)out[from + r], sum[r][0]);
		_mm256_storeu_si256((__m256i *)(out[from + r] + 4), sum[r][1]);
	}
}

AVX2 static void one_256(const int32_t (*g)[ROWS], size_t d, const int64_t *x,
			 int64_t out[ROWS][COLS])
{
	part_256(g, d, x, out, 0);
	part_256(g, d, x, out, 4);
}

AVX2 static void two_256(const int32_t (*g)[ROWS], size_t d, const int64_t *x, size_t gap,
			 int64_t (*out)[COLS])
{
	one_256(g, d, x, out);
	one_256(g, d, x + gap, out + ROWS);
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
