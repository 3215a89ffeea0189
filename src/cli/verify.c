/* Offline: no repository, no network; what proof/ says of a file. */
#include "base/file.h"
#include "base/text.h"
#include "cli/call.h"
#include "cli/verify_archive.h"
#include "cli/verify_head.h"
#include "flow/verify_data.h"
#include "proof/certificate.h"

enum { NAME_WIDTH = 12 };
#define NO_ORDER(what) "--order is the demand that a certificate answers: " what " answers none"
#define NOT_SIGNED_OFF "--signoff is about a certificate, an attestation or a receipt"

/* What was given with --data, folders taken apart, with --signoff and --signer, and --tsa-ca. */
struct data {
	const char *const *paths;
	size_t count;
	const struct verify_signoffs *signoffs;
	const struct archive_pins *archive;
};

/* What each file of --data is. */
static void put_data(struct print *p, const json_t *answers)
{
	if (json_array_size(answers) == 0)
		return;
	print_put(p, "\n");
	print_title(p, "Given with --data");
	for (size_t i = 0; i < json_array_size(answers); i++) {
		const json_t *row = json_array_get(answers, i);

		print_put(p, "  - ");
		print_text(p, member_text(row, "path"));
		print_put(p, ": ");
		print_text(p, member_text(row, "answer"));
		print_put(p, "\n");
	}
}

static void page(struct print *p, const json_t *doc)
{
	static const struct { const char *key, *title; } lists[] = {
		{ "signed_by_others", "Signed by others" },
		{ "asserted", "Asserted by the operator" }, { "not_covered", "Not covered" },
	};
	bool valid = json_is_true(json_object_get(doc, "valid"));
	const json_t *checks = member_list(doc, "checks");

	print_paint(p, valid ? PAINT_GOOD : PAINT_BAD, valid ? "valid" : "NOT VALID");
	print_put(p, "\n\n");
	print_title(p, "Checked here");
	for (size_t i = 0; i < json_array_size(checks); i++) {
		const json_t *check = json_array_get(checks, i);
		const char *detail = member_text(check, "detail");
		bool ok = json_is_true(json_object_get(check, "ok"));

		print_put(p, "  ");
		print_paint(p, ok ? PAINT_GOOD : PAINT_BAD, ok ? "ok" : "NOT OK");
		print_put(p, "%s%-*s", ok ? "      " : "  ", detail[0] ? NAME_WIDTH : 0,
			  member_text(check, "name"));
		print_text(p, detail);
		print_put(p, "\n");
	}
	put_data(p, member_list(doc, "data"));
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		print_put(p, "\n");
		print_list(p, lists[i].title, member_list(doc, lists[i].key), "nothing");
	}
}

static int verify_statement(const struct buf *bytes, const struct verify_pins *pins,
			    const struct data *data, json_t **ret, struct error *e)
{
	scoped(verdict) *v = NULL;
	scoped_json *doc = NULL;

	if (certificate_verify(&v, bytes->data, bytes->len, pins, e) < 0 ||
	    verdict_json(v, &doc, e) < 0 ||
	    verify_answers(v, data->paths, data->count, doc, e) < 0 ||
	    verify_signoffs_hold(data->signoffs, bytes, v->statement, doc, e) < 0)
		return e->code;
	*ret = give(doc);
	return 0;
}

/* A head speaks of no file, and what cannot be read speaks of nothing. */
static int no_data(const struct data *data, json_t *doc, struct error *e)
{
	const struct verdict nothing = { 0 };

	return verify_answers(&nothing, data->paths, data->count, doc, e);
}

static int read_policy(const char *path, struct policy **ret, struct error *e)
{
	scoped(buf) *bytes = NULL;

	if (file_read(path, POLICY_BYTES_MAX, &bytes, e) < 0)
		return error_wrap(e, "--policy");
	if (policy_parse(ret, bytes->data, bytes->len, e) < 0 && e->code != E_MEMORY)
		e->code = E_USAGE; /* the story says what is wrong with it */
	return e->code ? error_wrap(e, "--policy %s", path) : 0;
}

static int read_pins(const struct call *c, struct verify_pins *ret, struct hash *ret_order,
		     struct error *e)
{
	const struct option_list *keys = call_list(c, "key");
	const char *order = call_text(c, "order");

	for (size_t i = 0; i < keys->count; i++)
		if (pins_take(ret, keys->values[i], e) < 0)
			return error_wrap(e, "--key (rescind status prints a repository's)");
	if (order && hex_decode(ret_order->b, HASH_LEN, order, e) < 0)
		return error_set(e, E_USAGE, "--order is no hash of 64 lowercase hex digits");
	ret->order = order ? ret_order : NULL;
	return 0;
}

