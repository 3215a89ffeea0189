#include "cli/call.h"
#include "flow/exact.h"

static int train(struct call *c, struct error *e)
{
	struct train_words w = {
		.model = call_operand(c, 0), .dataset = call_text(c, "dataset"),
		.target = call_text(c, "target"), .features = call_text(c, "features"),
		.lambda = call_text(c, "lambda"), .numbers = call_flag(c, "numbers"),
	};
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;
	int code;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	code = flow_train(r, &w, &doc, e);
	if (code == 0 && member_number(doc, "labels") == 1)
		call_tell(c, "one label only: every photo will be answered with it");
	return call_answer(c, code, &doc, NULL, e);
}

static const struct verb_option options[] = {
	{ .name = "dataset", .value = "D", .help = "the records to learn from", .needed = true },
	{ .name = "target",
	  .value = "KEY",
	  .help = "the attribute to be told; `subject`: the one person in the picture",
	  .needed = true },
	{ .name = "features", .value = "NAME", .help = "how a picture becomes numbers; else bands1" },
	{ .name = "lambda",
	  .value = "L",
	  .help = "strength that keeps weights small, a whole number; else from the sums" },
	{ .name = "numbers", .help = "the target is a whole number to be predicted, no label" },
};
static const struct action actions[] = {
	{ .operands = "MODEL", .least = 1, .most = 1, .options = options,
	  .option_count = COUNT_OF(options), .run = train,
	  .summary = "an exact model: weights that an order can make forget, bit for bit" },
};
const struct verb verb_train = {
	.name = "train",
	.group = GROUP_DATA,
	.summary = "make an exact model of a dataset",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.more = "The same records, in whatever order they came, and the same options give the same "
		"weights, bit for bit, on every machine. Every record is decided again first: one "
		"that is denied refuses the training (exit 3). Records without the target, or "
		"without a whole picture, are counted and left out.",
};
