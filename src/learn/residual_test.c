#include "learn/residual.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "learn/world.h"

static struct error e;

enum { D_MAX = 77, BLOCKS = 3, CELLS = D_MAX * RESIDUAL_COLS };

static int64_t wide_random(uint64_t *state, unsigned bits)
{
	uint64_t x = (uint64_t)world_random(state) << 32 | world_random(state);

	return (int64_t)(x >> (64 - bits)) - ((int64_t)1 << (bits - 1));
}

/* Entries of so many bits, the first row the largest there can be. */
static struct sums *make(size_t d, unsigned bits, uint64_t *state)
{
	struct sums *s = NULL;

	check_ok(sums_create(&s, "test@1", d, 1, &e));
	s->n = 1;
	for (size_t i = 0; i < sums_triangle(d); i++)
		s->g[i] = i == 0 ? ((int64_t)1 << (bits - 1)) - 1 : wide_random(state, bits);
	for (size_t i = 0; i < d; i++)
		s->g[sums_triangle(i + 1) - 1] = llabs(s->g[sums_triangle(i + 1) - 1]);
	return s;
}

static int64_t entry(const struct sums *s, size_t i, size_t j)
{
	return i > j ? s->g[i * (i + 1) / 2 + j] : s->g[j * (j + 1) / 2 + i];
}

static void expect(const struct sums *s, const int64_t *x, int128 *sum)
{
	for (size_t i = 0; i < s->d; i++)
		for (size_t c = 0; c < RESIDUAL_COLS; c++)
			for (size_t j = 0; j < s->d; j++)
				sum[i * RESIDUAL_COLS + c] -=
					(int128)entry(s, i, j) * x[j * RESIDUAL_COLS + c];
}

static int128 got[BLOCKS * CELLS], want[BLOCKS * CELLS];
static int64_t x[BLOCKS * CELLS];

/* Numbers of all their bits, of those of one digit, or none, by block. */
static void try_sums(size_t d, unsigned bits, size_t blocks, struct crew *c, uint64_t *state)
{
	scoped(sums) *s = make(d, bits, state);
	scoped(residual) *r = NULL;
	size_t cells = d * RESIDUAL_COLS, i;

	check_ok(residual_create(&r, c, s, blocks, &e));
	memset(got, 0, sizeof(got));
	memset(want, 0, sizeof(want));
	for (size_t round = 0; round < 6; round++) {
		for (i = 0; i < blocks * cells; i++) {
			unsigned digits = (unsigned)(round + i / cells) % 3;

			x[i] = digits ? wide_random(state, residual_bits(r, digits) + 1) : 0;
		}
		check_ok(residual_subtract(r, blocks, x, got, &e));
		for (i = 0; i < blocks; i++)
			expect(s, x + i * cells, want + i * cells);
		check(memcmp(got, want, blocks * cells * sizeof(*got)) == 0);
	}
}

TEST(products_are_those_of_long_multiplication)
{
	static const unsigned bits[] = { 2, 31, 32, 33, 47 };
	scoped(crew) *c = NULL;
	uint64_t seed = 5;

	check_ok(crew_create(&c, &e));
	for (size_t k = 0; k < COUNT_OF(bits); k++)
		for (size_t d = 1; d <= D_MAX; d += d < 18 ? 1 : 59)
			try_sums(d, bits[k], 1 + d % BLOCKS, d % 2 ? c : NULL, &seed);
}

/* Every entry, and every digit, the largest of its kind and of one sign. */
TEST(the_largest_sums_there_can_be_do_not_wrap)
{
	static const int64_t most[] = { 0x7fffffff, -0x7fffffff, 0x80000000, 0x380000000, 0x7f80000000,
					-0x3f7f80000000 };

	for (size_t k = 0; k < COUNT_OF(most); k++)
		for (size_t d = 60; d <= D_MAX; d++) {
			scoped(sums) *s = NULL;
			scoped(residual) *r = NULL;
			size_t cells = d * RESIDUAL_COLS;

			check_ok(sums_create(&s, "test@1", d, 1, &e));
			for (size_t i = 0; i < sums_triangle(d); i++)
				s->g[i] = most[k];
			for (size_t i = 0; i < d; i++)
				s->g[sums_triangle(i + 1) - 1] = llabs(most[k]);
			check_ok(residual_create(&r, NULL, s, 1, &e));
			for (size_t i = 0; i < cells; i++)
				x[i] = (int64_t)1 << residual_bits(r, 1);
			memset(got, 0, sizeof(got));
			memset(want, 0, sizeof(want));
			check_ok(residual_subtract(r, 1, x, got, &e));
			expect(s, x, want);
			check(memcmp(got, want, cells * sizeof(*got)) == 0);
		}
}

TEST(entries_that_no_records_have_are_refused)
{
	scoped(sums) *s = NULL;
	struct residual *r = NULL;

	check_ok(sums_create(&s, "test@1", 2, 1, &e));
	s->n = 1;
	s->g[1] = (int64_t)1 << 47;
	check_code(residual_create(&r, NULL, s, 1, &e), E_RANGE);
	s->g[1] = INT64_MIN;
	check_code(residual_create(&r, NULL, s, 1, &e), E_RANGE);
	s->g[1] = ((int64_t)1 << 47) - 1;
	check_ok(residual_create(&r, NULL, s, 1, &e));
	residual_destroy(r);
}

/* Every kernel that this processor has: g of all 32 bits. */
static void try_kernel(const struct residual_kernel *k, size_t d, uint64_t *seed)
{
	static int32_t g[D_MAX][RESIDUAL_ROWS];
	int64_t out[2 * RESIDUAL_ROWS][RESIDUAL_COLS], one[RESIDUAL_ROWS][RESIDUAL_COLS];

	for (size_t j = 0; j < d; j++)
		for (size_t r = 0; r < RESIDUAL_ROWS; r++)
			g[j][r] = (int32_t)wide_random(seed, 32);
	for (size_t i = 0; i < 2 * d * RESIDUAL_COLS; i++)
		x[i] = wide_random(seed, 24);
	k->two((const int32_t (*)[RESIDUAL_ROWS])g, d, x, d * RESIDUAL_COLS, out);
	k->one((const int32_t (*)[RESIDUAL_ROWS])g, d, x, one);
	check(memcmp(one, out, sizeof(one)) == 0);
	for (size_t i = 0; i < COUNT_OF(out) * RESIDUAL_COLS; i++) {
		size_t row = i / RESIDUAL_COLS, c = i % RESIDUAL_COLS, j;
		int64_t sum = 0;

		for (j = 0; j < d; j++)
			sum += g[j][row % RESIDUAL_ROWS] *
			       x[(row / RESIDUAL_ROWS * d + j) * RESIDUAL_COLS + c];
		check(out[row][c] == sum);
	}
}

TEST(every_kernel_gives_the_same_integers)
{
	uint64_t seed = 9;

	for (size_t k = 0; k < residual_kernel_count; k++) {
		if (!residual_kernels[k].usable())
			continue;
		printf("kernel %s\n", residual_kernels[k].name);
		for (size_t d = 1; d <= 40; d++)
			try_kernel(&residual_kernels[k], d, &seed);
	}
	check(strcmp(residual_kernels[residual_kernel_count - 1].name, "plain") == 0);
}

TEST_MAIN("learn residual")
