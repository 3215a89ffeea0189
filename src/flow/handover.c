#include "flow/handover.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "flow/parts.h"

/* --- noting one --- */

void handover_digest(const struct repo *r, struct hash *ret, const struct hash *sha256)
{
	static const char domain[] = "rescind/part/v1";
	uint8_t bytes[sizeof(domain) + HASH_LEN];

	memcpy(bytes, domain, sizeof(domain));
	memcpy(bytes + sizeof(domain), sha256->b, HASH_LEN);
	hmac_bytes(ret, r->tag_key, sizeof(r->tag_key), bytes, sizeof(bytes));
}

int handover_next(struct repo *r, char ret_label[24], struct error *e)
{
	uint64_t id;

	if (catalog_next_id(r->catalog, THING_HANDOVER, &id, e) < 0)
		return e->code;
	snprintf(ret_label, 24, "out%" PRIu64, id);
	return 0;
}

static json_t *part_json(const struct handed_part *p, struct error *e)
{
	json_t *o = json_object_make(e);

	if (!o)
		return NULL;
	json_set_text(o, "name", p->name, e);
	json_set_hash(o, "digest", &p->digest, e);
	json_set_number(o, "bytes", p->bytes, e);
	json_set_number(o, "first", p->first, e);
	json_set_number(o, "last", p->last, e);
	return o;
}

static int add_parts(const struct handover_new *n, struct fields *f, struct error *e)
{
	scoped_json *list = json_array_make(e);

	for (size_t i = 0; list && i < n->part_count; i++)
		json_add_new(list, part_json(&n->parts[i], e), e);
	return e->code ? e->code : parts_add_json(f, "parts", list, e);
}

static int add_private(struct repo *r, const struct handover_new *n, struct fields *f,
		       struct error *e)
{
	char label[24];

	if (handover_next(r, label, e) < 0 || fields_add_text(f, "id", label, e) < 0 ||
	    fields_add_text(f, "to", n->to ? n->to : "", e) < 0 ||
	    fields_add_text(f, "use", n->use, e) < 0 || fields_add_text(f, "at", n->at, e) < 0 ||
	    fields_add_text(f, "format", n->format, e) < 0 ||
	    fields_add_number(f, "count", n->count, e) < 0 || add_parts(n, f, e) < 0)
		return e->code;
	return n->document ? fields_add(f, "document", n->document->b, HASH_LEN, e) : 0;
}

int handover_in(struct change *c, struct repo *r, const struct handover_new *n,
		uint64_t *ret_fact, struct error *e)
{
	json_t *public;
	scoped(fields) *f = NULL;
	uint64_t fact;

	if (fields_create(&f, e) < 0 || add_private(r, n, f, e) < 0)
		return e->code;
	public = json_object_make(e);
	if (!public)
		return e->code;
	json_set_number(public, "of", n->of, e);
	if (change_fact(c, "handover", public, f, &fact, e) < 0)
		return e->code;
	if (ret_fact)
		*ret_fact = fact;
	return 0;
}

/* --- reading --- */

static int lend(struct arena *a, const struct fields *f, const char *name, const char **ret,
		struct error *e)
{
	const char *text = f ? fields_text(f, name) : NULL;

	*ret = arena_text(a, text ? text : "", text ? strlen(text) : 0, e);
	return *ret ? 0 : e->code;
}

static int read_part(struct arena *a, const json_t *o, struct handed_part *ret, struct error *e)
{
	const char *name;

	if (json_get_text(o, "name", &name, e) < 0 ||
	    json_get_hash(o, "digest", &ret->digest, e) < 0 ||
	    json_get_number(o, "bytes", &ret->bytes, e) < 0 ||
	    json_get_number(o, "first", &ret->first, e) < 0 ||
	    json_get_number(o, "last", &ret->last, e) < 0)
		return e->code;
	ret->name = arena_text(a, name, strlen(name), e);
	return ret->name ? 0 : e->code;
}

static int read_parts(struct arena *a, const struct fields *f, struct handover *h,
		      struct error *e)
{
	const struct field *x = f ? fields_find(f, "parts") : NULL;
	struct handed_part *list;
	scoped_json *j = NULL;

