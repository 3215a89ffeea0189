/* Facts about duties to keep: holds, and their release. */
#include "base/text.h"
#include "repo/fold_rows.h"

int fold_hold(struct folding *x, struct error *e)
{
	const char *positions = x->f ? fields_text(x->f, "positions") : NULL;
	scoped_json *body = json_object_make(e);
	scoped(set) *s = NULL;
	uint64_t id;

	if (!body || catalog_next_id(x->r->catalog, THING_HOLD, &id, e) < 0)
		return e->code;
	if (!positions)
		return error_set(e, E_NOT_FOUND, "the private part of a hold is gone");
	if (set_from_text(&s, positions, SIZE_MAX, e) < 0 ||
	    catalog_mark_put(x->r->catalog, MARK_HOLD + id, s, e) < 0)
		return e->code;
	fold_number(x, body, "count", e);
	fold_time(x, body, "until", e);
	return e->code ? e->code : fold_new(x, THING_HOLD, "h", NULL, NULL, 0, 0, body, e);
}

int fold_hold_release(struct folding *x, struct error *e)
{
	struct catalog_thing hold;
	scoped_json *body = NULL;
	uint64_t fact, when;

	if (json_get_number(x->entry, "hold", &fact, e) < 0 ||
	    fold_by_fact(x, THING_HOLD, fact, &hold, e) < 0 || fold_body(&hold, &body, e) < 0 ||
	    time_parse(&when, json_text_or(x->entry, "at", ""), e) < 0)
		return e->code;
	json_set_number(body, "released", when, e);
	json_set_number(body, "release", x->n, e);
	return e->code ? e->code : fold_again(x, &hold, 1, body, e);
}
