/* Facts about what left the store: a dataset or a checkpoint, shared or written out. */
#include "base/text.h"
#include "repo/fold_rows.h"

/* Of a dataset, or else of a checkpoint. */
static int handed_over(struct folding *x, uint64_t fact, struct catalog_thing *ret,
		       bool *ret_model, struct error *e)
{
	*ret_model = false;
	if (fold_by_fact(x, THING_DATASET, fact, ret, e) == 0)
		return 0;
	if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	*ret_model = true;
	return fold_by_fact(x, THING_MODEL, fact, ret, e);
}

int fold_handover(struct folding *x, struct error *e)
{
	const char *to = x->f ? fields_text(x->f, "to") : NULL;
	scoped_json *body = json_object_make(e);
	struct catalog_thing of;
	uint64_t fact, when;
	bool model;

	if (!body || json_get_number(x->entry, "of", &fact, e) < 0 ||
	    handed_over(x, fact, &of, &model, e) < 0 ||
	    time_parse(&when, json_text_or(x->entry, "at", ""), e) < 0)
		return e->code;
	json_set_number(body, "of", fact, e);
	json_set_bool(body, "model", model, e);
	json_set_bool(body, "ours", to && !*to, e);
	json_set_number(body, "since", when, e);
	fold_number(x, body, "count", e);
	return e->code ? e->code :
			 fold_new(x, THING_HANDOVER, "out", NULL, NULL, of.id, 0, body, e);
}
