#include "learn/guess_tile.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/own.h"

#define every_time static inline __attribute__((always_inline))

typedef double eight __attribute__((vector_size(64), aligned(8)));
typedef double four __attribute__((vector_size(32), aligned(8)));

/* 24 sums of eight stay in registers. */
every_time void take_wide(const double *left, size_t left_stride, const double *side, size_t width,
			  double *to, size_t stride)
{
	eight sum[TILE_ROWS][3] = { 0 };
	size_t k, r;

	for (r = 0; r < TILE_ROWS; r++)
		for (k = 0; k < 3; k++)
			__builtin_prefetch(to + r * stride + 8 * k, 1);
	for (k = 0; k < width; k++, side += TILE_COLS) {
		eight s0 = *(const eight *)side, s1 = *(const eight *)(side + 8),
		      s2 = *(const eight *)(side + 16);

#pragma GCC unroll 8
		for (r = 0; r < TILE_ROWS; r++) {
			double x = left[r * left_stride + k];

			sum[r][0] += s0 * x;
			sum[r][1] += s1 * x;
			sum[r][2] += s2 * x;
		}
	}
#pragma GCC unroll 8
	for (r = 0; r < TILE_ROWS; r++) {
		eight *row = (eight *)(to + r * stride);

		row[0] -= sum[r][0];
		row[1] -= sum[r][1];
		row[2] -= sum[r][2];
	}
}

/* 12 sums of four. */
every_time void take_part(const double *left, size_t left_stride, const double *side, size_t width,
			  double *to, size_t stride)
{
	four sum[4][3] = { 0 };
	size_t k, r;

	for (k = 0; k < width; k++, side += TILE_COLS) {
		four s0 = *(const four *)side, s1 = *(const four *)(side + 4),
		     s2 = *(const four *)(side + 8);

#pragma GCC unroll 4
		for (r = 0; r < 4; r++) {
			double x = left[r * left_stride + k];

			sum[r][0] += s0 * x;
			sum[r][1] += s1 * x;
			sum[r][2] += s2 * x;
		}
	}
	for (r = 0; r < 4; r++) {
		four *row = (four *)(to + r * stride);

		row[0] -= sum[r][0];
		row[1] -= sum[r][1];
		row[2] -= sum[r][2];
	}
}

every_time void take_narrow(const double *left, size_t left_stride, const double *side,
			    size_t width, double *to, size_t stride)
{
	for (size_t row = 0; row < TILE_ROWS; row += 4)
		for (size_t col = 0; col < TILE_COLS; col += 12)
			take_part(left + row * left_stride, left_stride, side + col, width,
				  to + row * stride + col, stride);
}

/* to loses by * from, eight at a time from the one that holds first; what is before it is
 * nothing that anybody reads. */
every_time void take_row(double *to, const double *from, double by, size_t first, size_t end)
{
	for (size_t j = first & ~(size_t)7; j < end; j += 8)
		*(eight *)(to + j) -= *(const eight *)(from + j) * by;
}

every_time bool square_body(double (*u)[TILE_SQUARE], double (*inverse)[TILE_SQUARE], size_t width)
{
	size_t c, i, j, k;

	for (c = 0; c < width; c++) {
		double root = sqrt(u[c][c]), by;

		if (!(root > 0) || !isfinite(root))
			return false;
		by = 1 / root;
		for (j = c & ~(size_t)7; j < width; j += 8)
			*(eight *)(u[c] + j) *= by;
		for (i = c + 1; i < width; i++)
			take_row(u[i], u[c], u[c][i], i, width);
	}
	memset(inverse, 0, width * sizeof(*inverse));
	for (i = 0; i < width; i++) {
		double by = 1 / u[i][i];

		inverse[i][i] = 1;
		for (k = 0; k < i; k++)
			take_row(inverse[i], inverse[k], u[k][i], 0, k + 1);
		for (j = 0; j <= i; j += 8)
			*(eight *)(inverse[i] + j) *= by;
	}
	return true;
}

/*
 * rows of the factor at a time, so that what is loaded of x is used as often: forward, the rows
 * lose what is above them, then each other; back, what is above loses the rows. n groups of x,
 * the next one gap further.
 */
every_time void forward_rows(const struct triangle *t, size_t i, double *x, size_t gap,
			     const size_t rows, const size_t n)
{
	const double *row = t->a + triangle_at(i);
	size_t stride = triangle_stride(i), r, k, g;
	eight sum[8][3] = { 0 }, above[8][3];

	for (size_t j = 0; j < i; j++) {
		eight xj[3];

#pragma GCC unroll 3
		for (g = 0; g < n; g++)
			xj[g] = *(const eight *)(x + g * gap + j * TILE_GROUP);
#pragma GCC unroll 8
		for (r = 0; r < rows; r++)
#pragma GCC unroll 3
			for (g = 0; g < n; g++)
				sum[r][g] += xj[g] * row[r * stride + j];
	}
#pragma GCC unroll 8
	for (r = 0; r < rows; r++)
#pragma GCC unroll 3
		for (g = 0; g < n; g++)
			above[r][g] = sum[r][g];
	for (r = 0; r < rows; r++)
		for (g = 0; g < n; g++) {
			eight *to = (eight *)(x + g * gap + i * TILE_GROUP);

			for (k = 0; k < r; k++)
				above[r][g] += to[k] * row[r * stride + i + k];
			to[r] = (to[r] - above[r][g]) * t->inverse[i + r];
		}
}

