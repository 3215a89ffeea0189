/* Orders read, refused, and told of. */
#include "flow/order.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "flow/hold.h"
#include "flow/parts.h"

void order_destroy(struct order *o)
{
	if (!o)
		return;
	set_destroy(o->positions);
	free(o->step_facts);
	free(o);
}

static int load_steps(struct order *o, const json_t *body, struct error *e)
{
	const json_t *list = json_object_get(body, "step_facts");

	o->step_fact_count = json_array_size(list);
	o->step_facts = calloc(o->step_fact_count + 1, sizeof(*o->step_facts));
	if (!o->step_facts)
		return error_set(e, E_MEMORY, "out of memory");
	for (size_t i = 0; i < o->step_fact_count; i++)
		o->step_facts[i] = (uint64_t)json_integer_value(json_array_get(list, i));
	return 0;
}

static int fill(struct repo *r, const struct catalog_thing *t, struct order *o, struct error *e)
{
	scoped_json *body = NULL;

	if (json_parse(&body, t->body, strlen(t->body), CATALOG_BODY_MAX, e) < 0)
		return e->code;
	o->id = t->id;
	o->fact = t->fact;
	o->state = t->state;
	o->source = t->owner;
	snprintf(o->name, sizeof(o->name), "%s", t->name);
	o->plan_fact = json_number_or(body, "plan_fact", 0);
	o->approval_fact = json_number_or(body, "approval_fact", 0);
	o->certified_fact = json_number_or(body, "certified_fact", 0);
	o->count = json_number_or(body, "count", 0);
	o->step_count = json_number_or(body, "steps", 0);
	o->due_utc_ms = json_number_or(body, "due", TIME_NONE);
	o->unproved = json_is_true(json_object_get(body, "unproved"));
	if (json_get_hash(body, "demand", &o->demand, e) < 0 ||
	    (o->plan_fact && json_get_hash(body, "plan", &o->plan, e) < 0) ||
	    load_steps(o, body, e) < 0 || set_create(&o->positions, e) < 0)
		return e->code;
	return catalog_mark_get(r->catalog, MARK_ORDER + o->id, o->positions, e);
}

int order_load(struct repo *r, const char *id, struct order **ret, struct error *e)
{
	scoped(order) *o = calloc(1, sizeof(*o));
	scoped(arena) *a = NULL;
	struct catalog_thing t;

	if (!o)
		return error_set(e, E_MEMORY, "out of memory");
	if (arena_create(&a, e) < 0)
		return e->code;
	if (catalog_thing_named(r->catalog, a, THING_ORDER, id, &t, e) < 0)
		return e->code == E_NOT_FOUND ?
			       error_set(e, E_NOT_FOUND, "no order \"%.40s\" (rescind order ls)", id) :
			       e->code;
	if (fill(r, &t, o, e) < 0)
		return e->code;
	*ret = give(o);
	return 0;
}

struct tally {
	uint64_t plan_fact, done, failed, left;
	json_t *models; /* {"from","to"} as facts, of steps `unlearn` that are done */
	json_t *failures;
};

static int tally_unlearned(struct tally *y, const struct catalog_thing *t, struct error *e)
{
	scoped_json *step = NULL;
	uint64_t fact;

	if (json_parse(&step, t->body, strlen(t->body), CATALOG_BODY_MAX, e) < 0)
		return e->code;
	if (!json_object_get(step, "made"))
		return 0;
	fact = json_number_or(step, "from", json_number_or(step, "fact", 0));
	json_add_new(y->models,
		     json_pack("{s:I,s:I}", "from", (json_int_t)fact, "fact",
			       (json_int_t)json_number_or(step, "made", 0)),
		     e);
	return e->code;
}

/* What failed, and how the last time. */
static int tally_failed(struct tally *y, const struct catalog_thing *t, struct error *e)
{
	json_t *row = json_object_make(e);
	scoped_json *step = NULL;

	json_add_new(y->failures, row, e);
	if (e->code || json_parse(&step, t->body, strlen(t->body), CATALOG_BODY_MAX, e) < 0)
		return e->code;
	json_set_number(row, "n", json_number_or(step, "n", 0), e);
	json_set_text(row, "do", json_text_or(step, "do", ""), e);
	json_set_text(row, "target", json_text_or(step, "target", ""), e);
	json_set_text(row, "error", json_text_or(step, "error", ""), e);
	return e->code;
}

static int count_step(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct tally *y = ctx;

	if (t->fact != y->plan_fact)
		return 0;
	y->done += t->state == STEP_DONE;
	y->failed += t->state == STEP_FAILED;
	y->left += t->state == STEP_LEFT || t->state == STEP_INTENT;
	if (t->state == STEP_FAILED)
		return tally_failed(y, t, e);
	return t->state == STEP_DONE ? tally_unlearned(y, t, e) : 0;
}

