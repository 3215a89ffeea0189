/* What an order would do, before anything is done; and its approval by somebody else. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/sign.h"
#include "flow/handover.h"
#include "flow/order.h"
#include "flow/parts.h"
#include "proof/certificate.h"

/* --- the plan as it was made --- */

int order_plan_json(struct repo *r, const struct order *o, json_t **ret, json_t **ret_places,
		    struct error *e)
{
	const struct field *plan, *places;
	scoped_json *p = NULL, *l = NULL;
	scoped(fields) *f = NULL;

	if (!o->plan_fact)
		return error_set(e, E_NOT_FOUND, "%s has no plan yet (rescind order plan %s)", o->name,
				 o->name);
	if (repo_private(r, o->plan_fact, &f, e) < 0)
		return e->code;
	plan = fields_find(f, "plan");
	places = fields_find(f, "places");
	if (!plan || !places)
		return error_set(e, E_FORMAT, "a plan's fact without a plan");
	if (json_parse(&p, plan->value->data, plan->value->len, FIELD_VALUE_MAX, e) < 0 ||
	    json_parse(&l, places->value->data, places->value->len, FIELD_VALUE_MAX, e) < 0)
		return e->code;
	*ret = give(p);
	*ret_places = give(l);
	return 0;
}

int order_plan_holds(struct repo *r, const struct order *o, bool *ret, struct error *e)
{
	scoped_json *then = NULL, *now = NULL, *places_then = NULL, *places_now = NULL;

	if (order_plan_json(r, o, &then, &places_then, e) < 0 ||
	    order_steps_now(r, o, &now, &places_now, e) < 0)
		return e->code;
	*ret = json_equal(places_then, places_now) && json_equal(json_object_get(then, "steps"), json_object_get(now, "steps")) &&
	       json_equal(json_object_get(then, "not_reached"), json_object_get(now, "not_reached"));
	return 0;
}

/* --- what a step costs, for people; not part of the plan --- */

/* How many records are subtracted, of how many. */
static int price_unlearn(struct repo *r, const struct order *o, uint64_t fact, json_t *cost,
			 struct error *e)
{
	scoped(set) *gone = NULL, *left = NULL;
	scoped(arena) *a = NULL;
	struct model *list;
	size_t count;

	if (arena_create(&a, e) < 0 || models_all(r, a, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		if (list[i].fact != fact)
			continue;
		if (order_split(r, &list[i].set, o->positions, &gone, &left, e) < 0)
			return e->code;
		json_set_number(cost, "items", set_count(gone), e);
		json_set_number(cost, "of", list[i].set.count, e);
		return e->code;
	}
	return error_set(e, E_NOT_FOUND, "the checkpoint of a step is not there");
}

static int price_step(struct repo *r, const struct order *o, json_t *step, struct error *e)
{
	const char *what = json_text_or(step, "do", "");
	bool keys = strcmp(what, "destroy") == 0 || strcmp(what, "search") == 0;
	/* The target of "delete" begins with how many files. */
	uint64_t files = strcmp(what, "delete") == 0 ?
				 strtoull(json_text_or(step, "target", ""), NULL, 10) :
				 0;
	json_t *cost = json_object_make(e);

	json_set_new(step, "cost", cost, e);
	if (e->code)
		return e->code;
	if (strcmp(what, "unlearn") == 0)
		return price_unlearn(r, o, json_number_or(step, "fact", 0), cost, e);
	json_set_number(cost, "items", keys ? o->count : files ? files : 1, e);
	return e->code;
}

static json_t *priced(struct repo *r, const json_t *steps, const struct order *o, struct error *e)
{
	json_t *list = json_deep_copy(steps), *step;
	size_t i;

	json_array_foreach(list, i, step)
		if (price_step(r, o, step, e) < 0)
			break;
	return list;
}

static int add_recipients(struct repo *r, const struct order *o, json_t *doc, struct error *e)
{
	scoped(arena) *a = NULL;
	struct touched t;

	if (arena_create(&a, e) < 0 || touched_by(r, a, o->positions, &t, e) < 0)
		return e->code;
	return recipients_json(r, a, &t, doc, e);
}

static int plan_document(struct repo *r, const struct order *o, json_t **ret, struct error *e)
{
	scoped_json *plan = NULL, *places = NULL;
	json_t *people = NULL;

	if (order_plan_json(r, o, &plan, &places, e) < 0 || order_document(r, o, ret, e) < 0 ||
	    people_of(r, o->positions, &people, e) < 0)
		return e->code;
	json_set_new(*ret, "steps", priced(r, json_object_get(plan, "steps"), o, e), e);
	json_set_new(*ret, "not_reached", json_deep_copy(json_object_get(plan, "not_reached")), e);
	json_set_number(*ret, "as_of", json_number_or(plan, "as_of", 0), e);
	json_set_new(*ret, "people", people, e);
	json_set_new(*ret, "folders", give(places), e);
	return e->code ? e->code : add_recipients(r, o, *ret, e);
}

static int put_plan(struct change *c, struct repo *r, const struct order *o, struct error *e)
{
	json_t *public = json_object_make(e);
	scoped(fields) *f = NULL;
	scoped_json *plan = NULL, *places = NULL;
	uint64_t n;

	if (!public || order_steps_now(r, o, &plan, &places, e) < 0 || fields_create(&f, e) < 0 ||
	    parts_add_json(f, "plan", plan, e) < 0 || parts_add_json(f, "places", places, e) < 0) {
		json_decref(public);
		return e->code;
	}
	json_set_number(public, "order", o->fact, e);
	if (change_fact(c, "plan", public, f, &n, e) < 0)
		return e->code;
	return change_commit(c, e);
}

int flow_order_plan(struct repo *r, const char *id, json_t **ret, struct error *e)
{
	scoped(order) *o = NULL, *now = NULL;
	scoped(change) *c = NULL;
	bool holds = false;

	if (change_begin(&c, r, e) < 0 || order_load(r, id, &o, e) < 0)
		return e->code;
	if (o->state != ORDER_OPEN && o->state != ORDER_PLANNED && o->state != ORDER_APPROVED)
		return error_set(e, E_CONFLICT, "%s is %s: it is not planned any more", o->name,
				 order_state_name(o->state));
	if (o->plan_fact && order_plan_holds(r, o, &holds, e) < 0)
		return e->code;
	/* The same plan again keeps its name, so that one may look twice. */
	if (!holds && put_plan(c, r, o, e) < 0)
		return e->code;
	if (order_load(r, id, &now, e) < 0)
		return e->code;
	return plan_document(r, now, ret, e);
}

/* --- approval --- */

static int leaf_of(struct repo *r, uint64_t fact, struct hash *ret, struct error *e)
{
	scoped(buf) *entry = NULL;

	if (buf_create(&entry, 1024, e) < 0 || catalog_fact(r->catalog, fact, entry, e) < 0)
		return e->code;
	tree_leaf(ret, entry->data, entry->len);
	return 0;
}

static int approval_text(struct repo *r, const struct order *o, struct buf *b, struct error *e)
{
	struct approved what = { .demand = o->demand, .plan = o->plan };

	if (leaf_of(r, o->fact, &what.order_leaf, e) < 0 ||
	    leaf_of(r, o->plan_fact, &what.plan_leaf, e) < 0)
		return e->code;
	return certificate_approval_text(b, r->origin, &what, e);
}

/* Somebody else than who opened the order, unless the repository says that one may do both. */
static int check_approver(struct repo *r, const struct order *o, const char *key_id,
			  struct error *e)
{
	scoped_json *opened = NULL;

