/*
 * model_fact: the one way to the fact of a checkpoint, whether it was made elsewhere (model.c) or
 * here (exact.c). Only for those two.
 */
#ifndef FLOW_MODEL_FACT_H
#define FLOW_MODEL_FACT_H

#include "flow/sets.h"

enum { MODEL_INPUTS_MAX = 256 };

struct model_fact {
	const char *name, *kind;
	const char *at; /* "": no file outside */
	uint64_t version;
	uint8_t grade;
	reasons why; /* it is denied: born withdrawn */
	struct hash digest;
	const json_t *files;	/* what is sealed of a checkpoint made elsewhere, else [] */
	const uint64_t *inputs; /* numbers of facts */
	size_t input_count;
	struct set *set;
	const json_t *recipe; /* of an exact one; NULL */
};
must_use int model_fact_put(struct change *c, const struct model_fact *m, uint64_t *ret_fact,
			    struct error *e);
/* Of the next checkpoint of this name: 1, or one more than the latest. */
must_use int model_next_version(struct repo *r, const char *name, uint64_t *ret, struct error *e);

#endif