every_time void back_rows(const struct triangle *t, size_t i, double *x, size_t gap,
			  const size_t rows, const size_t n)
{
	const double *row = t->a + triangle_at(i);
	size_t stride = triangle_stride(i), r, k, g;
	eight by[8][3], done[8][3];

	for (r = rows; r-- > 0;)
		for (g = 0; g < n; g++) {
			eight *to = (eight *)(x + g * gap + i * TILE_GROUP);

			to[r] *= t->inverse[i + r];
			done[r][g] = to[r];
			for (k = 0; k < r; k++)
				to[k] -= done[r][g] * row[r * stride + i + k];
		}
#pragma GCC unroll 8
	for (r = 0; r < rows; r++)
#pragma GCC unroll 3
		for (g = 0; g < n; g++)
			by[r][g] = done[r][g];
	for (size_t j = 0; j < i; j++) {
		eight xj[3];

#pragma GCC unroll 3
		for (g = 0; g < n; g++)
			xj[g] = *(const eight *)(x + g * gap + j * TILE_GROUP);
#pragma GCC unroll 8
		for (r = 0; r < rows; r++)
#pragma GCC unroll 3
			for (g = 0; g < n; g++)
				xj[g] -= by[r][g] * row[r * stride + j];
#pragma GCC unroll 3
		for (g = 0; g < n; g++)
			*(eight *)(x + g * gap + j * TILE_GROUP) = xj[g];
	}
}

every_time void solve_wide(const struct triangle *t, double *x, size_t groups)
{
	size_t gap = t->size * TILE_GROUP, i, g;

	for (i = 0; i < t->size; i += 8) {
		for (g = 0; g + 3 <= groups; g += 3)
			forward_rows(t, i, x + g * gap, gap, 8, 3);
		if (groups - g == 2)
			forward_rows(t, i, x + g * gap, gap, 8, 2);
		if (groups - g == 1)
			forward_rows(t, i, x + g * gap, gap, 8, 1);
	}
	for (i = t->size; i > 0; i -= 8) {
		for (g = 0; g + 3 <= groups; g += 3)
			back_rows(t, i - 8, x + g * gap, gap, 8, 3);
		if (groups - g == 2)
			back_rows(t, i - 8, x + g * gap, gap, 8, 2);
		if (groups - g == 1)
			back_rows(t, i - 8, x + g * gap, gap, 8, 1);
	}
}

every_time void solve_narrow(const struct triangle *t, double *x, size_t groups)
{
	size_t gap = t->size * TILE_GROUP, i, g;

	for (i = 0; i < t->size; i += 4)
		for (g = 0; g < groups; g++)
			forward_rows(t, i, x + g * gap, gap, 4, 1);
	for (i = t->size; i > 0; i -= 4)
		for (g = 0; g < groups; g++)
			back_rows(t, i - 4, x + g * gap, gap, 4, 1);
}

static bool always(void)
{
	return true;
}

static void take_plain(const double *left, size_t left_stride, const double *side, size_t width,
		       double *to, size_t stride)
{
	take_narrow(left, left_stride, side, width, to, stride);
}

static bool square_plain(double (*u)[TILE_SQUARE], double (*inverse)[TILE_SQUARE], size_t width)
{
	return square_body(u, inverse, width);
}

static void solve_plain(const struct triangle *t, double *x, size_t groups)
{
	solve_narrow(t, x, groups);
}

#ifdef __x86_64__
#define AVX512 __attribute__((target("avx512f,avx512dq,fma")))
#define AVX2 __attribute__((target("avx2,fma")))

static bool has_avx512(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
}

AVX512 static void take_avx512(const double *left, size_t left_stride, const double *side,
			       size_t width, double *to, size_t stride)
{
	take_wide(left, left_stride, side, width, to, stride);
}

AVX512 static bool square_avx512(double (*u)[TILE_SQUARE], double (*inverse)[TILE_SQUARE],
				 size_t width)
{
	return square_body(u, inverse, width);
}

AVX512 static void solve_avx512(const struct triangle *t, double *x, size_t groups)
{
	solve_wide(t, x, groups);
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

AVX2 static void take_avx2(const double *left, size_t left_stride, const double *side,
			   size_t width, double *to, size_t stride)
{
	take_narrow(left, left_stride, side, width, to, stride);
}

AVX2 static bool square_avx2(double (*u)[TILE_SQUARE], double (*inverse)[TILE_SQUARE],
			     size_t width)
{
	return square_body(u, inverse, width);
}

AVX2 static void solve_avx2(const struct triangle *t, double *x, size_t groups)
{
	solve_narrow(t, x, groups);
}
#endif

const struct guess_kernel guess_kernels[] = {
#ifdef __x86_64__
	{ "avx512", has_avx512, take_avx512, square_avx512, solve_avx512 },
	{ "avx2", has_avx2, take_avx2, square_avx2, solve_avx2 },
#endif
	{ "plain", always, take_plain, square_plain, solve_plain },
};
const size_t guess_kernel_count = COUNT_OF(guess_kernels);

const struct guess_kernel *guess_kernel_best(void)
{
	const struct guess_kernel *k = guess_kernels;

	while (!k->usable())
		k++;
	return k;
}
