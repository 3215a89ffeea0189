/* The binary: words in, one verb, an exit code and, where it failed, one line. */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/sys.h"
#include "cli/call.h"
#include "cli/help.h"
#include "flow/decoder.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_DENIED = 3, EXIT_UNVERIFIED = 4,
       EXIT_PARTIAL = 5 };

static const char see_help[] = "see rescind help";
static const struct meaning {
	int code, exit;
	const char *name, *advice; /* advice: where the story has none */
} meanings[] = {
	{ E_MEMORY, EXIT_FAILED, "memory", "the same command again, where there is more" },
	{ E_IO, EXIT_FAILED, "io", "mend that, then the same command again" },
	{ E_NOT_FOUND, EXIT_FAILED, "not-found", see_help },
	{ E_CONFLICT, EXIT_FAILED, "conflict", see_help },
	{ E_RANGE, EXIT_FAILED, "range", see_help },
	{ E_FORMAT, EXIT_FAILED, "format", see_help },
	{ E_MISMATCH, EXIT_FAILED, "mismatch", "rescind fsck looks at the stores" },
	{ E_DENIED, EXIT_DENIED, "denied", NULL },
	{ E_PARTIAL, EXIT_PARTIAL, "partial", NULL },
	{ E_USAGE, EXIT_USAGE, "usage", see_help },
	{ E_CANCELLED, EXIT_FAILED, "cancelled", "the same command again goes on" },
};

static const struct meaning *meaning_of(int code)
{
	static const struct meaning unknown = { 0, EXIT_FAILED, "failed", NULL };

	for (size_t i = 0; i < COUNT_OF(meanings); i++)
		if (meanings[i].code == code)
			return &meanings[i];
	return &unknown;
}

static void put_advice(struct print *p, const struct call *c, const struct error *e)
{
	const char *advice = meaning_of(e->code)->advice;
	size_t len = strlen(e->text);

	if (!advice || (len > 0 && e->text[len - 1] == ')'))
		return;
	print_put(p, " (%s", advice);
	if (advice == see_help && c->verb)
		print_put(p, " %s", c->verb->name);
	print_put(p, ")");
}

static void put_json_error(const struct error *e, const char *message)
{
	json_t *j = json_pack("{s:{s:s,s:s}}", "error", "code", meaning_of(e->code)->name,
			      "message", message);
	char *text = j ? json_dumps(j, JSON_COMPACT) : NULL;

	fprintf(stderr, "%s\n", text ? text : "{\"error\":{\"code\":\"memory\",\"message\":\"\"}}");
	free(text);
	json_decref(j);
}

static void put_who(struct print *p, const struct call *c)
{
	const char *verb = c->verb ? c->verb->name : c->typed;

	print_put(p, "rescind: ");
	if (!verb)
		return;
	print_text(p, verb);
	if (c->action && c->action->name)
		print_put(p, " %s", c->action->name);
	print_put(p, ": ");
}

/* "rescind: VERB: what: why (what to do)", one line whatever the story holds. */
static void put_error(struct call *c, const struct error *e)
{
	struct error own = { 0 };
	scoped(buf) *b = NULL;
	struct print p = { .e = &own };

	progress_clear(&c->progress);
	if (buf_create(&b, 1024, &own) < 0) {
		fprintf(stderr, "rescind: out of memory\n");
		return;
	}
	p.text = b;
	if (!c->json)
		put_who(&p, c);
	print_text(&p, e->text);
	put_advice(&p, c, e);
	if (c->json)
		put_json_error(e, buf_text(b));
	else
		fprintf(stderr, "%s\n", buf_text(b));
}

static int exit_code(const struct call *c, int code)
{
	if (code == 0)
		return EXIT_DONE;
	if (code == E_MISMATCH && c->verb && c->verb->verifies)
		return EXIT_UNVERIFIED;
	return meaning_of(code)->exit;
}

static int run(struct call *c, int argc, char **argv, struct error *e)
{
	if (call_parse(c, argc, argv, e) < 0)
		return e->code;
	if (c->help && c->verb != &verb_help)
		return help_of(c, e);
	return c->action->run(c, e);
}

static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && no[0]) && term && strcmp(term, "dumb") != 0;
}

/* No file of ours may get the number of a stream that is closed. What is written there fails. */
static void fill_streams(void)
{
	int fd;

	do
		fd = sys->open("/dev/null", O_RDONLY, 0);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		sys->close(fd);
}

int main(int argc, char **argv)
{
	struct error e = { 0 }, last = { 0 };
	struct call c = { .at_utc_ms = UINT64_MAX };
	int code;

	decoder_main(argc, argv);
	fill_streams();
	c.colour = wants_colour();
	code = run(&c, argc, argv, &e);
	progress_clear(&c.progress);
	if (code < 0 && !c.answered)
		put_error(&c, &e);
	else if (code < 0 && !c.json && e.text[0])
		call_tell(&c, "%s", e.text);
	if (call_flush(&c, &last) < 0) {
		put_error(&c, &last);
		code = last.code;
	}
	buf_destroy(c.out);
	return exit_code(&c, code);
}
