/* The values of small/jansson.h. small_json_text.c reads and writes them. */
#include "verify/small_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static json_t fixed[] = { { .type = JSON_TRUE }, { .type = JSON_FALSE }, { .type = JSON_NULL } };

static bool is_fixed(const json_t *j)
{
	return j->type == JSON_TRUE || j->type == JSON_FALSE || j->type == JSON_NULL;
}

json_t *json_boolean(bool value)
{
	return &fixed[value ? 0 : 1];
}

json_t *json_null(void)
{
	return &fixed[2];
}

json_t *small_value(json_type type)
{
	json_t *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->type = type;
	j->references = 1;
	return j;
}

json_t *json_incref(json_t *j)
{
	if (j && !is_fixed(j))
		j->references++;
	return j;
}

void small_member_end(struct member *m)
{
	free(m->key);
	json_decref(m->value);
}

void json_decref(json_t *j)
{
	if (!j || is_fixed(j) || --j->references > 0)
		return;
	for (size_t i = 0; j->type == JSON_ARRAY && i < j->count; i++)
		json_decref(j->items[i]);
	for (size_t i = 0; j->type == JSON_OBJECT && i < j->count; i++)
		small_member_end(&j->members[i]);
	free(j->bytes);
	free(j->items);
	free(j->members);
	free(j);
}

json_t *json_object(void)
{
	return small_value(JSON_OBJECT);
}

json_t *json_array(void)
{
	return small_value(JSON_ARRAY);
}

json_t *json_integer(json_int_t value)
{
	json_t *j = small_value(JSON_INTEGER);

	if (j)
		j->integer = value;
	return j;
}

json_t *json_stringn(const char *text, size_t len)
{
	json_t *j = text && utf8_valid(text, len) ? small_value(JSON_STRING) : NULL;

	if (!j)
		return NULL;
	j->bytes = malloc(len + 1);
	if (!j->bytes) {
		json_decref(j);
		return NULL;
	}
	memcpy(j->bytes, text, len);
	j->bytes[len] = 0;
	j->count = len;
	return j;
}

json_t *json_string(const char *text)
{
	return text ? json_stringn(text, strlen(text)) : NULL;
}

json_type json_typeof(const json_t *j)
{
	return j->type;
}

bool json_is(const json_t *j, json_type type)
{
	return j && j->type == type;
}

const char *json_string_value(const json_t *j)
{
	return json_is_string(j) ? j->bytes : NULL;
}

size_t json_string_length(const json_t *j)
{
	return json_is_string(j) ? j->count : 0;
}

json_int_t json_integer_value(const json_t *j)
{
	return json_is_integer(j) ? j->integer : 0;
}

/* ---- arrays ---- */

size_t json_array_size(const json_t *j)
{
	return json_is_array(j) ? j->count : 0;
}

json_t *json_array_get(const json_t *j, size_t i)
{
	return i < json_array_size(j) ? j->items[i] : NULL;
}

/* Room for one more thing of this size behind count; NULL: no memory, and old stands. */
static void *grown(void *old, size_t count, size_t *cap, size_t size)
{
	size_t more = *cap ? 2 * *cap : 4;
	void *moved;

	if (count < *cap)
		return old;
	moved = more > SIZE_MAX / 4 / size ? NULL : realloc(old, more * size);
	if (moved)
		*cap = more;
	return moved;
}

int json_array_append_new(json_t *j, json_t *value)
{
	json_t **items = NULL;

	if (value && json_is_array(j) && value != j)
		items = grown(j->items, j->count, &j->cap, sizeof(*items));
	if (!items) {
		json_decref(value);
		return -1;
	}
	j->items = items;
	j->items[j->count++] = value;
	return 0;
}

/* ---- objects: members by their keys, as bytes ---- */

size_t json_object_size(const json_t *j)
{
	return json_is_object(j) ? j->count : 0;
}

/* Where key is, or would be put. */
static size_t place_of(const json_t *j, const char *key)
{
	size_t from = 0, to = j->count;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (strcmp(j->members[mid].key, key) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

json_t *json_object_get(const json_t *j, const char *key)
{
	size_t i = json_is_object(j) && key ? place_of(j, key) : 0;

	if (i >= json_object_size(j) || strcmp(j->members[i].key, key) != 0)
		return NULL;
	return j->members[i].value;
}

int small_member_append(json_t *j, char *key, json_t *value)
{
	struct member m = { key, value }, *members = NULL;

	if (key && value)
		members = grown(j->members, j->count, &j->cap, sizeof(*members));
	if (!members) {
		small_member_end(&m);
		return -1;
	}
	j->members = members;
	j->members[j->count++] = m;
	return 0;
}

int json_object_set_new(json_t *j, const char *key, json_t *value)
{
	size_t i = json_is_object(j) && key ? place_of(j, key) : 0;
	struct member last;

	if (!json_is_object(j) || !key || !value || value == j ||
	    !utf8_valid(key, strlen(key))) {
		json_decref(value);
		return -1;
	}
	if (i < j->count && strcmp(j->members[i].key, key) == 0) {
		json_decref(j->members[i].value);
		j->members[i].value = value;
		return 0;
	}
	if (small_member_append(j, strdup(key), value) < 0)
		return -1;
	last = j->members[j->count - 1];
	memmove(&j->members[i + 1], &j->members[i], (j->count - 1 - i) * sizeof(last));
	j->members[i] = last;
	return 0;
}

void *json_object_iter(json_t *j)
{
	return json_object_size(j) > 0 ? j->members : NULL;
}

void *json_object_iter_next(json_t *j, void *at)
{
	struct member *next = (struct member *)at + 1;

	return next < j->members + j->count ? next : NULL;
}

const char *json_object_iter_key(void *at)
{
	return ((struct member *)at)->key;
}

size_t json_object_iter_key_len(void *at)
{
	return strlen(((struct member *)at)->key);
}

json_t *json_object_iter_value(void *at)
{
	return ((struct member *)at)->value;
}

/* ---- equal ---- */

static bool lists_equal(const json_t *a, const json_t *b)
{
	for (size_t i = 0; i < a->count; i++) {
		if (a->type == JSON_ARRAY && !json_equal(a->items[i], b->items[i]))
			return false;
		if (a->type == JSON_OBJECT &&
		    (strcmp(a->members[i].key, b->members[i].key) != 0 ||
		     !json_equal(a->members[i].value, b->members[i].value)))
			return false;
	}
	return true;
}

int json_equal(const json_t *a, const json_t *b)
{
	if (!a || !b || a->type != b->type || a->type == JSON_REAL)
		return false;
	if (a->count != b->count || a->integer != b->integer)
		return false;
	if (a->type == JSON_STRING)
		return memcmp(a->bytes, b->bytes, a->count) == 0;
	return lists_equal(a, b);
}
