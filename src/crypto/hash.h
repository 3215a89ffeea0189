/*
 * hash: SHA-256, SHA-512 and HMAC-SHA-256 of libcrypto. A struct hash is 32 bytes.
 * Short one-shot hashing is the hot path of trees and sets, so it uses one context for
 * each thread again and again. A failing libcrypto ends the process with one line and
 * exit 1: nothing could be trusted. All calls may come from any thread; a struct hasher
 * belongs to one.
 */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/own.h"

enum { HASH_LEN = 32, HASH_HEX_MAX = 65 };

struct hash {
	uint8_t b[HASH_LEN];
};

void hash_bytes(struct hash *ret, const void *bytes, size_t len_bytes);
/* Of several pieces, one after the other. */
struct hash_piece {
	const void *bytes;
	size_t len_bytes;
};
void hash_pieces(struct hash *ret, const struct hash_piece *pieces, size_t count);

/* In parts: create, add any number of times, end. */
struct hasher;
must_use int hasher_create(struct hasher **ret, struct error *e);
void hasher_add(struct hasher *h, const void *bytes, size_t len_bytes);
void hasher_end(struct hasher *h, struct hash *ret); /* h may be used for a new message */
void hasher_destroy(struct hasher *h);
SCOPED(hasher, hasher_destroy);

void hash512_bytes(uint8_t ret[64], const void *bytes, size_t len_bytes);
void hmac_bytes(struct hash *ret, const uint8_t *key, size_t key_len, const void *bytes,
		size_t len_bytes);

bool hash_equal(const struct hash *a, const struct hash *b); /* in constant time */
int hash_compare(const struct hash *a, const struct hash *b);
struct hash_hex {
	char s[HASH_HEX_MAX];
};
struct hash_hex hash_hex(const struct hash *h);
must_use int hash_from_hex(struct hash *ret, const char *text, struct error *e);

#endif
