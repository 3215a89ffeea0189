/*
 * seal: AES-256-GCM by libcrypto, and random bytes. The caller never gives one
 * (key, nonce) pair to two messages.
 */
#ifndef CRYPTO_SEAL_H
#define CRYPTO_SEAL_H

#include "crypto/hash.h"

enum { SEAL_KEY_LEN = 32, SEAL_NONCE_LEN = 12, SEAL_TAG_LEN = 16 };

/* ret has room for len + SEAL_TAG_LEN: ciphertext, then tag. It may be plain itself. E_RANGE: over
 * 64 GiB less 32 bytes. */
must_use int seal_close(uint8_t *ret, const uint8_t key[SEAL_KEY_LEN],
			const uint8_t nonce[SEAL_NONCE_LEN], const void *aad, size_t aad_len,
			const void *plain, size_t len_bytes, struct error *e);
/* sealed_len counts the tag; ret has room for sealed_len - SEAL_TAG_LEN. E_MISMATCH: not sealed
 * with this key, nonce and aad; ret is then wiped. It may be sealed itself. */
must_use int seal_open(uint8_t *ret, const uint8_t key[SEAL_KEY_LEN],
		       const uint8_t nonce[SEAL_NONCE_LEN], const void *aad, size_t aad_len,
		       const void *sealed, size_t sealed_len, struct error *e);
/* Fresh random bytes through sys->random; when it cannot give, the process ends with one line
 * and exit 1. */
void random_bytes(void *ret, size_t len_bytes);

#endif
