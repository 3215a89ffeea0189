/* Records, with everything known. */
#include "flow/look_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

enum { ABOUT_MAX = 1 << 16 };

int looking_init(struct looking *l, struct repo *r, struct arena *a, struct error *e)
{
	*l = (struct looking){ .r = r, .a = a };
	return batches_all(r, a, &l->batches, &l->batch_count, e);
}

int looking_source(struct looking *l, uint64_t id, const char **ret_name, struct error *e)
{
	for (size_t i = 0; i < l->source_count; i++)
		if (l->sources[i].id == id) {
			*ret_name = l->sources[i].name;
			return 0;
		}
	l->sources = arena_grow(l->a, l->sources, sizeof(*l->sources), l->source_count,
				&l->source_cap, e);
	if (!l->sources ||
	    source_by_id(l->r, l->a, id, &l->sources[l->source_count], e) < 0)
		return e->code;
	*ret_name = l->sources[l->source_count++].name;
	return 0;
}

void look_set_bytes(json_t *o, const char *key, const void *bytes, size_t len_bytes,
		    struct error *e)
{
	scoped(buf) *hex = NULL;
	char name[64];

	json_set_new(o, key, json_text_lossy(bytes, len_bytes, e), e);
	if (utf8_valid(bytes, len_bytes) || buf_create(&hex, 2 * len_bytes + 1, e) < 0)
		return;
	snprintf(name, sizeof(name), "%s_hex", key);
	json_set_text(o, name, hex_encode((char *)hex->data, bytes, len_bytes), e);
}

static const char *status_name(uint8_t status)
{
	static const char *const names[] = { "live", "quarantined", "erased" };

	return status < COUNT_OF(names) ? names[status] : "?";
}

/* --- what is known of any record, erased or not --- */

static void put_public(struct looking *l, const struct catalog_record *rec, uint8_t status,
		       json_t *o, struct error *e)
{
	const struct batch *b = batch_of(l->batches, l->batch_count, rec->pos);
	const char *source = NULL;
	struct hash commitment;

	if (catalog_commitments(l->r->catalog, rec->pos, 1, &commitment, e) < 0 ||
	    (b && looking_source(l, b->source, &source, e) < 0))
		return;
	json_set_number(o, "pos", rec->pos, e);
	json_set_text(o, "source", source, e);
	json_set_text(o, "status", status_name(status), e);
	json_set_hash(o, "commitment", &commitment, e);
}

/* --- what its card says --- */

static void put_about(json_t *o, const struct fields *card, struct error *e)
{
	static const char *const members[] = { "bytes", "media", "width", "height", "origin",
					       "origin_hex", "in_place" };
	const struct field *f = fields_find(card, "about");
	scoped_json *about = NULL;

	if (!f || json_parse(&about, f->value->data, f->value->len, ABOUT_MAX, e) < 0)
		return;
	for (size_t i = 0; i < COUNT_OF(members); i++)
		if (json_object_get(about, members[i]))
			json_set_new(o, members[i], json_incref(json_object_get(about, members[i])), e);
}

struct told {
	bool subject; /* else an attribute */
	const char *text;
	size_t len_bytes;
};

/* What card and copies say of a record; in the arena, sorted. */
struct telling {
	struct arena *a;
	struct told *list;
	size_t count, cap;
};

static int meet_told(void *ctx, const struct field *f, struct error *e)
{
	struct telling *t = ctx;
	struct told *one;

	t->list = arena_grow(t->a, t->list, sizeof(*t->list), t->count, &t->cap, e);
	if (!t->list)
		return e->code;
	one = &t->list[t->count];
	one->subject = strcmp(f->name, "subject") == 0;
	one->len_bytes = f->value->len;
	one->text = arena_text(t->a, buf_text(f->value), f->value->len, e);
	t->count += one->text != NULL;
	return one->text ? 0 : e->code;
}

static int by_text(const void *a, const void *b)
{
	const struct told *x = a, *y = b;

	return x->subject != y->subject ? x->subject - y->subject : strcmp(x->text, y->text);
}

