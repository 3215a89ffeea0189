/* Facts about checkpoints in use and what they made: deployments and kept outputs. */
#include "base/text.h"
#include "repo/fold_rows.h"

static int model_of(struct folding *x, struct catalog_thing *ret, struct error *e)
{
	uint64_t fact;

	if (json_get_number(x->entry, "model", &fact, e) < 0)
		return e->code;
	return fold_by_fact(x, THING_MODEL, fact, ret, e);
}

/* When the fact says, else when it was said. */
static void set_since(struct folding *x, json_t *body, struct error *e)
{
	const char *at = json_text_or(x->entry, "at", "");
	uint64_t when;

	fold_time(x, body, "from", e);
	if (!json_object_get(body, "from") && e->code == 0 && time_parse(&when, at, e) == 0)
		json_set_number(body, "from", when, e);
}

int fold_deployment(struct folding *x, struct error *e)
{
	scoped_json *body = json_object_make(e);
	struct catalog_thing model;

	if (!body || model_of(x, &model, e) < 0)
		return e->code;
	fold_text(x, body, "product", e);
	fold_text(x, body, "use", e);
	set_since(x, body, e);
	return e->code ? e->code :
			 fold_new(x, THING_DEPLOYMENT, "d", NULL, NULL, model.id, 0, body, e);
}

int fold_undeployment(struct folding *x, struct error *e)
{
	struct catalog_thing t;
	scoped_json *body = NULL;
	uint64_t fact, when;

	if (json_get_number(x->entry, "deployment", &fact, e) < 0 ||
	    fold_by_fact(x, THING_DEPLOYMENT, fact, &t, e) < 0 || fold_body(&t, &body, e) < 0 ||
	    time_parse(&when, json_text_or(x->entry, "at", ""), e) < 0)
		return e->code;
	json_set_number(body, "until", when, e);
	return e->code ? e->code : fold_again(x, &t, 1, body, e);
}

int fold_output(struct folding *x, struct error *e)
{
	const char *name = x->f ? fields_text(x->f, "name") : NULL;
	scoped_json *body = json_object_make(e);
	struct catalog_thing model;

	if (!body || model_of(x, &model, e) < 0)
		return e->code;
	fold_text(x, body, "kind", e);
	fold_number(x, body, "count", e);
	return e->code ? e->code :
			 fold_new(x, THING_OUTPUT, "output", name, NULL, model.id, 0, body, e);
}

int fold_output_gone(struct folding *x, struct error *e)
{
	struct catalog_thing t;
	scoped_json *body = NULL;
	uint64_t fact;

	if (json_get_number(x->entry, "output", &fact, e) < 0 ||
	    fold_by_fact(x, THING_OUTPUT, fact, &t, e) < 0 || fold_body(&t, &body, e) < 0)
		return e->code;
	return fold_again(x, &t, 1, body, e);
}
