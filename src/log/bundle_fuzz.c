#include "log/tile.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The entries that are read, put again, are the bytes that were read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(buf) *bundle = NULL, *again = NULL;
	const uint8_t *entry;
	size_t at = 0, len;
	struct error e;

	if (buf_from(&bundle, data, size, &e) < 0 || buf_create(&again, 0, &e) < 0)
		return 0;
	while (bundle_next(bundle, &at, &entry, &len, &e) == 0)
		if (bundle_put(again, entry, len, &e) < 0)
			abort();
	if (at > size || again->len != at || (at > 0 && memcmp(again->data, data, at) != 0))
		abort();
	return 0;
}
