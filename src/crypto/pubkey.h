/*
 * pubkey: public keys of persons, Ed25519 or ECDSA over P-256, as their DER SubjectPublicKeyInfo:
 * one spelling each, 44 bytes or 91 (RFC 8410; RFC 5480 with the named curve and the uncompressed
 * point). P-256 signs SHA-256 of the message; its signature is the DER of ECDSA-Sig-Value, in the
 * one spelling that DER allows. Cards and key services have no more in common.
 */
#ifndef CRYPTO_PUBKEY_H
#define CRYPTO_PUBKEY_H

#include "base/buf.h"
#include "crypto/sign.h"

enum { PUBKEY_DER_MAX = 91, PUBKEY_PEM_MAX = 4096, PUBKEY_SIGNATURE_MAX = 72 };
enum pubkey_kind { PUBKEY_ED25519, PUBKEY_P256 };

struct pubkey {
	enum pubkey_kind kind;
	size_t len;
	uint8_t der[PUBKEY_DER_MAX];
};

/* Errors: E_FORMAT: another algorithm, another spelling, or no point of the curve. */
must_use int pubkey_parse(struct pubkey *ret, const void *der, size_t len_bytes, struct error *e);
/* The first block of a PEM file, a PUBLIC KEY. Errors: E_FORMAT; E_RANGE, beyond PUBKEY_PEM_MAX. */
must_use int pubkey_parse_pem(struct pubkey *ret, const void *pem, size_t len_bytes,
			      struct error *e);
/* Append it as openssl writes it. */
must_use int pubkey_put_pem(const struct pubkey *k, struct buf *b, struct error *e);
void pubkey_ed25519(struct pubkey *ret, const uint8_t public_key[SIGN_PUBLIC_LEN]);
/* E_FORMAT: no point of the curve. */
must_use int pubkey_p256(struct pubkey *ret, const uint8_t x_and_y[64], struct error *e);

bool pubkey_equal(const struct pubkey *a, const struct pubkey *b);
/* SHA-256 of the DER; in hex what a sign-off calls its keyid. */
struct hash pubkey_id(const struct pubkey *k);
const char *pubkey_algorithm(const struct pubkey *k); /* "Ed25519" or "ECDSA P-256" */

/* E_MISMATCH when the signature does not hold, or is spelled otherwise. */
must_use int pubkey_check(const struct pubkey *k, const void *signature, size_t signature_len,
			  const void *message, size_t len_bytes, struct error *e);

#endif
