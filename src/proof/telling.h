/*
 * telling: a world for tests (world.h) of which attestations and receipts tell: three sources, their
 * terms, transfers and cards, people, checkpoints and where they run. A lie is told in the logs
 * themselves; what is left out or shown beside is said by the members.
 */
#ifndef PROOF_TELLING_H
#define PROOF_TELLING_H

#include "proof/attestation.h"
#include "proof/receipt.h"
#include "proof/world.h"

enum { TELLING_RECORDS = 40, TELLING_BESIDE = 16 };

enum tale {
	NO_TALE, TALE_LARGE, /* no lie: 70,010 records, so that sets have two containers */
	/* of an attestation */
	TALE_SOURCE_LATE, TALE_SOURCE_TAG_TWICE, TALE_TRANSFER_LATE, TALE_TRANSFER_OF_OTHER_SOURCE,
	TALE_CORRECTION_EARLY, TALE_CORRECTION_OF_OTHER, TALE_TERMS_TWICE, TALE_TERMS_OF_OTHER,
	TALE_BATCH_DECIDED_ON_OTHER, TALE_NOTIFIED_TWICE, TALE_SET_HAS_ONE, TALE_SET_BEYOND,
	TALE_ORDER_TOOK_MORE, TALE_ORDER_TOOK_WHAT_COMES, TALE_CERTIFIED_EARLY,
	TALE_CERTIFIED_OTHER, TALE_REPRODUCED_OTHER, TALE_REPRODUCED_NOT_SIGNED, TALE_GRADE,
	TALE_DIGEST_SHORT, TALE_DIGEST_LONG, TALE_MODEL_IS_DATASET, TALE_INPUT_IS_ORDER, TALE_BATCH_LEFT_OUT,
	TALE_NAME_TWICE,
	/* of a receipt */
	TALE_CARD_OF_OTHER_SOURCE, TALE_CARD_OF_OTHER_TRANSFER, TALE_CARD_WITHOUT_TRANSFER,
	TALE_CARD_WITH_TRANSFER, TALE_CARD_ON_OTHER_TERMS, TALE_CARD_SHORT, TALE_CARD_SUBJECT_EARLY,
	TALE_BATCHES_OVERLAP,
	TALE_DEPLOYMENT_OF_DATASET, TALE_ENDPOINT_TWICE, TALE_TIME_GOES_BACK, TALE_BATCH_LONGER,
	TALE_NAME_SHORTER, TALE_GRANT_OF_SHORTER,
};

struct telling {
	struct world w;
	enum tale tale;
	struct fields *cards[TELLING_RECORDS];
	struct hash commitments[TELLING_RECORDS];
	/* Numbers of facts. */
	uint64_t keys[2], source[3], terms[4], transfer[3], correction, batch[5], grant[3],
		withdrawal[3], order[2], certified, dataset[2], base, model, other, reproduced,
		deployment, undeployment, output, handover;
	struct world_set set, other_set; /* of model, of other */
	struct hash digest;
	const char *subject; /* whose receipt; NULL: of positions alone */
	const char *absent;
	/* Shown beside what should be: a fact, and of it the field at index, or none (-1). */
	struct {
		uint64_t n;
		int index;
	} beside[TELLING_BESIDE];
	size_t beside_count;
	/* A card's field shown beside. */
	uint64_t beside_pos;
	int beside_index; /* -1: none */
	bool closed;	  /* nothing of the first card is opened */
};

void telling_begin(struct telling *t, enum tale tale, const char *origin, uint8_t number);
void telling_end(struct telling *t);
void telling_beside(struct telling *t, uint64_t n, int index);
void telling_beside_whole(struct telling *t, uint64_t n); /* with every field */
/* Index of the first field of this name; check fails when there is none. */
int telling_index(const struct fields *f, const char *name);
/* Of the checkpoint `model`; of the records of the subject, or else of 0, 10, 20 and 30. */
struct buf *telling_attest(struct telling *t);
struct buf *telling_receipt(struct telling *t);

#endif
