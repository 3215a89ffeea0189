/*
 * mldsa: ML-DSA-44 (FIPS 204, pure, empty context) by a libcrypto that has it, OpenSSL 3.5 or
 * later; it is asked at run time. A secret key is its 32-byte seed.
 */
#ifndef CRYPTO_MLDSA_H
#define CRYPTO_MLDSA_H

#include <stdbool.h>

#include "crypto/hash.h"

enum { MLDSA_PUBLIC_LEN = 1312, MLDSA_SEED_LEN = 32, MLDSA_LEN = 2420 };

bool mldsa_is_there(void);
/* All three: E_NOT_FOUND where libcrypto has none. */
must_use int mldsa_public(uint8_t ret_public[MLDSA_PUBLIC_LEN],
			  const uint8_t seed[MLDSA_SEED_LEN], struct error *e);
must_use int mldsa_make(uint8_t ret_signature[MLDSA_LEN], const uint8_t seed[MLDSA_SEED_LEN],
			const void *message, size_t len_bytes, struct error *e);
/* E_MISMATCH when the signature does not hold. */
must_use int mldsa_check(const uint8_t signature[MLDSA_LEN],
			 const uint8_t public_key[MLDSA_PUBLIC_LEN], const void *message,
			 size_t len_bytes, struct error *e);

#endif
