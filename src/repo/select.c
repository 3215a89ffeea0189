#include "repo/select.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "repo/glob.h"
#include "repo/select_parts.h"
#include "repo/things.h"

/* One evaluation: what several words ask for is read once. */
struct run {
	struct repo *r;
	struct arena *a;
	uint64_t size; /* of the records log */
	struct set *all, *erased;
	struct set *sources; /* ids of those that have records */
	const struct batch *batches;
	size_t batch_count;
};

static int run_begin(struct run *x, struct error *e)
{
	struct catalog *c = x->r->catalog;
	struct batch *batches;

	if (set_create(&x->all, e) < 0 || set_create(&x->erased, e) < 0 ||
	    set_create(&x->sources, e) < 0 || arena_create(&x->a, e) < 0 ||
	    catalog_commitment_count(c, &x->size, e) < 0 ||
	    (x->size > 0 && set_add_range(x->all, 0, x->size - 1, e) < 0) ||
	    catalog_mark_get(c, MARK_ERASED, x->erased, e) < 0 ||
	    batches_all(x->r, x->a, &batches, &x->batch_count, e) < 0)
		return e->code;
	for (size_t i = 0; i < x->batch_count; i++)
		if (set_add(x->sources, batches[i].source, e) < 0)
			return e->code;
	x->batches = batches;
	return 0;
}

static void run_end(struct run *x)
{
	set_destroy(x->all);
	set_destroy(x->erased);
	set_destroy(x->sources);
	arena_destroy(x->a);
}

/* --- each word adds its positions to a set --- */

static int add_source(struct run *x, uint64_t source, struct set *s, struct error *e)
{
	for (size_t i = 0; i < x->batch_count; i++)
		if (x->batches[i].source == source &&
		    set_add_range(s, x->batches[i].first, x->batches[i].last, e) < 0)
			return e->code;
	return 0;
}

static int of_source(struct run *x, const struct node *n, struct set *s, struct error *e)
{
	struct source source;

	if (source_named(x->r, x->a, n->value, &source, e) < 0)
		return e->code;
	return add_source(x, source.id, s, e);
}

static int of_transfer(struct run *x, const struct node *n, struct set *s, struct error *e)
{
	struct transfer_row t;

	if (n->value[0] == 'o')
		return select_handed_over(x->r, x->a, n->first, s, e);
	if (transfer_by_id(x->r, x->a, n->first, &t, e) < 0)
		return e->code;
	for (size_t i = 0; i < x->batch_count; i++)
		if (x->batches[i].transfer == t.id &&
		    set_add_range(s, x->batches[i].first, x->batches[i].last, e) < 0)
			return e->code;
	return 0;
}

static int of_batch(struct run *x, const struct node *n, struct set *s, struct error *e)
{
	for (size_t i = 0; i < x->batch_count; i++)
		if (x->batches[i].id == n->first)
			return set_add_range(s, x->batches[i].first, x->batches[i].last, e);
	return error_set(e, E_NOT_FOUND, "no batch %s", n->value);
}

static int tagged(struct run *x, uint8_t kind, const void *value, size_t len, struct set *s,
		  struct error *e)
{
	struct tag t;

	repo_tag(x->r, &t, kind, value, len);
	return catalog_tagged(x->r->catalog, kind, &t, s, e);
}

static int of_subject(struct run *x, const struct node *n, struct set *s, struct error *e)
{
	return tagged(x, TAG_SUBJECT, n->value, strlen(n->value), s, e);
}

static int of_attr(struct run *x, const struct node *n, struct set *s, struct error *e)
{
	return tagged(x, TAG_ATTR, n->value, strlen(n->value), s, e);
}

static int of_digest(struct run *x, const struct node *n, struct set *s, struct error *e)
{
	struct hash h;

	if (hex_decode(h.b, HASH_LEN, n->value, e) < 0)
		return e->code;
	return tagged(x, TAG_DIGEST, h.b, HASH_LEN, s, e);
}

