/*
 * vault: sealed objects in packs. A pack is a blob "pack/<12 digits>" that never changes once
 * finished; the place of each object in it is kept in the catalog and found again by
 * vault_scan. Bytes of an object in its pack, big-endian (docs/formats-vault.md):
 *
 *   "RSO1"  u8 kind  000000  u64 slot  u64 owner  u64 plain length  u8[7] nonce prefix  00
 *   then per 1 MiB chunk of the plain bytes (at least one, the last may be shorter or empty):
 *   AES-256-GCM(key of the slot, nonce = prefix || u32 chunk || u8 last, aad = those 40 bytes)
 *
 * owner: the position of a record (card, bytes, copy), the number of a fact (its private part),
 * and for the rest what its kind says. The prefix is random, so objects may share a slot: of
 * 1,000 under one key two share a prefix with a chance below 2^-36, so no slot takes more.
 */
#ifndef VAULT_VAULT_H
#define VAULT_VAULT_H

#include "base/blobs.h"
#include "crypto/seal.h"

enum object_kind {
	OBJECT_CARD = 1,      /* private part of a record: fields */
	OBJECT_BYTES = 2,     /* a record's bytes; same slot as its card */
	OBJECT_COPY = 3,      /* where a copy of a record was found: fields; same slot */
	OBJECT_FACT = 4,      /* private part of a fact: fields */
	OBJECT_CONTAINER = 5, /* key, published root, end, canonical bytes; owner: its number */
	OBJECT_FILE = 6,      /* a file of a checkpoint; owner: fact number of the model fact */
	OBJECT_STATEMENT = 7, /* an issued certificate; owner: order's fact number */
	OBJECT_KIND_LAST = OBJECT_STATEMENT
};
enum { OBJECT_HEAD_LEN = 40, OBJECT_CHUNK = 1 << 20 };
#define OBJECT_LEN_MAX (UINT64_C(1) << 44) /* plain bytes of one object: 16 TiB */
#define OBJECT_GET_MAX (UINT64_C(1) << 30) /* of one that vault_get holds in memory */

struct object_head {
	uint8_t kind;
	uint64_t slot, owner, plain_len;
	uint8_t prefix[7];
};

struct vault;

/* b is lent for the handle's life. */
must_use int vault_open(struct vault **ret, struct blobs *b, struct error *e);
void vault_close(struct vault *v); /* NULL is fine; drops an unfinished pack */
SCOPED(vault, vault_close);

/* One more than the highest pack there is; 1 in an empty vault. */
must_use int vault_next_pack(struct vault *v, uint64_t *ret_pack, struct error *e);

/* Write a pack: begin, objects, finish (durable) or drop. An empty pack leaves nothing. After
 * an error the pack can only be dropped: finish then refuses with E_CONFLICT. Errors of begin:
 * E_CONFLICT, there is such a pack, or one is begun already. */
must_use int vault_begin(struct vault *v, uint64_t pack, struct error *e);
must_use int vault_add(struct vault *v, uint8_t kind, uint64_t slot, uint64_t owner,
		       const uint8_t key[SEAL_KEY_LEN], const void *plain, size_t len_bytes,
		       struct place *ret_place, struct error *e);
/* An object too large for memory: length stated before, parts in order, then its end. E_RANGE:
 * longer than OBJECT_LEN_MAX, or more or less bytes than were stated. */
must_use int vault_add_begin(struct vault *v, uint8_t kind, uint64_t slot, uint64_t owner,
			     const uint8_t key[SEAL_KEY_LEN], uint64_t plain_len,
			     struct error *e);
must_use int vault_add_part(struct vault *v, const void *plain, size_t len_bytes,
			    struct error *e);
must_use int vault_add_end(struct vault *v, struct place *ret_place, struct error *e);
/* Copy a sealed object as it is from another pack (compact). Its head is looked at, its seal is
 * not: the key is not needed. E_FORMAT: no object of this length lies there. */
must_use int vault_add_sealed(struct vault *v, const struct place *from, struct place *ret_place,
			      struct error *e);
must_use int vault_finish(struct vault *v, struct error *e);
void vault_drop(struct vault *v);

/* Open an object: its header must be this kind, slot and owner, else E_MISMATCH. Appends the
 * plain bytes to out. E_FORMAT: no object of this length lies there; E_RANGE: longer than
 * OBJECT_GET_MAX. */
must_use int vault_get(struct vault *v, const struct place *at, uint8_t kind, uint64_t slot,
		       uint64_t owner, const uint8_t key[SEAL_KEY_LEN], struct buf *out,
		       struct error *e);
/* The same of any length, chunk by chunk; an empty object gives one empty chunk. Each is genuine
 * when it is given, but only after 0 is the object known to be whole. Stops when each returns
 * non-zero and returns that. */
must_use int vault_each_chunk(struct vault *v, const struct place *at, uint8_t kind, uint64_t slot,
			      uint64_t owner, const uint8_t key[SEAL_KEY_LEN],
			      int (*each)(void *ctx, const void *plain, size_t len_bytes,
					  struct error *e),
			      void *ctx, struct error *e);

/* Every object of a pack in order, by its header, which nothing proves until it is opened.
 * E_FORMAT says where a pack is torn or rotten, after all objects before that were given. Stops
 * when each returns non-zero and returns that. */
must_use int vault_scan(struct vault *v, uint64_t pack,
			int (*each)(void *ctx, const struct object_head *h,
				    const struct place *at, struct error *e),
			void *ctx, struct error *e);
/* In order of their numbers. */
must_use int vault_each_pack(struct vault *v,
			     int (*each)(void *ctx, uint64_t pack, uint64_t len_bytes,
					 struct error *e),
			     void *ctx, struct error *e);
/* 0 when it is not there. */
must_use int vault_remove_pack(struct vault *v, uint64_t pack, struct error *e);

#endif
