/* What a statement is made of, as tables, and what no table says. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "proof/attestation.h"
#include "proof/receipt.h"
#include "proof/statement.h"
#include "set/container.h"

void statement_done(struct statement *s)
{
	set_destroy(s->positions);
	set_destroy(s->kept);
	json_decref(s->json);
	json_decref(s->opened_json);
	json_decref(s->envelope.json);
	arena_destroy(s->arena);
}

/* ---- what no table says ---- */

/* Only a certificate withholds. */
static int check_opening(void *ctx, const json_t *j, void *ret, struct error *e)
{
	const struct statement *s = ctx;
	struct opening *o = ret;

	o->withheld = json_object_get(j, "commitment") != NULL;
	if (o->withheld ? s->kind != CERTIFICATE || o->salt || o->value : !o->salt || !o->value)
		return error_set(e, E_FORMAT, "neither opened nor withheld");
	if (o->index >= o->count || o->count > FIELDS_MAX)
		return error_set(e, E_RANGE, "no such field");
	return 0;
}

static int check_container(void *ctx, const json_t *j, void *ret, struct error *e)
{
	const struct shown_container *k = ret;

	(void)ctx;
	if (!k->opening == !json_object_get(j, "root"))
		return error_set(e, E_FORMAT, "neither opened nor a root");
	if (k->number >= CONTAINER_NUMBER_END || k->size <= k->number * CONTAINER_POSITIONS ||
	    k->size != container_end(k->number, k->size))
		return error_set(e, E_RANGE, "container %" PRIu64 " does not end at %" PRIu64,
				 k->number, k->size);
	return 0;
}

/* ---- lists ---- */

#define AT(type, member) .at = offsetof(struct type, member)
#define COUNT(type, member) .count_at = offsetof(struct type, member)
#define NUMBER(key, type, member) { key, SHAPE_NUMBER, AT(type, member) }
#define MEMBERS(...) .of = (const struct shape[]){ __VA_ARGS__, { 0 } }

static const struct shape number = { NULL, SHAPE_NUMBER, .at = 0 };
static const struct shape text = { NULL, SHAPE_TEXT, .at = 0 };

static const struct shape subject = { NULL, SHAPE_OBJECT, MEMBERS(
	{ "name", SHAPE_TEXT, AT(subject, name) },
	{ "digest", SHAPE_OBJECT, MEMBERS(
		{ "sha256", SHAPE_HEX, AT(subject, hash), .max = HASH_LEN }) }) };

static const struct shape fact = { NULL, SHAPE_OBJECT, MEMBERS(
	NUMBER("n", fact, n), { "entry", SHAPE_TEXT, AT(fact, text) }) };

#define OPENING(of) \
	NUMBER(of, opening, n), NUMBER("index", opening, index), NUMBER("count", opening, count), \
	{ "field", SHAPE_TEXT, AT(opening, field), .max = FIELD_NAME_MAX }, \
	{ "salt", SHAPE_BYTES, AT(opening, salt), .min = 1, .max = 1, \
	  .unit = SALT_LEN, .optional = true }, \
	{ "value", SHAPE_BYTES, AT(opening, value), .max = CERTIFICATE_BYTES_MAX, \
	  COUNT(opening, value_len), .unit = 1, .optional = true }, \
	{ "path", SHAPE_BYTES, AT(opening, path), .max = TREE_PATH_MAX, \
	  COUNT(opening, path_count), .unit = HASH_LEN }
static const struct shape record_opening = { NULL, SHAPE_OBJECT, MEMBERS(OPENING("p")),
					     .then = check_opening };
static const struct shape opening = { NULL, SHAPE_OBJECT, MEMBERS(OPENING("n"),
	{ "commitment", SHAPE_HEX, AT(opening, commitment), .max = HASH_LEN, .optional = true }),
	.then = check_opening };

static const struct shape retained = { NULL, SHAPE_OBJECT, MEMBERS(
	NUMBER("n", retained, n),
	{ "containers", SHAPE_LIST, AT(retained, containers), .max = CERTIFICATE_CONTAINERS_MAX,
	  COUNT(retained, count), .unit = sizeof(uint64_t), .of = &number }) };

static const struct shape container = { NULL, SHAPE_OBJECT, MEMBERS(
	NUMBER("number", shown_container, number), NUMBER("size", shown_container, size),
	{ "root", SHAPE_HEX, AT(shown_container, root), .max = HASH_LEN, .optional = true },
	{ "opening", SHAPE_BYTES, AT(shown_container, opening), .max = CERTIFICATE_BYTES_MAX,
	  COUNT(shown_container, opening_len), .unit = 1, .optional = true }),
	.then = check_container };

static const struct shape reached = { NULL, SHAPE_OBJECT, MEMBERS(
	{ "kind", SHAPE_TEXT, AT(reached, kind) }, NUMBER("count", reached, count),
	{ "how", SHAPE_TEXT, AT(reached, how) }, { "grade", SHAPE_TEXT, AT(reached, grade) }) };

