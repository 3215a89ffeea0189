/* What is valid was signed by the pinned key; whatever it is, it is a verdict. */
#include <stdlib.h>

#include "flow/verify_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const struct verify_pins pins = { 0 };
	scoped(buf) *b = NULL;
	scoped_json *doc = NULL;
	struct error e = { 0 };

	if (buf_create(&b, len + 1, &e) < 0 || buf_put(b, bytes, len, &e) < 0)
		abort();
	if (!verify_is_handover(b))
		return 0;
	if (verify_handover(b, &pins, NULL, 0, &doc, &e) < 0 ||
	    json_is_true(json_object_get(doc, "valid")))
		abort();
	return 0;
}
