#include "cli/certificate_archive.h"
#include "cli/certificate_sign.h"
#include "flow/order.h"
#include "page/page.h"

static int make_html(const struct call *c, const struct buf *bytes, struct buf **ret,
		     struct error *e)
{
	scoped(buf) *html = NULL;

	if (!call_text(c, "html"))
		return 0;
	if (buf_create(&html, bytes->len + 4096, e) < 0 ||
	    certificate_html(bytes->data, bytes->len, html, e) < 0)
		return e->code;
	*ret = give(html);
	return 0;
}

static int put(struct call *c, const char *option, const struct buf *b, struct error *e)
{
	return b ? call_save(c, call_text(c, option), b, 0644, e) : 0;
}

/* All is made before anything is written. */
static int certificate(struct call *c, struct error *e)
{
	const char *out = call_text(c, "output");
	scoped(repo) *r = NULL;
	scoped(buf) *bytes = NULL, *html = NULL, *archive = NULL;

	if (call_repo(c, &r, e) < 0 || buf_create(&bytes, 65536, e) < 0 ||
	    flow_certificate(r, call_operand(c, 0), bytes, e) < 0 ||
	    make_html(c, bytes, &html, e) < 0 || certificate_archive(c, r, &archive, e) < 0 ||
	    put(c, "html", html, e) < 0 || put(c, "archive", archive, e) < 0)
		return e->code;
	return !out && archive ? 0 : call_save(c, out, bytes, 0644, e);
}

static const struct verb_option options[] = {
	{ .name = "output", .letter = 'o', .value = "FILE", .help = "there; else to stdout" },
	{ .name = "html", .value = "FILE", .help = "also a page for people" },
	{ .name = "archive", .value = "FILE", .help = "also all that shows it, in one tar file" },
	{ .name = "tsa", .value = "URL", .many = true,
	  .help = "with a time stamp by this authority in the archive" },
	{ .name = "signoff", .value = "FILE", .many = true,
	  .help = "with what a person signed (certificate sign) in the archive" },
};
static const struct action actions[] = {
	{ .operands = "ORDER", .least = 1, .most = 1, .options = options,
	  .option_count = COUNT_OF(options), .run = certificate,
	  .summary = "the signed answer to an order" },
	{ .name = "renew", .operands = "FILE", .least = 1, .most = 1,
	  .options = certificate_renew_options, .option_count = CERTIFICATE_RENEW_OPTIONS,
	  .run = certificate_renew,
	  .summary = "a newer proof and time stamp for an archive, or one for a certificate" },
	{ .name = "sign", .operands = "FILE", .least = 1, .most = 1,
	  .options = certificate_sign_options, .option_count = CERTIFICATE_SIGN_OPTIONS,
	  .run = certificate_sign,
	  .summary = "a person's signature about a certificate, attestation or receipt" },
	{ .name = "media", .operands = "[FILE]", .most = 1, .run = certificate_media,
	  .summary = "what certificates say of media and people; from FILE (docs/sanitization.md)" },
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
		"`verify FILE --signoff` checks it. An archive has the certificate, its page, the proof that "
		"it was logged, sign-offs, time stamps, and how to check it with openssl alone; `renew` adds a "
		"proof against the log of now, before old keys and algorithms are too weak. Nothing is "
		"written when an authority does not answer.",
};
