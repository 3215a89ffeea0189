/* Steps of an order on datasets: next versions without the positions, in one change. A version that
 * came in between, by another order, is gone on from; one that holds none of them is what is meant. */
#include "base/fault.h"
#include "flow/order_run.h"

/* The datasets of steps first to last, each the latest of its name, and what is left of those that
 * hold a position (else NULL). Sets are owned. */
struct subsets {
	struct dataset *datasets;
	struct set **left;
	size_t count;
};

static void subsets_done(struct subsets *x)
{
	for (size_t i = 0; i < x->count; i++)
		set_destroy(x->left[i]);
}

static int latest_of_fact(struct run *x, const struct dataset *all, size_t count, uint64_t fact,
			  struct dataset *ret, struct error *e)
{
	for (size_t i = 0; i < count; i++)
		if (all[i].fact == fact)
			return dataset_named(x->r, x->a, all[i].name, ret, e);
	return error_set(e, E_NOT_FOUND, "the dataset of a step is not there");
}

static int what_is_left(struct run *x, const struct dataset *d, struct set **ret, struct error *e)
{
	scoped(set) *gone = NULL, *left = NULL;

	if (order_split(x->r, &d->set, x->taken, &gone, &left, e) < 0)
		return e->code;
	*ret = set_count(gone) ? give(left) : NULL;
	return 0;
}

static int load_subsets(struct run *x, size_t first, size_t last, struct subsets *ret,
			struct error *e)
{
	size_t count, wanted = last - first + 1;
	struct dataset *all;

	ret->datasets = arena_alloc(x->a, wanted * sizeof(*ret->datasets), e);
	ret->left = arena_alloc(x->a, wanted * sizeof(*ret->left), e);
	if (!ret->datasets || !ret->left || datasets_all(x->r, x->a, &all, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < wanted; i++) {
		uint64_t fact = json_number_or(json_array_get(x->steps, first + i), "fact", 0);

		if (latest_of_fact(x, all, count, fact, &ret->datasets[i], e) < 0 ||
		    what_is_left(x, &ret->datasets[i], &ret->left[i], e) < 0)
			return e->code;
		ret->count++;
	}
	return 0;
}

static int prepare(struct run *x, struct change *c, const struct subsets *s, struct error *e)
{
	struct set **sets = arena_alloc(x->a, (s->count + 1) * sizeof(struct set *), e);
	size_t count = 0;

	if (!sets)
		return e->code;
	for (size_t i = 0; i < s->count; i++)
		if (s->left[i])
			sets[count++] = s->left[i];
	return change_prepare_sets(c, sets, count, change_positions(c), e);
}

/* Their next versions, and one fact for all of them: `made` has the fact of each, in order. */
static int put_subsets(struct run *x, struct change *c, size_t first, struct subsets *s,
		       struct error *e)
{
	scoped_json *done = json_object_make(e);
	json_t *made = json_array_make(e);
	uint64_t version;

	json_set_new(done, "made", made, e);
	if (e->code || prepare(x, c, s, e) < 0)
		return e->code;
	for (size_t i = 0; i < s->count; i++) {
		uint64_t fact = s->datasets[i].fact;

		if (s->left[i] && dataset_next(c, x->r, &s->datasets[i], s->left[i], x->o->name,
					       &fact, &version, e) < 0)
			return e->code;
		json_add_new(made, json_integer((json_int_t)fact), e);
	}
	return e->code ? e->code : run_note(x, c, first, first + s->count - 1, give(done), e);
}

int run_subsets(struct run *x, size_t first, size_t last, struct error *e)
{
	struct subsets s = { 0 };
	scoped(change) *c = NULL;
	int code = run_intend(x, first, last, e);

	if (code == 0)
		code = change_begin(&c, x->r, e);
	if (code == 0)
		FAULT(order_step_effect);
	if (code == 0)
		code = load_subsets(x, first, last, &s, e);
	if (code == 0)
		code = put_subsets(x, c, first, &s, e);
	if (code == 0)
		code = change_commit(c, e);
	subsets_done(&s);
	if (code == 0)
		FAULT(order_step_noted);
	return code;
}
