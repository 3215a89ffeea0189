/* What the entries of the facts log say, type by type. */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "proof/statement.h"

static int get_records(const json_t *o, struct fact *f, struct error *e)
{
	static const char *const members[] = { "size", "root", NULL };
	json_t *r = NULL;

	f->has_records = true;
	if (json_get_object(o, "records", &r, e) < 0 || json_only(r, members, e) < 0 ||
	    json_get_number(r, "size", &f->records.size, e) < 0)
		return e->code;
	return json_get_hash(r, "root", &f->records.root, e);
}

void key_id(uint8_t ret[KEY_ID_LEN], const uint8_t key[SIGN_PUBLIC_LEN])
{
	struct hash h;

	hash_bytes(&h, key, SIGN_PUBLIC_LEN);
	memcpy(ret, h.b, KEY_ID_LEN);
}

/* What a checkpoint rests on. */
static int check_inputs(const json_t *o, const struct fact *f, struct error *e)
{
	json_t *list = NULL;
	const json_t *input;
	size_t i;

	if (json_get_array(o, "inputs", &list, e) < 0)
		return e->code;
	json_array_foreach(list, i, input)
		if (!json_is_integer(input) || json_integer_value(input) < 0 ||
		    (uint64_t)json_integer_value(input) >= f->n)
			return error_set(e, E_FORMAT, "an input that is no earlier fact");
	return 0;
}

static int get_steps(const json_t *o, struct fact *f, struct error *e)
{
	json_t *list = NULL, *first, *last;

	if (json_get_array(o, "steps", &list, e) < 0)
		return e->code;
	first = json_array_get(list, 0);
	last = json_array_get(list, 1);
	if (json_array_size(list) != 2 || !json_is_integer(first) || !json_is_integer(last) ||
	    json_integer_value(first) < 1)
		return error_set(e, E_FORMAT, "\"steps\" is not [first,last]");
	f->first = (uint64_t)json_integer_value(first);
	f->last = (uint64_t)json_integer_value(last);
	return 0;
}

/* ---- members ---- */

enum form { FLAG, HEX, TRANSFER_OR_NONE, NUMBER, NUMBER_OR_NONE, EARLIER_FACT, OF_RECORDS,
	    OF_INPUTS, OF_STEPS };
enum { SOLO = 1, KEY, SOURCE, TRANSFER, TRANSFER_IF, VERSION, ROOT, RECORDS, FIRST, LAST, INPUTS,
       ORDER, PLAN, SIGNATURE, STEPS, EPOCH, MODEL, DEPLOYMENT, OF };

/* A member is read alike wherever it stands. */
static const struct member {
	const char *key;
	enum form form;
	size_t at, len; /* in struct fact */
} members[] = {
	[SOLO] = { "solo", FLAG, offsetof(struct fact, solo), 0 },
	[KEY] = { "key", HEX, offsetof(struct fact, key), SIGN_PUBLIC_LEN },
	[SOURCE] = { "source", HEX, offsetof(struct fact, source), TAG_LEN },
	[TRANSFER] = { "transfer", HEX, offsetof(struct fact, transfer), TAG_LEN },
	[TRANSFER_IF] = { "transfer", TRANSFER_OR_NONE, offsetof(struct fact, transfer), TAG_LEN },
	[VERSION] = { "version", NUMBER, offsetof(struct fact, version), 0 },
	[ROOT] = { "root", HEX, offsetof(struct fact, root), HASH_LEN },
	[RECORDS] = { "records", OF_RECORDS, 0, 0 },
	[FIRST] = { "first", NUMBER, offsetof(struct fact, first), 0 },
	[LAST] = { "last", NUMBER, offsetof(struct fact, last), 0 },
	[INPUTS] = { "inputs", OF_INPUTS, 0, 0 },
	[ORDER] = { "order", NUMBER, offsetof(struct fact, order), 0 },
	[PLAN] = { "plan", NUMBER, offsetof(struct fact, plan), 0 },
	[SIGNATURE] = { "signature", HEX, offsetof(struct fact, signature), SIGN_LEN },
	[STEPS] = { "steps", OF_STEPS, 0, 0 },
	[EPOCH] = { "epoch", NUMBER_OR_NONE, 0, 0 },
	[MODEL] = { "model", EARLIER_FACT, offsetof(struct fact, model), 0 },
	[DEPLOYMENT] = { "deployment", EARLIER_FACT, offsetof(struct fact, model), 0 },
	[OF] = { "of", EARLIER_FACT, offsetof(struct fact, model), 0 },
};

