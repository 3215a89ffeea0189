#include "cli/call.h"
#include "flow/look.h"

/* "deny: faces@1 for infer:IdentityVerification, as of fact 42", then the reasons. */
static void page(struct print *p, const json_t *doc)
{
	static const struct column columns[] = {
		{ "code", "", CELL_VALUE }, { "records", "", CELL_VALUE },
		{ "sentence", "", CELL_VALUE },
	};
	const json_t *why = member_list(doc, "details");

	print_state(p, member_text(doc, "decision"));
	print_put(p, ": ");
	print_value(p, json_object_get(doc, "thing"));
	print_put(p, " for ");
	print_text(p, member_text(doc, "use"));
	print_put(p, ", as of ");
	print_put(p, "%s", json_is_integer(json_object_get(doc, "as_of")) ? "fact " : "");
	print_member(p, "as_of", json_object_get(doc, "as_of"));
	print_put(p, "\n");
	print_table(p, why, columns, COUNT_OF(columns));
}

static int explain(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_explain(r, call_operand(c, 0), call_text(c, "use"), &doc, e),
			   &doc, page, e);
}

static const struct verb_option options[] = {
	{ .name = "use", .value = "USE", .help = "what for", .needed = true },
};
static const struct action actions[] = {
	{ .operands = "RECORD|MODEL", .least = 1, .most = 1, .options = options,
	  .option_count = COUNT_OF(options), .run = explain,
	  .summary = "the decision, reason by reason" },
};
const struct verb verb_explain = {
	.name = "explain", .group = GROUP_DATA, .summary = "may it be used for that, and why not",
	.actions = actions, .action_count = COUNT_OF(actions),
	.more = "Of a record one asks for what would be done to it (train:P, share:P); of a "
		"checkpoint infer:P, finetune:P or share:P: it holds if every record that the "
		"checkpoint rests on allows now what was done to it. Exits 0 or 3.",
};
