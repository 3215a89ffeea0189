#include "log/tile.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A name that is read is written again as it was. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(buf) *name = NULL;
	char again[TILE_NAME_MAX];
	struct error e;
	uint64_t number;
	unsigned width;
	int level;

	if (buf_from(&name, data, size, &e) < 0 ||
	    tile_parse_name(buf_text(name), &level, &number, &width, &e) < 0)
		return 0;
	if (tile_name(again, level, number, width, &e) < 0 || strcmp(again, buf_text(name)) != 0)
		abort();
	return 0;
}
