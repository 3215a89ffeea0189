/* The check of the steps: each done once, after the approval, and what they made. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proof/checks.h"

/* What is being covered: the steps of the plan, and what those so far made. */
struct covering {
	struct checking *c;
	const json_t *steps;
	struct made *made;
	size_t made_count;
};

/* The next step that makes something, from number *step on; *step goes behind it. */
static struct made made_by(const struct covering *k, uint64_t *step, uint64_t n)
{
	const json_t *j;

	do
		j = json_array_get(k->steps, (size_t)(*step)++ - 1);
	while (j && !step_makes(j));
	return (struct made){ n, *step - 1, step_is(j, "subset") ? FACT_DATASET : FACT_MODEL };
}

/* Beside `made` only counts: what is opened here names nothing and is no digest. */
static int check_counts(json_t *done, struct error *e)
{
	const char *member;
	json_t *j;

	json_object_foreach(done, member, j)
		if (strcmp(member, "made") != 0 && (!json_is_integer(j) || json_integer_value(j) < 0))
			return error_set(e, E_MISMATCH, "beside what was made more is opened than "
					 "counts");
	return 0;
}

/* A fact of subset and unlearn steps opens what each of them made, in order. */
static int take_made(struct covering *k, const struct fact *f, size_t count, struct error *e)
{
	const struct statement *s = k->c->s;
	uint64_t step = f->first;
	scoped_json *done = NULL;
	json_t *list = NULL;
	const json_t *made;
	size_t i;

	if (opened_json(s, f->n, "done", &done, e) < 0 || json_get_array(done, "made", &list, e) < 0 ||
	    check_counts(done, e) < 0)
		return error_wrap(e, "step %" PRIu64, f->first);
	if (json_array_size(list) != count)
		return error_set(e, E_MISMATCH, "fact %" PRIu64 ": %zu steps made %zu sets",
				 f->n, count, json_array_size(list));
	json_array_foreach(list, i, made) {
		struct made m = made_by(k, &step, (uint64_t)json_integer_value(made));
		bool nothing = m.n == 0 && m.type == FACT_MODEL;

		if (!json_is_integer(made) || (!nothing && (m.n <= s->approval || m.n >= f->n)))
			return error_set(e, E_MISMATCH, "fact %" PRIu64 " cannot have made fact %"
					 PRIu64, f->n, m.n);
		k->made[k->made_count++] = m;
	}
	return 0;
}

static int by_first(const void *a, const void *b)
{
	const struct fact *const *x = a, *const *y = b;

	return ((*x)->first > (*y)->first) - ((*x)->first < (*y)->first);
}

static int find_steps(const struct statement *s, const struct fact **ret, struct error *e)
{
	for (size_t i = 0; i < s->step_count; i++) {
		if (fact_get(s, s->steps[i], FACT_STEP, &ret[i], e) < 0)
			return e->code;
		if (ret[i]->order != s->opened)
			return error_set(e, E_MISMATCH, "fact %" PRIu64 " is a step of another "
					 "order", ret[i]->n);
		if (ret[i]->n <= (i > 0 ? s->steps[i - 1] : s->approval))
			return error_set(e, E_MISMATCH, "step facts are not in order, or before "
					 "the approval");
	}
	return 0;
}

/* The facts, in order of steps, are each step of the plan once. */
static int cover_steps(struct covering *k, const struct fact *const *facts, struct error *e)
{
	uint64_t next = 1, end = json_array_size(k->steps);

	for (size_t i = 0; i < k->c->s->step_count; i++) {
		const struct fact *f = facts[i];
		size_t making = 0;

		if (f->first != next || f->last < f->first || f->last > end)
			return error_set(e, E_MISMATCH, "step %" PRIu64 " of %" PRIu64
					 " was not done once", next, end);
		for (; next <= f->last; next++)
			making += step_makes(json_array_get(k->steps, (size_t)next - 1));
		if (making > 0 && take_made(k, f, making, e) < 0)
			return e->code;
	}
	if (next <= end)
		return error_set(e, E_MISMATCH, "step %" PRIu64 " of %" PRIu64 " was not done",
				 next, end);
	return 0;
}

int check_steps(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	struct covering k = { .c = c, .steps = json_object_get(c->plan, "steps") };
	const struct fact **facts;

	if (!c->plan)
		return error_set(e, E_NOT_FOUND, "the plan is not known");
	facts = arena_alloc(s->arena, s->step_count * sizeof(*facts), e);
	k.made = arena_alloc(s->arena, json_array_size(k.steps) * sizeof(*k.made), e);
	if (!facts || !k.made || find_steps(s, facts, e) < 0)
		return e->code;
	qsort(facts, s->step_count, sizeof(*facts), by_first);
	if (cover_steps(&k, facts, e) < 0)
		return e->code;
	if (k.made_count > 0)
		qsort(k.made, k.made_count, sizeof(*k.made), by_number);
	c->made = k.made;
	c->made_count = k.made_count;
	return found(c, "%zu steps, each done once, in %zu facts", json_array_size(k.steps),
		     s->step_count);
}
