#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "proof/attestation.h"
#include "proof/reading.h"
#include "proof/receipt.h"

/* Members of every predicate. */
#define COMMON                                                                                   \
	"format", "origin", "key", "issued", "tool", "heads", "facts", "facts_proof", "openings", \
	"summary", "asserted", "signed_by_others", "not_covered"

/* ---- what every kind says ---- */

static int read_sentence(struct statement *s, const json_t *j, void *ret, struct error *e)
{
	(void)s;
	(void)ret;
	return json_is_string(j) ? 0 : error_set(e, E_FORMAT, "not a sentence");
}

/* What is for people is only looked at for its shape. */
static int read_words(struct statement *s, const json_t *p, struct error *e)
{
	static const char *const lists[] = { "asserted", "signed_by_others", "not_covered" };
	json_t *summary = NULL;
	const char *text;
	size_t count;
	void *items;

	for (size_t i = 0; i < COUNT_OF(lists); i++)
		if (read_list(s, p, lists[i], CERTIFICATE_WORDS_MAX, 0, read_sentence, &items,
			      &count, e) < 0)
			return e->code;
	if (json_get_object(p, "summary", &summary, e) < 0 ||
	    json_get_text(summary, "what", &text, e) < 0 ||
	    (s->kind == RECEIPT && json_get_text(summary, "withdraw", &text, e) < 0))
		return error_wrap(e, "words");
	return 0;
}

static int read_about(struct statement *s, const json_t *p, struct error *e)
{
	const char *tool, *issued = NULL;
	uint64_t format = 0;
	struct hash key;

	if (json_get_number(p, "format", &format, e) < 0)
		return e->code;
	if (format != 1)
		return error_set(e, E_FORMAT, "format %" PRIu64 " is not known", format);
	if (read_name(p, "origin", &s->origin, e) < 0 || read_name(p, "tool", &tool, e) < 0 ||
	    json_get_hash(p, "key", &key, e) < 0 || json_get_text(p, "issued", &issued, e) < 0 ||
	    time_parse(&s->issued_utc_ms, issued, e) < 0)
		return e->code;
	if (strlen(issued) != strlen("2014-03-01T12:00:00Z"))
		return error_set(e, E_FORMAT, "\"issued\" is not a time to the second");
	memcpy(s->key, key.b, sizeof(s->key));
	return 0;
}

static int read_heads(struct statement *s, const json_t *p, struct error *e)
{
	json_t *heads = NULL;

	if (json_get_object(p, "heads", &heads, e) < 0 || ONLY(heads, "facts", "records") < 0 ||
	    json_get_text(heads, "facts", &s->facts_note, e) < 0)
		return e->code;
	return json_get_text(heads, "records", &s->records_note, e);
}

/* ---- a certificate ---- */

static int read_order(struct statement *s, const json_t *p, struct error *e)
{
	json_t *o = NULL;

	if (json_get_object(p, "order", &o, e) < 0 ||
	    ONLY(o, "id", "opened", "plan", "approval", "steps") < 0 ||
	    read_name(o, "id", &s->order_id, e) < 0 ||
	    json_get_number(o, "opened", &s->opened, e) < 0 ||
	    json_get_number(o, "plan", &s->plan, e) < 0 ||
	    json_get_number(o, "approval", &s->approval, e) < 0)
		return e->code;
	return read_list(s, o, "steps", CERTIFICATE_FACTS_MAX, sizeof(*s->steps), read_number,
			 &s->steps, &s->step_count, e);
}

static int read_positions(struct statement *s, const json_t *p, struct error *e)
{
	if (json_get_text(p, "positions", &s->positions_text, e) < 0 ||
	    json_get_text(p, "kept", &s->kept_text, e) < 0)
		return e->code;
	if (set_from_text(&s->positions, s->positions_text, CERTIFICATE_RUNS_MAX, e) < 0)
		return error_wrap(e, "positions");
	if (set_from_text(&s->kept, s->kept_text, CERTIFICATE_RUNS_MAX, e) < 0)
		return error_wrap(e, "kept");
	return 0;
}

