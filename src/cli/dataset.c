#include "cli/call.h"
#include "flow/sets.h"
#include "flow/share.h"

static int create(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_dataset_create(r, call_operand(c, 0), call_text(c, "use"),
						  call_text(c, "where"), &doc, e), &doc, NULL, e);
}

static void page_all(struct print *p, const json_t *list)
{
	static const struct column columns[] = {
		{ "dataset", "dataset", CELL_VALUE }, { "version", "version", CELL_VALUE },
		{ "use", "use", CELL_VALUE }, { "records", "records", CELL_VALUE },
		{ "erased", "erased", CELL_VALUE }, { "at", "frozen", CELL_VALUE },
	};

	print_table(p, list, columns, COUNT_OF(columns));
}

/* show and ls: ls has no name, and gets all. */
static int show(struct call *c, struct error *e)
{
	return call_look(c, flow_dataset_show, page_all, e);
}

static int diff(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_dataset_diff(r, call_operand(c, 0), call_operand(c, 1), &doc, e),
			   &doc, NULL, e);
}

static int export(struct call *c, struct error *e)
{
	const struct share_words w = { .dataset = call_operand(c, 0), .folder = call_operand(c, 1),
				       .format = call_text(c, "format") };
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_dataset_export(r, &w, &doc, e), &doc, NULL, e);
}

static const struct verb_option create_options[] = {
	{ .name = "use", .value = "USE", .help = "what it is made for", .needed = true },
	{ .name = "where", .value = "SELECTOR", .help = "of these records; else of all" },
};
static const struct verb_option export_options[] = {
	{ .name = "format", .value = "FORMAT", .help = "files (the default) or webdataset" },
};
static const struct action actions[] = {
	{ .name = "create", .operands = "NAME", .least = 1, .most = 1,
	  .summary = "freeze the records that may be used for that", .options = create_options,
	  .option_count = COUNT_OF(create_options), .run = create },
	{ .name = "ls", .summary = "every version of every dataset", .run = show },
	{ .name = "show", .operands = "NAME[@V]", .least = 1, .most = 1, .summary = "one",
	  .run = show },
	{ .name = "diff", .operands = "A B", .least = 2, .most = 2,
	  .summary = "what one has and the other has not", .run = diff },
	{ .name = "export", .operands = "NAME[@V] DIR", .least = 2, .most = 2,
	  .summary = "write its records into a new folder, which orders reach",
	  .options = export_options, .option_count = COUNT_OF(export_options), .run = export },
};
const struct verb verb_dataset = {
	.name = "dataset",
	.group = GROUP_DATA,
	.summary = "frozen sets of records, made for one use",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.more = "What is denied is left out and counted, by reason. Exits 3 if nothing is left. "
		"Before an export every record is decided again; one that is denied refuses all.",
};
