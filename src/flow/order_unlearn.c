/*
 * Steps of an order on exact checkpoints: the records leave the sums, the sums are solved, and the
 * next checkpoint takes the place of the old one, which ends with the order's step `destroy`. The
 * old sums are subtracted from as they are sealed, and the new checkpoint, the old one's state and
 * the step's fact are one change: killed anywhere, nothing is ever subtracted twice.
 */
#include <inttypes.h>

#include "base/fault.h"
#include "base/sys.h"
#include "flow/exact.h"
#include "flow/order_run.h"

/* One checkpoint being unlearned. */
struct unlearning {
	struct run *x;
	struct model planned, old; /* of the plan's step; which is subtracted from */
	struct recipe how;
	struct set *gone, *left; /* of old's records; owned */
	struct sums *sums;	 /* owned */
	uint64_t *inputs;
	uint64_t labels_before, begun_us, made;
	bool stays, has_before; /* old goes on: nothing of it is taken */
	struct hash weights_before, weights_after;
};

static void unlearning_done(struct unlearning *u)
{
	set_destroy(u->gone);
	set_destroy(u->left);
	sums_destroy(u->sums);
}

/* --- what it is subtracted from --- */

/* Of another recipe it would be another model. */
static int same_recipe(struct unlearning *u, const struct model *m, bool *ret, struct error *e)
{
	struct recipe a, b;

	*ret = false;
	if (exact_recipe(u->x->r, u->x->a, m->fact, &a, e) < 0 ||
	    exact_recipe(u->x->r, u->x->a, u->planned.fact, &b, e) < 0)
		return e->code;
	*ret = strcmp(a.target, b.target) == 0 && strcmp(a.features, b.features) == 0 &&
	       a.lambda == b.lambda && a.numbers == b.numbers;
	return 0;
}

/* A version that came in between, by another order or by training, is gone on from. */
static int choose_old(struct unlearning *u, struct error *e)
{
	struct run *x = u->x;
	const struct model *latest = order_latest_live(x->models, x->model_count, u->planned.name);
	bool same = false;

	if (latest && latest->exact && latest->version > u->planned.version &&
	    same_recipe(u, latest, &same, e) < 0)
		return e->code;
	u->old = same ? *latest : u->planned;
	if (order_split(x->r, &u->old.set, x->taken, &u->gone, &u->left, e) < 0)
		return e->code;
	u->stays = set_count(u->gone) == 0;
	if (u->stays && u->old.fact == u->planned.fact)
		return error_set(e, E_MISMATCH, "%s holds none of the order's records", u->old.label);
	return 0;
}

/* --- the sums of what is left --- */

static int subtract(struct unlearning *u, struct error *e)
{
	struct repo *r = u->x->r;
	struct gathered got;

	if (exact_sums(r, u->old.fact, &u->sums, e) < 0)
		return e->code;
	u->labels_before = u->sums->count;
	if (exact_learn(r, &u->how, u->gone, -1, u->sums, NULL, &got, e) < 0)
		return e->code;
	if (got.used != set_count(u->gone) || (uint64_t)u->sums->n != set_count(u->left))
		return error_set(e, E_MISMATCH, "%" PRIu64 " of its %" PRIu64
				 " records can be read as when it was trained",
				 got.used, set_count(u->gone));
	return 0;
}

/* The same checkpoint by the longer way, when the shorter one is closed: what is left is learned
 * again. Only what can still be read of it is in the sums, and in the set. */
static int learn_again(struct unlearning *u, struct error *e)
{
	scoped(set) *used = NULL;
	struct gathered got;

	repo_tell(u->x->r, "%s: %s: what is left is learned again", u->old.label, e->text);
	error_clear(e);
	sums_destroy(u->sums);
	u->sums = NULL;
	if (set_create(&used, e) < 0 || exact_sums_create(&u->sums, &u->how, e) < 0 ||
	    exact_learn(u->x->r, &u->how, u->left, 1, u->sums, used, &got, e) < 0)
		return e->code;
	set_destroy(u->left);
	u->left = give(used);
	return 0;
}

static int make_sums(struct unlearning *u, struct error *e)
{
	if (exact_recipe(u->x->r, u->x->a, u->old.fact, &u->how, e) < 0)
		return e->code;
	if (subtract(u, e) == 0)
		return 0;
	if (e->code != E_MISMATCH && e->code != E_FORMAT && e->code != E_NOT_FOUND)
		return e->code;
	return learn_again(u, e);
}

/* --- what it rests on --- */

