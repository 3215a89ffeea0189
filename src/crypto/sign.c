#include "crypto/sign.h"

#include <openssl/evp.h>

SCOPED(evp_pkey_st, EVP_PKEY_free);
SCOPED(evp_md_ctx_st, EVP_MD_CTX_free);

static int secret_key(struct evp_pkey_st **ret_key, const uint8_t seed[SIGN_SEED_LEN],
		      struct error *e)
{
	*ret_key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SIGN_SEED_LEN);
	return *ret_key ? 0 : error_set(e, E_MEMORY, "no memory for a secret key");
}

int sign_public(uint8_t ret_public[SIGN_PUBLIC_LEN], const uint8_t seed[SIGN_SEED_LEN],
		struct error *e)
{
	scoped(evp_pkey_st) *key = NULL;
	size_t len = SIGN_PUBLIC_LEN;
	int code = secret_key(&key, seed, e);

	if (code < 0)
		return code;
	if (EVP_PKEY_get_raw_public_key(key, ret_public, &len) != 1)
		return error_set(e, E_MEMORY, "no public key");
	return 0;
}

int sign_make(uint8_t ret_signature[SIGN_LEN], const uint8_t seed[SIGN_SEED_LEN],
	      const void *message, size_t len_bytes, struct error *e)
{
	scoped(evp_pkey_st) *key = NULL;
	scoped(evp_md_ctx_st) *ctx = EVP_MD_CTX_new();
	uint8_t signature[SIGN_LEN];
	size_t len = SIGN_LEN;
	int code = secret_key(&key, seed, e);

	if (code < 0)
		return code;
	if (!ctx || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) != 1 ||
	    EVP_DigestSign(ctx, signature, &len, message, len_bytes) != 1 || len != SIGN_LEN)
		return error_set(e, E_MEMORY, "libcrypto did not sign");
	memcpy(ret_signature, signature, SIGN_LEN);
	return 0;
}

int sign_check(const uint8_t signature[SIGN_LEN], const uint8_t public_key[SIGN_PUBLIC_LEN],
	       const void *message, size_t len_bytes, struct error *e)
{
	return sign_check_as("ED25519", signature, SIGN_LEN, public_key, SIGN_PUBLIC_LEN, message,
			     len_bytes, e);
}

int sign_check_as(const char *algorithm, const uint8_t *signature, size_t signature_len,
		  const uint8_t *public_key, size_t public_len, const void *message,
		  size_t len_bytes, struct error *e)
{
	scoped(evp_md_ctx_st) *ctx = EVP_MD_CTX_new();
	scoped(evp_pkey_st) *key =
		EVP_PKEY_new_raw_public_key_ex(NULL, algorithm, NULL, public_key, public_len);

	if (!ctx || !key || EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, key, NULL) != 1)
		return error_set(e, E_MEMORY, "no memory to check a signature");
	if (EVP_DigestVerify(ctx, signature, signature_len, message, len_bytes) != 1)
		return error_set(e, E_MISMATCH, "signature does not hold");
	return 0;
}
