#include <string.h>

#include "cli/verb.h"
#include "rights/words.h"

const struct verb *const verbs[] = {
	&verb_init, &verb_status,
	&verb_source, &verb_transfer, &verb_grant, &verb_key,
	&verb_ingest, &verb_ls, &verb_show, &verb_explain, &verb_dataset, &verb_share, &verb_train, &verb_predict, &verb_evaluate, &verb_model,
	&verb_deploy, &verb_undeploy, &verb_output, &verb_gate,
	&verb_trace, &verb_impact, &verb_order, &verb_hold,
	&verb_certificate, &verb_attest, &verb_receipt, &verb_verify, &verb_log,
	&verb_fsck, &verb_compact,
	&verb_help, &verb_version,
	NULL
};

const char *const verb_group_names[GROUP_COUNT] = {
	[GROUP_START] = "A repository",
	[GROUP_RIGHTS] = "Where data comes from, and who agreed to what",
	[GROUP_DATA] = "Data, and what is made of it",
	[GROUP_ORDER] = "Taking it back",
	[GROUP_PROOF] = "What a stranger can check",
	[GROUP_CARE] = "The stores themselves",
	[GROUP_HELP] = "Help",
};

const struct verb_option global_options[] = {
	{ .name = "repo", .value = "DIR", .help = "the folder that holds .rescind/; else "
						  "$RESCIND_REPO, else the nearest one upwards" },
	{ .name = "json", .help = "print one JSON document; of lists one object on each line" },
	{ .name = "quiet", .help = "tell no stories on stderr" },
	{ .name = "as", .value = "ROLE", .help = "the role whose key acts; else operator" },
	{ .name = "at", .value = "TIME", .help = "decisions and reports as of then; never what "
						 "is written" },
	{ .name = "help", .letter = 'h', .help = "help on the verb" },
};
const size_t global_option_count = COUNT_OF(global_options);

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; verbs[i]; i++)
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	return NULL;
}

const struct action *action_find(const struct verb *v, const char *name)
{
	for (size_t i = 0; i < v->action_count; i++) {
		const char *own = v->actions[i].name;

		if (own && name ? strcmp(own, name) == 0 : !own && !name)
			return &v->actions[i];
	}
	return NULL;
}

enum { NAMES_MAX = 64 };

const char *verb_nearest(const char *typed)
{
	const char *names[NAMES_MAX];
	size_t count = 0;

	for (size_t i = 0; verbs[i] && count < NAMES_MAX; i++)
		names[count++] = verbs[i]->name;
	return words_nearest(names, count, typed, strlen(typed));
}

const char *action_nearest(const struct verb *v, const char *typed)
{
	const char *names[NAMES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < v->action_count && count < NAMES_MAX; i++)
		if (v->actions[i].name)
			names[count++] = v->actions[i].name;
	return words_nearest(names, count, typed, strlen(typed));
}
