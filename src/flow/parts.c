#include "flow/parts.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

json_t *parts_reasons(const uint64_t why[REASON_COUNT], struct error *e)
{
	json_t *o = json_object_make(e);

	for (unsigned i = 0; o && i < REASON_COUNT; i++)
		if (why[i] > 0)
			json_set_number(o, reason_code((enum reason)i), why[i], e);
	return o;
}

json_t *parts_reason_list(reasons set, struct error *e)
{
	json_t *list = json_array_make(e);

	for (unsigned i = 0; list && i < REASON_COUNT; i++)
		if (set & 1u << i)
			json_add_new(list, json_string(reason_code((enum reason)i)), e);
	return list;
}

int parts_add_json(struct fields *f, const char *name, const json_t *value, struct error *e)
{
	scoped(buf) *b = NULL;

	if (!value || buf_create(&b, 256, e) < 0 || json_put(value, b, e) < 0)
		return e->code;
	return fields_add(f, name, b->data, b->len, e);
}

int parts_label(char ret[128], const char *name, uint64_t version, struct error *e)
{
	if (snprintf(ret, 128, "%s@%" PRIu64, name, version) >= 128)
		return error_set(e, E_RANGE, "the name %.40s... is too long", name);
	return 0;
}

int parts_name(const char *what, const char *name, struct error *e)
{
	if (name && name_valid(name))
		return 0;
	return error_set(e, E_USAGE, "\"%.100s\" is no name for a %s ([a-z0-9][a-z0-9._-]*, at most 100)",
			 name ? name : "", what);
}
