#include "set/set.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read is spelt again as it was. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(buf) *text = NULL, *again = NULL;
	scoped(set) *s = NULL;
	struct error e;

	if (buf_from(&text, data, size, &e) < 0 || buf_create(&again, 0, &e) < 0 ||
	    set_from_text(&s, buf_text(text), 1000, &e) < 0)
		return 0;
	if (set_put_text(s, again, &e) < 0 || strcmp(buf_text(text), buf_text(again)) != 0)
		abort();
	return 0;
}
