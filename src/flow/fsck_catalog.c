/* The catalog: is the database sound, and does each of its rows follow from log and vault? */
#include <inttypes.h>

#include "flow/fsck_parts.h"

struct damage {
	struct fsck *x;
	struct error first;
};

static void tell_damage(void *ctx, const char *line)
{
	struct damage *d = ctx;

	if (!d->first.code)
		error_set(&d->first, E_FORMAT, "%s", line);
}

/* What the database finds of itself. One that is made again has nothing of it. */
static int mend_damage(struct fsck *x, const struct damage *d, uint64_t count, struct error *e)
{
	enum catalog_is is = CATALOG_UNKNOWN;

	if (x->locked && repo_catalog_again(x->r, &is, e) < 0 && fsck_found(x, "catalog", e) < 0)
		return e->code;
	if (is == CATALOG_MADE_AGAIN)
		fsck_repaired(x, "catalog: damaged in %" PRIu64 " places (%.200s): made again from log and vault",
			      count, d->first.text);
	else
		fsck_problem(x, "catalog: damaged in %" PRIu64 " places: %.200s", count, d->first.text);
	return 0;
}

static void tell_row(void *ctx, const char *line)
{
	fsck_repaired(ctx, "catalog: %s", line);
}

int fsck_rows(struct fsck *x, struct error *e)
{
	enum catalog_is is = CATALOG_UNKNOWN;

	if (!x->locked)
		return fsck_entries(x, e);
	if (repo_catalog_compare(x->r, tell_row, x, &is, e) < 0)
		return fsck_found(x, "catalog", e);
	if (is == CATALOG_MADE_AGAIN)
		fsck_repaired(x, "catalog: made again from log and vault");
	if (is != CATALOG_UNKNOWN)
		return 0;
	fsck_problem(x, "catalog: not compared with log and vault, since not all of these can be read");
	return fsck_entries(x, e);
}

int fsck_catalog(struct fsck *x, struct error *e)
{
	struct damage d = { .x = x };
	uint64_t count;

	if (catalog_check(x->r->catalog, tell_damage, &d, &count, e) < 0)
		return e->code;
	return count > 0 ? mend_damage(x, &d, count, e) : 0;
}
