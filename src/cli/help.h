/*
 * help: what the table of verbs says of itself: for a terminal, as a man page, as completion.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/call.h"

/* Help on c's verb and action; on all where they are NULL. To stdout. */
must_use int help_of(struct call *c, struct error *e);

/* "rescind order open SELECTOR --authority WHO .. [--due T]", without a newline. */
void help_usage(struct print *p, const struct verb *v, const struct action *a);

/* What stands in help and in the man page. */
struct topic {
	const char *name, *title, *text; /* text: lines of at most 78 characters */
};
extern const struct topic help_topics[];
extern const size_t help_topic_count;

/* man.c: the whole of it as roff. completion.c; shell: E_USAGE unless bash, zsh or fish. */
void man_put(struct print *p);
must_use int completion_put(struct print *p, const char *shell, struct error *e);

#endif
