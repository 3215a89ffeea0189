#include "wire/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

/* Without U+0000, and UTF-8 also where it was made by Jansson's _nocheck calls. */
static bool text_valid(const char *text, size_t len)
{
	return strlen(text) == len && utf8_valid(text, len);
}

/* What Jansson lets pass and we do not. depth counts the arrays and objects around j. */
static int check_value(const json_t *j, unsigned depth, bool reals, struct error *e)
{
	json_t *object = (json_t *)j; /* Jansson's iterators are not const */
	size_t i, count = json_array_size(j);
	void *at = json_object_iter(object);
	int code = 0;

	if (json_is_real(j) && !reals)
		return error_set(e, E_FORMAT, "JSON: a number is not an integer");
	if (json_is_string(j) && !text_valid(json_string_value(j), json_string_length(j)))
		return error_set(e, E_FORMAT, "JSON: a text is not UTF-8 or holds U+0000");
	if ((json_is_array(j) || json_is_object(j)) && depth >= JSON_DEPTH_MAX)
		return error_set(e, E_RANGE, "JSON: nested deeper than %d", JSON_DEPTH_MAX);

	for (i = 0; i < count && code == 0; i++)
		code = check_value(json_array_get(j, i), depth + 1, reals, e);
	for (; at && code == 0; at = json_object_iter_next(object, at)) {
		if (!text_valid(json_object_iter_key(at), json_object_iter_key_len(at)))
			return error_set(e, E_FORMAT, "JSON: a key is not UTF-8 or holds U+0000");
		code = check_value(json_object_iter_value(at), depth + 1, reals, e);
	}
	return code;
}

/* Jansson's story without its quotation of the input, which may hold anything. */
static int parse_failed(json_error_t *why, struct error *e)
{
	char *quoted = strstr(why->text, " near ");
	int code = json_error_code(why) == json_error_numeric_overflow ? E_RANGE : E_FORMAT;

	/* Jansson says nothing at all where an allocation of a value failed. */
	if (!why->text[0] || json_error_code(why) == json_error_out_of_memory)
		return error_set(e, E_MEMORY, "JSON: out of memory");
	if (json_error_code(why) == json_error_stack_overflow)
		return error_set(e, E_RANGE, "JSON: nested deeper than %d", JSON_DEPTH_MAX);
	if (quoted)
		*quoted = 0;
	return error_set(e, code, "JSON, line %d: %s", why->line, why->text);
}

static int parse(json_t **ret, const void *bytes, size_t len_bytes, size_t max_bytes, bool reals,
		 struct error *e)
{
	scoped_json *j = NULL;
	json_error_t why;
	int code;

	if (len_bytes > max_bytes)
		return error_set(e, E_RANGE, "JSON: more than %zu bytes", max_bytes);
	/* Jansson takes a NUL byte for the end and passes over what follows it. */
	if (len_bytes == 0 || memchr(bytes, 0, len_bytes))
		return error_set(e, E_FORMAT, "JSON: %s", len_bytes ? "a NUL byte" : "no bytes");
	j = json_loadb(bytes, len_bytes, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (!j)
		return parse_failed(&why, e);
	code = check_value(j, 0, reals, e);
	if (code < 0)
		return code;
	*ret = give(j);
	return 0;
}

int json_parse(json_t **ret, const void *bytes, size_t len_bytes, size_t max_bytes,
	       struct error *e)
{
	return parse(ret, bytes, len_bytes, max_bytes, false, e);
}

int json_parse_foreign(json_t **ret, const void *bytes, size_t len_bytes, size_t max_bytes,
		       struct error *e)
{
	return parse(ret, bytes, len_bytes, max_bytes, true, e);
}

struct sink {
	struct buf *b;
	struct error *e;
	int code;
};

static int sink_put(const char *bytes, size_t len, void *ctx)
{
	struct sink *s = ctx;

	s->code = buf_put(s->b, bytes, len, s->e);
	return s->code;
}

int json_put(const json_t *j, struct buf *b, struct error *e)
{
	const size_t flags = JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY;
	struct sink s = { .b = b, .e = e };
	int code = check_value(j, 0, false, e);

	if (code < 0)
		return code;
	if (json_dump_callback(j, sink_put, &s, flags) == 0)
		return 0;
	/* Else Jansson found no memory to sort keys in. */
	return s.code < 0 ? s.code : error_set(e, E_MEMORY, "JSON: out of memory");
}

int json_parse_canonical(json_t **ret, const void *bytes, size_t len_bytes, size_t max_bytes,
			 struct error *e)
{
	scoped_json *j = NULL;
	scoped(buf) *again = NULL;
	int code = parse(&j, bytes, len_bytes, max_bytes, false, e);

