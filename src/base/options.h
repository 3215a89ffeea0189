/*
 * options: command line words by a table; help, man pages and completion come from
 * the same tables. "--name value", "--name=value", "-n value" where it has a letter,
 * flags, and operands; "--" ends options. Options may stand anywhere among the operands.
 */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/own.h"

struct option_spec {
	const char *name;  /* without the dashes */
	const char *value; /* what stands for the value in help; NULL for a flag */
	const char *help;  /* one line */
	char letter;	   /* of its short form; 0: it has none */
	/* Where it goes: a flag sets *flag; a value sets *text (lent from argv), given twice
	 * is E_USAGE unless many is set: then each is appended to list. */
	bool *flag;
	const char **text;
	struct option_list *many;
};

enum { OPTION_MANY_MAX = 256, OPTION_SPECS_MAX = 64 };
struct option_list {
	const char *values[OPTION_MANY_MAX];
	size_t count;
};

/* Parse argv[1..]. Operands are moved to the front of argv from argv[1] on and counted in
 * *ret_operands; NULL follows them. A lone "-" is an operand. A value that begins with "--"
 * needs "--name=value"; short forms stand alone, each before its value. Errors: E_USAGE, names the word. */
must_use int options_parse(int argc, char **argv, const struct option_spec *specs, size_t count,
			   int *ret_operands, struct error *e);

#endif