static int read_reached(struct statement *s, const json_t *j, void *ret, struct error *e)
{
	const char *text;
	uint64_t count;

	(void)s;
	(void)ret;
	if (ONLY(j, "kind", "count", "how", "grade") < 0 || json_get_text(j, "kind", &text, e) < 0 ||
	    json_get_number(j, "count", &count, e) < 0 || json_get_text(j, "how", &text, e) < 0)
		return e->code;
	return json_get_text(j, "grade", &text, e);
}

static int read_reach(struct statement *s, const json_t *p, struct error *e)
{
	json_t *summary = NULL, *sanitization;
	const json_t *models;
	size_t count;
	void *items;

	if (json_get_object(p, "sanitization", &sanitization, e) < 0 ||
	    json_get_object(p, "summary", &summary, e) < 0 ||
	    ONLY(summary, "what", "reached", "people", "models") < 0 ||
	    read_list(s, summary, "reached", CERTIFICATE_WORDS_MAX, 0, read_reached, &items, &count,
		      e) < 0)
		return error_wrap(e, "words");
	if (!json_object_get(summary, "people"))
		return error_set(e, E_FORMAT, "summary: \"people\" is missing");
	models = json_object_get(summary, "models");
	if (json_array_size(models) > CERTIFICATE_WORDS_MAX ||
	    json_object_size(models) > CERTIFICATE_WORDS_MAX)
		return error_set(e, E_RANGE, "summary: more than %d models", CERTIFICATE_WORDS_MAX);
	return 0;
}

static int read_certificate(struct statement *s, const json_t *p, struct error *e)
{
	if (ONLY(p, COMMON, "order", "positions", "kept", "sets", "containers",
		 "sanitization") < 0 ||
	    read_order(s, p, e) < 0 || read_positions(s, p, e) < 0 || read_sets(s, p, e) < 0)
		return e->code;
	return read_reach(s, p, e);
}

/* ---- an attestation ---- */

static int read_attestation(struct statement *s, const json_t *p, struct error *e)
{
	const char *absent = "";

	if (ONLY(p, COMMON, "model", "absent", "sets", "containers") < 0 ||
	    json_get_number(p, "model", &s->model, e) < 0 ||
	    json_get_text(p, "absent", &absent, e) < 0)
		return e->code;
	if (set_from_text(&s->positions, absent, CERTIFICATE_RUNS_MAX, e) < 0)
		return error_wrap(e, "absent");
	return read_sets(s, p, e);
}

/* ---- a receipt ---- */

static int read_record(struct statement *s, const json_t *j, void *ret, struct error *e)
{
	struct shown_record *r = ret;

	(void)s;
	if (ONLY(j, "p", "commitment") < 0 || json_get_number(j, "p", &r->pos, e) < 0)
		return e->code;
	return json_get_hash(j, "commitment", &r->commitment, e);
}

static int read_receipt(struct statement *s, const json_t *p, struct error *e)
{
	if (ONLY(p, COMMON, "records", "records_proof", "record_openings") < 0 ||
	    read_list(s, p, "records", RECEIPT_RECORDS_MAX, sizeof(*s->records), read_record,
		      &s->records, &s->record_count, e) < 0 ||
	    read_hashes(s, p, "records_proof", (size_t)CERTIFICATE_FACTS_MAX * 4,
			&s->records_proof, &s->records_proof_count, e) < 0)
		return e->code;
	return read_record_openings(s, p, e);
}

/* ---- the whole ---- */

int read_predicate(struct statement *s, const json_t *p, struct error *e)
{
	if (read_about(s, p, e) < 0 || read_heads(s, p, e) < 0 || read_facts(s, p, e) < 0 ||
	    read_openings(s, p, e) < 0 || read_words(s, p, e) < 0)
		return e->code;
	return s->kind == CERTIFICATE ? read_certificate(s, p, e) :
	       s->kind == ATTESTATION ? read_attestation(s, p, e) :
					read_receipt(s, p, e);
}
