/*
 * commit: a salted commitment to one named value. It binds by the collision
 * resistance of SHA-256, and says nothing once the salt is gone (64 random bytes:
 * statistically hiding, SHA-256 taken as a random function; Halevi and Micali 1996
 * for the idea).
 *
 *   C = SHA-256("rescind/commit/v1" 00 || u64 len(name) || name
 *                || u64 len(salt) || salt || u64 len(value) || value)     big-endian
 */
#ifndef CRYPTO_COMMIT_H
#define CRYPTO_COMMIT_H

#include "crypto/hash.h"

enum { SALT_LEN = 64 };

void commit_make(struct hash *ret, const char *name, const uint8_t salt[SALT_LEN],
		 const void *value, size_t len_bytes);

/* To a list of commitments: count bound to the RFC 9162 root over them, so that one list cannot be
 * opened as another of more or fewer.
 *
 *   SHA-256("rescind/fields/v1" 00 || u64 count || root)
 */
void commit_list(struct hash *ret, uint64_t count, const struct hash *tree_root);
/* A tree of known size, for one purpose: SHA-256(domain 00 || u64 size || root). */
void commit_tree(struct hash *ret, const char *domain, uint64_t size, const struct hash *root);

#endif
