/* A sign-off: what is read, made again of what was read, is the same body; nothing that was made up
 * holds for a statement. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proof/signoff.h"
#include "wire/dsse.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Bytes as a message: nobody signed it. */
static void fuzz_message(const uint8_t *bytes, size_t len)
{
	static const uint8_t signature[64] = { 1 };
	scoped(buf) *out = NULL;
	struct error e = { 0 };

	if (buf_create(&out, 0, &e) < 0 ||
	    signoff_assemble(out, bytes, len, signature, sizeof(signature), &e) == 0 || out->len > 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	scoped(buf) *b = NULL, *sentence = NULL;
	scoped(signoff) *s = NULL;
	struct error e = { 0 };
	const char *predicate;

	fuzz_message(bytes, len);
	if (signoff_read(&s, bytes, len, &e) < 0)
		return 0;
	if (buf_create(&b, 0, &e) < 0 || buf_create(&sentence, 0, &e) < 0 ||
	    signoff_body(b, s, "statement", 9, &e) < 0 ||
	    signoff_sentence(sentence, s, false, &e) < 0)
		abort();
	/* All of it but the subject, which stands at its end. */
	predicate = strstr(buf_text(b), "\"subject\":");
	if (!predicate || s->envelope->body_len != b->len ||
	    memcmp(s->envelope->body, b->data, (size_t)(predicate - buf_text(b))) != 0)
		abort();
	(void)!signoff_check(s, bytes, len, TIME_NONE, &e);
	return 0;
}
