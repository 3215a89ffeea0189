#include "cli/call.h"
#include "flow/look.h"

static int show(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_show(r, call_operand(c, 0), &doc, e), &doc, NULL, e);
}

static const struct action actions[] = {
	{ .operands = "THING", .least = 1, .most = 1, .summary = "one thing, with everything known",
	  .run = show },
};
const struct verb verb_show = {
	.name = "show", .group = GROUP_DATA, .summary = "one thing, with everything known",
	.actions = actions, .action_count = COUNT_OF(actions),
	.more = "THING is a record's position, or the name or id of a source, dataset, "
		"checkpoint, order, hold, transfer, hand-over, grant, batch, deployment or output.",
};
