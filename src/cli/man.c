/* The man page: roff(7) with man(7)'s macros, of everything in the table. */
#include "cli/help.h"

/* Text of ours: a backslash or a dash means itself, and no line begins with a dot or quote. */
static void put_roff(struct print *p, const char *text)
{
	bool begins = true;

	for (; *text; text++) {
		if (begins && (*text == '.' || *text == '\''))
			print_put(p, "\\&");
		if (*text == '\\')
			print_put(p, "\\e");
		else
			print_put(p, "%s%c", *text == '-' ? "\\" : "", *text);
		begins = *text == '\n';
	}
}

static void put_option(struct print *p, const struct verb_option *o)
{
	print_put(p, ".TP\n\\fB");
	if (o->letter)
		print_put(p, "\\-%c\\fR, \\fB", o->letter);
	print_put(p, "\\-\\-");
	put_roff(p, o->name);
	print_put(p, "\\fR");
	if (o->value) {
		print_put(p, " \\fI");
		put_roff(p, o->value);
		print_put(p, "\\fR");
	}
	print_put(p, "\n");
	put_roff(p, o->help);
	print_put(p, "\n");
}

static void put_action(struct print *p, const struct verb *v, const struct action *a)
{
	scoped(buf) *line = NULL;
	struct print plain = { .e = p->e };

	if (p->e->code || buf_create(&line, 256, p->e) < 0)
		return;
	plain.text = line;
	help_usage(&plain, v, a);
	print_put(p, ".PP\n\\fB");
	put_roff(p, buf_text(line));
	print_put(p, "\\fR\n.br\n");
	put_roff(p, a->summary);
	print_put(p, "\n");
	for (size_t i = 0; i < a->option_count; i++)
		put_option(p, &a->options[i]);
}

static void put_verbs(struct print *p)
{
	print_put(p, ".SH VERBS\n");
	for (size_t i = 0; verbs[i]; i++) {
		print_put(p, ".SS %s\n", verbs[i]->name);
		for (size_t a = 0; a < verbs[i]->action_count; a++)
			put_action(p, verbs[i], &verbs[i]->actions[a]);
		if (!verbs[i]->more)
			continue;
		print_put(p, ".PP\n");
		put_roff(p, verbs[i]->more);
		print_put(p, "\n");
	}
}

void man_put(struct print *p)
{
	print_put(
		p,
		".TH RESCIND 1 \"\" \"rescind " RESCIND_VERSION "\"\n"
		".SH NAME\nrescind \\- take data back out of all that grew from it, and prove it\n"
		".SH SYNOPSIS\n.B rescind\n[\\fIglobal options\\fR] \\fIVERB\\fR ..\n"
		".SH DESCRIPTION\nData goes to stdout, stories go to stderr. Nothing destructive "
		"is done but by a plan that was approved by its hash.\n.SH OPTIONS\n"
		"These may stand anywhere among the words of every verb.\n");
	for (size_t i = 0; i < global_option_count; i++)
		put_option(p, &global_options[i]);
	put_verbs(p);
	for (size_t i = 0; i < help_topic_count; i++) {
		print_put(p, ".SH \"");
		put_roff(p, help_topics[i].title);
		print_put(p, "\"\n.nf\n");
		put_roff(p, help_topics[i].text);
		print_put(p, ".fi\n");
	}
	print_put(p, ".SH FILES\n.TP\n\\&.rescind/\nthe repository: log, vault and catalog; its "
		     "keys live apart from it.\n");
}
