/* The session, what it looks up, and the door ingest. */
#include <stdlib.h>

#include "base/text.h"
#include "repo/ask_parts.h"

static int add_ordered_source(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct ask *a = ctx;

	if (t->owner == 0 || t->state == ORDER_CERTIFIED || t->state == ORDER_REFUSED)
		return 0;
	return set_add(a->ordered_sources, t->owner, e);
}

static int read_marks(struct ask *a, struct error *e)
{
	struct catalog *c = a->r->catalog;

	if (set_create(&a->ordered, e) < 0 || set_create(&a->erased, e) < 0 ||
	    set_create(&a->quarantined, e) < 0 || set_create(&a->ordered_sources, e) < 0 ||
	    catalog_mark_get(c, MARK_ORDERED, a->ordered, e) < 0 ||
	    catalog_mark_get(c, MARK_ERASED, a->erased, e) < 0 ||
	    catalog_mark_get(c, MARK_QUARANTINED, a->quarantined, e) < 0)
		return e->code;
	return catalog_each_thing(c, THING_ORDER, UINT64_MAX, add_ordered_source, a, e);
}

static int read_batches(struct ask *a, struct error *e)
{
	struct batch *list = NULL;

	if (batches_all(a->r, a->a, &list, &a->batch_count, e) < 0)
		return e->code;
	a->batches = list;
	a->batch_provenance = arena_alloc(a->a, (a->batch_count + 1) * sizeof(size_t), e);
	return a->batch_provenance ? 0 : e->code;
}

int ask_open(struct ask **ret, struct repo *r, uint64_t at_utc_ms, struct error *e)
{
	scoped(ask) *a = calloc(1, sizeof(*a));

	if (!a)
		return error_set(e, E_MEMORY, "out of memory");
	a->r = r;
	a->at_utc_ms = at_utc_ms;
	if (arena_create(&a->a, e) < 0 || read_marks(a, e) < 0 || read_batches(a, e) < 0)
		return e->code;
	*ret = give(a);
	return 0;
}

void ask_close(struct ask *a)
{
	if (!a)
		return;
	set_destroy(a->ordered);
	set_destroy(a->erased);
	set_destroy(a->quarantined);
	set_destroy(a->ordered_sources);
	arena_destroy(a->a);
	free(a);
}

/* --- what is known of a source, and of a transfer --- */

static int look_up_terms(struct ask *a, uint64_t source, struct decide_record *ret,
			 struct error *e)
{
	struct terms_version *versions = NULL;
	struct terms *list;

	if (terms_of(a->r, a->a, source, &versions, &ret->terms_count, e) < 0)
		return e->code;
	list = arena_alloc(a->a, (ret->terms_count + 1) * sizeof(*list), e);
	if (!list)
		return e->code;
	for (size_t i = 0; i < ret->terms_count; i++)
		list[i] = versions[i].terms;
	ret->terms = list;
	return 0;
}

static struct grant *grants_in_a_row(struct ask *a, const struct grant_row *rows, size_t count,
				     struct error *e)
{
	struct grant *list = arena_alloc(a->a, (count + 1) * sizeof(*list), e);

	for (size_t i = 0; list && i < count; i++)
		list[i] = rows[i].grant;
	return list;
}

/* A source that is not there leaves the record as strict as it was. */
static int look_up_source(struct ask *a, uint64_t id, struct decide_record *ret, struct error *e)
{
	struct grant_row *rows = NULL;
	struct source s = { 0 };

	if (source_by_id(a->r, a->a, id, &s, e) < 0) {
		if (e->code != E_NOT_FOUND)
			return e->code;
		error_clear(e);
		return 0;
	}
	ret->source_known = true;
	ret->source_kind = s.kind;
	ret->people = s.people;
	if (look_up_terms(a, id, ret, e) < 0 ||
	    grants_of_source(a->r, a->a, id, &rows, &ret->of_source.count, e) < 0)
		return e->code;
	ret->of_source.list = grants_in_a_row(a, rows, ret->of_source.count, e);
	return ret->of_source.list ? 0 : e->code;
}

static int look_up_transfer(struct ask *a, const struct provenance *p, struct decide_record *ret,
			    struct error *e)
{
	struct transfer_row row = { 0 };
	struct transfer *t;

	ret->by_transfer = p->transfer != 0;
	ret->transfer = NULL;
	if (p->transfer == 0)
		return 0;
	if (transfer_by_id(a->r, a->a, p->transfer, &row, e) < 0) {
		if (e->code != E_NOT_FOUND)
			return e->code;
		error_clear(e);
		return 0;
	}
	if (row.source != p->source)
		return 0;
	t = arena_alloc(a->a, sizeof(*t), e);
	if (!t)
		return e->code;
	t->uses = row.uses;
	t->notified = row.notified;
	t->in_force = row.date_utc_ms != TIME_NONE &&
		      period_holds(&(struct period){ row.date_utc_ms, TIME_NONE }, a->at_utc_ms);
	ret->transfer = t;
	return 0;
}

