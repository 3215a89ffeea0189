/* Duties to keep: said, released, told, and asked for by orders. */
#include "flow/hold.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/sys.h"
#include "base/text.h"
#include "repo/select.h"

enum { HOLD_REASON_MAX = 16384 };

struct hold {
	uint64_t id, fact, count, until_utc_ms, released_utc_ms; /* released: TIME_NONE, it is not */
	uint64_t release; /* the fact that released it; 0: none */
	const char *name;
};

struct hold_list {
	struct arena *a;
	struct hold *list;
	size_t count, cap;
};

static int read_hold(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct hold_list *l = ctx;
	scoped_json *body = NULL;
	struct hold *h;

	if (json_parse(&body, t->body, strlen(t->body), CATALOG_BODY_MAX, e) < 0)
		return e->code;
	l->list = arena_grow(l->a, l->list, sizeof(*l->list), l->count, &l->cap, e);
	if (!l->list)
		return e->code;
	h = &l->list[l->count++];
	h->id = t->id;
	h->fact = t->fact;
	h->count = json_number_or(body, "count", 0);
	h->until_utc_ms = json_number_or(body, "until", TIME_NONE);
	h->released_utc_ms = json_number_or(body, "released", TIME_NONE);
	h->release = json_number_or(body, "release", 0);
	h->name = arena_text(l->a, t->name, strlen(t->name), e);
	return h->name ? 0 : e->code;
}

static int holds_all(struct repo *r, struct arena *a, struct hold_list *ret, struct error *e)
{
	*ret = (struct hold_list){ .a = a };
	return catalog_each_thing(r->catalog, THING_HOLD, UINT64_MAX, read_hold, ret, e);
}

static bool is_active(const struct hold *h, uint64_t at_utc_ms)
{
	return h->released_utc_ms == TIME_NONE && h->until_utc_ms > at_utc_ms;
}

/* --- what orders ask --- */

/* What of these positions is still here. */
static int still_here(struct repo *r, const struct set *positions, struct set **ret,
		      struct error *e)
{
	scoped(set) *erased = NULL, *live = NULL;

	if (set_create(&erased, e) < 0 ||
	    catalog_mark_get(r->catalog, MARK_ERASED, erased, e) < 0 ||
	    set_copy(&live, positions, e) < 0 || set_minus(live, erased, e) < 0)
		return e->code;
	*ret = give(live);
	return 0;
}

static int count_met(struct repo *r, const struct hold *h, const struct set *live, uint64_t *ret,
		     struct error *e)
{
	scoped(set) *own = NULL;

	if (set_create(&own, e) < 0 || catalog_mark_get(r->catalog, MARK_HOLD + h->id, own, e) < 0)
		return e->code;
	*ret = set_count_both(own, live);
	return 0;
}

/* What the fact of a hold or of its release says, lent by the arena; "" when its private part is
 * gone. */
static int said_in(struct repo *r, struct arena *a, uint64_t fact, const char *field,
		   const char **ret, struct error *e)
{
	scoped(fields) *f = NULL;
	const char *text;

	*ret = "";
	if (repo_private(r, fact, &f, e) < 0) {
		if (e->code != E_NOT_FOUND)
			return e->code;
		error_clear(e);
		return 0;
	}
	text = fields_text(f, field);
	*ret = arena_text(a, text ? text : "", text ? strlen(text) : 0, e);
	return *ret ? 0 : e->code;
}

static int add_met(struct repo *r, struct arena *a, const struct hold *h, uint64_t records,
		   json_t *list, struct error *e)
{
	json_t *one = json_object_make(e);
	const char *reason;

	if (!one || said_in(r, a, h->fact, "reason", &reason, e) < 0) {
		json_decref(one);
		return e->code;
	}
	json_set_text(one, "hold", h->name, e);
	json_set_text(one, "reason", reason, e);
	json_set_time(one, "until", h->until_utc_ms, e);
	json_set_number(one, "records", records, e);
	json_add_new(list, one, e);
	return e->code;
}

/* list NULL: only whether there is any. */
static int meet(struct repo *r, const struct set *positions, uint64_t at_utc_ms, json_t *list,
		bool *ret_any, struct error *e)
{
	scoped(set) *live = NULL;
	scoped(arena) *a = NULL;
	struct hold_list l;
	uint64_t records = 0;

	*ret_any = false;
	if (arena_create(&a, e) < 0 || holds_all(r, a, &l, e) < 0)
		return e->code;
	for (size_t i = 0; i < l.count && (list || !*ret_any); i++) {
		if (!is_active(&l.list[i], at_utc_ms))
			continue;
		if ((!live && still_here(r, positions, &live, e) < 0) ||
		    count_met(r, &l.list[i], live, &records, e) < 0)
			return e->code;
		if (records == 0)
			continue;
		*ret_any = true;
		if (list && add_met(r, a, &l.list[i], records, list, e) < 0)
			return e->code;
	}
	return 0;
}

