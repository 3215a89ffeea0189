/* What is read exactly is read loosely as the same; what is read loosely and written again is
 * exact, and holds. */
#include <stdlib.h>
#include <string.h>

#include "wire/dsse.h"

enum { MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static bool same_body(const struct dsse *a, const struct dsse *b)
{
	return strcmp(a->type, b->type) == 0 && a->body_len == b->body_len &&
	       memcmp(a->body, b->body, a->body_len) == 0;
}

/* Signatures of other algorithms: what is read and written again is the same bytes. */
static void fuzz_any(const uint8_t *bytes, size_t len)
{
	scoped(dsse) *d = NULL;
	scoped(buf) *b = NULL;
	struct error e = { 0 };

	if (dsse_parse_any(&d, bytes, len, MAX, &e) < 0 || d->count != 1)
		return;
	if (buf_create(&b, 0, &e) < 0 ||
	    dsse_put(b, d->type, d->body, d->body_len, d->signature[0].keyid,
		     d->signature[0].signature, d->signature[0].len, &e) < 0 ||
	    b->len != len || memcmp(b->data, bytes, len) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const uint8_t seed[SIGN_SEED_LEN] = { 0x52 };
	scoped(dsse) *exact = NULL, *loose = NULL, *again = NULL;
	scoped(buf) *b = NULL;
	struct error e = { 0 };
	uint8_t public_key[SIGN_PUBLIC_LEN];

	fuzz_any(bytes, len);
	if (dsse_parse_foreign(&loose, bytes, len, MAX, &e) < 0) {
		if (dsse_parse(&exact, bytes, len, MAX, &e) == 0)
			abort();
		return 0;
	}
	if (dsse_parse(&exact, bytes, len, MAX, &e) == 0 &&
	    (exact->count != loose->count || !same_body(exact, loose)))
		abort();
	if (sign_public(public_key, seed, &e) < 0 || buf_create(&b, 0, &e) < 0 ||
	    dsse_sign(b, loose->type, loose->body, loose->body_len, "k", seed, &e) < 0)
		abort();
	if (dsse_parse(&again, b->data, b->len, 2 * MAX, &e) < 0 ||
	    dsse_check(again, public_key, &e) < 0 || !same_body(again, loose))
		abort();
	(void)!dsse_check(loose, public_key, &e);
	return 0;
}
