#include "set/container.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken is written again as it was. The first two bytes shorten the set. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { NUMBER = 3 };
	uint64_t end = (NUMBER + 1) * CONTAINER_POSITIONS;
	scoped(buf) *again = NULL;
	scoped(set) *s = NULL;
	struct error e;

	if (size < 2 || set_create(&s, &e) < 0 || buf_create(&again, 0, &e) < 0 ||
	    container_get(s, NUMBER, end - be_get(data, 2), data + 2, size - 2, &e) < 0)
		return 0;
	if (container_put(s, NUMBER, again, &e) < 0 || again->len != size - 2 ||
	    memcmp(again->data, data + 2, size - 2) != 0)
		abort();
	return 0;
}
