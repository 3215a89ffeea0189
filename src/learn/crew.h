/*
 * crew: the threads of one computation of many short steps. base/pool.h makes its threads anew for
 * every call, which takes longer than a step of a few hundred microseconds; a crew waits awake
 * between steps, for a moment, and asleep after it. A crew belongs to one thread. For learn/.
 */
#ifndef LEARN_CREW_H
#define LEARN_CREW_H

#include <stddef.h>

#include "base/error.h"
#include "base/own.h"

enum { CREW_THREADS_MAX = 8 };

/* What one job is; it may write only what belongs to i, and uses only pure calls. */
typedef int crew_job(void *ctx, size_t i, struct error *e);

struct crew;

/* One thread for each processor this process may use, at most CREW_THREADS_MAX, with the caller's:
 * the others begin with the first call that has work for them. Errors: E_MEMORY. */
must_use int crew_create(struct crew **ret, struct error *e);
void crew_destroy(struct crew *c); /* NULL is fine */
SCOPED(crew, crew_destroy);

size_t crew_threads(const struct crew *c);

/* Calls job(ctx, i) for every i below count, the first ones first, and returns when all have
 * ended: the error of the lowest i that failed, or 0. With c NULL this thread does all of it. */
must_use int crew_run(struct crew *c, size_t count, crew_job *job, void *ctx, struct error *e);

#endif