	if (repo_fact(r, o->fact, &opened, e) < 0)
		return e->code;
	if (r->solo || strcmp(json_text_or(opened, "by", ""), key_id) != 0)
		return 0;
	return error_set(e, E_CONFLICT, "%s was opened by the same role: another one approves (--as ROLE)",
			 o->name);
}

static int sign_approval(struct repo *r, const struct order *o, char ret_hex[2 * SIGN_LEN + 1],
			 struct error *e)
{
	uint8_t seed[SIGN_SEED_LEN], signature[SIGN_LEN];
	char key_id[KEY_ID_MAX];
	scoped(buf) *text = NULL;
	int code;

	if (buf_create(&text, 512, e) < 0 || approval_text(r, o, text, e) < 0 ||
	    repo_role_seed(r, r->role, seed, key_id, e) < 0)
		return e->code;
	code = check_approver(r, o, key_id, e);
	if (code == 0)
		code = sign_make(signature, seed, text->data, text->len, e);
	wipe(seed, sizeof(seed));
	if (code == 0)
		hex_encode(ret_hex, signature, SIGN_LEN);
	return code;
}

static int check_plan(struct repo *r, const struct order *o, const char *plan, struct error *e)
{
	bool holds;

	if (o->state != ORDER_PLANNED)
		return error_set(e, E_CONFLICT, "%s is %s, not planned (rescind order plan %s)", o->name,
				 order_state_name(o->state), o->name);
	if (strcmp(plan, hash_hex(&o->plan).s) != 0)
		return error_set(e, E_MISMATCH, "%.80s is not the plan of %s (rescind order plan %s)", plan,
				 o->name, o->name);
	if (order_plan_holds(r, o, &holds, e) < 0)
		return e->code;
	return holds ? 0 :
		       error_set(e, E_CONFLICT,
				 "the repository changed and so would the plan: ask for a new one (rescind order plan %s)",
				 o->name);
}

int flow_order_approve(struct repo *r, const char *id, const char *plan, json_t **ret,
		       struct error *e)
{
	scoped_json *public = json_object_make(e);
	scoped(order) *o = NULL, *now = NULL;
	char signature[2 * SIGN_LEN + 1];
	scoped(change) *c = NULL;
	scoped(fields) *f = NULL;
	uint64_t n;

	if (!public || change_begin(&c, r, e) < 0 || order_load(r, id, &o, e) < 0 ||
	    check_plan(r, o, plan, e) < 0 || sign_approval(r, o, signature, e) < 0 ||
	    fields_create(&f, e) < 0 || fields_add_text(f, "role", r->role, e) < 0 ||
	    fields_add_number(f, "login", getuid(), e) < 0)
		return e->code;
	json_set_number(public, "order", o->fact, e);
	json_set_number(public, "plan", o->plan_fact, e);
	json_set_text(public, "signature", signature, e);
	if (e->code || change_fact(c, "approval", give(public), f, &n, e) < 0 ||
	    change_commit(c, e) < 0 || order_load(r, id, &now, e) < 0)
		return e->code;
	return order_document(r, now, ret, e);
}
