/*
 * stamp_world: an authority that says what it is told to say, for tests. Parties and tokens are made
 * with libcrypto; a call that fails ends the test.
 */
#ifndef CRYPTO_STAMP_WORLD_H
#define CRYPTO_STAMP_WORLD_H

#include <openssl/cms.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>
#include <stdbool.h>

#include "crypto/stamp.h"

struct party {
	EVP_PKEY *key;
	X509 *certificate;
};

/* root signs between, between signs authority: made at the first stamp_world_begin. Tokens are of
 * one text with this digest, of 2026-03-01T12:00:00Z. */
extern struct party root, between, authority;
extern uint8_t digest[STAMP_DIGEST_LEN];
void stamp_world_begin(void);
void stamp_world_end(void);

struct wish {
	const char *name, *usage; /* usage NULL: it signs certificates; "": none is said */
	const char *from, *until; /* NULL: 2025, 2030 */
	const EVP_MD *md;
	int times; /* the name, one more often */
};
struct party party_made(const struct wish *w, const struct party *by); /* by NULL: itself */
void party_end(struct party *p);
struct buf *pem_of(const struct party *const *parties, size_t count);

/* What a token says. What is not said is the truth. */
struct saying {
	const char *at, *policy;
	const struct party *signer;
	const EVP_MD *md, *naming; /* of signature, and of the signer's certificate */
	const uint8_t *imprint;
	uint64_t nonce;
	long version;
	int algorithm, imprint_len, serial_len, at_len, cms_flags;
	bool unnamed, old_naming, other_tsa, critical, second_signer;
};
struct buf *token_made(const struct saying *s);
/* The answer with this token in it. */
struct buf *answer_made(const struct buf *token, int status);
/* What libcrypto's own authority says to something that is no question. */
struct buf *refusal_made(void);
struct buf *buf_made(void);

#endif
