/*
 * signer_token: a private key behind PKCS#11 (v2.40, and Ed25519 as v3.0 names it), found by an RFC
 * 7512 URI. signer_token.c over p11-kit, or signer_no_token.c where that is missing. For
 * signer.c only.
 */
#ifndef CRYPTO_SIGNER_TOKEN_H
#define CRYPTO_SIGNER_TOKEN_H

#include "crypto/signer.h"

struct token;
/* As signer_open. secret NULL: what the URI gives, else ask. */
must_use int token_open(struct token **ret, struct pubkey *ret_public, const char *uri,
			const char *secret, struct error *e);
void token_close(struct token *t); /* NULL is fine */
SCOPED(token, token_close);
must_use int token_sign(struct token *t, enum pubkey_kind kind, const void *message,
			size_t len_bytes, uint8_t ret_signature[PUBKEY_SIGNATURE_MAX],
			size_t *ret_len, struct error *e);

/* signer.c: r and s of a P-256 signature as DER. */
must_use int signer_p256_der(uint8_t ret[PUBKEY_SIGNATURE_MAX], size_t *ret_len,
			     const uint8_t r_and_s[64], struct error *e);

#endif
