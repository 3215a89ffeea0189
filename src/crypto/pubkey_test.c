#include "crypto/pubkey.h"

#include "base/buf.h"
#include "crypto/vectors.h"

static struct error e;

/* RFC 6979 A.2.5, with SHA-256. */
static const char point[] = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
			    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
static const struct {
	const char *message, *r_and_s;
} rfc_6979[] = {
	{ "sample", "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
		    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8" },
	{ "test", "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
		  "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083" },
};

static struct pubkey p256(void)
{
	uint8_t bytes[64];
	struct pubkey k;

	check_ok(hex_decode(bytes, 64, point, &e));
	check_ok(pubkey_p256(&k, bytes, &e));
	return k;
}

static struct pubkey ed25519(uint8_t seed_byte)
{
	uint8_t seed[SIGN_SEED_LEN] = { seed_byte }, public_key[SIGN_PUBLIC_LEN];
	struct pubkey k;

	check_ok(sign_public(public_key, seed, &e));
	pubkey_ed25519(&k, public_key);
	return k;
}

/* A number of DER, with as many zero bytes before it as it needs and `more`. */
static size_t der_number(uint8_t *ret, const uint8_t number[32], size_t more)
{
	size_t skip = 0, zeros;

	while (skip < 31 && number[skip] == 0)
		skip++;
	zeros = (number[skip] >> 7) + more;
	ret[0] = 0x02;
	ret[1] = (uint8_t)(32 - skip + zeros);
	memset(ret + 2, 0, zeros);
	memcpy(ret + 2 + zeros, number + skip, 32 - skip);
	return 2 + ret[1];
}

/* more: zero bytes that DER does not allow, before r and s. */
static size_t der(uint8_t ret[80], const char *r_and_s, size_t more_r, size_t more_s)
{
	uint8_t n[64];
	size_t len = 2;

	check_ok(hex_decode(n, 64, r_and_s, &e));
	len += der_number(ret + len, n, more_r);
	len += der_number(ret + len, n + 32, more_s);
	ret[0] = 0x30;
	ret[1] = (uint8_t)(len - 2);
	return len;
}

TEST(the_vectors_of_rfc_6979_hold_and_for_no_other_message)
{
	struct pubkey k = p256();
	uint8_t sig[80];

	for (size_t i = 0; i < COUNT_OF(rfc_6979); i++) {
		const char *m = rfc_6979[i].message, *other = rfc_6979[1 - i].message;
		size_t len = der(sig, rfc_6979[i].r_and_s, 0, 0);

		check_ok(pubkey_check(&k, sig, len, m, strlen(m), &e));
		check_code(pubkey_check(&k, sig, len, other, strlen(other), &e), E_MISMATCH);
		check_code(pubkey_check(&k, sig, len, m, strlen(m) - 1, &e), E_MISMATCH);
		for (size_t bit = 0; bit < 8 * len; bit++) {
			sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
			check_code(pubkey_check(&k, sig, len, m, strlen(m), &e), E_MISMATCH);
			sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
	error_clear(&e);
}

static unsigned wycheproof_one(const json_t *group, const json_t *test)
{
	uint8_t point_bytes[VECTOR_BYTES_MAX], message[VECTOR_BYTES_MAX], sig[VECTOR_BYTES_MAX];
	const json_t *key = json_object_get(group, "publicKey");
	size_t len = vector_hex(test, "msg", message), sig_len;
	struct pubkey k;
	int code;

	if (json_string_length(json_object_get(test, "sig")) > 2 * VECTOR_BYTES_MAX)
		return 0;
	sig_len = vector_hex(test, "sig", sig);
	check(vector_hex(key, "uncompressed", point_bytes) == 65);
	check_ok(pubkey_p256(&k, point_bytes + 1, &e));
	code = pubkey_check(&k, sig, sig_len, message, len, &e);
	if (code != (vector_valid(test) ? 0 : E_MISMATCH))
		fail_msg("test %d: code %d", (int)json_integer_value(json_object_get(test, "tcId")), code);
	error_clear(&e);
	return 1;
}

TEST(every_signature_of_wycheproof_is_judged_as_published)
{
	check(wycheproof("ecdsa_secp256r1_sha256_test.json", wycheproof_one) >= 480);
}

TEST(a_signature_of_ecdsa_has_one_spelling_in_der)
{
	struct pubkey k = p256();
	uint8_t sig[80], longer[80];
	size_t len = der(sig, rfc_6979[1].r_and_s, 0, 0), r;

	check_ok(pubkey_check(&k, sig, len, "test", 4, &e));
	for (size_t i = 1; i <= 3; i++) /* zeros before numbers that need none */
		check_code(pubkey_check(&k, longer, der(longer, rfc_6979[1].r_and_s, i & 1, i >> 1),
					"test", 4, &e), E_MISMATCH);
	sig[len] = 0; /* a byte behind it, outside and inside of the sequence */
	check_code(pubkey_check(&k, sig, len + 1, "test", 4, &e), E_MISMATCH);
	sig[1]++;
	check_code(pubkey_check(&k, sig, len + 1, "test", 4, &e), E_MISMATCH);
	sig[1]--;
	check_code(pubkey_check(&k, sig, len - 1, "test", 4, &e), E_MISMATCH);
	/* The length in its long form. */
	longer[0] = 0x30;
	longer[1] = 0x81;
	memcpy(longer + 2, sig + 1, len - 1);
	check_code(pubkey_check(&k, longer, len + 1, "test", 4, &e), E_MISMATCH);
	/* r without its zero byte is a negative number. */
	r = sig[3];
	check(r == 33 && sig[4] == 0);
	memcpy(longer, sig, len);
	memmove(longer + 4, longer + 5, len - 5);
	longer[1]--;
	longer[3]--;
	check_code(pubkey_check(&k, longer, len - 1, "test", 4, &e), E_MISMATCH);
	check_code(pubkey_check(&k, sig, 0, "test", 4, &e), E_MISMATCH);
	memset(longer, 0, sizeof(longer));
	check_code(pubkey_check(&k, longer, PUBKEY_SIGNATURE_MAX + 1, "test", 4, &e), E_MISMATCH);
	/* Both bare: what a card gives is no DER. */
	check_ok(hex_decode(longer, 64, rfc_6979[1].r_and_s, &e));
	check_code(pubkey_check(&k, longer, 64, "test", 4, &e), E_MISMATCH);
	error_clear(&e);
}

TEST(zero_and_the_order_of_the_curve_sign_nothing)
{
	static const char *const numbers[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
	};
	struct pubkey k = p256();
	char both[129];
	uint8_t sig[80];

	for (int i = 0; i < 4; i++) {
		snprintf(both, sizeof(both), "%s%s", numbers[i & 1], numbers[i >> 1]);
		check_code(pubkey_check(&k, sig, der(sig, both, 0, 0), "test", 4, &e), E_MISMATCH);
	}
	error_clear(&e);
}

TEST(ed25519_signs_as_it_does_everywhere_else)
{
	uint8_t seed[SIGN_SEED_LEN] = { 1 }, sig[SIGN_LEN];
	struct pubkey k = ed25519(1), other = ed25519(2);

	check_ok(sign_make(sig, seed, "sample", 6, &e));
	check_ok(pubkey_check(&k, sig, SIGN_LEN, "sample", 6, &e));
	check_code(pubkey_check(&other, sig, SIGN_LEN, "sample", 6, &e), E_MISMATCH);
	check_code(pubkey_check(&k, sig, SIGN_LEN - 1, "sample", 6, &e), E_MISMATCH);
	check_code(pubkey_check(&k, sig, SIGN_LEN, "sample", 5, &e), E_MISMATCH);
	other = p256();
	check_code(pubkey_check(&other, sig, SIGN_LEN, "sample", 6, &e), E_MISMATCH);
	error_clear(&e);
}

TEST(a_key_has_one_spelling)
{
	const struct pubkey keys[] = { ed25519(1), p256() };
	struct pubkey k;

	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		uint8_t bytes[PUBKEY_DER_MAX + 1] = { 0 };

		memcpy(bytes, keys[i].der, keys[i].len);
		check_ok(pubkey_parse(&k, bytes, keys[i].len, &e));
		check(pubkey_equal(&k, &keys[i]) && k.kind == keys[i].kind);
		for (size_t len = 0; len < keys[i].len; len++)
			check_code(pubkey_parse(&k, bytes, len, &e), E_FORMAT);
		check_code(pubkey_parse(&k, bytes, keys[i].len + 1, &e), E_FORMAT);
		for (size_t at = 0; at < (i ? 27 : 12); at++) {
			bytes[at] ^= 1;
			check_code(pubkey_parse(&k, bytes, keys[i].len, &e), E_FORMAT);
			bytes[at] ^= 1;
		}
	}
	error_clear(&e);
	check(!pubkey_equal(&keys[0], &keys[1]));
}

TEST(what_is_not_on_the_curve_is_no_key)
{
	uint8_t bytes[64], zero[64] = { 0 };
	struct pubkey k;

	check_ok(hex_decode(bytes, 64, point, &e));
	bytes[63] ^= 1;
	check_code(pubkey_p256(&k, bytes, &e), E_FORMAT);
	check_code(pubkey_p256(&k, zero, &e), E_FORMAT);
	memset(bytes, 0xff, sizeof(bytes));
	check_code(pubkey_p256(&k, bytes, &e), E_FORMAT);
	error_clear(&e);
}

static int parse_pem(struct pubkey *ret, const char *name, const struct pubkey *k, const char *more)
{
	struct buf *b = NULL;
	int code;

	check_ok(buf_create(&b, 256, &e));
	check_ok(buf_printf(b, &e, "-----BEGIN %s-----\n", name));
	check_ok(base64_put(b, k->der, k->len > 48 ? 48 : k->len, &e));
	check_ok(buf_printf(b, &e, "\n"));
	if (k->len > 48)
		check_ok(base64_put(b, k->der + 48, k->len - 48, &e));
	check_ok(buf_printf(b, &e, "%s-----END %s-----\n%s", k->len > 48 ? "\n" : "", name, more));
	code = pubkey_parse_pem(ret, b->data, b->len, &e);
	buf_destroy(b);
	return code;
}

static void is_written_again(const struct pubkey *k)
{
	scoped(buf) *b = NULL;
	struct pubkey again;

	check_ok(buf_create(&b, 256, &e));
	check_ok(pubkey_put_pem(k, b, &e));
	check_ok(pubkey_parse_pem(&again, b->data, b->len, &e));
	check(pubkey_equal(k, &again));
}

TEST(a_pem_file_holds_a_public_key_and_nothing_else)
{
	const struct pubkey keys[] = { ed25519(1), p256() };
	char *much = calloc(1, PUBKEY_PEM_MAX + 1);
	struct pubkey k;

	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		check_ok(parse_pem(&k, "PUBLIC KEY", &keys[i], ""));
		check(pubkey_equal(&k, &keys[i]));
		is_written_again(&k);
		check_code(parse_pem(&k, "PRIVATE KEY", &keys[i], ""), E_FORMAT);
		check_code(parse_pem(&k, "CERTIFICATE", &keys[i], ""), E_FORMAT);
	}
	check_code(pubkey_parse_pem(&k, "", 0, &e), E_FORMAT);
	check_code(pubkey_parse_pem(&k, "hello\n", 6, &e), E_FORMAT);
	memset(much, '\n', PUBKEY_PEM_MAX + 1);
	check_code(pubkey_parse_pem(&k, much, PUBKEY_PEM_MAX, &e), E_FORMAT);
	check_code(pubkey_parse_pem(&k, much, PUBKEY_PEM_MAX + 1, &e), E_RANGE);
	error_clear(&e);
	free(much);
}

TEST(a_key_is_called_by_the_hash_of_its_der)
{
	struct pubkey k = ed25519(1);
	struct hash id = pubkey_id(&k), is;

	hash_bytes(&is, k.der, 44);
	check(hash_equal(&id, &is));
	assert_string_equal(pubkey_algorithm(&k), "Ed25519");
	k = p256();
	assert_string_equal(pubkey_algorithm(&k), "ECDSA P-256");
}

TEST_MAIN("pubkey")
