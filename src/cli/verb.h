/*
 * verb: what a verb of the command line is: one table, from which words are read and help, the
 * man page and completion are made. A verb is one file: words in, one call inward, words out.
 * Read only by the files of cli/.
 */
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/own.h"

struct call; /* cli/call.h */

struct verb_option {
	const char *name;  /* without the dashes */
	const char *value; /* what stands for it in help; NULL: a flag */
	const char *help;  /* one line */
	char letter;	   /* of its short form; 0: none */
	bool many, needed;
};

/* What can be done with a verb: one action without a name, or several with; or both, the one
 * without a name first: then a first operand that is no name of an action is its own. */
struct action {
	const char *name;     /* "open" of `order open` */
	const char *operands; /* as in help: "ID HASH", "[COUNT]"; NULL: none */
	size_t least, most;   /* how many of them; ANY_NUMBER: no end */
	const char *summary;
	const struct verb_option *options;
	size_t option_count;
	/* Returns 0 or a code; main.c makes the exit code and the line of the error. */
	int (*run)(struct call *c, struct error *e);
};
#define ANY_NUMBER ((size_t)-1)

enum verb_group { GROUP_START, GROUP_RIGHTS, GROUP_DATA, GROUP_ORDER, GROUP_PROOF, GROUP_CARE,
		  GROUP_HELP, GROUP_COUNT };

struct verb {
	const char *name;
	enum verb_group group;
	const char *summary;
	const struct action *actions;
	size_t action_count;
	const char *more; /* paragraphs for its own help; NULL */
	bool verifies;	  /* E_MISMATCH is its answer "it does not hold": exit 4 */
};

/* table.c: in the order of help, NULL-ended. */
extern const struct verb *const verbs[];
extern const char *const verb_group_names[GROUP_COUNT];
extern const struct verb_option global_options[];
extern const size_t global_option_count;

const struct verb *verb_find(const char *name); /* NULL: there is none */
/* The name that somebody who typed this may have meant; NULL: none is near. */
const char *verb_nearest(const char *typed);
const char *action_nearest(const struct verb *v, const char *typed);
/* NULL when there is none. name NULL: the one without a name. */
const struct action *action_find(const struct verb *v, const char *name);

extern const struct verb verb_init, verb_status, verb_source, verb_transfer, verb_grant, verb_key,
	verb_ingest, verb_ls, verb_show, verb_explain, verb_dataset, verb_model, verb_impact,
	verb_order, verb_certificate, verb_verify, verb_log, verb_fsck, verb_compact, verb_help,
	verb_version, verb_train, verb_deploy, verb_undeploy, verb_output, verb_gate, verb_trace, verb_share, verb_hold,
	verb_predict, verb_evaluate, verb_receipt, verb_attest;

#endif
