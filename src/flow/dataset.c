#include "base/sys.h"
#include "flow/sets.h"
#include "flow/parts.h"

static int next_version(struct repo *r, const char *name, uint64_t *ret, struct error *e)
{
	scoped(arena) *a = NULL;
	struct dataset d;

	if (arena_create(&a, e) < 0)
		return e->code;
	if (dataset_named(r, a, name, &d, e) == 0) {
		*ret = d.version + 1;
		return 0;
	}
	if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	*ret = 1;
	return 0;
}

/* What a dataset's fact says, public and private. */
struct dataset_words {
	const char *name, *use, *selector, *order;
	uint64_t version;
	const json_t *excluded;
};

static int put_dataset(struct change *c, const struct dataset_words *w, struct set *s,
		       struct hash *ret_root, uint64_t *ret_fact, struct error *e)
{
	scoped(buf) *names = NULL, *roots = NULL;
	uint64_t size = change_positions(c);
	scoped(fields) *f = NULL;
	scoped_json *public = json_object_make(e);

	if (!public || buf_create(&names, 256, e) < 0 || buf_create(&roots, 256, e) < 0 ||
	    change_set(c, s, size, names, roots, ret_root, e) < 0 ||
	    change_set_records(c, public, e) < 0)
		return e->code;
	json_set_hash(public, "root", ret_root, e);
	if (e->code || fields_create(&f, e) < 0 || fields_add_text(f, "name", w->name, e) < 0 ||
	    fields_add_number(f, "version", w->version, e) < 0 ||
	    fields_add_text(f, "use", w->use, e) < 0 ||
	    fields_add_text(f, "selector", w->selector, e) < 0 ||
	    fields_add_number(f, "size", size, e) < 0 ||
	    fields_add(f, "containers", names->data, names->len, e) < 0 ||
	    fields_add(f, "roots", roots->data, roots->len, e) < 0 ||
	    fields_add_number(f, "count", set_count(s), e) < 0 ||
	    parts_add_json(f, "excluded", w->excluded, e) < 0 ||
	    (w->order && fields_add_text(f, "order", w->order, e) < 0))
		return e->code;
	return change_fact(c, "dataset", give(public), f, ret_fact, e);
}

/* What the selector picks and is still there. */
static int candidates(struct repo *r, const char *where, struct set **ret, struct buf *ret_text,
		      struct error *e)
{
	scoped(selector) *sel = NULL;
	scoped(set) *s = NULL, *erased = NULL;
	uint64_t count;

	if (set_create(&erased, e) < 0 || catalog_mark_get(r->catalog, MARK_ERASED, erased, e) < 0)
		return e->code;
	if (where) {
		if (selector_parse(&sel, where, e) < 0 || selector_put(sel, ret_text, e) < 0 ||
		    selector_run(r, sel, &s, e) < 0)
			return e->code;
	} else {
		if (set_create(&s, e) < 0 || catalog_commitment_count(r->catalog, &count, e) < 0 ||
		    (count && set_add_range(s, 0, count - 1, e) < 0))
			return e->code;
	}
	if (set_minus(s, erased, e) < 0)
		return e->code;
	*ret = give(s);
	return 0;
}

static json_t *document(const struct dataset_words *w, const struct set_decision *d,
			const struct hash *root, struct error *e)
{
	json_t *doc = json_object_make(e);

	if (!doc)
		return NULL;
	json_set_text(doc, "dataset", w->name, e);
	json_set_number(doc, "version", w->version, e);
	json_set_number(doc, "records", set_count(d->allowed), e);
	json_set_number(doc, "excluded", d->denied, e);
	json_set_new(doc, "reasons", parts_reasons(d->why, e), e);
	if (root)
		json_set_hash(doc, "root", root, e);
	else
		json_set_new(doc, "root", json_null(), e);
	return doc;
}

static int create_in(struct change *c, struct repo *r, struct dataset_words *w,
		     const struct set_decision *d, json_t **ret, struct error *e)
{
	scoped_json *excluded = parts_reasons(d->why, e);
	struct hash root;
	uint64_t fact;

	if (!excluded || next_version(r, w->name, &w->version, e) < 0)
		return e->code;
	w->excluded = excluded;
	if (set_count(d->allowed) == 0) {
		w->version = 0;
		*ret = document(w, d, NULL, e);
		return e->code ? e->code : error_set(e, E_DENIED, "no record is left for this use");
	}
	if (put_dataset(c, w, d->allowed, &root, &fact, e) < 0 || change_commit(c, e) < 0)
		return e->code;
	*ret = document(w, d, &root, e);
	return e->code;
}

int flow_dataset_create(struct repo *r, const char *name, const char *use, const char *where,
			json_t **ret, struct error *e)
{
	struct dataset_words w = { .name = name, .use = use };
	struct set_decision d = { 0 };
	scoped(change) *c = NULL;
	scoped(set) *s = NULL;
	scoped(ask) *a = NULL;
	scoped(buf) *text = NULL;
	struct use asked;
	int code;

	if (parts_name("dataset", name, e) < 0 || use_parse(&asked, use, strlen(use), e) < 0 ||
	    buf_create(&text, 128, e) < 0 || change_begin(&c, r, e) < 0 ||
	    candidates(r, where, &s, text, e) < 0 || ask_open(&a, r, sys->now_utc_ms(), e) < 0 ||
	    ask_set(a, s, &asked, &d, e) < 0)
		return e->code;
	w.selector = buf_text(text);
	code = create_in(c, r, &w, &d, ret, e);
	set_decision_done(&d);
	return code;
}

