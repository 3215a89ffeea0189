/* In place of signer_token.c where p11-kit is missing. */
#include "crypto/signer_token.h"

bool signer_has_pkcs11(void)
{
	return false;
}

int token_open(struct token **ret, struct pubkey *ret_public, const char *uri, const char *secret,
	       struct error *e)
{
	(void)ret;
	(void)ret_public;
	(void)uri;
	(void)secret;
	return error_set(e, E_USAGE,
			 "this program was built without PKCS#11 (libp11-kit-dev): name a PEM file");
}

void token_close(struct token *t)
{
	(void)t;
}

int token_sign(struct token *t, enum pubkey_kind kind, const void *message, size_t len_bytes,
	       uint8_t ret_signature[PUBKEY_SIGNATURE_MAX], size_t *ret_len, struct error *e)
{
	(void)t;
	(void)kind;
	(void)message;
	(void)len_bytes;
	(void)ret_signature;
	(void)ret_len;
	return error_set(e, E_USAGE, "this program was built without PKCS#11");
}
