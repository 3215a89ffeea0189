#include "cli/help.h"

#include "base/fault.h"
#include "base/file.h"
#include "rights/decide.h"

enum { WIDTH = 80, OPTION_WIDTH = 24 };

/* --- one verb --- */

void help_usage(struct print *p, const struct verb *v, const struct action *a)
{
	print_put(p, "rescind %s", v->name);
	if (a->name)
		print_put(p, " %s", a->name);
	if (a->operands)
		print_put(p, " %s", a->operands);
	for (size_t i = 0; i < a->option_count; i++) {
		const struct verb_option *o = &a->options[i];

		print_put(p, " %s", o->needed ? "" : "[");
		if (o->letter)
			print_put(p, "-%c", o->letter);
		else
			print_put(p, "--%s", o->name);
		if (o->value)
			print_put(p, " %s", o->value);
		print_put(p, "%s%s", o->needed ? "" : "]", o->many ? "*" : "");
	}
}

/* A word; in a usage an option and its value are one. */
static size_t word_len(const char *text, bool usage)
{
	size_t len = strcspn(text, " ");

	while (usage && text[len] == ' ' && text[len + 1] != '[' && text[len + 1] != '-')
		len += 1 + strcspn(text + len + 1, " ");
	return len;
}

/* Words of text in lines; indent is that of all lines but the first, which has it already. */
static void put_wrapped(struct print *p, const char *text, size_t indent, bool usage)
{
	size_t column = usage ? 0 : indent;

	while (*text) {
		size_t len = word_len(text, usage);

		if (column > indent && column + len + 1 > WIDTH) {
			print_put(p, "\n%*s", (int)indent, "");
			column = indent;
		}
		print_put(p, "%s%.*s", column > indent ? " " : "", (int)len, text);
		column += len + (column > indent);
		text += len + (text[len] == ' ');
	}
	print_put(p, "\n");
}

static void put_options(struct print *p, const struct verb_option *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct verb_option *o = &options[i];
		char name[64];

		if (o->letter)
			snprintf(name, sizeof(name), "-%c, --%s%s%s", o->letter, o->name,
				 o->value ? " " : "", o->value ? o->value : "");
		else
			snprintf(name, sizeof(name), "--%s%s%s", o->name, o->value ? " " : "",
				 o->value ? o->value : "");
		print_put(p, "  %-*s", OPTION_WIDTH - 2, name);
		if (strlen(name) > OPTION_WIDTH - 3)
			print_put(p, "\n%*s", OPTION_WIDTH, "");
		put_wrapped(p, o->help, OPTION_WIDTH, false);
	}
}

static void put_action(struct print *p, const struct verb *v, const struct action *a)
{
	scoped(buf) *line = NULL;
	struct print plain = { .e = p->e };

	if (p->e->code || buf_create(&line, 256, p->e) < 0)
		return;
	plain.text = line;
	help_usage(&plain, v, a);
	put_wrapped(p, buf_text(line), 6, true);
	print_put(p, "  %s\n", a->summary);
	put_options(p, a->options, a->option_count);
	print_put(p, "\n");
}

static void put_verb(struct print *p, const struct verb *v, const struct action *only)
{
	for (size_t i = 0; i < v->action_count; i++)
		if (!only || only == &v->actions[i])
			put_action(p, v, &v->actions[i]);
	if (v->more) {
		put_wrapped(p, v->more, 0, false);
		print_put(p, "\n");
	}
	print_put(p, "Global options, anywhere among the words:\n");
	put_options(p, global_options, global_option_count);
}

/* --- all of them --- */

static void put_overview(struct print *p)
{
	print_put(
		p,
		"Rescind lets data in and out only with a right to use it, remembers what every\n"
		"checkpoint was trained on, takes data back out of all that grew from it, and\n"
		"proves it.\n\n"
		"usage: rescind [--repo DIR] [--json] [--quiet] [--as ROLE] [--at TIME] VERB ..\n");
	for (int group = 0; group < GROUP_COUNT; group++) {
		print_put(p, "\n");
		print_title(p, verb_group_names[group]);
		for (size_t i = 0; verbs[i]; i++)
			if ((int)verbs[i]->group == group)
				print_put(p, "  %-12s %s\n", verbs[i]->name, verbs[i]->summary);
	}
	print_put(p, "\nrescind help VERB says more; rescind help TOPIC is of\n ");
	for (size_t i = 0; i < help_topic_count; i++)
		print_put(p, "%s %s", i ? "," : "", help_topics[i].name);
	print_put(p, ", reasons, faults.\n");
}

