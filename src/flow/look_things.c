/* show THING: whatever has a position, an id or a name. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "flow/hold.h"
#include "flow/look_parts.h"
#include "flow/order.h"
#include "flow/rights.h"
#include "flow/uses.h"

enum { COUNTS_MAX = 1 << 16 };

/* A fact's private part; NULL when its key was destroyed. */
static int private_or_none(struct repo *r, uint64_t fact, struct fields **ret, struct error *e)
{
	if (repo_private(r, fact, ret, e) == 0)
		return 0;
	if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	return 0;
}

static void copy_text(json_t *o, const char *key, const struct fields *f, struct error *e)
{
	const struct field *x = f ? fields_find(f, key) : NULL;

	if (x && x->value->len > 0)
		look_set_bytes(o, key, x->value->data, x->value->len, e);
	else
		json_set_new(o, key, json_null(), e);
}

static void put_fact(struct repo *r, json_t *o, uint64_t n, struct error *e)
{
	scoped_json *entry = NULL;

	if (repo_fact(r, n, &entry, e) < 0)
		return;
	json_set_number(o, "fact", n, e);
	json_set_text(o, "at", json_text_or(entry, "at", ""), e);
	json_set_text(o, "by", json_text_or(entry, "by", ""), e);
}

static void put_counts(json_t *o, const struct fields *f, struct error *e)
{
	const struct field *x = f ? fields_find(f, "counts") : NULL;
	json_t *counts = NULL;

	if (x && json_parse(&counts, x->value->data, x->value->len, COUNTS_MAX, e) == 0)
		json_set_new(o, "counts", counts, e);
}

static int batch_document(struct repo *r, const struct catalog_thing *t, json_t *o,
			  struct error *e)
{
	scoped_json *body = NULL;
	scoped(fields) *f = NULL;
	uint64_t first, last;

	if (private_or_none(r, t->fact, &f, e) < 0 ||
	    json_parse(&body, t->body, strlen(t->body), CATALOG_BODY_MAX, e) < 0 ||
	    json_get_number(body, "first", &first, e) < 0 ||
	    json_get_number(body, "last", &last, e) < 0)
		return e->code;
	json_set_text(o, "batch", t->name, e);
	copy_text(o, "source", f, e);
	copy_text(o, "transfer", f, e);
	json_set_number(o, "terms", json_number_or(body, "terms", 0), e);
	copy_text(o, "use", f, e);
	copy_text(o, "origin", f, e);
	json_set_number(o, "first", first, e);
	json_set_number(o, "last", last, e);
	json_set_number(o, "records", last - first + 1, e);
	put_counts(o, f, e);
	put_fact(r, o, t->fact, e);
	return e->code;
}

static int show_batch(struct repo *r, const char *id, json_t **ret, struct error *e)
{
	scoped_json *o = json_object_make(e);
	scoped(arena) *a = NULL;
	struct catalog_thing t;

	if (!o || arena_create(&a, e) < 0 ||
	    catalog_thing_named(r->catalog, a, THING_BATCH, id, &t, e) < 0 ||
	    batch_document(r, &t, o, e) < 0)
		return e->code;
	*ret = json_incref(o);
	return 0;
}

/* t1, out1, g1, b1, h1, d1, o1. */
static int show_id(struct repo *r, const char *id, json_t **ret, struct error *e)
{
	if (strncmp(id, "out", 3) == 0)
		return flow_transfer_show(r, id, ret, e);
	switch (id[0]) {
	case 't': return flow_transfer_show(r, id, ret, e);
	case 'g': return flow_grant_show(r, id, ret, e);
	case 'b': return show_batch(r, id, ret, e);
	case 'h': return flow_holds(r, id, ret, e);
	case 'd': return flow_deployments(r, id, ret, e);
	default: return flow_order_status(r, id, ret, e);
	}
}

static bool is_number(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == 0;
}

static bool is_id(const char *text)
{
	if (strncmp(text, "out", 3) == 0)
		return is_number(text + 3);
	return *text && strchr("tgbohd", *text) && is_number(text + 1);
}

int flow_show(struct repo *r, const char *thing, json_t **ret, struct error *e)
{
	static int (*const by_name[])(struct repo *r, const char *name, json_t **ret,
				      struct error *e) = {
		show_id, flow_model_show, flow_dataset_show, flow_source_show,
		flow_outputs,
	};
	bool id = is_id(thing);
	uint64_t pos;

	if (is_number(thing)) {
		if (number_parse(&pos, thing, strlen(thing), e) < 0)
			return error_set(e, E_NOT_FOUND, "no record %.40s", thing);
		return flow_record(r, pos, ret, e);
	}
	for (size_t i = id ? 0 : 1; *thing && i < COUNT_OF(by_name); i++) {
		if (by_name[i](r, thing, ret, e) == 0)
			return 0;
		if (e->code != E_NOT_FOUND && e->code != E_USAGE)
			return e->code;
		error_clear(e);
	}
	return error_set(e, E_NOT_FOUND,
			 "nothing is called \"%.100s\" (a position, t1, out1, g1, b1, o1, h1, d1, or the "
			 "name of a source, dataset, model or output)",
			 thing);
}
