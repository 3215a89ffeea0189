/*
 * call: one command as it was typed, read by the table of verbs, and what every verb does with
 * it: open the repository, print the answer, tell stories. Placed by main.c; one for a process.
 */
#ifndef CLI_CALL_H
#define CLI_CALL_H

#include "base/options.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "repo/repo.h"

enum { CALL_OPTIONS_MAX = 24 };
struct given {
	const struct verb_option *option;
	bool flag;
	const char *text;
	struct option_list list;
};

struct call {
	const struct verb *verb;     /* NULL: none was named */
	const struct action *action; /* NULL: help is wanted of all of the verb */
	const char *typed;	     /* the word in the verb's place; NULL */
	const char *const *operands; /* lent from argv */
	size_t operand_count;
	struct given given[CALL_OPTIONS_MAX];
	size_t given_count;
	bool json, quiet, help;
	uint64_t at_utc_ms;
	struct buf *out; /* for stdout, not written yet; NULL at first; owned */
	bool answered; /* a document is out: its code needs no line of error */
	bool colour;   /* of stdout */
	struct task task;
	struct progress progress;
};

/* Read the words; argv is put in order. c->json and c->typed are known after a failure too.
 * Errors: E_USAGE. */
must_use int call_parse(struct call *c, int argc, char **argv, struct error *e);

/* What was given to an option of the action's table or a global one. */
const char *call_text(const struct call *c, const char *option); /* NULL: not given */
bool call_flag(const struct call *c, const char *option);
const struct option_list *call_list(const struct call *c, const char *option);
const char *call_operand(const struct call *c, size_t i); /* NULL: not that many */
/* As a number. Errors: E_USAGE, which says what it should have been. */
must_use int call_number(const struct call *c, size_t operand, const char *what, uint64_t *ret,
			 struct error *e);

/* The folder named by --repo or $RESCIND_REPO; NULL: neither. */
const char *call_folder(const struct call *c);
/* Open the repository. From here on SIGINT asks the task to stop. */
must_use int call_repo(struct call *c, struct repo **ret, struct error *e);
must_use int call_repo_rebuilt(struct call *c, struct repo **ret, struct error *e);

/* Print the document of a call inward that returned code: as JSON (an array: each item on its own
 * line), or as a page. It is given by its place, since that call may stand among the arguments, and
 * C does not say which of them is evaluated first. page NULL: print_document. Without a document,
 * or with another failure than a denial, a part or (of a verb that verifies) a mismatch, nothing is
 * printed. Returns code; or why printing failed. */
typedef void print_maker(struct print *p, const json_t *document);
must_use int call_answer(struct call *c, int code, json_t *const *document, print_maker *page,
			 struct error *e);
/* show and ls of a verb: what look says of the first operand, or without one of all, with page_all. */
must_use int call_look(struct call *c,
		       int (*look)(struct repo *r, const char *name, json_t **ret, struct error *e),
		       print_maker *page_all, struct error *e);
/* For what comes one by one: the same of each. */
must_use int call_answer_row(struct call *c, const json_t *row, print_maker *page, struct error *e);
/* Bytes to stdout as they are, now or by call_flush. */
must_use int call_bytes(struct call *c, const void *bytes, size_t len_bytes, struct error *e);
must_use int call_flush(struct call *c, struct error *e);
/* Is it "-"? Then what a verb made is all that goes to stdout: nothing is answered beside it. */
bool call_is_stdout(const char *path);
/* What a verb made, there: durable, in place of an older file, also of one that a link leads to; a
 * pipe or a device is written to as it is. path NULL or "-": to stdout. */
must_use int call_save(struct call *c, const char *path, const struct buf *b, unsigned mode,
		       struct error *e);
/* A line on stderr, unless --quiet. */
void call_tell(struct call *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