static const char *label_of(const struct model *list, size_t count, uint64_t fact)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].fact == fact)
			return list[i].label;
	return NULL;
}

/* Facts become labels; `to` is null where nothing was left. */
static int name_models(struct repo *r, json_t *models, struct error *e)
{
	scoped(arena) *a = NULL;
	struct model *list;
	size_t count, i;
	json_t *row;

	if (arena_create(&a, e) < 0 || models_all(r, a, &list, &count, e) < 0)
		return e->code;
	json_array_foreach(models, i, row) {
		const char *from = label_of(list, count, json_number_or(row, "from", 0));

		json_set_text(row, "from", from, e);
		json_set_text(row, "to", label_of(list, count, json_number_or(row, "fact", 0)), e);
	}
	return e->code;
}

static int tally_steps(struct repo *r, const struct order *o, json_t *doc, struct error *e)
{
	json_t *models = json_array_make(e), *steps = json_object_make(e);
	json_t *failures = json_array_make(e);
	struct tally y = { .plan_fact = o->plan_fact, .models = models, .failures = failures };

	json_set_new(doc, "steps", steps, e);
	json_set_new(doc, "models", models, e);
	json_set_new(doc, "failures", failures, e);
	if (e->code || (o->plan_fact &&
			catalog_each_thing(r->catalog, THING_STEP, o->id, count_step, &y, e) < 0))
		return e->code;
	json_set_number(steps, "done", y.done, e);
	json_set_number(steps, "failed", y.failed, e);
	json_set_number(steps, "left", y.left, e);
	if (json_array_size(failures) == 0)
		json_object_del(doc, "failures");
	if (json_array_size(models) == 0)
		json_object_del(doc, "models");
	else if (e->code == 0)
		return name_models(r, models, e);
	return e->code;
}

/* `held` is not stored: it is so while a hold meets what the order would still do. */
static int put_state(struct repo *r, const struct order *o, uint64_t at_utc_ms, json_t *doc,
		     struct error *e)
{
	bool ended = o->state == ORDER_CERTIFIED || o->state == ORDER_REFUSED;
	json_t *holds = NULL;

	if (ended ? !(holds = json_array_make(e)) :
		    holds_meeting(r, o->positions, at_utc_ms, &holds, e) < 0)
		return e->code;
	json_set_text(doc, "state",
		      order_state_name(json_array_size(holds) > 0 ? ORDER_HELD : o->state), e);
	json_set_new(doc, "holds", holds, e);
	return e->code;
}

int order_document(struct repo *r, const struct order *o, json_t **ret, struct error *e)
{
	return order_document_at(r, o, r->at_utc_ms, ret, e);
}

int order_document_at(struct repo *r, const struct order *o, uint64_t at_utc_ms, json_t **ret,
		      struct error *e)
{
	json_t *doc = *ret = json_object_make(e);

	if (!doc)
		return e->code;
	json_set_text(doc, "order", o->name, e);
	json_set_hash(doc, "demand", &o->demand, e);
	json_set_number(doc, "records", o->count, e);
	json_set_time(doc, "due", o->due_utc_ms, e);
	if (o->plan_fact)
		json_set_hash(doc, "plan", &o->plan, e);
	if (e->code || put_state(r, o, at_utc_ms, doc, e) < 0)
		return e->code;
	return tally_steps(r, o, doc, e);
}

/* What was demanded, in words: only in the house. */
static int add_demand(struct repo *r, const struct order *o, json_t *doc, struct error *e)
{
	scoped(fields) *f = NULL;
	const struct field *demand;
	json_t *words = NULL;

	if (repo_private(r, o->fact, &f, e) < 0) {
		if (e->code != E_NOT_FOUND)
			return e->code;
		error_clear(e);
		return 0;
	}
	demand = fields_find(f, "demand");
	if (!demand || json_parse(&words, demand->value->data, demand->value->len, FIELD_VALUE_MAX, e) < 0)
		return e->code;
	json_set_new(doc, "demanded", words, e);
	json_set_text(doc, "kept", fields_text(f, "kept") ? fields_text(f, "kept") : "", e);
	json_set_bytes64(doc, "salt", demand->salt, SALT_LEN, e);
	return e->code;
}

struct names {
	struct arena *a;
	const char **list;
	size_t count, cap;
};

