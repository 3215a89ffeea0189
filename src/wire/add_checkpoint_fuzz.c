/* What a witness is asked, and what it answers: a request that is read can be written again, and
 * no answer holds without the witness' key. */
#include <stdlib.h>
#include <string.h>

#include "wire/add_checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const char head[] = "o.example\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
			   "\xe2\x80\x94 o.example AAAAAAA=\n";

static void fuzz_answer(const uint8_t *bytes, size_t len)
{
	static const uint8_t seed[SIGN_SEED_LEN] = { 0x53 };
	uint8_t public_key[SIGN_PUBLIC_LEN];
	scoped(buf) *out = NULL;
	struct error e = { 0 };
	struct note_key k;
	uint64_t size;

	/* No seed of the corpus is signed by this one. */
	if (buf_create(&out, 512, &e) < 0 || sign_public(public_key, seed, &e) < 0 ||
	    note_key_make(&k, "w.example/1", NOTE_COSIGNATURE, public_key, &e) < 0 ||
	    add_answer_take(out, head, sizeof(head) - 1, bytes, len, &k, &e) == 0)
		abort();
	(void)!add_size_parse(&size, bytes, len, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	scoped(add_request) *r = NULL;
	scoped(buf) *b = NULL;
	struct error e = { 0 };
	size_t begin;

	fuzz_answer(bytes, len);
	if (add_request_parse(&r, bytes, len, &e) < 0)
		return 0;
	begin = (size_t)(r->note->text - (const char *)bytes);
	if (buf_create(&b, len, &e) < 0 ||
	    add_request_put(b, r->old, &r->path, r->note->text, len - begin, &e) < 0)
		abort();
	if (b->len != len || memcmp(b->data, bytes, len) != 0)
		abort();
	return 0;
}
