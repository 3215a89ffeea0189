/* Jansson and the small JSON of the browser's verifier read the same, or both refuse. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "verify/json_case.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	if (case_differs(bytes, len))
		abort();
	return 0;
}
