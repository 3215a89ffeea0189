#include "cli/call.h"
#include "flow/care.h"

static void page(struct print *p, const json_t *doc)
{
	bool ok = json_is_true(json_object_get(doc, "ok"));
	const json_t *checked = json_object_get(doc, "checked");

	print_paint(p, ok ? PAINT_GOOD : PAINT_BAD, ok ? "ok" : "NOT OK");
	print_put(p, "\n");
	print_list(p, "Wrong", member_list(doc, "problems"), NULL);
	print_list(p, "Repaired", member_list(doc, "repaired"), NULL);
	if (!json_is_object(checked))
		return;
	print_title(p, "Looked at");
	print_members(p, checked, NULL);
}

/* What keeps it from being opened is wrong with it, and all that is found. */
static int not_opened(struct call *c, struct error *e)
{
	struct error own = { 0 };
	scoped_json *doc = json_object_make(&own), *problems = json_array_make(&own);
	char text[ERROR_TEXT_MAX];

	if (!doc || !problems || (e->code != E_MISMATCH && e->code != E_FORMAT))
		return e->code;
	snprintf(text, sizeof(text), "%s", e->text);
	json_add_new(problems, json_text_lossy(text, strlen(text), &own), &own);
	json_set_bool(doc, "ok", false, &own);
	json_set_new(doc, "problems", json_incref(problems), &own);
	json_set_new(doc, "repaired", json_array_make(&own), &own);
	if (own.code)
		return e->code;
	error_clear(e);
	return call_answer(c, error_set(e, E_MISMATCH, "%s", text), &doc, page, e);
}

static int fsck(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;
	bool rebuild = call_flag(c, "rebuild");

	if ((rebuild ? call_repo_rebuilt(c, &r, e) : call_repo(c, &r, e)) < 0)
		return not_opened(c, e);
	return call_answer(c, flow_fsck(r, call_flag(c, "deep"), &doc, e), &doc, page, e);
}

static const struct verb_option options[] = {
	{ .name = "deep", .help = "read, hash and open every byte" },
	{ .name = "rebuild", .help = "make the catalog again from log and vault first" },
};
static const struct action actions[] = {
	{ .options = options, .option_count = COUNT_OF(options), .run = fsck,
	  .summary = "check the stores, and repair what can be" },
};
const struct verb verb_fsck = {
	.name = "fsck",
	.group = GROUP_CARE,
	.summary = "check the stores, and repair what can be",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.verifies = true,
	.more = "Exits 0 when all is well or was repaired (and says what), 4 when something is "
		"wrong. A catalog that is damaged, or with --deep one of which any row is not what "
		"log and vault say, is made again from these.",
};
