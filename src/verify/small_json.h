/*
 * small_json: how the values of small/jansson.h lie in memory. For small_json.c and
 * small_json_text.c only.
 */
#ifndef VERIFY_SMALL_JSON_H
#define VERIFY_SMALL_JSON_H

#include <jansson.h> /* small/jansson.h, by the include path */

#include <stdint.h>

struct member {
	char *key; /* without NUL bytes inside */
	json_t *value;
};
struct json_t {
	json_type type;
	size_t references; /* not counted of true, false and null */
	size_t count, cap; /* items, members, or bytes of a string */
	char *bytes;	   /* and a NUL byte */
	json_t **items;
	struct member *members; /* ascending by their keys, when all are there */
	json_int_t integer;
};

json_t *small_value(json_type type); /* NULL: no memory */
void small_member_end(struct member *m);
/* Behind the others, in whatever order. Takes key and value, also when it fails (-1). */
int small_member_append(json_t *j, char *key, json_t *value);

#endif
