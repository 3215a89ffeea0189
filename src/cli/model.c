#include "cli/call.h"
#include "flow/exact.h"
#include "flow/record.h"

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

static void page_table(struct print *p, const char *title, const json_t *list,
		       const struct column *columns, size_t count)
{
	if (json_array_size(list) == 0)
		return;
	print_put(p, "\n");
	print_title(p, title);
	print_table(p, list, columns, count);
}

/* The record in three tables: one would not fit a line. */
static void page_record(struct print *p, const json_t *doc)
{
	static const char *const apart[] = { "record", "edges", "inputs", NULL };
	static const struct column rests[] = {
		{ "source", "source", CELL_VALUE }, { "people", "people", CELL_VALUE },
		{ "terms", "terms", CELL_VALUE }, { "licence", "licence", CELL_VALUE },
		{ "basis", "basis", CELL_VALUE }, { "transfer", "transfer", CELL_VALUE },
		{ "notified", "notified", CELL_VALUE }, { "count", "records", CELL_VALUE },
		{ "denied", "denied", CELL_VALUE }, { "erased", "erased", CELL_VALUE },
		{ "grade", "grade", CELL_VALUE },
	};
	static const struct column times[] = {
		{ "source", "source", CELL_VALUE }, { "terms", "terms", CELL_VALUE },
		{ "from", "from", CELL_VALUE }, { "until", "until", CELL_VALUE },
		{ "transfer", "transfer", CELL_VALUE }, { "date", "of", CELL_VALUE },
	};
	static const struct column documents[] = {
		{ "source", "source", CELL_VALUE }, { "terms", "terms", CELL_VALUE },
		{ "digest", "SHA-256", CELL_VALUE },
	};
	static const struct column edges[] = {
		{ "input", "from", CELL_VALUE }, { "from", "", CELL_VALUE },
		{ "to", "to", CELL_VALUE }, { "kind", "by", CELL_VALUE }, { "grade", "grade", CELL_VALUE },
		{ "records", "records", CELL_VALUE },
	};
	const json_t *record = member_list(doc, "record");

	print_members(p, doc, apart);
	page_table(p, "What it rests on", record, rests, COUNT_OF(rests));
	page_table(p, "In time", record, times, COUNT_OF(times));
	page_table(p, "Documents of the terms", record, documents, COUNT_OF(documents));
	page_table(p, "The way here", member_list(doc, "edges"), edges, COUNT_OF(edges));
}

/* show and ls: ls has no name, and gets all. */
static int show(struct call *c, struct error *e)
{
	const char *name = call_operand(c, 0);
	bool record = call_flag(c, "record");
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	if (record)
		return call_answer(c, flow_model_record(r, name, &doc, e), &doc, page_record, e);
	return call_answer(c, flow_model_show(r, name, &doc, e), &doc, name ? NULL : page_all, e);
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

static int prove(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_model_prove(r, call_operand(c, 0), &doc, e), &doc, NULL, e);
}

static int export(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c,
			   flow_model_export(r, call_operand(c, 0), call_operand(c, 1),
					     call_flag(c, "sums"), &doc, e),
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
static const struct verb_option export_options[] = {
	{ .name = "sums", .help = "its sums too, against which others can check the weights: whoever "
				  "has those of two versions knows what was between them" },
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
	{ .name = "prove", .operands = "NAME[@V]", .least = 1, .most = 1, .run = prove,
	  .summary = "train an exact model again and compare, byte for byte" },
	{ .name = "export", .operands = "NAME[@V] DIR", .least = 2, .most = 2,
	  .summary = "write the files of an exact model into a folder; orders delete them there",
	  .options = export_options, .option_count = COUNT_OF(export_options), .run = export },
};
const struct verb verb_model = {
	.name = "model",
	.group = GROUP_DATA,
	.summary = "checkpoints, and what they rest on",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.verifies = true,
	.more = "What exists is always recorded; what a decision denies now is born withdrawn, "
		"with its reasons, and `model add` exits 3. An order deletes the sealed copy and "
		"the file at its path. `model export` asks first what predict asks, as of now "
		"(exit 3).",
};