	if (code < 0 || (code = buf_create(&again, len_bytes, e)) < 0 ||
	    (code = json_put(j, again, e)) < 0)
		return code;
	if (again->len != len_bytes || memcmp(again->data, bytes, len_bytes) != 0)
		return error_set(e, E_FORMAT, "JSON: not in its one form (compact, sorted keys)");
	*ret = give(j);
	return 0;
}

/* ---- members ---- */

static int member_of_type(const json_t *o, const char *key, json_type type, const char *words,
			  json_t **ret, struct error *e)
{
	json_t *v = json_object_get(o, key);

	if (!v || json_typeof(v) != type)
		return error_set(e, E_FORMAT, "\"%s\" is %s%s", key, v ? "not " : "missing",
				 v ? words : "");
	*ret = v;
	return 0;
}

int json_get_text(const json_t *o, const char *key, const char **ret, struct error *e)
{
	json_t *v = NULL;
	int code = member_of_type(o, key, JSON_STRING, "a text", &v, e);

	if (code < 0)
		return code;
	*ret = json_string_value(v);
	return 0;
}

int json_get_number(const json_t *o, const char *key, uint64_t *ret, struct error *e)
{
	json_t *v = NULL;
	int code = member_of_type(o, key, JSON_INTEGER, "an integer", &v, e);

	if (code < 0)
		return code;
	if (json_integer_value(v) < 0)
		return error_set(e, E_FORMAT, "\"%s\" is below 0", key);
	*ret = (uint64_t)json_integer_value(v);
	return 0;
}

int json_get_bool(const json_t *o, const char *key, bool *ret, struct error *e)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_boolean(v))
		return error_set(e, E_FORMAT, "\"%s\" is %s", key, v ? "not true or false" : "missing");
	*ret = json_is_true(v);
	return 0;
}

int json_get_hex(const json_t *o, const char *key, void *ret, size_t len_bytes, struct error *e)
{
	const char *text = NULL;
	int code = json_get_text(o, key, &text, e);

	if (code < 0)
		return code;
	return hex_decode(ret, len_bytes, text, e) < 0 ? error_wrap(e, "\"%s\"", key) : 0;
}

int json_get_hash(const json_t *o, const char *key, struct hash *ret, struct error *e)
{
	return json_get_hex(o, key, ret->b, HASH_LEN, e);
}

int json_get_bytes64(const json_t *o, const char *key, struct buf **ret, struct error *e)
{
	scoped(buf) *bytes = NULL;
	const char *text = NULL;
	int code = json_get_text(o, key, &text, e);

	if (code < 0)
		return code;
	code = buf_create(&bytes, strlen(text) / 4 * 3, e);
	if (code < 0)
		return code;
	if (base64_get(bytes, text, strlen(text), e) < 0)
		return error_wrap(e, "\"%s\"", key);
	*ret = give(bytes);
	return 0;
}

int json_get_time(const json_t *o, const char *key, uint64_t *ret_utc_ms, struct error *e)
{
	const char *text = NULL;
	int code;

	if (json_is_null(json_object_get(o, key))) {
		*ret_utc_ms = TIME_NONE;
		return 0;
	}
	code = json_get_text(o, key, &text, e);
	if (code < 0)
		return code;
	if (time_parse(ret_utc_ms, text, e) < 0)
		return error_wrap(e, "\"%s\"", key);
	return 0;
}

int json_get_object(const json_t *o, const char *key, json_t **ret, struct error *e)
{
	return member_of_type(o, key, JSON_OBJECT, "an object", ret, e);
}

int json_get_array(const json_t *o, const char *key, json_t **ret, struct error *e)
{
	return member_of_type(o, key, JSON_ARRAY, "a list", ret, e);
}

