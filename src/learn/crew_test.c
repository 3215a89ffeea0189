#include "learn/crew.h"

#include <stdint.h>
#include <unistd.h>

#include "base/test.h"

static struct error e;

enum { MANY = 300 };

struct counts {
	uint8_t times[MANY];
	size_t fails;
};

static int count(void *ctx, size_t i, struct error *why)
{
	struct counts *p = ctx;

	p->times[i]++;
	return i >= p->fails ? error_set(why, E_RANGE, "job %zu", i) : 0;
}

TEST(every_job_of_every_step_is_done_once)
{
	scoped(crew) *c = NULL;

	check_ok(crew_create(&c, &e));
	check(crew_threads(c) >= 1 && crew_threads(c) <= CREW_THREADS_MAX);
	for (size_t n = 0; n < MANY; n++) {
		struct counts got = { .fails = MANY };

		check_ok(crew_run(c, n, count, &got, &e));
		for (size_t i = 0; i < MANY; i++)
			check(got.times[i] == (i < n));
	}
}

TEST(a_crew_that_fell_asleep_works_on)
{
	scoped(crew) *c = NULL;

	check_ok(crew_create(&c, &e));
	for (size_t k = 0; k < 20; k++) {
		struct counts got = { .fails = MANY };

		check_ok(crew_run(c, MANY, count, &got, &e));
		for (size_t i = 0; i < MANY; i++)
			check(got.times[i] == 1);
		usleep(3000);
	}
}

TEST(the_first_failure_is_told_and_the_crew_is_good_for_more)
{
	scoped(crew) *c = NULL;

	check_ok(crew_create(&c, &e));
	for (size_t k = 0; k < 50; k++) {
		struct counts got = { .fails = 100 + k }, again = { .fails = MANY };

		check_code(crew_run(c, MANY, count, &got, &e), E_RANGE);
		check_ok(crew_run(c, MANY, count, &again, &e));
		check(again.times[MANY - 1] == 1);
	}
}

TEST(without_a_crew_the_caller_does_it_alone)
{
	struct counts got = { .fails = 7 };

	check_code(crew_run(NULL, MANY, count, &got, &e), E_RANGE);
	check(got.times[7] == 1 && got.times[8] == 0);
	check(crew_threads(NULL) == 1);
}

TEST(a_crew_that_never_worked_goes_home)
{
	scoped(crew) *c = NULL;

	check_ok(crew_create(&c, &e));
	crew_destroy(NULL);
}

TEST_MAIN("learn crew")
