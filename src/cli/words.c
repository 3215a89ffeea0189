/* Words to a call, by the table of verbs. Pure but for the order of argv. */
#include <stdio.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/call.h"

enum { SHOWN_MAX = 96 };
#define SHOWN(word) path_escape((char[SHOWN_MAX]){ 0 }, SHOWN_MAX, word)

/* --json and --help hold even where other words are wrong: a value that begins with "--" needs
 * its "=", so a word like that is always the option. */
static void look_ahead(struct call *c, int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		c->json |= strcmp(argv[i], "--json") == 0;
		c->quiet |= strcmp(argv[i], "--quiet") == 0;
		c->help |= strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0;
	}
}

static const struct verb_option *global_option(const char *word)
{
	size_t len = word[1] == '-' ? strcspn(word + 2, "=") : 0;

	for (size_t i = 0; i < global_option_count; i++) {
		const struct verb_option *o = &global_options[i];

		if (len > 0 ? strlen(o->name) == len && memcmp(o->name, word + 2, len) == 0 :
			      o->letter && word[1] == o->letter && word[2] == '\0')
			return o;
	}
	return NULL;
}

/* The action of this name, if the first operand is one; that is taken out of argv. Other options
 * of the verb may stand before an operand that is none. */
static const struct action *take_named(const struct verb *v, int *argc, char **argv)
{
	for (int i = 1; i < *argc && strcmp(argv[i], "--") != 0; i++) {
		bool plain = argv[i][0] != '-' || argv[i][1] == '\0';
		const struct verb_option *o = plain ? NULL : global_option(argv[i]);
		const struct action *a = plain ? action_find(v, argv[i]) : NULL;

		if (!o && !a)
			return NULL;
		if (a) {
			memmove(argv + i, argv + i + 1, (size_t)(*argc - i) * sizeof(*argv));
			--*argc;
			return a;
		}
		if (o->value && !strchr(argv[i], '='))
			i++;
	}
	return NULL;
}

/* Take the first operand out of argv: global options may stand before it. *ret NULL: none. */
static int take_operand(int *argc, char **argv, const char *what, char **ret, struct error *e)
{
	*ret = NULL;
	for (int i = 1; i < *argc && strcmp(argv[i], "--") != 0; i++) {
		const struct verb_option *o;

		if (argv[i][0] != '-' || argv[i][1] == '\0') {
			*ret = argv[i];
			memmove(argv + i, argv + i + 1, (size_t)(*argc - i) * sizeof(*argv));
			--*argc;
			return 0;
		}
		o = global_option(argv[i]);
		if (!o)
			return error_set(e, E_USAGE, "%s: options stand behind the %s",
					 SHOWN(argv[i]), what);
		if (o->value && !strchr(argv[i], '='))
			i++;
	}
	return 0;
}

static int unknown(const char *what, const char *meant, struct error *e)
{
	if (meant)
		return error_set(e, E_USAGE, "no such %s (did you mean %s?)", what, meant);
	return error_set(e, E_USAGE, "no such %s (rescind help shows them all)", what);
}

static int find_verb(struct call *c, int *argc, char **argv, struct error *e)
{
	char *word;

	if (*argc == 2 && strcmp(argv[1], "--version") == 0) { /* a habit of other programs */
		c->verb = &verb_version;
		--*argc;
		return 0;
	}
	if (take_operand(argc, argv, "verb", &word, e) < 0)
		return e->code;
	if (!word && c->help)
		return 0;
	if (!word)
		return error_set(e, E_USAGE, "no verb (rescind help shows them all)");
	c->typed = word;
	c->verb = verb_find(word);
	return c->verb ? 0 : unknown("verb", verb_nearest(word), e);
}

static int find_action(struct call *c, int *argc, char **argv, struct error *e)
{
	const struct verb *v = c->verb;
	char *word, known[SHOWN_MAX * 2] = "";
	size_t len = 0;

	c->action = action_find(v, NULL);
	if (c->action && v->action_count > 1) {
		const struct action *named = take_named(v, argc, argv);

		if (named || c->help)
			c->action = named;
		return 0;
	}
	if (c->action)
		return 0;
	if (take_operand(argc, argv, "word after the verb", &word, e) < 0)
		return e->code;
	if (word)
		c->action = action_find(v, word);
	if (c->action || c->help)
		return 0;
	if (word && action_nearest(v, word))
		return error_set(e, E_USAGE, "%s: no such word here (did you mean %s?)",
				 SHOWN(word), action_nearest(v, word));
	for (size_t i = 0; i < v->action_count && len < sizeof(known); i++)
		len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s", i ? ", " : "",
					v->actions[i].name);
	return word ? error_set(e, E_USAGE, "%s: no such word here (use one of %s)", SHOWN(word),
				known) :
		      error_set(e, E_USAGE, "needs one of %s", known);
}

