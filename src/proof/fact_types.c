/* What the entries of the facts log say, type by type. */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "proof/statement.h"

enum { C = CERTIFICATE, A = ATTESTATION, R = RECEIPT };

/* ---- what no table says ---- */

/* A fact that is spoken of comes before. */
static int check_earlier(void *ctx, const json_t *j, void *ret, struct error *e)
{
	const struct fact *f = ctx;

	(void)ret;
	return (uint64_t)json_integer_value(j) < f->n ? 0 :
	       error_set(e, E_FORMAT, "of what is no earlier fact");
}

static int take_steps(void *ctx, const json_t *j, void *ret, struct error *e)
{
	struct fact *f = ret;

	(void)ctx, (void)j, (void)e;
	f->first = f->list[0];
	f->last = f->list[1];
	return 0;
}

static int take_key(void *ctx, const json_t *j, void *ret, struct error *e)
{
	struct fact *f = ret;
	struct hash h;

	(void)ctx, (void)j, (void)e;
	hash_bytes(&h, f->key, sizeof(f->key));
	memcpy(f->id, h.b, KEY_ID_LEN);
	return 0;
}

/* ---- members ---- */

#define AT(member) .at = offsetof(struct fact, member)
#define NUMBER(key, member) { key, SHAPE_NUMBER, AT(member) }
#define HEX(key, member, len) { key, SHAPE_HEX, AT(member), .max = len }
#define EARLIER(key) { key, SHAPE_NUMBER, AT(model), .then = check_earlier }

static const struct shape from_1 = { NULL, SHAPE_NUMBER, .min = 1 };
static const struct shape input = { NULL, SHAPE_NUMBER, .then = check_earlier };

#define RECORDS { "records", SHAPE_OBJECT, .of = (const struct shape[]){ \
		  NUMBER("size", records.size), HEX("root", records.root, HASH_LEN), { 0 } }, \
		  .count_at = offsetof(struct fact, has_records) }
#define SOURCE HEX("source", source.tag, TAG_LEN)
#define ROOT HEX("root", root, HASH_LEN)
#define SIGNATURE HEX("signature", signature, SIGN_LEN)
#define NUMBERS(key, item, least, most, after) { key, SHAPE_LIST, AT(list), \
				    .min = least, .max = most, .count_at = offsetof(struct fact, list_count), \
				    .unit = sizeof(uint64_t), .of = &item, .then = after }

#define ALL(...) &(const struct shape){ NULL, SHAPE_OBJECT, .of = (const struct shape[]){ \
	{ "v", SHAPE_NUMBER, AT(v), .min = 1, .max = 1 }, { "type", SHAPE_TEXT, AT(of_type) }, \
	{ "at", SHAPE_TIME, AT(at_utc_ms), .like = TIME_MINUTE }, \
	HEX("by", by, KEY_ID_LEN), HEX("private", private_part, HASH_LEN), __VA_ARGS__ } }

/* docs/formats.md section 1. */
static const struct {
	const char *name;
	unsigned kinds; /* that show it */
	const struct shape *shape;
} types[] = {
	[FACT_INIT] = { "init", C | A | R, ALL({ "solo", SHAPE_FLAG, AT(solo) }, { 0 }) },
	[FACT_KEY] = { "key", C | A,
		       ALL({ "key", SHAPE_HEX, AT(key), .max = SIGN_PUBLIC_LEN,
			     .then = take_key }, { 0 }) },
	[FACT_SOURCE] = { "source", C | A | R, ALL(SOURCE, { 0 }) },
	[FACT_TERMS] = { "terms", A | R,
			 ALL(SOURCE, NUMBER("version", source.version), { 0 }) },
	[FACT_TRANSFER] = { "transfer", A | R,
			    ALL(SOURCE, HEX("transfer", transfer, TAG_LEN), { 0 }) },
	[FACT_CORRECTION] = { "correction", A | R, ALL(HEX("transfer", transfer, TAG_LEN), { 0 }) },
	[FACT_GRANT] = { "grant", R, ALL({ 0 }) },
	[FACT_WITHDRAWAL] = { "withdrawal", R, ALL({ 0 }) },
	[FACT_BATCH] = { "batch", C | A | R,
			 ALL(RECORDS, NUMBER("first", first), NUMBER("last", last), SOURCE,
			     { "transfer", SHAPE_HEX_OR_NONE, AT(transfer), .max = TAG_LEN,
			       .count_at = offsetof(struct fact, has_transfer) }, { 0 }) },
	[FACT_DATASET] = { "dataset", C | A | R, ALL(RECORDS, ROOT, { 0 }) },
	[FACT_MODEL] = { "model", C | A | R,
			 ALL(RECORDS, ROOT,
			     NUMBERS("inputs", input, 0, FACT_ENTRY_MAX, NULL), { 0 }) },
	[FACT_ORDER] = { "order", C | A | R, ALL(RECORDS, { 0 }) },
	[FACT_PLAN] = { "plan", C, ALL(NUMBER("order", order), { 0 }) },
	[FACT_APPROVAL] = { "approval", C,
			    ALL(NUMBER("order", order), NUMBER("plan", plan), SIGNATURE, { 0 }) },
	[FACT_STEP] = { "step", C,
			ALL(NUMBER("order", order), NUMBERS("steps", from_1, 2, 2, take_steps),
			    { "epoch", SHAPE_NUMBER, AT(epoch), .optional = true }, { 0 }) },
	[FACT_REPRODUCED] = { "reproduced", C | A, ALL(EARLIER("model"), SIGNATURE, { 0 }) },
	[FACT_CERTIFIED] = { "certified", A, ALL(NUMBER("order", order), { 0 }) },
	[FACT_DEPLOYMENT] = { "deployment", R, ALL(EARLIER("model"), { 0 }) },
	[FACT_UNDEPLOYMENT] = { "undeployment", R, ALL(EARLIER("deployment"), { 0 }) },
	[FACT_OUTPUT] = { "output", R, ALL(EARLIER("model"), { 0 }) },
	[FACT_HANDOVER] = { "handover", R, ALL(EARLIER("of"), { 0 }) },
	[FACT_SUCCESSOR] = { "successor", C | A | R,
			     ALL(EARLIER("before"), HEX("key", key, SIGN_PUBLIC_LEN), RECORDS, ROOT, NUMBER("lost", lost),
				 HEX("lost_root", lost_root, HASH_LEN), NUMBER("lost_records", lost_records),
				 { "keys", SHAPE_FLAG, AT(solo) }, NUMBERS("slots", from_1, 2, 2, take_steps),
				 SIGNATURE, { 0 }) },
};

const char *fact_type_name(enum fact_type type)
{
	return types[type].name;
}

const char *kind_name(enum kind kind)
{
	return kind == ATTESTATION ? "attestation" : kind == RECEIPT ? "receipt" : "certificate";
}

int fact_read(struct statement *s, const json_t *o, struct fact *f, struct error *e)
{
	const char *name = json_text_or(o, "type", "");

	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (strcmp(types[i].name, name) == 0 && (types[i].kinds & s->kind)) {
			f->type = (enum fact_type)i;
			return shape_read(s->arena, o, types[i].shape, f, f, e);
		}
	return error_set(e, E_FORMAT, "a %s shows no facts of this type", kind_name(s->kind));
}
