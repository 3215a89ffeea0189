#include "cli/call.h"
#include "flow/order.h"

static int open_order(struct call *c, struct error *e)
{
	struct order_words w = {
		.selector = call_operand(c, 0), .authority = call_text(c, "authority"),
		.reason = call_text(c, "reason"), .document = call_text(c, "document"),
		.due = call_text(c, "due"), .keep_granted = call_flag(c, "keep-granted"),
	};
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_order_open(r, &w, &doc, e), &doc, NULL, e);
}

/* How a step is done takes a line of its own: it is a sentence. */
static void page_step(struct print *p, const json_t *step)
{
	const json_t *cost = json_object_get(step, "cost");

	print_put(p, "%4" JSON_INTEGER_FORMAT "  ", json_integer_value(json_object_get(step, "n")));
	print_paint(p, PAINT_BOLD, member_text(step, "do"));
	print_put(p, "  ");
	print_text(p, member_text(step, "target"));
	if (cost) {
		print_put(p, "  (");
		print_value(p, cost);
		print_put(p, ")");
	}
	print_put(p, "\n      ");
	print_text(p, member_text(step, "method"));
	print_put(p, "\n");
}

/* The steps call a folder by its number. */
static void page_folders(struct print *p, const json_t *folders)
{
	if (json_array_size(folders) == 0)
		return;
	print_put(p, "\n");
	print_title(p, "Folders");
	for (size_t i = 0; i < json_array_size(folders); i++) {
		print_put(p, "%4zu  ", i + 1);
		print_value(p, json_array_get(folders, i));
		print_put(p, "\n");
	}
}

static void page_steps(struct print *p, const json_t *steps)
{
	if (json_array_size(steps) == 0)
		return;
	print_put(p, "\n");
	print_title(p, "What would be done, in this order");
	for (size_t i = 0; i < json_array_size(steps); i++)
		page_step(p, json_array_get(steps, i));
}

/* A line that can be typed as it stands. */
static void page_next(struct print *p, const char *what, const json_t *doc, const char *hash)
{
	print_put(p, "  rescind order %s ", what);
	print_text(p, member_text(doc, "order"));
	print_put(p, "%s", hash[0] ? " " : "");
	print_text(p, hash);
	print_put(p, "\n");
}

static void page_plan(struct print *p, const json_t *doc)
{
	static const char *const apart[] = { "folders", "steps", "not_reached", "plan",
					   NULL };
	const char *hash = member_text(doc, "plan");

	print_members(p, doc, apart);
	page_folders(p, member_list(doc, "folders"));
	page_steps(p, member_list(doc, "steps"));
	print_put(p, "\n");
	print_list(p, "What this cannot reach", member_list(doc, "not_reached"),
		  "nothing that is known here");
	print_put(p, "\nplan  ");
	print_paint(p, PAINT_BOLD, hash);
	print_put(p, "\nNothing was done. To approve exactly this, as another role than the "
		     "opener's:\n");
	page_next(p, "approve --as ROLE", doc, hash);
}

static int plan(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_order_plan(r, call_operand(c, 0), &doc, e), &doc, page_plan, e);
}

static int approve(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c,
			   flow_order_approve(r, call_operand(c, 0), call_operand(c, 1), &doc, e),
			   &doc, NULL, e);
}

/* faces@1 e81c07 -> faces@2 5d20b3 in 31 ms */
static void page_made(struct print *p, const json_t *row)
{
	print_put(p, "  ");
	print_text(p, member_text(row, "from"));
	print_put(p, " %.6s -> ", member_text(row, "weights_before"));
	if (json_is_null(json_object_get(row, "to")))
		print_put(p, "none: nothing was left");
	print_text(p, member_text(row, "to"));
	print_put(p, " %.6s", member_text(row, "weights_after"));
	if (json_object_get(row, "milliseconds"))
		print_put(p, " in %" JSON_INTEGER_FORMAT " ms",
			  json_integer_value(json_object_get(row, "milliseconds")));
	if (json_object_get(row, "reproduced"))
		print_put(p, ", trained again in %" JSON_INTEGER_FORMAT " ms: the same",
			  json_integer_value(json_object_get(row, "prove_milliseconds")));
	print_put(p, "\n");
}

