#include <inttypes.h>
#include <string.h>

#include "proof/statement.h"

/* docs/formats.md section 1: the fields of a private part have their places. A name alone would
 * not do: a list may hold two fields of one name, and a liar would open the better one. */
static const struct {
	enum fact_type type;
	const char *field;
	uint64_t index, count_min, count_max;
} places[] = {
	{ FACT_INIT, "origin", 0, 1, 1 },
	{ FACT_KEY, "role", 0, 1, 1 },
	{ FACT_SOURCE, "name", 0, 4, 4 },
	{ FACT_DATASET, "name", 0, 9, 10 },
	{ FACT_DATASET, "version", 1, 9, 10 },
	{ FACT_MODEL, "name", 0, 12, 13 },
	{ FACT_MODEL, "version", 1, 12, 13 },
	{ FACT_MODEL, "digest", 3, EXACT_FIELDS, EXACT_FIELDS }, /* of no other: it would be plain */
	{ FACT_ORDER, "id", 0, 7, 8 },
	{ FACT_ORDER, "demand", 1, 7, 8 },
	{ FACT_ORDER, "positions", 2, 7, 8 },
	{ FACT_ORDER, "count", 3, 7, 8 },
	{ FACT_ORDER, "kept", 4, 7, 8 },
	{ FACT_ORDER, "due", 5, 7, 8 },
	{ FACT_ORDER, "login", 6, 7, 8 },
	{ FACT_PLAN, "plan", 0, 2, 2 },
	{ FACT_APPROVAL, "role", 0, 2, 2 },
	{ FACT_APPROVAL, "login", 1, 2, 2 },
	{ FACT_STEP, "done", 0, 1, 1 },
	{ FACT_REPRODUCED, "tool", 0, 1, 1 },
};

int opening_place(const struct opening *o, enum fact_type type, struct error *e)
{
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		if (places[i].type != type || strcmp(places[i].field, o->field) != 0)
			continue;
		if (o->index == places[i].index && o->count >= places[i].count_min &&
		    o->count <= places[i].count_max)
			return 0;
		return error_set(e, E_MISMATCH, "field %s of fact %" PRIu64 " (%s) is not at %"
				 PRIu64 " of %" PRIu64, o->field, o->n, fact_type_name(type),
				 o->index, o->count);
	}
	return error_set(e, E_MISMATCH, "fact %" PRIu64 " (%s) has no such field to open", o->n,
			 fact_type_name(type));
}

void opening_commitment(const struct opening *o, struct hash *ret)
{
	if (o->withheld)
		*ret = o->commitment;
	else
		commit_make(ret, o->field, o->salt, o->value, o->value_len);
}

int opening_check(const struct opening *o, const struct fact *f, struct error *e)
{
	struct tree_path path = { .count = o->path_count };
	struct hash commitment, leaf, root, list;

	memcpy(path.hash, o->path, o->path_count * sizeof(*o->path));
	opening_commitment(o, &commitment);
	tree_leaf(&leaf, &commitment, sizeof(commitment));
	if (tree_climb(&path, &leaf, o->index, o->count, &root, e) < 0)
		return error_wrap(e, "field %s of fact %" PRIu64, o->field, o->n);
	commit_list(&list, o->count, &root);
	if (!hash_equal(&list, &f->private_part))
		return error_set(e, E_MISMATCH, "field %s of fact %" PRIu64 " leads to another "
				 "private part", o->field, o->n);
	return 0;
}

const struct opening *opening_find(const struct statement *s, uint64_t n, const char *field)
{
	size_t low = 0, high = s->opening_count;

	/* The first of fact n. */
	while (low < high) {
		size_t i = low + (high - low) / 2;

		if (s->openings[i].n < n)
			low = i + 1;
		else
			high = i;
	}
	for (; low < s->opening_count && s->openings[low].n == n; low++)
		if (strcmp(s->openings[low].field, field) == 0)
			return &s->openings[low];
	return NULL;
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

int opened_json(const struct statement *s, uint64_t n, const char *field, json_t **ret,
		struct error *e)
{
	const char *text = NULL;

	if (opened_text(s, n, field, &text, e) < 0)
		return e->code;
	if (marks_check(text, strlen(text), e) < 0 ||
	    json_parse_canonical(ret, text, strlen(text), CERTIFICATE_BYTES_MAX, e) < 0)
		return error_wrap(e, "field %s of fact %" PRIu64, field, n);
	return 0;
}
