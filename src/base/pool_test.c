#include "base/pool.h"

#include <string.h>

#include "base/test.h"

static struct error e;

static int double_it(void *ctx, size_t i, struct error *why)
{
	size_t *list = ctx;

	(void)why;
	list[i] = 2 * i;
	return 0;
}

TEST(every_job_is_done_once)
{
	static size_t list[10000];

	for (size_t count = 0; count <= COUNT_OF(list); count += count < 20 ? 1 : 3327) {
		memset(list, 0xff, sizeof(list));
		check_ok(pool_run(count, double_it, list, &e));
		for (size_t i = 0; i < COUNT_OF(list); i++)
			check(list[i] == (i < count ? 2 * i : SIZE_MAX));
	}
}

static int fail_from_70(void *ctx, size_t i, struct error *why)
{
	(void)ctx;
	return i >= 70 ? error_set(why, E_MISMATCH, "job %zu", i) : 0;
}

TEST(the_lowest_failure_is_told)
{
	for (int round = 0; round < 50; round++) {
		check_code(pool_run(1000, fail_from_70, NULL, &e), E_MISMATCH);
		check(strcmp(e.text, "job 70") == 0);
	}
}

TEST_MAIN("pool")
