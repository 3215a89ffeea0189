/* The check of the steps: each done once, after the approval, and what they made. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proof/checks.h"

/* What a step of the plan made, in order. Beside it stand only counts: what is opened here names
 * nothing and is no digest. */
struct done {
	uint64_t *made;
	size_t count;
};
static const struct shape number = { NULL, SHAPE_NUMBER, .at = 0 };
static const struct shape done_shape = { NULL, SHAPE_COUNTS, .of = (const struct shape[]){
	{ "made", SHAPE_LIST, .at = offsetof(struct done, made), .max = STATEMENT_MARKS_MAX,
	  .unit = sizeof(uint64_t), .count_at = offsetof(struct done, count), .of = &number },
	  { 0 } } };

/* The steps that a fact is of, each done once. One of subset and unlearn steps opens what each of
 * them made, in order. */
static int take_steps(struct checking *c, const struct fact *f, struct error *e)
{
	uint64_t end = c->plan->step_count;
	struct done done = { 0 };
	size_t i = 0;

	for (uint64_t n = f->first; n <= f->last; n++) {
		struct step *step = n <= end ? &c->plan->steps[n - 1] : NULL;
		bool model = step && step_is(step, "unlearn");
		uint64_t made;

		if (want(step && !step->by, e, "step %" PRIu64 " of %" PRIu64 " was not done once",
			 n, end) < 0)
			return e->code;
		step->by = f;
		if (!step_makes(step))
			continue;
		if (!done.made && opened_read(c->s, f->n, "done", &done_shape, &done, e) < 0)
			return error_wrap(e, "step %" PRIu64, f->first);
		made = i < done.count ? done.made[i] : 0;
		if (want_of(f, i++ < done.count &&
			    (made == 0 ? model : made > c->s->approval && made < f->n), e,
			    "cannot have made what it says") < 0)
			return e->code;
		c->made[c->made_count++] = (struct made){ made, step, model ? FACT_MODEL :
									      FACT_DATASET, false };
	}
	return want_of(f, i == done.count, e, "made more than its steps");
}

static int take_all(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;

	for (size_t i = 0; i < s->step_count; i++) {
		const struct fact *f = NULL;

		if (fact_get(s, s->steps[i], FACT_STEP, &f, e) < 0 ||
		    want_of(f, f->order == s->opened, e, "is of another order") < 0 ||
		    want_of(f, f->n > (i > 0 ? s->steps[i - 1] : s->approval), e,
			    "is not in order, or before the approval") < 0 ||
		    want_of(f, f->last >= f->first, e, "is of no step") < 0 ||
		    take_steps(c, f, e) < 0)
			return e->code;
	}
	for (const struct step *step = c->plan->steps, *end = step + c->plan->step_count;
	     step < end; step++)
		if (want(step->by, e, "step %" PRIu64 " of %zu was not done", step->n,
			 c->plan->step_count) < 0)
			return e->code;
	return 0;
}

int check_steps(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;

	if (want(c->plan, e, "the plan is not known") < 0 ||
	    !(c->made = arena_alloc(s->arena, c->plan->step_count * sizeof(*c->made), e)))
		return e->code;
	if (take_all(c, e) < 0) {
		c->made = NULL;
		c->made_count = 0;
		return e->code;
	}
	qsort(c->made, c->made_count, sizeof(*c->made), by_number);
	return found(c, "%zu steps, each done once, in %zu facts", c->plan->step_count,
		     s->step_count);
}
