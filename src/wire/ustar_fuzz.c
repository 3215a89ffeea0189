/* An archive: what is read is written as the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "wire/ustar.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	scoped(ustar) *u = NULL;
	scoped(buf) *b = NULL;
	struct error e = { 0 };

	if (ustar_parse(&u, bytes, len, &e) < 0)
		return 0;
	if (buf_create(&b, len, &e) < 0)
		abort();
	for (size_t i = 0; i < u->count; i++)
		if (ustar_put(b, u->file[i].name, u->file[i].data, u->file[i].len, &e) < 0)
			abort();
	if (ustar_end(b, &e) < 0 || b->len != len || memcmp(b->data, bytes, len) != 0)
		abort();
	return 0;
}
