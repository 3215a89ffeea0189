#include "cli/call.h"
#include "flow/ingest.h"

static int ingest(struct call *c, struct error *e)
{
	const char *on_deny = call_text(c, "on-deny");
	struct ingest_words w = {
		.source = call_operand(c, 0), .paths = c->operands + 1,
		.path_count = c->operand_count - 1, .use = call_text(c, "use"),
		.transfer = call_text(c, "transfer"), .subjects = call_text(c, "subjects"),
		.attrs = call_text(c, "attrs"), .in_place = call_flag(c, "in-place"),
		.quarantine = on_deny && strcmp(on_deny, "quarantine") == 0, .tell_each = c->json,
	};
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (on_deny && !w.quarantine && strcmp(on_deny, "refuse") != 0)
		return error_set(e, E_USAGE, "--on-deny is refuse or quarantine");
	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_ingest(r, &w, &doc, e), &doc, NULL, e);
}

static const struct verb_option options[] = {
	{ .name = "use", .value = "USE", .help = "what the data is meant for", .needed = true },
	{ .name = "transfer", .value = "ID", .help = "the hand-over by which it came" },
	{ .name = "subjects",
	  .value = "CSV",
	  .help = "first line path,subject; several lines for several people" },
	{ .name = "attrs", .value = "CSV", .help = "first line path,key,value" },
	{ .name = "in-place", .help = "orders delete the file at its path too" },
	{ .name = "on-deny", .value = "WHAT", .help = "refuse (the default) or quarantine" },
};
static const struct action actions[] = {
	{ .operands = "SOURCE PATH..", .least = 2, .most = ANY_NUMBER, .options = options,
	  .option_count = COUNT_OF(options), .run = ingest,
	  .summary = "let data in, as far as it may" },
};
const struct verb verb_ingest = {
	.name = "ingest",
	.group = GROUP_DATA,
	.summary = "let data in, as far as it may",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.more = "Every file found counts once: accepted, refused (with its reason), quarantined, "
		"or a copy of what is there. Paths in the CSV files are relative to PATH; those that no file has are "
		"counted as unmatched. A copy brings the people and attributes that are said of it "
		"along. What was quarantined is let in by ingesting it again, once nothing denies "
		"it. Of each reason the first 10 files are told, and then how many; with --json each. "
		"Exits 0 when all is in, 5 when some was refused, 3 when all was denied.",
};
