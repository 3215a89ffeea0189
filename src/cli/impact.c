#include "cli/call.h"
#include "flow/sets.h"

static void counted(struct print *p, const json_t *doc, const char *key, const char *one,
		    const char *many)
{
	uint64_t n = member_number(doc, key);

	print_number(p, n);
	print_put(p, " %s", n == 1 ? one : many);
}

/* "1,204 records, 12 copies", "People: 3 can be told; in 1,190 records nobody is known" */
static void summary(struct print *p, const json_t *doc)
{
	const json_t *people = json_object_get(doc, "people");
	uint64_t erased = member_number(doc, "erased");

	counted(p, doc, "records", "record", "records");
	print_put(p, ", ");
	counted(p, doc, "copies", "copy", "copies");
	if (member_number(doc, "candidates") > 0) {
		print_put(p, ", ");
		counted(p, doc, "candidates", "candidate by likeness", "candidates by likeness");
	}
	print_put(p, "\n");
	if (erased > 0) {
		print_number(p, erased);
		print_put(p, " of these %s erased: what %s touched is in the order's certificate.\n",
			  erased == 1 ? "is" : "are", erased == 1 ? "it" : "they");
	}
	if (!people)
		return;
	print_put(p, "People: ");
	print_number(p, member_number(people, "contactable"));
	print_put(p, " can be told; in ");
	counted(p, people, "not", "record", "records");
	print_put(p, " nobody is known\n");
}

static void section(struct print *p, const json_t *doc, const char *key, const char *title,
		    const struct column *columns, size_t count)
{
	const json_t *list = member_list(doc, key);
	bool tree = strcmp(key, "models") == 0;

	if (json_array_size(list) == 0)
		return;
	print_put(p, "\n");
	print_title(p, title);
	print_tree(p, list, tree ? "distance" : NULL, columns, count);
}

/* What was found by nothing is worth a word too: it was looked for. */
static void nowhere(struct print *p, const json_t *doc)
{
	static const char *const keys[] = { "datasets", "models", "deployments", "outputs",
					    "recipients" };
	static const char *const names[] = { "dataset", "checkpoint", "deployment", "kept output",
					     "recipient" };
	bool any = false;

	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		const json_t *list = member_list(doc, keys[i]);

		if (!list || json_array_size(list) > 0)
			continue;
		print_put(p, "%s%s", any ? ", no " : "\nNo ", names[i]);
		any = true;
	}
	print_put(p, "%s", any ? " is known to hold any of it.\n" : "");
}

static const struct column dataset_columns[] = {
	{ "dataset", "", CELL_VALUE }, { "records", "records", CELL_VALUE },
	{ "of", "of", CELL_VALUE },
};
static const struct column model_columns[] = {
	{ "model", "", CELL_VALUE }, { "share", "share of it", CELL_SHARE },
	{ "records", "records", CELL_VALUE }, { "of", "of", CELL_VALUE },
	{ "grade", "lineage", CELL_VALUE }, { "state", "state", CELL_STATE },
};
static const struct column deployment_columns[] = {
	{ "deployment", "", CELL_VALUE }, { "model", "model", CELL_VALUE },
	{ "product", "product", CELL_VALUE }, { "since", "since", CELL_VALUE },
	{ "until", "until", CELL_VALUE }, { "days", "days", CELL_VALUE },
};
static const struct column output_columns[] = {
	{ "output", "", CELL_VALUE }, { "kind", "kind", CELL_VALUE },
	{ "model", "model", CELL_VALUE }, { "count", "count", CELL_VALUE },
};
static const struct column recipient_columns[] = {
	{ "recipient", "", CELL_VALUE }, { "transfer", "transfer", CELL_VALUE },
	{ "deployment", "deployment", CELL_VALUE }, { "records", "records", CELL_VALUE },
	{ "since", "since", CELL_VALUE },
};

static void page(struct print *p, const json_t *doc)
{
	summary(p, doc);
	section(p, doc, "datasets", "Datasets", dataset_columns, COUNT_OF(dataset_columns));
	section(p, doc, "models", "Checkpoints", model_columns, COUNT_OF(model_columns));
	section(p, doc, "deployments", "Deployments", deployment_columns,
		COUNT_OF(deployment_columns));
	section(p, doc, "outputs", "Outputs", output_columns, COUNT_OF(output_columns));
	section(p, doc, "recipients", "Recipients", recipient_columns, COUNT_OF(recipient_columns));
	nowhere(p, doc);
	print_put(p, "\nFound in %.4g ms; nothing was changed.\n",
		 json_number_value(json_object_get(doc, "milliseconds")));
}

static int impact(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_impact(r, call_operand(c, 0), &doc, e), &doc, page, e);
}

static const struct action actions[] = {
	{ .operands = "SELECTOR", .least = 1, .most = 1, .run = impact,
	  .summary = "everything that grew from these records; changes nothing" },
};
const struct verb verb_impact = {
	.name = "impact",
	.group = GROUP_ORDER,
	.summary = "everything that grew from these records",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.more = "Changes nothing. A checkpoint that rests on them through others stands further "
		"in, behind those it was made from; how sure an edge is, is its lineage: "
		"declared, observed or enforced.",
};
