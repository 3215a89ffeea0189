/* What is read holds its own digest, and never opens what it withholds. */
#include <stdlib.h>

#include "flow/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	scoped(checkpoint) *c = NULL;
	struct error e = { 0 };

	if (checkpoint_parse(&c, bytes, len, &e) < 0)
		return 0;
	if (!json_is_object(c->recipe) || !c->origin || !c->model ||
	    card_field_is(&c->sums, &c->sums.value) != c->sums.opened)
		abort();
	return 0;
}
