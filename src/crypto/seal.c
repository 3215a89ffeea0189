#include "crypto/seal.h"

#include <openssl/evp.h>
#include <pthread.h>

#include "base/buf.h"
#include "base/sys.h"
#include "crypto/fatal.h"

SCOPED(evp_cipher_ctx_st, EVP_CIPHER_CTX_free);

/* GCM counts 2^32 - 2 blocks under one nonce; libcrypto takes an int at a time. */
#define SEAL_LEN_MAX ((UINT64_C(1) << 36) - 32)
enum { PIECE_MAX = 1 << 30 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_CIPHER *cipher;

static void begin_once(void)
{
	cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	if (!cipher)
		fatal("rescind: libcrypto has no AES-256-GCM\n");
}

static bool begin(struct evp_cipher_ctx_st **ret_ctx, const uint8_t *key, const uint8_t *nonce,
		  int sealing)
{
	*ret_ctx = EVP_CIPHER_CTX_new();
	return *ret_ctx && pthread_once(&once, begin_once) == 0 &&
	       EVP_CipherInit_ex2(*ret_ctx, cipher, key, nonce, sealing, NULL) == 1;
}

/* ret NULL: what is only authenticated. */
static bool add(struct evp_cipher_ctx_st *ctx, uint8_t *ret, const uint8_t *from, size_t len_bytes)
{
	while (len_bytes > 0) {
		int piece = len_bytes < PIECE_MAX ? (int)len_bytes : PIECE_MAX, written;

		if (EVP_CipherUpdate(ctx, ret, &written, from, piece) != 1)
			return false;
		from += piece;
		ret = ret ? ret + piece : NULL;
		len_bytes -= (size_t)piece;
	}
	return true;
}

int seal_close(uint8_t *ret, const uint8_t key[SEAL_KEY_LEN], const uint8_t nonce[SEAL_NONCE_LEN],
	       const void *aad, size_t aad_len, const void *plain, size_t len_bytes,
	       struct error *e)
{
	scoped(evp_cipher_ctx_st) *ctx = NULL;
	uint8_t rest[SEAL_TAG_LEN];
	int written;

	if (len_bytes > SEAL_LEN_MAX)
		return error_set(e, E_RANGE, "%zu bytes are too many to seal as one", len_bytes);
	if (!begin(&ctx, key, nonce, 1) || !add(ctx, NULL, aad, aad_len) ||
	    !add(ctx, ret, plain, len_bytes) || EVP_CipherFinal_ex(ctx, rest, &written) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_LEN, ret + len_bytes) != 1)
		return error_set(e, E_MEMORY, "libcrypto did not seal");
	return 0;
}

int seal_open(uint8_t *ret, const uint8_t key[SEAL_KEY_LEN], const uint8_t nonce[SEAL_NONCE_LEN],
	      const void *aad, size_t aad_len, const void *sealed, size_t sealed_len,
	      struct error *e)
{
	scoped(evp_cipher_ctx_st) *ctx = NULL;
	uint8_t tag[SEAL_TAG_LEN], rest[SEAL_TAG_LEN];
	size_t len = sealed_len - SEAL_TAG_LEN;
	int written;

	if (sealed_len < SEAL_TAG_LEN || len > SEAL_LEN_MAX)
		return error_set(e, E_MISMATCH, "nothing sealed has %zu bytes", sealed_len);
	memcpy(tag, (const uint8_t *)sealed + len, SEAL_TAG_LEN);
	if (!begin(&ctx, key, nonce, 0) ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_LEN, tag) != 1)
		return error_set(e, E_MEMORY, "no memory to unseal");
	if (!add(ctx, NULL, aad, aad_len) || !add(ctx, ret, sealed, len) ||
	    EVP_CipherFinal_ex(ctx, rest, &written) != 1) {
		wipe(ret, len);
		return error_set(e, E_MISMATCH, "not sealed with this key, nonce and context");
	}
	return 0;
}

void random_bytes(void *ret, size_t len_bytes)
{
	if (sys->random(ret, len_bytes) != 0)
		fatal("rescind: the system gives no random bytes\n");
}
