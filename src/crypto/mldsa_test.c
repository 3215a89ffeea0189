#include "crypto/mldsa.h"

#include "base/test.h"

static struct error e;
static const uint8_t seed[MLDSA_SEED_LEN] = { 1, 2, 3 };
static uint8_t public_key[MLDSA_PUBLIC_LEN], signature[MLDSA_LEN];

TEST(what_was_signed_holds_and_every_changed_byte_is_noticed)
{
	uint8_t message[] = "a head";

	if (!mldsa_is_there()) {
		check_code(mldsa_public(public_key, seed, &e), E_NOT_FOUND);
		print_message("skipped: this libcrypto has no ML-DSA-44 (OpenSSL 3.5 has)\n");
		skip();
	}
	check_ok(mldsa_public(public_key, seed, &e));
	check_ok(mldsa_make(signature, seed, message, sizeof(message), &e));
	check_ok(mldsa_check(signature, public_key, message, sizeof(message), &e));
	for (size_t i = 0; i < sizeof(message); i++) {
		message[i] ^= 1;
		check_code(mldsa_check(signature, public_key, message, sizeof(message), &e), E_MISMATCH);
		message[i] ^= 1;
	}
	for (size_t i = 0; i < MLDSA_LEN; i += 37) {
		signature[i] ^= 1;
		check_code(mldsa_check(signature, public_key, message, sizeof(message), &e), E_MISMATCH);
		signature[i] ^= 1;
	}
	public_key[700] ^= 1;
	check_code(mldsa_check(signature, public_key, message, sizeof(message), &e), E_MISMATCH);
}

TEST_MAIN("mldsa")
