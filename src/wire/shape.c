#include "wire/shape.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

struct reader {
	struct arena *arena;
	void *ctx;
};

static const struct {
	json_type type;
	const char *words;
} forms[] = {
	[SHAPE_TEXT] = { JSON_STRING, "a text" },
	[SHAPE_NUMBER] = { JSON_INTEGER, "an integer" },
	[SHAPE_FLAG] = { JSON_TRUE, "true or false" },
	[SHAPE_HEX] = { JSON_STRING, "a text" },
	[SHAPE_HEX_OR_NONE] = { JSON_STRING, "a text" },
	[SHAPE_TIME] = { JSON_STRING, "a text" },
	[SHAPE_BYTES] = { JSON_STRING, "a text" },
	[SHAPE_LIST] = { JSON_ARRAY, "a list" },
	[SHAPE_OBJECT] = { JSON_OBJECT, "an object" },
	[SHAPE_OPEN] = { JSON_OBJECT, "an object" },
	[SHAPE_COUNTS] = { JSON_OBJECT, "an object" },
};

static void *place(void *ret, size_t at)
{
	return (char *)ret + at;
}

static void set_count(const struct shape *s, void *ret, size_t count)
{
	if (s->count_at)
		memcpy(place(ret, s->count_at), &count, sizeof(count));
}

/* n of what is read is between the ends that the shape says. */
static int check_ends(const struct shape *s, uint64_t n, uint64_t max, const char *what,
		      struct error *e)
{
	if (n >= s->min && n <= max)
		return 0;
	return error_set(e, n > max ? E_RANGE : E_FORMAT, "%" PRIu64 "%s, not %zu to %" PRIu64, n,
			 what, s->min, max);
}

static int read_bytes(const struct reader *r, const char *text, const struct shape *s, void *ret,
		      struct error *e)
{
	size_t len = strlen(text);
	uint8_t *bytes = arena_alloc(r->arena, len / 4 * 3 + 1, e);

	if (!bytes || base64_decode(bytes, &len, text, len, e) < 0)
		return e->code;
	if (len % s->unit != 0)
		return error_set(e, E_FORMAT, "%zu bytes, not of %zu each", len, s->unit);
	if (check_ends(s, len / s->unit, s->max, s->unit == 1 ? " bytes" : " units", e) < 0)
		return e->code;
	memcpy(place(ret, s->at), &bytes, sizeof(bytes));
	set_count(s, ret, len / s->unit);
	return 0;
}

static int read_value(const struct reader *r, const json_t *j, const struct shape *s, void *ret,
		      struct error *e);

static int read_list(const struct reader *r, const json_t *j, const struct shape *s, void *ret,
		     struct error *e)
{
	size_t count = json_array_size(j);
	char *items;

	if (check_ends(s, count, s->max, " members", e) < 0 ||
	    !(items = arena_alloc(r->arena, count * s->unit, e)))
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (read_value(r, json_array_get(j, i), s->of, items + i * s->unit, e) < 0)
			return error_wrap(e, "[%zu]", i);
	memcpy(place(ret, s->at), &items, sizeof(items));
	set_count(s, ret, count);
	return 0;
}

static const struct shape *find(const struct shape *members, const char *key)
{
	while (members->form != SHAPE_END && strcmp(members->key, key) != 0)
		members++;
	return members;
}

/* What the table does not name. */
static bool may_stand_beside(const struct shape *s, const json_t *value)
{
	bool is_count = json_is_integer(value) && json_integer_value(value) >= 0;

	return s->form == SHAPE_OPEN || (s->form == SHAPE_COUNTS && is_count);
}

static int read_members(const struct reader *r, const json_t *j, const struct shape *s, void *ret,
			struct error *e)
{
	json_t *object = (json_t *)j, *value; /* Jansson's iterators are not const */
	const char *key;

	for (const struct shape *m = s->of; m->form != SHAPE_END; m++) {
		value = json_object_get(j, m->key);
		if (!value && !m->optional)
			return error_set(e, E_FORMAT, "\"%s\" is missing", m->key);
		if (value && read_value(r, value, m, ret, e) < 0)
			return error_wrap(e, "\"%s\"", m->key);
	}
	json_object_foreach(object, key, value)
		if (find(s->of, key)->form == SHAPE_END && !may_stand_beside(s, value))
			return error_set(e, E_FORMAT, "\"%.100s\" is not known here", key);
	return 0;
}

static int read_form(const struct reader *r, const json_t *j, const struct shape *s, void *ret,
		     struct error *e)
{
	const char *text = json_string_value(j);
	bool flag = json_is_true(j);
	uint64_t n = (uint64_t)json_integer_value(j);

	switch (s->form) {
	case SHAPE_TEXT:
		memcpy(place(ret, s->at), &text, sizeof(text));
		return check_ends(s, strlen(text), s->max ? s->max : SIZE_MAX, " bytes", e);
	case SHAPE_NUMBER:
		memcpy(place(ret, s->at), &n, sizeof(n));
		return n > INT64_MAX ? error_set(e, E_FORMAT, "below 0") :
				       check_ends(s, n, s->max ? s->max : INT64_MAX, "", e);
	case SHAPE_FLAG:
		memcpy(place(ret, s->at), &flag, sizeof(flag));
		return 0;
	case SHAPE_HEX:
	case SHAPE_HEX_OR_NONE:
		if (*text || s->form == SHAPE_HEX)
			return hex_decode(place(ret, s->at), s->max, text, e);
		set_count(s, ret, 0);
		return 0;
	case SHAPE_TIME:
		return time_parse_like(place(ret, s->at), text, s->like, e);
	case SHAPE_BYTES:
		return read_bytes(r, text, s, ret, e);
	case SHAPE_LIST:
		return read_list(r, j, s, ret, e);
	case SHAPE_OBJECT:
	case SHAPE_OPEN:
	case SHAPE_COUNTS:
		return read_members(r, j, s, ret, e);
	case SHAPE_JSON:
		memcpy(place(ret, s->at), &j, sizeof(j));
		return check_ends(s, json_array_size(j) + json_object_size(j),
				  s->max ? s->max : SIZE_MAX, " members", e);
	case SHAPE_END:
		break;
	}
	return 0;
}

static int read_value(const struct reader *r, const json_t *j, const struct shape *s, void *ret,
		      struct error *e)
{
	if (s->form != SHAPE_JSON && json_typeof(j) != forms[s->form].type &&
	    !(s->form == SHAPE_FLAG && json_is_boolean(j)))
		return error_set(e, E_FORMAT, "not %s", forms[s->form].words);
	set_count(s, ret, 1);
	if (read_form(r, j, s, ret, e) < 0)
		return e->code;
	return s->then ? s->then(r->ctx, j, ret, e) : 0;
}

int shape_read(struct arena *a, const json_t *j, const struct shape *s, void *ctx, void *ret,
	       struct error *e)
{
	return read_value(&(struct reader){ a, ctx }, j, s, ret, e);
}