/* Whom it is about: a person, or the people of a source. */
static int of_grant(struct run *x, const struct node *n, struct set *s, struct error *e)
{
	struct catalog_thing t;

	if (catalog_thing(x->r->catalog, x->a, THING_GRANT, n->first, &t, e) < 0) {
		if (e->code == E_NOT_FOUND)
			error_set(e, E_NOT_FOUND, "no grant %s (rescind grant ls)", n->value);
		return e->code;
	}
	if (t.owner == 0)
		return catalog_tagged(x->r->catalog, TAG_SUBJECT, &t.tag, s, e);
	return add_source(x, t.owner, s, e) < 0 ? e->code : set_minus(s, x->erased, e);
}

static int of_dataset(struct run *x, const struct node *n, struct set *s, struct error *e)
{
	struct dataset d;

	if (dataset_named(x->r, x->a, n->value, &d, e) < 0)
		return e->code;
	return stored_set_load(x->r, &d.set, s, e);
}

static int of_model(struct run *x, const struct node *n, struct set *s, struct error *e)
{
	struct model m;

	if (model_named(x->r, x->a, n->value, &m, e) < 0)
		return e->code;
	return stored_set_load(x->r, &m.set, s, e);
}

static int of_record(struct run *x, const struct node *n, struct set *s, struct error *e)
{
	if (n->last >= x->size)
		return error_set(e, E_NOT_FOUND, "no record %" PRIu64 ": there are %" PRIu64,
				 n->last, x->size);
	return set_add_range(s, n->first, n->last, e);
}

static int of_path(struct run *x, const struct node *n, struct set *s, struct error *e)
{
	char path[GLOB_MAX];
	size_t len;

	if (!glob_is_path(n->value, strlen(n->value), path, &len))
		return error_set(e, E_USAGE, "a pattern where a path was expected");
	return tagged(x, TAG_PATH, path, len, s, e);
}

static int of_erased(struct run *x, const struct node *n, struct set *s, struct error *e)
{
	(void)n;
	return set_or(s, x->erased, e);
}

/* The terms of a source that are valid at the time of the question. */
static int terms_now(struct run *x, uint64_t source, const struct terms **ret, struct error *e)
{
	struct terms_version *versions;
	struct terms *list;
	size_t count;

	if (terms_of(x->r, x->a, source, &versions, &count, e) < 0)
		return e->code;
	list = arena_alloc(x->a, (count + 1) * sizeof(*list), e);
	if (!list)
		return e->code;
	for (size_t i = 0; i < count; i++)
		list[i] = versions[i].terms;
	*ret = terms_at(list, count, x->r->at_utc_ms);
	return 0;
}

/* Add the live records of the sources whose terms are as wanted. */
static int of_terms(struct run *x, bool (*wanted)(const struct terms *t, const char *value),
		    const char *value, struct set *s, struct error *e)
{
	for (uint64_t source = 0; set_next(x->sources, &source); source++) {
		const struct terms *t = NULL;

		if (terms_now(x, source, &t, e) < 0)
			return e->code;
		if (wanted(t, value) && add_source(x, source, s, e) < 0)
			return e->code;
	}
	return set_minus(s, x->erased, e);
}

static bool is_licence(const struct terms *t, const char *value)
{
	return t && t->licence && strcmp(t->licence, value) == 0;
}

static int of_licence(struct run *x, const struct node *n, struct set *s, struct error *e)
{
	return of_terms(x, is_licence, n->value, s, e);
}

static bool is_over(const struct terms *t, const char *value)
{
	(void)value;
	return t == NULL;
}

/* Grants about one person or source; those that come one after the other in the list. */
static bool all_ended(const struct run *x, const struct grant_row *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct period until = { TIME_NONE, list[i].grant.valid.until };

		if (!list[i].grant.withdrawn && period_holds(&until, x->r->at_utc_ms))
			return false;
	}
	return count > 0;
}

static int by_person(const void *left, const void *right)
{
	const struct grant_row *a = left, *b = right;

	return memcmp(&a->subject, &b->subject, sizeof(a->subject));
}

