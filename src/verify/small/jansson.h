/*
 * The part of Jansson that wire/json.c and proof/ use, for where there is no Jansson: the same names and
 * meanings, so that they are compiled as they are. Only strict reading (JSON_REJECT_DUPLICATES,
 * JSON_DECODE_ANY) and the one form of writing (JSON_COMPACT, JSON_SORT_KEYS, JSON_ENCODE_ANY):
 * other flags change nothing. Members of an object are walked in the order of their keys. A real has
 * no value: it is read, so that it can be refused. small_json_test.c holds it against Jansson.
 */
#ifndef VERIFY_SMALL_JANSSON_H
#define VERIFY_SMALL_JANSSON_H

#include <stdarg.h> /* as Jansson's own header does */
#include <stdbool.h>
#include <stddef.h>

typedef enum { JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_INTEGER, JSON_REAL, JSON_TRUE,
	       JSON_FALSE, JSON_NULL } json_type;
typedef struct json_t json_t;
typedef long long json_int_t;
enum { JSON_REJECT_DUPLICATES = 1, JSON_DECODE_ANY = 2, JSON_COMPACT = 4, JSON_SORT_KEYS = 8,
       JSON_ENCODE_ANY = 16 };

enum json_error_code { json_error_unknown, json_error_out_of_memory, json_error_stack_overflow,
		       json_error_invalid_syntax, json_error_numeric_overflow };
enum { JSON_ERROR_TEXT_LENGTH = 160 };
typedef struct {
	int line;
	enum json_error_code code;
	char text[JSON_ERROR_TEXT_LENGTH];
} json_error_t;
static inline enum json_error_code json_error_code(const json_error_t *e)
{
	return e->code;
}

json_t *json_loadb(const char *bytes, size_t len, size_t flags, json_error_t *ret_error);
typedef int (*json_dump_callback_t)(const char *bytes, size_t len, void *ctx);
int json_dump_callback(const json_t *j, json_dump_callback_t put, void *ctx, size_t flags);
int json_equal(const json_t *a, const json_t *b);

json_t *json_incref(json_t *j);
void json_decref(json_t *j);

json_t *json_object(void);
json_t *json_array(void);
json_t *json_string(const char *text);
json_t *json_stringn(const char *text, size_t len);
json_t *json_integer(json_int_t value);
json_t *json_boolean(bool value);
json_t *json_null(void);

json_type json_typeof(const json_t *j); /* not of NULL */
bool json_is(const json_t *j, json_type type);
#define json_is_object(j) json_is(j, JSON_OBJECT)
#define json_is_array(j) json_is(j, JSON_ARRAY)
#define json_is_string(j) json_is(j, JSON_STRING)
#define json_is_integer(j) json_is(j, JSON_INTEGER)
#define json_is_real(j) json_is(j, JSON_REAL)
#define json_is_true(j) json_is(j, JSON_TRUE)
#define json_is_null(j) json_is(j, JSON_NULL)
#define json_is_boolean(j) (json_is(j, JSON_TRUE) || json_is(j, JSON_FALSE))

const char *json_string_value(const json_t *j);
size_t json_string_length(const json_t *j);
json_int_t json_integer_value(const json_t *j);

size_t json_array_size(const json_t *j);
json_t *json_array_get(const json_t *j, size_t i);
int json_array_append_new(json_t *j, json_t *value);
#define json_array_foreach(array, i, value)                                              \
	for (i = 0; i < json_array_size(array) && (value = json_array_get(array, i)); i++)

size_t json_object_size(const json_t *j);
json_t *json_object_get(const json_t *j, const char *key);
int json_object_set_new(json_t *j, const char *key, json_t *value);
void *json_object_iter(json_t *j);
void *json_object_iter_next(json_t *j, void *at);
const char *json_object_iter_key(void *at);
size_t json_object_iter_key_len(void *at);
json_t *json_object_iter_value(void *at);
#define json_object_foreach(object, key, value)                                             \
	for (void *at_ = json_object_iter(object);                                          \
	     at_ && (key = json_object_iter_key(at_), value = json_object_iter_value(at_)); \
	     at_ = json_object_iter_next(object, at_))

#endif
