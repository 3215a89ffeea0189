#include "cli/call.h"
#include "flow/uses.h"

static int add(struct call *c, struct error *e)
{
	struct deploy_words w = {
		.model = call_operand(c, 0), .product = call_text(c, "to"), .use = call_text(c, "use"),
		.recipient = call_text(c, "recipient"), .endpoint = call_text(c, "endpoint"),
		.stop = call_text(c, "stop"), .from = call_text(c, "from"),
	};
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_deploy(r, &w, &doc, e), &doc, NULL, e);
}

static void page_all(struct print *p, const json_t *list)
{
	static const struct column columns[] = {
		{ "deployment", "deployment", CELL_VALUE }, { "model", "model", CELL_VALUE },
		{ "product", "product", CELL_VALUE }, { "use", "use", CELL_VALUE },
		{ "recipient", "recipient", CELL_VALUE }, { "endpoint", "endpoint", CELL_VALUE },
		{ "since", "since", CELL_VALUE }, { "until", "until", CELL_VALUE },
		{ "days", "days", CELL_VALUE },
	};

	print_table(p, list, columns, COUNT_OF(columns));
}

/* show and ls: ls has no id, and gets all. */
static int show(struct call *c, struct error *e)
{
	return call_look(c, flow_deployments, page_all, e);
}

static int end(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c,
			   call_flag(c, "done") ? flow_undeploy_done(r, call_operand(c, 0), &doc, e) :
						  flow_undeploy(r, call_operand(c, 0), &doc, e),
			   &doc, NULL, e);
}

static const struct verb_option options[] = {
	{ .name = "to", .value = "PRODUCT", .help = "the product it is used in", .needed = true },
	{ .name = "use", .value = "USE", .help = "what for: infer:PURPOSE", .needed = true },
	{ .name = "recipient", .value = "ORG", .help = "who has it, if not we" },
	{ .name = "endpoint", .value = "URL", .help = "where it answers" },
	{ .name = "stop", .value = "CMD", .help = "what an order runs to stop it" },
	{ .name = "from", .value = "TIME", .help = "since when; else now" },
};
static const struct action deploy_actions[] = {
	{ .operands = "MODEL", .least = 1, .most = 1, .options = options,
	  .option_count = COUNT_OF(options), .run = add,
	  .summary = "note where a checkpoint is in use; a decision opens or shuts this door" },
	{ .name = "show", .operands = "ID", .least = 1, .most = 1, .run = show,
	  .summary = "one of them, with everything known" },
	{ .name = "ls", .run = show, .summary = "all of them, also those that have ended" },
};
const struct verb verb_deploy = {
	.name = "deploy", .group = GROUP_DATA, .summary = "where a checkpoint is in use",
	.actions = deploy_actions, .action_count = COUNT_OF(deploy_actions),
	.more = "A denied deployment is not noted (exit 3). `rescind undeploy ID` ends one.",
};

static const struct verb_option undeploy_options[] = {
	{ .name = "done", .help = "it was ended by hand: no command is run" },
};
static const struct action undeploy_actions[] = {
	{ .operands = "ID", .least = 1, .most = 1, .run = end, .options = undeploy_options,
	  .option_count = COUNT_OF(undeploy_options),
	  .summary = "it is not in use any more; its --stop command is run first" },
};
const struct verb verb_undeploy = {
	.name = "undeploy", .group = GROUP_DATA, .summary = "where a checkpoint is in use no more",
	.actions = undeploy_actions, .action_count = COUNT_OF(undeploy_actions),
};
