#include "cli/call.h"
#include "flow/uses.h"

/* Reasons that no record gives are the checkpoint's own. */
static void page_own(struct print *p, const json_t *doc)
{
	const json_t *list = member_list(doc, "reasons"), *reason;
	size_t i, told = 0;

	json_array_foreach(list, i, reason) {
		const char *code = json_string_value(reason);

		if (json_object_get(json_object_get(doc, "counts"), code ? code : ""))
			continue;
		print_put(p, told++ ? ", " : "; the checkpoint itself: ");
		print_text(p, code);
	}
}

/* One line: this is asked by machines, and by people in a hurry. */
static void page(struct print *p, const json_t *doc)
{
	bool allow = strcmp(member_text(doc, "decision"), "allow") == 0;
	uint64_t records = member_number(doc, "records"), denied = member_number(doc, "denied");

	print_paint(p, allow ? PAINT_GOOD : PAINT_BAD, allow ? "ALLOW" : "DENY");
	print_put(p, "  ");
	print_number(p, allow ? records - denied : denied);
	print_put(p, " of ");
	print_number(p, records);
	print_put(p, " records");
	if (denied > 0) {
		print_put(p, ": ");
		print_value(p, json_object_get(doc, "counts"));
	}
	page_own(p, doc);
	print_put(p, "\n");
}

static int gate(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_gate(r, call_operand(c, 0), call_text(c, "use"),
					call_text(c, "agent"), &doc, e),
			   &doc, page, e);
}

static const struct verb_option options[] = {
	{ .name = "use", .value = "USE", .help = "what for: infer:PURPOSE", .needed = true },
	{ .name = "agent", .value = "ID", .help = "who asks; repeated in the answer" },
};
static const struct action actions[] = {
	{ .operands = "MODEL", .least = 1, .most = 1, .options = options,
	  .option_count = COUNT_OF(options), .run = gate, .summary = "may it be used for that, now?" },
};
const struct verb verb_gate = {
	.name = "gate", .group = GROUP_DATA, .summary = "may a checkpoint be used for that, now",
	.actions = actions, .action_count = COUNT_OF(actions),
	.more = "A product asks before each use, or every minute: exit 0 or 3. A correction, a "
		"withdrawal or an order reaches it with the next question.",
};
