/* An answer, or a token with the PEM of roots and chain behind it. What is taken from an answer reads
 * as a token; what a token says can be printed; and whom roots have is believed without them too. */
#include <stdlib.h>

#include "crypto/hash.h"
#include "crypto/stamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void need_text(const char *s, size_t size)
{
	if (!memchr(s, 0, size))
		abort();
	for (; *s; s++)
		if (*s < 0x20 || *s == 0x7f)
			abort();
}

static void take(const uint8_t digest[STAMP_DIGEST_LEN], const uint8_t *bytes, size_t len)
{
	scoped(buf) *token = NULL, *pem = NULL;
	struct error e = { 0 };

	if (buf_create(&token, 0, &e) < 0 || buf_create(&pem, 0, &e) < 0)
		abort();
	if (stamp_take(token, bytes, len, digest, 77, &e) == 0 &&
	    stamp_chain(pem, token->data, token->len, &e) < 0)
		abort();
}

static void judge(const uint8_t digest[STAMP_DIGEST_LEN], const uint8_t *bytes, size_t len)
{
	const uint8_t *pem = memmem(bytes, len, "-----BEGIN", 10);
	size_t token_len = pem ? (size_t)(pem - bytes) : len;
	struct stamp_trust t = { .chain = pem, .chain_len = len - token_len };
	struct stamp said = { 0 }, again = { 0 };
	struct error e = { 0 };
	int by_nobody = stamp_check(&said, bytes, token_len, digest, &t, &e);

	if (by_nobody == 0) {
		need_text(said.serial, sizeof(said.serial));
		need_text(said.policy, sizeof(said.policy));
		need_text(said.signer, sizeof(said.signer));
	}
	error_clear(&e);
	t.roots = pem;
	t.roots_len = t.chain_len;
	if (pem && stamp_check(&again, bytes, token_len, digest, &t, &e) == 0 &&
	    (by_nobody < 0 || again.at_utc_ms != said.at_utc_ms))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint8_t digest[STAMP_DIGEST_LEN];

	hash512_bytes(digest, "rescind", 7);
	take(digest, bytes, len);
	judge(digest, bytes, len);
	return 0;
}
