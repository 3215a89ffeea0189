/*
 * pack: the bytes of a pack and of the objects in it, apart from any store. Reading is pure.
 * The exact bytes: docs/formats-vault.md. Within vault/, and for who looks at packs alone.
 */
#ifndef VAULT_PACK_H
#define VAULT_PACK_H

#include "vault/vault.h"

enum { PACK_NAME_LEN = 5 + 12, OBJECT_SEALED_CHUNK = OBJECT_CHUNK + SEAL_TAG_LEN };
#define PACK_NUMBER_MAX UINT64_C(999999999999)

/* "pack/000000000012"; number is at most PACK_NUMBER_MAX. */
void pack_name(char ret[PACK_NAME_LEN + 1], uint64_t number);
/* False: not the name of a pack. */
bool pack_number(uint64_t *ret, const char *name);

void object_head_put(uint8_t ret[OBJECT_HEAD_LEN], const struct object_head *h);
/* Errors: E_FORMAT. */
must_use int object_head_parse(struct object_head *ret, const uint8_t bytes[OBJECT_HEAD_LEN],
			struct error *e);
/* At least 1. */
uint64_t object_chunks(uint64_t plain_len);
/* Head, chunks and tags. plain_len is at most OBJECT_LEN_MAX. */
uint64_t object_sealed_len(uint64_t plain_len);
/* Plain bytes of this chunk. */
size_t object_chunk_len(uint64_t plain_len, uint64_t chunk);
void object_nonce(uint8_t ret[SEAL_NONCE_LEN], const struct object_head *h, uint64_t chunk);

#endif