int dataset_without(struct repo *r, const struct dataset *d, const struct set *without,
		    struct set **ret, struct error *e)
{
	scoped(set) *s = NULL;

	if (set_create(&s, e) < 0 || stored_set_load(r, &d->set, s, e) < 0 ||
	    set_minus(s, without, e) < 0)
		return e->code;
	*ret = give(s);
	return 0;
}

int dataset_next(struct change *c, struct repo *r, const struct dataset *d, struct set *s,
		 const char *order, uint64_t *ret_fact, uint64_t *ret_version, struct error *e)
{
	scoped_json *excluded = json_object_make(e);
	char use[USE_TEXT_MAX];
	struct dataset_words w = { .name = d->name, .use = use_text(use, &d->use), .selector = "",
				   .order = order, .excluded = excluded };
	struct hash root;

	if (!excluded || next_version(r, d->name, &w.version, e) < 0)
		return e->code;
	json_set_number(excluded, "order", d->set.count - set_count(s), e);
	*ret_version = w.version;
	return e->code ? e->code : put_dataset(c, &w, s, &root, ret_fact, e);
}

/* --- show, diff --- */

static int show_one(struct repo *r, const struct dataset *d, json_t **ret, struct error *e)
{
	char use[USE_TEXT_MAX];
	scoped(set) *s = NULL, *erased = NULL;
	scoped_json *entry = NULL;
	json_t *doc = json_object_make(e);

	if (!doc)
		return e->code;
	*ret = doc;
	if (set_create(&s, e) < 0 || set_create(&erased, e) < 0 ||
	    stored_set_load(r, &d->set, s, e) < 0 ||
	    catalog_mark_get(r->catalog, MARK_ERASED, erased, e) < 0 ||
	    repo_fact(r, d->fact, &entry, e) < 0)
		return e->code;
	json_set_text(doc, "dataset", d->name, e);
	json_set_number(doc, "version", d->version, e);
	json_set_text(doc, "use", use_text(use, &d->use), e);
	json_set_number(doc, "records", d->set.count, e);
	json_set_number(doc, "erased", set_count_both(s, erased), e);
	json_set_text(doc, "root", json_text_or(entry, "root", ""), e);
	json_set_text(doc, "at", json_text_or(entry, "at", ""), e);
	json_set_number(doc, "fact", d->fact, e);
	return e->code;
}

int flow_dataset_show(struct repo *r, const char *name, json_t **ret, struct error *e)
{
	scoped(arena) *a = NULL;
	struct dataset one, *list = &one;
	size_t count = 1;

	if (arena_create(&a, e) < 0)
		return e->code;
	if (name) {
		if (dataset_named(r, a, name, &one, e) < 0)
			return e->code;
		return show_one(r, &one, ret, e);
	}
	*ret = json_array_make(e);
	if (!*ret || datasets_all(r, a, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		json_t *doc = NULL;

		if (show_one(r, &list[i], &doc, e) < 0) {
			json_decref(doc);
			return e->code;
		}
		json_add_new(*ret, doc, e);
	}
	return e->code;
}

static void set_text(json_t *doc, const char *key, const struct set *s, struct error *e)
{
	scoped(buf) *b = NULL;

	if (e->code == 0 && buf_create(&b, 64, e) == 0 && set_put_text(s, b, e) == 0)
		json_set_text(doc, key, buf_text(b), e);
}

int flow_dataset_diff(struct repo *r, const char *a, const char *b, json_t **ret, struct error *e)
{
	scoped(set) *one = NULL, *two = NULL, *more = NULL;
	scoped(arena) *arena = NULL;
	struct dataset x, y;

	if (arena_create(&arena, e) < 0 || dataset_named(r, arena, a, &x, e) < 0 ||
	    dataset_named(r, arena, b, &y, e) < 0 || set_create(&one, e) < 0 ||
	    set_create(&two, e) < 0 || stored_set_load(r, &x.set, one, e) < 0 ||
	    stored_set_load(r, &y.set, two, e) < 0 || set_copy(&more, two, e) < 0)
		return e->code;
	*ret = json_object_make(e);
	if (!*ret)
		return e->code;
	json_set_text(*ret, "from", x.label, e);
	json_set_text(*ret, "to", y.label, e);
	json_set_number(*ret, "kept", set_count_both(one, two), e);
	if (e->code || set_minus(more, one, e) < 0 || set_minus(one, two, e) < 0)
		return e->code;
	json_set_number(*ret, "added", set_count(more), e);
	json_set_number(*ret, "removed", set_count(one), e);
	set_text(*ret, "added_positions", more, e);
	set_text(*ret, "removed_positions", one, e);
	return e->code;
}
