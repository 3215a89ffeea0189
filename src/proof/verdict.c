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

static json_t *check_json(const struct check *c, struct error *e)
{
	json_t *o = json_object_make(e);

	if (!o)
		return NULL;
	json_set_text(o, "name", c->name, e);
	json_set_bool(o, "ok", c->ok, e);
	json_set_text(o, "detail", c->detail, e);
	return o;
}

static json_t *sentence(const char *says, const json_t *said, struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, 128, e) < 0 || buf_printf(b, e, "%s%s", says, json_string_value(said)) < 0)
		return NULL;
	return json_string(buf_text(b));
}

/* The statement's list, each sentence behind `says`, and ours after it. */
static void set_list(json_t *o, const char *key, const char *says, const struct verdict *v,
		     const json_t *more, struct error *e)
{
	const json_t *list = json_object_get(json_object_get(v->statement, "predicate"), key);
	json_t *all = json_array_make(e);

	for (size_t i = 0; i < json_array_size(list); i++)
		json_add_new(all, sentence(says, json_array_get(list, i), e), e);
	for (size_t i = 0; i < json_array_size(more); i++)
		json_add_new(all, json_incref(json_array_get(more, i)), e);
	json_set_new(o, key, all, e);
}

int verdict_json(const struct verdict *v, json_t **ret, struct error *e)
{
	struct error own = { 0 };
	scoped_json *o = json_object_make(&own);
	json_t *list = json_array_make(&own);

	for (size_t i = 0; i < v->count; i++)
		json_add_new(list, own.code ? NULL : check_json(&v->check[i], &own), &own);
	json_set_bool(o, "valid", v->valid, &own);
	if (v->statement)
		json_set_text(o, "type", json_text_or(v->statement, "predicateType", ""), &own);
	json_set_new(o, "checks", list, &own);
	/* Its word for who signed is not theirs: it could be spelled as what was checked. */
	set_list(o, "signed_by_others", "the operator says: ", v, v->witnessed, &own);
	set_list(o, "asserted", "", v, NULL, &own);
	set_list(o, "not_covered", "", v, v->limits, &own);
	if (own.code)
		return error_set(e, own.code, "%s", own.text);
	*ret = give(o);
	return 0;
}