static void put_faults(struct print *p)
{
	for (int i = 0; i < FAULT_COUNT; i++)
		print_put(p, "%s\n", fault_names[i]);
}

static void put_reasons(struct print *p)
{
	print_put(p, "Why a decision denies; `rescind explain` says which hold of a record:\n");
	for (int r = 0; r < REASON_COUNT; r++)
		print_put(p, "  %-16s %s\n", reason_code((enum reason)r), reason_sentence((enum reason)r));
	print_put(p, "A notice is a transfer with --notified yes, or a grant by each person in it. A\n"
		     "grant is by each person in it; where nobody is known, for the source.\n");
}

static bool put_topic(struct print *p, const char *name)
{
	static const struct { const char *name; void (*put)(struct print *p); } lists[] = {
		{ "faults", put_faults }, { "reasons", put_reasons },
	};

	for (size_t i = 0; i < COUNT_OF(lists); i++)
		if (strcmp(lists[i].name, name) == 0) {
			lists[i].put(p);
			return true;
		}
	for (size_t i = 0; i < help_topic_count; i++)
		if (strcmp(help_topics[i].name, name) == 0) {
			print_put(p, "%s", help_topics[i].text);
			return true;
		}
	return false;
}

static int put_help(struct print *p, const struct verb *v, const struct action *a)
{
	if (v)
		put_verb(p, v, a);
	else
		put_overview(p);
	return p->e->code;
}

int help_of(struct call *c, struct error *e)
{
	struct print p = { .colour = c->colour, .e = e };
	scoped(buf) *text = NULL;

	if (buf_create(&text, 8192, e) < 0)
		return e->code;
	p.text = text;
	if (put_help(&p, c->verb, c->action) < 0)
		return e->code;
	return call_bytes(c, text->data, text->len, e);
}

/* --- the verb --- */

static int put_about(struct print *p, const char *name, const char *sub, struct error *e)
{
	char shown[96];
	const struct verb *v = verb_find(name);
	const struct action *a = v && sub ? action_find(v, sub) : NULL;

	if (v && (a || !sub))
		return put_help(p, v, a);
	if (!sub && put_topic(p, name))
		return e->code;
	path_escape(shown, sizeof(shown), v ? sub : name);
	name = v ? action_nearest(v, sub) : verb_nearest(name);
	if (name)
		return error_set(e, E_USAGE, "no help on %s (did you mean %s?)", shown, name);
	return error_set(e, E_USAGE, "no help on %s (rescind help shows what there is)", shown);
}

static int help(struct call *c, struct error *e)
{
	struct print p = { .colour = c->colour, .e = e };
	const char *shell = call_text(c, "completion"), *name = call_operand(c, 0);
	scoped(buf) *text = NULL;
	int code;

	if (buf_create(&text, 16384, e) < 0)
		return e->code;
	p.text = text;
	if (call_flag(c, "man"))
		man_put(&p);
	if (shell)
		code = completion_put(&p, shell, e);
	else if (name)
		code = put_about(&p, name, call_operand(c, 1), e);
	else if (!call_flag(c, "man"))
		code = put_help(&p, NULL, NULL);
	else
		code = e->code;
	return code < 0 ? code : call_bytes(c, text->data, text->len, e);
}

static const struct verb_option options[] = {
	{ .name = "man", .help = "all of it as a man page" },
	{ .name = "completion", .value = "SHELL", .help = "the completion of bash, zsh or fish" },
};
static const struct action actions[] = {
	{ .operands = "[VERB|TOPIC [WORD]]", .most = 2, .options = options,
	  .option_count = COUNT_OF(options), .run = help,
	  .summary = "what there is; or on one verb or topic" },
};
const struct verb verb_help = {
	.name = "help", .group = GROUP_HELP, .summary = "on a verb or a topic", .actions = actions,
	.action_count = COUNT_OF(actions),
};
