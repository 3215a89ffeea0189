#include "repo/things.h"

#include <stdio.h>

#include "base/text.h"
#include "set/container.h"
#include "wire/json.h"

const char *model_state_name(uint8_t s)
{
	static const char *const names[] = { "live", "withdrawn", "erased" };

	return s < COUNT_OF(names) ? names[s] : "?";
}

const char *order_state_name(uint8_t s)
{
	static const char *const names[] = { "open",	  "planned", "approved", "executing",
					     "certified", "refused", "held" };

	return s < COUNT_OF(names) ? names[s] : "?";
}

static int body_of(const struct catalog_thing *t, json_t **ret, struct error *e)
{
	if (json_parse(ret, t->body, strlen(t->body), CATALOG_BODY_MAX, e) < 0)
		return error_wrap(e, "catalog row %u/%llu", t->kind, (unsigned long long)t->id);
	return 0;
}

/* The text of a member, "" when it is missing, lent by the arena. */
static int text_of(const json_t *body, const char *key, struct arena *a, const char **ret,
		   struct error *e)
{
	const char *text = json_text_or(body, key, "");

	*ret = arena_text(a, text, strlen(text), e);
	return *ret ? 0 : e->code;
}

/* Uses as their text in a body; NULL when there are none. */
static int uses_of(const json_t *body, const char *key, struct arena *a, struct uses **ret,
		   struct error *e)
{
	const char *text = json_text_or(body, key, "");
	struct uses *u;

	*ret = NULL;
	if (!*text)
		return 0;
	u = arena_alloc(a, sizeof(*u), e);
	if (!u || uses_parse(u, text, e) < 0)
		return e->code;
	*ret = u;
	return 0;
}

/* Not stated is BASIS_NONE. */
static int basis_of(const json_t *body, uint8_t *ret, struct error *e)
{
	const char *text = json_text_or(body, "basis", "");

	*ret = BASIS_NONE;
	return *text ? basis_parse(ret, text, e) : 0;
}

static struct period period_of(const json_t *body)
{
	return (struct period){ json_number_or(body, "from", TIME_NONE),
				json_number_or(body, "until", TIME_NONE) };
}

/* What a walk over rows gathers into: an array in the arena. */
struct gather {
	struct repo *r;
	struct arena *a;
	void *list;
	size_t count, cap, item_bytes;
	int (*fill)(struct gather *g, const struct catalog_thing *t, const json_t *body, void *item,
		    struct error *e);
};

static int gather_row(void *ctx, const struct catalog_thing *t, struct error *e)
{
	scoped_json *body = NULL;
	struct gather *g = ctx;
	char *item;

	if (body_of(t, &body, e) < 0)
		return e->code;
	g->list = arena_grow(g->a, g->list, g->item_bytes, g->count, &g->cap, e);
	if (!g->list)
		return e->code;
	item = (char *)g->list + g->count * g->item_bytes;
	memset(item, 0, g->item_bytes);
	if (g->fill(g, t, body, item, e) < 0)
		return e->code;
	g->count++;
	return 0;
}

static int fill_source(struct gather *g, const struct catalog_thing *t, const json_t *body,
		       void *item, struct error *e)
{
	struct source *s = item;

	s->id = t->id;
	s->fact = t->fact;
	s->name = arena_text(g->a, t->name, strlen(t->name), e);
	memcpy(s->tag, t->tag.b, sizeof(s->tag));
	if (!s->name || source_kind_parse(&s->kind, json_text_or(body, "kind", ""), e) < 0 ||
	    people_parse(&s->people, json_text_or(body, "people", ""), e) < 0)
		return e->code;
	return 0;
}

static int one(struct gather *g, const struct catalog_thing *t, struct error *e)
{
	scoped_json *body = NULL;

	if (body_of(t, &body, e) < 0)
		return e->code;
	return g->fill(g, t, body, g->list, e);
}

int source_named(struct repo *r, struct arena *a, const char *name, struct source *ret,
		 struct error *e)
{
	struct gather g = { .a = a, .list = ret, .fill = fill_source };
	struct catalog_thing t;

	if (catalog_thing_named(r->catalog, a, THING_SOURCE, name, &t, e) < 0)
		return e->code == E_NOT_FOUND ?
			       error_set(e, E_NOT_FOUND, "no source \"%s\" (rescind source ls)", name) :
			       e->code;
	return one(&g, &t, e);
}

