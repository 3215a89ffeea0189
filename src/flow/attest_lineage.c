/* Of an attestation: what the checkpoint rests on, through all its parents; what was there before
 * an order made it anew; and which orders have to do with it. */
#include <stdlib.h>

#include "base/sys.h"
#include "base/text.h"
#include "flow/attesting.h"

/* Something was made of something, by an order or as its input. From is an earlier fact. */
struct link {
	uint64_t to, from;
	size_t order; /* an index; SIZE_MAX: an input */
};

struct linking {
	struct attesting *x;
	struct link *list;
	size_t count, cap;
};

static int add_link(struct linking *l, uint64_t to, uint64_t from, size_t order, struct error *e)
{
	if (to > l->x->m.fact || from >= to)
		return 0; /* it is nothing that this one came from */
	l->list = arena_grow(l->x->show.a, l->list, sizeof(*l->list), l->count, &l->cap, e);
	if (!l->list)
		return e->code;
	l->list[l->count++] = (struct link){ to, from, order };
	return 0;
}

static int link_inputs(struct linking *l, struct error *e)
{
	for (size_t i = 0; i < l->x->model_count; i++) {
		const struct model *m = &l->x->models[i];

		for (size_t k = 0; k < m->input_count; k++)
			if (add_link(l, m->fact, m->inputs[k], SIZE_MAX, e) < 0)
				return e->code;
	}
	return 0;
}

/* --- what the steps of an order made --- */

static bool makes(const json_t *step)
{
	const char *deed = json_text_or(step, "do", "");

	return strcmp(deed, "subset") == 0 || strcmp(deed, "unlearn") == 0;
}

/* `made` has one number for each step that makes something, in order; `from` is what was really
 * subtracted from. */
static int link_steps(struct linking *l, size_t order, const json_t *plan, const json_t *range,
		      const json_t *done, struct error *e)
{
	const json_t *steps = json_object_get(plan, "steps"), *made = json_object_get(done, "made");
	json_int_t first = json_integer_value(json_array_get(range, 0));
	json_int_t last = json_integer_value(json_array_get(range, 1));
	size_t k = 0;

	for (json_int_t n = first; n <= last; n++) {
		const json_t *step = json_array_get(steps, (size_t)n - 1);
		uint64_t to, old = json_number_or(step, "fact", UINT64_MAX);

		if (!makes(step))
			continue;
		to = (uint64_t)json_integer_value(json_array_get(made, k++));
		if (add_link(l, to, old, order, e) < 0 ||
		    add_link(l, to, json_number_or(done, "from", UINT64_MAX), order, e) < 0)
			return e->code;
	}
	return 0;
}

static int link_step_fact(struct linking *l, size_t order, const json_t *plan, uint64_t n,
			  struct error *e)
{
	struct repo *r = l->x->show.r;
	scoped_json *entry = NULL, *done = NULL;
	scoped(fields) *f = NULL;
	const struct field *words;

	if (repo_fact(r, n, &entry, e) < 0 || repo_private(r, n, &f, e) < 0)
		return e->code;
	words = fields_find(f, "done");
	if (!words || json_parse(&done, words->value->data, words->value->len, FIELD_VALUE_MAX, e) < 0)
		return e->code ? e->code : error_set(e, E_FORMAT, "a step without words");
	return link_steps(l, order, plan, json_object_get(entry, "steps"), done, e);
}

static int link_order(struct linking *l, size_t order, struct error *e)
{
	const struct order *o = l->x->orders[order].o;
	scoped_json *plan = NULL, *places = NULL;

	if (o->step_fact_count == 0)
		return 0;
	if (order_plan_json(l->x->show.r, o, &plan, &places, e) < 0)
		return e->code;
	for (size_t i = 0; i < o->step_fact_count; i++)
		if (link_step_fact(l, order, plan, o->step_facts[i], e) < 0)
			return e->code;
	return 0;
}

/* --- orders --- */

static int load_order(struct attesting *x, const char *name, struct error *e)
{
	struct attested_order *at;

	x->orders = arena_grow(x->show.a, x->orders, sizeof(*x->orders), x->order_count,
			       &x->order_cap, e);
	if (!x->orders)
		return e->code;
	at = &x->orders[x->order_count];
	*at = (struct attested_order){ .made = json_array_make(e) };
	x->order_count++;
	if (e->code || order_load(x->show.r, name, &at->o, e) < 0)
		return e->code;
	at->holds = set_count_both(at->o->positions, x->all);
	return 0;
}