static int add_name(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct names *n = ctx;

	n->list = arena_grow(n->a, n->list, sizeof(*n->list), n->count, &n->cap, e);
	if (!n->list)
		return e->code;
	n->list[n->count] = arena_text(n->a, t->name, strlen(t->name), e);
	return n->list[n->count++] ? 0 : e->code;
}

static int one_status(struct repo *r, const char *id, json_t **ret, struct error *e)
{
	scoped(order) *o = NULL;

	if (order_load(r, id, &o, e) < 0 || order_document(r, o, ret, e) < 0)
		return e->code;
	return add_demand(r, o, *ret, e);
}

int flow_order_status(struct repo *r, const char *id, json_t **ret, struct error *e)
{
	struct names n = { 0 };
	scoped(arena) *a = NULL;

	if (id)
		return one_status(r, id, ret, e);
	if (arena_create(&a, e) < 0)
		return e->code;
	n.a = a;
	*ret = json_array_make(e);
	if (!*ret || catalog_each_thing(r->catalog, THING_ORDER, UINT64_MAX, add_name, &n, e) < 0)
		return e->code;
	for (size_t i = 0; i < n.count; i++) {
		json_t *doc = NULL;

		if (one_status(r, n.list[i], &doc, e) < 0) {
			json_decref(doc);
			return e->code;
		}
		json_add_new(*ret, doc, e);
	}
	return e->code;
}

/* Has a step begun? Also where the state is still "approved": the effect of a step comes before
 * its fact. */
static int has_begun(struct repo *r, const struct order *o, bool *ret, struct error *e)
{
	scoped(arena) *a = NULL;
	struct catalog_thing t;

	*ret = false;
	if (arena_create(&a, e) < 0)
		return e->code;
	for (uint64_t i = 1; i <= o->step_count && !*ret; i++) {
		if (catalog_thing(r->catalog, a, THING_STEP, o->id * ORDER_STEPS_MAX + i, &t, e) < 0)
			return e->code;
		*ret = t.state != STEP_LEFT && t.fact == o->plan_fact;
	}
	return 0;
}

static int check_not_begun(struct repo *r, const struct order *o, struct error *e)
{
	bool begun;

	if (has_begun(r, o, &begun, e) < 0)
		return e->code;
	return begun ? error_set(e, E_CONFLICT,
				 "a step of %s has begun: it cannot be refused any more (rescind order execute %s)",
				 o->name, o->name) :
		       0;
}

struct begun_walk {
	struct repo *r;
	const struct set *s;
	struct order *begun; /* owned; NULL: none */
};

static int look_at_order(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct begun_walk *w = ctx;
	scoped(order) *o = NULL;
	bool begun;

	if (w->begun || (t->state != ORDER_APPROVED && t->state != ORDER_EXECUTING))
		return 0;
	if (order_load(w->r, t->name, &o, e) < 0)
		return e->code;
	if (!set_meets(o->positions, w->s))
		return 0;
	if (has_begun(w->r, o, &begun, e) < 0)
		return e->code;
	if (begun)
		w->begun = give(o);
	return 0;
}

int order_none_begun(struct repo *r, const struct set *s, struct error *e)
{
	struct begun_walk w = { .r = r, .s = s };
	int code = catalog_each_thing(r->catalog, THING_ORDER, UINT64_MAX, look_at_order, &w, e);

	if (code == 0 && w.begun)
		code = error_set(e, E_CONFLICT,
				 "%s takes records of it back and has begun: first let it end (rescind order execute %s)",
				 w.begun->name, w.begun->name);
	order_destroy(w.begun);
	return code;
}

int flow_order_refuse(struct repo *r, const char *id, const char *reason, json_t **ret,
		      struct error *e)
{
	json_t *public = json_object_make(e);
	scoped(order) *o = NULL, *now = NULL;
	scoped(fields) *f = NULL;
	scoped(change) *c = NULL;
	uint64_t n;
	int code;

	code = change_begin(&c, r, e);
	if (code == 0)
		code = order_load(r, id, &o, e);
	if (code == 0 && o->state >= ORDER_EXECUTING && o->state != ORDER_HELD)
		code = error_set(e, E_CONFLICT, "%s is %s: it cannot be refused any more", o->name,
				 order_state_name(o->state));
	if (code == 0)
		code = check_not_begun(r, o, e);
	if (code == 0)
		code = fields_create(&f, e) < 0 ? e->code : fields_add_text(f, "reason", reason, e);
	if (code < 0) {
		json_decref(public);
		return code;
	}
	json_set_number(public, "order", o->fact, e);
	if (change_fact(c, "refusal", public, f, &n, e) < 0 || change_commit(c, e) < 0 ||
	    order_load(r, id, &now, e) < 0)
		return e->code;
	return order_document(r, now, ret, e);
}
