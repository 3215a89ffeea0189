#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "proof/statement.h"

/* ---- members by type ---- */

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

static int read_batch(const json_t *o, struct fact *f, struct error *e)
{
	uint8_t transfer[TAG_LEN];
	const char *text = NULL;

	if (read_source(o, f, e) < 0 || get_records(o, f, e) < 0 ||
	    json_get_number(o, "first", &f->first, e) < 0 ||
	    json_get_number(o, "last", &f->last, e) < 0 ||
	    json_get_text(o, "transfer", &text, e) < 0)
		return e->code;
	return *text ? get_hex(o, "transfer", transfer, sizeof(transfer), e) : 0;
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

static int read_reproduced(const json_t *o, struct fact *f, struct error *e)
{
	if (json_get_number(o, "model", &f->model, e) < 0)
		return e->code;
	if (f->model >= f->n)
		return error_set(e, E_FORMAT, "of a checkpoint that is no earlier fact");
	return get_hex(o, "signature", f->signature, sizeof(f->signature), e);
}

static const struct {
	const char *name;
	int (*read)(const json_t *o, struct fact *f, struct error *e);
	const char *members[6]; /* besides v, type, at, by, private */
} types[] = {
	[FACT_INIT] = { "init", read_init, { "solo" } },
	[FACT_KEY] = { "key", read_key, { "key" } },
	[FACT_SOURCE] = { "source", read_source, { "source" } },
	[FACT_BATCH] = { "batch", read_batch,
			 { "records", "first", "last", "source", "transfer" } },
	[FACT_DATASET] = { "dataset", read_dataset, { "records", "root" } },
	[FACT_MODEL] = { "model", read_model, { "records", "root", "inputs" } },
	[FACT_ORDER] = { "order", read_order, { "records" } },
	[FACT_PLAN] = { "plan", read_plan, { "order" } },
	[FACT_APPROVAL] = { "approval", read_approval, { "order", "plan", "signature" } },
	[FACT_STEP] = { "step", read_step, { "order", "steps", "epoch" } },
	[FACT_REPRODUCED] = { "reproduced", read_reproduced, { "model", "signature" } },
};

const char *fact_type_name(enum fact_type type)
{
	return types[type].name;
}

static int only_members(const json_t *o, enum fact_type type, struct error *e)
{
	const char *keys[COUNT_OF(types[0].members) + 6] = { "v", "type", "at", "by", "private" };
	size_t count = 5;

	for (size_t i = 0; i < COUNT_OF(types[0].members) && types[type].members[i]; i++)
		keys[count++] = types[type].members[i];
	return json_only(o, keys, e);
}

/* ---- entries ---- */

static int read_type(const json_t *o, struct fact *f, struct error *e)
{
	const char *name = "";
	uint64_t v = 0;

	if (json_get_number(o, "v", &v, e) < 0 || json_get_text(o, "type", &name, e) < 0)
		return e->code;
	if (v != 1)
		return error_set(e, E_FORMAT, "version %" PRIu64 " is not known", v);
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (strcmp(types[i].name, name) == 0) {
			f->type = (enum fact_type)i;
			return 0;
		}
	return error_set(e, E_FORMAT, "a certificate shows no facts of this type");
}

static int read_entry(struct fact *f, struct error *e)
{
	char at[TIME_TEXT_MAX];
	scoped_json *o = NULL;

	if (json_parse_canonical(&o, f->text, strlen(f->text), FACT_ENTRY_MAX, e) < 0 ||
	    read_type(o, f, e) < 0 || only_members(o, f->type, e) < 0 ||
	    json_get_time(o, "at", &f->at_utc_ms, e) < 0 ||
	    get_hex(o, "by", f->by, sizeof(f->by), e) < 0 ||
	    json_get_hash(o, "private", &f->private_part, e) < 0)
		return e->code;
	if (strcmp(json_text_or(o, "at", ""), time_text_minute(at, f->at_utc_ms)) != 0)
		return error_set(e, E_FORMAT, "\"at\" is not a time to the minute");
	return types[f->type].read(o, f, e);
}

static int take_reproduced(struct statement *s, const struct fact *f, struct error *e)
{
	if (s->reproduced_count == COUNT_OF(s->reproduced))
		return error_set(e, E_RANGE, "more than %d reproduced facts",
				 CERTIFICATE_REPRODUCED_MAX);
	s->reproduced[s->reproduced_count++] = f;
	return 0;
}

int facts_read(struct statement *s, struct error *e)
{
	for (size_t i = 0; i < s->fact_count; i++) {
		if (i > 0 && s->facts[i].n <= s->facts[i - 1].n)
			return error_set(e, E_FORMAT, "fact %" PRIu64 " is not in order",
					 s->facts[i].n);
		if (read_entry(&s->facts[i], e) < 0)
			return error_wrap(e, "fact %" PRIu64, s->facts[i].n);
		if (s->facts[i].type == FACT_REPRODUCED && take_reproduced(s, &s->facts[i], e) < 0)
			return e->code;
	}
	return 0;
}

/* ---- lookups ---- */

const struct fact *fact_find(const struct statement *s, uint64_t n)
{
	size_t low = 0, high = s->fact_count;

	while (low < high) {
		size_t i = low + (high - low) / 2;

		if (s->facts[i].n == n)
			return &s->facts[i];
		if (s->facts[i].n < n)
			low = i + 1;
		else
			high = i;
	}
	return NULL;
}

int fact_get(const struct statement *s, uint64_t n, enum fact_type type, const struct fact **ret,
	     struct error *e)
{
	const struct fact *f = fact_find(s, n);

	if (!f)
		return error_set(e, E_NOT_FOUND, "fact %" PRIu64 " (%s) is not shown", n,
				 types[type].name);
	if (f->type != type)
		return error_set(e, E_NOT_FOUND, "fact %" PRIu64 " is of type %s, not %s", n,
				 types[f->type].name, types[type].name);
	*ret = f;
	return 0;
}

int fact_key(const struct statement *s, const uint8_t id[KEY_ID_LEN], uint64_t n,
	     const struct fact **ret, struct error *e)
{
	const struct fact *found = NULL;
	char hex[2 * KEY_ID_LEN + 1];

	for (size_t i = 0; i < s->fact_count && s->facts[i].n < n; i++) {
		if (s->facts[i].type != FACT_KEY || memcmp(s->facts[i].id, id, KEY_ID_LEN) != 0)
			continue;
		if (found)
			return error_set(e, E_MISMATCH, "two keys are %s",
					 hex_encode(hex, id, KEY_ID_LEN));
		found = &s->facts[i];
	}
	if (!found)
		return error_set(e, E_NOT_FOUND, "key %s is not shown before fact %" PRIu64,
				 hex_encode(hex, id, KEY_ID_LEN), n);
	*ret = found;
	return 0;
}
