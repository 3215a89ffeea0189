#include <stdlib.h>
#include <string.h>

#include "verify/json_case.h"

const char *case_differs(const void *bytes, size_t len)
{
	struct json_case a, b;
	const char *found = NULL;

	case_jansson(&a, bytes, len);
	case_small(&b, bytes, len);
	/* Why a text is refused may differ: a real too large is one of the two only to Jansson. */
	if ((a.parsed < 0) != (b.parsed < 0))
		found = "read or refused otherwise";
	else if ((a.canonical < 0) != (b.canonical < 0))
		found = "its one form or not";
	else if (a.len != b.len || (a.text && memcmp(a.text, b.text, a.len) != 0))
		found = "read as something else";
	free(a.text);
	free(b.text);
	return found;
}