/* One of the same source, whose part it shares; NULL when there is none. */
static const struct provenance *sibling(const struct ask *a, uint64_t source)
{
	for (size_t i = 0; i < a->provenance_count; i++)
		if (a->provenances[i].source == source)
			return &a->provenances[i];
	return NULL;
}

int ask_provenance(struct ask *a, uint64_t source, uint64_t transfer, size_t *ret_index,
		   struct error *e)
{
	struct provenance p = { .source = source, .transfer = transfer };
	const struct provenance *other = sibling(a, source);

	for (size_t i = 0; other && i < a->provenance_count; i++)
		if (a->provenances[i].source == source && a->provenances[i].transfer == transfer) {
			*ret_index = i;
			return 0;
		}
	if (other)
		p.record = other->record;
	else if (look_up_source(a, source, &p.record, e) < 0)
		return e->code;
	if (look_up_transfer(a, &p, &p.record, e) < 0)
		return e->code;
	a->provenances = arena_grow(a->a, a->provenances, sizeof(p), a->provenance_count,
				    &a->provenance_cap, e);
	if (!a->provenances)
		return e->code;
	a->provenances[a->provenance_count] = p;
	*ret_index = a->provenance_count++;
	return 0;
}

/* --- people --- */

/* By person, and of each in the order of facts. */
static int by_tag_and_id(const void *left, const void *right)
{
	const struct grant_row *a = left, *b = right;
	int order = memcmp(&a->subject, &b->subject, sizeof(a->subject));

	return order ? order : (a->id > b->id) - (a->id < b->id);
}

static void group_people(struct ask *a, const struct grant_row *rows, const struct grant *grants,
			 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct person *p = &a->people[a->people_count];

		if (i == 0 || memcmp(&rows[i].subject, &rows[i - 1].subject, sizeof(p->tag)) != 0) {
			p->tag = rows[i].subject;
			p->grants = (struct grants){ &grants[i], 0 };
			a->people_count++;
		}
		a->people[a->people_count - 1].grants.count++;
	}
}

int ask_people(struct ask *a, struct error *e)
{
	struct grant_row *rows = NULL;
	struct grant *grants;
	size_t count = 0;

	if (a->people_read)
		return 0;
	if (grants_of_source(a->r, a->a, 0, &rows, &count, e) < 0)
		return e->code;
	if (count > 0)
		qsort(rows, count, sizeof(rows[0]), by_tag_and_id);
	grants = grants_in_a_row(a, rows, count, e);
	a->people = arena_alloc(a->a, (count + 1) * sizeof(a->people[0]), e);
	if (!grants || !a->people)
		return e->code;
	group_people(a, rows, grants, count);
	a->people_read = true;
	return 0;
}

static int to_person(const void *key, const void *item)
{
	return memcmp(key, &((const struct person *)item)->tag, sizeof(struct tag));
}

/* --- what comes in --- */

static int find_asked(struct ask *a, const struct tag *subjects, size_t count, struct error *e)
{
	if (ask_people(a, e) < 0)
		return e->code;
	if (count > a->asked_cap) {
		a->asked_cap = 0;
		a->asked = arena_alloc(a->a, 2 * count * sizeof(a->asked[0]), e);
		if (!a->asked)
			return e->code;
		a->asked_cap = 2 * count;
	}
	for (size_t i = 0; i < count; i++) {
		const struct person *p = bsearch(&subjects[i], a->people, a->people_count,
						 sizeof(*p), to_person);

		a->asked[i] = p ? p->grants : (struct grants){ NULL, 0 };
	}
	return 0;
}

int ask_incoming(struct ask *a, const struct source *s, uint64_t transfer,
		 const struct tag *subjects, size_t count, bool never, const struct use *u,
		 reasons *ret, struct error *e)
{
	struct decide_record r;
	size_t index;

	if (ask_provenance(a, s->id, transfer, &index, e) < 0)
		return e->code;
	r = a->provenances[index].record;
	if (count > 0) {
		if (find_asked(a, subjects, count, e) < 0)
			return e->code;
		r.of_subject = a->asked;
		r.subjects = count;
	}
	r.never_again = never;
	r.order_open = set_has(a->ordered_sources, s->id);
	*ret = decide(&r, u, a->at_utc_ms);
	return 0;
}
