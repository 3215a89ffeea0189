/* Facts about batches, datasets and checkpoints: what has a set. */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "repo/fold_rows.h"

int fold_batch(struct folding *x, struct error *e)
{
	const char *transfer_tag;
	scoped_json *body = json_object_make(e);
	struct catalog_thing source, transfer = { 0 };
	uint64_t first, last;

	if (!body || fold_by_tag(x, THING_SOURCE, "source", &source, e) < 0 ||
	    json_get_number(x->entry, "first", &first, e) < 0 ||
	    json_get_number(x->entry, "last", &last, e) < 0 ||
	    json_get_text(x->entry, "transfer", &transfer_tag, e) < 0)
		return e->code;
	if (*transfer_tag && fold_by_tag(x, THING_TRANSFER, "transfer", &transfer, e) < 0)
		return e->code;
	json_set_number(body, "first", first, e);
	json_set_number(body, "last", last, e);
	if (transfer.id)
		json_set_number(body, "transfer", transfer.id, e);
	fold_number(x, body, "terms", e);
	return e->code ? e->code :
			 fold_new(x, THING_BATCH, "b", NULL, NULL, source.id, 0, body, e);
}

/* Size, count and container names of a set, from the private part. */
static void set_members(struct folding *x, json_t *body, struct error *e)
{
	const struct field *names = fields_find(x->f, "containers");
	char *hex;

	fold_number(x, body, "size", e);
	fold_number(x, body, "count", e);
	if (!names || e->code)
		return;
	hex = arena_alloc(x->a, 2 * names->value->len + 1, e);
	if (hex)
		json_set_text(body, "containers", hex_encode(hex, names->value->data, names->value->len), e);
}

/* "name@version" */
static const char *label_of(struct folding *x, struct error *e)
{
	return arena_printf(x->a, e, "%s@%llu", fields_text(x->f, "name"),
			    (unsigned long long)fields_number(x->f, "version", 0));
}

int fold_dataset(struct folding *x, struct error *e)
{
	scoped_json *body = json_object_make(e);
	const char *label;

	if (!body)
		return e->code;
	if (!x->f || !fields_text(x->f, "name"))
		return 0; /* its private part is gone, and with it the set */
	fold_text(x, body, "name", e);
	fold_number(x, body, "version", e);
	fold_text(x, body, "use", e);
	set_members(x, body, e);
	label = label_of(x, e);
	return e->code ? e->code :
			 fold_new(x, THING_DATASET, "", label, NULL, 0, 0, body, e);
}

int fold_model(struct folding *x, struct error *e)
{
	const json_t *inputs = json_object_get(x->entry, "inputs");
	const char *why, *label;
	scoped_json *body = json_object_make(e);

	if (!body)
		return e->code;
	if (!x->f || !fields_text(x->f, "name"))
		return 0;
	why = fields_text(x->f, "reasons");
	fold_text(x, body, "name", e);
	fold_number(x, body, "version", e);
	fold_text(x, body, "kind", e);
	fold_number(x, body, "grade", e);
	fold_text(x, body, "reasons", e);
	set_members(x, body, e);
	json_set_new(body, "inputs", json_deep_copy(inputs), e);
	if (fields_find(x->f, "recipe"))
		json_set_bool(body, "exact", true, e);
	label = label_of(x, e);
	return e->code ? e->code :
			 fold_new(x, THING_MODEL, "", label, NULL, 0,
				  why && *why ? MODEL_WITHDRAWN : MODEL_LIVE, body, e);
}

int fold_model_state(struct folding *x, struct error *e)
{
	const char *state = x->f ? fields_text(x->f, "state") : NULL;
	struct catalog_thing model;
	scoped_json *body = NULL;
	uint64_t fact;

	if (json_get_number(x->entry, "model", &fact, e) < 0 ||
	    fold_by_fact(x, THING_MODEL, fact, &model, e) < 0 || fold_body(&model, &body, e) < 0)
		return e->code;
	for (uint8_t s = MODEL_LIVE; state && s <= MODEL_ERASED; s++)
		if (strcmp(model_state_name(s), state) == 0)
			return fold_again(x, &model, s, body, e);
	return fold_again(x, &model, MODEL_WITHDRAWN, body, e); /* unknown is denied */
}

/* Whoever says so, once. */
int fold_reproduced(struct folding *x, struct error *e)
{
	struct catalog_thing model;
	scoped_json *body = NULL;
	json_t *list, *known;
	const char *by;
	uint64_t fact;
	size_t i;

	if (json_get_number(x->entry, "model", &fact, e) < 0 ||
	    json_get_text(x->entry, "by", &by, e) < 0 ||
	    fold_by_fact(x, THING_MODEL, fact, &model, e) < 0 || fold_body(&model, &body, e) < 0)
		return e->code;
	if (!json_object_get(body, "reproduced"))
		json_set_new(body, "reproduced", json_array_make(e), e);
	list = json_object_get(body, "reproduced");
	json_array_foreach(list, i, known)
		if (strcmp(json_string_value(known), by) == 0)
			return 0;
	json_add_new(list, json_string(by), e);
	return e->code ? e->code : fold_again(x, &model, model.state, body, e);
}
