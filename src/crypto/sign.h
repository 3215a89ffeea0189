/*
 * sign: Ed25519 (RFC 8032) by libcrypto. A secret key is its 32-byte seed.
 */
#ifndef CRYPTO_SIGN_H
#define CRYPTO_SIGN_H

#include "crypto/hash.h"

enum { SIGN_PUBLIC_LEN = 32, SIGN_SEED_LEN = 32, SIGN_LEN = 64 };

must_use int sign_public(uint8_t ret_public[SIGN_PUBLIC_LEN], const uint8_t seed[SIGN_SEED_LEN],
			 struct error *e);
must_use int sign_make(uint8_t ret_signature[SIGN_LEN], const uint8_t seed[SIGN_SEED_LEN],
		       const void *message, size_t len_bytes, struct error *e);
/* E_MISMATCH when the signature does not hold. */
must_use int sign_check(const uint8_t signature[SIGN_LEN],
			const uint8_t public_key[SIGN_PUBLIC_LEN], const void *message,
			size_t len_bytes, struct error *e);
/* By a key of any algorithm that libcrypto knows by this name. The same errors. */
must_use int sign_check_as(const char *algorithm, const uint8_t *signature, size_t signature_len,
			   const uint8_t *public_key, size_t public_len, const void *message,
			   size_t len_bytes, struct error *e);

#endif
