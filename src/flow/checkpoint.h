/*
 * checkpoint: checkpoint.json, what lies beside weights that left the house: the card of an exact
 * checkpoint (exact.h), its fields opened or withheld, so that whoever has a certificate that
 * opens the checkpoint's digest can say whether a file is it. docs/formats-models.md section 1.
 */
#ifndef FLOW_CHECKPOINT_H
#define FLOW_CHECKPOINT_H

#include "wire/fields.h"
#include "wire/json.h"

enum { CHECKPOINT_BYTES_MAX = 16384 };

/* A field of the card: the SHA-256 of a file. */
struct card_field {
	bool opened;
	uint8_t salt[SALT_LEN]; /* where opened */
	struct hash value;	/* where opened */
	struct hash commitment;
};

struct checkpoint {
	const char *origin, *model; /* "faces"; lent by json */
	uint64_t fact, version;
	struct hash digest; /* what the two fields lead to */
	struct card_field weights, sums;
	const json_t *recipe; /* nothing binds it; lent */
	json_t *json;	      /* owned */
};

/* Fields of a card as sealed; sums are withheld unless asked for. */
struct checkpoint_words {
	const char *origin, *model;
	uint64_t fact, version;
	const struct fields *card;
	const json_t *recipe;
	bool sums;
};
/* Appends the file. E_FORMAT: no card. */
must_use int checkpoint_put(const struct checkpoint_words *w, struct buf *out, struct error *e);

/* Errors: E_FORMAT, not such a file in its one form; E_RANGE; E_MISMATCH, its card does not lead
 * to its digest; E_MEMORY. */
must_use int checkpoint_parse(struct checkpoint **ret, const void *bytes, size_t len_bytes,
			      struct error *e);
void checkpoint_destroy(struct checkpoint *c); /* NULL is fine */
SCOPED(checkpoint, checkpoint_destroy);

/* Is this opened, and of these bytes? */
bool card_field_is(const struct card_field *f, const struct hash *sha256);

#endif
