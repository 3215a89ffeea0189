#include "cli/call.h"
#include "flow/predict.h"

/* Without the row of each label: that is for machines. */
static void page(struct print *p, const json_t *doc)
{
	static const char *const apart[] = { "per_label", NULL };
	uint64_t known = member_number(doc, "trained_on");

	print_members(p, doc, apart);
	if (known == 0 || json_object_get(doc, "loo"))
		return;
	print_put(p, "\n");
	print_number(p, known);
	print_put(p, " of these ");
	print_number(p, member_number(doc, "n"));
	print_put(p, " it was trained on: the figure flatters (--exact-loo asks it as if it had not been)\n");
}

static int evaluate(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_evaluate(r, call_operand(c, 0), call_text(c, "dataset"),
					    call_flag(c, "exact-loo"), &doc, e),
			   &doc, page, e);
}

static const struct verb_option options[] = {
	{ .name = "dataset", .value = "D", .help = "the records to ask about", .needed = true },
	{ .name = "exact-loo",
	  .help = "answer what it learned from as if it had not, by its other records alone" },
};
static const struct action actions[] = {
	{ .operands = "MODEL", .least = 1, .most = 1, .options = options,
	  .option_count = COUNT_OF(options), .run = evaluate,
	  .summary = "how often an exact model is right" },
};
const struct verb verb_evaluate = {
	.name = "evaluate",
	.group = GROUP_DATA,
	.summary = "how often an exact model is right on a dataset",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.more = "What a model learned from it knows too well. With --exact-loo each such record is "
		"answered as by the model trained on all others with the same lambda: exactly, and "
		"without training it. The model is asked for first, and each record of the dataset, "
		"which is one to train, finetune or evaluate (exit 3).",
};
