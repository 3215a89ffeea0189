#include "cli/log.h"
#include "flow/look.h"

static int chosen_log(const struct call *c, int *ret, struct error *e)
{
	const char *name = call_text(c, "log");

	*ret = name && strcmp(name, "facts") == 0 ? LOG_FACTS : LOG_RECORDS;
	if (name && *ret != LOG_FACTS && strcmp(name, "records") != 0)
		return error_set(e, E_USAGE, "--log is facts or records");
	return 0;
}

/* Notes have lines of their own. */
static void page_notes(struct print *p, const json_t *doc)
{
	const char *key, *text;
	json_t *v;

	json_object_foreach((json_t *)doc, key, v) {
		for (text = json_string_value(v); text && *text;) {
			char line[4096]; /* a line by ML-DSA has 3,300 letters */
			size_t len = strcspn(text, "\n");

			snprintf(line, sizeof(line), "%.*s", (int)len, text);
			print_text(p, line);
			print_put(p, "\n");
			text += len + (text[len] == '\n');
		}
		if (!json_is_string(v)) {
			print_put(p, "%s  ", key);
			print_member(p, key, v);
			print_put(p, "\n");
		}
		print_put(p, "\n");
	}
}

static int head(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_log_head(r, &doc, e), &doc, page_notes, e);
}

static int prove(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped(buf) *proof = NULL;
	scoped_json *doc = json_object_make(e);
	uint64_t index;
	int log;

	if (call_text(c, "format") && strcmp(call_text(c, "format"), "tlog-proof") != 0)
		return error_set(e, E_USAGE, "--format is tlog-proof");
	if (!doc || chosen_log(c, &log, e) < 0 || call_number(c, 0, "N", &index, e) < 0 ||
	    call_repo(c, &r, e) < 0 || buf_create(&proof, 4096, e) < 0 ||
	    flow_log_prove(r, log, index, proof, e) < 0)
		return e->code;
	if (!c->json)
		return call_bytes(c, proof->data, proof->len, e);
	json_set_text(doc, "proof", buf_text(proof), e);
	return e->code ? e->code : call_answer(c, 0, &doc, NULL, e);
}

static int consistency(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;
	uint64_t old, new;
	int log;

	if (chosen_log(c, &log, e) < 0 || call_number(c, 0, "OLD", &old, e) < 0 ||
	    call_number(c, 1, "NEW", &new, e) < 0 || call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_log_consistency(r, log, old, new, &doc, e), &doc, NULL, e);
}

/* "42  2026-03-01T12:00Z  batch  by 1a2b..", then what else is public. */
static void page_fact(struct print *p, const json_t *fact)
{
	static const char *const first[] = { "n", "at", "type" };
	static const char *const known[] = { "n", "at", "type", "v", "private" };
	json_t *v;
	const char *key;

	for (size_t i = 0; i < COUNT_OF(first); i++) {
		print_put(p, "%s", i ? "  " : "");
		print_member(p, "fact", json_object_get(fact, first[i]));
	}
	json_object_foreach((json_t *)fact, key, v) {
		bool said = false;

		for (size_t i = 0; i < COUNT_OF(known); i++)
			said |= strcmp(key, known[i]) == 0;
		if (said)
			continue;
		print_put(p, "  ");
		print_text(p, key);
		print_put(p, " ");
		print_member(p, json_is_integer(v) ? "fact" : key, v); /* of another fact */
	}
	print_put(p, "\n");
}

static int each(void *ctx, json_t *fact, struct error *e)
{
	return call_answer_row(ctx, fact, page_fact, e);
}

static int tail(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	uint64_t count = 10;

	if ((c->operand_count > 0 && call_number(c, 0, "COUNT", &count, e) < 0) ||
	    call_repo(c, &r, e) < 0)
		return e->code;
	return flow_log_tail(r, count, each, c, e);
}

static int successor(struct call *c, struct error *e)
{
	const struct option_list *lost = call_list(c, "lost");
	struct successor_words w = { .reason = call_text(c, "reason"), .drop = call_flag(c, "drop") };
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	w.lost = lost ? lost->values : NULL;
	w.lost_count = lost ? lost->count : 0;
	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_log_successor(r, &w, &doc, e), &doc, NULL, e);
}

