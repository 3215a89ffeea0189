#include "cli/call.h"
#include "flow/receipt.h"
#include "page/page.h"

static int put_html(struct call *c, const char *path, const struct buf *bytes, struct error *e)
{
	scoped(buf) *html = NULL;

	if (buf_create(&html, bytes->len + 4096, e) < 0 ||
	    receipt_html(bytes->data, bytes->len, html, e) < 0)
		return e->code;
	return call_save(c, path, html, 0600, e);
}

/* It is about a person: nobody else on this machine is to read it. */
static int receipt(struct call *c, struct error *e)
{
	const char *out = call_text(c, "output"), *html = call_text(c, "html");
	const struct receipt_request w = { .record = call_operand(c, 0),
					   .subject = call_text(c, "subject"),
					   .contact = call_text(c, "contact") };
	scoped(repo) *r = NULL;
	scoped(buf) *bytes = NULL;

	if (!w.record == !w.subject)
		return error_set(e, E_USAGE, "say which record, or --subject ID");
	if (call_repo(c, &r, e) < 0 || buf_create(&bytes, 65536, e) < 0 ||
	    flow_receipt(r, &w, bytes, e) < 0 || (html && put_html(c, html, bytes, e) < 0))
		return e->code;
	return call_save(c, out, bytes, 0600, e);
}

static const struct verb_option options[] = {
	{ .name = "subject", .value = "ID", .help = "all that is known to be about this person" },
	{ .name = "contact", .value = "TEXT",
	  .help = "an address to write to, for the part on withdrawing" },
	{ .name = "output", .letter = 'o', .value = "FILE", .help = "there; else to stdout" },
	{ .name = "html", .value = "FILE", .help = "also a page for the person" },
};
static const struct action actions[] = {
	{ .operands = "[RECORD]", .least = 0, .most = 1, .options = options,
	  .option_count = COUNT_OF(options), .run = receipt,
	  .summary = "what became of a person's records, signed, for the person" },
};
const struct verb verb_receipt = {
	.name = "receipt",
	.group = GROUP_PROOF,
	.summary = "what became of a person's records, signed",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.more = "That and when each record was logged, on what terms, what the person granted, what "
		"was made of it, where that runs, who got it, and how to take it back. Nothing of "
		"anybody else in it is opened; with RECORD (12, or record:12) no person at all; of "
		"an erased record nothing. Whoever gets it checks it with `rescind verify FILE --key "
		"VKEY`, and `--data PHOTO` says whether a file is one of these records.",
};
