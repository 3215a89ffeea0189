/*
 * world_successor: the world of a test (world.h) goes on after a log that lost its end, truly or not.
 */
#ifndef PROOF_WORLD_SUCCESSOR_H
#define PROOF_WORLD_SUCCESSOR_H

#include "proof/world.h"

/* What is said otherwise than it is. OF_OLDER: records that are here are lost. */
enum said {
	AS_IT_IS, OTHER_ROOT, OTHER_RECORDS, OTHER_LOST, NOT_MORE_LOST, OTHER_LOST_ROOT,
	OTHER_LOST_RECORDS, OTHER_KEYS, OTHER_SIGNER, OTHER_NEW_KEY, OTHER_NUMBER, OTHER_ORIGIN,
	MEMBER_MORE, SLOT_TEXT, SLOTS_TURNED, OTHER_BEFORE, NO_BATCH, LONG_BATCH, LATE_BATCH, OF_OLDER, SAID
};

/* A fact that says so: signed by the key of old, about the one of new (worlds' numbers), the log
 * `number` in the row; and, of three records that are lost, a source and a batch. */
void world_successor(struct world *w, uint8_t old, uint8_t new, uint64_t number, enum said said);

#endif
