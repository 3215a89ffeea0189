#include "cli/call.h"
#include "flow/rights.h"

static struct transfer_words words_of(const struct call *c)
{
	const struct option_list *under = call_list(c, "under");

	return (struct transfer_words){
		.from = call_text(c, "from"),
		.to = call_text(c, "to"),
		.date = call_text(c, "date"),
		.uses = call_text(c, "use"),
		.notified = call_text(c, "notified"),
		.under = under->values,
		.under_count = under->count,
	};
}

static int add(struct call *c, struct error *e)
{
	struct transfer_words w = words_of(c);
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	w.source = call_operand(c, 0);
	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_transfer_add(r, &w, &doc, e), &doc, NULL, e);
}

static int correct(struct call *c, struct error *e)
{
	struct transfer_words w = words_of(c);
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (!w.notified && !w.uses)
		return error_set(e, E_USAGE, "nothing to correct: needs --notified or --use");
	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_transfer_correct(r, call_operand(c, 0), &w, &doc, e), &doc, NULL,
			   e);
}

static void page_all(struct print *p, const json_t *list)
{
	static const struct column columns[] = {
		{ "transfer", "transfer", CELL_VALUE }, { "direction", "", CELL_VALUE },
		{ "source", "source", CELL_VALUE }, { "dataset", "dataset", CELL_VALUE },
		{ "model", "model", CELL_VALUE },
		{ "from", "from", CELL_VALUE }, { "to", "to", CELL_VALUE },
		{ "date", "date", CELL_VALUE }, { "notified", "notified", CELL_VALUE },
		{ "uses", "uses", CELL_VALUE },
	};

	print_table(p, list, columns, COUNT_OF(columns));
}

/* show and ls: ls has no id, and gets all. */
static int show(struct call *c, struct error *e)
{
	return call_look(c, flow_transfer_show, page_all, e);
}

static const struct verb_option add_options[] = {
	{ .name = "from", .value = "ORG", .help = "who handed over", .needed = true },
	{ .name = "to", .value = "ORG", .help = "who received", .needed = true },
	{ .name = "date", .value = "T", .help = "when", .needed = true },
	{ .name = "use", .value = "USE,..", .help = "what it was agreed for", .needed = true },
	{ .name = "notified", .value = "ANSWER", .help = "were the people told: yes, no or unknown",
	  .needed = true },
	{ .name = "under", .value = "FILE", .help = "a contract or notice; its digest is kept",
	  .many = true },
};
static const struct verb_option correct_options[] = {
	{ .name = "notified", .value = "ANSWER", .help = "yes, no or unknown" },
	{ .name = "use", .value = "USE,..", .help = "what it was really agreed for" },
	{ .name = "under", .value = "FILE", .help = "what shows it", .many = true, .needed = true },
};
static const struct action actions[] = {
	{ .name = "add", .operands = "SOURCE", .least = 1, .most = 1, .summary = "a hand-over",
	  .options = add_options, .option_count = COUNT_OF(add_options), .run = add },
	{ .name = "correct", .operands = "ID", .least = 1, .most = 1,
	  .summary = "say it right; it counts at once", .options = correct_options,
	  .option_count = COUNT_OF(correct_options), .run = correct },
	{ .name = "ls", .summary = "every transfer, in and out", .run = show },
	{ .name = "show", .operands = "ID", .least = 1, .most = 1,
	  .summary = "one, with its corrections", .run = show },
};
const struct verb verb_transfer = {
	.name = "transfer",
	.group = GROUP_RIGHTS,
	.summary = "a hand-over of data between two parties",
	.actions = actions,
	.action_count = COUNT_OF(actions),
};
