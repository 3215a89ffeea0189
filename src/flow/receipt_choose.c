/* Which records a receipt is about, and by which batches, orders and grants. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "flow/order.h"
#include "flow/receipt_parts.h"
#include "repo/successor.h"

/* --- records --- */

static int choose_record(struct receipting *x, struct error *e)
{
	const char *text = x->ask->record;
	struct catalog_record rec;
	scoped(set) *lost = NULL;

	if (strncmp(text, "record:", 7) == 0)
		text += 7;
	if (number_parse(&x->only, text, strlen(text), e) < 0)
		return error_set(e, E_USAGE, "\"%.100s\" is no record: 12, or record:12", x->ask->record);
	if (x->only > INT64_MAX || catalog_record(x->show.r->catalog, x->only, &rec, e) < 0)
		return error_set(e, E_NOT_FOUND, "no record %" PRIu64, x->only);
	if (set_create(&lost, e) < 0 || successors_lost(x->show.r, lost, e) < 0)
		return e->code;
	if (set_has(lost, x->only))
		return error_set(e, E_NOT_FOUND, "record %" PRIu64 " stands for one that the log lost: nothing is "
				 "known of it", x->only);
	return set_add(x->all, x->only, e);
}

/* Does the order demand just this person's records? What it erased has no tags any more. */
static int is_theirs(struct receipting *x, const struct receipt_order *o, bool *ret,
		     struct error *e)
{
	scoped(selector) *s = NULL;
	scoped(fields) *f = NULL;
	scoped_json *demand = NULL;
	const struct field *field;
	const char *subject;

	*ret = false;
	if (repo_private(x->show.r, o->fact, &f, e) < 0)
		return e->code;
	field = fields_find(f, "demand");
	if (!field ||
	    json_parse(&demand, field->value->data, field->value->len, FIELD_VALUE_MAX, e) < 0 ||
	    selector_parse(&s, json_text_or(demand, "selector", ""), e) < 0)
		return e->code ? e->code : error_set(e, E_FORMAT, "%s has no demand", o->name);
	subject = selector_only(s, "subject");
	*ret = subject && strcmp(subject, x->ask->subject) == 0;
	return 0;
}

static int choose_subject(struct receipting *x, struct error *e)
{
	struct repo *r = x->show.r;
	const char *id = x->ask->subject;

	if (!*id || strlen(id) > RECEIPT_ID_MAX || !utf8_valid(id, strlen(id)))
		return error_set(e, E_USAGE, "--subject is UTF-8 of 1 to %d bytes", RECEIPT_ID_MAX);
	repo_tag(r, &x->subject, TAG_SUBJECT, id, strlen(id));
	if (catalog_tagged(r->catalog, TAG_SUBJECT, &x->subject, x->all, e) < 0)
		return e->code;
	for (size_t i = 0; i < x->order_count; i++) {
		bool theirs = false;

		if (x->orders[i].state != ORDER_REFUSED && is_theirs(x, &x->orders[i], &theirs, e) < 0)
			return e->code;
		if (theirs && set_or(x->all, x->orders[i].positions, e) < 0)
			return e->code;
	}
	if (set_count(x->all) == 0)
		return error_set(e, E_NOT_FOUND, "no record is known to be about \"%.100s\"", id);
	return grants_of_subject(r, x->show.a, &x->subject, &x->grants, &x->grant_count, e);
}

static int of_mark(struct receipting *x, uint64_t mark, struct set *s, struct error *e)
{
	return catalog_mark_get(x->show.r->catalog, mark, s, e) < 0 ? e->code : set_and(s, x->all, e);
}

/* --- batches --- */

int receipting_of_batch(const struct receipting *x, const struct batch *b, struct set **ret,
			struct error *e)
{
	scoped(set) *s = NULL;

	if (set_create(&s, e) < 0 || set_add_range(s, b->first, b->last, e) < 0 ||
	    set_and(s, x->all, e) < 0)
		return e->code;
	*ret = give(s);
	return 0;
}

static int keep_batches(struct receipting *x, struct error *e)
{
	size_t count, kept = 0;

	if (batches_all(x->show.r, x->show.a, &x->batches, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		uint64_t pos = x->batches[i].first;

		if (set_next(x->all, &pos) && pos <= x->batches[i].last)
			x->batches[kept++] = x->batches[i];
	}
	x->batch_count = kept;
	return 0;
}

/* --- orders --- */

struct order_walk {
	struct receipting *x;
	size_t cap;
};

static int read_order(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct order_walk *w = ctx;
	struct receipting *x = w->x;
	scoped_json *body = NULL;
	struct receipt_order *o;

	if (json_parse(&body, t->body, strlen(t->body), CATALOG_BODY_MAX, e) < 0)
		return e->code;
	x->orders = arena_grow(x->show.a, x->orders, sizeof(*x->orders), x->order_count, &w->cap, e);
	if (!x->orders)
		return e->code;
	o = &x->orders[x->order_count];
	*o = (struct receipt_order){ .id = t->id, .fact = t->fact, .state = t->state };
	o->certified_fact = json_number_or(body, "certified_fact", UINT64_MAX);
	o->name = arena_text(x->show.a, t->name, strlen(t->name), e);
	if (!o->name || set_create(&o->positions, e) < 0)
		return e->code;
	x->order_count++;
	return catalog_mark_get(x->show.r->catalog, MARK_ORDER + t->id, o->positions, e);
}

static int by_end(const void *a, const void *b)
{
	const struct receipt_order *x = a, *y = b;

	if (x->certified_fact != y->certified_fact)
		return x->certified_fact < y->certified_fact ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* Only those that meet the records; of each only what does. */
static int keep_orders(struct receipting *x, struct error *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < x->order_count; i++)
		if (set_and(x->orders[i].positions, x->all, e) < 0)
			return e->code;
	for (size_t i = 0; i < x->order_count; i++)
		if (set_count(x->orders[i].positions) > 0)
			x->orders[kept++] = x->orders[i];
		else
			set_destroy(x->orders[i].positions);
	x->order_count = kept;
	if (kept > 1)
		qsort(x->orders, kept, sizeof(*x->orders), by_end);
	return 0;
}

/* --- all of it --- */

static int begin_sets(struct receipting *x, struct error *e)
{
	struct set **const sets[] = { &x->all, &x->erased, &x->kept, &x->on_card };

	for (size_t i = 0; i < COUNT_OF(sets); i++)
		if (set_create(sets[i], e) < 0)
			return e->code;
	return 0;
}

int receipting_choose(struct receipting *x, struct error *e)
{
	struct order_walk w = { .x = x };

	if (!x->ask->record == !x->ask->subject)
		return error_set(e, E_USAGE, "of which record, or of whom? (RECORD, or --subject ID)");
	if (begin_sets(x, e) < 0 ||
	    catalog_each_thing(x->show.r->catalog, THING_ORDER, UINT64_MAX, read_order, &w, e) < 0 ||
	    (x->ask->record ? choose_record(x, e) : choose_subject(x, e)) < 0)
		return e->code;
	if (set_count(x->all) > RECEIPT_RECORDS_MAX)
		return error_set(e, E_RANGE, "%" PRIu64 " records: a receipt has at most %d",
				 set_count(x->all), RECEIPT_RECORDS_MAX);
	if (of_mark(x, MARK_ERASED, x->erased, e) < 0 || of_mark(x, MARK_QUARANTINED, x->kept, e) < 0 ||
	    keep_batches(x, e) < 0 || keep_orders(x, e) < 0)
		return e->code;
	return touched_by(x->show.r, x->show.a, x->all, &x->touched, e);
}
