#include "crypto/mldsa.h"

#include "crypto/vectors.h"

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

/* Of the files' cases those with an empty context and lengths that can reach mldsa_check. */
static unsigned verify_case(const json_t *group, const json_t *test)
{
	uint8_t key[VECTOR_BYTES_MAX], message[VECTOR_BYTES_MAX], sig[VECTOR_BYTES_MAX];
	size_t len;
	struct error own = { 0 };

	if (json_object_get(test, "ctx"))
		return 0;
	if (vector_hex(group, "publicKey", key) != MLDSA_PUBLIC_LEN ||
	    strlen(json_string_value(json_object_get(test, "msg"))) > 2 * VECTOR_BYTES_MAX ||
	    vector_hex(test, "sig", sig) != MLDSA_LEN) {
		check(!vector_valid(test));
		return 1;
	}
	len = vector_hex(test, "msg", message);
	check((mldsa_check(sig, key, message, len, &own) == 0) == vector_valid(test));
	return 1;
}

TEST(the_mldsa_44_vectors_of_wycheproof_hold)
{
	if (!mldsa_is_there()) {
		print_message("skipped: this libcrypto has no ML-DSA-44 (OpenSSL 3.5 has)\n");
		skip();
	}
	check(wycheproof("mldsa_44_verify_test.json", verify_case) == 172);
}

TEST_MAIN("mldsa")
