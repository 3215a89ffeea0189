#include "set/hidden.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A byte for the bit, then pairs of u16 of positions what is opened up to a pair of zeros,
 * then the opening. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { NUMBER = 1 };
	scoped(set) *which = NULL;
	struct error e;
	struct hash root;
	size_t at = 1;

	if (size == 0 || set_create(&which, &e) < 0)
		return 0;
	for (; at + 4 <= size && be_get(data + at, 4) != 0; at += 4) {
		uint64_t first = NUMBER * 65536 + be_get(data + at, 2);

		if (set_add_range(which, first, first + be_get(data + at + 2, 2) % 64, &e) < 0)
			abort();
	}
	if (hidden_check(&root, NUMBER, which, UINT64_MAX, data[0], data + at, size - at,
			 &e) == 0 &&
	    ((size - at) % HASH_LEN != 0 || size - at > HIDDEN_OPENING_MAX || data[0] > 1))
		abort();
	return 0;
}
