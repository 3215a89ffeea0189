/* A note, its head and a verifier key: what is read is written as the same bytes, and a note
 * that no known key signed is never accepted. */
#include <stdlib.h>
#include <string.h>

#include "wire/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void fuzz_head(const char *text, size_t len)
{
	scoped(buf) *b = NULL;
	struct error e = { 0 };
	struct head h;

	if (head_parse(&h, text, len, &e) < 0 || !note_name_valid(h.origin))
		return;
	if (buf_create(&b, 0, &e) < 0 || head_put(&h, b, &e) < 0)
		abort();
	/* Extension lines may follow. */
	if (b->len > len || memcmp(b->data, text, b->len) != 0)
		abort();
}

static void fuzz_key(const char *text)
{
	scoped(buf) *b = NULL;
	struct error e = { 0 };
	struct note_key k;

	if (note_key_parse(&k, text, &e) < 0)
		return;
	if (buf_create(&b, 0, &e) < 0 || note_key_put(&k, b, &e) < 0)
		abort();
	if (strcmp(buf_text(b), text) != 0)
		abort();
}

/* A key with the name and the id of the first signature, so that signatures are checked. */
static void fuzz_check(const struct note *n)
{
	struct note_key key[2] = { { .type = NOTE_ED25519 }, { .type = NOTE_COSIGNATURE } };
	static const uint8_t seed[SIGN_SEED_LEN] = { 0x52 };
	struct error e = { 0 };
	uint64_t time_s;
	size_t i;

	for (i = 0; i < 2; i++) {
		strcpy(key[i].name, n->signature[0].name);
		key[i].id = n->signature[0].id;
		/* No seed of the corpus is signed by this one. */
		if (sign_public(key[i].public_key, seed, &e) < 0 ||
		    note_check(n, &key[i], 1, NULL, &time_s, &e) != E_MISMATCH)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	scoped(note) *n = NULL;
	scoped(buf) *text = NULL;
	struct error e = { 0 };

	if (buf_from(&text, bytes, len, &e) < 0)
		abort();
	fuzz_key(buf_text(text));
	fuzz_head(buf_text(text), len);
	if (note_parse(&n, bytes, len, &e) < 0)
		return 0;
	fuzz_head(n->text, n->text_len);
	fuzz_check(n);
	return 0;
}
