#include "wire/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

static int too_deep(struct error *e)
{
	return error_set(e, E_RANGE, "JSON: nested deeper than %d", JSON_DEPTH_MAX);
}

/* What Jansson lets pass and we do not. Depth counts the arrays and objects around j. */
static int check_value(const json_t *j, unsigned depth, bool reals, struct error *e)
{
	size_t i, count = json_array_size(j);
	json_t *object = (json_t *)j; /* Jansson's iterators are not const */
	void *at = json_object_iter(object);

	if (json_is_real(j) && !reals)
		return error_set(e, E_FORMAT, "JSON: a number is not an integer");
	if (json_is_string(j) && strlen(json_string_value(j)) != json_string_length(j))
		return error_set(e, E_FORMAT, "JSON: U+0000 in a text");
	if ((json_is_array(j) || json_is_object(j)) && depth >= JSON_DEPTH_MAX)
		return too_deep(e);
	for (i = 0; i < count; i++)
		if (check_value(json_array_get(j, i), depth + 1, reals, e) < 0)
			return e ? e->code : E_FORMAT;
	for (; at; at = json_object_iter_next(object, at)) {
		if (strlen(json_object_iter_key(at)) != json_object_iter_key_len(at))
			return error_set(e, E_FORMAT, "JSON: U+0000 in a key");
		if (check_value(json_object_iter_value(at), depth + 1, reals, e) < 0)
			return e ? e->code : E_FORMAT;
	}
	return 0;
}