static void page_executed(struct print *p, const json_t *doc)
{
	static const char *const apart[] = { "models", NULL };
	const json_t *made = member_list(doc, "models");

	print_members(p, doc, apart);
	if (json_array_size(made) > 0) {
		print_put(p, "\n");
		print_title(p, "Checkpoints made anew");
	}
	for (size_t i = 0; i < json_array_size(made); i++)
		page_made(p, json_array_get(made, i));
}

static int execute(struct call *c, struct error *e)
{
	const struct execute_words w = { .prove = call_flag(c, "prove"),
					 .batch = call_flag(c, "batch") };
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_order_execute(r, call_operand(c, 0), &w, &doc, e), &doc,
			   page_executed, e);
}

static int refuse(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(
		c, flow_order_refuse(r, call_operand(c, 0), call_text(c, "reason"), &doc, e), &doc,
		NULL, e);
}

static void page_all(struct print *p, const json_t *list)
{
	static const struct column columns[] = {
		{ "order", "order", CELL_VALUE }, { "state", "state", CELL_STATE },
		{ "records", "records", CELL_VALUE }, { "due", "due", CELL_VALUE },
		{ "steps", "steps", CELL_VALUE },
	};

	print_table(p, list, columns, COUNT_OF(columns));
}

/* status and ls: ls has no id, and gets all. */
static int status(struct call *c, struct error *e)
{
	const char *id = call_operand(c, 0);
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_order_status(r, id, &doc, e), &doc, id ? NULL : page_all, e);
}

static const struct verb_option open_options[] = {
	{ .name = "authority", .value = "WHO", .help = "who demands it", .needed = true },
	{ .name = "reason", .value = "TEXT", .help = "why", .needed = true },
	{ .name = "document", .value = "FILE", .help = "the demand itself; its digest is kept" },
	{ .name = "due", .value = "T", .help = "by when it has to be done" },
	{ .name = "keep-granted",
	  .help = "records stay whose every subject has a valid grant of their own" },
};
static const struct verb_option execute_options[] = {
	{ .name = "prove", .help = "train what was made again, and certify only the same" },
	{ .name = "batch", .help = "with all other approved orders whose plan holds" },
};
static const struct verb_option refuse_options[] = {
	{ .name = "reason", .value = "TEXT", .help = "why", .needed = true },
};
#define ID_ALONE .operands = "ID", .least = 1, .most = 1
static const struct action actions[] = {
	{ .name = "open", .operands = "SELECTOR", .least = 1, .most = 1,
	  .summary = "a demand to take these records back; denies their use at once",
	  .options = open_options, .option_count = COUNT_OF(open_options), .run = open_order },
	{ .name = "plan", ID_ALONE, .summary = "what would be done, and what cannot be reached",
	  .run = plan },
	{ .name = "approve", .operands = "ID HASH", .least = 2, .most = 2,
	  .summary = "approve exactly the plan of this hash", .run = approve },
	{ .name = "execute", ID_ALONE, .summary = "do exactly what was approved, and certify it",
	  .options = execute_options, .option_count = COUNT_OF(execute_options), .run = execute },
	{ .name = "status", ID_ALONE, .summary = "how far one is", .run = status },
	{ .name = "ls", .summary = "every order", .run = status },
	{ .name = "refuse", ID_ALONE, .summary = "an answer too: recorded and signed",
	  .options = refuse_options, .option_count = COUNT_OF(refuse_options), .run = refuse },
};
const struct verb verb_order = {
	.name = "order",
	.group = GROUP_ORDER,
	.summary = "a demand to take records back, from open to certified",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.more = "Nothing is destroyed but by an approved plan, named by its hash; if the "
		"repository changed in a way that changes the plan, execute says so and asks for "
		"a new one. The approver's role is not the opener's, unless the repository was "
		"made --solo. Execute goes on where it was left; it exits 5 if a step failed or "
		"is left, or if with --prove a checkpoint trained again is another. With --batch "
		"all other approved orders whose plan holds go together with this one, so that "
		"each checkpoint is made anew once.",
};
