/*
 * signer: a private key of a person, Ed25519 or ECDSA P-256: in a PEM file, or inside a card, a
 * module or a key service that speaks PKCS#11 and never gives it away. Whoever only checks needs none
 * of this. A handle belongs to one thread; its secrets are wiped when it is closed.
 */
#ifndef CRYPTO_SIGNER_H
#define CRYPTO_SIGNER_H

#include "base/buf.h"
#include "crypto/pubkey.h"

enum { SIGNER_PEM_MAX = 65536, SIGNER_SECRET_MAX = 1024 };

struct signer;
void signer_close(struct signer *s); /* NULL is fine */
SCOPED(signer, signer_close);

must_use int signer_from_seed(struct signer **ret, const uint8_t seed[SIGN_SEED_LEN],
			      struct error *e);
/* key: a path of a PEM file (PKCS#8, or what openssl made of an EC key; maybe encrypted), or a URI
 * of RFC 7512: pkcs11:token=..;object=.. (or id), with pin-value, pin-source (a path or file: URI) and
 * module-path understood; without module-path all modules that p11-kit knows are asked.
 * secret: the passphrase or PIN; NULL: where one is needed, and the URI gives none, the person is
 * asked on the terminal. Errors: E_NOT_FOUND; E_FORMAT, no key of these two kinds; E_DENIED, the passphrase or
 * PIN is wrong or none was given; E_CONFLICT, several keys match; E_USAGE, no such URI, or this
 * program was built without PKCS#11; E_IO, the module failed. */
must_use int signer_open(struct signer **ret, const char *key, const char *secret,
			 struct error *e);
bool signer_has_pkcs11(void);

const struct pubkey *signer_public(const struct signer *s);
/* The signature was checked with the public key before it is given. Errors: E_IO, the module failed or
 * signed something else; E_DENIED, it refuses. */
must_use int signer_sign(struct signer *s, const void *message, size_t len_bytes,
			 uint8_t ret_signature[PUBKEY_SIGNATURE_MAX], size_t *ret_len,
			 struct error *e);

#endif