int source_by_id(struct repo *r, struct arena *a, uint64_t id, struct source *ret, struct error *e)
{
	struct gather g = { .a = a, .list = ret, .fill = fill_source };
	struct catalog_thing t;

	if (catalog_thing(r->catalog, a, THING_SOURCE, id, &t, e) < 0)
		return e->code;
	return one(&g, &t, e);
}

static int fill_terms(struct gather *g, const struct catalog_thing *t, const json_t *body,
		      void *item, struct error *e)
{
	struct terms_version *v = item;
	struct uses *allow, *deny;

	v->id = t->id;
	v->fact = t->fact;
	v->source = t->owner;
	v->version = json_number_or(body, "version", 0);
	v->terms.valid = period_of(body);
	if (uses_of(body, "allow", g->a, &allow, e) < 0 || uses_of(body, "deny", g->a, &deny, e) < 0 ||
	    text_of(body, "licence", g->a, &v->terms.licence, e) < 0 ||
	    basis_of(body, &v->basis, e) < 0)
		return e->code;
	v->terms.allow = allow;
	v->terms.deny = deny;
	if (!*v->terms.licence)
		v->terms.licence = NULL;
	return 0;
}

int terms_of(struct repo *r, struct arena *a, uint64_t source, struct terms_version **ret,
	     size_t *ret_count, struct error *e)
{
	struct gather g = { .a = a, .item_bytes = sizeof(**ret), .fill = fill_terms };

	if (catalog_each_thing(r->catalog, THING_TERMS, source, gather_row, &g, e) < 0)
		return e->code;
	*ret = g.list;
	*ret_count = g.count;
	return 0;
}

static int fill_transfer(struct gather *g, const struct catalog_thing *t, const json_t *body,
			 void *item, struct error *e)
{
	struct transfer_row *row = item;

	row->id = t->id;
	row->fact = t->fact;
	row->source = t->owner;
	row->date_utc_ms = json_number_or(body, "date", TIME_NONE);
	memcpy(row->tag, t->tag.b, sizeof(row->tag));
	if (uses_of(body, "uses", g->a, &row->uses, e) < 0 ||
	    notified_parse(&row->notified, json_text_or(body, "notified", "unknown"), e) < 0)
		return e->code;
	return 0;
}

int transfer_by_id(struct repo *r, struct arena *a, uint64_t id, struct transfer_row *ret,
		   struct error *e)
{
	struct gather g = { .a = a, .list = ret, .fill = fill_transfer };
	struct catalog_thing t;

	if (catalog_thing(r->catalog, a, THING_TRANSFER, id, &t, e) < 0)
		return e->code == E_NOT_FOUND ?
			       error_set(e, E_NOT_FOUND, "no transfer t%llu (rescind transfer ls)",
					 (unsigned long long)id) :
			       e->code;
	return one(&g, &t, e);
}

static int fill_grant(struct gather *g, const struct catalog_thing *t, const json_t *body,
		      void *item, struct error *e)
{
	struct grant_row *row = item;
	struct uses *uses;

	row->id = t->id;
	row->fact = t->fact;
	row->source = t->owner;
	row->subject = t->tag;
	row->grant.valid = period_of(body);
	row->grant.explicit_consent = json_is_true(json_object_get(body, "explicit"));
	row->grant.withdrawn = json_is_true(json_object_get(body, "withdrawn"));
	if (uses_of(body, "uses", g->a, &uses, e) < 0 ||
	    basis_of(body, &row->grant.basis, e) < 0)
		return e->code;
	row->grant.uses = uses;
	return 0;
}

int grants_of_source(struct repo *r, struct arena *a, uint64_t source, struct grant_row **ret,
		     size_t *ret_count, struct error *e)
{
	struct gather g = { .a = a, .item_bytes = sizeof(**ret), .fill = fill_grant };

	if (catalog_each_thing(r->catalog, THING_GRANT, source, gather_row, &g, e) < 0)
		return e->code;
	*ret = g.list;
	*ret_count = g.count;
	return 0;
}

int grants_of_subject(struct repo *r, struct arena *a, const struct tag *subject,
		      struct grant_row **ret, size_t *ret_count, struct error *e)
{
	struct gather g = { .a = a, .item_bytes = sizeof(**ret), .fill = fill_grant };

