#include <stdlib.h>

#include "vault/keyring_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Slots given out, then the bytes of an opened page: a page that holds is what its slots say. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[PAGE_LEN] = { 0 };
	struct error e;
	unsigned used;

	if (size != 2 + PAGE_LEN)
		return 0;
	used = (unsigned)be_get(data, 2) % (KEYRING_PAGE_SLOTS + 1);
	data += 2;
	if (page_check(data, used, page_live(data), &e) < 0)
		return 0;
	for (unsigned i = 0; i < used; i++)
		if (page_state(data, i) == SLOT_LIVE)
			page_set_live(again, i, page_slot_key(data, i));
		else
			page_set_erased(again, i);
	if (memcmp(again, data, PAGE_LEN) != 0)
		abort();
	return 0;
}
