/*
 * sha256: SHA-256 (FIPS 180-4) in plain C, for where there is no libcrypto and asking somebody
 * else for each of a million short hashes would take minutes: the browser's verifier. Nothing
 * here is secret, so it need not be constant in time (it is). sha256_test.c holds it against
 * libcrypto.
 */
#ifndef VERIFY_SHA256_H
#define VERIFY_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
	uint32_t state[8];
	uint64_t len_bytes;
	uint8_t block[64];
};
void sha256_begin(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *bytes, size_t len_bytes);
void sha256_end(struct sha256 *s, uint8_t ret[32]);

#endif