/* Records about somebody who had granted something, of which nothing is left. */
static int of_ended_people(struct run *x, struct set *s, struct error *e)
{
	struct grant_row *list;
	size_t count, end;

	if (grants_of_source(x->r, x->a, 0, &list, &count, e) < 0)
		return e->code;
	if (count > 0)
		qsort(list, count, sizeof(list[0]), by_person);
	for (size_t i = 0; i < count; i = end) {
		for (end = i + 1; end < count && by_person(&list[i], &list[end]) == 0;)
			end++;
		if (all_ended(x, &list[i], end - i) &&
		    catalog_tagged(x->r->catalog, TAG_SUBJECT, &list[i].subject, s, e) < 0)
			return e->code;
	}
	return 0;
}

static int add_pos(void *ctx, const struct tag *t, uint64_t pos, struct error *e)
{
	(void)t;
	return set_add(ctx, pos, e);
}

/* Records about nobody known, of a source whose controller's grants have all ended. */
static int of_ended_sources(struct run *x, struct set *s, struct error *e)
{
	scoped(set) *here = NULL, *about_people = NULL;

	if (set_create(&here, e) < 0 || set_create(&about_people, e) < 0)
		return e->code;
	for (uint64_t source = 0; set_next(x->sources, &source); source++) {
		struct grant_row *list = NULL;
		size_t count = 0;

		if (grants_of_source(x->r, x->a, source, &list, &count, e) < 0)
			return e->code;
		if (all_ended(x, list, count) && add_source(x, source, here, e) < 0)
			return e->code;
	}
	if (set_count(here) == 0)
		return 0;
	if (catalog_each_tag(x->r->catalog, TAG_SUBJECT, add_pos, about_people, e) < 0 ||
	    set_minus(here, about_people, e) < 0)
		return e->code;
	return set_or(s, here, e);
}

static int of_expired(struct run *x, const struct node *n, struct set *s, struct error *e)
{
	(void)n;
	if (of_terms(x, is_over, NULL, s, e) < 0 || of_ended_people(x, s, e) < 0 ||
	    of_ended_sources(x, s, e) < 0)
		return e->code;
	return set_minus(s, x->erased, e);
}

/* No record has signals yet. */
static int of_signal(struct run *x, const struct node *n, struct set *s, struct error *e)
{
	(void)x, (void)n, (void)s, (void)e;
	return 0;
}

static int (*const words[])(struct run *x, const struct node *n, struct set *s, struct error *e) = {
	[WORD_SOURCE] = of_source,   [WORD_TRANSFER] = of_transfer, [WORD_BATCH] = of_batch,
	[WORD_SUBJECT] = of_subject, [WORD_GRANT] = of_grant,	    [WORD_DATASET] = of_dataset,
	[WORD_MODEL] = of_model,     [WORD_RECORD] = of_record,	    [WORD_SHA256] = of_digest,
	[WORD_PATH] = of_path,	     [WORD_LICENCE] = of_licence,   [WORD_ATTR] = of_attr,
	[WORD_SIGNAL] = of_signal,   [WORD_ERASED] = of_erased,	    [WORD_EXPIRED] = of_expired,
};
_Static_assert(COUNT_OF(words) == WORD_COUNT, "an answer for each word");

/* --- paths with wildcards: the cards of all that is left to ask are opened --- */

struct looking {
	struct run *x;
	const char *glob;
	struct set *found;
};

static int look_at_path(struct looking *l, const struct fields *card, uint64_t pos,
			struct error *e)
{
	const struct field *path = fields_find(card, "path");

	if (!path || !glob_match(l->glob, strlen(l->glob), buf_text(path->value), path->value->len))
		return 0;
	return set_add(l->found, pos, e);
}

/* Where a copy of a record was found is sealed under the record's key. */
static int look_at_copy(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct looking *l = ctx;
	scoped(fields) *where = NULL;
	scoped(buf) *plain = NULL;
	uint8_t key[SEAL_KEY_LEN];
	int code;

	if (buf_create(&plain, 1024, e) < 0 || keyring_key(l->x->r->keyring, o->slot, key, e) < 0)
		return e->code;
	code = vault_get(l->x->r->vault, &o->at, OBJECT_COPY, o->slot, o->owner, key, plain, e);
	wipe(key, sizeof(key));
	if (code < 0 || fields_parse(&where, plain->data, plain->len, e) < 0)
		return error_wrap(e, "a copy of record %" PRIu64, o->owner);
	return look_at_path(l, where, o->owner, e);
}

