#include <inttypes.h>
#include <string.h>

#include "base/search.h"
#include "base/text.h"
#include "proof/statement.h"
#include "wire/fields.h"

/* END - 1 is the last field of the list. */
enum { C = CERTIFICATE, A = ATTESTATION, R = RECEIPT, MANY = FIELDS_MAX, END = 1 << 20,
       CARD = FACT_TYPES, CARD_PLACES = 7 /* of a card, before those in random order */ };

/* docs/formats.md section 1: the fields of a private part have their places. A name alone would
 * not do: a list may hold two fields of one name, and a liar would open the better one. Where a
 * list has fields that may be missing, a place depends on those before it: see "the order of
 * fields" in docs/formats-statements.md. */
static const struct {
	int type; /* of fact, or CARD */
	const char *field;
	uint64_t index_min, index_max, count_min, count_max;
	unsigned kinds; /* that may open it */
} places[] = {
	{ FACT_INIT, "origin", 0, 0, 1, 1, C | A | R },
	{ FACT_KEY, "role", 0, 0, 1, 1, C | A },
	{ FACT_SOURCE, "name", 0, 0, 4, 4, C | A | R },
	{ FACT_SOURCE, "kind", 1, 1, 4, 4, A | R },
	{ FACT_SOURCE, "people", 2, 2, 4, 4, A | R },
	{ FACT_SOURCE, "controller", 3, 3, 4, 4, A | R },
	{ FACT_TERMS, "document", 0, 0, 8, 8, A | R },
	{ FACT_TERMS, "document-name", 1, 1, 8, 8, A | R },
	{ FACT_TERMS, "licence", 2, 2, 8, 8, A | R },
	{ FACT_TERMS, "allow", 3, 3, 8, 8, A | R },
	{ FACT_TERMS, "deny", 4, 4, 8, 8, A | R },
	{ FACT_TERMS, "basis", 5, 5, 8, 8, A | R },
	{ FACT_TERMS, "from", 6, 6, 8, 8, A | R },
	{ FACT_TERMS, "until", 7, 7, 8, 8, A | R },
	{ FACT_TRANSFER, "id", 0, 0, 7, MANY, A | R },
	{ FACT_TRANSFER, "source", 1, 1, 7, MANY, A | R },
	{ FACT_TRANSFER, "from", 2, 2, 7, MANY, A | R },
	{ FACT_TRANSFER, "to", 3, 3, 7, MANY, A | R },
	{ FACT_TRANSFER, "date", 4, 4, 7, MANY, A | R },
	{ FACT_TRANSFER, "uses", 5, 5, 7, MANY, A | R },
	{ FACT_TRANSFER, "notified", 6, 6, 7, MANY, A | R },
	{ FACT_TRANSFER, "document", 7, END - 1, 8, MANY, A | R },
	{ FACT_CORRECTION, "id", 0, 0, 1, MANY, A | R },
	{ FACT_CORRECTION, "uses", 1, 1, 2, MANY, A | R },
	{ FACT_CORRECTION, "notified", 1, 2, 2, MANY, A | R },
	{ FACT_CORRECTION, "document", 1, END - 1, 2, MANY, A | R },
	{ FACT_GRANT, "id", 0, 0, 8, 8, R },
	{ FACT_GRANT, "subject", 1, 1, 8, 8, R }, /* the receipt's alone: check_people.c */
	{ FACT_GRANT, "source", 1, 1, 8, 8, R },
	{ FACT_GRANT, "uses", 2, 2, 8, 8, R },
	{ FACT_GRANT, "basis", 3, 3, 8, 8, R },
	{ FACT_GRANT, "explicit", 4, 4, 8, 8, R },
	{ FACT_GRANT, "evidence", 5, 5, 8, 8, R },
	{ FACT_GRANT, "from", 6, 6, 8, 8, R },
	{ FACT_GRANT, "until", 7, 7, 8, 8, R },
	{ FACT_WITHDRAWAL, "grant", 0, END - 2, 2, MANY, R },
	{ FACT_WITHDRAWAL, "subject", END - 3, END - 2, 2, MANY, R }, /* as a grant's */
	{ FACT_WITHDRAWAL, "uses", END - 2, END - 2, 2, MANY, R },
	{ FACT_WITHDRAWAL, "order", END - 1, END - 1, 1, MANY, R },
	{ FACT_BATCH, "id", 0, 0, 7, 7, A },
	{ FACT_BATCH, "terms", 3, 3, 7, 7, A },
	{ FACT_BATCH, "use", 4, 4, 7, 7, A },
	{ FACT_DATASET, "name", 0, 0, 9, 10, C | A | R },
	{ FACT_DATASET, "version", 1, 1, 9, 10, C | A | R },
	{ FACT_DATASET, "use", 2, 2, 9, 10, A | R },
	{ FACT_DATASET, "count", 7, 7, 9, 10, A },
	{ FACT_MODEL, "name", 0, 0, 12, 13, C | A | R },
	{ FACT_MODEL, "version", 1, 1, 12, 13, C | A | R },
	{ FACT_MODEL, "kind", 2, 2, 12, 13, A | R },
	/* Of no other checkpoint: it is plain. */
	{ FACT_MODEL, "digest", 3, 3, EXACT_FIELDS, EXACT_FIELDS, C },
	{ FACT_MODEL, "digest", 3, 3, 12, 13, A }, /* of that which it is about alone */
	{ FACT_MODEL, "grade", 6, 6, 12, 13, A },
	{ FACT_MODEL, "count", 10, 10, 12, 13, A },
	{ FACT_MODEL, "reasons", 11, 11, 12, 13, A },
	{ FACT_ORDER, "id", 0, 0, 7, 8, C | A | R },
	{ FACT_ORDER, "demand", 1, 1, 7, 8, C },
	{ FACT_ORDER, "positions", 2, 2, 7, 8, C | A },
	{ FACT_ORDER, "count", 3, 3, 7, 8, C },
	{ FACT_ORDER, "kept", 4, 4, 7, 8, C },
	{ FACT_ORDER, "due", 5, 5, 7, 8, C },
	{ FACT_ORDER, "login", 6, 6, 7, 8, C },
	{ FACT_PLAN, "plan", 0, 0, 2, 2, C },
	{ FACT_APPROVAL, "role", 0, 0, 2, 2, C },
	{ FACT_APPROVAL, "login", 1, 1, 2, 2, C },
	{ FACT_STEP, "done", 0, 0, 1, 1, C },
	{ FACT_REPRODUCED, "tool", 0, 0, 1, 1, C | A },
	{ FACT_CERTIFIED, "sha256", 0, 0, 2, 2, A },
	{ FACT_CERTIFIED, "sha512", 1, 1, 2, 2, A },
	{ FACT_DEPLOYMENT, "id", 0, 0, 3, 7, R },
	{ FACT_DEPLOYMENT, "product", 1, 1, 3, 7, R },
	{ FACT_DEPLOYMENT, "use", 2, 2, 3, 7, R },
	{ FACT_DEPLOYMENT, "recipient", 3, 3, 4, 7, R },
	{ FACT_DEPLOYMENT, "endpoint", 3, 4, 4, 7, R },
	{ FACT_DEPLOYMENT, "from", END - 1, END - 1, 4, 7, R },
	{ FACT_UNDEPLOYMENT, "reason", 0, 0, 1, 1, R },
	{ FACT_OUTPUT, "name", 0, 0, 4, 5, R },
	{ FACT_OUTPUT, "kind", 1, 1, 4, 5, R },
	{ FACT_HANDOVER, "id", 0, 0, 7, MANY, R },
	{ FACT_HANDOVER, "to", 1, 1, 7, MANY, R },
	{ FACT_HANDOVER, "use", 2, 2, 7, MANY, R },
	{ FACT_HANDOVER, "format", 4, 4, 7, MANY, R },
	{ FACT_HANDOVER, "count", 5, 5, 7, MANY, R },
	{ FACT_HANDOVER, "document", 7, END - 1, 8, MANY, R },
	/* docs/formats.md section 1, of a card: as many fields as FIELDS_STEP divides. */
	{ CARD, "content", 0, 0, 1, MANY, R },
	{ CARD, "source", 1, 1, 1, MANY, R },
	{ CARD, "transfer", 2, 2, 1, MANY, R },
	{ CARD, "terms", 3, 3, 1, MANY, R },
	{ CARD, "decision", 4, 4, 1, MANY, R },
	{ CARD, "subject", CARD_PLACES, END - 1, 1, MANY, R },
};

