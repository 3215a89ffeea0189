/* What an order would do, before anything is done; and its approval by somebody else. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/sign.h"
#include "flow/order.h"
#include "flow/order_places.h"
#include "flow/parts.h"
#include "flow/uses.h"
#include "proof/certificate.h"

/* A plan being made. */
struct planning {
	struct repo *r;
	struct arena *a;
	const struct order *o;
	json_t *steps, *not_reached, *places;
	uint64_t checkpoints;
};

static json_t *add_step(struct planning *p, const char *what, const char *target,
			const char *method, struct error *e)
{
	json_t *step = json_object_make(e);

	if (!step)
		return NULL;
	json_set_number(step, "n", json_array_size(p->steps) + 1, e);
	json_set_text(step, "do", what, e);
	json_set_text(step, "target", target, e);
	json_set_text(step, "method", method, e);
	json_add_new(p->steps, step, e);
	return e->code ? NULL : step;
}

static int plan_models(struct planning *p, const struct touched *t, struct error *e)
{
	for (size_t i = 0; i < t->model_count; i++) {
		json_t *step;

		if (t->models[i].state == MODEL_ERASED)
			continue;
		step = add_step(p, "withdraw", t->models[i].label,
				"withdraw; delete its file", e);
		if (!step)
			return e->code;
		json_set_number(step, "fact", t->models[i].fact, e);
		p->checkpoints++;
	}
	return e->code;
}

/* Only the latest version of a name goes on in use: the older ones answer "erased". */
static int plan_datasets(struct planning *p, const struct touched *t, struct error *e)
{
	for (size_t i = 0; i < t->dataset_count; i++) {
		struct dataset latest;
		json_t *step;

		if (dataset_named(p->r, p->a, t->datasets[i].name, &latest, e) < 0)
			return e->code;
		if (latest.fact != t->datasets[i].fact)
			continue;
		step = add_step(p, "subset", t->datasets[i].label,
				"next version", e);
		if (!step)
			return e->code;
		json_set_number(step, "fact", latest.fact, e);
	}
	return e->code;
}

/* --- what is in use, and what was kept --- */

static bool is_touched(const struct touched *t, uint64_t model)
{
	for (size_t i = 0; i < t->model_count; i++)
		if (t->models[i].id == model)
			return true;
	return false;
}

/* A step with the command that the user gave for it; without one, it cannot be reached from here. */
static int plan_command(struct planning *p, const char *what, const char *target, uint64_t fact,
			const char *field, const char *without, struct error *e)
{
	const char *command;
	json_t *step;

	if (use_private(p->r, p->a, fact, field, &command, e) < 0)
		return e->code;
	if (!command) {
		json_add_new(p->not_reached, json_sprintf("%s: %s", target, without), e);
		return e->code;
	}
	step = add_step(p, what, target, "run the command given for it", e);
	if (!step)
		return e->code;
	json_set_number(step, "fact", fact, e);
	return e->code;
}

static int plan_uses(struct planning *p, const struct touched *t, struct error *e)
{
	struct deployment *d = NULL;
	struct output *o = NULL;
	size_t dn = 0, on = 0;

	if (deployments_all(p->r, p->a, &d, &dn, e) < 0 || outputs_all(p->r, p->a, &o, &on, e) < 0)
		return e->code;
	for (size_t i = 0; i < dn; i++)
		if (d[i].until_utc_ms == TIME_NONE && is_touched(t, d[i].model) &&
		    plan_command(p, "stop", d[i].product, d[i].fact, "stop",
				 "no command stops it (recall it); the gate denies it from now on", e) < 0)
			return e->code;
	for (size_t i = 0; i < on; i++)
		if (!o[i].gone && is_touched(t, o[i].model) &&
		    plan_command(p, "erase", o[i].name, o[i].fact, "erase",
				 "no command erases it: it is still where it was kept", e) < 0)
			return e->code;
	return 0;
}

/* --- files, by the folder they came from --- */

struct folder_count {
	const char *origin;
	uint64_t in_place, left;
};
struct folders {
	struct arena *a;
	struct folder_count *list;
	size_t count, cap, last;
};

static int count_place(void *ctx, const struct found_at *f, struct error *e)
{
	struct folders *x = ctx;
	size_t i;

	if (x->count > 0 && strcmp(x->list[x->last].origin, f->origin) == 0) {
		i = x->last;
	} else {
		for (i = 0; i < x->count; i++)
			if (strcmp(x->list[i].origin, f->origin) == 0)
				break;
	}
	if (i == x->count) {
		x->list = arena_grow(x->a, x->list, sizeof(*x->list), x->count, &x->cap, e);
		if (!x->list)
			return e->code;
		memset(&x->list[i], 0, sizeof(x->list[i]));
		x->list[i].origin = arena_text(x->a, f->origin, strlen(f->origin), e);
		if (!x->list[i].origin)
			return e->code;
		x->count++;
	}
	x->last = i;
	*(f->in_place ? &x->list[i].in_place : &x->list[i].left) += 1;
	return 0;
}

