#include <stdlib.h>
#include <string.h>

#include "proof/attestation.h"
#include "proof/reading.h"
#include "proof/receipt.h"

void statement_destroy(struct statement *s)
{
	if (!s)
		return;
	set_destroy(s->positions);
	set_destroy(s->kept);
	json_decref(s->json);
	dsse_destroy(s->envelope);
	arena_destroy(s->arena);
	free(s);
}

/* ---- subject and kind ---- */

static const struct {
	const char *type, *subject;
	size_t subjects_max;
	enum kind kind;
} kinds[] = {
	{ CERTIFICATE_TYPE, "order", 1, CERTIFICATE },
	{ ATTESTATION_TYPE, "checkpoint", 1, ATTESTATION },
	{ RECEIPT_TYPE, "record", RECEIPT_RECORDS_MAX, RECEIPT },
};

static int read_subject(struct statement *s, const json_t *j, void *ret, struct error *e)
{
	json_t *digest = NULL;
	const char *name = "", *asked = "";

	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (kinds[i].kind == s->kind)
			asked = kinds[i].subject;
	if (ONLY(j, "name", "digest") < 0 || json_get_text(j, "name", &name, e) < 0 ||
	    json_get_object(j, "digest", &digest, e) < 0 || ONLY(digest, "sha256") < 0)
		return e->code;
	if (strcmp(name, asked) != 0)
		return error_set(e, E_FORMAT, "its subject is not: %s", asked);
	return json_get_hash(digest, "sha256", ret, e);
}

static int read_kind(struct statement *s, size_t *ret_max, struct error *e)
{
	const char *type = "", *what = "";

	if (ONLY(s->json, "_type", "subject", "predicateType", "predicate") < 0 ||
	    json_get_text(s->json, "_type", &type, e) < 0 ||
	    json_get_text(s->json, "predicateType", &what, e) < 0)
		return e->code;
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strcmp(type, STATEMENT_TYPE) == 0 && strcmp(what, kinds[i].type) == 0) {
			s->kind = kinds[i].kind;
			*ret_max = kinds[i].subjects_max;
			return 0;
		}
	return error_set(e, E_FORMAT, "a statement, but not a certificate, an attestation or a "
			 "receipt");
}

static int read_statement(struct statement *s, struct error *e)
{
	size_t max = 0;
	json_t *p = NULL;

	if (read_kind(s, &max, e) < 0 ||
	    read_list(s, s->json, "subject", max, sizeof(*s->subjects), read_subject,
		      &s->subjects, &s->subject_count, e) < 0)
		return e->code;
	if (s->subject_count == 0)
		return error_set(e, E_FORMAT, "no subject");
	s->demand = s->subjects[0];
	if (json_get_object(s->json, "predicate", &p, e) < 0)
		return e->code;
	s->predicate = p;
	return read_predicate(s, p, e);
}

/* ---- the file ---- */

int marks_check(const void *bytes, size_t len_bytes, struct error *e)
{
	const uint8_t *p = bytes;
	size_t count = 0;

	for (size_t i = 0; i < len_bytes; i++)
		count += p[i] == ',' || p[i] == '[' || p[i] == '{' || p[i] == ':';
	if (count > STATEMENT_MARKS_MAX)
		return error_set(e, E_RANGE, "more than %d values", STATEMENT_MARKS_MAX);
	return 0;
}

static int parse(struct statement *s, const void *bytes, size_t len_bytes, struct error *e)
{
	if (arena_create(&s->arena, e) < 0)
		return e->code;
	if (len_bytes > CERTIFICATE_BYTES_MAX)
		return error_set(e, E_RANGE, "more than %d bytes", CERTIFICATE_BYTES_MAX);
	if (marks_check(bytes, len_bytes, e) < 0 ||
	    dsse_parse(&s->envelope, bytes, len_bytes, CERTIFICATE_BYTES_MAX, true, e) < 0)
		return error_wrap(e, "envelope");
	if (marks_check(s->envelope->body->data, s->envelope->body->len, e) < 0 ||
	    json_parse_canonical(&s->json, s->envelope->body->data, s->envelope->body->len,
				 CERTIFICATE_BYTES_MAX, e) < 0 ||
	    read_statement(s, e) < 0)
		return error_wrap(e, "statement");
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

int statement_read(struct statement **ret, enum kind *ret_kind, const void *bytes,
		   size_t len_bytes, struct error *e)
{
	scoped(statement) *s = calloc(1, sizeof(*s));
	const char *other = taken_for_one(bytes, len_bytes);
	int code;

	*ret_kind = CERTIFICATE;
	if (other)
		return error_set(e, E_FORMAT, "%s", other);
	if (!s)
		return error_set(e, E_MEMORY, "statement: out of memory");
	s->kind = CERTIFICATE;
	code = parse(s, bytes, len_bytes, e);
	*ret_kind = s->kind;
	if (code == 0)
		*ret = give(s);
	return code;
}
