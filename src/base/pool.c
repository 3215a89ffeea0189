#include "base/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

struct pool {
	size_t count;
	int (*job)(void *ctx, size_t i, struct error *e);
	void *ctx;
	atomic_size_t next;
	pthread_mutex_t lock;
	size_t failed; /* lowest i that failed */
	struct error why;
};

static void *work(void *arg)
{
	struct pool *p = arg;

	for (;;) {
		size_t i = atomic_fetch_add(&p->next, 1);
		struct error e = { 0 };

		if (i >= p->count)
			return NULL;
		if (p->job(p->ctx, i, &e) == 0)
			continue;
		pthread_mutex_lock(&p->lock);
		if (i < p->failed) {
			p->failed = i;
			p->why = e;
		}
		pthread_mutex_unlock(&p->lock);
		atomic_store(&p->next, p->count);
	}
}

int pool_run(size_t count, int (*job)(void *ctx, size_t i, struct error *e), void *ctx,
	     struct error *e)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct pool p = { .count = count, .job = job, .ctx = ctx, .failed = SIZE_MAX,
			  .lock = PTHREAD_MUTEX_INITIALIZER };
	pthread_t threads[POOL_THREADS_MAX];
	size_t begun = 0;

	/* This thread works too; a thread that cannot be had is done without. */
	while (begun + 1 < POOL_THREADS_MAX && begun + 1 < count && (long)begun + 1 < processors &&
	       pthread_create(&threads[begun], NULL, work, &p) == 0)
		begun++;
	work(&p);
	for (size_t i = 0; i < begun; i++)
		pthread_join(threads[i], NULL);
	if (p.failed == SIZE_MAX)
		return 0;
	*e = p.why;
	return e->code;
}
