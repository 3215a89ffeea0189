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
	const char *const *datasets;
	size_t dataset_count;
	const char *kind; /* NULL: by what it is made of */
};
/* Seals a copy and remembers the path. What exists is always recorded; what a decision denies now
 * is born withdrawn: E_DENIED with the document. {"model","version","state","digest","grade","reasons"} */
must_use int flow_model_add(struct repo *r, const struct model_words *w, json_t **ret,
			    struct error *e);
must_use int flow_model_show(struct repo *r, const char *name, json_t **ret, struct error *e);
must_use int flow_model_withdraw(struct repo *r, const char *name, const char *reason,
				 json_t **ret, struct error *e);

/* What a dataset would be without positions. */
must_use int dataset_without(struct repo *r, const struct dataset *d, const struct set *without,
			     struct set **ret, struct error *e);
/* The next version of a dataset, as a fact of this change: its number, its version. */
must_use int dataset_next(struct change *c, struct repo *r, const struct dataset *d,
			  struct set *s, const char *order, uint64_t *ret_fact,
			  uint64_t *ret_version, struct error *e);

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
/* Members datasets[] and models[] of a document. */
must_use int touched_json(const struct touched *t, json_t *doc, struct error *e);
must_use int copies_of(struct repo *r, const struct set *s, uint64_t *ret, struct error *e);
/* {"contactable":subjects known,"not":photos of people nobody named} */
must_use int people_of(struct repo *r, const struct set *s, json_t **ret, struct error *e);
must_use int model_set_state(struct change *c, const struct model *m, uint8_t state,
			     const char *reason, const char *order, struct error *e);
/* records, and what rests on them, are those not erased; erased: the others of the selector. */
must_use int flow_impact(struct repo *r, const char *selector, json_t **ret, struct error *e);

#endif
