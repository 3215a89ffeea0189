#include "crypto/signer.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/file.h"
#include "crypto/signer_token.h"

SCOPED(evp_md_ctx_st, EVP_MD_CTX_free);
SCOPED(bio_st, BIO_free_all);
SCOPED(ECDSA_SIG_st, ECDSA_SIG_free);

/* One of the two. */
struct signer {
	struct pubkey public_key;
	struct evp_pkey_st *key;
	struct token *token;
};

void signer_close(struct signer *s)
{
	if (!s)
		return;
	EVP_PKEY_free(s->key);
	token_close(s->token);
	free(s);
}

static int create(struct signer **ret, struct error *e)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : error_set(e, E_MEMORY, "no memory for a key");
}

int signer_from_seed(struct signer **ret, const uint8_t seed[SIGN_SEED_LEN], struct error *e)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	scoped(signer) *s = NULL;

	if (create(&s, e) < 0 || sign_public(public_key, seed, e) < 0)
		return e->code;
	pubkey_ed25519(&s->public_key, public_key);
	s->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SIGN_SEED_LEN);
	if (!s->key)
		return error_set(e, E_MEMORY, "no memory for a key");
	*ret = give(s);
	return 0;
}

/* ---- a PEM file ---- */

static int passphrase(char *ret, int cap, int writing, void *secret)
{
	size_t len = strlen(secret);

	(void)writing;
	if (cap < 0 || len > (size_t)cap)
		return -1;
	memcpy(ret, secret, len);
	return (int)len;
}

static int public_of(struct signer *s, struct error *e)
{
	uint8_t *der = NULL;
	int len = i2d_PUBKEY(s->key, &der), code;

	if (len <= 0)
		return error_set(e, E_FORMAT, "a private key without a public one");
	code = pubkey_parse(&s->public_key, der, (size_t)len, e);
	OPENSSL_free(der);
	return code;
}

static int pem_open(struct signer *s, const struct buf *pem, const char *secret, struct error *e)
{
	bool sealed = strstr(buf_text(pem), "ENCRYPTED") != NULL;
	char given[SIGNER_SECRET_MAX + 1];
	scoped(bio_st) *bio = BIO_new_mem_buf(pem->data, (int)pem->len);

	if (!bio)
		return error_set(e, E_MEMORY, "no memory for a key");
	snprintf(given, sizeof(given), "%s", secret ? secret : "");
	/* Without a callback libcrypto asks on the terminal. */
	s->key = PEM_read_bio_PrivateKey(bio, NULL, secret ? passphrase : NULL,
					 secret ? given : NULL);
	wipe(given, sizeof(given));
	if (s->key)
		return public_of(s, e);
	return sealed ? error_set(e, E_MISMATCH, "it does not open with this passphrase") :
			error_set(e, E_FORMAT, "no private key in PEM");
}

int signer_open(struct signer **ret, const char *key, const char *secret, struct error *e)
{
	scoped(signer) *s = NULL;
	scoped(buf) *pem = NULL;

	if (secret && strlen(secret) > SIGNER_SECRET_MAX)
		return error_set(e, E_RANGE, "a passphrase or PIN of more than %d bytes",
				 SIGNER_SECRET_MAX);
	if (create(&s, e) < 0)
		return e->code;
	if (strncmp(key, "pkcs11:", 7) == 0) {
		if (token_open(&s->token, &s->public_key, key, secret, e) < 0)
			return e->code;
	} else if (file_read(key, SIGNER_PEM_MAX, &pem, e) < 0) {
		return e->code;
	} else if (pem_open(s, pem, secret, e) < 0) {
		return error_wrap(e, "%s", key);
	}
	*ret = give(s);
	return 0;
}

const struct pubkey *signer_public(const struct signer *s)
{
	return &s->public_key;
}

/* ---- signing ---- */

int signer_p256_der(uint8_t ret[PUBKEY_SIGNATURE_MAX], size_t *ret_len, const uint8_t r_and_s[64],
		    struct error *e)
{
	scoped(ECDSA_SIG_st) *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(r_and_s, 32, NULL), *s = BN_bin2bn(r_and_s + 32, 32, NULL);
	uint8_t *at = ret;

	if (!sig || !r || !s || ECDSA_SIG_set0(sig, r, s) != 1) {
		BN_free(r);
		BN_free(s);
		return error_set(e, E_MEMORY, "no memory for a signature");
	}
	/* Two numbers of 32 bytes take 72 bytes at most. */
	*ret_len = (size_t)i2d_ECDSA_SIG(sig, &at);
	return 0;
}

static int own_sign(const struct signer *s, const void *message, size_t len_bytes,
		    uint8_t ret_signature[PUBKEY_SIGNATURE_MAX], size_t *ret_len, struct error *e)
{
	scoped(evp_md_ctx_st) *ctx = EVP_MD_CTX_new();
	const EVP_MD *md = s->public_key.kind == PUBKEY_P256 ? EVP_sha256() : NULL;

	*ret_len = PUBKEY_SIGNATURE_MAX;
	if (!ctx || EVP_DigestSignInit(ctx, NULL, md, NULL, s->key) != 1 ||
	    EVP_DigestSign(ctx, ret_signature, ret_len, message, len_bytes) != 1)
		return error_set(e, E_MEMORY, "libcrypto did not sign");
	return 0;
}

int signer_sign(struct signer *s, const void *message, size_t len_bytes,
		uint8_t ret_signature[PUBKEY_SIGNATURE_MAX], size_t *ret_len, struct error *e)
{
	uint8_t signature[PUBKEY_SIGNATURE_MAX];
	size_t len = 0;

	if ((s->token ? token_sign(s->token, s->public_key.kind, message, len_bytes, signature,
				   &len, e) :
			own_sign(s, message, len_bytes, signature, &len, e)) < 0)
		return e->code;
	if (pubkey_check(&s->public_key, signature, len, message, len_bytes, e) < 0)
		return e->code == E_MISMATCH ?
			       error_set(e, E_IO, "what was signed does not hold for the public key") :
			       e->code;
	memcpy(ret_signature, signature, len);
	*ret_len = len;
	return 0;
}
