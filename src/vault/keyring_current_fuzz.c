#include <stdlib.h>

#include "vault/keyring_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read is spelt again as it was, but for its mac; and no key proves it by accident. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t key[SEAL_KEY_LEN] = { 1 };
	scoped(buf) *again = NULL;
	struct ring_current c;
	struct error e;

	if (buf_create(&again, CURRENT_LEN_MAX, &e) < 0 || current_parse(&c, data, size, &e) < 0)
		return 0;
	if (current_put(again, &c, key, &e) < 0 || again->len != size ||
	    memcmp(again->data, data, size - 65) != 0)
		abort();
	if ((current_check(data, size, key, &e) == 0) != (memcmp(again->data, data, size) == 0))
		abort();
	return 0;
}
