/* Of a receipt in words: orders that take some of the records back, and duties to keep them. Never
 * why, or on whose demand: that may be about others. */
#include <inttypes.h>

#include "base/sys.h"
#include "base/text.h"
#include "flow/hold.h"
#include "flow/receipt_parts.h"

static int put_order(struct receipting *x, const struct receipt_order *o, json_t *row,
		     struct error *e)
{
	scoped_json *opened = NULL, *certified = NULL;

	if (repo_fact(x->show.r, o->fact, &opened, e) < 0 ||
	    (o->certified_fact != UINT64_MAX &&
	     repo_fact(x->show.r, o->certified_fact, &certified, e) < 0))
		return e->code;
	json_set_text(row, "order", o->name, e);
	json_set_text(row, "opened", json_text_or(opened, "at", ""), e);
	json_set_text(row, "state", order_state_name(o->state), e);
	json_set_text(row, "certified", json_text_or(certified, "at", NULL), e);
	json_set_number(row, "records", set_count(o->positions), e);
	json_set_number(row, "erased", set_count_both(o->positions, x->erased), e);
	return e->code;
}

static int put_holds(struct receipting *x, struct error *e)
{
	json_t *sentences = json_array_make(e);
	scoped_json *list = NULL;
	const json_t *hold;
	size_t i;

	json_set_new(x->summary, "holds", sentences, e);
	if (e->code || holds_meeting(x->show.r, x->all, sys->now_utc_ms(), &list, e) < 0)
		return e->code;
	json_array_foreach(list, i, hold) {
		uint64_t n = json_number_or(hold, "records", 0);

		showing_say(sentences, e,
			       "%" PRIu64 " of these records %s kept until %.10s because of a "
			       "duty to keep",
			       n, n == 1 ? "is" : "are", json_text_or(hold, "until", "?"));
	}
	return e->code;
}

int receipting_orders(struct receipting *x, struct error *e)
{
	json_t *list = json_array_make(e);

	json_set_new(x->summary, "orders", list, e);
	for (size_t i = 0; e->code == 0 && i < x->order_count; i++) {
		json_t *row = json_object_make(e);

		json_add_new(list, row, e);
		if (e->code == 0 && put_order(x, &x->orders[i], row, e) < 0)
			return e->code;
	}
	return e->code ? e->code : put_holds(x, e);
}
