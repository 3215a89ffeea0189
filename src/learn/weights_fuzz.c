/* Weights that are read are written and read again as the same, and any scores fit. */
#include <stdlib.h>
#include <string.h>

#include "learn/weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static int8_t x[SUMS_DIM_MAX];
	static int64_t score[SUMS_OUTPUTS_MAX];
	scoped(weights) *w = NULL, *again = NULL;
	scoped(buf) *b = NULL;
	struct error e = { 0 };

	if (weights_parse(&w, bytes, len, &e) < 0)
		return 0;
	if (buf_create(&b, 0, &e) < 0 || weights_put(w, b, &e) < 0 ||
	    weights_parse(&again, b->data, b->len, &e) < 0 || again->count != w->count ||
	    memcmp(again->w, w->w, w->count * (w->d + 1) * sizeof(*w->w)) != 0)
		abort();
	memset(x, -128, sizeof(x));
	weights_scores(w, x, score);
	if (weights_parse_proof(w, bytes, len, &e) == 0)
		abort();
	return 0;
}
