#include "cli/call.h"
#include "flow/sets.h"

static int add(struct call *c, struct error *e)
{
	const struct option_list *parents = call_list(c, "parent");
	const struct option_list *datasets = call_list(c, "dataset");
	struct model_words w = {
		.name = call_operand(c, 0), .path = call_operand(c, 1), .parents = parents->values,
		.parent_count = parents->count, .datasets = datasets->values,
		.dataset_count = datasets->count, .kind = call_text(c, "kind"),
	};
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_model_add(r, &w, &doc, e), &doc, NULL, e);
}

static void page_all(struct print *p, const json_t *list)
{
	static const struct column columns[] = {
		{ "model", "model", CELL_VALUE }, { "version", "version", CELL_VALUE },
		{ "state", "state", CELL_STATE }, { "kind", "kind", CELL_VALUE },
		{ "grade", "grade", CELL_VALUE }, { "records", "records", CELL_VALUE },
	};

	print_table(p, list, columns, COUNT_OF(columns));
}

/* show and ls: ls has no name, and gets all. */
static int show(struct call *c, struct error *e)
{
	const char *name = call_operand(c, 0);
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;
	int code;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	code = flow_model_show(r, name, &doc, e);
	if (doc && !call_flag(c, "record"))
		json_object_del(doc, "record");
	return call_answer(c, code, &doc, name ? NULL : page_all, e);
}

static int withdraw(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(
		c, flow_model_withdraw(r, call_operand(c, 0), call_text(c, "reason"), &doc, e),
		&doc, NULL, e);
}

static const struct verb_option add_options[] = {
	{ .name = "parent", .value = "M", .help = "a checkpoint it was made from", .many = true },
	{ .name = "dataset", .value = "D", .help = "a dataset it was trained on", .many = true },
	{ .name = "kind",
	  .value = "KIND",
	  .help = "train, finetune, distil, merge, quantise or embed; else told from the rest" },
};
static const struct verb_option show_options[] = {
	{ .name = "record", .help = "what it rests on: a row for each source, licence and basis" },
};
static const struct verb_option withdraw_options[] = {
	{ .name = "reason", .value = "TEXT", .help = "why" },
};
static const struct action actions[] = {
	{ .name = "add", .operands = "NAME FILE|DIR", .least = 2, .most = 2,
	  .summary = "a checkpoint made elsewhere: seals a copy, remembers the path",
	  .options = add_options, .option_count = COUNT_OF(add_options), .run = add },
	{ .name = "ls", .summary = "every checkpoint", .run = show },
	{ .name = "show", .operands = "NAME[@V]", .least = 1, .most = 1, .summary = "one",
	  .options = show_options, .option_count = COUNT_OF(show_options), .run = show },
	{ .name = "withdraw", .operands = "NAME[@V]", .least = 1, .most = 1,
	  .summary = "it may not be used any more", .options = withdraw_options,
	  .option_count = COUNT_OF(withdraw_options), .run = withdraw },
};
const struct verb verb_model = {
	.name = "model",
	.group = GROUP_DATA,
	.summary = "checkpoints, and what they rest on",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.more = "What exists is always recorded; what a decision denies now is born withdrawn, "
		"with its reasons, and `model add` exits 3. An order deletes the sealed copy and "
		"the file at its path.",
};
