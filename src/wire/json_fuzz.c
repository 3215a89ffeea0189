/* Whatever is read is written once, and read again as the same. */
#include <stdlib.h>
#include <string.h>

#include "wire/json.h"

enum { MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	scoped_json *j = NULL, *again = NULL, *foreign = NULL, *lossy = NULL;
	scoped(buf) *b = NULL;
	struct error e = { 0 };

	lossy = json_text_lossy((const char *)bytes, len, &e);
	if (!lossy)
		abort();
	if (json_parse(&j, bytes, len, MAX, &e) < 0)
		return 0;
	if (json_parse_foreign(&foreign, bytes, len, MAX, &e) < 0 || !json_equal(j, foreign))
		abort();
	if (buf_create(&b, 0, &e) < 0 || json_put(j, b, &e) < 0)
		abort();
	if (json_parse_canonical(&again, b->data, b->len, 6 * MAX, &e) < 0 || !json_equal(j, again))
		abort();
	return 0;
}
