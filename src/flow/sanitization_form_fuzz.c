/* What an operator states of sanitization: what is read can be written into a statement and read from
 * there again. */
#include <stdlib.h>

#include "flow/sanitization_form.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	scoped_json *o = NULL, *again = NULL;
	scoped(buf) *b = NULL;
	struct error e = { 0 };

	if (sanitization_form_parse(&o, bytes, len, &e) < 0)
		return 0;
	if (buf_create(&b, 0, &e) < 0 || json_put(o, b, &e) < 0)
		abort();
	/* Escapes may be longer than what they stand for. */
	if (b->len <= SANITIZATION_FORM_MAX &&
	    (sanitization_form_parse(&again, b->data, b->len, &e) < 0 || !json_equal(o, again)))
		abort();
	return 0;
}