static uint64_t place(uint64_t index, uint64_t count)
{
	if (index < END / 2)
		return index;
	return count < END - index ? 0 : count - (END - index);
}

/* The row of its place; -1: there is no such field to open, -2: it is elsewhere. */
static int row_of(const struct opening *o, int type, enum kind kind)
{
	int ret = -1;

	for (size_t i = 0; i < COUNT_OF(places); i++) {
		if (places[i].type != type || !(places[i].kinds & kind) ||
		    strcmp(places[i].field, o->field) != 0)
			continue;
		if (o->count >= places[i].count_min && o->count <= places[i].count_max &&
		    o->index >= place(places[i].index_min, o->count) &&
		    o->index <= place(places[i].index_max, o->count))
			return (int)i;
		ret = -2;
	}
	return ret;
}

static bool are_neighbours(const struct opening *a, const struct opening *b)
{
	return a->n == b->n && a->index + 1 == b->index;
}

/* A field that may be missing before it (behind it, where it is counted from the end) is opened
 * when it is there: else there could be two of its name to choose from. */
static bool is_only_place(const struct opening *list, size_t count, size_t i, size_t row)
{
	const struct opening *o = &list[i];
	bool from_end = places[row].index_min >= END / 2;

	if (from_end)
		return o->index == place(places[row].index_max, o->count) ||
		       (i + 1 < count && are_neighbours(o, o + 1));
	if (places[row].index_max >= END / 2)
		return true; /* a list */
	return o->index == places[row].index_min || (i > 0 && are_neighbours(o - 1, o));
}

