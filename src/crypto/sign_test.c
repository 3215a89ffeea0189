#include "crypto/sign.h"

#include "crypto/vectors.h"

/* RFC 8032 section 7.1, tests 1 to 3 and SHA(abc). */
static const struct {
	const char *seed, *public_key, *message, *signature;
} rfc_8032[] = {
	{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
	  "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
	{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
	  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
	  "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
	{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
	  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290"
	  "ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
	{ "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
	  "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	  "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ec"
	  "fdfbc7c66431e0303dca179c138ac17ad9bef1177331a704" },
};

TEST(the_vectors_of_rfc_8032_hold)
{
	struct error e = { 0 };

	for (size_t i = 0; i < COUNT_OF(rfc_8032); i++) {
		uint8_t seed[SIGN_SEED_LEN], key[SIGN_PUBLIC_LEN], message[64], made[SIGN_LEN];
		size_t len = strlen(rfc_8032[i].message) / 2;
		char hex[2 * SIGN_LEN + 1];

		check_ok(hex_decode(seed, sizeof(seed), rfc_8032[i].seed, &e));
		check_ok(hex_decode(message, len, rfc_8032[i].message, &e));
		check_ok(sign_public(key, seed, &e));
		assert_string_equal(hex_encode(hex, key, sizeof(key)), rfc_8032[i].public_key);
		check_ok(sign_make(made, seed, message, len, &e));
		assert_string_equal(hex_encode(hex, made, SIGN_LEN), rfc_8032[i].signature);
		check_ok(sign_check(made, key, message, len, &e));
	}
}

TEST(a_signature_holds_for_no_other_bit_of_anything)
{
	uint8_t seed[SIGN_SEED_LEN] = { 1 }, key[SIGN_PUBLIC_LEN], made[SIGN_LEN];
	uint8_t message[] = "the tree of 5 leaves";
	struct error e = { 0 };

	check_ok(sign_public(key, seed, &e));
	check_ok(sign_make(made, seed, message, sizeof(message), &e));
	for (unsigned bit = 0; bit < 8 * SIGN_LEN; bit++) {
		made[bit / 8] ^= (uint8_t)(1 << bit % 8);
		check_code(sign_check(made, key, message, sizeof(message), &e), E_MISMATCH);
		made[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (unsigned bit = 0; bit < 8 * SIGN_PUBLIC_LEN; bit++) {
		key[bit / 8] ^= (uint8_t)(1 << bit % 8);
		check_code(sign_check(made, key, message, sizeof(message), &e), E_MISMATCH);
		key[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (unsigned bit = 0; bit < 8 * sizeof(message); bit++) {
		message[bit / 8] ^= (uint8_t)(1 << bit % 8);
		check_code(sign_check(made, key, message, sizeof(message), &e), E_MISMATCH);
		message[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	check_code(sign_check(made, key, message, sizeof(message) - 1, &e), E_MISMATCH);
	check_ok(sign_check(made, key, message, sizeof(message), &e));
	check(sign_check(made, key, message, 0, NULL) == E_MISMATCH);
}

static unsigned ed25519_case(const json_t *group, const json_t *test)
{
	uint8_t key[VECTOR_BYTES_MAX], message[VECTOR_BYTES_MAX], signature[VECTOR_BYTES_MAX];
	size_t len = vector_hex(test, "msg", message);
	struct error e = { 0 };

	check(vector_hex(json_object_get(group, "publicKey"), "pk", key) == SIGN_PUBLIC_LEN);
	/* A signature of another length cannot reach sign_check. */
	if (vector_hex(test, "sig", signature) != SIGN_LEN) {
		check(!vector_valid(test));
		return 1;
	}
	check_code(sign_check(signature, key, message, len, &e),
		   vector_valid(test) ? 0 : E_MISMATCH);
	return 1;
}

TEST(the_ed25519_vectors_of_wycheproof_hold)
{
	check(wycheproof("ed25519_test.json", ed25519_case) == 151);
}

TEST_MAIN("crypto-sign")
