/*
 * fsck_parts: what the files of the check share. Only for flow/fsck*.c.
 */
#ifndef FLOW_FSCK_PARTS_H
#define FLOW_FSCK_PARTS_H

#include "flow/care.h"
#include "repo/things.h"

struct fsck {
	struct repo *r;
	json_t *problems, *repaired;
	uint64_t problem_count, repaired_count;
	bool deep;
	bool locked; /* may repair */
	struct set *dead;  /* slots */
	struct set *packs; /* that are there */
	uint64_t facts, records, live, erased, quarantined, objects, containers; /* looked at */
	uint64_t bytes, cards, packs_read, dead_objects;			  /* deep */
	struct error *e; /* of the one problem or repair that could not be noted */
};

/* A line each; of very many the first, and how many more. */
void fsck_problem(struct fsck *x, const char *format, ...) __attribute__((format(printf, 2, 3)));
void fsck_repaired(struct fsck *x, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What was found by a call that failed is a problem; 0, unless it keeps us from looking on. */
must_use int fsck_found(struct fsck *x, const char *where, struct error *e);

/* A container's object: its key, published root and end before its canonical bytes. */
enum { CONTAINER_HEAD = 72 };
/* Open it into plain (empty before), and name it. */
must_use int fsck_container(struct fsck *x, uint64_t number, uint64_t slot, const struct place *at,
			    struct buf *plain, struct hash *ret_name, struct error *e);

/* Is the database of the catalog sound? Made again from log and vault where it is not. */
int fsck_catalog(struct fsck *x, struct error *e);
/* A line of log_check or repo_log_mend. */
void fsck_tell_log(void *ctx, const char *line);
int fsck_logs(struct fsck *x, struct error *e);	/* deep, and so on */
/* Each row of the catalog, the same way; after the logs are mended. Without the lock the entries alone. */
int fsck_rows(struct fsck *x, struct error *e);
int fsck_entries(struct fsck *x, struct error *e);
int fsck_objects(struct fsck *x, struct error *e);
int fsck_packs(struct fsck *x, struct error *e);
int fsck_never(struct fsck *x, struct error *e);
int fsck_left_over(struct fsck *x, struct error *e);

#endif
