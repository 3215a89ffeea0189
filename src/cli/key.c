#include "cli/call.h"
#include "flow/rights.h"

static int add(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_key_add(r, call_operand(c, 0), &doc, e), &doc, NULL, e);
}

static void page_all(struct print *p, const json_t *list)
{
	static const struct column columns[] = {
		{ "role", "role", CELL_VALUE }, { "id", "id", CELL_VALUE },
		{ "here", "here", CELL_VALUE }, { "key", "public key", CELL_VALUE },
	};

	print_table(p, list, columns, COUNT_OF(columns));
}

static int ls(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_key_list(r, &doc, e), &doc, page_all, e);
}

static int rotate(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_key_rotate(r, call_operand(c, 0), &doc, e), &doc, NULL, e);
}

static const struct action actions[] = {
	{ .name = "add", .operands = "ROLE", .least = 1, .most = 1,
	  .summary = "a key for a role, enrolled in the log", .run = add },
	{ .name = "rotate", .operands = "ROLE", .least = 1, .most = 1,
	  .summary = "another key in place of a role's; what the old one signed stays good",
	  .run = rotate },
	{ .name = "ls", .summary = "every role and its key", .run = ls },
};
const struct verb verb_key = {
	.name = "key", .group = GROUP_RIGHTS, .summary = "roles and the keys they act with",
	.actions = actions, .action_count = COUNT_OF(actions),
	.more = "An order is approved by another role than its opener's: enrol one with `rescind "
		"key add approver` and act as it with `--as approver`.",
};
