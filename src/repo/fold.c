#include "repo/fold.h"

#include <stdio.h>

#include "base/text.h"
#include "repo/fold_rows.h"

static const struct {
	const char *type;
	int (*fold)(struct folding *x, struct error *e);
} types[] = {
	{ "init", fold_init },	       { "key", fold_key },
	{ "source", fold_source },     { "terms", fold_terms },
	{ "transfer", fold_transfer }, { "correction", fold_correction },
	{ "grant", fold_grant },       { "withdrawal", fold_withdrawal },
	{ "batch", fold_batch },       { "dataset", fold_dataset },
	{ "model", fold_model },       { "model-state", fold_model_state },
	{ "reproduced", fold_reproduced },
	{ "order", fold_order },       { "plan", fold_plan },
	{ "approval", fold_approval }, { "step", fold_step },
	{ "deployment", fold_deployment }, { "undeployment", fold_undeployment },
	{ "output", fold_output },     { "output-gone", fold_output_gone },
	{ "handover", fold_handover },
	{ "hold", fold_hold },	       { "hold-release", fold_hold_release },
	{ "certified", fold_certified }, { "refusal", fold_refusal },
	{ "successor", fold_successor },
};

bool fold_knows(const char *type)
{
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (strcmp(types[i].type, type) == 0)
			return true;
	return false;
}

int fold_fact(struct repo *r, uint64_t n, const json_t *entry, const struct fields *private_part,
	      struct error *e)
{
	scoped(arena) *a = NULL;
	struct folding x = { .r = r, .n = n, .entry = entry, .f = private_part };
	const char *type;

	if (arena_create(&a, e) < 0 || json_get_text(entry, "type", &type, e) < 0)
		return e->code;
	x.a = a;
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (strcmp(types[i].type, type) == 0)
			return types[i].fold(&x, e) < 0 ?
				       error_wrap(e, "fact %llu (%s)", (unsigned long long)n, type) :
				       0;
	return error_set(e, E_FORMAT, "fact %llu is of a type that this program does not know: %s",
			 (unsigned long long)n, type);
}

static int put(struct folding *x, const struct catalog_thing *t, const json_t *body,
	       struct error *e)
{
	scoped(buf) *text = NULL;
	struct catalog_thing with = *t;

	if (buf_create(&text, 256, e) < 0 || json_put(body, text, e) < 0)
		return e->code;
	with.body = buf_text(text);
	return catalog_put_thing(x->r->catalog, &with, e);
}

int fold_new(struct folding *x, uint8_t kind, const char *prefix, const char *name,
	     const struct tag *tag, uint64_t owner, uint8_t state, const json_t *body,
	     struct error *e)
{
	struct catalog_thing t = { .kind = kind, .owner = owner, .fact = x->n, .state = state };
	char numbered[32];

	if ((kind == THING_ORDER ? order_next_id(x->r, &t.id, e) :
				   catalog_next_id(x->r->catalog, kind, &t.id, e)) < 0)
		return e->code;
	snprintf(numbered, sizeof(numbered), "%s%llu", prefix, (unsigned long long)t.id);
	t.name = name ? name : numbered;
	if (tag)
		t.tag = *tag;
	return put(x, &t, body, e);
}

int fold_again(struct folding *x, const struct catalog_thing *t, uint8_t state,
	       const json_t *body, struct error *e)
{
	struct catalog_thing with = *t;

	with.state = state;
	return put(x, &with, body, e);
}

struct finding {
	uint64_t fact, id;
	bool found;
};

static int find_fact(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct finding *f = ctx;

	(void)e;
	if (t->fact == f->fact) {
		f->id = t->id;
		f->found = true;
	}
	return 0;
}

int fold_by_fact(struct folding *x, uint8_t kind, uint64_t fact, struct catalog_thing *ret,
		 struct error *e)
{
	struct finding f = { .fact = fact };

	if (catalog_each_thing(x->r->catalog, kind, UINT64_MAX, find_fact, &f, e) < 0)
		return e->code;
	if (!f.found)
		return error_set(e, E_NOT_FOUND, "fact %llu made nothing of the kind asked for",
				 (unsigned long long)fact);
	return catalog_thing(x->r->catalog, x->a, kind, f.id, ret, e);
}

int fold_tag(struct folding *x, const char *member, struct tag *ret, struct error *e)
{
	const char *hex;

	memset(ret, 0, sizeof(*ret));
	if (json_get_text(x->entry, member, &hex, e) < 0)
		return e->code;
	return hex_decode(ret->b, 8, hex, e);
}

static int find_first(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct finding *f = ctx;

	(void)e;
	if (!f->found)
		f->id = t->id;
	f->found = true;
	return 0;
}

int fold_by_tag(struct folding *x, uint8_t kind, const char *member, struct catalog_thing *ret,
		struct error *e)
{
	struct finding f = { 0 };
	struct tag tag;

	if (fold_tag(x, member, &tag, e) < 0 ||
	    catalog_each_thing_tagged(x->r->catalog, kind, &tag, find_first, &f, e) < 0)
		return e->code;
	if (!f.found)
		return error_set(e, E_NOT_FOUND, "no %s with that tag", member);
	return catalog_thing(x->r->catalog, x->a, kind, f.id, ret, e);
}

int fold_body(const struct catalog_thing *t, json_t **ret, struct error *e)
{
	return json_parse(ret, t->body, strlen(t->body), CATALOG_BODY_MAX, e);
}

void fold_text(struct folding *x, json_t *body, const char *field, struct error *e)
{
	const char *text = x->f ? fields_text(x->f, field) : NULL;

	if (text && *text)
		json_set_text(body, field, text, e);
}

void fold_time(struct folding *x, json_t *body, const char *field, struct error *e)
{
	const char *text = x->f ? fields_text(x->f, field) : NULL;
	uint64_t at;

	if (!text || !*text)
		return;
	if (time_parse(&at, text, e) == 0)
		json_set_number(body, field, at, e);
}

void fold_number(struct folding *x, json_t *body, const char *field, struct error *e)
{
	if (x->f && fields_find(x->f, field))
		json_set_number(body, field, fields_number(x->f, field, 0), e);
}
