#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/call.h"
#include "flow/look.h"

/* A path that is no UTF-8 comes as text for JSON, and whole in hex. */
static void put_path(struct print *p, const json_t *record)
{
	const char *hex = member_text(record, "path_hex");
	char path[PATH_LEN_MAX], shown[PATH_LEN_MAX];
	size_t len = hex ? strlen(hex) / 2 : 0;

	if (len == 0 || len >= sizeof(path) || hex_decode(path, len, hex, NULL) < 0) {
		print_value(p, json_object_get(record, "path"));
		return;
	}
	path[len] = '\0';
	print_put(p, "%s", path_escape(shown, sizeof(shown), path));
}

/* "12  live  partner  image/jpeg  183,204  a/b.jpg  p7, p9" */
static void line(struct print *p, const json_t *record)
{
	static const char *const keys[] = { "media", "bytes" };
	const json_t *subjects = member_list(record, "subjects");

	print_member(p, "pos", json_object_get(record, "pos"));
	print_put(p, "  ");
	print_state(p, member_text(record, "status"));
	print_put(p, "  ");
	print_text(p, member_text(record, "source"));
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		if (json_object_get(record, keys[i])) {
			print_put(p, "  ");
			print_value(p, json_object_get(record, keys[i]));
		}
	if (json_object_get(record, "path")) {
		print_put(p, "  ");
		put_path(p, record);
	}
	if (json_array_size(subjects) > 0) {
		print_put(p, "  ");
		print_value(p, subjects);
	}
	print_put(p, "\n");
}

static int each(void *ctx, json_t *record, struct error *e)
{
	return call_answer_row(ctx, record, line, e);
}

static int ls(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return flow_ls(r, call_operand(c, 0), each, c, e);
}

static const struct action actions[] = {
	{ .operands = "SELECTOR", .least = 1, .most = 1, .summary = "the records that it picks",
	  .run = ls },
};
const struct verb verb_ls = {
	.name = "ls", .group = GROUP_DATA, .summary = "the records that a selector picks",
	.actions = actions, .action_count = COUNT_OF(actions),
	.more = "Selectors are one word each for the shell: rescind ls 'source:partner and not "
		"subject:p7'. See rescind help selectors.",
};
