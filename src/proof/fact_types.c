/* What the entries of the facts log say, type by type. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "proof/statement.h"

static int get_hex(const json_t *o, const char *key, void *ret, size_t len_bytes, struct error *e)
{
	const char *text = NULL;

	if (json_get_text(o, key, &text, e) < 0)
		return e->code;
	return hex_decode(ret, len_bytes, text, e) < 0 ? error_wrap(e, "\"%s\"", key) : 0;
}

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

static int read_init(const json_t *o, struct fact *f, struct error *e)
{
	return json_get_bool(o, "solo", &f->solo, e);
}

void key_id(uint8_t ret[KEY_ID_LEN], const uint8_t key[SIGN_PUBLIC_LEN])
{
	struct hash h;

	hash_bytes(&h, key, SIGN_PUBLIC_LEN);
	memcpy(ret, h.b, KEY_ID_LEN);
}

static int read_key(const json_t *o, struct fact *f, struct error *e)
{
	if (get_hex(o, "key", f->key, sizeof(f->key), e) < 0)
		return e->code;
	key_id(f->id, f->key);
	return 0;
}

static int read_source(const json_t *o, struct fact *f, struct error *e)
{
	return get_hex(o, "source", f->source, sizeof(f->source), e);
}

static int read_terms(const json_t *o, struct fact *f, struct error *e)
{
	return read_source(o, f, e) < 0 ? e->code : json_get_number(o, "version", &f->version, e);
}

static int read_correction(const json_t *o, struct fact *f, struct error *e)
{
	return get_hex(o, "transfer", f->transfer, sizeof(f->transfer), e);
}

static int read_transfer(const json_t *o, struct fact *f, struct error *e)
{
	return read_source(o, f, e) < 0 ? e->code : read_correction(o, f, e);
}

static int read_batch(const json_t *o, struct fact *f, struct error *e)
{
	const char *text = NULL;

	if (read_source(o, f, e) < 0 || get_records(o, f, e) < 0 ||
	    json_get_number(o, "first", &f->first, e) < 0 ||
	    json_get_number(o, "last", &f->last, e) < 0 ||
	    json_get_text(o, "transfer", &text, e) < 0)
		return e->code;
	f->has_transfer = *text != 0;
	return *text ? read_correction(o, f, e) : 0;
}

static int read_dataset(const json_t *o, struct fact *f, struct error *e)
{
	if (get_records(o, f, e) < 0)
		return e->code;
	return json_get_hash(o, "root", &f->root, e);
}

static int read_model(const json_t *o, struct fact *f, struct error *e)
{
	json_t *list = NULL;
	const json_t *input;
	size_t i;

	if (read_dataset(o, f, e) < 0 || json_get_array(o, "inputs", &list, e) < 0)
		return e->code;
	json_array_foreach(list, i, input)
		if (!json_is_integer(input) || json_integer_value(input) < 0 ||
		    (uint64_t)json_integer_value(input) >= f->n)
			return error_set(e, E_FORMAT, "an input that is no earlier fact");
	return 0;
}

static int read_order(const json_t *o, struct fact *f, struct error *e)
{
	return get_records(o, f, e);
}

static int read_plan(const json_t *o, struct fact *f, struct error *e)
{
	return json_get_number(o, "order", &f->order, e);
}

static int read_approval(const json_t *o, struct fact *f, struct error *e)
{
	if (read_plan(o, f, e) < 0 || json_get_number(o, "plan", &f->plan, e) < 0)
		return e->code;
	return get_hex(o, "signature", f->signature, sizeof(f->signature), e);
}

static int read_step(const json_t *o, struct fact *f, struct error *e)
{
	json_t *list = NULL;
	uint64_t epoch;

	if (read_plan(o, f, e) < 0 || json_get_array(o, "steps", &list, e) < 0)
		return e->code;
	if (json_array_size(list) != 2 || !json_is_integer(json_array_get(list, 0)) ||
	    !json_is_integer(json_array_get(list, 1)) ||
	    json_integer_value(json_array_get(list, 0)) < 1)
		return error_set(e, E_FORMAT, "\"steps\" is not [first,last]");
	f->first = (uint64_t)json_integer_value(json_array_get(list, 0));
	f->last = (uint64_t)json_integer_value(json_array_get(list, 1));
	return json_object_get(o, "epoch") ? json_get_number(o, "epoch", &epoch, e) : 0;
}

/* The earlier fact that it is of. */
static int read_of(const json_t *o, const char *key, struct fact *f, struct error *e)
{
	if (json_get_number(o, key, &f->model, e) < 0)
		return e->code;
	return f->model < f->n ? 0 : error_set(e, E_FORMAT, "of what is no earlier fact");
}

