#include "learn/gram.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "learn/sums.h"
#include "learn/world.h"

static struct error e;

static void expect(int64_t *g, int64_t *s, const int8_t *x, size_t count, size_t d)
{
	memset(g, 0, sums_triangle(d) * sizeof(*g));
	memset(s, 0, d * sizeof(*s));
	for (size_t r = 0; r < count; r++, x += d)
		for (size_t i = 0; i < d; i++) {
			s[i] += x[i];
			for (size_t j = 0; j <= i; j++)
				g[i * (i + 1) / 2 + j] += x[i] * x[j];
		}
}

/* Every kernel this processor has, against the definition; then taken away again. */
static void try_all(const int8_t *x, size_t count, size_t d)
{
	size_t len = sums_triangle(d), i, k;
	scoped(crew) *c = NULL;
	int64_t *want = calloc(4 * (len + d), sizeof(*want)), *got = want + len + d;

	check(want != NULL);
	check_ok(crew_create(&c, &e));
	expect(want, want + len, x, count, d);
	for (k = 0; k < gram_kernel_count; k++) {
		if (!gram_kernels[k].usable())
			continue;
		memset(got, 0, (len + d) * sizeof(*got));
		check_ok(gram_add(&gram_kernels[k], c, got, got + len, x, count, d, 1, &e));
		check(memcmp(got, want, (len + d) * sizeof(*got)) == 0);
		check_ok(gram_add(&gram_kernels[k], NULL, got, got + len, x, count, d, -1, &e));
		for (i = 0; i < len + d; i++)
			check(got[i] == 0);
	}
	free(want);
}

TEST(every_kernel_gives_the_sums_of_every_small_shape)
{
	static int8_t x[64 * 110];
	uint64_t seed = 1;

	for (size_t i = 0; i < sizeof(x); i++)
		x[i] = (int8_t)world_random(&seed);
	for (size_t d = 1; d <= 101; d += d < 12 || (d > 44 && d < 52) ? 1 : 7)
		for (size_t count = 0; count <= 64; count = 2 * count + 1)
			try_all(x, count, d);
}

TEST(more_than_one_block_of_extreme_values_does_not_wrap)
{
	static int8_t x[(2 * GRAM_BLOCK + 3) * 9];

	for (int sign = 0; sign < 3; sign++) {
		for (size_t i = 0; i < sizeof(x); i++)
			x[i] = sign == 0 ? -128 : sign == 1 ? 127 : i % 2 ? 127 : -128;
		try_all(x, 2 * GRAM_BLOCK + 3, 9);
	}
}

TEST(the_best_kernel_is_usable_and_named)
{
	check(gram_best()->usable());
	printf("kernel %s\n", gram_best()->name);
	check(strcmp(gram_kernels[gram_kernel_count - 1].name, "plain") == 0);
	check(gram_kernels[gram_kernel_count - 1].usable());
}

TEST_MAIN("learn gram")