/* One value as text; several, which copies may say, as a list. */
static void put_attr(json_t *attrs, const char *key, const char *value, struct error *e)
{
	json_t *known = json_object_get(attrs, key), *list;

	if (!known) {
		json_set_text(attrs, key, value, e);
		return;
	}
	if (!json_is_array(known)) {
		list = json_array_make(e);
		if (!list)
			return;
		json_add_new(list, json_incref(known), e);
		json_set_new(attrs, key, list, e);
		known = list;
	}
	json_add_new(known, json_text_lossy(value, strlen(value), e), e);
}

/* Sorted: a card's own order is random (see fields_hide). Each once. */
static void put_lists(json_t *o, const struct telling *t, struct error *e)
{
	json_t *subjects = json_array_make(e), *attrs = json_object_make(e);

	for (size_t i = 0; i < t->count && subjects && attrs; i++) {
		const struct told *one = &t->list[i];
		const char *equals = strchr(one->text, '=');
		char key[128];

		if (i > 0 && by_text(one, one - 1) == 0)
			continue;
		if (one->subject)
			json_add_new(subjects, json_text_lossy(one->text, one->len_bytes, e), e);
		if (one->subject || !equals)
			continue;
		snprintf(key, sizeof(key), "%.*s", (int)(equals - one->text), one->text);
		put_attr(attrs, key, equals + 1, e);
	}
	json_set_new(o, "subjects", subjects, e);
	json_set_new(o, "attrs", attrs, e);
}

static int put_said(struct looking *l, uint64_t pos, const struct fields *card, json_t *o,
		    struct error *e)
{
	scoped(arena) *a = NULL;
	struct telling t = { 0 };

	if (e->code || arena_create(&a, e) < 0)
		return e->code;
	t.a = a;
	if (repo_said(l->r, pos, card, meet_told, &t, e) < 0)
		return e->code;
	if (t.count > 0)
		qsort(t.list, t.count, sizeof(*t.list), by_text);
	put_lists(o, &t, e);
	return e->code;
}

static void put_card(struct looking *l, uint64_t pos, json_t *o, const struct fields *card,
		     struct error *e)
{
	const struct field *content = fields_find(card, "content"), *path = fields_find(card, "path");
	const char *transfer = fields_text(card, "transfer");
	char hex[HASH_HEX_MAX];

	if (!content || content->value->len != HASH_LEN || !path) {
		error_set(e, E_FORMAT, "a card without content or path");
		return;
	}
	json_set_text(o, "sha256", hex_encode(hex, content->value->data, HASH_LEN), e);
	look_set_bytes(o, "path", path->value->data, path->value->len, e);
	put_about(o, card, e);
	if (put_said(l, pos, card, o, e) < 0)
		return;
	json_set_text(o, "transfer", transfer && *transfer ? transfer : NULL, e);
	json_set_number(o, "terms", fields_number(card, "terms", 0), e);
	json_set_text(o, "decision", fields_text(card, "decision"), e);
}

/* --- its copies --- */

struct copying {
	struct looking *l;
	uint64_t count;
	json_t *places; /* NULL: only count */
};

static int open_copy(struct copying *x, const struct catalog_object *o, struct error *e)
{
	struct repo *r = x->l->r;
	uint8_t key[SEAL_KEY_LEN];
	scoped(buf) *plain = NULL;
	scoped(fields) *where = NULL;
	const struct field *path;
	json_t *place;
	int code;

	if (buf_create(&plain, 1024, e) < 0 || keyring_key(r->keyring, o->slot, key, e) < 0)
		return e->code;
	code = vault_get(r->vault, &o->at, OBJECT_COPY, o->slot, o->owner, key, plain, e);
	wipe(key, sizeof(key));
	if (code < 0 || fields_parse(&where, plain->data, plain->len, e) < 0)
		return e->code;
	path = fields_find(where, "path");
	if (!path || !(place = json_object_make(e)))
		return e->code;
	look_set_bytes(place, "path", path->value->data, path->value->len, e);
	put_about(place, where, e);
	json_add_new(x->places, place, e);
	return e->code;
}

static int each_copy(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct copying *x = ctx;

	x->count++;
	return x->places ? open_copy(x, o, e) : 0;
}

