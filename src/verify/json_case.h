/*
 * json_case: one text as wire/json.c takes it, over Jansson (case_jansson) and over small/jansson.h
 * (case_small, from a library of its own that shows nothing else). For tests.
 */
#ifndef VERIFY_JSON_CASE_H
#define VERIFY_JSON_CASE_H

#include <stddef.h>

struct json_case {
	int parsed, canonical; /* codes of json_parse and json_parse_canonical */
	char *text;	       /* parsed and written again; owned, free(); NULL: was not read */
	size_t len;
};
typedef void json_case_run(struct json_case *ret, const void *bytes, size_t len);
__attribute__((visibility("default"))) json_case_run case_jansson, case_small;

/* What speaks against the two being the same; NULL: nothing. */
const char *case_differs(const void *bytes, size_t len);

#endif
