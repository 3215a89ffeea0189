/*
 * sets: datasets frozen, checkpoints declared, and what grew from what.
 */
#ifndef FLOW_SETS_H
#define FLOW_SETS_H

#include "repo/ask.h"
#include "repo/change.h"
#include "repo/select.h"

/* {"dataset","version","records","excluded","reasons","root"}; E_DENIED with a document when
 * nothing is left. where NULL: everything. */
must_use int flow_dataset_create(struct repo *r, const char *name, const char *use,
				 const char *where, json_t **ret, struct error *e);
must_use int flow_dataset_show(struct repo *r, const char *name, json_t **ret, struct error *e);
/* {"from","to","added","removed","kept"} and the runs of positions. */
must_use int flow_dataset_diff(struct repo *r, const char *a, const char *b, json_t **ret,
			       struct error *e);

struct model_words {
	const char *name, *path; /* a file or folder */
	const char *const *parents;
	size_t parent_count;
	const char *dataset, *kind; /* NULL */
};
/* Seals a copy and remembers the path. What exists is always recorded; what a decision denies now
 * is born withdrawn: E_DENIED with the document. {"model","version","state","digest","grade","reasons"} */
must_use int flow_model_add(struct repo *r, const struct model_words *w, json_t **ret,
			    struct error *e);
must_use int flow_model_show(struct repo *r, const char *name, json_t **ret, struct error *e);
must_use int flow_model_withdraw(struct repo *r, const char *name, const char *reason,
				 json_t **ret, struct error *e);

/* A new version of a dataset without positions, as a fact of this change; *ret_fact is its number. */
must_use int dataset_subset(struct change *c, const struct dataset *d, const struct set *without,
			    const char *order, uint64_t *ret_fact, struct error *e);

/* What a set touches. Lent by the arena. */
struct touched {
	struct dataset *datasets;
	uint64_t *dataset_records;
	size_t dataset_count;
	struct model *models; /* parents before children */
	uint64_t *model_records;
	unsigned *model_distance; /* 1: on a dataset with them; 2: child of one; ... */
	size_t model_count;
};
must_use int touched_by(struct repo *r, struct arena *a, const struct set *s, struct touched *ret,
			struct error *e);
must_use int flow_impact(struct repo *r, const char *selector, json_t **ret, struct error *e);

#endif
