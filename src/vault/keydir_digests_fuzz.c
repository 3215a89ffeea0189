#include <stdlib.h>
#include <string.h>

#include "vault/keydir_digests.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read is spelt again as it was. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(buf) *again = NULL;
	scoped(arena) *a = NULL;
	struct digests d;
	struct error e = { 0 };

	if (arena_create(&a, &e) < 0 || buf_create(&again, size + 1, &e) < 0 ||
	    digests_parse(&d, a, data, size, &e) < 0)
		return 0;
	if (digests_put(&d, again, &e) < 0 || again->len != size ||
	    memcmp(again->data, data, size) != 0)
		abort();
	return 0;
}