const char *json_text_or(const json_t *o, const char *key, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : otherwise;
}

uint64_t json_number_or(const json_t *o, const char *key, uint64_t otherwise)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) && json_integer_value(v) >= 0 ? (uint64_t)json_integer_value(v)
								: otherwise;
}

static bool is_among(const char *key, const char *const *keys)
{
	for (; *keys; keys++)
		if (strcmp(key, *keys) == 0)
			return true;
	return false;
}

int json_only(const json_t *o, const char *const *keys, struct error *e)
{
	json_t *object = (json_t *)o;
	void *at;

	for (at = json_object_iter(object); at; at = json_object_iter_next(object, at))
		if (!is_among(json_object_iter_key(at), keys))
			return error_set(e, E_FORMAT, "\"%.100s\" is not known here",
					 json_object_iter_key(at));
	return 0;
}

/* ---- setting ---- */

static void out_of_memory(struct error *e)
{
	error_set(e, E_MEMORY, "JSON: out of memory");
}

void json_set_new(json_t *o, const char *key, json_t *value, struct error *e)
{
	if (e->code != 0)
		json_decref(value);
	else if (json_object_set_new(o, key, value) < 0)
		out_of_memory(e);
}

void json_add_new(json_t *array, json_t *value, struct error *e)
{
	if (e->code != 0)
		json_decref(value);
	else if (json_array_append_new(array, value) < 0)
		out_of_memory(e);
}

void json_set_text(json_t *o, const char *key, const char *value, struct error *e)
{
	if (e->code != 0)
		return;
	if (value && !utf8_valid(value, strlen(value)))
		error_set(e, E_FORMAT, "\"%s\" is not UTF-8", key);
	else
		json_set_new(o, key, value ? json_string(value) : json_null(), e);
}

void json_set_number(json_t *o, const char *key, uint64_t value, struct error *e)
{
	if (e->code != 0)
		return;
	if (value > INT64_MAX)
		error_set(e, E_RANGE, "\"%s\": %" PRIu64 " is too large", key, value);
	else
		json_set_new(o, key, json_integer((json_int_t)value), e);
}

void json_set_bool(json_t *o, const char *key, bool value, struct error *e)
{
	json_set_new(o, key, json_boolean(value), e);
}

void json_set_hash(json_t *o, const char *key, const struct hash *h, struct error *e)
{
	json_set_text(o, key, hash_hex(h).s, e);
}

void json_set_bytes64(json_t *o, const char *key, const void *bytes, size_t len, struct error *e)
{
	scoped(buf) *text = NULL;

	if (e->code == 0 && buf_create(&text, len / 3 * 4 + 4, e) == 0 &&
	    base64_put(text, bytes, len, e) == 0)
		json_set_text(o, key, buf_text(text), e);
}

void json_set_time(json_t *o, const char *key, uint64_t at_utc_ms, struct error *e)
{
	char text[TIME_TEXT_MAX];

	json_set_text(o, key, at_utc_ms == TIME_NONE ? NULL : time_text(text, at_utc_ms), e);
}

static json_t *made(json_t *j, struct error *e)
{
	if (!j && e->code == 0)
		out_of_memory(e);
	return j;
}

json_t *json_object_make(struct error *e)
{
	return made(json_object(), e);
}

json_t *json_array_make(struct error *e)
{
	return made(json_array(), e);
}

/* The length of the one code point at the front; 0 when there is none or it is U+0000. */
static size_t point_len(const char *bytes, size_t len)
{
	size_t n;

	for (n = 1; n <= 4 && n <= len && bytes[0]; n++)
		if (utf8_valid(bytes, n))
			return n;
	return 0;
}

json_t *json_text_lossy(const char *bytes, size_t len, struct error *e)
{
	scoped(buf) *text = NULL;
	size_t i = 0, n;
	int code = buf_create(&text, len, e);

	for (; i < len && code == 0; i += n ? n : 1) {
		n = point_len(bytes + i, len - i);
		code = n ? buf_put(text, bytes + i, n, e) : buf_put(text, "\xef\xbf\xbd", 3, e);
	}
	return code < 0 ? NULL : made(json_stringn(buf_text(text), text->len), e);
}