static const struct shape record = { NULL, SHAPE_OBJECT, MEMBERS(
	NUMBER("p", shown_record, pos),
	{ "commitment", SHAPE_HEX, AT(shown_record, commitment), .max = HASH_LEN }) };

/* ---- predicates ---- */

#define IN(member) AT(statement, member)
#define LIST(key, list, count, item, limit) \
	{ key, SHAPE_LIST, IN(list), .max = limit, .unit = sizeof(*((struct statement *)0)->list), \
	  COUNT(statement, count), .of = &item }
#define HASHES(key, list, count, limit) \
	{ key, SHAPE_BYTES, IN(list), .max = limit, COUNT(statement, count), .unit = HASH_LEN }
/* What is for people is only looked at for its shape. */
#define WORDS(key) { key, SHAPE_LIST, IN(words), .max = CERTIFICATE_WORDS_MAX, \
		     .unit = sizeof(char *), .of = &text }
#define WHAT { "what", SHAPE_TEXT, IN(words) }

#define COMMON \
	{ "format", SHAPE_NUMBER, IN(format), .min = 1, .max = 1 }, \
	{ "origin", SHAPE_TEXT, IN(origin), .min = 1, .max = STATEMENT_NAME_MAX }, \
	{ "tool", SHAPE_TEXT, IN(words), .min = 1, .max = STATEMENT_NAME_MAX }, \
	{ "key", SHAPE_HEX, IN(key), .max = SIGN_PUBLIC_LEN }, \
	{ "issued", SHAPE_TIME, IN(issued_utc_ms), .like = TIME_SECOND }, \
	{ "heads", SHAPE_OBJECT, MEMBERS({ "facts", SHAPE_TEXT, IN(facts_note) }, \
					 { "records", SHAPE_TEXT, IN(records_note) }) }, \
	LIST("facts", facts, fact_count, fact, CERTIFICATE_FACTS_MAX), \
	HASHES("facts_proof", proof, proof_count, CERTIFICATE_FACTS_MAX), \
	LIST("openings", openings, opening_count, opening, CERTIFICATE_FACTS_MAX), \
	WORDS("asserted"), WORDS("signed_by_others"), WORDS("not_covered")
#define SETS \
	LIST("sets", sets, set_count, retained, CERTIFICATE_FACTS_MAX), \
	LIST("containers", containers, container_count, container, CERTIFICATE_CONTAINERS_MAX)

static const struct shape certificate = { NULL, SHAPE_OBJECT, MEMBERS(COMMON, SETS,
	{ "order", SHAPE_OBJECT, MEMBERS(
		{ "id", SHAPE_TEXT, IN(order_id), .min = 1, .max = STATEMENT_NAME_MAX },
		NUMBER("opened", statement, opened), NUMBER("plan", statement, plan),
		NUMBER("approval", statement, approval),
		LIST("steps", steps, step_count, number, CERTIFICATE_FACTS_MAX)) },
	{ "positions", SHAPE_TEXT, IN(positions_text) },
	{ "kept", SHAPE_TEXT, IN(kept_text) },
	{ "sanitization", SHAPE_OPEN, .of = &(const struct shape){ 0 } },
	{ "summary", SHAPE_OBJECT, MEMBERS(WHAT,
		{ "reached", SHAPE_LIST, IN(words), .max = CERTIFICATE_WORDS_MAX,
		  .unit = sizeof(struct reached), .of = &reached },
		{ "people", SHAPE_JSON, IN(words) },
		{ "models", SHAPE_JSON, IN(words), .max = CERTIFICATE_WORDS_MAX,
		  .optional = true }) }) };

static const struct shape attestation = { NULL, SHAPE_OBJECT, MEMBERS(COMMON, SETS,
	NUMBER("model", statement, model),
	{ "absent", SHAPE_TEXT, IN(positions_text) },
	{ "summary", SHAPE_OPEN, MEMBERS(WHAT) }) };

static const struct shape receipt = { NULL, SHAPE_OBJECT, MEMBERS(COMMON,
	LIST("records", records, record_count, record, RECEIPT_RECORDS_MAX),
	HASHES("records_proof", records_proof, records_proof_count, CERTIFICATE_FACTS_MAX * 4),
	LIST("record_openings", record_openings, record_opening_count, record_opening,
	     CERTIFICATE_FACTS_MAX),
	{ "summary", SHAPE_OPEN, MEMBERS(WHAT, { "withdraw", SHAPE_TEXT, IN(words) }) }) };

static const struct {
	const char *type, *subject;
	size_t subjects_max;
	enum kind kind;
	const struct shape *predicate;
} kinds[] = {
	{ CERTIFICATE_TYPE, "order", 1, CERTIFICATE, &certificate },
	{ ATTESTATION_TYPE, "checkpoint", 1, ATTESTATION, &attestation },
	{ RECEIPT_TYPE, "record", RECEIPT_RECORDS_MAX, RECEIPT, &receipt },
};

