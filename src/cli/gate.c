#include "cli/call.h"
#include "flow/uses.h"

/* One line: this is asked by machines, and by people in a hurry. */
static void page(struct print *p, const json_t *doc)
{
	print_state(p, member_text(doc, "decision"));
	print_put(p, ": ");
	print_text(p, member_text(doc, "model"));
	print_put(p, " for ");
	print_text(p, member_text(doc, "use"));
	if (json_array_size(member_list(doc, "reasons")) > 0) {
		print_put(p, ": ");
		print_value(p, member_list(doc, "reasons"));
	}
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
