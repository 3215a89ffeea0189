/* Sums that are read could be sums, are written and read again as the same, and have weights or
 * none, without a sanitizer's word. */
#include <stdlib.h>

#include "learn/solve.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	scoped(sums) *s = NULL, *again = NULL;
	scoped(weights) *w = NULL;
	scoped(buf) *b = NULL;
	struct error e = { 0 };

	if (sums_parse(&s, bytes, len, &e) < 0)
		return 0;
	if (sums_possible(s, &e) < 0)
		abort();
	if (buf_create(&b, 0, &e) < 0 || sums_put(s, b, &e) < 0 ||
	    sums_parse(&again, b->data, b->len, &e) < 0 || !sums_equal(s, again))
		abort();
	if (s->d > 64 || s->count > 8 || learn_solve(&w, s, 0, &e) < 0)
		return 0;
	if (learn_check(w, s, 0, &e) < 0)
		abort();
	return 0;
}
