/* What pool.h promises without threads: one job after the other. */
#include "base/pool.h"

int pool_run(size_t count, int (*job)(void *ctx, size_t i, struct error *e), void *ctx,
	     struct error *e)
{
	for (size_t i = 0; i < count; i++)
		if (job(ctx, i, e) < 0)
			return e->code;
	return 0;
}
