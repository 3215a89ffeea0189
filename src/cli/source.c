#include "cli/call.h"
#include "flow/rights.h"

static struct terms_words terms_of_words(const struct call *c, const char *file)
{
	return (struct terms_words){
		.terms = file, .licence = call_text(c, "licence"), .allow = call_text(c, "allow"),
		.deny = call_text(c, "deny"), .basis = call_text(c, "basis"),
		.from = call_text(c, "from"), .until = call_text(c, "until"),
	};
}

static int add(struct call *c, struct error *e)
{
	struct source_words w = {
		.name = call_operand(c, 0), .controller = call_text(c, "controller"),
		.kind = call_text(c, "kind"), .people = call_text(c, "people"),
		.terms = terms_of_words(c, call_text(c, "terms")),
	};
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_source_add(r, &w, &doc, e), &doc, NULL, e);
}

static int terms(struct call *c, struct error *e)
{
	struct terms_words w = terms_of_words(c, call_operand(c, 1));
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_source_terms(r, call_operand(c, 0), &w, &doc, e), &doc, NULL, e);
}

static void page_all(struct print *p, const json_t *list)
{
	static const struct column columns[] = {
		{ "source", "source", CELL_VALUE }, { "kind", "kind", CELL_VALUE },
		{ "people", "people", CELL_VALUE }, { "records", "records", CELL_VALUE },
		{ "controller", "controller", CELL_VALUE },
	};

	print_table(p, list, columns, COUNT_OF(columns));
}

/* show and ls: ls has no name, and gets all. */
static int show(struct call *c, struct error *e)
{
	return call_look(c, flow_source_show, page_all, e);
}

#define VALIDITY								\
	{ .name = "basis", .value = "BASIS", .help = "the legal basis: consent, contract, "	\
	  "legal-obligation, vital-interest, public-task, legitimate-interest" },		\
	{ .name = "from", .value = "T", .help = "valid from then; else always" },		\
	{ .name = "until", .value = "T", .help = "valid until then; else without end" }

static const struct verb_option add_options[] = {
	{ .name = "controller",
	  .value = "ORG",
	  .help = "who answers for the data",
	  .needed = true },
	{ .name = "kind",
	  .value = "KIND",
	  .help = "partner, upload, scrape, licensed, public or synthetic",
	  .needed = true },
	{ .name = "licence",
	  .value = "SPDX",
	  .help = "its licence, an SPDX id or LicenseRef-*",
	  .needed = true },
	{ .name = "terms",
	  .value = "FILE",
	  .help = "the document; its digest is kept",
	  .needed = true },
	{ .name = "allow", .value = "USE,..", .help = "what the terms allow", .needed = true },
	{ .name = "deny", .value = "USE,..", .help = "what they deny, and all below it" },
	{ .name = "people",
	  .value = "WHAT",
	  .help = "none, personal or biometric; else biometric" },
	VALIDITY,
};
static const struct verb_option terms_options[] = {
	{ .name = "from", .value = "T", .help = "valid from then", .needed = true },
	{ .name = "until", .value = "T", .help = "valid until then; else without end" },
	{ .name = "licence", .value = "SPDX", .help = "its licence; else as before" },
	{ .name = "allow", .value = "USE,..", .help = "what these terms allow; else as before" },
	{ .name = "deny", .value = "USE,..", .help = "what they deny; else as before" },
	{ .name = "basis", .value = "BASIS", .help = "the legal basis; else as before" },
};
static const struct action actions[] = {
	{ .name = "add", .operands = "NAME", .least = 1, .most = 1,
	  .summary = "a new source, and the first version of its terms", .options = add_options,
	  .option_count = COUNT_OF(add_options), .run = add },
	{ .name = "terms", .operands = "NAME FILE", .least = 2, .most = 2,
	  .summary = "a new dated version of its terms", .options = terms_options,
	  .option_count = COUNT_OF(terms_options), .run = terms },
	{ .name = "ls", .summary = "every source", .run = show },
	{ .name = "show", .operands = "NAME", .least = 1, .most = 1,
	  .summary = "one, with every version of its terms", .run = show },
};
const struct verb verb_source = {
	.name = "source", .group = GROUP_RIGHTS, .actions = actions,
	.action_count = COUNT_OF(actions), .summary = "where data comes from, and on what terms",
	.more = "A USE is PROCESSING:PURPOSE, as in train:IdentityVerification. Processing is "
		"train, finetune, evaluate, embed, infer or share, and none includes another; "
		"purposes are those of the Data Privacy Vocabulary. People not stated: biometric.",
};
