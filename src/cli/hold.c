#include "flow/hold.h"

#include "cli/call.h"

static int hold(struct call *c, struct error *e)
{
	struct hold_words w = {
		.selector = call_operand(c, 0), .reason = call_text(c, "reason"),
		.until = call_text(c, "until"),
	};
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_hold(r, &w, &doc, e), &doc, NULL, e);
}

static void page_all(struct print *p, const json_t *list)
{
	static const struct column columns[] = {
		{ "hold", "hold", CELL_VALUE }, { "state", "state", CELL_STATE },
		{ "records", "records", CELL_VALUE }, { "until", "until", CELL_VALUE },
		{ "orders", "suspends", CELL_VALUE }, { "reason", "reason", CELL_VALUE },
		{ "release_reason", "released because", CELL_VALUE },
	};

	print_table(p, list, columns, COUNT_OF(columns));
}

static int ls(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_holds(r, NULL, &doc, e), &doc, page_all, e);
}

static int release(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(
		c, flow_hold_release(r, call_operand(c, 0), call_text(c, "reason"), &doc, e), &doc,
		NULL, e);
}

static const struct verb_option options[] = {
	{ .name = "reason", .value = "TEXT", .help = "the duty to keep", .needed = true },
	{ .name = "until", .value = "T", .help = "when it ends by itself", .needed = true },
};
static const struct verb_option release_options[] = {
	{ .name = "reason", .value = "TEXT", .help = "why it is over" },
};
static const struct action actions[] = {
	{ .operands = "SELECTOR", .least = 1, .most = 1, .options = options,
	  .option_count = COUNT_OF(options), .run = hold,
	  .summary = "no order destroys these records before then" },
	{ .name = "ls", .summary = "every hold", .run = ls },
	{ .name = "release", .operands = "ID", .least = 1, .most = 1, .options = release_options,
	  .option_count = COUNT_OF(release_options), .run = release,
	  .summary = "the duty is over before its end" },
};
const struct verb verb_hold = {
	.name = "hold",
	.group = GROUP_ORDER,
	.summary = "a duty to keep, which suspends orders",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.more = "An order that a hold meets is `held`: it still denies its records to everybody, "
		"and destroys nothing until the hold has ended or was released.",
};
