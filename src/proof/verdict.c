#include <stdlib.h>

#include "proof/certificate.h"

void verdict_destroy(struct verdict *v)
{
	if (!v)
		return;
	json_decref(v->statement);
	json_decref(v->limits);
	json_decref(v->witnessed);
	free(v);
}

/* {"name","ok","detail"}; NULL: no memory, as of the calls below, which pass it on. */
static json_t *check_json(const struct check *c)
{
	scoped_json *o = json_object();

	return json_object_set_new(o, "name", json_string(c->name)) < 0 ||
	       json_object_set_new(o, "ok", json_boolean(c->ok)) < 0 ||
	       json_object_set_new(o, "detail", json_string(c->detail)) < 0 ? NULL : give(o);
}

/* The statement's list, each sentence behind `says`, and ours after it. */
static json_t *list_json(const struct verdict *v, const char *key, const char *says,
			 const json_t *more)
{
	const json_t *list = json_object_get(json_object_get(v->statement, "predicate"), key);
	scoped_json *all = json_array();
	const json_t *j;
	size_t i;

	json_array_foreach(list, i, j) {
		scoped(buf) *b = NULL;

		if (buf_create(&b, 128, NULL) < 0 ||
		    buf_printf(b, NULL, "%s%s", says, json_string_value(j)) < 0 ||
		    json_array_append_new(all, json_string(buf_text(b))) < 0)
			return NULL;
	}
	for (i = 0; i < json_array_size(more); i++)
		if (json_array_append_new(all, json_incref(json_array_get(more, i))) < 0)
			return NULL;
	return give(all);
}

int verdict_json(const struct verdict *v, json_t **ret, struct error *e)
{
	scoped_json *o = json_object(), *list = json_array();
	json_t *type = json_object_get(v->statement, "predicateType");

	for (size_t i = 0; i < v->count; i++)
		if (json_array_append_new(list, check_json(&v->check[i])) < 0)
			return error_set(e, E_MEMORY, "verdict: out of memory");
	/* Its word for who signed is not theirs: it could be spelled as what was checked. */
	if (json_object_set_new(o, "valid", json_boolean(v->valid)) < 0 ||
	    (type && json_object_set_new(o, "type", json_incref(type)) < 0) ||
	    json_object_set_new(o, "checks", json_incref(list)) < 0 ||
	    json_object_set_new(o, "signed_by_others",
				list_json(v, "signed_by_others", "the operator says: ",
					  v->witnessed)) < 0 ||
	    json_object_set_new(o, "asserted", list_json(v, "asserted", "", NULL)) < 0 ||
	    json_object_set_new(o, "not_covered", list_json(v, "not_covered", "", v->limits)) < 0)
		return error_set(e, E_MEMORY, "verdict: out of memory");
	*ret = give(o);
	return 0;
}
