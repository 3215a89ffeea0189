#include "cli/help.h"

#include "base/fault.h"
#include "base/test.h"
#include "rights/decide.h"

static struct error e;
static struct buf *text;
static struct print p;

static void begin(void)
{
	buf_destroy(text);
	text = NULL;
	memset(&e, 0, sizeof(e));
	check_ok(buf_create(&text, 16, &e));
	p = (struct print){ .text = text, .e = &e };
}

/* What the verb `help` says, as it would reach stdout. */
static void help(struct call *c, const char *a, const char *b, const char *d)
{
	char words[3][64];
	char *argv[] = { words[0], words[0], words[1], words[2], NULL };
	int argc = 2 + (b != NULL) + (d != NULL);

	memset(&e, 0, sizeof(e));
	memset(c, 0, sizeof(*c));
	snprintf(words[0], sizeof(words[0]), "%s", a);
	snprintf(words[1], sizeof(words[1]), "%s", b ? b : "");
	snprintf(words[2], sizeof(words[2]), "%s", d ? d : "");
	argv[argc] = NULL;
	check_ok(call_parse(c, argc, argv, &e));
	check_ok(c->help && c->verb != &verb_help ? help_of(c, &e) : c->action->run(c, &e));
}

static void check_lines_fit(const char *s)
{
	for (; *s; s += strcspn(s, "\n") + 1)
		check(strcspn(s, "\n") <= 80);
}

static void check_table(const struct verb_option *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		check(options[i].name && options[i].help &&
		      !(options[i].many && !options[i].value));
		check(!(options[i].needed && !options[i].value));
		for (size_t k = 0; k < i; k++)
			check(strcmp(options[i].name, options[k].name) != 0);
		/* Of the global ones only --at gives way, to `output add --at LOCATION`. */
		for (size_t k = 0; options != global_options && k < global_option_count; k++)
			check(strcmp(options[i].name, global_options[k].name) != 0 ||
			      strcmp(options[i].name, "at") == 0);
	}
}

TEST(the_table_of_verbs_is_whole)
{
	for (size_t v = 0; verbs[v]; v++) {
		check(verb_find(verbs[v]->name) == verbs[v] && verbs[v]->summary);
		check(verbs[v]->action_count > 0 && verbs[v]->group < GROUP_COUNT);
		for (size_t i = 0; i < verbs[v]->action_count; i++) {
			const struct action *a = &verbs[v]->actions[i];

			check(a->run && a->summary && a->least <= a->most);
			check(!a->operands == (a->most == 0));
			check(a->name || i == 0);
			check(a->option_count + global_option_count <= CALL_OPTIONS_MAX);
			check(action_find(verbs[v], a->name) == a);
			check_table(a->options, a->option_count);
		}
	}
	check_table(global_options, global_option_count);
	check(!verb_find("media-child") && !verb_find("") && !action_find(&verb_order, "rotate"));
}

TEST(help_of_every_verb_holds_its_options_in_lines_that_fit)
{
	struct call c;

	for (size_t v = 0; verbs[v]; v++) {
		help(&c, "help", verbs[v]->name, NULL);
		check_lines_fit(buf_text(c.out));
		for (size_t i = 0; i < verbs[v]->action_count; i++) {
			const struct action *a = &verbs[v]->actions[i];

			check(strstr(buf_text(c.out), a->summary));
			for (size_t o = 0; o < a->option_count; o++)
				check(strstr(buf_text(c.out), a->options[o].name));
		}
		buf_destroy(c.out);
	}
	help(&c, "--help", NULL, NULL);
	check_lines_fit(buf_text(c.out));
	for (size_t v = 0; verbs[v]; v++)
		check(strstr(buf_text(c.out), verbs[v]->summary));
	buf_destroy(c.out);
}

TEST(help_on_one_word_of_a_verb_is_on_that_alone)
{
	struct call c;

	help(&c, "help", "order", "approve");
	check(strncmp(buf_text(c.out), "rescind order approve ID HASH\n", 30) == 0);
	check(!strstr(buf_text(c.out), "rescind order open"));
	buf_destroy(c.out);
	help(&c, "order", "approve", "--help");
	check(strncmp(buf_text(c.out), "rescind order approve ID HASH\n", 30) == 0);
	buf_destroy(c.out);
}

TEST(faults_are_one_name_a_line)
{
	const char *at;
	struct call c;

	help(&c, "help", "faults", NULL);
	at = buf_text(c.out);
	for (int i = 0; i < FAULT_COUNT; i++) {
		size_t len = strlen(fault_names[i]);

		check(strncmp(at, fault_names[i], len) == 0 && at[len] == '\n');
		at += len + 1;
	}
	check(*at == '\0');
	buf_destroy(c.out);
}

TEST(every_reason_of_a_denial_is_explained)
{
	struct call c;

	help(&c, "help", "reasons", NULL);
	for (int r = 0; r < REASON_COUNT; r++) {
		check(strstr(buf_text(c.out), reason_code((enum reason)r)));
		check(strstr(buf_text(c.out), reason_sentence((enum reason)r)));
	}
	buf_destroy(c.out);
}

TEST(man_page_and_completions_know_every_verb)
{
	static const char *const shells[] = { "bash", "zsh", "fish" };

	for (size_t s = 0; s < COUNT_OF(shells); s++) {
		begin();
		check_ok(completion_put(&p, shells[s], &e));
		for (size_t v = 0; verbs[v]; v++)
			for (size_t i = 0; i < verbs[v]->action_count; i++)
				check(strstr(buf_text(text), verbs[v]->name) &&
				      (!verbs[v]->actions[i].name ||
				       strstr(buf_text(text), verbs[v]->actions[i].name)));
	}
	check_code(completion_put(&p, "tcsh", &e), E_USAGE);
	begin();
	man_put(&p);
	check(e.code == 0 && strncmp(buf_text(text), ".TH RESCIND 1", 13) == 0);
	for (size_t v = 0; verbs[v]; v++) {
		char head[64];

		snprintf(head, sizeof(head), "\n.SS %s\n", verbs[v]->name);
		check(strstr(buf_text(text), head));
	}
	check(strstr(buf_text(text), "\\-\\-keep\\-granted"));
	check(!strstr(buf_text(text), "\n'"));
}

TEST_MAIN("help")
