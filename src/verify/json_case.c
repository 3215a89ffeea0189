/* Compiled twice, with CASE as one of the two names of json_case.h. */
#include "verify/json_case.h"

#include <stdlib.h>

#include "wire/json.h"

enum { CASE_BYTES_MAX = 1 << 24 };

void CASE(struct json_case *ret, const void *bytes, size_t len)
{
	scoped_json *j = NULL, *canonical = NULL, *again = NULL, *built = NULL;
	scoped(buf) *b = NULL;
	struct error e = { 0 };

	ret->text = NULL;
	ret->len = 0;
	ret->parsed = json_parse(&j, bytes, len, CASE_BYTES_MAX, &e);
	error_clear(&e);
	ret->canonical = json_parse_canonical(&canonical, bytes, len, CASE_BYTES_MAX, &e);
	error_clear(&e);
	if (ret->parsed < 0)
		return;
	/* Written, read and put together again, it must be the same. */
	built = json_object_make(&e);
	if (buf_create(&b, len, &e) < 0 || json_put(j, b, &e) < 0 ||
	    json_parse_canonical(&again, b->data, b->len, CASE_BYTES_MAX, &e) < 0 ||
	    !json_equal(j, again))
		abort();
	for (void *at = json_object_iter(j); at; at = json_object_iter_next(j, at))
		json_set_new(built, json_object_iter_key(at), json_incref(json_object_iter_value(at)),
			     &e);
	if (e.code || (json_is_object(j) && !json_equal(built, again)))
		abort();
	ret->len = b->len;
	ret->text = malloc(b->len + 1);
	if (!ret->text)
		abort();
	memcpy(ret->text, b->data, b->len + 1);
}