static void put_copies(struct looking *l, uint64_t pos, bool places, json_t *o, struct error *e)
{
	struct copying x = { .l = l, .places = places ? json_array_make(e) : NULL };

	if (e->code ||
	    catalog_each_object(l->r->catalog, ROW_COPY, pos, each_copy, &x, e) < 0) {
		json_decref(x.places);
		return;
	}
	json_set_number(o, "copies", x.count, e);
	if (x.places)
		json_set_new(o, "places", x.places, e);
}

/* --- the whole --- */

/* What the keyring does not open any more is erased, whatever the catalog says. */
static bool is_gone(struct looking *l, const struct catalog_record *rec)
{
	bool alive = true;

	return keyring_alive(l->r->keyring, rec->slot, &alive, NULL) == 0 && !alive;
}

static int private_document(struct looking *l, const struct catalog_record *rec,
			    const struct fields *card, bool places, json_t *o, struct error *e)
{
	const struct batch *b = batch_of(l->batches, l->batch_count, rec->pos);
	char id[24];

	put_public(l, rec, rec->status, o, e);
	put_card(l, rec->pos, o, card, e);
	if (b) {
		snprintf(id, sizeof(id), "b%" PRIu64, b->id);
		json_set_text(o, "batch", id, e);
	}
	put_copies(l, rec->pos, places, o, e);
	return e->code;
}

static int document(struct looking *l, const struct catalog_record *rec, bool places, json_t **ret,
		    struct error *e)
{
	scoped_json *o = json_object_make(e);
	scoped(fields) *card = NULL;
	struct error lost = { 0 };

	if (!o)
		return e->code;
	if (rec->status != RECORD_ERASED && (repo_card(l->r, rec, places, &card, e) < 0 ||
					     private_document(l, rec, card, places, o, e) < 0)) {
		if (e->code != E_NOT_FOUND)
			return e->code;
		if (!is_gone(l, rec))
			lost = *e; /* a pack is missing: the others are still to be read */
		error_clear(e);
		json_object_clear(o);
		fields_destroy(card);
		card = NULL;
	}
	if (!card)
		put_public(l, rec, lost.code ? rec->status : RECORD_ERASED, o, e);
	if (lost.code)
		json_set_text(o, "unreadable", lost.text, e);
	if (e->code)
		return e->code;
	*ret = json_incref(o);
	return 0;
}

int flow_record(struct repo *r, uint64_t pos, json_t **ret, struct error *e)
{
	scoped(arena) *a = NULL;
	struct catalog_record rec;
	struct looking l;

	if (arena_create(&a, e) < 0 || looking_init(&l, r, a, e) < 0)
		return e->code;
	if (pos > INT64_MAX || catalog_record(r->catalog, pos, &rec, e) < 0)
		return error_set(e, E_NOT_FOUND, "no record %" PRIu64, pos);
	return document(&l, &rec, true, ret, e) < 0 ? error_wrap(e, "record %" PRIu64, pos) : 0;
}

struct listing {
	struct looking l;
	int (*each)(void *ctx, json_t *record, struct error *e);
	void *ctx;
};

static int list_record(void *ctx, const struct catalog_record *rec, struct error *e)
{
	struct listing *x = ctx;
	scoped_json *o = NULL;

	if (task_check(x->l.r->task, e) < 0 || document(&x->l, rec, false, &o, e) < 0)
		return error_wrap(e, "record %" PRIu64, rec->pos);
	return x->each(x->ctx, o, e);
}

int flow_ls(struct repo *r, const char *selector,
	    int (*each)(void *ctx, json_t *record, struct error *e), void *ctx, struct error *e)
{
	struct listing x = { .each = each, .ctx = ctx };
	scoped(selector) *s = NULL;
	scoped(arena) *a = NULL;
	scoped(set) *which = NULL;

	if (selector_parse(&s, selector, e) < 0 || arena_create(&a, e) < 0 ||
	    looking_init(&x.l, r, a, e) < 0 || selector_run(r, s, &which, e) < 0)
		return e->code;
	return catalog_each_record(r->catalog, which, list_record, &x, e);
}
