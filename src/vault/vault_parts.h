/* vault_parts: the inside of a vault's handle. Within vault/ only. */
#ifndef VAULT_VAULT_PARTS_H
#define VAULT_VAULT_PARTS_H

#include "vault/pack.h"

/* The object being written. */
struct vault_object {
	bool begun;
	struct object_head head;
	uint8_t raw_head[OBJECT_HEAD_LEN]; /* what every chunk authenticates */
	uint8_t key[SEAL_KEY_LEN];
	uint64_t at; /* where it begins in the pack */
	uint64_t taken; /* plain bytes so far */
	uint64_t chunk; /* the one being filled */
	struct buf *plain; /* of that chunk, when it came in parts */
};

struct vault {
	struct blobs *b;
	/* The pack being written. */
	bool begun;
	bool started; /* the store knows of it: not before there is an object */
	bool broken;
	uint64_t pack;
	uint64_t len_bytes; /* of the pack, with what is in out */
	struct buf *out;    /* sealed, not yet given to the store */
	struct vault_object object;
	struct buf *in; /* for reading */
};

#endif
