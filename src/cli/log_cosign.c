#include <stdio.h>
#include <string.h>

#include "cli/log.h"
#include "flow/cosigner.h"

static int open_state(struct call *c, struct cosigner **ret, struct error *e)
{
	return cosigner_open(ret, call_text(c, "state"), e);
}

static int words(const struct call *c, size_t count, const char *what, struct error *e)
{
	return c->operand_count == count ? 0 : error_set(e, E_USAGE, "log cosign %s", what);
}

static int new(struct call *c, struct error *e)
{
	scoped(cosigner) *k = NULL;
	scoped_json *doc = NULL;

	if (words(c, 2, "new NAME --state DIR", e) < 0 ||
	    cosigner_make(call_text(c, "state"), call_operand(c, 1), e) < 0 ||
	    open_state(c, &k, e) < 0)
		return e->code;
	return call_answer(c, cosigner_json(k, &doc, e), &doc, NULL, e);
}

static int show(struct call *c, struct error *e)
{
	scoped(cosigner) *k = NULL;
	scoped_json *doc = NULL;

	if (words(c, 1, "show --state DIR", e) < 0 || open_state(c, &k, e) < 0)
		return e->code;
	return call_answer(c, cosigner_json(k, &doc, e), &doc, NULL, e);
}

/* Whoever signs under another name than the origin's may have been given the vkey of another log. */
static void say_name(struct call *c, json_t *doc, struct error *e)
{
	const char *origin = call_operand(c, 1), *vkey = call_operand(c, 2);
	char name[NOTE_NAME_MAX + 1];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(vkey, "+"), vkey);
	json_set_text(doc, "key_name", name, e);
	if (strcmp(name, origin) != 0)
		call_tell(c, "the key's name is %s, the log's origin %s: heads of that origin are signed "
			  "only when a line of theirs bears that name", name, origin);
}

static int add(struct call *c, struct error *e)
{
	scoped(cosigner) *k = NULL;
	scoped_json *doc = json_object_make(e);

	if (words(c, 3, "add ORIGIN VKEY --state DIR", e) < 0 || open_state(c, &k, e) < 0 ||
	    cosigner_add_log(k, call_operand(c, 1), call_operand(c, 2), e) < 0)
		return e->code;
	json_set_text(doc, "origin", call_operand(c, 1), e);
	say_name(c, doc, e);
	json_set_text(doc, "vkey", call_operand(c, 2), e);
	return e->code ? e->code : call_answer(c, 0, &doc, NULL, e);
}

static void page_all(struct print *p, const json_t *list)
{
	static const struct column columns[] = {
		{ "origin", "origin", CELL_VALUE }, { "size", "size", CELL_VALUE },
		{ "vkeys", "vkeys", CELL_VALUE },
	};

	print_table(p, list, columns, COUNT_OF(columns));
}

static int ls(struct call *c, struct error *e)
{
	scoped(cosigner) *k = NULL;
	scoped_json *doc = NULL;

	if (words(c, 1, "ls --state DIR", e) < 0 || open_state(c, &k, e) < 0)
		return e->code;
	return call_answer(c, cosigner_logs(k, &doc, e), &doc, page_all, e);
}

static void ready(void *ctx, const char *address)
{
	struct call *c = ctx;
	struct error e = { 0 };
	scoped_json *doc = json_object_make(&e);

	json_set_text(doc, "listening", address, &e);
	if (e.code == 0 && call_answer_row(c, doc, NULL, &e) == 0)
		(void)!call_flush(c, &e);
}

static int serve(struct call *c, struct error *e)
{
	scoped(cosigner) *k = NULL;
	const char *listen = call_text(c, "listen");

	if (!listen)
		return error_set(e, E_USAGE, "log cosign --state DIR --listen ADDRESS:PORT");
	if (open_state(c, &k, e) < 0)
		return e->code;
	task_stop_on_signals(&c->task);
	return cosigner_serve(k, listen, &c->task, ready, c, e);
}

int log_cosign(struct call *c, struct error *e)
{
	static const struct { const char *name; int (*run)(struct call *c, struct error *e); } does[] = {
		{ "new", new }, { "show", show }, { "add", add }, { "ls", ls }, { "serve", serve },
	};

	if (c->operand_count == 0)
		return serve(c, e);
	for (size_t i = 0; i < COUNT_OF(does); i++)
		if (strcmp(call_operand(c, 0), does[i].name) == 0)
			return does[i].run(c, e);
	return error_set(e, E_USAGE, "log cosign new, show, add, ls or serve");
}
