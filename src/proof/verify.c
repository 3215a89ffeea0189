#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proof/checks.h"

enum { C = CERTIFICATE, A = ATTESTATION, R = RECEIPT };

static check_run check_encoding;
static const struct {
	const char *name;
	check_run *run;
	unsigned kinds;	    /* of which it is a check */
	bool reads_facts;   /* looks into the entries */
	const char *unsaid[2]; /* what it does not say where it holds */
} checks[] = {
	{ "encoding", check_encoding, C | A | R, false, { NULL } },
	{ "signature", check_signature, C | A | R, false, { NULL } },
	{ "key", check_key, C | A | R, false, { NULL } },
	{ "heads", check_heads, C | A | R, false, { NULL } },
	{ "facts", check_facts, C | A | R, true, { NULL } },
	{ "openings", check_openings, C | A | R, true, { NULL } },
	{ "batches", check_batches, C | A, true, { NULL } },
	{ "demand", check_demand, C, true, { NULL } },
	{ "positions", check_positions, C, true, { NULL } },
	{ "plan", check_plan, C, true, { NULL } },
	{ "approval", check_approval, C, true, { NULL } },
	{ "steps", check_steps, C, true, { NULL } },
	{ "retained", check_retained, C, true, { NULL } },
	{ "unlearned", check_unlearned, C, true, { NULL } },
#ifndef CERTIFICATES_ONLY
	{ "checkpoint", check_checkpoint, A, true,
	  { "how many records of which source are in it, and all else that `summary` says, is the "
	    "operator's word" } },
	{ "lineage", check_lineage, A, true, { NULL } },
	{ "sources", check_sources, A, true,
	  { "that all versions of terms, all transfers and all corrections are shown, and that no "
	    "other source bears a tag that is shown, is the operator's word" } },
	{ "absent", check_absent, A, true, { NULL } },
	{ "orders", check_orders, A, true,
	  { "that no other order concerned it, and that it was not withdrawn, is the operator's "
	    "word" } },
	{ "reproduced", check_reproduced, A, true, { NULL } },
	{ "records", check_records, R, true,
	  { "that these are all records of the person, that nothing else was made of them and that "
	    "they went nowhere else, is the operator's word",
	    "that the datasets and checkpoints shown hold these records, that the orders shown "
	    "concern them, and that no fact beside those shown does, is the operator's word: no "
	    "set is opened" } },
#endif
	{ "as-of", check_as_of, C | A | R, true, { NULL } },
	{ "witnesses", NULL, C | A | R, false, { NULL } }, /* with a policy: verify_pins */
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

static int log_keys(struct checking *c, const struct statement *s, struct error *e)
{
	char name[STATEMENT_NAME_MAX + 16];

	snprintf(name, sizeof(name), "%s/facts", s->origin);
	if (note_key_make(&c->facts_key, name, NOTE_ED25519, s->key, e) < 0)
		return e->code;
	snprintf(name, sizeof(name), "%s/records", s->origin);
	return note_key_make(&c->records_key, name, NOTE_ED25519, s->key, e);
}

/* That its facts cannot be read is for the checks that look into them. */
static int check_encoding(struct checking *c, struct error *e)
{
	struct statement *s = &c->statement;

	if (statement_read(s, c->bytes, c->len_bytes, e) < 0 || log_keys(c, s, e) < 0) {
		error_set(&c->unread, E_FORMAT, "not looked at: this is no %s", kind_name(s->kind));
		return e->code;
	}
	if (facts_read(s, &c->unread) == E_MEMORY)
		return error_set(e, E_MEMORY, "%s", c->unread.text);
	c->s = s;
	return 0;
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

/* Each that is one of this kind. E_MEMORY, or 0. */
static int run_all(struct verdict *v, struct checking *c, struct error *e)
{
	for (size_t i = 0; i < COUNT_OF(checks); i++) {
		check_run *run = checks[i].run ? checks[i].run : c->pins->witnesses;
		bool looks = !c->unread.code || (c->s && !checks[i].reads_facts);
		int code;

		if (!(checks[i].kinds & c->statement.kind) || !run)
			continue;
		c->detail = v->check[v->count].detail;
		code = looks ? run(c, e) : c->unread.code;
		for (size_t k = 0; k < COUNT_OF(checks[i].unsaid) && code == 0; k++)
			code = checks[i].unsaid[k] ? limit(c, e, "%s", checks[i].unsaid[k]) : 0;
		if (code == E_MEMORY)
			return code;
		add(v, checks[i].name, code, looks ? e : &c->unread);
		error_clear(e);
	}
	return 0;
}

int certificate_verify(struct verdict **ret, const void *bytes, size_t len_bytes,
		       const struct verify_pins *pins, struct error *e)
{
	struct checking c = { .statement.kind = CERTIFICATE, .bytes = bytes, .len_bytes = len_bytes,
			      .pins = pins, .work = work_for(len_bytes) };
	scoped(verdict) *v = calloc(1, sizeof(*v));
	int code;

	if (!v || !(c.limits = v->limits = json_array()) ||
	    !(c.witnessed = v->witnessed = json_array()))
		return error_set(e, E_MEMORY, "certificate: out of memory");
	v->valid = true;
	code = run_all(v, &c, e);
	if (c.s)
		v->statement = json_incref(c.s->json);
	statement_done(&c.statement);
	if (code == 0)
		*ret = give(v);
	return code;
}
