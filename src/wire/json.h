/*
 * json: Jansson behind a few words. Reading is strict: UTF-8, no duplicate keys, no
 * \u0000, no bytes after the end, numbers are integers of 64 bits with sign, depth and
 * size have limits. Writing has one form, so that a value has one spelling and verify
 * can compare it: no spaces, keys sorted by bytes, UTF-8 as it is; escaped are only
 * \" \\ \b \f \n \r \t and the other bytes below 0x20 as \u001F. Text is never
 * normalized. Reals have many spellings: they are read from others and never written.
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

/* Parse one value of any type. Errors: E_FORMAT (with the line); E_RANGE, more than max_bytes,
 * an integer beyond 64 bits, or arrays and objects nested deeper than JSON_DEPTH_MAX. The
 * tree takes up to 100 times the bytes: choose max_bytes so. E_MEMORY; but Jansson's lexer tells
 * its own want of memory as a bad token, E_FORMAT. */
must_use int json_parse(json_t **ret, const void *bytes, size_t len_bytes, size_t max_bytes,
			struct error *e);
/* Documents of others: the same, but reals may stand in them. */
must_use int json_parse_foreign(json_t **ret, const void *bytes, size_t len_bytes,
				size_t max_bytes, struct error *e);
/* Append the one compact form, without a newline. What was written can be read again: E_FORMAT
 * for reals and for texts that are not UTF-8 or hold U+0000, E_RANGE when nested too deep. */
must_use int json_put(const json_t *j, struct buf *b, struct error *e);
/* Parse, and E_FORMAT unless the bytes are exactly the one form. */
must_use int json_parse_canonical(json_t **ret, const void *bytes, size_t len_bytes,
				  size_t max_bytes, struct error *e);

/* Members of an object; what is lent lives as long as the object. E_FORMAT names the key when
 * it is missing or of another type. A number is from 0 to INT64_MAX, hex lowercase, a hash 64
 * digits of it, bytes64 strict base64, a time as json_set_time writes it or any that time_parse reads. */
must_use int json_get_text(const json_t *o, const char *key, const char **ret, struct error *e);
must_use int json_get_number(const json_t *o, const char *key, uint64_t *ret, struct error *e);
must_use int json_get_bool(const json_t *o, const char *key, bool *ret, struct error *e);
must_use int json_get_hex(const json_t *o, const char *key, void *ret, size_t len_bytes,
			  struct error *e);
must_use int json_get_hash(const json_t *o, const char *key, struct hash *ret, struct error *e);
must_use int json_get_bytes64(const json_t *o, const char *key, struct buf **ret, struct error *e);
must_use int json_get_time(const json_t *o, const char *key, uint64_t *ret_utc_ms,
			   struct error *e); /* null: TIME_NONE */
must_use int json_get_object(const json_t *o, const char *key, json_t **ret, struct error *e);
must_use int json_get_array(const json_t *o, const char *key, json_t **ret, struct error *e);
/* The default when the key is missing or of another type. */
const char *json_text_or(const json_t *o, const char *key, const char *otherwise);
uint64_t json_number_or(const json_t *o, const char *key, uint64_t otherwise);
/* E_FORMAT, naming the first key of o that is not among keys (NULL-ended). */
must_use int json_only(const json_t *o, const char *const *keys, struct error *e);

/* Setting members; e is not NULL and e->code is 0 before the first call. The first failure is
 * kept in e and later calls do nothing, so that a document is written without a check on each
 * line: check e->code at the end. E_MEMORY; E_FORMAT, a text is not UTF-8; E_RANGE, a number
 * above INT64_MAX. A text that is NULL is written as null. */
void json_set_text(json_t *o, const char *key, const char *value, struct error *e);
void json_set_number(json_t *o, const char *key, uint64_t value, struct error *e);
void json_set_bool(json_t *o, const char *key, bool value, struct error *e);
void json_set_hash(json_t *o, const char *key, const struct hash *h, struct error *e);
void json_set_bytes64(json_t *o, const char *key, const void *bytes, size_t len, struct error *e);
/* "2014-03-01T12:00:00Z", cut to the second; TIME_NONE: null. */
void json_set_time(json_t *o, const char *key, uint64_t at_utc_ms, struct error *e);
void json_set_new(json_t *o, const char *key, json_t *value, struct error *e); /* takes value */
void json_add_new(json_t *array, json_t *value, struct error *e);		/* takes value */
json_t *json_object_make(struct error *e);
json_t *json_array_make(struct error *e);
/* Text of any bytes: as it is when UTF-8, else with NUL and the bad bytes as U+FFFD (for people
 * only: two texts may look the same). */
json_t *json_text_lossy(const char *bytes, size_t len, struct error *e);

#endif
