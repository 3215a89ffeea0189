#include "base/options.h"

#include <string.h>

#include "base/test.h"

static struct error e;
static bool yes;
static const char *out;
static struct option_list tags;

static const struct option_spec specs[] = {
	{ .name = "yes", .help = "do not ask", .flag = &yes },
	{ .name = "out", .value = "FILE", .help = "where to", .letter = 'o', .text = &out },
	{ .name = "tag", .value = "TAG", .help = "a tag", .many = &tags },
};

/* Words after the program's name, parted by single spaces; operands are left in argv. */
static char words[4096];
static char *argv[600];
static char program[] = "rescind", tag_word[] = "--tag=t";

static int parse(const char *text, int *ret_operands)
{
	int argc = 0;

	yes = false;
	out = NULL;
	tags.count = 0;
	memset(&e, 0, sizeof(e));
	memset(argv, 0, sizeof(argv));
	argv[argc++] = program;
	strcpy(words, text);
	for (char *at = words, *word; text[0] && (word = strsep(&at, " "));)
		argv[argc++] = word;
	return options_parse(argc, argv, specs, COUNT_OF(specs), ret_operands, &e);
}

TEST(options_stand_anywhere_among_operands)
{
	const char *spellings[] = { "--yes --out f a b", "a --yes b --out=f", "a b --out f --yes",
				    "--out=f --yes -- a b", "a --out f --yes -- b",
				    "a -o f --yes b", "--yes a b -o f" };
	int n;

	for (size_t i = 0; i < COUNT_OF(spellings); i++) {
		check_ok(parse(spellings[i], &n));
		check(n == 2 && strcmp(argv[1], "a") == 0 && strcmp(argv[2], "b") == 0);
		check(!argv[3]);
		check(yes && strcmp(out, "f") == 0);
	}
	check_ok(parse("", &n));
	check(n == 0 && !yes && !out);
}

TEST(after_two_dashes_everything_is_an_operand)
{
	int n;

	check_ok(parse("-- --yes -x -- --nothing=1", &n));
	check(n == 4 && !yes && strcmp(argv[1], "--yes") == 0 && strcmp(argv[3], "--") == 0);
	check_ok(parse("a - b", &n));
	check(n == 3 && strcmp(argv[2], "-") == 0);
}

TEST(what_no_table_holds_is_named)
{
	int n = 7;

	check_code(parse("a --x b", &n), E_USAGE);
	check(strcmp(e.text, "no option --x") == 0);
	check_code(parse("--ye", &n), E_USAGE);
	check_code(parse("--yess", &n), E_USAGE);
	check_code(parse("--=1", &n), E_USAGE);
	check_code(parse("---", &n), E_USAGE);
	check_code(parse("-y", &n), E_USAGE);
	check(strcmp(e.text, "no option -y") == 0);
	check_code(parse("-of", &n), E_USAGE);
	check_code(parse("-o=f", &n), E_USAGE);
	check_code(parse("--o f", &n), E_USAGE);
	check(n == 7);
}

TEST(values_are_asked_for_and_kept_apart_from_options)
{
	int n;

	check_code(parse("a --out", &n), E_USAGE);
	check(strcmp(e.text, "--out needs FILE") == 0);
	check_code(parse("--out --yes", &n), E_USAGE);
	check_code(parse("-o", &n), E_USAGE);
	check_code(parse("-o --yes", &n), E_USAGE);
	check_code(parse("-o f --out g", &n), E_USAGE);
	check_code(parse("--out -- a", &n), E_USAGE);
	check_code(parse("--yes=1", &n), E_USAGE);
	check_code(parse("--out a --out b", &n), E_USAGE);
	check(strcmp(e.text, "--out given twice") == 0);
	check_ok(parse("--out=--yes", &n));
	check(!yes && strcmp(out, "--yes") == 0);
	check_ok(parse("--out=a=b", &n));
	check(strcmp(out, "a=b") == 0);
	check_ok(parse("--out=", &n));
	check(strcmp(out, "") == 0);
	check_ok(parse("--out - --yes --yes", &n));
	check(n == 0 && strcmp(out, "-") == 0);
}

TEST(many_values_are_kept_in_order_up_to_the_limit)
{
	char *many[2 + OPTION_MANY_MAX + 1] = { program };
	int n;

	check_ok(parse("--tag a x --tag=b --tag c", &n));
	check(n == 1 && tags.count == 3 && strcmp(tags.values[2], "c") == 0);
	for (int i = 1; i <= OPTION_MANY_MAX + 1; i++)
		many[i] = tag_word;
	tags.count = 0;
	check_ok(options_parse(1 + OPTION_MANY_MAX, many, specs, COUNT_OF(specs), &n, &e));
	check(tags.count == OPTION_MANY_MAX);
	for (int i = 1; i <= OPTION_MANY_MAX + 1; i++)
		many[i] = tag_word;
	tags.count = 0;
	check_code(options_parse(2 + OPTION_MANY_MAX, many, specs, COUNT_OF(specs), &n, &e), E_USAGE);
	check_code(options_parse(1, many, specs, OPTION_SPECS_MAX + 1, &n, &e), E_RANGE);
}

TEST_MAIN("options")
