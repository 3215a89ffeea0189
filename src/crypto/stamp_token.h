/*
 * stamp_token: a token taken apart, between stamp.c and stamp_check.c alone. Nothing of it is
 * believed here.
 */
#ifndef CRYPTO_STAMP_TOKEN_H
#define CRYPTO_STAMP_TOKEN_H

#include <openssl/ts.h>

#include "base/own.h"
#include "crypto/stamp.h"

struct stamp_token {
	PKCS7 *signed_data;
	TS_TST_INFO *info;
};

/* Errors: E_RANGE; E_FORMAT, not one token and nothing more. */
must_use int stamp_token_read(struct stamp_token **ret, const void *bytes, size_t len_bytes,
			      struct error *e);
void stamp_token_destroy(struct stamp_token *t); /* NULL is fine */
SCOPED(stamp_token, stamp_token_destroy);

/* Is it of this digest? E_MISMATCH. */
must_use int stamp_token_imprint(const struct stamp_token *t,
				 const uint8_t digest[STAMP_DIGEST_LEN], struct error *e);

#endif
