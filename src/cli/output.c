#include "cli/call.h"
#include "flow/uses.h"

static int add(struct call *c, struct error *e)
{
	struct output_words w = {
		.name = call_operand(c, 0), .model = call_text(c, "model"), .kind = call_text(c, "kind"),
		.at = call_text(c, "at"), .count = call_text(c, "count"), .erase = call_text(c, "erase"),
	};
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_output_add(r, &w, &doc, e), &doc, NULL, e);
}

static void page_all(struct print *p, const json_t *list)
{
	static const struct column columns[] = {
		{ "output", "output", CELL_VALUE }, { "kind", "kind", CELL_VALUE },
		{ "model", "model", CELL_VALUE }, { "count", "count", CELL_VALUE },
		{ "state", "state", CELL_STATE }, { "since", "since", CELL_VALUE },
		{ "at", "at", CELL_VALUE }, { "erase", "erase", CELL_VALUE },
	};

	print_table(p, list, columns, COUNT_OF(columns));
}

static int show(struct call *c, struct error *e)
{
	return call_look(c, flow_outputs, page_all, e);
}

static int gone(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_output_gone(r, call_operand(c, 0), &doc, e), &doc, NULL, e);
}

static const struct verb_option options[] = {
	{ .name = "model", .value = "M", .help = "the checkpoint that made it", .needed = true },
	{ .name = "kind", .value = "KIND", .help = "embeddings, templates, labels or predictions",
	  .needed = true },
	{ .name = "at", .value = "LOCATION", .help = "where it is kept", .needed = true },
	{ .name = "count", .value = "N", .help = "how many of them" },
	{ .name = "erase", .value = "CMD", .help = "what an order runs to erase it" },
};
static const struct action actions[] = {
	{ .name = "add", .operands = "NAME", .least = 1, .most = 1, .options = options,
	  .option_count = COUNT_OF(options), .run = add, .summary = "what a checkpoint made and somebody kept" },
	{ .name = "show", .operands = "NAME", .least = 1, .most = 1, .run = show, .summary = "one of them" },
	{ .name = "ls", .run = show, .summary = "all of them" },
	{ .name = "gone", .operands = "NAME", .least = 1, .most = 1, .run = gone,
	  .summary = "it was erased by hand: no command is run" },
};
const struct verb verb_output = {
	.name = "output", .group = GROUP_DATA, .summary = "what a checkpoint made and somebody kept",
	.actions = actions, .action_count = COUNT_OF(actions),
};