static const struct verb_option options[] = {
	{ .name = "log", .value = "LOG", .help = "facts or records; else records" },
};
static const struct verb_option prove_options[] = {
	{ .name = "log", .value = "LOG", .help = "facts or records; else records" },
	{ .name = "format", .value = "FORMAT", .help = "tlog-proof, the only one" },
};
static const struct verb_option witness_options[] = {
	{ .name = "name", .value = "NAME", .help = "what it is called here; else as in its vkey" },
};
static const struct verb_option cosign_options[] = {
	{ .name = "state", .value = "DIR", .help = "where the witness keeps key, logs and heads",
	  .needed = true },
	{ .name = "listen", .value = "ADDRESS:PORT", .help = "where it answers; port 0: any" },
};
static const struct verb_option successor_options[] = {
	{ .name = "lost", .value = "HEAD", .many = true, .needed = true,
	  .help = "certificate, or signed head, that is ahead of all that is left; or: anchor" },
	{ .name = "reason", .value = "TEXT", .help = "how it was lost", .needed = true },
	{ .name = "drop", .help = "destroy keys of what is lost and still opens" },
};
static const struct action actions[] = {
	{ .name = "head", .summary = "the signed heads of both logs", .run = head },
	{ .name = "prove",
	  .operands = "N",
	  .least = 1,
	  .most = 1,
	  .options = prove_options,
	  .option_count = COUNT_OF(prove_options),
	  .run = prove,
	  .summary = "that entry N is in the log, as a C2SP tlog-proof" },
	{ .name = "consistency",
	  .operands = "OLD NEW",
	  .least = 2,
	  .most = 2,
	  .options = options,
	  .option_count = COUNT_OF(options),
	  .run = consistency,
	  .summary = "that the log of size NEW continues the one of size OLD" },
	{ .name = "tail",
	  .operands = "[COUNT]",
	  .most = 1,
	  .summary = "the last facts",
	  .run = tail },
	{ .name = "successor",
	  .options = successor_options,
	  .option_count = COUNT_OF(successor_options),
	  .run = successor,
	  .summary = "go on as another log, where this one really lost its end" },
	{ .name = "witness",
	  .operands = "add URL VKEY | ls | rm NAME | ask | policy",
	  .least = 1,
	  .most = 3,
	  .options = witness_options,
	  .option_count = COUNT_OF(witness_options),
	  .run = log_witness,
	  .summary = "others who sign our heads, and so notice what was rolled back or forked" },
	{ .name = "cosign",
	  .operands = "[new NAME | show | add ORIGIN VKEY | ls | serve]",
	  .most = 3,
	  .options = cosign_options,
	  .option_count = COUNT_OF(cosign_options),
	  .run = log_cosign,
	  .summary = "be a witness for the logs of others; needs no repository" },
};
const struct verb verb_log = {
	.name = "log", .group = GROUP_PROOF, .summary = "the log itself: heads, proofs, facts",
	.actions = actions, .action_count = COUNT_OF(actions),
	.verifies = true,
	.more = "Witnesses are asked by C2SP tlog-witness whenever heads moved, for a moment and never "
		"so that a command waits for long or fails; `log witness ask` asks now. They are "
		"remembered in the keys directory, and their cosignatures lie on the public heads. "
		"`log witness policy` prints a tlog-policy for `verify --policy`. A witness: `log "
		"cosign new NAME --state DIR`, `log cosign add ORIGIN VKEY --state DIR` for each log "
		"that it may sign, then `log cosign --state DIR --listen ADDRESS:PORT`. "
		"`log successor` is for a log whose end is in no log, catalog or backup any more, while its "
		"anchor or a head that it signed knows of it: it ends for ever, and another with a key of its own "
		"goes on. All later statements say so. First put back whatever can be found; afterwards back up "
		"repository and keys at once, together: backups of before are of the log that ended.",
};
