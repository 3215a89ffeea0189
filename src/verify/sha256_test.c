#include "verify/sha256.h"

#include <string.h>

#include "base/test.h"
#include "crypto/hash.h"

enum { LENGTHS = 600 };

static void bytes_fill(uint8_t *bytes, size_t len)
{
	uint32_t v = 1;

	for (size_t i = 0; i < len; i++) {
		v = v * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(v >> 24);
	}
}

TEST(every_length_is_hashed_as_libcrypto_hashes_it)
{
	uint8_t bytes[LENGTHS], ours[32];
	struct hash theirs;

	bytes_fill(bytes, sizeof(bytes));
	for (size_t len = 0; len <= LENGTHS; len++) {
		struct sha256 s;

		sha256_begin(&s);
		sha256_add(&s, bytes, len);
		sha256_end(&s, ours);
		hash_bytes(&theirs, bytes, len);
		check(memcmp(ours, theirs.b, 32) == 0);
	}
}

TEST(pieces_are_hashed_as_the_whole)
{
	uint8_t bytes[200], ours[32];
	struct hash theirs;

	bytes_fill(bytes, sizeof(bytes));
	hash_bytes(&theirs, bytes, sizeof(bytes));
	for (size_t a = 0; a <= sizeof(bytes); a++)
		for (size_t b = a; b <= sizeof(bytes); b++) {
			struct sha256 s;

			sha256_begin(&s);
			sha256_add(&s, bytes, a);
			sha256_add(&s, bytes + a, b - a);
			sha256_add(&s, bytes + b, sizeof(bytes) - b);
			sha256_end(&s, ours);
			check(memcmp(ours, theirs.b, 32) == 0);
		}
}

TEST(more_than_512_megabytes_have_a_length_of_more_than_32_bits)
{
	static uint8_t bytes[1 << 20];
	scoped(hasher) *theirs = NULL;
	struct error e = { 0 };
	struct sha256 s;
	struct hash want;
	uint8_t ours[32];

	check_ok(hasher_create(&theirs, &e));
	sha256_begin(&s);
	for (int i = 0; i < 513; i++) {
		sha256_add(&s, bytes, sizeof(bytes));
		hasher_add(theirs, bytes, sizeof(bytes));
	}
	sha256_end(&s, ours);
	hasher_end(theirs, &want);
	check(memcmp(ours, want.b, 32) == 0);
}

TEST_MAIN("verify/sha256")
