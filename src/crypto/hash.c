#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/text.h"
#include "crypto/fatal.h"

struct hasher {
	EVP_MD_CTX *ctx;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_MD *sha256, *sha512;

static void need(int ok)
{
	if (ok != 1)
		fatal("rescind: libcrypto cannot hash\n");
}

static void begin_once(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	sha512 = EVP_MD_fetch(NULL, "SHA512", NULL);
	need(sha256 && sha512);
}

/* Trees and sets hash tens of millions of messages of 32 to 97 bytes. libcrypto's SHA256_ calls
 * keep their state on the stack and take 0.68 to 0.83 of the time of the best that EVP gives
 * (bench/hash.c); they are deprecated, and used here alone. */
void hash_bytes(struct hash *ret, const void *bytes, size_t len_bytes)
{
	SHA256_CTX ctx;

	need(SHA256_Init(&ctx) & SHA256_Update(&ctx, bytes, len_bytes) & SHA256_Final(ret->b, &ctx));
}

void hash_pieces(struct hash *ret, const struct hash_piece *pieces, size_t count)
{
	SHA256_CTX ctx;

	need(SHA256_Init(&ctx));
	for (size_t i = 0; i < count; i++)
		need(SHA256_Update(&ctx, pieces[i].bytes, pieces[i].len_bytes));
	need(SHA256_Final(ret->b, &ctx));
}

int hasher_create(struct hasher **ret, struct error *e)
{
	scoped(hasher) *h = calloc(1, sizeof(*h));

	need(pthread_once(&once, begin_once) == 0);
	if (!h || !(h->ctx = EVP_MD_CTX_new()) || !EVP_DigestInit_ex2(h->ctx, sha256, NULL))
		return error_set(e, E_MEMORY, "no memory to hash");
	*ret = give(h);
	return 0;
}

void hasher_add(struct hasher *h, const void *bytes, size_t len_bytes)
{
	need(EVP_DigestUpdate(h->ctx, bytes, len_bytes));
}

void hasher_end(struct hasher *h, struct hash *ret)
{
	need(EVP_DigestFinal_ex(h->ctx, ret->b, NULL));
	need(EVP_DigestInit_ex2(h->ctx, sha256, NULL));
}

void hasher_destroy(struct hasher *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void hash512_bytes(uint8_t ret[64], const void *bytes, size_t len_bytes)
{
	need(pthread_once(&once, begin_once) == 0);
	need(EVP_Digest(bytes, len_bytes, ret, NULL, sha512, NULL));
}

void hmac_bytes(struct hash *ret, const uint8_t *key, size_t key_len, const void *bytes,
		size_t len_bytes)
{
	static const uint8_t none[1];
	size_t len;

	/* libcrypto takes NULL for "no key given". */
	need(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key_len ? key : none, key_len,
		       len_bytes ? bytes : none, len_bytes, ret->b, sizeof(ret->b), &len) != NULL);
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
	return CRYPTO_memcmp(a->b, b->b, HASH_LEN) == 0;
}

int hash_compare(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, HASH_LEN);
}

struct hash_hex hash_hex(const struct hash *h)
{
	struct hash_hex hex;

	hex_encode(hex.s, h->b, HASH_LEN);
	return hex;
}

int hash_from_hex(struct hash *ret, const char *text, struct error *e)
{
	struct hash h;

	if (hex_decode(h.b, HASH_LEN, text, e) < 0)
		return error_wrap(e, "not a SHA-256 hash");
	*ret = h;
	return 0;
}
