/*
 * json: Jansson behind a few words. Reading is strict (UTF-8, no duplicate keys, no
 * bytes after the end, depth and size limits); writing has one form: compact, keys
 * sorted by bytes, so that a value has one spelling and verify can compare it.
 */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "crypto/hash.h"

enum { JSON_DEPTH_MAX = 32 };

typedef json_t json_value;
static inline void json_end(json_t **j)
{
	json_decref(*j);
}
/* scoped_json *j = NULL; is released with its scope. */
#define scoped_json __attribute__((cleanup(json_end))) json_t

/* Parse at most max_bytes. Errors: E_FORMAT (with line), E_RANGE. */
must_use int json_parse(json_t **ret, const void *bytes, size_t len_bytes, size_t max_bytes,
			struct error *e);
/* Append the one compact form. */
must_use int json_put(const json_t *j, struct buf *b, struct error *e);
/* Parse, and E_FORMAT unless the bytes are exactly the one form. */
must_use int json_parse_canonical(json_t **ret, const void *bytes, size_t len_bytes,
				  size_t max_bytes, struct error *e);

/* Members of an object; what is lent lives as long as the object. E_FORMAT names the key when
 * it is missing or of another type. */
must_use int json_get_text(const json_t *o, const char *key, const char **ret, struct error *e);
must_use int json_get_number(const json_t *o, const char *key, uint64_t *ret, struct error *e);
must_use int json_get_bool(const json_t *o, const char *key, bool *ret, struct error *e);
must_use int json_get_hash(const json_t *o, const char *key, struct hash *ret, struct error *e);
must_use int json_get_bytes64(const json_t *o, const char *key, struct buf **ret, struct error *e);
must_use int json_get_object(const json_t *o, const char *key, json_t **ret, struct error *e);
must_use int json_get_array(const json_t *o, const char *key, json_t **ret, struct error *e);
/* NULL or the default when the key is missing. */
const char *json_text_or(const json_t *o, const char *key, const char *otherwise);
uint64_t json_number_or(const json_t *o, const char *key, uint64_t otherwise);
/* E_FORMAT, naming the first key of o that is not among keys (NULL-ended). */
must_use int json_only(const json_t *o, const char *const *keys, struct error *e);

/* Setting members; the first failure (of memory) is kept in e and later calls do nothing, so
 * that a document is written without a check on each line: check e->code at the end. */
void json_set_text(json_t *o, const char *key, const char *value, struct error *e);
void json_set_number(json_t *o, const char *key, uint64_t value, struct error *e);
void json_set_bool(json_t *o, const char *key, bool value, struct error *e);
void json_set_hash(json_t *o, const char *key, const struct hash *h, struct error *e);
void json_set_bytes64(json_t *o, const char *key, const void *bytes, size_t len, struct error *e);
void json_set_time(json_t *o, const char *key, uint64_t at_utc_ms, struct error *e); /* TIME_NONE: null */
void json_set_new(json_t *o, const char *key, json_t *value, struct error *e); /* takes value */
void json_add_new(json_t *array, json_t *value, struct error *e);		/* takes value */
json_t *json_object_make(struct error *e);
json_t *json_array_make(struct error *e);
/* Text of any bytes: as it is when UTF-8, else with the bad bytes as U+FFFD (for people only). */
json_t *json_text_lossy(const char *bytes, size_t len, struct error *e);

#endif
