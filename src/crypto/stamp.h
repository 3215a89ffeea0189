/*
 * stamp: RFC 3161 time stamps over the SHA-512 of some data, by libcrypto: the question, the
 * answer, and the token in it that is kept. Tokens with another imprint, and those whose
 * signature or signer's name rests on anything but SHA-256, SHA-384 or SHA-512, are refused.
 *
 * What is judged is judged at the token's own time, so that a certificate which has ended since
 * still verifies. No file, no clock and no network is used here.
 */
#ifndef CRYPTO_STAMP_H
#define CRYPTO_STAMP_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	STAMP_DIGEST_LEN = 64,	     /* SHA-512 */
	STAMP_TOKEN_MAX = 64 << 10,  /* bytes; an answer may be 4 kB longer */
	STAMP_ANSWER_MAX = 68 << 10,
	STAMP_CHAIN_MAX = 256 << 10, /* bytes of PEM, of roots or of a chain */
	STAMP_SERIAL_MAX = 72,
	STAMP_POLICY_MAX = 128,
	STAMP_NAME_MAX = 1024
};

/* What a token says. All texts are ASCII and escaped: they can be printed. */
struct stamp {
	uint64_t at_utc_ms;		/* when the authority saw the digest, by its own clock */
	uint64_t until_utc_ms;		/* the end of its certificate */
	char serial[STAMP_SERIAL_MAX];	/* hex, as openssl prints it */
	char policy[STAMP_POLICY_MAX];	/* dotted */
	char signer[STAMP_NAME_MAX];	/* subject of the certificate that signed, RFC 2253 */
};

/* Append a TimeStampReq (DER) for this digest, which asks for the certificate, with a random
 * nonce of 8 bytes. */
must_use int stamp_request(struct buf *out, const uint8_t digest[STAMP_DIGEST_LEN],
			   uint64_t *ret_nonce, struct error *e);

/* The answer to a request, a TimeStampResp (DER): append its token to `token`. Nothing is said of
 * its signature. Errors: E_DENIED, the authority refused, with its words; E_MISMATCH, a token for
 * other data or another nonce; E_RANGE; E_FORMAT. */
must_use int stamp_take(struct buf *token, const void *answer, size_t len_bytes,
			const uint8_t digest[STAMP_DIGEST_LEN], uint64_t nonce, struct error *e);

/* Who is believed: PEM certificates, borrowed for the call. */
struct stamp_trust {
	const void *roots; /* NULL: nobody; then the signature holds by the token's own certificate */
	size_t roots_len;
	const void *chain; /* NULL: none; beside those in the token, not trusted */
	size_t chain_len;
};

/* Does this token (DER, not the answer around it) stamp this digest? Its signer's certificate is one
 * for time stamps alone (critical), in force at the token's time, and leads to one of the roots; a
 * root may be any certificate on the way. On success *ret is what it says.
 * Errors: E_MISMATCH, with the reason; E_RANGE; E_FORMAT, also of roots and chain. */
must_use int stamp_check(struct stamp *ret, const void *token, size_t len_bytes,
			 const uint8_t digest[STAMP_DIGEST_LEN], const struct stamp_trust *t,
			 struct error *e);

/* Append the certificates in the token, in its order, as PEM: kept beside it, they are the chain.
 * Errors: E_RANGE; E_FORMAT. */
must_use int stamp_chain(struct buf *pem, const void *token, size_t len_bytes, struct error *e);

#endif
