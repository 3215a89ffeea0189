#include <stdlib.h>

#include "vault/keyring_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes of an opened table, of generation 5: what is read is written again as it was. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(buf) *again = NULL;
	struct ring_table t;
	struct error e;

	if (buf_create(&again, size, &e) < 0 || table_parse(&t, data, size, 5, &e) < 0)
		return 0;
	if (table_put(again, &t, &e) < 0 || again->len != size ||
	    memcmp(again->data, data, size) != 0)
		abort();
	table_done(&t);
	return 0;
}
