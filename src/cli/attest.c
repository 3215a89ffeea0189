#include "cli/call.h"
#include "flow/attest.h"
#include "page/page.h"

/* In what form: as it was signed, or as a page of it. */
static int read_format(const struct call *c, bool *ret_page, struct error *e)
{
	const char *format = call_text(c, "format");

	*ret_page = format && strcmp(format, "html") == 0;
	if (!format || *ret_page || strcmp(format, "intoto") == 0)
		return 0;
	return error_set(e, E_USAGE, "--format %.40s: not a format that this version writes (intoto, html)",
			 format);
}

static int attest(struct call *c, struct error *e)
{
	const char *out = call_text(c, "output");
	scoped(buf) *bytes = NULL, *page = NULL;
	scoped(repo) *r = NULL;
	bool as_page = false;

	if (read_format(c, &as_page, e) < 0 || call_repo(c, &r, e) < 0 ||
	    buf_create(&bytes, 65536, e) < 0 || flow_attest(r, call_operand(c, 0), bytes, e) < 0)
		return e->code;
	if (as_page && (buf_create(&page, bytes->len + 4096, e) < 0 ||
			attestation_html(bytes->data, bytes->len, page, e) < 0))
		return e->code;
	if (!page)
		page = give(bytes);
	return call_save(c, out, page, 0644, e);
}

static const struct verb_option options[] = {
	{ .name = "format", .value = "FORMAT", .help = "intoto (signed; the default) or html (a page for people)" },
	{ .name = "output", .letter = 'o', .value = "FILE", .help = "there; else to stdout" },
};
static const struct action actions[] = {
	{ .operands = "MODEL", .least = 1, .most = 1, .options = options,
	  .option_count = COUNT_OF(options), .run = attest,
	  .summary = "a signed statement of where a checkpoint comes from" },
};
const struct verb verb_attest = {
	.name = "attest",
	.group = GROUP_PROOF,
	.summary = "a signed statement of where a checkpoint comes from",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.more = "For whoever gets the checkpoint: every source, on what terms it came, how many records, by "
		"which transfers, what was taken back since, and what is not known. It is as of the heads "
		"of the logs, and made anew each time; whoever gets it checks it with `rescind verify`, "
		"without this repository. It names no person, no path and no file of the data.\n\n"
		"The page is for reading: keep the signed file too, since the page proves nothing.",
};