static int look_at_card(void *ctx, const struct catalog_record *rec, struct error *e)
{
	struct looking *l = ctx;
	scoped(fields) *card = NULL;

	if (task_check(l->x->r->task, e) < 0)
		return e->code;
	if (rec->status == RECORD_ERASED)
		return 0;
	if (repo_card(l->x->r, rec, false, &card, e) < 0 ||
	    look_at_path(l, card, rec->pos, e) < 0)
		return e->code;
	if (set_has(l->found, rec->pos))
		return 0;
	return catalog_each_object(l->x->r->catalog, ROW_COPY, rec->pos, look_at_copy, l, e);
}

static int of_pattern(struct run *x, const struct node *n, const struct set *within,
		      struct set *found, struct error *e)
{
	struct looking l = { x, n->value, found };
	scoped(set) *live = NULL;

	if (set_copy(&live, within, e) < 0 || set_minus(live, x->erased, e) < 0)
		return e->code;
	return catalog_each_record(x->r->catalog, live, look_at_card, &l, e);
}

/* --- and, or, not --- */

/* *ret is what n picks of within, which is all that is worth asking about. */
static int pick(struct run *x, const struct node *n, const struct set *within, struct set **ret,
		struct error *e);

static int pick_word(struct run *x, const struct node *n, const struct set *within,
		     struct set **ret, struct error *e)
{
	scoped(set) *s = NULL;

	if (set_create(&s, e) < 0)
		return e->code;
	if (n->opens_cards ? of_pattern(x, n, within, s, e) < 0 :
			     words[n->word](x, n, s, e) < 0 || set_and(s, within, e) < 0)
		return e->code;
	*ret = give(s);
	return 0;
}

static int pick_not(struct run *x, const struct node *n, const struct set *within,
		    struct set **ret, struct error *e)
{
	scoped(set) *s = NULL, *without = NULL;

	if (set_copy(&s, within, e) < 0 || pick(x, n->child, within, &without, e) < 0 ||
	    set_minus(s, without, e) < 0)
		return e->code;
	*ret = give(s);
	return 0;
}

/* What opens cards comes last: for `and` it need only look at what the others left, for `or`
 * at what they did not find. */
static int pick_and(struct run *x, const struct node *n, const struct set *within,
		    struct set **ret, struct error *e)
{
	scoped(set) *left = NULL;

	if (set_copy(&left, within, e) < 0)
		return e->code;
	for (int last = 0; last <= 1; last++)
		for (const struct node *c = n->child; c; c = c->next) {
			scoped(set) *here = NULL;

			if (c->opens_cards != last)
				continue;
			if (pick(x, c, left, &here, e) < 0 || set_and(left, here, e) < 0)
				return e->code;
		}
	*ret = give(left);
	return 0;
}

static int pick_or(struct run *x, const struct node *n, const struct set *within,
		   struct set **ret, struct error *e)
{
	scoped(set) *found = NULL, *left = NULL;

	if (set_create(&found, e) < 0 || set_copy(&left, within, e) < 0)
		return e->code;
	for (int last = 0; last <= 1; last++)
		for (const struct node *c = n->child; c; c = c->next) {
			scoped(set) *here = NULL;

			if (c->opens_cards != last)
				continue;
			if (pick(x, c, left, &here, e) < 0 || set_or(found, here, e) < 0 ||
			    set_minus(left, here, e) < 0)
				return e->code;
		}
	*ret = give(found);
	return 0;
}

static int pick(struct run *x, const struct node *n, const struct set *within, struct set **ret,
		struct error *e)
{
	switch (n->kind) {
	case NODE_WORD:
		return pick_word(x, n, within, ret, e);
	case NODE_NOT:
		return pick_not(x, n, within, ret, e);
	case NODE_AND:
		return pick_and(x, n, within, ret, e);
	case NODE_OR:
	default:
		return pick_or(x, n, within, ret, e);
	}
}

int selector_run(struct repo *r, const struct selector *s, struct set **ret, struct error *e)
{
	struct run x = { .r = r };
	int code = run_begin(&x, e);

	if (code == 0)
		code = pick(&x, s->root, x.all, ret, e);
	run_end(&x);
	return code;
}
