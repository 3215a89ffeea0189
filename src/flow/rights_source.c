/* Sources, and what holds for each: dated versions of terms. */
#include "base/text.h"
#include "flow/parts.h"
#include "flow/rights_said.h"

/* --- terms --- */

static int licence_said(struct fields *f, const char *licence, struct error *e)
{
	if (!licence || !*licence)
		return error_set(e, E_USAGE,
				 "licence: one is needed (an SPDX id, LicenseRef-*, NOASSERTION)");
	if (licence_valid(licence, e) < 0)
		return e->code;
	return fields_add_text(f, "licence", licence, e);
}

static int terms_said(const struct terms_words *w, struct fields *f, struct error *e)
{
	if (said_document(f, "document", w->terms, e) < 0 ||
	    fields_add_text(f, "document-name", w->terms, e) < 0 ||
	    licence_said(f, w->licence, e) < 0 || said_uses(f, "allow", w->allow, e) < 0 ||
	    said_no_uses(f, "deny", w->deny, e) < 0 || said_basis(f, w->basis, false, e) < 0)
		return e->code;
	return said_period(f, w->from, w->until, e);
}

static int add_terms(struct change *c, const char *tag, uint64_t version,
		     const struct fields *f, struct error *e)
{
	scoped_json *public = json_object_make(e);
	uint64_t n;

	if (!public)
		return e->code;
	json_set_text(public, "source", tag, e);
	json_set_number(public, "version", version, e);
	return e->code ? e->code : change_fact(c, "terms", give(public), f, &n, e);
}

/* What is not said stays as it was in the version before. Lent by the arena. */
static int as_before(struct terms_words *w, const struct terms_version *last, struct arena *a,
		     struct error *e)
{
	const struct {
		const char **said;
		const struct uses *before;
	} uses[] = { { &w->allow, last->terms.allow }, { &w->deny, last->terms.deny } };

	if (!w->licence)
		w->licence = last->terms.licence;
	if (!w->basis && last->basis != BASIS_NONE)
		w->basis = basis_name(last->basis);
	for (size_t i = 0; i < COUNT_OF(uses); i++) {
		scoped(buf) *b = NULL;

		if (*uses[i].said || !uses[i].before)
			continue;
		if (buf_create(&b, 128, e) < 0 || uses_put(uses[i].before, b, e) < 0)
			return e->code;
		*uses[i].said = arena_text(a, buf_text(b), b->len, e);
		if (!*uses[i].said)
			return e->code;
	}
	return 0;
}

static int next_terms(struct repo *r, struct arena *a, uint64_t source, struct terms_words *w,
		      uint64_t *ret_version, struct error *e)
{
	struct terms_version *list = NULL;
	size_t count = 0;

	if (terms_of(r, a, source, &list, &count, e) < 0)
		return e->code;
	*ret_version = count ? list[count - 1].version + 1 : 1;
	return count ? as_before(w, &list[count - 1], a, e) : 0;
}

int flow_source_terms(struct repo *r, const char *name, const struct terms_words *w, json_t **ret,
		      struct error *e)
{
	scoped(change) *c = NULL;
	scoped(fields) *f = NULL;
	struct terms_words now = *w;
	scoped(arena) *a = NULL;
	json_t *doc;
	struct source s = { 0 };
	uint64_t version = 0;
	char tag[17];

	if (!w->from || !*w->from)
		return error_set(e, E_USAGE, "from: a time is needed, as in 2014-03-01");
	if (arena_create(&a, e) < 0 || fields_create(&f, e) < 0 || change_begin(&c, r, e) < 0 ||
	    source_named(r, a, name, &s, e) < 0 || next_terms(r, a, s.id, &now, &version, e) < 0 ||
	    terms_said(&now, f, e) < 0 ||
	    add_terms(c, hex_encode(tag, s.tag, sizeof(s.tag)), version, f, e) < 0 ||
	    change_commit(c, e) < 0)
		return e->code;
	*ret = doc = json_object_make(e);
	if (!doc)
		return e->code;
	json_set_text(doc, "source", name, e);
	json_set_number(doc, "version", version, e);
	return e->code;
}

/* --- sources --- */

static int source_said(const struct source_words *w, struct fields *f, struct error *e)
{
	uint8_t kind, people = PEOPLE_BIOMETRIC;

	if (parts_name("source", w->name, e) < 0 || fields_add_text(f, "name", w->name, e) < 0)
		return e->code;
	if (!w->kind)
		return error_set(e, E_USAGE, "kind: one is needed, as in partner");
	if (source_kind_parse(&kind, w->kind, e) < 0 ||
	    (w->people && people_parse(&people, w->people, e) < 0) ||
	    fields_add_text(f, "kind", source_kind_name(kind), e) < 0 ||
	    fields_add_text(f, "people", people_name(people), e) < 0)
		return e->code;
	return said_name(f, "controller", w->controller, e);
}

