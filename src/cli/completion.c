/* Completion: verbs, their words, their options; then files. */
#include "cli/help.h"

static void put_names(struct print *p, const struct verb *v)
{
	for (size_t i = 0; i < v->action_count; i++)
		if (v->actions[i].name)
			print_put(p, "%s ", v->actions[i].name);
}

static void put_global(struct print *p)
{
	for (size_t i = 0; i < global_option_count; i++)
		print_put(p, "--%s ", global_options[i].name);
}

/* Every option of the verb once, whichever of its actions has it. */
static bool is_first(const struct verb *v, size_t action, size_t option)
{
	const char *name = v->actions[action].options[option].name;

	for (size_t a = 0; a < action; a++)
		for (size_t i = 0; i < v->actions[a].option_count; i++)
			if (strcmp(v->actions[a].options[i].name, name) == 0)
				return false;
	return true;
}

static void put_options(struct print *p, const struct verb *v)
{
	for (size_t a = 0; a < v->action_count; a++)
		for (size_t i = 0; i < v->actions[a].option_count; i++)
			if (is_first(v, a, i))
				print_put(p, "--%s ", v->actions[a].options[i].name);
}

/* --- bash; zsh reads the same through bashcompinit --- */

static void put_cases(struct print *p)
{
	for (size_t i = 0; verbs[i]; i++) {
		print_put(p, "\t%s) subs='", verbs[i]->name);
		put_names(p, verbs[i]);
		print_put(p, "'; options='");
		put_options(p, verbs[i]);
		print_put(p, "' ;;\n");
	}
}

static void put_bash(struct print *p)
{
	print_put(p, "# bash completion of rescind; made by `rescind help --completion bash`\n"
		     "_rescind()\n{\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} verb= sub= subs=\n"
		     "\tlocal options= w i all='");
	for (size_t i = 0; verbs[i]; i++)
		print_put(p, "%s ", verbs[i]->name);
	print_put(p, "' everywhere='");
	put_global(p);
	print_put(p, "'\n\tfor ((i = 1; i < COMP_CWORD; i++)); do\n\t\tw=${COMP_WORDS[i]}\n"
		    "\t\tcase $w in\n");
	for (size_t i = 0; i < global_option_count; i++)
		if (global_options[i].value)
			print_put(p, "\t\t--%s) i=$((i + 1)) ;;\n", global_options[i].name);
	print_put(p, "\t\t-*) ;;\n"
		     "\t\t*) if [ -z \"$verb\" ]; then verb=$w; elif [ -z \"$sub\" ]; then sub=$w; "
		     "fi ;;\n"
		     "\t\tesac\n\tdone\n\tcase $verb in\n\t'') subs=$all ;;\n");
	put_cases(p);
	print_put(p, "\tesac\n\tCOMPREPLY=()\n\tcase $cur in\n"
		    "\t-*) COMPREPLY=($(compgen -W \"$options$everywhere\" -- \"$cur\")) ;;\n"
		    "\t*) [ -n \"$sub\" ] || COMPREPLY=($(compgen -W \"$subs\" -- \"$cur\")) ;;\n"
		    "\tesac\n}\ncomplete -o default -F _rescind rescind\n");
}

static void put_zsh(struct print *p)
{
	print_put(
		p,
		"#compdef rescind\n# zsh completion of rescind; made by `rescind help --completion "
		"zsh`\nautoload -U +X bashcompinit && bashcompinit\n");
	put_bash(p);
}

/* --- fish --- */

static void put_quoted(struct print *p, const char *text)
{
	print_put(p, "'");
	for (; *text; text++)
		print_put(p, "%s%c", *text == '\'' || *text == '\\' ? "\\" : "", *text);
	print_put(p, "'");
}

static void put_fish_option(struct print *p, const char *verb, const struct verb_option *o)
{
	print_put(p, "complete -c rescind");
	if (verb)
		print_put(p, " -n '__fish_seen_subcommand_from %s'", verb);
	print_put(p, " -l %s", o->name);
	if (o->letter)
		print_put(p, " -s %c", o->letter);
	print_put(p, "%s -d ", o->value ? " -r" : "");
	put_quoted(p, o->help);
	print_put(p, "\n");
}

static void put_fish_verb(struct print *p, const struct verb *v)
{
	print_put(p, "complete -c rescind -f -n __fish_use_subcommand -a %s -d ", v->name);
	put_quoted(p, v->summary);
	print_put(p, "\n");
	for (size_t a = 0; a < v->action_count; a++) {
		if (v->actions[a].name) {
			print_put(p,
				  "complete -c rescind -f -n '__fish_seen_subcommand_from %s' -a "
				  "%s -d ",
				  v->name, v->actions[a].name);
			put_quoted(p, v->actions[a].summary);
			print_put(p, "\n");
		}
		for (size_t i = 0; i < v->actions[a].option_count; i++)
			if (is_first(v, a, i))
				put_fish_option(p, v->name, &v->actions[a].options[i]);
	}
}

static void put_fish(struct print *p)
{
	print_put(p, "# fish completion of rescind; made by `rescind help --completion fish`\n");
	for (size_t i = 0; i < global_option_count; i++)
		put_fish_option(p, NULL, &global_options[i]);
	for (size_t i = 0; verbs[i]; i++)
		put_fish_verb(p, verbs[i]);
}

int completion_put(struct print *p, const char *shell, struct error *e)
{
	static const struct {
		const char *shell;
		void (*put)(struct print *p);
	} shells[] = { { "bash", put_bash }, { "zsh", put_zsh }, { "fish", put_fish } };

	for (size_t i = 0; i < COUNT_OF(shells); i++)
		if (strcmp(shells[i].shell, shell) == 0) {
			shells[i].put(p);
			return e->code;
		}
	return error_set(e, E_USAGE, "--completion is bash, zsh or fish");
}
