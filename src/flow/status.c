/* The state of all: what is here, what is due, what is wrong. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/sys.h"
#include "base/text.h"
#include "flow/hold.h"
#include "flow/look.h"
#include "wire/json.h"

struct due {
	uint64_t at_utc_ms;
	const char *order, *state;
};

struct counting {
	struct repo *r;
	struct arena *a;
	uint64_t count, open;
	struct due *due;
	size_t due_count, due_cap;
};

static int count_thing(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct counting *x = ctx;

	(void)t;
	(void)e;
	x->count++;
	return 0;
}

static int state_of(struct counting *x, const struct catalog_thing *t, const char **ret,
		    struct error *e)
{
	scoped(set) *s = NULL;
	bool held;

	if (set_create(&s, e) < 0 ||
	    catalog_mark_get(x->r->catalog, MARK_ORDER + t->id, s, e) < 0 ||
	    holds_any(x->r, s, x->r->at_utc_ms, &held, e) < 0)
		return e->code;
	*ret = order_state_name(held ? ORDER_HELD : t->state);
	return 0;
}

static int count_order(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct counting *x = ctx;
	scoped_json *body = NULL;
	struct due *d;

	x->count++;
	if (t->state == ORDER_CERTIFIED || t->state == ORDER_REFUSED)
		return 0;
	x->open++;
	if (json_parse(&body, t->body, strlen(t->body), CATALOG_BODY_MAX, e) < 0)
		return e->code;
	if (json_number_or(body, "due", TIME_NONE) == TIME_NONE)
		return 0;
	x->due = arena_grow(x->a, x->due, sizeof(*x->due), x->due_count, &x->due_cap, e);
	if (!x->due)
		return e->code;
	d = &x->due[x->due_count++];
	d->at_utc_ms = json_number_or(body, "due", 0);
	d->order = arena_text(x->a, t->name, strlen(t->name), e);
	return d->order ? state_of(x, t, &d->state, e) : e->code;
}

static int earlier(const void *left, const void *right)
{
	const struct due *a = left, *b = right;

	return (a->at_utc_ms > b->at_utc_ms) - (a->at_utc_ms < b->at_utc_ms);
}

static json_t *due_list(struct counting *x, uint64_t now_utc_ms, struct error *e)
{
	json_t *list = json_array_make(e);

	if (x->due_count > 0)
		qsort(x->due, x->due_count, sizeof(x->due[0]), earlier);
	for (size_t i = 0; i < x->due_count && list; i++) {
		json_t *one = json_object_make(e);

		if (!one)
			break;
		json_set_text(one, "order", x->due[i].order, e);
		json_set_text(one, "state", x->due[i].state, e);
		json_set_time(one, "due", x->due[i].at_utc_ms, e);
		json_set_bool(one, "late", x->due[i].at_utc_ms < now_utc_ms, e);
		json_add_new(list, one, e);
	}
	return list;
}

/* --- the parts of the document --- */

static void put_things(struct repo *r, struct arena *a, json_t *o, struct error *e)
{
	static const struct {
		uint8_t kind;
		const char *key;
	} kinds[] = { { THING_SOURCE, "sources" },   { THING_TRANSFER, "transfers" },
		      { THING_GRANT, "grants" },     { THING_BATCH, "batches" },
		      { THING_DATASET, "datasets" }, { THING_MODEL, "models" } };
	struct counting orders = { .r = r, .a = a };
	uint64_t holds = 0;

	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		struct counting x = { 0 };

		if (catalog_each_thing(r->catalog, kinds[i].kind, UINT64_MAX, count_thing, &x, e) < 0)
			return;
		json_set_number(o, kinds[i].key, x.count, e);
	}
	if (catalog_each_thing(r->catalog, THING_ORDER, UINT64_MAX, count_order, &orders, e) < 0)
		return;
	json_set_number(o, "orders", orders.count, e);
	json_set_number(o, "orders_open", orders.open, e);
	json_set_new(o, "due", due_list(&orders, r->at_utc_ms, e), e);
	if (holds_active(r, r->at_utc_ms, &holds, e) == 0)
		json_set_number(o, "holds", holds, e);
}

static void put_marked(struct repo *r, uint64_t mark, const char *key, json_t *o, struct error *e)
{
	scoped(set) *s = NULL;

	if (set_create(&s, e) < 0 || catalog_mark_get(r->catalog, mark, s, e) < 0)
		return;
	json_set_number(o, key, set_count(s), e);
}

static void put_heads(struct repo *r, json_t *o, struct error *e)
{
	static const char *const names[LOG_COUNT] = { "facts", "records" };
	json_t *heads = json_object_make(e);
	struct head_state now;

	for (int i = 0; i < LOG_COUNT && heads; i++) {
		json_t *head = json_object_make(e);

		if (!head || repo_state(r, i, &now, e) < 0) {
			json_decref(head);
			break;
		}
		json_set_number(head, "size", now.size, e);
		json_set_hash(head, "root", &now.root, e);
		json_set_new(heads, names[i], head, e);
	}
	json_set_new(o, "heads", heads, e);
}

static void put_followed(struct repo *r, json_t *o, struct error *e)
{
	json_t *list = NULL;

	if (log_followed(r, &list, e) < 0)
		return;
	if (json_array_size(list) > 0)
		json_set_new(o, "follows", json_incref(list), e);
	json_decref(list);
}

static void put_wrong(struct repo *r, json_t *o, struct error *e)
{
	json_t *list = json_array_make(e);

	if (!list)
		return;
	if (r->read_only)
		json_add_new(list, json_string("the repository is older than its anchor: it was rolled "
					       "back, and cannot be written"), e);
	if (r->keys.degraded)
		json_add_new(list, json_string("the keys directory and its mirror are not the same "
					       "(the next change mends it)"), e);
	json_set_new(o, "wrong", list, e);
}

static void put_counts(struct repo *r, json_t *o, struct error *e)
{
	uint64_t records, facts;

	if (catalog_commitment_count(r->catalog, &records, e) < 0 ||
	    catalog_fact_count(r->catalog, &facts, e) < 0)
		return;
	json_set_number(o, "records", records, e);
	put_marked(r, MARK_ERASED, "erased", o, e);
	put_marked(r, MARK_QUARANTINED, "quarantined", o, e);
	json_set_number(o, "facts", facts, e);
}

int flow_status(struct repo *r, json_t **ret, struct error *e)
{
	scoped_json *o = json_object_make(e);
	scoped(arena) *a = NULL;
	const char *vkey, *mldsa;

	if (!o || arena_create(&a, e) < 0 || !(vkey = repo_vkey(r, LOG_FACTS, a, e)) ||
	    !(mldsa = repo_vkey_mldsa(r, LOG_FACTS, a, e)))
		return e->code;
	json_set_text(o, "origin", r->origin, e);
	json_set_text(o, "vkey", vkey, e);
	if (*mldsa)
		json_set_text(o, "vkey_mldsa", mldsa, e);
	json_set_bool(o, "solo", r->solo, e);
	put_counts(r, o, e);
	put_things(r, a, o, e);
	put_heads(r, o, e);
	put_followed(r, o, e);
	put_wrong(r, o, e);
	if (e->code)
		return e->code;
	*ret = json_incref(o);
	return 0;
}
