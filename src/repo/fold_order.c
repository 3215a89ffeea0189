/* Facts about orders: open, plan, approval, steps, end. */
#include <stdio.h>

#include "base/text.h"
#include "crypto/commit.h"
#include "repo/fold_rows.h"
#include "repo/select.h"

/* Positions of all open orders, written anew. */
struct open_orders {
	struct folding *x;
	struct set *s;
	uint64_t ended;
};

static int add_open(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct open_orders *o = ctx;

	if (t->state == ORDER_CERTIFIED || t->state == ORDER_REFUSED || t->id == o->ended)
		return 0;
	return catalog_mark_get(o->x->r->catalog, MARK_ORDER + t->id, o->s, e);
}

static int mark_open(struct folding *x, uint64_t ended, struct error *e)
{
	struct open_orders o = { .x = x, .ended = ended };
	scoped(set) *s = NULL;

	if (set_create(&s, e) < 0)
		return e->code;
	o.s = s;
	if (catalog_each_thing(x->r->catalog, THING_ORDER, UINT64_MAX, add_open, &o, e) < 0)
		return e->code;
	return catalog_mark_put(x->r->catalog, MARK_ORDERED, s, e);
}

static void set_commitment(struct folding *x, json_t *body, const char *field, struct error *e)
{
	const struct field *f = x->f ? fields_find(x->f, field) : NULL;
	struct hash h;

	if (!f)
		return;
	field_commitment(&h, f);
	json_set_hash(body, field, &h, e);
}

/* An order against a whole source keeps more of it from coming in while it is open. */
static int source_of_demand(struct folding *x, uint64_t *ret, struct error *e)
{
	const struct field *demand = fields_find(x->f, "demand");
	scoped(selector) *s = NULL;
	struct catalog_thing source;
	scoped_json *j = NULL;
	const char *name;

	*ret = 0;
	if (!demand)
		return 0;
	if (json_parse(&j, demand->value->data, demand->value->len, FIELD_VALUE_MAX, e) < 0 ||
	    selector_parse(&s, json_text_or(j, "selector", ""), e) < 0)
		return e->code;
	name = selector_only(s, "source");
	if (!name)
		return 0;
	if (catalog_thing_named(x->r->catalog, x->a, THING_SOURCE, name, &source, e) < 0)
		return e->code;
	*ret = source.id;
	return 0;
}

int fold_order(struct folding *x, struct error *e)
{
	const char *positions = x->f ? fields_text(x->f, "positions") : NULL;
	scoped_json *body = json_object_make(e);
	scoped(set) *s = NULL;
	uint64_t id, source;

	if (!body || order_next_id(x->r, &id, e) < 0)
		return e->code;
	if (!positions)
		return error_set(e, E_NOT_FOUND, "the private part of an order is gone");
	if (set_from_text(&s, positions, SIZE_MAX, e) < 0 ||
	    catalog_mark_put(x->r->catalog, MARK_ORDER + id, s, e) < 0 ||
	    source_of_demand(x, &source, e) < 0)
		return e->code;
	set_commitment(x, body, "demand", e);
	fold_number(x, body, "count", e);
	fold_time(x, body, "due", e);
	if (source)
		json_set_number(body, "source", source, e);
	if (e->code || fold_new(x, THING_ORDER, "o", NULL, NULL, source, ORDER_OPEN, body, e) < 0)
		return e->code;
	return mark_open(x, 0, e);
}

/* The order that the entry names, and its body. */
static int order_of(struct folding *x, struct catalog_thing *ret, json_t **ret_body,
		    struct error *e)
{
	uint64_t fact;

	if (json_get_number(x->entry, "order", &fact, e) < 0 ||
	    fold_by_fact(x, THING_ORDER, fact, ret, e) < 0)
		return e->code;
	return fold_body(ret, ret_body, e);
}

static int put_step(struct folding *x, uint64_t order, uint64_t n, uint8_t state,
		    const json_t *step, struct error *e)
{
	scoped(buf) *text = NULL;
	struct catalog_thing t = { .kind = THING_STEP, .id = order * ORDER_STEPS_MAX + n, .name = "",
				   .owner = order, .fact = x->n, .state = state };

	if (buf_create(&text, 256, e) < 0 || json_put(step, text, e) < 0)
		return e->code;
	t.body = buf_text(text);
	return catalog_put_thing(x->r->catalog, &t, e);
}

int fold_plan(struct folding *x, struct error *e)
{
	const struct field *plan = x->f ? fields_find(x->f, "plan") : NULL;
	scoped_json *body = NULL, *j = NULL;
	struct catalog_thing order;
	json_t *steps, *step;
	size_t i;

	if (!plan)
		return error_set(e, E_NOT_FOUND, "the private part of a plan is gone");
	if (order_of(x, &order, &body, e) < 0 ||
	    json_parse(&j, plan->value->data, plan->value->len, FIELD_VALUE_MAX, e) < 0 ||
	    json_get_array(j, "steps", &steps, e) < 0)
		return e->code;
	if (json_array_size(steps) >= ORDER_STEPS_MAX)
		return error_set(e, E_RANGE, "a plan of %zu steps", json_array_size(steps));
	json_array_foreach(steps, i, step)
		if (put_step(x, order.id, i + 1, STEP_LEFT, step, e) < 0)
			return e->code;
	set_commitment(x, body, "plan", e);
	json_set_number(body, "plan_fact", x->n, e);
	json_set_number(body, "steps", json_array_size(steps), e);
	json_object_del(body, "approval_fact");
	return e->code ? e->code : fold_again(x, &order, ORDER_PLANNED, body, e);
}