/* Fields that are opened stand in the order of the table; only lists repeat a name. */
static bool is_behind(const struct opening *o, int type, enum kind kind, int row)
{
	int before;

	if (o[-1].n != o->n)
		return true;
	before = row_of(o - 1, type, kind);
	return before < row || (before == row && places[row].index_min < END / 2 &&
				places[row].index_max >= END / 2);
}

int opening_place(const struct statement *s, const struct opening *list, size_t count, size_t i,
		  const struct fact *f, struct error *e)
{
	const char *type = f ? fact_type_name(f->type) : "card";
	const struct opening *o = &list[i];
	int of = f ? (int)f->type : CARD, row = row_of(o, of, s->kind);

	if (want(row != -1, e, "%s of %" PRIu64 " (%s): no such field to open", o->field, o->n,
		 type) < 0 ||
	    want(row >= 0 && (i == 0 || is_behind(o, of, s->kind, row)) &&
		 is_only_place(list, count, i, (size_t)row) &&
		 (f || o->count % FIELDS_STEP == 0), e,
		 "field %s of %" PRIu64 " (%s) is not at %" PRIu64 " of %" PRIu64, o->field, o->n,
		 type, o->index, o->count) < 0)
		return e->code;
	return want(s->kind != ATTESTATION || of != FACT_MODEL || o->n == s->model ||
		    strcmp(o->field, "digest") != 0, e,
		    "the digest of fact %" PRIu64 ", which this is not about", o->n);
}

void opening_commitment(const struct opening *o, struct hash *ret)
{
	if (o->withheld)
		*ret = o->commitment;
	else
		commit_make(ret, o->field, o->salt, o->value, o->value_len);
}

int opening_check(const struct opening *o, const struct hash *to, struct error *e)
{
	struct tree_path path = { .count = o->path_count };
	struct hash commitment, leaf, root, list;

	memcpy(path.hash, o->path, o->path_count * sizeof(*o->path));
	opening_commitment(o, &commitment);
	tree_leaf(&leaf, &commitment, sizeof(commitment));
	if (tree_climb(&path, &leaf, o->index, o->count, &root, e) < 0)
		return error_wrap(e, "field %s of %" PRIu64, o->field, o->n);
	commit_list(&list, o->count, &root);
	return want(hash_equal(&list, to), e, "field %s of %" PRIu64 " leads to another private "
		    "part", o->field, o->n);
}

const struct opening *openings_of(const struct opening *list, size_t count, uint64_t n,
				  size_t *ret_count)
{
	size_t first = search_from(list, count, sizeof(*list), n), end = first;

	while (end < count && list[end].n == n && end - first < FIELDS_MAX)
		end++;
	*ret_count = end - first;
	return list + first;
}

const struct opening *opening_named(const struct opening *list, size_t count, const char *field)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].field, field) == 0)
			return &list[i];
	return NULL;
}

const struct opening *opening_find(const struct statement *s, uint64_t n, const char *field)
{
	size_t count;
	const struct opening *o = openings_of(s->openings, s->opening_count, n, &count);

	return opening_named(o, count, field);
}

bool opening_equal(const struct opening *a, const struct opening *b)
{
	return b && a->value_len == b->value_len && memcmp(a->value, b->value, a->value_len) == 0;
}

int opened_number(const struct opening *o, uint64_t *ret, struct error *e)
{
	return number_parse(ret, (const char *)o->value, o->value_len, e);
}

int opened_text(const struct statement *s, uint64_t n, const char *field, const char **ret,
		struct error *e)
{
	const struct opening *o = opening_find(s, n, field);

	if (!o || o->withheld)
		return error_set(e, E_NOT_FOUND, "field %s of fact %" PRIu64 " is %s", field, n,
				 o ? "withheld" : "not opened");
	if (memchr(o->value, 0, o->value_len))
		return error_set(e, E_FORMAT, "field %s of fact %" PRIu64 " is no text", field, n);
	*ret = (const char *)o->value;
	return 0;
}

int opened_read(const struct statement *s, uint64_t n, const char *field, const struct shape *shape,
		void *ret, struct error *e)
{
	const char *text = NULL;
	json_t *j = NULL;

	if (opened_text(s, n, field, &text, e) < 0)
		return e->code;
	if (document_parse(&j, text, strlen(text), e) < 0 ||
	    shape_read(s->arena, j, shape, NULL, ret, e) < 0)
		error_wrap(e, "field %s of fact %" PRIu64, field, n);
	if (j && json_array_append_new(s->opened_json, j) < 0)
		return error_set(e, E_MEMORY, "statement: out of memory");
	return e->code;
}
