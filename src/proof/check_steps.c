/* The check of the steps: each done once, after the approval, and what they made. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proof/checks.h"

/* What a step of the plan made beside counts, in order. */
struct done {
	uint64_t *made;
	size_t count;
};
static const struct shape number = { NULL, SHAPE_NUMBER, .at = 0 };
static const struct shape done_shape = { NULL, SHAPE_OPEN, .of = (const struct shape[]){
	{ "made", SHAPE_LIST, .at = offsetof(struct done, made), .max = STATEMENT_MARKS_MAX,
	  .unit = sizeof(uint64_t), .count_at = offsetof(struct done, count), .of = &number },
	  { 0 } } };

/* Beside `made` only counts: what is opened here names nothing and is no digest. */
static int check_counts(json_t *done, struct error *e)
{
	const char *member;
	json_t *j;

	json_object_foreach(done, member, j)
		if (strcmp(member, "made") != 0 &&
		    (!json_is_integer(j) || json_integer_value(j) < 0))
			return want(false, e, "beside what was made more is opened than counts");
	return 0;
}

/* A fact of subset and unlearn steps opens what each of them made, in order. */
static int take_made(struct checking *c, const struct fact *f, struct made *ret, size_t *count,
		     struct error *e)
{
	scoped_json *j = NULL;
	struct done done = { 0 };
	size_t i = 0;

	if (opened_read(c->s, f->n, "done", &done_shape, &j, &done, e) < 0 ||
	    check_counts(j, e) < 0)
		return error_wrap(e, "step %" PRIu64, f->first);
	for (uint64_t n = f->first; n <= f->last; n++) {
		const struct step *step = &c->plan->steps[n - 1];
		bool model = step_is(step, "unlearn");
		uint64_t made = i < done.count ? done.made[i] : 0;

		if (!step_makes(step))
			continue;
		if (want_of(f, i++ < done.count &&
			    (made == 0 ? model : made > c->s->approval && made < f->n), e,
			    "cannot have made what it says") < 0)
			return e->code;
		ret[(*count)++] = (struct made){ made, step, model ? FACT_MODEL : FACT_DATASET,
						false };
	}
	return want_of(f, i == done.count, e, "made more than its steps");
}

/* A fact, by its first step. */
struct doing {
	uint64_t first;
	const struct fact *fact;
};

static int find_steps(const struct statement *s, struct doing *ret, struct error *e)
{
	for (size_t i = 0; i < s->step_count; i++) {
		const struct fact *f = NULL;

		if (fact_get(s, s->steps[i], FACT_STEP, &f, e) < 0 ||
		    want_of(f, f->order == s->opened, e, "is of another order") < 0 ||
		    want_of(f, f->n > (i > 0 ? s->steps[i - 1] : s->approval), e,
			    "is not in order, or before the approval") < 0)
			return e->code;
		ret[i] = (struct doing){ f->first, f };
	}
	qsort(ret, s->step_count, sizeof(*ret), by_number);
	return 0;
}

static bool makes(const struct plan *p, uint64_t first, uint64_t last)
{
	for (; first <= last; first++)
		if (step_makes(&p->steps[first - 1]))
			return true;
	return false;
}

/* The facts, in order of steps, are each step of the plan once. */
static int cover_steps(struct checking *c, const struct doing *d, struct made *made,
		       size_t *made_count, struct error *e)
{
	uint64_t next = 1, end = c->plan->step_count;

	for (size_t i = 0; i < c->s->step_count; i++) {
		const struct fact *f = d[i].fact;

		if (want(f->first == next && f->last >= f->first && f->last <= end, e,
			 "step %" PRIu64 " of %" PRIu64 " was not done once", next, end) < 0 ||
		    (makes(c->plan, f->first, f->last) && take_made(c, f, made, made_count, e) < 0))
			return e->code;
		next = f->last + 1;
	}
	qsort(made, *made_count, sizeof(*made), by_number);
	return want(next > end, e, "step %" PRIu64 " of %" PRIu64 " was not done", next, end);
}

int check_steps(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	struct doing *d = arena_alloc(s->arena, s->step_count * sizeof(*d), e);
	struct made *made;
	size_t count = 0;

	if (!d || want(c->plan, e, "the plan is not known") < 0)
		return e->code;
	made = arena_alloc(s->arena, c->plan->step_count * sizeof(*made), e);
	if (!made || find_steps(s, d, e) < 0 || cover_steps(c, d, made, &count, e) < 0)
		return e->code;
	c->made = made;
	c->made_count = count;
	return found(c, "%zu steps, each done once, in %zu facts", c->plan->step_count,
		     s->step_count);
}
