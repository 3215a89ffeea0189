/* Steps of an order outside of the house: products stopped, kept outputs erased, by the commands
 * that were given for them; and looked for again where the place is a path. */
#include "base/command.h"
#include "base/fault.h"
#include "base/text.h"
#include "flow/order_run.h"
#include "flow/uses.h"

static uint64_t fact_of_step(const struct run *x, size_t i)
{
	return json_number_or(json_array_get(x->steps, i), "fact", 0);
}

static int run_command(struct run *x, uint64_t fact, const char *field, uint64_t *ret_run,
		       struct error *e)
{
	const char *command;

	if (use_private(x->r, x->a, fact, field, &command, e) < 0)
		return e->code;
	*ret_run += command != NULL;
	return command ? command_run(command, e) : 0;
}

/* An output whose command ended well, and whose place is a path that is still there, is not gone. */
static int look_for(struct run *x, uint64_t fact, struct error *e)
{
	const char *at;

	if (use_private(x->r, x->a, fact, "at", &at, e) < 0)
		return e->code;
	if (at && *at == '/' && file_exists(at))
		return error_set(e, E_IO, "%.200s is still there after its command", at);
	return 0;
}

/* How many commands were run; how many had nothing to do any more. */
static json_t *done_of(const char *what, uint64_t commands, const char *had, uint64_t before,
		       struct error *e)
{
	json_t *done = json_object_make(e);

	if (!done)
		return NULL;
	json_set_number(done, what, commands, e);
	if (before > 0)
		json_set_number(done, had, before, e);
	return done;
}

/* Another order that went along may have ended it: its command is not run again. */
static int is_stopped(struct run *x, uint64_t fact, bool *ret, struct error *e)
{
	struct deployment *list;
	size_t count;

	*ret = false;
	if (deployments_all(x->r, x->a, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		*ret = *ret || (list[i].fact == fact && list[i].until_utc_ms != TIME_NONE);
	return 0;
}

static int is_gone(struct run *x, uint64_t fact, bool *ret, struct error *e)
{
	struct output *list;
	size_t count;

	*ret = false;
	if (outputs_all(x->r, x->a, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		*ret = *ret || (list[i].fact == fact && list[i].gone);
	return 0;
}

/* What the commands did not do has no bearing on the steps that follow. */
static int stop(struct run *x, uint64_t fact, uint64_t *ret_run, uint64_t *ret_before,
		struct error *e)
{
	bool before;

	if (is_stopped(x, fact, &before, e) < 0)
		return e->code;
	*ret_before += before;
	if (!before && run_command(x, fact, "stop", ret_run, e) < 0)
		x->others_go_on = e->code == E_IO;
	return e->code;
}

static int erase(struct run *x, uint64_t fact, uint64_t *ret_run, uint64_t *ret_before,
		 struct error *e)
{
	bool before;

	if (is_gone(x, fact, &before, e) < 0)
		return e->code;
	*ret_before += before;
	if (!before && (run_command(x, fact, "erase", ret_run, e) < 0 || look_for(x, fact, e) < 0))
		x->others_go_on = e->code == E_IO;
	return e->code;
}

static int note_stopped(struct run *x, struct change *c, uint64_t fact, struct error *e)
{
	bool before;

	if (is_stopped(x, fact, &before, e) < 0 || before)
		return e->code;
	return undeploy_in(c, fact, x->o->name, e);
}

static int note_gone(struct run *x, struct change *c, uint64_t fact, struct error *e)
{
	bool before;

	if (is_gone(x, fact, &before, e) < 0 || before)
		return e->code;
	return output_gone_in(c, fact, x->o->name, e);
}

int run_stops(struct run *x, size_t first, size_t last, struct error *e)
{
	scoped(change) *c = NULL;
	uint64_t commands = 0, before = 0;

	if (run_intend(x, first, last, e) < 0)
		return e->code;
	for (size_t i = first; i <= last; i++)
		if (stop(x, fact_of_step(x, i), &commands, &before, e) < 0)
			return error_wrap(e, "step %zu", i + 1);
	FAULT(order_step_effect);
	if (change_begin(&c, x->r, e) < 0)
		return e->code;
	for (size_t i = first; i <= last; i++)
		if (note_stopped(x, c, fact_of_step(x, i), e) < 0)
			return e->code;
	if (run_note(x, c, first, last, done_of("stopped", commands, "had_ended", before, e), e) < 0 ||
	    change_commit(c, e) < 0)
		return e->code;
	FAULT(order_step_noted);
	return 0;
}

int run_erasures(struct run *x, size_t first, size_t last, struct error *e)
{
	scoped(change) *c = NULL;
	uint64_t commands = 0, before = 0;

	if (run_intend(x, first, last, e) < 0)
		return e->code;
	for (size_t i = first; i <= last; i++)
		if (erase(x, fact_of_step(x, i), &commands, &before, e) < 0)
			return error_wrap(e, "step %zu", i + 1);
	FAULT(order_step_effect);
	if (change_begin(&c, x->r, e) < 0)
		return e->code;
	for (size_t i = first; i <= last; i++)
		if (note_gone(x, c, fact_of_step(x, i), e) < 0)
			return e->code;
	if (run_note(x, c, first, last, done_of("erased", commands, "had_gone", before, e), e) < 0 ||
	    change_commit(c, e) < 0)
		return e->code;
	FAULT(order_step_noted);
	return 0;
}
