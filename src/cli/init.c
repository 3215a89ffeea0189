#include "base/arena.h"
#include "cli/call.h"

/* What the new repository calls itself. */
static int describe(struct call *c, json_t *doc, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped(arena) *a = NULL;
	const char *vkey;

	if (call_repo(c, &r, e) < 0 || arena_create(&a, e) < 0)
		return e->code;
	vkey = repo_vkey(r, LOG_FACTS, a, e);
	if (!vkey)
		return e->code;
	json_set_text(doc, "origin", r->origin, e);
	json_set_text(doc, "vkey", vkey, e);
	return e->code;
}

static int init(struct call *c, struct error *e)
{
	struct repo_new n = {
		.folder = call_folder(c) ? call_folder(c) : ".", .origin = call_text(c, "origin"),
		.keys = call_text(c, "keys"), .mirror = call_text(c, "mirror"),
		.solo = call_flag(c, "solo"),
	};
	scoped_json *doc = json_object_make(e);

	if (!doc || repo_init(&n, e) < 0 || describe(c, doc, e) < 0)
		return e->code;
	return call_answer(c, 0, &doc, NULL, e);
}

static const struct verb_option options[] = {
	{ .name = "origin",
	  .value = "NAME",
	  .help = "what the logs call themselves; else made up" },
	{ .name = "keys",
	  .value = "DIR",
	  .help = "where keyring, keys and anchor live; else $XDG_DATA_HOME/rescind/ORIGIN" },
	{ .name = "mirror", .value = "DIR2", .help = "the keyring's second place" },
	{ .name = "solo",
	  .help = "opener and approver of an order may be the same; certificates say so" },
};
static const struct action actions[] = {
	{ .summary = "a new repository", .options = options, .option_count = COUNT_OF(options),
	  .run = init },
};
const struct verb verb_init = {
	.name = "init",
	.group = GROUP_START,
	.summary = "a new repository",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.more = "Makes the folder of --repo (else this one) a repository, and the folder of its "
		"keys apart from it: whoever has both can open what is sealed. Back up the keys "
		"with care: an old keyring kept together with its epoch key opens what was "
		"erased since. The vkey that is printed is what others pin with `verify --key`.",
};
