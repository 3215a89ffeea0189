#include "crypto/mldsa.h"

#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/buf.h"
#include "crypto/sign.h"

#define ALGORITHM "ML-DSA-44"

SCOPED(evp_pkey_st, EVP_PKEY_free);
SCOPED(evp_pkey_ctx_st, EVP_PKEY_CTX_free);
SCOPED(evp_md_ctx_st, EVP_MD_CTX_free);

/* By name, so that headers and libraries of any version 3 will do. */
bool mldsa_is_there(void)
{
	EVP_SIGNATURE *s = EVP_SIGNATURE_fetch(NULL, ALGORITHM, NULL);

	EVP_SIGNATURE_free(s);
	return s != NULL;
}

static int there(struct error *e)
{
	return mldsa_is_there() ? 0 : error_set(e, E_NOT_FOUND, "this libcrypto has no " ALGORITHM);
}

static int secret_key(struct evp_pkey_st **ret_key, const uint8_t seed[MLDSA_SEED_LEN],
		      struct error *e)
{
	scoped(evp_pkey_ctx_st) *ctx = NULL;
	uint8_t copy[MLDSA_SEED_LEN];
	OSSL_PARAM params[2] = { OSSL_PARAM_construct_octet_string("seed", copy, sizeof(copy)),
				 OSSL_PARAM_construct_end() };
	int done;

	if (there(e) < 0)
		return e->code;
	memcpy(copy, seed, sizeof(copy));
	ctx = EVP_PKEY_CTX_new_from_name(NULL, ALGORITHM, NULL);
	done = ctx && EVP_PKEY_fromdata_init(ctx) == 1 &&
	       EVP_PKEY_fromdata(ctx, ret_key, EVP_PKEY_KEYPAIR, params) == 1;
	wipe(copy, sizeof(copy));
	return done ? 0 : error_set(e, E_MEMORY, "no memory for a secret key");
}

int mldsa_public(uint8_t ret_public[MLDSA_PUBLIC_LEN], const uint8_t seed[MLDSA_SEED_LEN],
		 struct error *e)
{
	scoped(evp_pkey_st) *key = NULL;
	size_t len = MLDSA_PUBLIC_LEN;

	if (secret_key(&key, seed, e) < 0)
		return e->code;
	if (EVP_PKEY_get_raw_public_key(key, ret_public, &len) != 1 || len != MLDSA_PUBLIC_LEN)
		return error_set(e, E_MEMORY, "no public key");
	return 0;
}

int mldsa_make(uint8_t ret_signature[MLDSA_LEN], const uint8_t seed[MLDSA_SEED_LEN],
	       const void *message, size_t len_bytes, struct error *e)
{
	scoped(evp_md_ctx_st) *ctx = EVP_MD_CTX_new();
	scoped(evp_pkey_st) *key = NULL;
	uint8_t signature[MLDSA_LEN];
	size_t len = MLDSA_LEN;

	if (secret_key(&key, seed, e) < 0)
		return e->code;
	if (!ctx || EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, key, NULL) != 1 ||
	    EVP_DigestSign(ctx, signature, &len, message, len_bytes) != 1 || len != MLDSA_LEN)
		return error_set(e, E_MEMORY, "libcrypto did not sign");
	memcpy(ret_signature, signature, MLDSA_LEN);
	return 0;
}

int mldsa_check(const uint8_t signature[MLDSA_LEN], const uint8_t public_key[MLDSA_PUBLIC_LEN],
		const void *message, size_t len_bytes, struct error *e)
{
	return there(e) < 0 ? e->code :
			      sign_check_as(ALGORITHM, signature, MLDSA_LEN, public_key,
					    MLDSA_PUBLIC_LEN, message, len_bytes, e);
}
