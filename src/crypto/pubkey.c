#include "crypto/pubkey.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/text.h"

SCOPED(evp_pkey_st, EVP_PKEY_free);
SCOPED(evp_md_ctx_st, EVP_MD_CTX_free);
SCOPED(bio_st, BIO_free_all);

/* What the DER begins with; the rest is the key: 32 bytes, or 0x04 and both coordinates. */
static const uint8_t ed25519_head[12] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70,
					  0x03, 0x21, 0x00 };
static const uint8_t p256_head[27] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
				       0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
				       0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04 };
enum { ED25519_DER_LEN = sizeof(ed25519_head) + SIGN_PUBLIC_LEN,
       P256_DER_LEN = sizeof(p256_head) + 64 };
_Static_assert((int)P256_DER_LEN == (int)PUBKEY_DER_MAX, "the longer one");

void pubkey_ed25519(struct pubkey *ret, const uint8_t public_key[SIGN_PUBLIC_LEN])
{
	memset(ret, 0, sizeof(*ret));
	ret->kind = PUBKEY_ED25519;
	ret->len = ED25519_DER_LEN;
	memcpy(ret->der, ed25519_head, sizeof(ed25519_head));
	memcpy(ret->der + sizeof(ed25519_head), public_key, SIGN_PUBLIC_LEN);
}

static bool begins(const void *der, size_t len, const uint8_t *head, size_t head_len,
		   size_t want_len)
{
	return len == want_len && memcmp(der, head, head_len) == 0;
}

/* libcrypto refuses a point that is not on the curve. */
static int loaded(struct evp_pkey_st **ret, const struct pubkey *k, struct error *e)
{
	const uint8_t *at = k->der;

	*ret = d2i_PUBKEY(NULL, &at, (long)k->len);
	return *ret ? 0 : error_set(e, E_FORMAT, "a public key that is no point of its curve");
}

int pubkey_parse(struct pubkey *ret, const void *der, size_t len_bytes, struct error *e)
{
	scoped(evp_pkey_st) *key = NULL;
	struct pubkey k = { .len = len_bytes };

	if (begins(der, len_bytes, ed25519_head, sizeof(ed25519_head), ED25519_DER_LEN))
		k.kind = PUBKEY_ED25519;
	else if (begins(der, len_bytes, p256_head, sizeof(p256_head), P256_DER_LEN))
		k.kind = PUBKEY_P256;
	else
		return error_set(e, E_FORMAT,
				 "not a public key of Ed25519 or of ECDSA P-256 (uncompressed)");
	memcpy(k.der, der, len_bytes);
	if (loaded(&key, &k, e) < 0)
		return e->code;
	*ret = k;
	return 0;
}

int pubkey_p256(struct pubkey *ret, const uint8_t x_and_y[64], struct error *e)
{
	uint8_t der[P256_DER_LEN];

	memcpy(der, p256_head, sizeof(p256_head));
	memcpy(der + sizeof(p256_head), x_and_y, 64);
	return pubkey_parse(ret, der, sizeof(der), e);
}

int pubkey_parse_pem(struct pubkey *ret, const void *pem, size_t len_bytes, struct error *e)
{
	scoped(bio_st) *bio = NULL;
	char *name = NULL, *header = NULL;
	uint8_t *der = NULL;
	long len = 0;
	int code;

	if (len_bytes > PUBKEY_PEM_MAX)
		return error_set(e, E_RANGE, "a public key of more than %d bytes", PUBKEY_PEM_MAX);
	bio = BIO_new_mem_buf(pem, (int)len_bytes);
	if (!bio)
		return error_set(e, E_MEMORY, "no memory for a public key");
	if (PEM_read_bio(bio, &name, &header, &der, &len) != 1)
		return error_set(e, E_FORMAT, "no PEM");
	if (strcmp(name, PEM_STRING_PUBLIC) != 0)
		code = error_set(e, E_FORMAT, "no PUBLIC KEY, but another kind of PEM");
	else
		code = pubkey_parse(ret, der, (size_t)len, e);
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_clear_free(der, (size_t)len);
	return code;
}

int pubkey_put_pem(const struct pubkey *k, struct buf *b, struct error *e)
{
	if (buf_printf(b, e, "-----BEGIN PUBLIC KEY-----\n") < 0)
		return e->code;
	for (size_t at = 0; at < k->len; at += 48) /* lines of 64 */
		if (base64_put(b, k->der + at, k->len - at < 48 ? k->len - at : 48, e) < 0 ||
		    buf_printf(b, e, "\n") < 0)
			return e->code;
	return buf_printf(b, e, "-----END PUBLIC KEY-----\n");
}

bool pubkey_equal(const struct pubkey *a, const struct pubkey *b)
{
	return a->len == b->len && memcmp(a->der, b->der, a->len) == 0;
}

struct hash pubkey_id(const struct pubkey *k)
{
	struct hash h;

	hash_bytes(&h, k->der, k->len);
	return h;
}

const char *pubkey_algorithm(const struct pubkey *k)
{
	return k->kind == PUBKEY_ED25519 ? "Ed25519" : "ECDSA P-256";
}

int pubkey_check(const struct pubkey *k, const void *signature, size_t signature_len,
		 const void *message, size_t len_bytes, struct error *e)
{
	scoped(evp_md_ctx_st) *ctx = EVP_MD_CTX_new();
	scoped(evp_pkey_st) *key = NULL;

	if (signature_len > PUBKEY_SIGNATURE_MAX)
		return error_set(e, E_MISMATCH, "signature does not hold");
	if (loaded(&key, k, e) < 0)
		return e->code;
	if (!ctx || EVP_DigestVerifyInit(ctx, NULL, k->kind == PUBKEY_P256 ? EVP_sha256() : NULL,
					 NULL, key) != 1)
		return error_set(e, E_MEMORY, "no memory to check a signature");
	/* libcrypto encodes what it decoded once more: another spelling of DER is no signature. */
	if (EVP_DigestVerify(ctx, signature, signature_len, message, len_bytes) != 1)
		return error_set(e, E_MISMATCH, "signature does not hold");
	return 0;
}
