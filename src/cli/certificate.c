#include "base/file.h"
#include "cli/certificate_sign.h"
#include "flow/order.h"

static int put_html(const char *path, const struct buf *bytes, struct error *e)
{
	scoped(buf) *html = NULL;

	if (buf_create(&html, bytes->len + 4096, e) < 0 ||
	    certificate_html(bytes->data, bytes->len, html, e) < 0)
		return e->code;
	return file_write(path, html->data, html->len, 0644, e);
}

static int certificate(struct call *c, struct error *e)
{
	const char *out = call_text(c, "output"), *html = call_text(c, "html");
	scoped(repo) *r = NULL;
	scoped(buf) *bytes = NULL;

	if (call_repo(c, &r, e) < 0 || buf_create(&bytes, 65536, e) < 0 ||
	    flow_certificate(r, call_operand(c, 0), bytes, e) < 0 ||
	    (html && put_html(html, bytes, e) < 0))
		return e->code;
	if (out && strcmp(out, "-") != 0)
		return file_write(out, bytes->data, bytes->len, 0644, e);
	return call_bytes(c, bytes->data, bytes->len, e);
}

static const struct verb_option options[] = {
	{ .name = "output", .letter = 'o', .value = "FILE", .help = "there; else to stdout" },
	{ .name = "html", .value = "FILE", .help = "also a page for people" },
};
static const struct action actions[] = {
	{ .operands = "ORDER", .least = 1, .most = 1, .options = options,
	  .option_count = COUNT_OF(options), .run = certificate,
	  .summary = "the signed answer to an order" },
	{ .name = "sign", .operands = "FILE", .least = 1, .most = 1,
	  .options = certificate_sign_options, .option_count = CERTIFICATE_SIGN_OPTIONS,
	  .run = certificate_sign,
	  .summary = "a person's signature about a certificate, attestation or receipt" },
};
const struct verb verb_certificate = {
	.name = "certificate",
	.group = GROUP_PROOF,
	.summary = "the signed answer to an order",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.more = "The file is the same bytes whenever it is asked for. Whoever gets it checks it "
		"with `rescind verify`, without this repository. `sign` writes a file of its own beside "
		"it, a sign-off: whoever issued, performed, verified or validated signs with the key of "
		"a role, a PEM file (Ed25519, ECDSA P-256) or a key in a card or service (PKCS#11); "
		"`verify FILE --signoff` checks it.",
};
