#include "cli/log.h"
#include "flow/witness.h"

static int words(const struct call *c, size_t count, const char *what, struct error *e)
{
	return c->operand_count == count ? 0 : error_set(e, E_USAGE, "log witness %s", what);
}

static int add(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (words(c, 3, "add URL VKEY [--name NAME]", e) < 0 || call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_witness_add(r, call_operand(c, 1), call_operand(c, 2),
					       call_text(c, "name"), &doc, e), &doc, NULL, e);
}

static void page_all(struct print *p, const json_t *list)
{
	static const struct column columns[] = {
		{ "witness", "witness", CELL_VALUE }, { "url", "url", CELL_VALUE },
		{ "facts", "facts", CELL_VALUE }, { "records", "records", CELL_VALUE },
		{ "failed", "failed", CELL_VALUE }, { "vkey", "vkey", CELL_VALUE },
	};

	print_table(p, list, columns, COUNT_OF(columns));
}

static int ls(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (words(c, 1, "ls", e) < 0 || call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_witness_ls(r, &doc, e), &doc, page_all, e);
}

static int rm(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (words(c, 2, "rm NAME", e) < 0 || call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_witness_rm(r, call_operand(c, 1), &doc, e), &doc, NULL, e);
}

static int ask(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (words(c, 1, "ask", e) < 0 || call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_witness_ask(r, &doc, e), &doc, NULL, e);
}

static int policy(struct call *c, struct error *e)
{
	scoped_json *doc = json_object_make(e);
	scoped(repo) *r = NULL;
	scoped(buf) *text = NULL;

	if (words(c, 1, "policy", e) < 0 || call_repo(c, &r, e) < 0 ||
	    buf_create(&text, 1024, e) < 0 || flow_witness_policy(r, text, e) < 0)
		return e->code;
	if (!c->json)
		return call_bytes(c, text->data, text->len, e);
	json_set_text(doc, "policy", buf_text(text), e);
	return e->code ? e->code : call_answer(c, 0, &doc, NULL, e);
}

int log_witness(struct call *c, struct error *e)
{
	static const struct { const char *name; int (*run)(struct call *c, struct error *e); } does[] = {
		{ "add", add }, { "ls", ls }, { "rm", rm }, { "ask", ask }, { "policy", policy },
	};

	for (size_t i = 0; i < COUNT_OF(does); i++)
		if (strcmp(call_operand(c, 0), does[i].name) == 0)
			return does[i].run(c, e);
	return error_set(e, E_USAGE, "log witness add, ls, rm, ask or policy");
}
