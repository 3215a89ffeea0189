#include <stdlib.h>
#include <string.h>

#include "vault/keydir_digests.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read is spelt again as it was. */
static void read_again(const void *bytes, size_t len)
{
	scoped(buf) *again = NULL;
	scoped(arena) *a = NULL;
	struct error e = { 0 };
	struct digests d;

	if (arena_create(&a, &e) < 0 || buf_create(&again, len + 1, &e) < 0 ||
	    digests_parse(&d, a, bytes, len, &e) < 0)
		return;
	if (digests_put(&d, again, &e) < 0 || again->len != len || memcmp(again->data, bytes, len) != 0)
		abort();
}

/* As it is, and with the sum that nobody finds by chance. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(buf) *b = NULL;
	struct error e = { 0 };
	struct hash sum;

	read_again(data, size);
	hash_bytes(&sum, data, size);
	if (buf_create(&b, size + 100, &e) < 0 || buf_put(b, data, size, &e) < 0 ||
	    buf_printf(b, &e, "sum %s\n", hash_hex(&sum).s) < 0)
		return 0;
	read_again(b->data, b->len);
	return 0;
}