int fold_approval(struct folding *x, struct error *e)
{
	struct catalog_thing order;
	scoped_json *body = NULL;

	if (order_of(x, &order, &body, e) < 0)
		return e->code;
	json_set_number(body, "approval_fact", x->n, e);
	return e->code ? e->code : fold_again(x, &order, ORDER_APPROVED, body, e);
}

/* The order's positions are erased: rows, tags, marks. */
static int erase_positions(struct folding *x, uint64_t order, struct error *e)
{
	scoped(set) *these = NULL, *erased = NULL, *quarantined = NULL;

	if (set_create(&these, e) < 0 || set_create(&erased, e) < 0 ||
	    set_create(&quarantined, e) < 0 ||
	    catalog_mark_get(x->r->catalog, MARK_ORDER + order, these, e) < 0 ||
	    catalog_mark_get(x->r->catalog, MARK_ERASED, erased, e) < 0 ||
	    catalog_mark_get(x->r->catalog, MARK_QUARANTINED, quarantined, e) < 0 ||
	    catalog_erase_records(x->r->catalog, these, e) < 0 || set_or(erased, these, e) < 0 ||
	    set_minus(quarantined, these, e) < 0)
		return e->code;
	if (catalog_mark_put(x->r->catalog, MARK_ERASED, erased, e) < 0)
		return e->code;
	return catalog_mark_put(x->r->catalog, MARK_QUARANTINED, quarantined, e);
}

/* Of a step `unlearn`: which checkpoint it made, and which it took the place of when that is another
 * than the plan's. at: which of the fact's steps. */
static int unlearned(struct folding *x, size_t at, json_t *step, struct error *e)
{
	const struct field *done = x->f ? fields_find(x->f, "done") : NULL;
	scoped_json *j = NULL;
	const json_t *made;

	if (!done)
		return error_set(e, E_NOT_FOUND, "the private part of a step is gone");
	if (json_parse(&j, done->value->data, done->value->len, FIELD_VALUE_MAX, e) < 0)
		return e->code;
	made = json_array_get(json_object_get(j, "made"), at);
	json_set_number(step, "made", (uint64_t)json_integer_value(made), e);
	if (json_object_get(j, "from"))
		json_set_number(step, "from", json_number_or(j, "from", 0), e);
	return e->code;
}

int fold_step(struct folding *x, struct error *e)
{
	json_t *range = json_object_get(x->entry, "steps");
	uint64_t first = (uint64_t)json_integer_value(json_array_get(range, 0));
	uint64_t last = (uint64_t)json_integer_value(json_array_get(range, 1));
	struct catalog_thing order, step;
	scoped_json *body = NULL;

	if (order_of(x, &order, &body, e) < 0)
		return e->code;
	if (first < 1 || last < first || last > json_number_or(body, "steps", 0))
		return error_set(e, E_FORMAT, "steps that its plan does not have");
	for (uint64_t n = first; n <= last; n++) {
		scoped_json *what = NULL;

		if (catalog_thing(x->r->catalog, x->a, THING_STEP, order.id * ORDER_STEPS_MAX + n,
				  &step, e) < 0 ||
		    fold_body(&step, &what, e) < 0)
			return e->code;
		if (strcmp(json_text_or(what, "do", ""), "destroy") == 0 &&
		    erase_positions(x, order.id, e) < 0)
			return e->code;
		if (strcmp(json_text_or(what, "do", ""), "unlearn") == 0 &&
		    unlearned(x, n - first, what, e) < 0)
			return e->code;
		json_object_del(what, "error"); /* of an earlier try */
		if (fold_again(x, &step, STEP_DONE, what, e) < 0)
			return e->code;
	}
	if (!json_object_get(body, "step_facts"))
		json_set_new(body, "step_facts", json_array_make(e), e);
	json_add_new(json_object_get(body, "step_facts"), json_integer((json_int_t)x->n), e);
	return e->code ? e->code : fold_again(x, &order, ORDER_EXECUTING, body, e);
}

static int end_order(struct folding *x, uint8_t state, const char *member, struct error *e)
{
	struct catalog_thing order;
	scoped_json *body = NULL;

	if (order_of(x, &order, &body, e) < 0)
		return e->code;
	json_set_number(body, member, x->n, e);
	if (e->code || fold_again(x, &order, state, body, e) < 0)
		return e->code;
	return mark_open(x, order.id, e);
}

int fold_certified(struct folding *x, struct error *e)
{
	return end_order(x, ORDER_CERTIFIED, "certified_fact", e);
}

int fold_refusal(struct folding *x, struct error *e)
{
	return end_order(x, ORDER_REFUSED, "refused_fact", e);
}
