#include "cli/call.h"

#include "base/test.h"
#include "base/text.h"

static struct error e;
static struct call c;

/* Words parted by single spaces, after the program's name. */
static char words[4096];
static char *argv[128];
static char program[] = "rescind";

static int parse(const char *text)
{
	int argc = 1;

	memset(&c, 0, sizeof(c));
	memset(&e, 0, sizeof(e));
	memset(argv, 0, sizeof(argv));
	argv[0] = program;
	strcpy(words, text);
	for (char *at = words, *word; text[0] && (word = strsep(&at, " "));)
		argv[argc++] = word;
	return call_parse(&c, argc, argv, &e);
}

/* The words of base with more put in at place (0: before all). */
static const char *with(const char *base, const char *more, int place)
{
	static char text[4096];
	const char *at = base;

	for (int i = 0; i < place && at; i++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	if (at)
		snprintf(text, sizeof(text), "%.*s%s %s", (int)(at - base), base, more, at);
	else
		snprintf(text, sizeof(text), "%s %s", base, more);
	return text;
}

static void check_open(void)
{
	check(c.verb == &verb_order && c.action && strcmp(c.action->name, "open") == 0);
	check(c.operand_count == 1 && strcmp(call_operand(&c, 0), "source:a") == 0);
	check(!call_operand(&c, 1));
	check(strcmp(call_text(&c, "authority"), "CNIL") == 0);
	check(strcmp(call_text(&c, "reason"), "r") == 0 && !call_text(&c, "due"));
	check(!call_flag(&c, "keep-granted"));
}

TEST(global_options_stand_anywhere_among_the_words)
{
	static const char base[] = "order open source:a --authority CNIL --reason=r";
	static const int places[] = { 0, 1, 2, 3, 5, 6 }; /* not between an option and its value */

	for (size_t i = 0; i < COUNT_OF(places); i++) {
		check_ok(parse(with(base, "--json", places[i])));
		check_open();
		check(c.json && !c.quiet && !call_text(&c, "repo"));
		check_ok(parse(with(base, "--quiet --repo d", places[i])));
		check_open();
		check(!c.json && c.quiet && strcmp(call_text(&c, "repo"), "d") == 0);
		check_ok(parse(with(base, "--repo=d --as status", places[i])));
		check_open();
		check(strcmp(call_text(&c, "as"), "status") == 0);
		check_ok(parse(with(base, "--at=2014-03-01", places[i])));
		check_open();
		check(c.at_utc_ms == UINT64_C(1393632000000));
	}
	check_ok(parse(base));
	check_open();
	check(c.at_utc_ms == TIME_NONE && !c.json && !c.quiet && !c.help);
}

TEST(an_option_with_an_empty_value_is_refused)
{
	check_ok(parse("order open source:a --authority CNIL --reason r --due=2030-01-01"));
	check_code(parse("order open source:a --authority CNIL --reason r --due="), E_USAGE);
	check_code(parse("order open source:a --authority CNIL --reason r --due "), E_USAGE);
	check_code(parse("order open source:a --authority= --reason r"), E_USAGE);
	check_code(parse("verify f --data a --data="), E_USAGE);
	check_ok(parse("verify f --data a --data b"));
	check_code(parse("status --at="), E_USAGE);
	check_code(parse("status --repo="), E_USAGE);
}

TEST(help_is_found_whatever_else_is_wrong)
{
	static const char *const asked[] = { "order open --help", "order --help open",
					     "-h order open", "order open --nonsense -h",
					     "order open a b c --help" };

	for (size_t i = 0; i < COUNT_OF(asked); i++) {
		check_ok(parse(asked[i]));
		check(c.help && c.verb == &verb_order && strcmp(c.action->name, "open") == 0);
	}
	check_ok(parse("order --help"));
	check(c.help && c.verb == &verb_order && !c.action);
	check_ok(parse("--help"));
	check(c.help && !c.verb);
	check_ok(parse("--version"));
	check(c.verb == &verb_version);
}

TEST(words_that_mean_nothing_are_named_and_the_nearest_offered)
{
	check_code(parse("stauts"), E_USAGE);
	check(strcmp(e.text, "no such verb (did you mean status?)") == 0 && !c.verb);
	check(strcmp(c.typed, "stauts") == 0);
	check_code(parse("order opne a"), E_USAGE);
	check(strcmp(e.text, "opne: no such word here (did you mean open?)") == 0);
	check_code(parse("order"), E_USAGE);
	check(strstr(e.text, "needs one of open, plan, approve, execute, status, ls, refuse"));
	check_code(parse("key rotate"), E_USAGE);
	check_code(parse("train m --dataset d"), E_USAGE);
	check_code(parse("media-child"), E_USAGE);
	check_code(parse(""), E_USAGE);
	check_code(parse("--json"), E_USAGE);
	check(c.json);
	check_code(parse("-- status"), E_USAGE);
	check_code(parse("--origin n init"), E_USAGE);
	check(strcmp(e.text, "--origin: options stand behind the verb") == 0);
}

TEST(what_is_needed_and_what_is_too_much_is_told)
{
	check_code(parse("order open --authority a --reason r"), E_USAGE);
	check(strcmp(e.text, "needs SELECTOR") == 0);
	check_code(parse("order open s --authority a"), E_USAGE);
	check(strcmp(e.text, "needs --reason TEXT") == 0);
	check_code(parse("transfer correct t1 --use u"), E_USAGE); /* an option given many times */
	check(strcmp(e.text, "needs --under FILE") == 0);
	check_ok(parse("transfer correct t1 --use u --under f --under g"));
	check(call_list(&c, "under")->count == 2);
	check_code(parse("status x"), E_USAGE);
	check_code(parse("order approve o1 h x"), E_USAGE);
	check_code(parse("ingest s --use u"), E_USAGE);
	check_ok(parse("ingest s a b c d e f --use u"));
	check(c.operand_count == 7);
	check_code(parse("status --at yesterday"), E_USAGE);
	check_code(parse("status --at="), E_USAGE);
	check_code(parse("status --repo a --repo b"), E_USAGE);
	check_code(parse("status --repo"), E_USAGE);
	check_code(parse("ls s --origin x"), E_USAGE); /* another verb's */
}

TEST(a_verb_of_its_own_may_have_words_too)
{
	struct call *h = &c;

	check_ok(parse("hold --reason r source:a --until 2090-01-01"));
	check(h->action && !h->action->name && strcmp(call_operand(h, 0), "source:a") == 0);
	check_ok(parse("--json hold --repo ls ls"));
	check(h->action && strcmp(h->action->name, "ls") == 0 && h->operand_count == 0);
	check_ok(parse("hold release h1"));
	check(strcmp(h->action->name, "release") == 0 && strcmp(call_operand(h, 0), "h1") == 0);
	check_ok(parse("hold --help"));
	check(h->help && !h->action);
	check_ok(parse("hold ls --help"));
	check(h->help && strcmp(h->action->name, "ls") == 0);
	check_code(parse("hold"), E_USAGE);
	check(strcmp(e.text, "needs SELECTOR") == 0);
	check_code(parse("hold -- ls"), E_USAGE); /* as a selector */
	check(strcmp(e.text, "needs --reason TEXT") == 0);
}

TEST(a_short_option_is_the_long_one)
{
	check_ok(parse("certificate o1 -o f"));
	check(strcmp(call_text(&c, "output"), "f") == 0);
	check_ok(parse("certificate -o - o1"));
	check(strcmp(call_text(&c, "output"), "-") == 0 && strcmp(call_operand(&c, 0), "o1") == 0);
	check_code(parse("certificate o1 -o"), E_USAGE);
	check_code(parse("status -o f"), E_USAGE);
}

TEST(after_two_dashes_words_are_operands)
{
	check_ok(parse("ls -- --json"));
	check(c.operand_count == 1 && !c.json && strcmp(call_operand(&c, 0), "--json") == 0);
	check_ok(parse("show -- -h"));
	check(!c.help && strcmp(call_operand(&c, 0), "-h") == 0);
}

TEST(numbers_are_numbers)
{
	uint64_t n = 7;

	check_ok(parse("log prove 12"));
	check_ok(call_number(&c, 0, "N", &n, &e));
	check(n == 12);
	check_ok(parse("log prove 012"));
	check_code(call_number(&c, 0, "N", &n, &e), E_USAGE);
	check_ok(parse("log prove 99999999999999999999"));
	check_code(call_number(&c, 0, "N", &n, &e), E_USAGE);
	check(n == 12);
}

TEST_MAIN("words")
