/* No bytes may crash the verifier. The input is taken as a file, and as the body of an envelope
 * that is signed as it should be, by the key of the test's world: in its one form where it is
 * JSON at all, so that changes reach what lies behind the parsers. */
#include <stdlib.h>
#include <string.h>

#include "proof/certificate.h"
#include "wire/dsse.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define VKEY_NAME "example.org/log/facts"

static void verify(const void *bytes, size_t len, const char *vkey)
{
	const struct verify_pins pins = { .vkey = vkey };
	scoped(verdict) *v = NULL;
	scoped_json *j = NULL;
	struct error e = { 0 };

	if (certificate_verify(&v, bytes, len, &pins, &e) < 0 || verdict_json(v, &j, &e) < 0)
		abort();
	for (size_t i = 0; i < v->count; i++)
		if (v->valid && !v->check[i].ok)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint8_t seed[SIGN_SEED_LEN], public_key[SIGN_PUBLIC_LEN];
	scoped(buf) *vkey = NULL, *file = NULL;
	scoped(buf) *body = NULL;
	scoped_json *j = NULL;
	struct error e = { 0 };
	struct note_key k;

	memset(seed, 10, sizeof(seed));
	if (buf_create(&body, len, &e) < 0)
		abort();
	if (json_parse(&j, bytes, len, CERTIFICATE_BYTES_MAX, &e) < 0 || json_put(j, body, &e) < 0) {
		buf_clear(body);
		if (buf_put(body, bytes, len, &e) < 0)
			abort();
	}
	if (sign_public(public_key, seed, &e) < 0 ||
	    note_key_make(&k, VKEY_NAME, NOTE_ED25519, public_key, &e) < 0 ||
	    buf_create(&vkey, 0, &e) < 0 || note_key_put(&k, vkey, &e) < 0 ||
	    buf_create(&file, len, &e) < 0 ||
	    dsse_sign(file, "application/vnd.in-toto+json", body->data, body->len, buf_text(vkey),
		      seed, &e) < 0)
		abort();
	verify(bytes, len, NULL);
	verify(file->data, file->len, buf_text(vkey));
	return 0;
}
