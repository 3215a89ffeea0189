#include "cli/call.h"
#include "flow/care.h"

static int compact(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_compact(r, &doc, e), &doc, NULL, e);
}

static const struct action actions[] = {
	{ .summary = "remove the dead ciphertext of what was erased", .run = compact },
};
const struct verb verb_compact = {
	.name = "compact",
	.group = GROUP_CARE,
	.summary = "remove the dead ciphertext of what was erased",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.more = "What is erased cannot be opened before either; this removes its sealed bytes "
		"too, and with them the lengths that might still tell which photo it was.",
};