static int must_be_new(struct repo *r, const char *name, struct error *e)
{
	scoped(arena) *a = NULL;
	struct source s;

	if (arena_create(&a, e) < 0)
		return e->code;
	if (source_named(r, a, name, &s, e) == 0)
		return error_set(e, E_CONFLICT,
				 "there is a source \"%s\" already (new terms: rescind source terms)",
				 name);
	if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	return 0;
}

/* One change: a source without terms would be nothing that anybody could be allowed. */
static int add_source(struct repo *r, const char *name, const struct fields *said,
		      const struct fields *terms, struct error *e)
{
	scoped_json *public = NULL;
	scoped(change) *c = NULL;
	uint64_t n;
	char tag[17];

	if (change_begin(&c, r, e) < 0 || must_be_new(r, name, e) < 0)
		return e->code;
	public = json_object_make(e);
	if (!public)
		return e->code;
	json_set_text(public, "source", said_new_tag(tag), e);
	if (e->code || change_fact(c, "source", give(public), said, &n, e) < 0 ||
	    add_terms(c, tag, 1, terms, e) < 0)
		return e->code;
	return change_commit(c, e);
}

int flow_source_add(struct repo *r, const struct source_words *w, json_t **ret, struct error *e)
{
	scoped(fields) *said = NULL, *terms = NULL;

	if (fields_create(&said, e) < 0 || fields_create(&terms, e) < 0 ||
	    source_said(w, said, e) < 0 || terms_said(&w->terms, terms, e) < 0 ||
	    add_source(r, w->name, said, terms, e) < 0)
		return e->code;
	*ret = json_object_make(e);
	if (*ret)
		json_set_text(*ret, "source", w->name, e);
	return e->code;
}

/* --- shown --- */

static json_t *terms_shown(struct repo *r, const struct terms_version *v, struct error *e)
{
	json_t *doc = json_object_make(e);
	scoped(fields) *f = NULL;

	if (!doc || said_of(r, v->fact, &f, e) < 0)
		return doc;
	json_set_number(doc, "version", v->version, e);
	show_period(doc, &v->terms.valid, e);
	json_set_text(doc, "licence", v->terms.licence, e);
	show_uses(doc, "allow", v->terms.allow, e);
	show_uses(doc, "deny", v->terms.deny, e);
	json_set_text(doc, "basis", v->basis == BASIS_NONE ? NULL : basis_name(v->basis), e);
	show_digest(doc, "document", f, "document", e);
	return doc;
}

static int count_records(struct repo *r, struct arena *a, uint64_t source, uint64_t *ret,
			 struct error *e)
{
	scoped(set) *s = NULL, *erased = NULL;
	struct batch *list = NULL;
	size_t count = 0;

	if (set_create(&s, e) < 0 || set_create(&erased, e) < 0 ||
	    batches_all(r, a, &list, &count, e) < 0 ||
	    catalog_mark_get(r->catalog, MARK_ERASED, erased, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (list[i].source == source &&
		    set_add_range(s, list[i].first, list[i].last, e) < 0)
			return e->code;
	*ret = set_count(s) - set_count_both(s, erased);
	return 0;
}

static int source_shown(struct repo *r, const struct source *s, json_t *doc, struct error *e)
{
	struct terms_version *list = NULL;
	json_t *terms = json_array_make(e);
	scoped(fields) *f = NULL;
	scoped(arena) *a = NULL;
	uint64_t records = 0;
	size_t count = 0;

	json_set_new(doc, "terms", terms, e);
	if (e->code || arena_create(&a, e) < 0 || said_of(r, s->fact, &f, e) < 0 ||
	    count_records(r, a, s->id, &records, e) < 0 ||
	    terms_of(r, a, s->id, &list, &count, e) < 0)
		return e->code;
	json_set_text(doc, "source", s->name, e);
	json_set_text(doc, "kind", source_kind_name(s->kind), e);
	json_set_text(doc, "people", people_name(s->people), e);
	show_text(doc, "controller", f, "controller", e);
	json_set_number(doc, "records", records, e);
	for (size_t i = 0; i < count; i++)
		json_add_new(terms, terms_shown(r, &list[i], e), e);
	return e->code;
}

static int all_sources(struct repo *r, struct arena *a, json_t *list, struct error *e)
{
	uint64_t end;

	if (catalog_next_id(r->catalog, THING_SOURCE, &end, e) < 0)
		return e->code;
	for (uint64_t id = 1; id < end; id++) {
		json_t *doc = json_object_make(e);
		struct source s;

		json_add_new(list, doc, e);
		if (e->code || source_by_id(r, a, id, &s, e) < 0 || source_shown(r, &s, doc, e) < 0)
			return e->code;
	}
	return 0;
}

int flow_source_show(struct repo *r, const char *name, json_t **ret, struct error *e)
{
	scoped_json *doc = NULL;
	scoped(arena) *a = NULL;
	struct source s;

	if (arena_create(&a, e) < 0 || (name && source_named(r, a, name, &s, e) < 0))
		return e->code;
	doc = name ? json_object_make(e) : json_array_make(e);
	if (!doc || (name ? source_shown(r, &s, doc, e) : all_sources(r, a, doc, e)) < 0)
		return e->code;
	*ret = give(doc);
	return 0;
}
