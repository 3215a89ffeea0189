#include "crypto/signer.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/file.h"
#include "base/test.h"

static struct error e;

/* A fresh key as a PEM file; secret NULL: open. Lent. */
static const char *pem_of(EVP_PKEY *key, const char *secret)
{
	static char path[PATH_LEN_MAX];
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes;
	long len;

	check(key && bio);
	check(PEM_write_bio_PKCS8PrivateKey(bio, key, secret ? EVP_aes_256_cbc() : NULL, secret,
					    secret ? (int)strlen(secret) : 0, NULL, NULL) == 1);
	len = BIO_get_mem_data(bio, &bytes);
	check_ok(path_join(path, test_folder(), "key.pem", &e));
	check_ok(file_write(path, bytes, (size_t)len, 0600, &e));
	BIO_free(bio);
	EVP_PKEY_free(key);
	return path;
}

static EVP_PKEY *ec(const char *curve)
{
	return EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);
}

static void signs(struct signer *s, enum pubkey_kind kind)
{
	uint8_t signature[PUBKEY_SIGNATURE_MAX];
	size_t len = 0;

	check(signer_public(s)->kind == kind);
	for (size_t message_len = 0; message_len < 200; message_len += 50) {
		char message[200] = { 1 };

		check_ok(signer_sign(s, message, message_len, signature, &len, &e));
		check_ok(pubkey_check(signer_public(s), signature, len, message, message_len, &e));
	}
}

TEST(a_pem_file_signs_with_either_kind_of_key)
{
	struct signer *s = NULL;

	check_ok(signer_open(&s, pem_of(ec("P-256"), NULL), NULL, &e));
	signs(s, PUBKEY_P256);
	signer_close(s);
	check_ok(signer_open(&s, pem_of(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), NULL), NULL, &e));
	signs(s, PUBKEY_ED25519);
	signer_close(s);
}

TEST(a_role_key_signs)
{
	uint8_t seed[SIGN_SEED_LEN] = { 7 };
	struct signer *s = NULL;

	check_ok(signer_from_seed(&s, seed, &e));
	signs(s, PUBKEY_ED25519);
	signer_close(s);
}

TEST(a_passphrase_opens_a_file_and_another_does_not)
{
	const char *path = pem_of(ec("P-256"), "correct horse");
	char longest[SIGNER_SECRET_MAX + 2];
	struct signer *s = NULL;

	check_code(signer_open(&s, path, "correct hors", &e), E_MISMATCH);
	check_code(signer_open(&s, path, "", &e), E_MISMATCH);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	check_code(signer_open(&s, path, longest, &e), E_RANGE);
	check_code(signer_open(&s, path, longest + 1, &e), E_MISMATCH);
	check(strstr(e.text, "passphrase"));
	check(!s);
	error_clear(&e);
	check_ok(signer_open(&s, path, "correct horse", &e));
	signs(s, PUBKEY_P256);
	signer_close(s);
}

TEST(keys_of_other_kinds_are_refused)
{
	struct signer *s = NULL;

	check_code(signer_open(&s, pem_of(ec("P-384"), NULL), NULL, &e), E_FORMAT);
	check_code(signer_open(&s, pem_of(ec("secp256k1"), NULL), NULL, &e), E_FORMAT);
	check_code(signer_open(&s, pem_of(EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), NULL), NULL, &e),
		   E_FORMAT);
	check_code(signer_open(&s, pem_of(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048), NULL),
			       NULL, &e), E_FORMAT);
	check(!s);
	error_clear(&e);
}

TEST(what_is_no_key_is_refused)
{
	char path[PATH_LEN_MAX], *much = calloc(1, SIGNER_PEM_MAX + 1);
	struct signer *s = NULL;

	check_ok(path_join(path, test_folder(), "none.pem", &e));
	check_code(signer_open(&s, path, NULL, &e), E_NOT_FOUND);
	error_clear(&e);
	check_ok(file_write(path, "hello\n", 6, 0600, &e));
	check_code(signer_open(&s, path, NULL, &e), E_FORMAT);
	error_clear(&e);
	check_ok(file_write(path, much, SIGNER_PEM_MAX, 0600, &e));
	check_code(signer_open(&s, path, NULL, &e), E_FORMAT);
	error_clear(&e);
	check_ok(file_write(path, much, SIGNER_PEM_MAX + 1, 0600, &e));
	check_code(signer_open(&s, path, NULL, &e), E_RANGE);
	error_clear(&e);
	check(!s);
	free(much);
}

TEST(an_uri_that_names_no_token_opens_nothing)
{
	static const char *const no_uris[] = { "pkcs11:token", "pkcs11:token=%zz", "pkcs11:color=red",
					       "pkcs11:a b", "pkcs11:?pin-value" };
	struct signer *s = NULL;

	for (size_t i = 0; i < COUNT_OF(no_uris); i++)
		check_code(signer_open(&s, no_uris[i], "1234", &e), E_USAGE);
	if (signer_has_pkcs11())
		check_code(signer_open(&s, "pkcs11:token=t?module-path=/nonexistent.so", "1234", &e),
			   E_NOT_FOUND);
	check(!s);
	error_clear(&e);
}

TEST_MAIN("signer")
