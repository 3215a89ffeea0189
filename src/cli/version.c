#include "cli/call.h"

static void page(struct print *p, const json_t *doc)
{
	print_put(p, "rescind %s\n", member_text(doc, "version"));
}

static int version(struct call *c, struct error *e)
{
	scoped_json *doc = json_object_make(e);

	if (!doc)
		return e->code;
	json_set_text(doc, "version", RESCIND_VERSION, e);
	return e->code ? e->code : call_answer(c, 0, &doc, page, e);
}

static const struct action actions[] = {
	{ .summary = "which Rescind this is", .run = version },
};
const struct verb verb_version = {
	.name = "version", .group = GROUP_HELP, .summary = "which Rescind this is",
	.actions = actions, .action_count = COUNT_OF(actions),
};