	if (catalog_each_thing_tagged(r->catalog, THING_GRANT, subject, gather_row, &g, e) < 0)
		return e->code;
	*ret = g.list;
	*ret_count = g.count;
	return 0;
}

static int fill_batch(struct gather *g, const struct catalog_thing *t, const json_t *body,
		      void *item, struct error *e)
{
	struct batch *b = item;

	(void)g;
	b->id = t->id;
	b->fact = t->fact;
	b->source = t->owner;
	b->transfer = json_number_or(body, "transfer", 0);
	b->terms = json_number_or(body, "terms", 0);
	if (json_get_number(body, "first", &b->first, e) < 0 ||
	    json_get_number(body, "last", &b->last, e) < 0)
		return e->code;
	return 0;
}

int batches_all(struct repo *r, struct arena *a, struct batch **ret, size_t *ret_count,
		struct error *e)
{
	struct gather g = { .a = a, .item_bytes = sizeof(**ret), .fill = fill_batch };

	if (catalog_each_thing(r->catalog, THING_BATCH, UINT64_MAX, gather_row, &g, e) < 0)
		return e->code;
	*ret = g.list;
	*ret_count = g.count;
	return 0;
}

const struct batch *batch_of(const struct batch *list, size_t count, uint64_t pos)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pos > list[mid].last)
			low = mid + 1;
		else
			high = mid;
	}
	return low < count && list[low].first <= pos ? &list[low] : NULL;
}

/* A body's size, count and containers (hex names, one after the other). */
static int fill_set(const json_t *body, struct arena *a, struct stored_set *ret, struct error *e)
{
	const char *hex = json_text_or(body, "containers", "");
	struct hash *names;
	uint64_t n;

	ret->size = json_number_or(body, "size", 0);
	ret->count = json_number_or(body, "count", 0);
	n = container_count(ret->size);
	if (strlen(hex) != n * (HASH_HEX_MAX - 1))
		return error_set(e, E_FORMAT, "catalog: a set of size %llu without its containers",
				 (unsigned long long)ret->size);
	names = arena_alloc(a, (size_t)(n + 1) * sizeof(*names), e);
	if (!names || (n && hex_decode(names, (size_t)n * HASH_LEN, hex, e) < 0))
		return e->code;
	ret->containers = names;
	return 0;
}

static int fill_dataset(struct gather *g, const struct catalog_thing *t, const json_t *body,
			void *item, struct error *e)
{
	const char *use = json_text_or(body, "use", "");
	struct dataset *d = item;

	d->id = t->id;
	d->fact = t->fact;
	d->version = json_number_or(body, "version", 0);
	d->label = arena_text(g->a, t->name, strlen(t->name), e);
	if (!d->label || text_of(body, "name", g->a, &d->name, e) < 0 ||
	    use_parse(&d->use, use, strlen(use), e) < 0)
		return e->code;
	return fill_set(body, g->a, &d->set, e);
}

static int fill_reproduced(struct arena *a, const json_t *ids, struct model *m, struct error *e)
{
	const char **list = arena_alloc(a, (json_array_size(ids) + 1) * sizeof(*list), e);

	for (size_t i = 0; list && i < json_array_size(ids); i++) {
		const json_t *id = json_array_get(ids, i);

		list[i] = arena_text(a, json_string_value(id), json_string_length(id), e);
		if (!list[i])
			return e->code;
		m->reproduced_count++;
	}
	m->reproduced = list;
	return list ? 0 : e->code;
}

static int fill_model(struct gather *g, const struct catalog_thing *t, const json_t *body,
		      void *item, struct error *e)
{
	json_t *inputs = json_object_get(body, "inputs");
	struct model *m = item;
	uint64_t *list;

	m->id = t->id;
	m->fact = t->fact;
	m->state = t->state;
	m->version = json_number_or(body, "version", 0);
	m->grade = (uint8_t)json_number_or(body, "grade", GRADE_UNKNOWN);
	m->label = arena_text(g->a, t->name, strlen(t->name), e);
	if (!m->label || text_of(body, "name", g->a, &m->name, e) < 0 ||
	    text_of(body, "kind", g->a, &m->kind, e) < 0 ||
	    text_of(body, "reasons", g->a, &m->reasons, e) < 0)
		return e->code;
	m->input_count = json_array_size(inputs);
	list = arena_alloc(g->a, (m->input_count + 1) * sizeof(*list), e);
	if (!list)
		return e->code;
	for (size_t i = 0; i < m->input_count; i++)
		list[i] = (uint64_t)json_integer_value(json_array_get(inputs, i));
	m->inputs = list;
	m->exact = json_is_true(json_object_get(body, "exact"));
	if (fill_reproduced(g->a, json_object_get(body, "reproduced"), m, e) < 0)
		return e->code;
	return fill_set(body, g->a, &m->set, e);
}

