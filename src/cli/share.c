#include "cli/call.h"
#include "flow/share.h"

static int share(struct call *c, struct error *e)
{
	const struct share_words w = { .dataset = call_operand(c, 0), .folder = call_operand(c, 1),
				       .to = call_text(c, "to"), .use = call_text(c, "use"),
				       .under = call_text(c, "under") };
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_share(r, &w, &doc, e), &doc, NULL, e);
}

static const struct verb_option options[] = {
	{ .name = "to", .value = "ORG", .help = "who receives it", .needed = true },
	{ .name = "use", .value = "USE", .help = "what for: share:PURPOSE", .needed = true },
	{ .name = "under", .value = "FILE", .help = "the agreement; its digest is kept",
	  .needed = true },
};
static const struct action actions[] = {
	{ .operands = "DATASET DIR", .least = 2, .most = 2, .run = share, .options = options,
	  .option_count = COUNT_OF(options),
	  .summary = "write its records into a new folder, with a signed hand-over" },
};
const struct verb verb_share = {
	.name = "share",
	.group = GROUP_DATA,
	.summary = "hand records to somebody",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.more = "Every record is decided again; one that is denied refuses all, with the reasons "
		"(exit 3). DIR is new or empty, and gets the files, manifest.csv, the terms the "
		"data came on, and handover.json, which the log's key has signed. The recipient is "
		"listed by every impact from then on, and an order deletes the files in DIR too. "
		"Stopped half way it leaves files and notes nothing: delete them, and share again.",
};