static int read_of_model(const json_t *o, struct fact *f, struct error *e)
{
	return read_of(o, "model", f, e);
}

static int read_undeployment(const json_t *o, struct fact *f, struct error *e)
{
	return read_of(o, "deployment", f, e);
}

static int read_handover(const json_t *o, struct fact *f, struct error *e)
{
	return read_of(o, "of", f, e);
}

static int read_reproduced(const json_t *o, struct fact *f, struct error *e)
{
	if (read_of_model(o, f, e) < 0)
		return e->code;
	return get_hex(o, "signature", f->signature, sizeof(f->signature), e);
}

static int read_nothing(const json_t *o, struct fact *f, struct error *e)
{
	(void)o;
	(void)f;
	(void)e;
	return 0;
}

enum { C = CERTIFICATE, A = ATTESTATION, R = RECEIPT };

/* docs/formats.md section 1. */
static const struct {
	const char *name;
	unsigned kinds; /* that show it */
	int (*read)(const json_t *o, struct fact *f, struct error *e);
	const char *members[6]; /* besides v, type, at, by, private */
} types[] = {
	[FACT_INIT] = { "init", C | A | R, read_init, { "solo" } },
	[FACT_KEY] = { "key", C | A, read_key, { "key" } },
	[FACT_SOURCE] = { "source", C | A | R, read_source, { "source" } },
	[FACT_TERMS] = { "terms", A | R, read_terms, { "source", "version" } },
	[FACT_TRANSFER] = { "transfer", A | R, read_transfer, { "source", "transfer" } },
	[FACT_CORRECTION] = { "correction", A | R, read_correction, { "transfer" } },
	[FACT_GRANT] = { "grant", R, read_nothing, { NULL } },
	[FACT_WITHDRAWAL] = { "withdrawal", R, read_nothing, { NULL } },
	[FACT_BATCH] = { "batch", C | A | R, read_batch,
			 { "records", "first", "last", "source", "transfer" } },
	[FACT_DATASET] = { "dataset", C | A | R, read_dataset, { "records", "root" } },
	[FACT_MODEL] = { "model", C | A | R, read_model, { "records", "root", "inputs" } },
	[FACT_ORDER] = { "order", C | A | R, read_order, { "records" } },
	[FACT_PLAN] = { "plan", C, read_plan, { "order" } },
	[FACT_APPROVAL] = { "approval", C, read_approval, { "order", "plan", "signature" } },
	[FACT_STEP] = { "step", C, read_step, { "order", "steps", "epoch" } },
	[FACT_REPRODUCED] = { "reproduced", C | A, read_reproduced, { "model", "signature" } },
	[FACT_CERTIFIED] = { "certified", A, read_plan, { "order" } },
	[FACT_DEPLOYMENT] = { "deployment", R, read_of_model, { "model" } },
	[FACT_UNDEPLOYMENT] = { "undeployment", R, read_undeployment, { "deployment" } },
	[FACT_OUTPUT] = { "output", R, read_of_model, { "model" } },
	[FACT_HANDOVER] = { "handover", R, read_handover, { "of" } },
};

const char *fact_type_name(enum fact_type type)
{
	return types[type].name;
}

const char *kind_name(enum kind kind)
{
	return kind == ATTESTATION ? "attestation" : kind == RECEIPT ? "receipt" : "certificate";
}

static int only_members(const json_t *o, enum fact_type type, struct error *e)
{
	const char *keys[COUNT_OF(types[0].members) + 6] = { "v", "type", "at", "by", "private" };
	size_t count = 5;

	for (size_t i = 0; i < COUNT_OF(types[0].members) && types[type].members[i]; i++)
		keys[count++] = types[type].members[i];
	return json_only(o, keys, e);
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

int fact_read(const json_t *o, enum kind kind, struct fact *f, struct error *e)
{
	char at[TIME_TEXT_MAX];

	if (read_type(o, kind, f, e) < 0 || only_members(o, f->type, e) < 0 ||
	    json_get_time(o, "at", &f->at_utc_ms, e) < 0 ||
	    get_hex(o, "by", f->by, sizeof(f->by), e) < 0 ||
	    json_get_hash(o, "private", &f->private_part, e) < 0)
		return e->code;
	if (strcmp(json_text_or(o, "at", ""), time_text_minute(at, f->at_utc_ms)) != 0)
		return error_set(e, E_FORMAT, "\"at\" is not a time to the minute");
	return types[f->type].read(o, f, e);
}
