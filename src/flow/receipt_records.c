/* Of a receipt in words: the records, those that came and fared alike in one row. */
#include <inttypes.h>
#include <stdio.h>

#include "flow/receipt_parts.h"

struct rows {
	struct receipting *x;
	const struct batch *b;
	char batch[24], at[32]; /* its name, and when it was logged */
	json_t *list;
};

static void put_row(const struct rows *w, const struct set *s, const char *state,
		    const char *order, const char *named_by, struct error *e)
{
	json_t *row = json_object_make(e);
	scoped(buf) *positions = NULL;

	json_add_new(w->list, row, e);
	if (e->code || buf_create(&positions, 64, e) < 0 || set_put_text(s, positions, e) < 0)
		return;
	json_set_text(row, "positions", buf_text(positions), e);
	json_set_number(row, "count", set_count(s), e);
	json_set_text(row, "batch", w->batch, e);
	json_set_text(row, "logged", w->at, e);
	json_set_number(row, "fact", w->b->fact, e);
	json_set_text(row, "state", state, e);
	json_set_text(row, "order", order, e);
	json_set_text(row, "named_by", named_by, e);
}

/* Those of s that lie in which (within) or do not; NULL: none. */
static int part(const struct set *s, const struct set *which, bool within, struct set **ret,
		struct error *e)
{
	scoped(set) *p = NULL;

	if (set_copy(&p, s, e) < 0 || (within ? set_and(p, which, e) : set_minus(p, which, e)) < 0)
		return e->code;
	*ret = set_count(p) > 0 ? give(p) : NULL;
	return 0;
}

/* Whom a record here is about is said by its card, or by a copy of it alone. */
static int put_here(const struct rows *w, const struct set *s, const char *state, struct error *e)
{
	for (int on_card = 1; on_card >= 0; on_card--) {
		scoped(set) *p = NULL;

		if (part(s, w->x->on_card, on_card, &p, e) < 0)
			return e->code;
		if (p)
			put_row(w, p, state, NULL,
				!w->x->ask->subject ? NULL :
				on_card		    ? "card" :
						      "copy", e);
	}
	return e->code;
}

/* By the order that destroyed their keys: the first that had them. */
static int put_erased(const struct rows *w, struct set *s, struct error *e)
{
	const char *named = w->x->ask->subject ? "order" : NULL;

	for (size_t i = 0; i < w->x->order_count; i++) {
		const struct receipt_order *o = &w->x->orders[i];
		scoped(set) *p = NULL;

		if (o->state != ORDER_CERTIFIED && o->state != ORDER_EXECUTING)
			continue;
		if (part(s, o->positions, true, &p, e) < 0)
			return e->code;
		if (!p)
			continue;
		put_row(w, p, "erased", o->name, named, e);
		if (set_minus(s, p, e) < 0)
			return e->code;
	}
	if (set_count(s) > 0)
		put_row(w, s, "erased", NULL, named, e);
	return e->code;
}

static int put_batch(struct rows *w, struct error *e)
{
	scoped(set) *of = NULL, *erased = NULL, *here = NULL, *kept = NULL, *live = NULL;
	scoped_json *entry = NULL;

	if (repo_fact(w->x->show.r, w->b->fact, &entry, e) < 0 ||
	    receipting_of_batch(w->x, w->b, &of, e) < 0 ||
	    part(of, w->x->erased, true, &erased, e) < 0 ||
	    part(of, w->x->erased, false, &here, e) < 0 ||
	    (here && part(here, w->x->kept, true, &kept, e) < 0) ||
	    (here && part(here, w->x->kept, false, &live, e) < 0))
		return e->code;
	snprintf(w->batch, sizeof(w->batch), "b%" PRIu64, w->b->id);
	snprintf(w->at, sizeof(w->at), "%s", json_text_or(entry, "at", ""));
	if ((live && put_here(w, live, "live", e) < 0) ||
	    (kept && put_here(w, kept, "quarantined", e) < 0))
		return e->code;
	return erased ? put_erased(w, erased, e) : 0;
}

int receipting_records(struct receipting *x, struct error *e)
{
	struct rows w = { .x = x, .list = json_array_make(e) };

	json_set_new(x->summary, "records", w.list, e);
	for (size_t i = 0; e->code == 0 && i < x->batch_count; i++) {
		w.b = &x->batches[i];
		if (put_batch(&w, e) < 0)
			return e->code;
	}
	return e->code;
}
