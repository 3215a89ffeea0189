#include "crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/text.h"
#include "crypto/fatal.h"

struct hasher {
	EVP_MD_CTX *ctx;
};

/* Fetching an algorithm and making a context cost more than hashing 65 bytes: the first
 * is done once, the second once per thread. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_end;
static EVP_MD *sha256, *sha512;
static _Thread_local EVP_MD_CTX *thread_ctx;

static void need(int ok)
{
	if (ok != 1)
		fatal("rescind: libcrypto cannot hash\n");
}

static void thread_done(void *ctx)
{
	EVP_MD_CTX_free(ctx);
	thread_ctx = NULL;
}

static void begin_once(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	sha512 = EVP_MD_fetch(NULL, "SHA512", NULL);
	need(sha256 && sha512 && pthread_key_create(&thread_end, thread_done) == 0);
}

static EVP_MD_CTX *thread_begin(void)
{
	if (!thread_ctx) {
		need(pthread_once(&once, begin_once) == 0);
		thread_ctx = EVP_MD_CTX_new();
		need(thread_ctx && pthread_setspecific(thread_end, thread_ctx) == 0);
	}
	need(EVP_DigestInit_ex2(thread_ctx, sha256, NULL));
	return thread_ctx;
}

void hash_bytes(struct hash *ret, const void *bytes, size_t len_bytes)
{
	EVP_MD_CTX *ctx = thread_begin();

	need(EVP_DigestUpdate(ctx, bytes, len_bytes));
	need(EVP_DigestFinal_ex(ctx, ret->b, NULL));
}

void hash_pieces(struct hash *ret, const struct hash_piece *pieces, size_t count)
{
	EVP_MD_CTX *ctx = thread_begin();

	for (size_t i = 0; i < count; i++)
		need(EVP_DigestUpdate(ctx, pieces[i].bytes, pieces[i].len_bytes));
	need(EVP_DigestFinal_ex(ctx, ret->b, NULL));
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