#ifdef CERTIFICATES_ONLY /* a program that has no more to be read than these need */
enum { KINDS_READ = CERTIFICATE };
#else
enum { KINDS_READ = CERTIFICATE | ATTESTATION | RECEIPT };
#endif

/* ---- the whole ---- */

static int take_predicate(void *ctx, const json_t *j, void *ret, struct error *e)
{
	struct statement *s = ctx;
	size_t i = 0;

	(void)ret;
	while (i < COUNT_OF(kinds) && strcmp(s->predicate_type, kinds[i].type) != 0)
		i++;
	if (i == COUNT_OF(kinds) || strcmp(s->type, STATEMENT_TYPE) != 0)
		return error_set(e, E_FORMAT, "a statement, but not a certificate, an attestation "
				 "or a receipt");
	if (!(kinds[i].kind & KINDS_READ))
		return error_set(e, E_FORMAT, "this program is for certificates alone: rescind-verify "
				 "reads it");
	s->kind = kinds[i].kind;
	for (size_t k = 0; k < s->subject_count; k++)
		if (strcmp(s->subjects[k].name, kinds[i].subject) != 0)
			return error_set(e, E_FORMAT, "its subject is not: %s", kinds[i].subject);
	if (s->subject_count == 0 || s->subject_count > kinds[i].subjects_max)
		return error_set(e, E_RANGE, "%zu subjects", s->subject_count);
	s->demand = s->subjects[0].hash;
	return shape_read(s->arena, j, kinds[i].predicate, s, s, e);
}

static const struct shape statement = { NULL, SHAPE_OBJECT, MEMBERS(
	{ "_type", SHAPE_TEXT, IN(type) }, { "predicateType", SHAPE_TEXT, IN(predicate_type) },
	LIST("subject", subjects, subject_count, subject, RECEIPT_RECORDS_MAX),
	{ "predicate", SHAPE_JSON, IN(predicate), .then = take_predicate }) };

static int check_marks(const uint8_t *p, size_t len, struct error *e)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += p[i] == ',' || p[i] == '[' || p[i] == '{' || p[i] == ':';
	if (count > STATEMENT_MARKS_MAX)
		return error_set(e, E_RANGE, "more than %d values", STATEMENT_MARKS_MAX);
	return 0;
}

int document_parse(json_t **ret, const void *bytes, size_t len_bytes, struct error *e)
{
	if (check_marks(bytes, len_bytes, e) < 0)
		return e->code;
	return json_parse_canonical(ret, bytes, len_bytes, CERTIFICATE_BYTES_MAX, e);
}

static int read_sets(struct statement *s, struct error *e)
{
	if (s->positions_text &&
	    set_from_text(&s->positions, s->positions_text, CERTIFICATE_RUNS_MAX, e) < 0)
		return e->code;
	if (s->kept_text && set_from_text(&s->kept, s->kept_text, CERTIFICATE_RUNS_MAX, e) < 0)
		return error_wrap(e, "kept");
	return 0;
}

/* Files that go with a statement, and are given in its place; NULL: none of these. */
static const char *taken_for_one(const void *bytes, size_t len_bytes)
{
	static const char folder[] = "certificate/";

	if (len_bytes > sizeof(folder) && memcmp(bytes, folder, sizeof(folder) - 1) == 0)
		return "an archive: unpack it (tar -xf), then give certificate/certificate.json";
	if (len_bytes > 0 && *(const char *)bytes == '<')
		return "a page for people: the statement is the file that it was made of";
	return NULL;
}

int statement_read(struct statement *s, const void *bytes, size_t len_bytes, struct error *e)
{
	const char *other = taken_for_one(bytes, len_bytes);
	struct dsse *d = &s->envelope;

	s->kind = CERTIFICATE;
	if (other)
		return error_set(e, E_FORMAT, "%s", other);
	if (arena_create(&s->arena, e) < 0 || !(s->opened_json = json_array()))
		return error_set(e, E_MEMORY, "statement: out of memory");
	if (len_bytes > CERTIFICATE_BYTES_MAX)
		return error_set(e, E_RANGE, "more than %d bytes", CERTIFICATE_BYTES_MAX);
	d->arena = s->arena;
	if (check_marks(bytes, len_bytes, e) < 0 ||
	    dsse_read(d, bytes, len_bytes, CERTIFICATE_BYTES_MAX, e) < 0)
		return error_wrap(e, "envelope");
	if (document_parse(&s->json, d->body, d->body_len, e) < 0 ||
	    shape_read(s->arena, s->json, &statement, s, s, e) < 0 || read_sets(s, e) < 0)
		return error_wrap(e, "statement");
	return 0;
}
