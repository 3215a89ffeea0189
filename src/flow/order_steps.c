/* What an order would do, step by step, as it would be now: what is stopped, erased, withdrawn, made
 * anew and unlearned, deleted, destroyed, and what cannot be reached from here. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "flow/handover.h"
#include "flow/order.h"
#include "flow/order_places.h"
#include "flow/uses.h"

/* A plan being made. */
struct planning {
	struct repo *r;
	struct arena *a;
	const struct order *o;
	json_t *steps, *not_reached, *places;
	struct model *models; /* all there are */
	size_t model_count;
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

/* --- checkpoints --- */

const struct model *order_latest_live(const struct model *list, size_t count, const char *name)
{
	const struct model *latest = NULL;

	for (size_t i = 0; i < count; i++)
		if (list[i].state == MODEL_LIVE && strcmp(list[i].name, name) == 0 &&
		    (!latest || list[i].version > latest->version))
			latest = &list[i];
	return latest;
}

int order_split(struct repo *r, const struct stored_set *s, const struct set *taken,
		struct set **ret_gone, struct set **ret_left, struct error *e)
{
	scoped(set) *gone = NULL, *left = NULL;

	if (set_create(&left, e) < 0 || stored_set_load(r, s, left, e) < 0 ||
	    set_copy(&gone, left, e) < 0 || set_and(gone, taken, e) < 0 ||
	    set_minus(left, taken, e) < 0)
		return e->code;
	*ret_gone = give(gone);
	*ret_left = give(left);
	return 0;
}

/* Only what is in use goes on without the records; and only if it is not made of them alone. */
static int goes_on(struct planning *p, const struct model *m, bool *ret, struct error *e)
{
	const struct model *latest = order_latest_live(p->models, p->model_count, m->name);
	scoped(set) *gone = NULL, *left = NULL;

	*ret = false;
	if (!m->exact || !latest || latest->fact != m->fact)
		return 0;
	if (order_split(p->r, &m->set, p->o->positions, &gone, &left, e) < 0)
		return e->code;
	*ret = set_count(left) > 0;
	return 0;
}

static int plan_model(struct planning *p, const struct model *m, bool unlearn, struct error *e)
{
	bool on;
	json_t *step;

	if (m->state == MODEL_ERASED)
		return 0;
	if (goes_on(p, m, &on, e) < 0)
		return e->code;
	if (on != unlearn)
		return 0;
	step = add_step(p, on ? "unlearn" : "withdraw", m->label,
			on       ? "subtract its records, solve; next checkpoint; old weights, sums and card destroyed" :
			m->exact ? "withdraw; weights, sums and card destroyed" :
				   "withdraw; delete its file",
			e);
	if (!step)
		return e->code;
	json_set_number(step, "fact", m->fact, e);
	p->checkpoints++;
	return e->code;
}

static int plan_models(struct planning *p, const struct touched *t, bool unlearn, struct error *e)
{
	for (size_t i = 0; i < t->model_count; i++)
		if (plan_model(p, &t->models[i], unlearn, e) < 0)
			return e->code;
	return 0;
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

/* Shards, lists and exported weights go whole. Those that are not there now may come back. */
static int count_parts(struct planning *p, const struct touched *t, struct folders *x,
		       struct error *e)
{
	struct part_due *due;
	char path[PATH_LEN_MAX];
	uint64_t away = 0;
	size_t count;
	bool empty;

	if (parts_due(p->r, p->a, p->o->positions, t, &due, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		const struct found_at at = { .origin = due[i].folder, .path = due[i].name,
					     .in_place = true };

		if (path_join(path, at.origin, at.path, e) < 0 || place_is_empty(path, &empty, e) < 0)
			return e->code;
		away += empty;
		if (!empty && count_place(x, &at, e) < 0)
			return e->code;
	}
	if (away > 0)
		json_add_new(p->not_reached,
			     json_sprintf("%" PRIu64 " files that were written out of here (exports, hand-overs) are not at their places: deleted before, or moved away",
					  away),
			     e);
	return e->code;
}

/* A folder's name may name a person: the plan says "folder 2", and its list of places, a field of
 * its own that no certificate opens, has the name. */
static int plan_files(struct planning *p, const struct touched *t, struct error *e)
{
	struct folders x = { .a = p->a };
	char text[256], shown[PATH_LEN_MAX];
	uint64_t unread;

	if (each_place(p->r, p->o->positions, count_place, &x, &unread, e) < 0 ||
	    count_parts(p, t, &x, e) < 0)
		return e->code;
	if (unread > 0)
		json_add_new(p->not_reached,
			     json_sprintf("where the files of %" PRIu64 " records lie: their cards are rotten",
					  unread),
			     e);
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

/* Who else has some of it: only a word to them reaches that. */
static int plan_recipients(struct planning *p, const struct touched *t, struct error *e)
{
	struct recipient *list;
	char since[TIME_TEXT_MAX];
	size_t count;

	if (recipients_of(p->r, p->a, t, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		const struct recipient *to = &list[i];

		json_add_new(p->not_reached,
			     json_sprintf("%s has %s%" PRIu64 " of these records since %.10s (%s): tell them",
					  to->name, to->deployed ? "a checkpoint made of " : "",
					  to->records, time_text(since, to->since_utc_ms), to->label),
			     e);
	}
	return e->code;
}

static int make_steps(struct planning *p, struct error *e)
{
	struct touched t;

	if (touched_by(p->r, p->a, p->o->positions, &t, e) < 0 ||
	    models_all(p->r, p->a, &p->models, &p->model_count, e) < 0 || plan_uses(p, &t, e) < 0 ||
	    plan_models(p, &t, false, e) < 0 || plan_datasets(p, &t, e) < 0 ||
	    plan_models(p, &t, true, e) < 0 || plan_files(p, &t, e) < 0 || plan_recipients(p, &t, e) < 0)
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
