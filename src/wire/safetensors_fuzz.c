/* What is read lies inside of the input; I64 tensors are written and read again as the same. */
#include <stdlib.h>
#include <string.h>

#include "wire/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_inside(const struct tensor *t, const uint8_t *bytes, size_t len)
{
	const uint8_t *from = t->bytes;

	if (from < bytes || from > bytes + len || t->len_bytes > (size_t)(bytes + len - from))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	scoped(safetensors) *f = NULL, *again = NULL;
	scoped(buf) *b = NULL;
	struct error e = { 0 };
	struct tensor t;

	if (safetensors_parse(&f, bytes, len, &e) < 0)
		return 0;
	for (size_t i = 0; i < f->count; i++) {
		check_inside(&f->tensor[i], bytes, len);
		if (safetensors_find(f, f->tensor[i].name) != &f->tensor[i])
			abort();
	}
	if (f->count != 1 || strcmp(f->tensor[0].dtype, "I64") != 0)
		return 0;
	t = f->tensor[0];
	t.bytes = malloc(t.len_bytes + 8);
	if (!t.bytes)
		abort();
	for (uint64_t i = 0; i < t.count; i++) {
		int64_t v = safetensors_i64(&f->tensor[0], i);

		memcpy((uint8_t *)(uintptr_t)t.bytes + 8 * i, &v, 8);
	}
	if (buf_create(&b, 0, &e) < 0 || safetensors_put(&t, 1, NULL, b, &e) < 0 ||
	    safetensors_parse(&again, b->data, b->len, &e) < 0 ||
	    again->tensor[0].len_bytes != t.len_bytes ||
	    memcmp(again->tensor[0].bytes, f->tensor[0].bytes, t.len_bytes) != 0)
		abort();
	free((void *)(uintptr_t)t.bytes);
	return 0;
}
