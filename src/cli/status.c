#include "cli/call.h"
#include "flow/look.h"

static void page(struct print *p, const json_t *doc)
{
	/* A line of 1,800 letters is for the file vkey-mldsa beside the head, and for machines. */
	static const char *const apart[] = { "origin", "due", "wrong", "problems", "follows", "heads",
					     "vkey_mldsa", NULL };
	const json_t *heads = json_object_get(doc, "heads");

	print_title(p, member_text(doc, "origin"));
	print_members(p, doc, apart);
	if (json_is_object(heads)) {
		print_put(p, "\n");
		print_title(p, "heads");
		print_members(p, heads, NULL);
	}
	for (size_t i = 1; i <= 4; i++) {
		const json_t *list = member_list(doc, apart[i]);

		if (json_array_size(list) == 0)
			continue;
		print_put(p, "\n");
		print_list(p, apart[i], list, NULL);
	}
}

static int status(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_status(r, &doc, e), &doc, page, e);
}

static const struct action actions[] = {
	{ .summary = "what is here, what is due, what is wrong", .run = status },
};
const struct verb verb_status = {
	.name = "status",
	.group = GROUP_START,
	.summary = "what is here, what is due, what is wrong",
	.actions = actions,
	.action_count = COUNT_OF(actions),
};