static int by_origin(const void *a, const void *b)
{
	return strcmp(((const struct folder_count *)a)->origin,
		      ((const struct folder_count *)b)->origin);
}

/* A folder's name may name a person: the plan says "folder 2", and its list of places, a field of
 * its own that no certificate opens, has the name. */
static int plan_files(struct planning *p, struct error *e)
{
	struct folders x = { .a = p->a };
	char text[256], shown[PATH_LEN_MAX];

	if (each_place(p->r, p->o->positions, count_place, &x, e) < 0)
		return e->code;
	if (x.count > 0)
		qsort(x.list, x.count, sizeof(*x.list), by_origin);
	for (size_t i = 0; i < x.count; i++) {
		json_add_new(p->places, json_string(path_escape(shown, sizeof(shown), x.list[i].origin)), e);
		if (x.list[i].in_place > 0) {
			snprintf(text, sizeof(text), "%" PRIu64 " files in folder %zu", x.list[i].in_place,
				 i + 1);
			if (!add_step(p, "delete", text, "delete where it lies, if its bytes are still those", e))
				return e->code;
		}
		if (x.list[i].left > 0) {
			snprintf(text, sizeof(text),
				 "folder %zu: %" PRIu64 " files were read there and not handed over (no --in-place): what is still in that folder is not touched",
				 i + 1, x.list[i].left);
			json_add_new(p->not_reached, json_string(text), e);
		}
	}
	return e->code;
}

static int plan_keys(struct planning *p, struct error *e)
{
	char text[128];

	snprintf(text, sizeof(text), "the keys of %" PRIu64 " records%s", p->o->count,
		 p->checkpoints ? " and of the checkpoints above" : "");
	if (!add_step(p, "destroy", text,
		      "cryptographic erase: slots left out, page keys and epoch key replaced, old keys destroyed; digests kept keyed, never again", e))
		return e->code;
	if (!add_step(p, "search", "everything above",
		      "keys, rows, files and versions looked for again", e))
		return e->code;
	return 0;
}

static int make_steps(struct planning *p, struct error *e)
{
	struct touched t;

	if (touched_by(p->r, p->a, p->o->positions, &t, e) < 0 || plan_uses(p, &t, e) < 0 ||
	    plan_models(p, &t, e) < 0 || plan_datasets(p, &t, e) < 0 || plan_files(p, e) < 0)
		return e->code;
	return plan_keys(p, e);
}

int order_steps_now(struct repo *r, const struct order *o, json_t **ret, json_t **ret_places,
		    struct error *e)
{
	struct planning p = { .r = r, .o = o };
	scoped(arena) *a = NULL;
	scoped_json *doc = json_object_make(e), *places = json_array_make(e);
	uint64_t facts;

	if (!doc || !places || arena_create(&a, e) < 0 || catalog_fact_count(r->catalog, &facts, e) < 0)
		return e->code;
	p.a = a;
	p.places = places;
	p.steps = json_array_make(e);
	p.not_reached = json_array_make(e);
	json_set_new(doc, "steps", p.steps, e);
	json_set_new(doc, "not_reached", p.not_reached, e);
	if (e->code || make_steps(&p, e) < 0)
		return e->code;
	json_set_hash(doc, "order", &o->demand, e);
	json_set_number(doc, "as_of", facts - 1, e);
	if (e->code)
		return e->code;
	*ret = give(doc);
	*ret_places = give(places);
	return 0;
}

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

/* What a step costs, for people; not part of the plan. */
static json_t *priced(const json_t *steps, const struct order *o, struct error *e)
{
	json_t *list = json_deep_copy(steps), *step;
	size_t i;

	json_array_foreach(list, i, step) {
		const char *what = json_text_or(step, "do", "");
		json_t *cost = json_object_make(e);
		bool keys = strcmp(what, "destroy") == 0 || strcmp(what, "search") == 0;
		/* The target of "delete" begins with how many files. */
		uint64_t files = strcmp(what, "delete") == 0 ?
					 strtoull(json_text_or(step, "target", ""), NULL, 10) :
					 0;

		json_set_number(cost, "items", keys ? o->count : files ? files : 1, e);
		json_set_new(step, "cost", cost, e);
	}
	return list;
}

static int plan_document(struct repo *r, const struct order *o, json_t **ret, struct error *e)
{
	scoped_json *plan = NULL, *places = NULL;
	json_t *people = NULL;

	if (order_plan_json(r, o, &plan, &places, e) < 0 || order_document(r, o, ret, e) < 0 ||
	    people_of(r, o->positions, &people, e) < 0)
		return e->code;
	json_set_new(*ret, "steps", priced(json_object_get(plan, "steps"), o, e), e);
	json_set_new(*ret, "not_reached", json_deep_copy(json_object_get(plan, "not_reached")), e);
	json_set_number(*ret, "as_of", json_number_or(plan, "as_of", 0), e);
	json_set_new(*ret, "people", people, e);
	json_set_new(*ret, "folders", give(places), e);
	json_set_new(*ret, "holds", json_array_make(e), e);
	return e->code;
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
