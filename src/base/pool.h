/*
 * pool: a few threads for work that is the same many times over and shares nothing: roots of
 * containers, openings, checks. Nothing outlives the call.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

#include "base/error.h"
#include "base/own.h"

enum { POOL_THREADS_MAX = 8 };

/* Calls job(ctx, i) for every i below count, on as many threads as there are processors (at most
 * POOL_THREADS_MAX); job may write only what belongs to i, and uses only pure calls. The
 * first error (of the lowest i that failed) is returned, when all that were begun have ended. */
must_use int pool_run(size_t count, int (*job)(void *ctx, size_t i, struct error *e), void *ctx,
		      struct error *e);

#endif
