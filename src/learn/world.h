/*
 * world: small made-up records for the tests of learn/, the same on every machine.
 */
#ifndef LEARN_WORLD_H
#define LEARN_WORLD_H

#include "learn/sums.h"

enum { WORLD_RECORDS = 400, WORLD_DIM = 64, WORLD_LABELS = 5 };

struct world {
	int8_t features[WORLD_RECORDS * WORLD_DIM];
	const char *labels[WORLD_RECORDS];
	int32_t numbers[WORLD_RECORDS * 2];
};

uint32_t world_random(uint64_t *state);
/* Features of the whole range, or 0 to 127, that lean on the label. */
void world_make(struct world *w, size_t d, uint64_t seed, int non_negative);
/* Records [from, from + count) of it. */
struct records world_labelled(const struct world *w, size_t d, size_t from, size_t count);
struct records world_numbered(const struct world *w, size_t d, size_t from, size_t count);

#endif
