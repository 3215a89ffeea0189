/* Of a receipt in words: on what terms the records came, and what the person granted. */
#include <inttypes.h>
#include <stdio.h>

#include "flow/receipt_parts.h"
#include "flow/rights.h"

/* Copy members of a document that are there, under the same names. */
static void copy(json_t *to, const json_t *from, const char *const *members, struct error *e)
{
	for (; *members; members++) {
		json_t *v = json_object_get(from, *members);

		json_set_new(to, *members, v ? json_incref(v) : json_null(), e);
	}
}

/* --- terms --- */

/* Batches of one source, on one version of its terms, by one transfer, make one row. */
static bool is_first(const struct receipting *x, size_t i)
{
	const struct batch *b = &x->batches[i];

	for (size_t k = 0; k < i; k++)
		if (x->batches[k].source == b->source && x->batches[k].terms == b->terms &&
		    x->batches[k].transfer == b->transfer)
			return false;
	return true;
}

static int records_of(const struct receipting *x, size_t i, struct set **ret, struct error *e)
{
	const struct batch *b = &x->batches[i];
	scoped(set) *all = NULL;

	if (set_create(&all, e) < 0)
		return e->code;
	for (size_t k = i; k < x->batch_count; k++) {
		const struct batch *other = &x->batches[k];
		scoped(set) *s = NULL;

		if (other->source != b->source || other->terms != b->terms ||
		    other->transfer != b->transfer)
			continue;
		if (receipting_of_batch(x, other, &s, e) < 0 || set_or(all, s, e) < 0)
			return e->code;
	}
	*ret = give(all);
	return 0;
}

static int put_version(json_t *row, const json_t *source, uint64_t version, struct error *e)
{
	static const char *const members[] = { "document", "licence", "basis", "allow", "deny", "from",
					       "until", NULL };
	const json_t *list = json_object_get(source, "terms"), *v, *found = NULL;
	size_t i;

	json_array_foreach(list, i, v)
		if (json_number_or(v, "version", version + 1) == version)
			found = v;
	json_set_new(row, "version", found ? json_integer((json_int_t)version) : json_null(), e);
	copy(row, found, members, e);
	return e->code;
}

static int put_transfer(struct receipting *x, json_t *row, uint64_t transfer, struct error *e)
{
	static const char *const members[] = { "transfer", "from", "to", "date", "uses", "notified",
					       "documents", "corrections", NULL };
	scoped_json *doc = NULL;
	json_t *o = json_null();
	char id[24];

	if (transfer) {
		snprintf(id, sizeof(id), "t%" PRIu64, transfer);
		o = json_object_make(e);
		if (!o || flow_transfer_show(x->show.r, id, &doc, e) < 0) {
			json_decref(o);
			return e->code;
		}
		copy(o, doc, members, e);
	}
	json_set_new(row, "transfer", o, e);
	return e->code;
}

/* What the controller says of the people in its source counts where no person is known. */
static int put_agreed(struct receipting *x, json_t *row, uint64_t source, struct error *e)
{
	json_t *list = json_array_make(e);
	struct grant_row *grants = NULL;
	size_t count = 0;

	json_set_new(row, "controller_grants", list, e);
	if (e->code || grants_of_source(x->show.r, x->show.a, source, &grants, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (!grants[i].grant.withdrawn)
			json_add_new(list, json_sprintf("g%" PRIu64, grants[i].id), e);
	return e->code;
}

static int put_row(struct receipting *x, size_t i, json_t *row, struct error *e)
{
	static const char *const members[] = { "source", "kind", "people", "controller", NULL };
	const struct batch *b = &x->batches[i];
	scoped(set) *s = NULL;
	scoped(buf) *positions = NULL;
	scoped_json *doc = NULL;
	struct source source;

	if (source_by_id(x->show.r, x->show.a, b->source, &source, e) < 0 ||
	    flow_source_show(x->show.r, source.name, &doc, e) < 0 || records_of(x, i, &s, e) < 0 ||
	    buf_create(&positions, 64, e) < 0 || set_put_text(s, positions, e) < 0)
		return e->code;
	json_set_text(row, "positions", buf_text(positions), e);
	json_set_number(row, "count", set_count(s), e);
	copy(row, doc, members, e);
	if (put_version(row, doc, b->terms, e) < 0 || put_agreed(x, row, b->source, e) < 0)
		return e->code;
	return put_transfer(x, row, b->transfer, e);
}

int receipting_terms(struct receipting *x, struct error *e)
{
	json_t *list = json_array_make(e);

	json_set_new(x->summary, "terms", list, e);
	for (size_t i = 0; e->code == 0 && i < x->batch_count; i++) {
		json_t *row;

		if (!is_first(x, i))
			continue;
		row = json_object_make(e);
		json_add_new(list, row, e);
		if (e->code == 0 && put_row(x, i, row, e) < 0)
			return e->code;
	}
	return e->code;
}

/* --- grants --- */

int receipting_grants(struct receipting *x, struct error *e)
{
	static const char *const members[] = { "grant", "uses", "basis", "explicit", "from", "until",
					       "evidence", "withdrawn", NULL };
	json_t *list = json_array_make(e);

	json_set_new(x->summary, "grants", list, e);
	for (size_t i = 0; e->code == 0 && i < x->grant_count; i++) {
		scoped_json *doc = NULL;
		json_t *row = json_object_make(e);
		char id[24];

		json_add_new(list, row, e);
		snprintf(id, sizeof(id), "g%" PRIu64, x->grants[i].id);
		if (e->code || flow_grant_show(x->show.r, id, &doc, e) < 0)
			return e->code;
		copy(row, doc, members, e);
	}
	return e->code;
}
