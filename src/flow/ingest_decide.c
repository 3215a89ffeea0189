/* The decisions of one batch: asked once for each set of people, and not again. */
#include <stdlib.h>

#include "flow/ingest_parts.h"
#include "repo/ask.h"
#include "repo/never.h"

/* One decision, under the hash of who is on the picture and whether it was to be never again. */
struct decided {
	bool used;
	struct hash key;
	reasons why;
};

struct decisions {
	struct ingest *g;
	struct repo *r;
	struct ask *ask;
	struct arena *a;
	struct decided *table; /* table_len is a power of two, more than the items */
	size_t table_len;
	uint64_t terms, at_utc_ms;
};

static int find_terms(struct decisions *d, struct error *e)
{
	struct terms_version *versions = NULL;
	const struct terms *valid;
	struct terms *list;
	size_t count;

	if (terms_of(d->r, d->a, d->g->source.id, &versions, &count, e) < 0)
		return e->code;
	list = arena_alloc(d->a, (count + 1) * sizeof(*list), e);
	if (!list)
		return e->code;
	for (size_t i = 0; i < count; i++)
		list[i] = versions[i].terms;
	valid = terms_at(list, count, d->at_utc_ms);
	if (valid)
		d->terms = versions[valid - list].version;
	return 0;
}

int decisions_open(struct decisions **ret, struct ingest *g, uint64_t at_utc_ms, struct error *e)
{
	scoped(decisions) *d = calloc(1, sizeof(*d));

	if (!d)
		return error_set(e, E_MEMORY, "out of memory");
	d->g = g;
	d->r = g->r;
	d->at_utc_ms = at_utc_ms;
	for (d->table_len = 16; d->table_len < 2 * g->count; d->table_len *= 2)
		;
	if (arena_create(&d->a, e) < 0 ||
	    !(d->table = arena_alloc(d->a, d->table_len * sizeof(*d->table), e)) ||
	    find_terms(d, e) < 0 || ask_open(&d->ask, d->r, at_utc_ms, e) < 0)
		return e->code;
	*ret = give(d);
	return 0;
}

void decisions_close(struct decisions *d)
{
	if (!d)
		return;
	ask_close(d->ask);
	arena_destroy(d->a);
	free(d);
}

uint64_t decisions_terms(const struct decisions *d)
{
	return d->terms;
}

/* Has this person a valid grant of their own that is younger than the order? */
static int granted_since(struct decisions *d, const struct tag *subject, uint64_t order_fact,
			 bool *ret, struct error *e)
{
	struct grant_row *rows = NULL;
	size_t count = 0;

	*ret = false;
	if (grants_of_subject(d->r, d->a, subject, &rows, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count && !*ret; i++)
		*ret = rows[i].fact > order_fact && !rows[i].grant.withdrawn &&
		       period_holds(&rows[i].grant.valid, d->at_utc_ms);
	return 0;
}

static int order_fact(struct decisions *d, uint64_t order, uint64_t *ret, struct error *e)
{
	struct catalog_thing t;

	if (catalog_thing(d->r->catalog, d->a, THING_ORDER, order, &t, e) == 0) {
		*ret = t.fact;
		return 0;
	}
	if (e->code != E_NOT_FOUND)
		return e->code;
	/* The list outlives a repository that was put back: then no grant is young enough. */
	error_clear(e);
	*ret = UINT64_MAX;
	return 0;
}

/* Was this content taken back for good? A fresh grant by each of those it was about lifts it. */
static int never_again(struct decisions *d, const struct item *item, const struct tag *tags,
		       bool *ret, struct error *e)
{
	size_t count = item->subjects ? item->subjects->count : 0;
	uint64_t order, fact = UINT64_MAX;
	bool same, granted;

	if (never_check(d->r, &item->content, count ? item->subjects->values : NULL, count, &order,
			&same, e) < 0)
		return e->code;
	*ret = order != 0;
	if (order == 0 || !same || count == 0)
		return 0;
	if (order_fact(d, order, &fact, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		if (granted_since(d, &tags[i], fact, &granted, e) < 0)
			return e->code;
		if (!granted)
			return 0;
	}
	*ret = false;
	return 0;
}

static struct decided *place_of(struct decisions *d, const struct hash *key)
{
	size_t at;

	memcpy(&at, key->b, sizeof(at));
	for (at &= d->table_len - 1; d->table[at].used; at = (at + 1) & (d->table_len - 1))
		if (hash_equal(&d->table[at].key, key))
			break;
	return &d->table[at];
}

int decide_item(struct decisions *d, const struct item *item, reasons *ret, struct error *e)
{
	size_t count = item->subjects ? item->subjects->count : 0;
	struct tag tags[SIDECAR_VALUES_MAX];
	struct decided *known;
	struct hash key;
	bool never;

	for (size_t i = 0; i < count; i++)
		repo_tag(d->r, &tags[i], TAG_SUBJECT, item->subjects->values[i],
			 strlen(item->subjects->values[i]));
	if (never_again(d, item, tags, &never, e) < 0)
		return e->code;
	hash_pieces(&key, (const struct hash_piece[]){ { tags, count * sizeof(tags[0]) },
						       { &never, sizeof(never) } }, 2);
	known = place_of(d, &key);
	if (!known->used) {
		if (ask_incoming(d->ask, &d->g->source, d->g->transfer.id, tags, count, never,
				 &d->g->use, &known->why, e) < 0)
			return e->code;
		known->key = key;
		known->used = true;
	}
	*ret = known->why;
	return 0;
}
