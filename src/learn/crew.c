#include "learn/crew.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * tickets is the number of the step above 32 bits and the jobs left to be taken below them. Who
 * takes the number down by one has a job, and until he has counted it as done the step cannot end,
 * so what describes the step stays as it is while he reads it.
 */
struct crew {
	_Atomic uint64_t tickets;
	atomic_size_t done;
	size_t count;
	crew_job *job;
	void *ctx;
	size_t threads, begun;
	bool tried;
	pthread_t thread[CREW_THREADS_MAX];
	pthread_mutex_t lock;
	pthread_cond_t wake;
	atomic_int asleep;
	atomic_bool over;
	size_t failed; /* lowest i that failed */
	struct error why;
};

/* About 100 microseconds. */
enum { AWAKE = 1 << 12 };

static void breathe(void)
{
#ifdef __x86_64__
	__builtin_ia32_pause();
#endif
}

static void do_job(struct crew *c, size_t i)
{
	struct error e = { 0 };

	if (c->job(c->ctx, i, &e) < 0) {
		pthread_mutex_lock(&c->lock);
		if (i < c->failed) {
			c->failed = i;
			c->why = e;
		}
		pthread_mutex_unlock(&c->lock);
	}
	atomic_fetch_add(&c->done, 1);
}

/* Jobs until none is left to be taken. */
static void work(struct crew *c)
{
	uint64_t t = atomic_load(&c->tickets);

	while ((uint32_t)t > 0) {
		if (!atomic_compare_exchange_weak(&c->tickets, &t, t - 1))
			continue;
		do_job(c, c->count - (uint32_t)t);
		t = atomic_load(&c->tickets);
	}
}

static bool idle(struct crew *c)
{
	return (uint32_t)atomic_load(&c->tickets) == 0 && !atomic_load(&c->over);
}

static void *crew_thread(void *arg)
{
	struct crew *c = arg;

	while (!atomic_load(&c->over)) {
		work(c);
		for (int i = 0; i < AWAKE && idle(c); i++)
			breathe();
		if (!idle(c))
			continue;
		pthread_mutex_lock(&c->lock);
		atomic_fetch_add(&c->asleep, 1);
		while (idle(c))
			pthread_cond_wait(&c->wake, &c->lock);
		atomic_fetch_sub(&c->asleep, 1);
		pthread_mutex_unlock(&c->lock);
	}
	return NULL;
}

int crew_create(struct crew **ret, struct error *e)
{
	struct crew *c = calloc(1, sizeof(*c));
	cpu_set_t may;

	if (!c)
		return error_set(e, E_MEMORY, "crew");
	c->threads = 1;
	if (sched_getaffinity(0, sizeof(may), &may) == 0 && CPU_COUNT(&may) > 1)
		c->threads = (size_t)CPU_COUNT(&may);
	if (c->threads > CREW_THREADS_MAX)
		c->threads = CREW_THREADS_MAX;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wake, NULL);
	*ret = c;
	return 0;
}

size_t crew_threads(const struct crew *c)
{
	return c ? c->threads : 1;
}

static void wake(struct crew *c)
{
	pthread_mutex_lock(&c->lock);
	pthread_cond_broadcast(&c->wake);
	pthread_mutex_unlock(&c->lock);
}

void crew_destroy(struct crew *c)
{
	if (!c)
		return;
	atomic_store(&c->over, true);
	wake(c);
	for (size_t i = 0; i < c->begun; i++)
		pthread_join(c->thread[i], NULL);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* A new thread often waits for its maker's processor while others idle: it begins elsewhere, and
 * may go where it likes from then on. A thread that cannot be had is done without. */
static void begin(struct crew *c)
{
	cpu_set_t may, elsewhere;
	pthread_attr_t a;
	int here = sched_getcpu();

	c->tried = true;
	if (c->threads < 2 || sched_getaffinity(0, sizeof(may), &may) != 0)
		return;
	elsewhere = may;
	if (here >= 0)
		CPU_CLR((size_t)here, &elsewhere);
	if (CPU_COUNT(&elsewhere) == 0 || pthread_attr_init(&a) != 0)
		return;
	pthread_attr_setaffinity_np(&a, sizeof(elsewhere), &elsewhere);
	while (c->begun + 1 < c->threads &&
	       pthread_create(&c->thread[c->begun], &a, crew_thread, c) == 0) {
		pthread_setaffinity_np(c->thread[c->begun], sizeof(may), &may);
		c->begun++;
	}
	pthread_attr_destroy(&a);
}

static int run_here(size_t count, crew_job *job, void *ctx, struct error *e)
{
	for (size_t i = 0; i < count; i++)
		if (job(ctx, i, e) < 0)
			return e->code;
	return 0;
}

int crew_run(struct crew *c, size_t count, crew_job *job, void *ctx, struct error *e)
{
	uint64_t step;

	if (!c || count < 2 || count > UINT32_MAX || c->threads < 2)
		return run_here(count, job, ctx, e);
	if (!c->tried)
		begin(c);
	c->count = count;
	c->job = job;
	c->ctx = ctx;
	c->failed = SIZE_MAX;
	atomic_store(&c->done, 0);
	step = (atomic_load(&c->tickets) >> 32) + 1;
	atomic_store(&c->tickets, step << 32 | count);
	if (atomic_load(&c->asleep) > 0)
		wake(c);
	work(c);
	for (size_t i = 0; atomic_load(&c->done) < count; i++)
		if (i < AWAKE)
			breathe();
		else
			sched_yield();
	if (c->failed == SIZE_MAX)
		return 0;
	*e = c->why;
	return e->code;
}