static int read_member(const json_t *o, const struct member *m, struct fact *f, struct error *e)
{
	void *at = (char *)f + m->at;
	uint64_t n = 0;

	switch (m->form) {
	case FLAG:
		return json_get_bool(o, m->key, at, e);
	case HEX:
		return json_get_hex(o, m->key, at, m->len, e);
	case TRANSFER_OR_NONE:
		f->has_transfer = *json_text_or(o, m->key, "?") != 0;
		return f->has_transfer ? json_get_hex(o, m->key, at, m->len, e) : 0;
	case NUMBER:
		return json_get_number(o, m->key, at, e);
	case NUMBER_OR_NONE:
		return json_object_get(o, m->key) ? json_get_number(o, m->key, &n, e) : 0;
	case EARLIER_FACT:
		if (json_get_number(o, m->key, at, e) < 0)
			return e->code;
		return f->model < f->n ? 0 : error_set(e, E_FORMAT, "of what is no earlier fact");
	case OF_RECORDS:
		return get_records(o, f, e);
	case OF_INPUTS:
		return check_inputs(o, f, e);
	case OF_STEPS:
		return get_steps(o, f, e);
	}
	return 0;
}

/* ---- types ---- */

enum { C = CERTIFICATE, A = ATTESTATION, R = RECEIPT };

/* docs/formats.md section 1. */
static const struct {
	const char *name;
	unsigned kinds;	       /* that show it */
	unsigned char has[6]; /* members besides v, type, at, by, private; ended by 0 */
} types[] = {
	[FACT_INIT] = { "init", C | A | R, { SOLO } },
	[FACT_KEY] = { "key", C | A, { KEY } },
	[FACT_SOURCE] = { "source", C | A | R, { SOURCE } },
	[FACT_TERMS] = { "terms", A | R, { SOURCE, VERSION } },
	[FACT_TRANSFER] = { "transfer", A | R, { SOURCE, TRANSFER } },
	[FACT_CORRECTION] = { "correction", A | R, { TRANSFER } },
	[FACT_GRANT] = { "grant", R, { 0 } },
	[FACT_WITHDRAWAL] = { "withdrawal", R, { 0 } },
	[FACT_BATCH] = { "batch", C | A | R, { RECORDS, FIRST, LAST, SOURCE, TRANSFER_IF } },
	[FACT_DATASET] = { "dataset", C | A | R, { RECORDS, ROOT } },
	[FACT_MODEL] = { "model", C | A | R, { RECORDS, ROOT, INPUTS } },
	[FACT_ORDER] = { "order", C | A | R, { RECORDS } },
	[FACT_PLAN] = { "plan", C, { ORDER } },
	[FACT_APPROVAL] = { "approval", C, { ORDER, PLAN, SIGNATURE } },
	[FACT_STEP] = { "step", C, { ORDER, STEPS, EPOCH } },
	[FACT_REPRODUCED] = { "reproduced", C | A, { MODEL, SIGNATURE } },
	[FACT_CERTIFIED] = { "certified", A, { ORDER } },
	[FACT_DEPLOYMENT] = { "deployment", R, { MODEL } },
	[FACT_UNDEPLOYMENT] = { "undeployment", R, { DEPLOYMENT } },
	[FACT_OUTPUT] = { "output", R, { MODEL } },
	[FACT_HANDOVER] = { "handover", R, { OF } },
};

const char *fact_type_name(enum fact_type type)
{
	return types[type].name;
}

const char *kind_name(enum kind kind)
{
	return kind == ATTESTATION ? "attestation" : kind == RECEIPT ? "receipt" : "certificate";
}

/* ---- the whole ---- */

static int read_type(const json_t *o, enum kind kind, struct fact *f, struct error *e)
{
	const char *name = "";
	uint64_t v = 0;

	if (json_get_number(o, "v", &v, e) < 0 || json_get_text(o, "type", &name, e) < 0)
		return e->code;
	if (v != 1)
		return error_set(e, E_FORMAT, "version %" PRIu64 " is not known", v);
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (strcmp(types[i].name, name) == 0 && (types[i].kinds & kind)) {
			f->type = (enum fact_type)i;
			return 0;
		}
	return error_set(e, E_FORMAT, "a %s shows no facts of this type", kind_name(kind));
}

/* The members of its type, and no others. */
static int read_members(const json_t *o, struct fact *f, struct error *e)
{
	const char *keys[COUNT_OF(types[0].has) + 6] = { "v", "type", "at", "by", "private" };
	const unsigned char *has = types[f->type].has;

	for (size_t i = 0; has[i]; i++) {
		keys[i + 5] = members[has[i]].key;
		if (read_member(o, &members[has[i]], f, e) < 0)
			return e->code;
	}
	return json_only(o, keys, e);
}

int fact_read(const json_t *o, enum kind kind, struct fact *f, struct error *e)
{
	const char *at = NULL;

	if (read_type(o, kind, f, e) < 0 || read_members(o, f, e) < 0 ||
	    json_get_text(o, "at", &at, e) < 0 || time_parse(&f->at_utc_ms, at, e) < 0 ||
	    json_get_hex(o, "by", f->by, sizeof(f->by), e) < 0 ||
	    json_get_hash(o, "private", &f->private_part, e) < 0)
		return e->code;
	if (strlen(at) != strlen("2014-03-01T12:00Z"))
		return error_set(e, E_FORMAT, "\"at\" is not a time to the minute");
	if (f->type == FACT_KEY)
		key_id(f->id, f->key);
	return 0;
}