	if (!x)
		return 0;
	if (json_parse(&j, x->value->data, x->value->len, FIELD_VALUE_MAX, e) < 0)
		return e->code;
	list = arena_alloc(a, (json_array_size(j) + 1) * sizeof(*list), e);
	if (!list)
		return e->code;
	for (size_t i = 0; i < json_array_size(j); i++)
		if (read_part(a, json_array_get(j, i), &list[i], e) < 0)
			return e->code;
	h->parts = list;
	h->part_count = json_array_size(j);
	return 0;
}

static int read_private(struct repo *r, struct arena *a, struct handover *h, struct error *e)
{
	scoped(fields) *f = NULL;

	if (repo_private(r, h->fact, &f, e) < 0) {
		if (e->code != E_NOT_FOUND)
			return e->code;
		error_clear(e);
	}
	if (lend(a, f, "to", &h->to, e) < 0 || lend(a, f, "use", &h->use, e) < 0 ||
	    lend(a, f, "at", &h->at, e) < 0 || lend(a, f, "format", &h->format, e) < 0)
		return e->code;
	return read_parts(a, f, h, e);
}

static int read_row(struct repo *r, struct arena *a, uint64_t id, struct handover *ret,
		    struct error *e)
{
	struct catalog_thing t, of;
	scoped_json *body = NULL;

	memset(ret, 0, sizeof(*ret));
	if (catalog_thing(r->catalog, a, THING_HANDOVER, id, &t, e) < 0 ||
	    json_parse(&body, t.body, strlen(t.body), CATALOG_BODY_MAX, e) < 0)
		return e->code;
	ret->id = id;
	ret->fact = t.fact;
	ret->label = t.name;
	ret->of = json_number_or(body, "of", 0);
	ret->count = json_number_or(body, "count", 0);
	ret->at_utc_ms = json_number_or(body, "since", TIME_NONE);
	ret->of_model = json_is_true(json_object_get(body, "model"));
	ret->ours = json_is_true(json_object_get(body, "ours"));
	if (catalog_thing(r->catalog, a, ret->of_model ? THING_MODEL : THING_DATASET, t.owner, &of,
			  e) < 0)
		return e->code;
	ret->what = of.name;
	return read_private(r, a, ret, e);
}

int handovers_all(struct repo *r, struct arena *a, struct handover **ret, size_t *ret_count,
		  struct error *e)
{
	uint64_t end;

	if (catalog_next_id(r->catalog, THING_HANDOVER, &end, e) < 0)
		return e->code;
	*ret = arena_alloc(a, (size_t)end * sizeof(**ret), e);
	if (!*ret)
		return e->code;
	*ret_count = (size_t)(end - 1);
	for (uint64_t id = 1; id < end; id++)
		if (read_row(r, a, id, &(*ret)[id - 1], e) < 0)
			return e->code;
	return 0;
}

int handover_named(struct repo *r, struct arena *a, const char *id, struct handover *ret,
		   struct error *e)
{
	uint64_t number, end;

	if (strncmp(id, "out", 3) != 0 || number_parse(&number, id + 3, strlen(id + 3), NULL) < 0)
		return error_set(e, E_USAGE, "\"%.40s\" is no hand-over (they are called out1, out2, ..)",
				 id);
	if (catalog_next_id(r->catalog, THING_HANDOVER, &end, e) < 0)
		return e->code;
	if (number == 0 || number >= end)
		return error_set(e, E_NOT_FOUND, "no hand-over %.40s (rescind transfer ls)", id);
	return read_row(r, a, number, ret, e);
}

int handover_set(struct repo *r, const struct handover *h, struct set *s, struct error *e)
{
	scoped(arena) *a = NULL;
	struct dataset d;
	struct model m;

	if (arena_create(&a, e) < 0)
		return e->code;
	if (h->of_model)
		return model_named(r, a, h->what, &m, e) < 0 ? e->code :
							       stored_set_load(r, &m.set, s, e);
	return dataset_named(r, a, h->what, &d, e) < 0 ? e->code : stored_set_load(r, &d.set, s, e);
}
