#include "base/options.h"

#include <stdint.h>
#include <string.h>

#include "base/file.h"

enum { WORD_SHOWN_MAX = 128 };
/* For stories: a word as people may see it. */
#define SHOWN(word) path_escape((char[WORD_SHOWN_MAX]){ 0 }, WORD_SHOWN_MAX, word)

struct parse {
	const struct option_spec *specs;
	size_t count;
	uint64_t given; /* one bit for each spec */
	int argc, at;
	char **argv;
	struct error *e;
};

/* The spec that word ("name" or "name=value") names; count when there is none. */
static size_t find(const struct parse *p, const char *word)
{
	size_t len = strcspn(word, "="), i;

	for (i = 0; i < p->count; i++)
		if (strlen(p->specs[i].name) == len && memcmp(p->specs[i].name, word, len) == 0)
			break;
	return i;
}

/* The spec that has this letter; count when there is none. */
static size_t find_letter(const struct parse *p, const char *letter)
{
	size_t i = letter[1] == '\0' ? 0 : p->count;

	while (i < p->count && p->specs[i].letter != letter[0])
		i++;
	return i;
}

/* After the '=', or the next word. NULL with e set. */
static const char *value_of(struct parse *p, const struct option_spec *spec, const char *word)
{
	const char *equals = strchr(word, '='), *next;

	if (equals)
		return equals + 1;
	next = p->at + 1 < p->argc ? p->argv[p->at + 1] : NULL;
	if (next && strncmp(next, "--", 2) != 0) {
		p->at++;
		return next;
	}
	if (next && next[2] != '\0') /* likelier a value forgotten than a value like that */
		error_set(p->e, E_USAGE, "--%s needs %s (to give it %s write --%s=%s)", spec->name,
			  spec->value, SHOWN(next), spec->name, SHOWN(next));
	else
		error_set(p->e, E_USAGE, "--%s needs %s", spec->name, spec->value);
	return NULL;
}

static int keep_value(struct parse *p, size_t i, const char *value)
{
	const struct option_spec *spec = &p->specs[i];

	if (spec->many && spec->many->count == OPTION_MANY_MAX)
		return error_set(p->e, E_USAGE, "--%s given more than %d times", spec->name,
				 OPTION_MANY_MAX);
	if (spec->many) {
		spec->many->values[spec->many->count++] = value;
		return 0;
	}
	if (p->given >> i & 1)
		return error_set(p->e, E_USAGE, "--%s given twice", spec->name);
	*spec->text = value;
	return 0;
}

/* dashed: the word as it stands. */
static int option(struct parse *p, const char *dashed)
{
	const char *word = dashed + (dashed[1] == '-' ? 2 : 1), *value;
	size_t i = dashed[1] == '-' ? find(p, word) : find_letter(p, word);
	const struct option_spec *spec = p->specs + i;

	if (i == p->count)
		return error_set(p->e, E_USAGE, "no option %s", SHOWN(dashed));
	if (!spec->value) {
		if (strchr(word, '='))
			return error_set(p->e, E_USAGE, "--%s takes no value", spec->name);
		*spec->flag = true;
		return 0;
	}
	value = value_of(p, spec, word);
	if (!value || keep_value(p, i, value) < 0)
		return E_USAGE;
	p->given |= UINT64_C(1) << i;
	return 0;
}

int options_parse(int argc, char **argv, const struct option_spec *specs, size_t count,
		  int *ret_operands, struct error *e)
{
	struct parse p = { .specs = specs, .count = count, .argc = argc, .argv = argv, .e = e };
	bool ended = false;
	int operands = 0;

	if (count > OPTION_SPECS_MAX)
		return error_set(e, E_RANGE, "more than %d options in a table", OPTION_SPECS_MAX);
	for (p.at = 1; p.at < argc; p.at++) {
		char *word = argv[p.at];

		if (ended || word[0] != '-' || word[1] == '\0')
			argv[1 + operands++] = word;
		else if (strcmp(word, "--") == 0)
			ended = true;
		else if (option(&p, word) < 0)
			return E_USAGE;
	}
	if (1 + operands < argc)
		argv[1 + operands] = NULL;
	*ret_operands = operands;
	return 0;
}
