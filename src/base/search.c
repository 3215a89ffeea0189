#include "base/search.h"

#include <string.h>

size_t search_from(const void *numbers, size_t count, size_t step_bytes, uint64_t n)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t i = low + (high - low) / 2;
		uint64_t at;

		memcpy(&at, (const char *)numbers + i * step_bytes, sizeof(at));
		if (at < n)
			low = i + 1;
		else
			high = i;
	}
	return low;
}