int holds_meeting(struct repo *r, const struct set *positions, uint64_t at_utc_ms, json_t **ret,
		  struct error *e)
{
	scoped_json *list = json_array_make(e);
	bool any;

	if (!list || meet(r, positions, at_utc_ms, list, &any, e) < 0)
		return e->code;
	*ret = give(list);
	return 0;
}

int holds_any(struct repo *r, const struct set *positions, uint64_t at_utc_ms, bool *ret,
	      struct error *e)
{
	return meet(r, positions, at_utc_ms, NULL, ret, e);
}

int holds_active(struct repo *r, uint64_t at_utc_ms, uint64_t *ret, struct error *e)
{
	scoped(arena) *a = NULL;
	struct hold_list l;

	if (arena_create(&a, e) < 0 || holds_all(r, a, &l, e) < 0)
		return e->code;
	*ret = 0;
	for (size_t i = 0; i < l.count; i++)
		*ret += is_active(&l.list[i], at_utc_ms);
	return 0;
}

/* --- told --- */

struct suspending {
	struct repo *r;
	const struct set *held; /* and still here */
	json_t *names;
};

static int add_suspended(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct suspending *x = ctx;
	scoped(set) *s = NULL;

	if (t->state == ORDER_CERTIFIED || t->state == ORDER_REFUSED)
		return 0;
	if (set_create(&s, e) < 0 || catalog_mark_get(x->r->catalog, MARK_ORDER + t->id, s, e) < 0)
		return e->code;
	if (set_meets(s, x->held))
		json_add_new(x->names, json_string(t->name), e);
	return e->code;
}

/* The open orders that it suspends. */
static int put_orders(struct repo *r, const struct hold *h, json_t *doc, struct error *e)
{
	struct suspending x = { .r = r, .names = json_array_make(e) };
	scoped(set) *own = NULL, *held = NULL;

	json_set_new(doc, "orders", x.names, e);
	if (e->code || !is_active(h, r->at_utc_ms))
		return e->code;
	if (set_create(&own, e) < 0 ||
	    catalog_mark_get(r->catalog, MARK_HOLD + h->id, own, e) < 0 ||
	    still_here(r, own, &held, e) < 0)
		return e->code;
	x.held = held;
	return catalog_each_thing(r->catalog, THING_ORDER, UINT64_MAX, add_suspended, &x, e);
}

static const char *state_of(const struct hold *h, uint64_t at_utc_ms)
{
	if (h->released_utc_ms != TIME_NONE)
		return "released";
	return is_active(h, at_utc_ms) ? "active" : "ended";
}

static int document(struct repo *r, struct arena *a, const struct hold *h, json_t **ret,
		    struct error *e)
{
	scoped_json *doc = json_object_make(e), *entry = NULL;
	const char *reason, *selector, *released = "";

	if (!doc || repo_fact(r, h->fact, &entry, e) < 0 ||
	    said_in(r, a, h->fact, "reason", &reason, e) < 0 ||
	    said_in(r, a, h->fact, "selector", &selector, e) < 0 ||
	    (h->release && said_in(r, a, h->release, "reason", &released, e) < 0) || put_orders(r, h, doc, e) < 0)
		return e->code;
	json_set_text(doc, "hold", h->name, e);
	json_set_text(doc, "state", state_of(h, r->at_utc_ms), e);
	json_set_number(doc, "records", h->count, e);
	json_set_time(doc, "until", h->until_utc_ms, e);
	if (h->released_utc_ms != TIME_NONE) {
		json_set_time(doc, "released", h->released_utc_ms, e);
		json_set_text(doc, "release_reason", released, e);
	}
	json_set_text(doc, "reason", reason, e);
	json_set_text(doc, "selector", selector, e);
	json_set_number(doc, "fact", h->fact, e);
	json_set_text(doc, "at", json_text_or(entry, "at", ""), e);
	json_set_text(doc, "by", json_text_or(entry, "by", ""), e);
	if (e->code)
		return e->code;
	*ret = give(doc);
	return 0;
}

static int find_hold(struct repo *r, struct arena *a, const char *id, struct hold *ret,
		     struct error *e)
{
	struct hold_list l;

	if (holds_all(r, a, &l, e) < 0)
		return e->code;
	for (size_t i = 0; i < l.count; i++)
		if (strcmp(l.list[i].name, id) == 0) {
			*ret = l.list[i];
			return 0;
		}
	return error_set(e, E_NOT_FOUND, "no hold \"%.40s\" (rescind hold ls)", id);
}

static int one_document(struct repo *r, const char *id, json_t **ret, struct error *e)
{
	scoped(arena) *a = NULL;
	struct hold h = { 0 };

	if (arena_create(&a, e) < 0 || find_hold(r, a, id, &h, e) < 0)
		return e->code;
	return document(r, a, &h, ret, e);
}