/* Targets for the options of the call, as options_parse wants them. */
static size_t prepare(struct call *c, struct option_spec *specs)
{
	size_t own = c->action->option_count, count = 0;

	for (size_t i = 0; i < global_option_count + own && count < CALL_OPTIONS_MAX; i++) {
		const struct verb_option *o = i < own ? &c->action->options[i] :
							&global_options[i - own];
		struct given *g = &c->given[count];

		g->option = o;
		specs[count++] = (struct option_spec){
			.name = o->name, .value = o->value, .help = o->help, .letter = o->letter,
			.flag = &g->flag, .text = &g->text, .many = o->many ? &g->list : NULL,
		};
	}
	return c->given_count = count;
}

static int check_needed(const struct call *c, struct error *e)
{
	const struct action *a = c->action;

	if (c->operand_count < a->least)
		return error_set(e, E_USAGE, "needs %s", a->operands);
	if (c->operand_count > a->most)
		return error_set(e, E_USAGE, "one word too many: %s", SHOWN(c->operands[a->most]));
	for (size_t i = 0; i < a->option_count; i++) {
		const struct given *g = &c->given[i];

		if (g->option->needed && !g->text && g->list.count == 0)
			return error_set(e, E_USAGE, "needs --%s %s", g->option->name,
					 g->option->value);
	}
	return 0;
}

/* `--until "$end"` where end is not set: an end was meant, and not none. */
static int check_values(const struct call *c, struct error *e)
{
	for (size_t i = 0; i < c->given_count; i++) {
		const struct given *g = &c->given[i];
		bool empty = g->text && !*g->text;

		for (size_t k = 0; k < g->list.count; k++)
			empty |= !*g->list.values[k];
		if (empty)
			return error_set(e, E_USAGE, "--%s: the value is empty (leave the option out "
					 "where none is meant)", g->option->name);
	}
	return 0;
}

static int read_time(struct call *c, struct error *e)
{
	const char *at = call_text(c, "at");

	c->at_utc_ms = TIME_NONE;
	/* `output add --at LOCATION`: an option of the verb's own stands before a global one. */
	for (size_t i = 0; i < c->action->option_count; i++)
		if (strcmp(c->action->options[i].name, "at") == 0)
			return 0;
	if (!at || time_parse(&c->at_utc_ms, at, e) == 0)
		return 0;
	return error_set(e, E_USAGE, "--at %s: no time (write it as 2014-03-01T12:00:00Z)",
			 SHOWN(at));
}

int call_parse(struct call *c, int argc, char **argv, struct error *e)
{
	struct option_spec specs[CALL_OPTIONS_MAX];
	int operands = 0;

	look_ahead(c, argc, argv);
	if (find_verb(c, &argc, argv, e) < 0 ||
	    (c->verb && c->verb != &verb_help && find_action(c, &argc, argv, e) < 0))
		return e->code;
	if (c->verb == &verb_help)
		c->action = action_find(c->verb, NULL);
	if (!c->verb || !c->action || (c->help && c->verb != &verb_help))
		return 0;
	if (options_parse(argc, argv, specs, prepare(c, specs), &operands, e) < 0)
		return e->code;
	c->operands = (const char *const *)(argv + 1);
	c->operand_count = (size_t)operands;
	if (check_values(c, e) < 0 || read_time(c, e) < 0)
		return e->code;
	return check_needed(c, e);
}

/* The verbs ask only for what their tables hold. */
static const struct given *given(const struct call *c, const char *option)
{
	static const struct given nothing;

	for (size_t i = 0; i < c->given_count; i++)
		if (strcmp(c->given[i].option->name, option) == 0)
			return &c->given[i];
	return &nothing;
}

const char *call_text(const struct call *c, const char *option)
{
	return given(c, option)->text;
}

bool call_flag(const struct call *c, const char *option)
{
	return given(c, option)->flag;
}

const struct option_list *call_list(const struct call *c, const char *option)
{
	return &given(c, option)->list;
}

const char *call_operand(const struct call *c, size_t i)
{
	return i < c->operand_count ? c->operands[i] : NULL;
}

int call_number(const struct call *c, size_t operand, const char *what, uint64_t *ret,
		struct error *e)
{
	const char *word = c->operands[operand];

	if (number_parse(ret, word, strlen(word), e) == 0)
		return 0;
	return error_set(e, E_USAGE, "%s is no number, but %s should be one", SHOWN(word), what);
}