static int read_file(const char *path, const struct verify_pins *pins,
		     const struct data *data, json_t **ret, struct error *e)
{
	scoped(buf) *bytes = NULL;
	struct error why = { 0 };

	if (file_read(path, USTAR_BYTES_MAX, &bytes, &why) < 0) {
		if (why.code != E_RANGE)
			return error_set(e, why.code, "%s", why.text);
		/* It is there, but nothing that we sign. */
		if (verdict_of_one("encoding", false, why.text, ret, e) < 0)
			return e->code;
		return no_data(data, *ret, e);
	}
	if (is_archive(bytes->data, bytes->len))
		return verify_archive(bytes, pins, data->archive, data->signoffs, data->paths,
				      data->count, ret, e);
	if (data->archive->root_count > 0)
		return error_set(e, E_USAGE, "--tsa-ca is about the time stamps of an archive");
	if (is_signoff(bytes))
		return verdict_of_one("signoffs", false,
				      "a sign-off is checked beside its statement: verify STATEMENT --signoff FILE",
				      ret, e);
	if (verify_signoffs_given(data->signoffs) &&
	    (verify_is_handover(bytes) || is_note(bytes) || is_tlog_proof(bytes)))
		return error_set(e, E_USAGE, NOT_SIGNED_OFF);
	if (pins->order && (verify_is_handover(bytes) || is_note(bytes) || is_tlog_proof(bytes)))
		return error_set(e, E_USAGE, NO_ORDER("this file"));
	if (verify_is_handover(bytes))
		return verify_handover(bytes, pins, data->paths, data->count, ret, e);
	if (!is_note(bytes) && !is_tlog_proof(bytes))
		return verify_statement(bytes, pins, data, ret, e);
	if (verify_head(bytes, pins, ret, e) < 0)
		return e->code;
	return no_data(data, *ret, e);
}

static int verify(struct call *c, struct error *e)
{
	const struct option_list *given = call_list(c, "data");
	struct verify_signoffs signoffs = { .count = 0 };
	struct archive_pins archive = { .root_count = 0 };
	struct data data = { .signoffs = &signoffs, .archive = &archive };
	scoped(arena) *a = NULL;
	const char *path = call_operand(c, 0);
	struct verify_pins pins = { 0 };
	scoped_json *doc = NULL;
	scoped(policy) *policy = NULL;
	struct hash order;
	int code;
	bool valid;

	if (read_pins(c, &pins, &order, e) < 0 ||
	    (call_text(c, "policy") && read_policy(call_text(c, "policy"), &policy, e) < 0))
		return e->code;
	pins.policy = policy;
	pins.witnesses = policy ? check_witnesses : NULL;
	pins.listed = policy ? check_listed : NULL;
	if (pins.order && verify_is_tensors(path))
		return error_set(e, E_USAGE, NO_ORDER("a file of weights"));
	if (arena_create(&a, e) < 0 ||
	    verify_data_paths(a, given->values, given->count, !verify_is_tensors(path), &data.paths,
			      &data.count, e) < 0 ||
	    verify_signoffs_read(c, a, &signoffs, e) < 0 || verify_roots_read(c, a, &archive, e) < 0)
		return e->code;
	if (verify_signoffs_given(&signoffs) && verify_is_tensors(path))
		return error_set(e, E_USAGE, NOT_SIGNED_OFF);
	code = verify_is_tensors(path) ?
		       verify_weights(path, data.paths, data.count, &doc, e) :
		       read_file(path, &pins, &data, &doc, e);
	if (code < 0)
		return code;
	valid = json_is_true(json_object_get(doc, "valid"));
	return call_answer(c, valid ? 0 : E_MISMATCH, &doc, page, e); /* the checks say why */
}

static const struct verb_option options[] = {
	{ .name = "key",
	  .value = "VKEY",
	  .help = "the log's key that you trust; without one nothing is valid; twice: ML-DSA-44 too",
	  .many = true },
	{ .name = "policy",
	  .value = "FILE",
	  .help = "a tlog-policy: which logs, and whose cosignatures heads must bear" },
	{ .name = "order", .value = "HASH", .help = "the demand that it should answer" },
	{ .name = "signoff", .value = "FILE", .many = true,
	  .help = "what a person signed about it (certificate sign)" },
	{ .name = "signer", .value = "KEY.pem", .many = true,
	  .help = "a public key that must have signed one of them" },
	{ .name = "tsa-ca", .value = "FILE", .many = true,
	  .help = "roots in PEM, one of which must have stamped an archive" },
	{ .name = "data", .value = "PATH", .help = "is this what it speaks of?", .many = true },
};
static const struct action actions[] = {
	{ .operands = "FILE", .least = 1, .most = 1, .options = options,
	  .option_count = COUNT_OF(options), .run = verify,
	  .summary = "check a certificate, head, proof, hand-over or weights, offline" },
};
const struct verb verb_verify = {
	.name = "verify",
	.group = GROUP_PROOF,
	.summary = "check a certificate, head, proof, hand-over or weights, offline",
	.actions = actions,
	.action_count = COUNT_OF(actions),
	.verifies = true,
	.more = "Needs no repository and no network. What is checked here, what others signed, "
		"what the operator asserts and what is not covered are four lists, never mixed. "
		"Exits 0 if every check holds and a key was pinned, else 4. With --policy heads "
		"must be cosigned by its quorum of witnesses, and a log that it lists is pinned. "
		"FILE may also be an attestation (`attest`), a receipt (`receipt`), an archive (`certificate --archive`: the certificate in it and each layer), a head (`checkpoint`), a tlog-proof (`log prove`), a hand-over "
		"(`handover.json`; --data manifest.csv is its list), or the "
		"weights of an exact model (`model export --sums`): with `--data sums.safetensors` "
		"they are held against their sums, in integers, and no key is needed. Files of a "
		"checkpoint given to a certificate with --data, checkpoint.json among them, are "
		"told by what it opens; a folder of `model export` stands for the files in it. With "
		"--signoff each of these must be about exactly this FILE; who signed is anybody's "
		"word unless --signer names the key.",
};
