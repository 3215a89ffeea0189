#include "learn/guess_tile.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "learn/world.h"

enum { SIZE_MAX_HERE = 168, WIDTH = TILE_SQUARE };

static double draw(uint64_t *seed)
{
	return (double)world_random(seed) / 0x1p31 - 1;
}

static double part(double got, double want)
{
	return fabs(got - want) / (1 + fabs(want));
}

static void try_take(const struct guess_kernel *k, uint64_t *seed)
{
	static double left[TILE_ROWS * WIDTH], side[WIDTH * TILE_COLS], to[TILE_ROWS * TILE_COLS];
	double want[TILE_ROWS * TILE_COLS];
	size_t i, c;

	for (i = 0; i < COUNT_OF(left); i++)
		left[i] = draw(seed);
	for (i = 0; i < COUNT_OF(side); i++)
		side[i] = draw(seed);
	for (i = 0; i < COUNT_OF(to); i++) {
		want[i] = to[i] = draw(seed);
		for (c = 0; c < WIDTH; c++)
			want[i] -= left[i / TILE_COLS * WIDTH + c] *
				   side[c * TILE_COLS + i % TILE_COLS];
	}
	k->take(left, WIDTH, side, WIDTH, to, TILE_COLS);
	for (i = 0; i < COUNT_OF(to); i++)
		check(part(to[i], want[i]) < 1e-12);
}

/* Rows of u times its transpose are the square again, and the inverse is one. */
static void try_square(const struct guess_kernel *k, size_t width, uint64_t *seed)
{
	static double u[TILE_SQUARE][TILE_SQUARE], inverse[TILE_SQUARE][TILE_SQUARE],
		a[TILE_SQUARE][TILE_SQUARE];
	size_t i, j, c;

	memset(u, 0, sizeof(u));
	for (i = 0; i < width; i++)
		for (j = i; j < width; j++)
			a[i][j] = u[i][j] = i == j ? (double)width : draw(seed);
	check(k->square(u, inverse, width));
	for (i = 0; i < width; i++)
		for (j = i; j < width; j++) {
			double sum = 0, one = 0;

			for (c = 0; c <= i; c++)
				sum += u[c][i] * u[c][j];
			for (c = i; c <= j; c++)
				one += inverse[j][c] * u[i][c];
			check(part(sum, a[i][j]) < 1e-10);
			check(part(one, i == j) < 1e-10);
		}
	u[0][0] = -1;
	check(!k->square(u, inverse, width));
}

/* Right sides made from a solution, by the triangle and its transpose. */
static void try_solve(const struct guess_kernel *k, size_t size, size_t groups, uint64_t *seed)
{
	static double a[SIZE_MAX_HERE * (SIZE_MAX_HERE + 2 * TILE_STRIP)], inverse[SIZE_MAX_HERE];
	static double want[7 * SIZE_MAX_HERE * TILE_GROUP], x[7 * SIZE_MAX_HERE * TILE_GROUP];
	struct triangle t = { size, a, inverse };
	size_t i, j, g, c;

	for (i = 0; i < size; i++) {
		for (j = 0; j <= i; j++)
			a[triangle_at(i) + j] = i == j ? 4 : draw(seed) / 16;
		inverse[i] = 0.25;
	}
	for (i = 0; i < groups * size * TILE_GROUP; i++)
		want[i] = draw(seed);
	for (g = 0; g < groups; g++)
		for (c = 0; c < TILE_GROUP; c++) {
			double half[SIZE_MAX_HERE] = { 0 };
			size_t at = g * size * TILE_GROUP + c;

			for (i = 0; i < size; i++)
				for (j = 0; j <= i; j++)
					half[j] += a[triangle_at(i) + j] * want[at + i * TILE_GROUP];
			for (i = 0; i < size; i++)
				for (x[at + i * TILE_GROUP] = 0, j = 0; j <= i; j++)
					x[at + i * TILE_GROUP] += a[triangle_at(i) + j] * half[j];
		}
	k->solve(&t, x, groups);
	for (i = 0; i < groups * size * TILE_GROUP; i++)
		check(part(x[i], want[i]) < 1e-9);
}

TEST(every_kernel_factors_and_solves)
{
	uint64_t seed = 4;

	for (size_t k = 0; k < guess_kernel_count; k++) {
		if (!guess_kernels[k].usable())
			continue;
		printf("kernel %s\n", guess_kernels[k].name);
		try_take(&guess_kernels[k], &seed);
		for (size_t width = TILE_COLS; width <= TILE_SQUARE; width += TILE_COLS)
			try_square(&guess_kernels[k], width, &seed);
		for (size_t size = TILE_COLS; size <= SIZE_MAX_HERE; size += TILE_COLS)
			try_solve(&guess_kernels[k], size, 1 + size / TILE_COLS % 7, &seed);
	}
	check(strcmp(guess_kernels[guess_kernel_count - 1].name, "plain") == 0);
}

TEST_MAIN("learn guess")