int flow_holds(struct repo *r, const char *id, json_t **ret, struct error *e)
{
	scoped_json *list = NULL;
	scoped(arena) *a = NULL;
	struct hold_list l;

	if (id)
		return one_document(r, id, ret, e);
	list = json_array_make(e);
	if (!list || arena_create(&a, e) < 0 || holds_all(r, a, &l, e) < 0)
		return e->code;
	for (size_t i = 0; i < l.count; i++) {
		json_t *doc = NULL;

		if (document(r, a, &l.list[i], &doc, e) < 0)
			return e->code;
		json_add_new(list, doc, e);
	}
	if (e->code)
		return e->code;
	*ret = give(list);
	return 0;
}

/* --- said --- */

static int check_reason(const char *reason, struct error *e)
{
	if (!reason || !*reason)
		return error_set(e, E_USAGE, "why? (--reason TEXT)");
	if (strlen(reason) > HOLD_REASON_MAX || !utf8_valid(reason, strlen(reason)))
		return error_set(e, E_USAGE, "a reason is UTF-8 of at most %d bytes", HOLD_REASON_MAX);
	return 0;
}

static int check_hold(const struct hold_words *w, char ret_until[TIME_TEXT_MAX], struct error *e)
{
	uint64_t until;

	if (check_reason(w->reason, e) < 0)
		return e->code;
	if (!w->until)
		return error_set(e, E_USAGE, "until when? (--until T)");
	if (time_parse(&until, w->until, e) < 0)
		return error_set(e, E_USAGE, "--until %.40s is no time", w->until);
	if (until <= sys->now_utc_ms())
		return error_set(e, E_USAGE, "--until %.40s is over: nothing would be held", w->until);
	time_text(ret_until, until);
	return 0;
}

static int pick(struct repo *r, const char *text, struct buf *canonical, struct set **ret,
		struct error *e)
{
	scoped(set) *picked = NULL, *live = NULL;
	scoped(selector) *s = NULL;

	if (selector_parse(&s, text, e) < 0 || selector_put(s, canonical, e) < 0 ||
	    selector_run(r, s, &picked, e) < 0 || still_here(r, picked, &live, e) < 0)
		return e->code;
	if (set_count(live) == 0)
		return error_set(e, E_NOT_FOUND, "no record that is still here answers to \"%.200s\"",
				 buf_text(canonical));
	*ret = give(live);
	return 0;
}

static int private_part(struct repo *r, const struct hold_words *w, const char *name,
			const char *until, struct fields *f, struct error *e)
{
	scoped(buf) *selector = NULL, *positions = NULL;
	scoped(set) *s = NULL;

	if (buf_create(&selector, 128, e) < 0 || buf_create(&positions, 64, e) < 0 ||
	    pick(r, w->selector, selector, &s, e) < 0 || set_put_text(s, positions, e) < 0 ||
	    fields_add_text(f, "id", name, e) < 0 ||
	    fields_add(f, "selector", selector->data, selector->len, e) < 0 ||
	    fields_add(f, "positions", positions->data, positions->len, e) < 0 ||
	    fields_add_number(f, "count", set_count(s), e) < 0 ||
	    fields_add_text(f, "reason", w->reason, e) < 0)
		return e->code;
	return fields_add_text(f, "until", until, e);
}

int flow_hold(struct repo *r, const struct hold_words *w, json_t **ret, struct error *e)
{
	scoped_json *public = json_object_make(e);
	scoped(fields) *f = NULL;
	scoped(change) *c = NULL;
	char name[24], until[TIME_TEXT_MAX];
	uint64_t id, n;

	if (!public || check_hold(w, until, e) < 0 || change_begin(&c, r, e) < 0 ||
	    catalog_next_id(r->catalog, THING_HOLD, &id, e) < 0 || fields_create(&f, e) < 0)
		return e->code;
	snprintf(name, sizeof(name), "h%" PRIu64, id);
	if (private_part(r, w, name, until, f, e) < 0 || change_set_records(c, public, e) < 0 ||
	    change_fact(c, "hold", give(public), f, &n, e) < 0 || change_commit(c, e) < 0)
		return e->code;
	return flow_holds(r, name, ret, e);
}

int flow_hold_release(struct repo *r, const char *id, const char *reason, json_t **ret,
		      struct error *e)
{
	scoped_json *public = json_object_make(e);
	scoped(fields) *f = NULL;
	scoped(change) *c = NULL;
	scoped(arena) *a = NULL;
	struct hold h = { 0 };
	uint64_t n;

	if (!public || arena_create(&a, e) < 0 || (reason && check_reason(reason, e) < 0) ||
	    change_begin(&c, r, e) < 0 || find_hold(r, a, id, &h, e) < 0)
		return e->code;
	if (!is_active(&h, sys->now_utc_ms()))
		return error_set(e, E_CONFLICT, "%s holds nothing any more: it is %s", h.name,
				 state_of(&h, sys->now_utc_ms()));
	json_set_number(public, "hold", h.fact, e);
	if (fields_create(&f, e) < 0 || fields_add_text(f, "reason", reason ? reason : "", e) < 0 ||
	    change_fact(c, "hold-release", give(public), f, &n, e) < 0 || change_commit(c, e) < 0)
		return e->code;
	return flow_holds(r, id, ret, e);
}
