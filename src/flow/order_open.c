/* An order is opened: what it demands is salted, what it picks is fixed, and from then on denied. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text.h"
#include "flow/order.h"
#include "flow/rights.h"
#include "flow/parts.h"
#include "repo/successor.h"

enum { ORDER_TEXT_MAX = 16384 };

static int check_words(const struct order_words *w, struct error *e)
{
	if (!w->authority || !*w->authority)
		return error_set(e, E_USAGE, "who demands it? (--authority WHO)");
	if (!w->reason || !*w->reason)
		return error_set(e, E_USAGE, "why? (--reason TEXT)");
	if (strlen(w->authority) > ORDER_TEXT_MAX || strlen(w->reason) > ORDER_TEXT_MAX ||
	    !utf8_valid(w->authority, strlen(w->authority)) ||
	    !utf8_valid(w->reason, strlen(w->reason)))
		return error_set(e, E_USAGE, "authority and reason are UTF-8 of at most %d bytes",
				 ORDER_TEXT_MAX);
	return 0;
}

/* --- --keep-granted --- */

struct keeping {
	struct repo *r;
	const struct set *s;
	struct set *granted, *not_granted;
	struct tag last;
	bool any, last_granted;
	uint64_t at_utc_ms;
};

static int has_own_grant(struct keeping *k, const struct tag *subject, bool *ret, struct error *e)
{
	scoped(arena) *a = NULL;
	struct grant_row *rows;
	size_t count;

	*ret = false;
	if (arena_create(&a, e) < 0 || grants_of_subject(k->r, a, subject, &rows, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (!rows[i].grant.withdrawn && period_holds(&rows[i].grant.valid, k->at_utc_ms))
			*ret = true;
	return 0;
}

struct wanted_tags {
	const struct set *s;
	struct arena *a;
	struct {
		struct tag t;
		uint64_t pos;
	} *list;
	size_t count, cap;
};

static int want_tag(void *ctx, const struct tag *t, uint64_t pos, struct error *e)
{
	struct wanted_tags *w = ctx;

	if (!set_has(w->s, pos))
		return 0;
	w->list = arena_grow(w->a, w->list, sizeof(*w->list), w->count, &w->cap, e);
	if (!w->list)
		return e->code;
	w->list[w->count].t = *t;
	w->list[w->count++].pos = pos;
	return 0;
}

/* Tags come in order, so each subject is looked up once. */
static int sort_by_grant(struct keeping *k, const struct wanted_tags *w, struct error *e)
{
	for (size_t i = 0; i < w->count; i++) {
		if ((!k->any || memcmp(&k->last, &w->list[i].t, sizeof(k->last)) != 0) &&
		    has_own_grant(k, &w->list[i].t, &k->last_granted, e) < 0)
			return e->code;
		k->any = true;
		k->last = w->list[i].t;
		if (set_add(k->last_granted ? k->granted : k->not_granted, w->list[i].pos, e) < 0)
			return e->code;
	}
	return 0;
}

/* Records of s whose every subject has an own valid grant: they have a subject that has one, and
 * none that has not. */
static int granted_of(struct repo *r, const struct set *s, struct set **ret, struct error *e)
{
	scoped(set) *granted = NULL, *not_granted = NULL;
	scoped(arena) *a = NULL;
	struct keeping k = { .r = r, .s = s, .at_utc_ms = sys->now_utc_ms() };
	struct wanted_tags w = { .s = s };

	if (arena_create(&a, e) < 0 || set_create(&granted, e) < 0 || set_create(&not_granted, e) < 0)
		return e->code;
	w.a = a;
	k.granted = granted;
	k.not_granted = not_granted;
	if (catalog_each_tag(r->catalog, TAG_SUBJECT, want_tag, &w, e) < 0 ||
	    sort_by_grant(&k, &w, e) < 0 || set_minus(granted, not_granted, e) < 0)
		return e->code;
	*ret = give(granted);
	return 0;
}

/* --- the fact --- */

static int demand_json(const struct order_words *w, const char *selector, json_t **ret,
		       struct error *e)
{
	char digest[HASH_HEX_MAX] = "";

	if (w->document && flow_digest_file(w->document, digest, e) < 0)
		return e->code;
	*ret = json_object_make(e);
	if (!*ret)
		return e->code;
	json_set_text(*ret, "selector", selector, e);
	json_set_text(*ret, "authority", w->authority, e);
	json_set_text(*ret, "reason", w->reason, e);
	json_set_text(*ret, "document", digest, e);
	json_set_bool(*ret, "keep_granted", w->keep_granted, e);
	return e->code;
}

struct picked {
	struct set *positions, *kept; /* owned */
	uint64_t count;		      /* not erased yet */
	struct buf *selector;
};

static int private_part(const struct order_words *w, const struct picked *p, uint64_t id,
			struct fields *f, struct error *e)
{
	scoped(buf) *positions = NULL, *kept = NULL;
	char name[24], due[TIME_TEXT_MAX] = "";
	scoped_json *demand = NULL;
	uint64_t at;

	snprintf(name, sizeof(name), "o%" PRIu64, id);
	if (w->due) {
		if (time_parse(&at, w->due, e) < 0)
			return error_set(e, E_USAGE, "--due %.40s is no time", w->due);
		time_text(due, at);
	}
	if (demand_json(w, buf_text(p->selector), &demand, e) < 0 || buf_create(&positions, 64, e) < 0 ||
	    buf_create(&kept, 64, e) < 0 || set_put_text(p->positions, positions, e) < 0 ||
	    set_put_text(p->kept, kept, e) < 0 || fields_add_text(f, "id", name, e) < 0 ||
	    parts_add_json(f, "demand", demand, e) < 0 ||
	    fields_add(f, "positions", positions->data, positions->len, e) < 0 ||
	    fields_add_number(f, "count", p->count, e) < 0 ||
	    fields_add(f, "kept", kept->data, kept->len, e) < 0 ||
	    fields_add_text(f, "due", due, e) < 0 || fields_add_number(f, "login", getuid(), e) < 0)
		return e->code;
	return w->document ? fields_add_text(f, "document-name", w->document, e) : 0;
}

static int pick(struct repo *r, const struct order_words *w, struct picked *p, struct error *e)
{
	scoped(set) *erased = NULL, *live = NULL, *lost = NULL;
	scoped(selector) *sel = NULL;

	/* What a log before lost was nobody's that is known: an order cannot claim it. */
	if (selector_parse(&sel, w->selector, e) < 0 || selector_put(sel, p->selector, e) < 0 ||
	    selector_run(r, sel, &p->positions, e) < 0 || set_create(&lost, e) < 0 ||
	    successors_lost(r, lost, e) < 0 || set_minus(p->positions, lost, e) < 0)
		return e->code;
	if (w->keep_granted ? granted_of(r, p->positions, &p->kept, e) < 0 :
			      set_create(&p->kept, e) < 0)
		return e->code;
	if (set_minus(p->positions, p->kept, e) < 0 || set_create(&erased, e) < 0 ||
	    catalog_mark_get(r->catalog, MARK_ERASED, erased, e) < 0 ||
	    set_copy(&live, p->positions, e) < 0 || set_minus(live, erased, e) < 0)
		return e->code;
	p->count = set_count(live);
	if (p->count == 0)
		return error_set(e, E_NOT_FOUND, "no record that is still here answers to \"%.200s\"%s",
				 buf_text(p->selector),
				 set_count(p->kept) ? " and is not kept by a grant" : "");
	return 0;
}

static int open_picked(struct change *c, const struct order_words *w, const struct picked *p,
		       uint64_t id, struct error *e)
{
	scoped_json *public = json_object_make(e);
	scoped(fields) *f = NULL;
	uint64_t n;

	if (!public || change_set_records(c, public, e) < 0 || fields_create(&f, e) < 0 ||
	    private_part(w, p, id, f, e) < 0)
		return e->code;
	return change_fact(c, "order", give(public), f, &n, e);
}

int order_open_in(struct change *c, struct repo *r, const struct order_words *w, uint64_t *ret_id,
		  struct error *e)
{
	scoped(buf) *selector = NULL;
	struct picked p = { 0 };
	int code;

	if (check_words(w, e) < 0 || buf_create(&selector, 128, e) < 0 ||
	    order_next_id(r, ret_id, e) < 0)
		return e->code;
	p.selector = selector;
	code = pick(r, w, &p, e);
	if (code == 0)
		code = open_picked(c, w, &p, *ret_id, e);
	set_destroy(p.positions);
	set_destroy(p.kept);
	return code;
}

int flow_order_open(struct repo *r, const struct order_words *w, json_t **ret, struct error *e)
{
	scoped(change) *c = NULL;
	scoped(order) *o = NULL;
	uint64_t id, copies;
	char name[24];

	if (change_begin(&c, r, e) < 0 || order_open_in(c, r, w, &id, e) < 0 ||
	    change_commit(c, e) < 0)
		return e->code;
	snprintf(name, sizeof(name), "o%" PRIu64, id);
	if (order_load(r, name, &o, e) < 0 || order_document(r, o, ret, e) < 0 ||
	    copies_of(r, o->positions, &copies, e) < 0)
		return e->code;
	json_set_number(*ret, "copies", copies, e);
	return e->code;
}
