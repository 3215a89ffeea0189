/*
 * Orders that are carried out together: the one that was named and, of a batch, all other approved
 * ones whose plan still holds, and those that were begun. What leaves datasets and sums is the union
 * of their positions, so that no version is made that only some of them have left.
 */
#include "base/sys.h"
#include "flow/hold.h"
#include "flow/order_run.h"

void party_done(struct party *p)
{
	for (size_t i = 0; i < p->count; i++)
		order_destroy(p->list[i]);
	set_destroy(p->taken);
}

static int is_held(struct repo *r, const struct order *o, bool *ret, struct error *e)
{
	return holds_any(r, o->positions, sys->now_utc_ms(), ret, e);
}

/* Takes the order. */
static int join(struct party *p, struct arena *a, struct order *o, struct error *e)
{
	p->list = arena_grow(a, p->list, sizeof(*p->list), p->count, &p->cap, e);
	if (!p->list) {
		order_destroy(o);
		return e->code;
	}
	p->list[p->count++] = o;
	return set_or(p->taken, o->positions, e);
}

/* --- the one that was named --- */

/* One that is certified goes along again when its batch was killed behind it. */
static int check_state(struct repo *r, const struct order *o, struct error *e)
{
	bool holds, held;

	if (o->state == ORDER_CERTIFIED)
		return 0;
	if (o->state == ORDER_REFUSED)
		return error_set(e, E_CONFLICT, "%s is refused: it is not executed any more", o->name);
	if (o->state == ORDER_OPEN)
		return error_set(e, E_CONFLICT, "%s is open, not approved (rescind order plan %s)",
				 o->name, o->name);
	if (o->state != ORDER_EXECUTING && o->state != ORDER_APPROVED)
		return error_set(e, E_CONFLICT, "%s is %s, not approved (rescind order approve %s PLAN)",
				 o->name, order_state_name(o->state), o->name);
	if (is_held(r, o, &held, e) < 0)
		return e->code;
	if (held)
		return error_set(e, E_DENIED, "%s is held (rescind order status %s says by what)", o->name,
				 o->name);
	if (o->state == ORDER_EXECUTING)
		return 0;
	if (order_plan_holds(r, o, &holds, e) < 0)
		return e->code;
	return holds ? 0 :
		       error_set(e, E_CONFLICT,
				 "the repository changed and so would the plan: ask for a new one (rescind order plan %s)",
				 o->name);
}

/* --- those that go along --- */

struct candidates {
	struct repo *r;
	struct arena *a;
	bool begun; /* only these */
	const char **names;
	size_t count, cap;
};

static int see_order(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct candidates *k = ctx;

	if (t->state != ORDER_EXECUTING && (t->state != ORDER_APPROVED || k->begun))
		return 0;
	k->names = arena_grow(k->a, k->names, sizeof(*k->names), k->count, &k->cap, e);
	if (!k->names)
		return e->code;
	k->names[k->count] = arena_text(k->a, t->name, strlen(t->name), e);
	return k->names[k->count++] ? 0 : e->code;
}

/* Would a checkpoint that these orders unlearn be left with nothing? Each plan alone leaves some. */
static int leaves_some(struct repo *r, struct arena *a, const struct set *taken, bool *ret,
		       struct error *e)
{
	struct model *list;
	size_t count;

	*ret = true;
	if (models_all(r, a, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count && *ret; i++) {
		scoped(set) *gone = NULL, *left = NULL;

		if (!list[i].exact || order_latest_live(list, count, list[i].name) != &list[i])
			continue;
		if (order_split(r, &list[i].set, taken, &gone, &left, e) < 0)
			return e->code;
		*ret = set_count(gone) == 0 || set_count(left) > 0;
	}
	return 0;
}

static int goes_along(const struct party *p, struct repo *r, struct arena *a, const struct order *o,
		      bool *ret, struct error *e)
{
	scoped(set) *taken = NULL;
	bool held, some;

	*ret = false;
	if (is_held(r, o, &held, e) < 0 || held)
		return e->code;
	if (o->state == ORDER_APPROVED && (order_plan_holds(r, o, ret, e) < 0 || !*ret))
		return e->code;
	if (set_copy(&taken, p->taken, e) < 0 || set_or(taken, o->positions, e) < 0 ||
	    leaves_some(r, a, taken, &some, e) < 0)
		return e->code;
	if (!some)
		repo_tell(r, "%s does not go along: nothing would be left of a checkpoint", o->name);
	*ret = some;
	return 0;
}

static int add_others(struct party *p, struct repo *r, struct arena *a, const struct order *first,
		      struct error *e)
{
	struct candidates k = { .r = r, .a = a, .begun = first->state == ORDER_CERTIFIED };

	if (catalog_each_thing(r->catalog, THING_ORDER, UINT64_MAX, see_order, &k, e) < 0)
		return e->code;
	for (size_t i = 0; i < k.count; i++) {
		scoped(order) *o = NULL;
		bool along;

		if (strcmp(k.names[i], first->name) == 0)
			continue;
		if (order_load(r, k.names[i], &o, e) < 0 || goes_along(p, r, a, o, &along, e) < 0)
			return e->code;
		if (along && join(p, a, give(o), e) < 0)
			return e->code;
	}
	return 0;
}

/* --- begun --- */

static int set_begun(struct repo *r, struct arena *a, const struct party *p, struct error *e)
{
	for (size_t i = 0; i < p->count; i++) {
		struct catalog_thing t;

		if (p->list[i]->state != ORDER_APPROVED)
			continue;
		if (catalog_thing(r->catalog, a, THING_ORDER, p->list[i]->id, &t, e) < 0)
			return e->code;
		t.state = ORDER_EXECUTING;
		if (catalog_put_thing(r->catalog, &t, e) < 0)
			return e->code;
	}
	return 0;
}

/* What the first of them does changes the plans of the others: so all are begun at once. */
static int begin_all(struct repo *r, struct arena *a, const struct party *p, struct error *e)
{
	if (p->count < 2)
		return 0;
	if (catalog_begin(r->catalog, e) < 0)
		return e->code;
	if (set_begun(r, a, p, e) < 0) {
		catalog_rollback(r->catalog);
		return e->code;
	}
	return catalog_commit(r->catalog, e);
}

int party_make(struct party *p, struct repo *r, struct arena *a, struct order *first, bool batch,
	       struct error *e)
{
	if (set_create(&p->taken, e) < 0) {
		order_destroy(first);
		return e->code;
	}
	if (join(p, a, first, e) < 0 || check_state(r, first, e) < 0)
		return e->code;
	if (batch && add_others(p, r, a, first, e) < 0)
		return e->code;
	return begin_all(r, a, p, e);
}
