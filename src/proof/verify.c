#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proof/checks.h"

enum { C = CERTIFICATE, A = ATTESTATION, R = RECEIPT };

static const struct {
	const char *name;
	check_run *run;
	unsigned kinds;   /* of which it is a check */
	bool reads_facts; /* looks into the entries */
} checks[] = {
	{ "signature", check_signature, C | A | R, false },
	{ "key", check_key, C | A | R, false },
	{ "heads", check_heads, C | A | R, false },
	{ "facts", check_facts, C | A | R, true },
	{ "openings", check_openings, C | A | R, true },
	{ "batches", check_batches, C | A, true },
	{ "demand", check_demand, C, true },
	{ "positions", check_positions, C, true },
	{ "plan", check_plan, C, true },
	{ "approval", check_approval, C, true },
	{ "steps", check_steps, C, true },
	{ "retained", check_retained, C, true },
	{ "unlearned", check_unlearned, C, true },
	{ "checkpoint", check_checkpoint, A, true },
	{ "lineage", check_lineage, A, true },
	{ "sources", check_sources, A, true },
	{ "absent", check_absent, A, true },
	{ "orders", check_orders, A, true },
	{ "reproduced", check_reproduced, A, true },
	{ "records", check_records, R, true },
	{ "as-of", check_as_of, C | A | R, true },
	{ "witnesses", NULL, C | A | R, false }, /* with a policy: verify_pins */
};

void plain_text(char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			*text = '?';
}

int found(struct checking *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(c->detail, CHECK_DETAIL_MAX, format, args);
	va_end(args);
	return 0;
}

int limit(struct checking *c, struct error *e, const char *sentence, ...)
{
	scoped(buf) *b = NULL;
	va_list args;
	int code = buf_create(&b, 256, e);

	va_start(args, sentence);
	if (code == 0)
		code = buf_vprintf(b, e, sentence, args);
	va_end(args);
	if (code < 0 || json_array_append_new(c->limits, json_string(buf_text(b))) < 0)
		return error_set(e, E_MEMORY, "certificate: out of memory");
	return 0;
}

int spend(struct checking *c, uint64_t positions, struct error *e)
{
	if (positions > c->work)
		return error_set(e, E_RANGE, "more work than a file of this size may ask for");
	c->work -= positions;
	return 0;
}

/* Opened whole, a container is one for all sets, and 256 of them are many; opened in part, it takes up a
 * byte for 203 positions or fewer. */
static uint64_t work_for(size_t len_bytes)
{
	uint64_t work = STATEMENT_WORK + (uint64_t)len_bytes * STATEMENT_WORK_OF_BYTE;

	return work < STATEMENT_WORK_MAX ? work : STATEMENT_WORK_MAX;
}

static void add(struct verdict *v, const char *name, int code, const struct error *e)
{
	struct check *k = &v->check[v->count++];

	k->name = name;
	k->ok = code == 0;
	if (code < 0)
		snprintf(k->detail, sizeof(k->detail), "%.*s", CHECK_DETAIL_MAX - 1, e->text);
	plain_text(k->detail);
	v->valid = v->valid && k->ok;
}

/* How many signatures are on it beside one by its log. */
static size_t others_on(const char *note)
{
	scoped(note) *n = NULL;
	struct error e = { 0 };

	return note_parse(&n, note, strlen(note), &e) < 0 ? 0 : n->count - 1;
}

static int log_keys(struct checking *c, const struct statement *s, struct error *e)
{
	char name[STATEMENT_NAME_MAX + 16];

	snprintf(name, sizeof(name), "%s/facts", s->origin);
	if (note_key_make(&c->facts_key, name, NOTE_ED25519, s->key, e) < 0)
		return e->code;
	snprintf(name, sizeof(name), "%s/records", s->origin);
	return note_key_make(&c->records_key, name, NOTE_ED25519, s->key, e);
}

/* Each that is one of this kind; unread: why the statement, or else what its facts say, is not
 * looked at. E_MEMORY, or 0. */
static int run_all(struct verdict *v, struct checking *c, enum kind kind,
		   const struct error *unread, struct error *e)
{
	for (size_t i = 0; i < COUNT_OF(checks); i++) {
		check_run *run = checks[i].run ? checks[i].run : c->pins->witnesses;
		bool looks;
		int code;

		if (!(checks[i].kinds & kind) || !run)
			continue;
		looks = !unread->code || (c->s && !checks[i].reads_facts);
		c->detail = v->check[v->count].detail;
		code = looks ? run(c, e) : unread->code;
		if (code == E_MEMORY)
			return code;
		add(v, checks[i].name, code, looks ? e : unread);
		error_clear(e);
	}
	if (c->pins->witnesses || !c->s ||
	    others_on(c->s->facts_note) + others_on(c->s->records_note) == 0)
		return 0;
	return limit(c, e, "signatures of others on the heads: nothing said whose they are "
		     "(--policy)");
}

static int verify(struct verdict *v, const void *bytes, size_t len_bytes,
		  const struct verify_pins *pins, struct error *e)
{
	struct checking c = { .pins = pins, .work = work_for(len_bytes), .limits = v->limits,
			      .witnessed = v->witnessed };
	struct error unread = { 0 };
	scoped(statement) *s = NULL;
	enum kind kind = CERTIFICATE;
	int code = statement_read(&s, &kind, bytes, len_bytes, e);

	if (code == 0)
		code = log_keys(&c, s, e);
	if (code == E_MEMORY)
		return code;
	v->valid = true;
	add(v, "encoding", code, e);
	error_clear(e);
	if (code < 0) {
		error_set(&unread, E_FORMAT, "not looked at: this is no %s", kind_name(kind));
	} else if (facts_read(s, &unread) == E_MEMORY) {
		return error_set(e, E_MEMORY, "%s", unread.text);
	} else {
		c.s = s;
		v->statement = json_incref(s->json);
	}
	code = run_all(v, &c, kind, &unread, e);
	json_decref(c.demand_json);
	json_decref(c.plan_json);
	return code;
}

int certificate_verify(struct verdict **ret, const void *bytes, size_t len_bytes,
		       const struct verify_pins *pins, struct error *e)
{
	scoped(verdict) *v = calloc(1, sizeof(*v));
	struct error own = { 0 };
	int code;

	if (!v || !(v->limits = json_array()) || !(v->witnessed = json_array()))
		return error_set(e, E_MEMORY, "certificate: out of memory");
	code = verify(v, bytes, len_bytes, pins, &own);
	if (code < 0)
		return error_set(e, code, "%s", own.text);
	*ret = give(v);
	return 0;
}
