#include "cli/call.h"
#include "flow/rights.h"

static int add(struct call *c, struct error *e)
{
	struct grant_words w = {
		.subject = call_text(c, "subject"), .source = call_text(c, "source"),
		.uses = call_text(c, "use"), .basis = call_text(c, "basis"),
		.evidence = call_text(c, "evidence"), .from = call_text(c, "from"),
		.until = call_text(c, "until"), .explicit_consent = call_flag(c, "explicit"),
	};
	const char *all = call_text(c, "subjects");
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (!w.subject + !w.source + !all != 2)
		return error_set(e, E_USAGE, "needs --subject ID, --subjects CSV or --source NAME, one "
				 "of them");
	if (call_repo(c, &r, e) < 0)
		return e->code;
	if (all)
		return call_answer(c, flow_grants_add(r, &w, all, &doc, e), &doc, NULL, e);
	return call_answer(c, flow_grant_add(r, &w, &doc, e), &doc, NULL, e);
}

static void page_withdrawn(struct print *p, const json_t *doc)
{
	const char *order = member_text(doc, "order");

	print_document(p, doc);
	if (order[0] == '\0')
		return;
	print_put(p, "\nNothing is taken back yet. See what would be:\n  rescind order plan ");
	print_text(p, order);
	print_put(p, "\n");
}

static int withdraw(struct call *c, struct error *e)
{
	const char *id = call_operand(c, 0), *subject = call_text(c, "subject");
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (!id == !subject)
		return error_set(e, E_USAGE, "needs ID or --subject ID, one of them");
	if (id && call_text(c, "use"))
		return error_set(e, E_USAGE,
				 "--use goes with --subject: a grant is withdrawn whole");
	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_grant_withdraw(r, id, subject, call_text(c, "use"), &doc, e),
			   &doc, page_withdrawn, e);
}

static void page_all(struct print *p, const json_t *list)
{
	static const struct column columns[] = {
		{ "grant", "grant", CELL_VALUE }, { "subject", "person", CELL_VALUE },
		{ "source", "source", CELL_VALUE }, { "uses", "uses", CELL_VALUE },
		{ "basis", "basis", CELL_VALUE }, { "until", "until", CELL_VALUE },
		{ "withdrawn", "withdrawn", CELL_VALUE },
	};

	print_table(p, list, columns, COUNT_OF(columns));
}

/* show and ls: ls has no id, and gets all. */
static int show(struct call *c, struct error *e)
{
	return call_look(c, flow_grant_show, page_all, e);
}

static const struct verb_option add_options[] = {
	{ .name = "subject", .value = "ID", .help = "by this person" },
	{ .name = "subjects",
	  .value = "CSV",
	  .help = "or by each of these people (column subject), all at once" },
	{ .name = "source",
	  .value = "NAME",
	  .help = "or by the controller of this source, for it" },
	{ .name = "use",
	  .value = "USE,..",
	  .help = "what for; +below behind a use for all below it",
	  .needed = true },
	{ .name = "basis", .value = "BASIS", .help = "the legal basis", .needed = true },
	{ .name = "evidence",
	  .value = "FILE",
	  .help = "what shows it; its digest is kept",
	  .needed = true },
	{ .name = "explicit", .help = "an explicit consent" },
	{ .name = "from", .value = "T", .help = "valid from then; else always" },
	{ .name = "until", .value = "T", .help = "valid until then; else without end" },
};
static const struct verb_option withdraw_options[] = {
	{ .name = "subject", .value = "ID", .help = "all grants of this person" },
	{ .name = "use", .value = "USE", .help = "only those that name this use" },
};
static const struct action actions[] = {
	{ .name = "add", .summary = "a permission by a person, or for a source",
	  .options = add_options, .option_count = COUNT_OF(add_options), .run = add },
	{ .name = "withdraw", .operands = "[ID]", .most = 1,
	  .summary = "end it: says what that touches, and opens an order",
	  .options = withdraw_options, .option_count = COUNT_OF(withdraw_options),
	  .run = withdraw },
	{ .name = "show", .operands = "ID", .least = 1, .most = 1, .summary = "one of them",
	  .run = show },
	{ .name = "ls", .summary = "all of them", .run = show },
};
const struct verb verb_grant = {
	.name = "grant", .group = GROUP_RIGHTS, .summary = "permissions, given and withdrawn",
	.actions = actions, .action_count = COUNT_OF(actions),
};