/* The latest version of a dataset if it holds all that is left; else the one it had. */
static int next_input(struct unlearning *u, const struct dataset *all, size_t count, uint64_t *input,
		      struct error *e)
{
	scoped(set) *s = NULL;
	struct dataset latest;

	for (size_t i = 0; i < count; i++) {
		if (all[i].fact != *input)
			continue;
		if (dataset_named(u->x->r, u->x->a, all[i].name, &latest, e) < 0 ||
		    set_create(&s, e) < 0 || stored_set_load(u->x->r, &latest.set, s, e) < 0)
			return e->code;
		/* What it is for does not change by an order. */
		if (set_count_both(s, u->left) == set_count(u->left) &&
		    latest.use.processing == all[i].use.processing &&
		    latest.use.purpose == all[i].use.purpose && latest.use.below == all[i].use.below)
			*input = latest.fact;
		return 0;
	}
	return 0;
}

static int choose_inputs(struct unlearning *u, struct error *e)
{
	struct dataset *all;
	size_t count;

	u->inputs = arena_alloc(u->x->a, (u->old.input_count + 1) * sizeof(*u->inputs), e);
	if (!u->inputs || datasets_all(u->x->r, u->x->a, &all, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < u->old.input_count; i++) {
		u->inputs[i] = u->old.inputs[i];
		if (next_input(u, all, count, &u->inputs[i], e) < 0)
			return e->code;
	}
	return 0;
}

/* --- one change --- */

/* A certificate opens it. How many labels went would say that somebody was the only one of a label. */
static json_t *done_of(const struct unlearning *u, struct error *e)
{
	json_t *done = json_object_make(e), *made = json_array_make(e);

	json_set_new(done, "made", made, e);
	json_add_new(made, json_integer((json_int_t)u->made), e);
	/* Where it is another than the plan's, which checkpoint ends is said. */
	if (u->old.fact != u->planned.fact && !u->stays)
		json_set_number(done, "from", u->old.fact, e);
	if (u->x->files[REMOVED] || u->x->files[REMOVED_ABSENT] || u->x->files[REMOVED_OTHER])
		run_files_done(u->x, done, e);
	return done;
}

/* What somebody withdrew by hand does not come back by an order. */
static int put_states(struct unlearning *u, struct change *c, struct error *e)
{
	const char *order = u->x->o->name;
	const struct model made = { .fact = u->made };

	if (u->old.state == MODEL_LIVE && !u->stays &&
	    model_set_state(c, &u->old, MODEL_WITHDRAWN, "order", order, e) < 0)
		return e->code;
	if (u->planned.fact != u->old.fact && u->planned.state == MODEL_LIVE &&
	    model_set_state(c, &u->planned, MODEL_WITHDRAWN, "order", order, e) < 0)
		return e->code;
	if (u->sums && u->old.state != MODEL_LIVE)
		return model_set_state(c, &made, MODEL_WITHDRAWN, "withdrawn before", order, e);
	return 0;
}

static int put_made(struct unlearning *u, struct change *c, size_t i, struct error *e)
{
	struct exact_new n = { .name = u->old.name, .how = &u->how, .inputs = u->inputs,
			       .input_count = u->old.input_count, .set = u->left, .sums = u->sums };

	if (u->sums && exact_put(c, u->x->r, &n, &u->made, NULL, &u->weights_after, e) < 0)
		return e->code;
	if (put_states(u, c, e) < 0)
		return e->code;
	FAULT(order_unlearned);
	return run_note(u->x, c, i, i, done_of(u, e), e);
}

/* For the answer of the command alone: digests stand in no fact. */
static void tell_made(struct unlearning *u, struct error *e)
{
	json_t *row = json_object_make(e);

	json_set_number(row, "fact", u->made, e);
	if (u->has_before)
		json_set_hash(row, "weights_before", &u->weights_before, e);
	json_set_hash(row, "weights_after", &u->weights_after, e);
	json_set_number(row, "subtracted", set_count(u->gone), e);
	json_set_number(row, "records", set_count(u->left), e);
	if (u->labels_before > u->sums->count)
		json_set_number(row, "labels_gone", u->labels_before - u->sums->count, e);
	json_set_number(row, "milliseconds", (sys->monotonic_us() - u->begun_us) / 1000, e);
	json_add_new(u->x->made, row, e);
}

/* --- the step --- */

/* Weights that open nowhere any more keep no order from going on. */
static int weights_of_old(struct unlearning *u, struct error *e)
{
	scoped(buf) *bytes = NULL;

	if (buf_create(&bytes, 4096, e) < 0)
		return e->code;
	if (exact_bytes(u->x->r, u->old.fact, EXACT_WEIGHTS, bytes, e) == 0) {
		hash_bytes(&u->weights_before, bytes->data, bytes->len);
		u->has_before = true;
	}
	if (e->code == E_NOT_FOUND || e->code == E_FORMAT || e->code == E_MISMATCH)
		error_clear(e);
	return e->code;
}

static int solve(struct unlearning *u, struct error *e)
{
	if (weights_of_old(u, e) < 0 || make_sums(u, e) < 0 || choose_inputs(u, e) < 0)
		return error_wrap(e, "%s", u->old.label);
	return 0;
}

static int note(struct unlearning *u, size_t i, struct error *e)
{
	scoped(change) *c = NULL;

	if (change_begin(&c, u->x->r, e) < 0 || put_made(u, c, i, e) < 0)
		return e->code;
	return change_commit(c, e);
}

/* What is left has no weights (solve.h: undecided, or too large): it ends without a next. */
static int end_it(struct unlearning *u, size_t i, struct error *e)
{
	if (!u->sums)
		return e->code;
	repo_tell(u->x->r, "%s: %s: no next checkpoint", u->old.label, e->text);
	error_clear(e);
	sums_destroy(u->sums);
	u->sums = NULL;
	u->made = 0;
	return note(u, i, e);
}

/* Where nothing is taken, the version that came in between is what is meant; where nothing would
 * be left, the old one ends without a next: `made` is 0. */
static int unlearn(struct unlearning *u, size_t i, struct error *e)
{
	if (choose_old(u, e) < 0)
		return e->code;
	if (u->stays)
		u->made = u->old.fact;
	else if (set_count(u->left) == 0 || u->old.state == MODEL_ERASED)
		repo_tell(u->x->r, "%s: nothing would be left of it: no next checkpoint", u->old.label);
	else if (solve(u, e) < 0)
		return e->code;
	if (run_remove_files(u->x, &u->planned, e) < 0)
		return e->code;
	FAULT(order_step_effect);
	if (note(u, i, e) < 0 && (e->code != E_RANGE || end_it(u, i, e) < 0))
		return e->code;
	if (u->sums)
		tell_made(u, e);
	return e->code;
}

static int unlearn_step(struct run *x, size_t i, struct error *e)
{
	struct unlearning u = { .x = x, .begun_us = sys->monotonic_us() };
	int code;

	x->models = NULL; /* as they are now */
	memset(x->files, 0, sizeof(x->files));
	code = run_model_of_step(x, i, &u.planned, e);
	if (code == 0)
		code = unlearn(&u, i, e);
	unlearning_done(&u);
	return code;
}

int run_unlearn(struct run *x, size_t first, size_t last, struct error *e)
{
	for (size_t i = first; i <= last; i++) {
		x->failed_first = x->failed_last = i;
		if (run_intend(x, i, i, e) < 0 || unlearn_step(x, i, e) < 0)
			return e->code;
		FAULT(order_step_noted);
	}
	return 0;
}

/* --- afterwards --- */

int order_unlearned(struct repo *r, const struct order *o, size_t i, struct unlearned *ret,
		    struct error *e)
{
	scoped_json *body = NULL;
	scoped(arena) *a = NULL;
	struct catalog_thing t;
	uint64_t fact;

	if (arena_create(&a, e) < 0 ||
	    catalog_thing(r->catalog, a, THING_STEP, o->id * ORDER_STEPS_MAX + i + 1, &t, e) < 0 ||
	    json_parse(&body, t.body, strlen(t.body), CATALOG_BODY_MAX, e) < 0)
		return e->code;
	fact = json_number_or(body, "fact", 0);
	if (t.state != STEP_DONE || t.fact != o->plan_fact || !json_object_get(body, "made"))
		return error_set(e, E_NOT_FOUND, "step %zu is not done", i + 1);
	*ret = (struct unlearned){ json_number_or(body, "made", 0),
				   json_number_or(body, "from", fact) };
	return 0;
}

int run_ended(struct run *x, size_t i, uint64_t ret_facts[2], size_t *ret_count, struct error *e)
{
	const char *what = run_step_do(x, i);
	struct unlearned u;

	*ret_count = 0;
	if (strcmp(what, "withdraw") != 0 && strcmp(what, "unlearn") != 0)
		return 0;
	ret_facts[(*ret_count)++] = json_number_or(json_array_get(x->steps, i), "fact", 0);
	if (strcmp(what, "withdraw") == 0)
		return 0;
	if (order_unlearned(x->r, x->o, i, &u, e) < 0)
		return e->code;
	if (u.from != ret_facts[0])
		ret_facts[(*ret_count)++] = u.from;
	return 0;
}