/* A row by "name@V", or the latest of "name" (state "latest" is kept in the body of none: the
 * versions are counted up until one is missing). */
static int versioned(struct repo *r, struct arena *a, uint8_t kind, const char *what,
		     const char *name, struct catalog_thing *ret, struct error *e)
{
	struct catalog_thing t;
	bool found = false;

	if (strchr(name, '@')) {
		if (catalog_thing_named(r->catalog, a, kind, name, ret, e) == 0)
			return 0;
		return e->code == E_NOT_FOUND ?
			       error_set(e, E_NOT_FOUND, "no %s \"%s\" (rescind %s ls)", what, name, what) :
			       e->code;
	}
	for (uint64_t version = 1;; version++) {
		char label[128];

		snprintf(label, sizeof(label), "%.100s@%llu", name, (unsigned long long)version);
		if (catalog_thing_named(r->catalog, a, kind, label, &t, e) < 0) {
			if (e->code != E_NOT_FOUND)
				return e->code;
			error_clear(e);
			break;
		}
		*ret = t;
		found = true;
	}
	if (!found)
		return error_set(e, E_NOT_FOUND, "no %s \"%s\" (rescind %s ls)", what, name, what);
	return 0;
}

int dataset_named(struct repo *r, struct arena *a, const char *name, struct dataset *ret,
		  struct error *e)
{
	struct gather g = { .a = a, .list = ret, .fill = fill_dataset };
	struct catalog_thing t;

	memset(ret, 0, sizeof(*ret));
	if (versioned(r, a, THING_DATASET, "dataset", name, &t, e) < 0)
		return e->code;
	return one(&g, &t, e);
}

int model_named(struct repo *r, struct arena *a, const char *name, struct model *ret,
		struct error *e)
{
	struct gather g = { .a = a, .list = ret, .fill = fill_model };
	struct catalog_thing t;

	memset(ret, 0, sizeof(*ret));
	if (versioned(r, a, THING_MODEL, "model", name, &t, e) < 0)
		return e->code;
	return one(&g, &t, e);
}

int datasets_all(struct repo *r, struct arena *a, struct dataset **ret, size_t *ret_count,
		 struct error *e)
{
	struct gather g = { .a = a, .item_bytes = sizeof(**ret), .fill = fill_dataset };

	if (catalog_each_thing(r->catalog, THING_DATASET, UINT64_MAX, gather_row, &g, e) < 0)
		return e->code;
	*ret = g.list;
	*ret_count = g.count;
	return 0;
}

int models_all(struct repo *r, struct arena *a, struct model **ret, size_t *ret_count,
	       struct error *e)
{
	struct gather g = { .a = a, .item_bytes = sizeof(**ret), .fill = fill_model };

	if (catalog_each_thing(r->catalog, THING_MODEL, UINT64_MAX, gather_row, &g, e) < 0)
		return e->code;
	*ret = g.list;
	*ret_count = g.count;
	return 0;
}

int stored_set_load(struct repo *r, const struct stored_set *which, struct set *s, struct error *e)
{
	scoped(buf) *bytes = NULL;
	struct catalog_container k;

	if (buf_create(&bytes, CONTAINER_BYTES_MAX, e) < 0)
		return e->code;
	for (uint64_t i = 0; i < container_count(which->size); i++) {
		buf_clear(bytes);
		if (catalog_container(r->catalog, &which->containers[i], &k, bytes, e) < 0 ||
		    container_get(s, i, which->size, bytes->data, bytes->len, e) < 0)
			return error_wrap(e, "a stored set, container %llu", (unsigned long long)i);
	}
	return 0;
}
