/* The kernels of gram.h. Sums are modulo 2^32 in all of them; a block is short enough that none
 * wraps. */
#include <string.h>

#include "learn/gram.h"

static bool always(void)
{
	return true;
}

static void tile_plain(const int8_t *a, const uint8_t *b, size_t k4,
		       int32_t out[GRAM_ROWS][GRAM_COLS])
{
	memset(out, 0, sizeof(int32_t) * GRAM_ROWS * GRAM_COLS);
	for (size_t k = 0; k < k4; k++, a += GRAM_ROWS * 4, b += GRAM_COLS * 4)
		for (size_t r = 0; r < GRAM_ROWS; r++)
			for (size_t c = 0; c < GRAM_COLS; c++)
				out[r][c] += a[4 * r] * b[4 * c] + a[4 * r + 1] * b[4 * c + 1] +
					     a[4 * r + 2] * b[4 * c + 2] +
					     a[4 * r + 3] * b[4 * c + 3];
}

static inline __attribute__((always_inline)) void row_body(const int32_t *out, int32_t bias,
							   int sign, size_t count, int64_t *to)
{
	if (sign > 0)
		for (size_t c = 0; c < count; c++)
			to[c] += out[c] - bias;
	else
		for (size_t c = 0; c < count; c++)
			to[c] -= out[c] - bias;
}

static void row_plain(const int32_t *out, int32_t bias, int sign, size_t count, int64_t *to)
{
	row_body(out, bias, sign, count, to);
}

#ifdef __x86_64__
#include <immintrin.h>

static bool has_vnni(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vnni");
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}

/* 24 sums of 16 columns stay in registers; vpdpbusd takes bytes without sign by bytes with. */
__attribute__((target("avx512f,avx512bw,avx512vnni")))
static void tile_vnni(const int8_t *a, const uint8_t *b, size_t k4,
		      int32_t out[GRAM_ROWS][GRAM_COLS])
{
	__m512i sum[GRAM_ROWS][3];
	size_t r, c;

#pragma GCC unroll 8
	for (r = 0; r < GRAM_ROWS; r++)
#pragma GCC unroll 3
		for (c = 0; c < 3; c++)
			sum[r][c] = _mm512_setzero_si512();
	for (size_t k = 0; k < k4; k++, a += GRAM_ROWS * 4, b += GRAM_COLS * 4) {
		__m512i b0 = _mm512_loadu_si512(b), b1 = _mm512_loadu_si512(b + 64),
			b2 = _mm512_loadu_si512(b + 128);

#pragma GCC unroll 8
		for (r = 0; r < GRAM_ROWS; r++) {
			int32_t four;
			__m512i x;

			memcpy(&four, a + 4 * r, 4);
			x = _mm512_set1_epi32(four);
			sum[r][0] = _mm512_dpbusd_epi32(sum[r][0], b0, x);
			sum[r][1] = _mm512_dpbusd_epi32(sum[r][1], b1, x);
			sum[r][2] = _mm512_dpbusd_epi32(sum[r][2], b2, x);
		}
	}
#pragma GCC unroll 8
	for (r = 0; r < GRAM_ROWS; r++)
#pragma GCC unroll 3
		for (c = 0; c < 3; c++)
			_mm512_storeu_si512(out[r] + 16 * c, sum[r][c]);
}

__attribute__((target("avx512f,avx512bw")))
static void row_avx512(const int32_t *out, int32_t bias, int sign, size_t count, int64_t *to)
{
	row_body(out, bias, sign, count, to);
}

__attribute__((target("avx2")))
static void row_avx2(const int32_t *out, int32_t bias, int sign, size_t count, int64_t *to)
{
	row_body(out, bias, sign, count, to);
}

/* Two sums of each column, of the even and the odd pair, in 16-bit products: vpmaddwd is exact. */
__attribute__((target("avx2")))
static void tile_avx2_part(const int8_t *a, const uint8_t *b, size_t k4,
			   int32_t out[GRAM_ROWS][GRAM_COLS], size_t row, size_t col)
{
	__m256i sum[4][2];
	size_t r, c;

#pragma GCC unroll 4
	for (r = 0; r < 4; r++)
		sum[r][0] = sum[r][1] = _mm256_setzero_si256();
	a += 4 * row;
	b += 4 * col;
	for (size_t k = 0; k < k4; k++, a += GRAM_ROWS * 4, b += GRAM_COLS * 4) {
		__m256i b0 = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)b));
		__m256i b1 = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(b + 16)));

#pragma GCC unroll 4
		for (r = 0; r < 4; r++) {
			int32_t four;
			__m256i x;

			memcpy(&four, a + 4 * r, 4);
			x = _mm256_cvtepi8_epi16(_mm_set1_epi32(four));
			sum[r][0] = _mm256_add_epi32(sum[r][0], _mm256_madd_epi16(b0, x));
			sum[r][1] = _mm256_add_epi32(sum[r][1], _mm256_madd_epi16(b1, x));
		}
	}
	for (r = 0; r < 4; r++) {
		int32_t two[16];

		_mm256_storeu_si256((__m256i *)two, sum[r][0]);
		_mm256_storeu_si256((__m256i *)(two + 8), sum[r][1]);
		for (c = 0; c < 8; c++)
			out[row + r][col + c] = two[2 * c] + two[2 * c + 1];
	}
}

static void tile_avx2(const int8_t *a, const uint8_t *b, size_t k4,
		      int32_t out[GRAM_ROWS][GRAM_COLS])
{
	for (size_t row = 0; row < GRAM_ROWS; row += 4)
		for (size_t col = 0; col < GRAM_COLS; col += 8)
			tile_avx2_part(a, b, k4, out, row, col);
}
#endif

const struct gram_kernel gram_kernels[] = {
#ifdef __x86_64__
	{ "avx512-vnni", has_vnni, tile_vnni, row_avx512 },
	{ "avx2", has_avx2, tile_avx2, row_avx2 },
#endif
	{ "plain", always, tile_plain, row_plain },
};
const size_t gram_kernel_count = COUNT_OF(gram_kernels);

const struct gram_kernel *gram_best(void)
{
	const struct gram_kernel *k = gram_kernels;

	while (!k->usable())
		k++;
	return k;
}