static int load_orders(struct attesting *x, struct error *e)
{
	uint64_t end = 0;

	if (catalog_next_id(x->show.r->catalog, THING_ORDER, &end, e) < 0)
		return e->code;
	for (uint64_t id = 1; id < end; id++) {
		struct catalog_thing t;

		if (catalog_thing(x->show.r->catalog, x->show.a, THING_ORDER, id, &t, e) < 0)
			return e->code;
		if (t.state != ORDER_REFUSED && load_order(x, t.name, e) < 0)
			return e->code;
	}
	return 0;
}

static const char *label_of(const struct attesting *x, uint64_t fact)
{
	for (size_t i = 0; i < x->model_count; i++)
		if (x->models[i].fact == fact)
			return x->models[i].label;
	for (size_t i = 0; i < x->dataset_count; i++)
		if (x->datasets[i].fact == fact)
			return x->datasets[i].label;
	return NULL;
}

/* Two steps, or a step and what it really subtracted from, may have made one thing. */
static void note_made(struct attesting *x, const struct link *link, struct error *e)
{
	json_t *made = x->orders[link->order].made;
	const char *label = label_of(x, link->to);
	const json_t *had;
	size_t i;

	if (!label)
		return;
	json_array_foreach(made, i, had)
		if (strcmp(json_string_value(had), label) == 0)
			return;
	json_add_new(made, json_string(label), e);
}

/* --- the way back --- */

static int latest_first(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	if (x->to != y->to)
		return x->to < y->to ? 1 : -1;
	return (x->order < y->order) - (x->order > y->order); /* inputs before orders */
}

/* Every link leads to an earlier fact, so that one pass from the latest on finds all. */
static void follow(struct linking *l, struct error *e)
{
	struct attesting *x = l->x;

	x->lineage[x->m.fact] = RESTS_ON;
	if (l->count)
		qsort(l->list, l->count, sizeof(*l->list), latest_first);
	for (size_t i = 0; i < l->count; i++) {
		const struct link *link = &l->list[i];

		if (!x->lineage[link->to])
			continue;
		if (link->order == SIZE_MAX) {
			x->lineage[link->from] |= x->lineage[link->to];
			continue;
		}
		x->lineage[link->from] |= WAS_BEFORE;
		note_made(x, link, e);
	}
}

static void weakest_grade(struct attesting *x)
{
	x->grade = x->m.grade;
	for (size_t i = 0; i < x->model_count; i++) {
		const struct model *m = &x->models[i];

		if (!attesting_rests_on(x, m->fact))
			continue;
		if (m->input_count == 0)
			x->grade = GRADE_UNKNOWN;
		if (m->grade < x->grade)
			x->grade = m->grade;
	}
}

bool attesting_rests_on(const struct attesting *x, uint64_t fact)
{
	return fact <= x->m.fact && (x->lineage[fact] & RESTS_ON);
}

/* "held" too, which no row says. */
static int read_state(struct attesting *x, struct attested_order *at, struct error *e)
{
	scoped_json *doc = NULL;
	const char *state;

	if (order_document_at(x->show.r, at->o, sys->now_utc_ms(), &doc, e) < 0)
		return e->code;
	state = json_text_or(doc, "state", "");
	at->state = arena_text(x->show.a, state, strlen(state), e);
	return at->state ? 0 : e->code;
}

/* Only an order that has to do with it stays. */
static int keep_orders(struct attesting *x, struct error *e)
{
	size_t count = 0;

	for (size_t i = 0; i < x->order_count; i++) {
		struct attested_order *at = &x->orders[i];

		if (json_array_size(at->made) == 0 && at->holds == 0) {
			order_destroy(at->o);
			json_decref(at->made);
			continue;
		}
		at->shown = at->o->state == ORDER_CERTIFIED && at->holds == 0;
		x->orders[count++] = *at;
	}
	x->order_count = count;
	for (size_t i = 0; i < count && e->code == 0; i++)
		if (read_state(x, &x->orders[i], e) < 0)
			break;
	return e->code;
}

int attesting_lineage(struct attesting *x, struct error *e)
{
	struct linking l = { .x = x };

	x->lineage = arena_alloc(x->show.a, x->m.fact + 1, e);
	if (!x->lineage)
		return e->code;
	memset(x->lineage, 0, x->m.fact + 1);
	if (load_orders(x, e) < 0 || link_inputs(&l, e) < 0)
		return e->code;
	for (size_t i = 0; i < x->order_count; i++)
		if (link_order(&l, i, e) < 0)
			return error_wrap(e, "order %s", x->orders[i].o->name);
	follow(&l, e);
	weakest_grade(x);
	return e->code ? e->code : keep_orders(x, e);
}
