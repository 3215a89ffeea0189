#include "cli/call.h"
#include "flow/predict.h"

/* "photo.jpg: 7 (0.93)" */
static void page(struct print *p, const json_t *row)
{
	const json_t *numbers = member_list(row, "numbers");

	print_text(p, member_text(row, "file"));
	print_put(p, ": ");
	if (json_object_get(row, "error")) {
		print_paint(p, PAINT_BAD, "no answer");
		print_put(p, ": ");
		print_text(p, member_text(row, "error"));
		print_put(p, "\n");
		return;
	}
	if (numbers)
		print_value(p, numbers);
	else
		print_text(p, member_text(row, "label"));
	print_put(p, "  (%.3f)\n", json_real_value(json_object_get(row, "score")));
}

static int put_row(void *ctx, const json_t *row, struct error *e)
{
	return call_answer_row(ctx, row, page, e);
}

static int predict(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *denied = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_predict(r, call_operand(c, 0), c->operands + 1,
					   c->operand_count - 1, put_row, c, &denied, e),
			   &denied, NULL, e);
}

static const struct action actions[] = {
	{ .operands = "MODEL FILE..", .least = 2, .most = ANY_NUMBER, .run = predict,
	  .summary = "what an exact model says of pictures" },
};
const struct verb verb_predict = {
	.name = "predict",
	.group = GROUP_DATA,
	.summary = "ask an exact model about pictures",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.more = "A line for each file: the label with the highest score, and that score, near 1 "
		"when it is this label and near -1 when not; of a model of numbers the number. The "
		"model is asked for first, as by gate, for infer with the purpose of its dataset "
		"(exit 3), as of --at if given. Files that are no pictures are named with the reason: exit 5, or 1 when "
		"none could be answered. Nothing of the files is kept.",
};
