/* Permissions by persons, or by the controller of a source for it. */
#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "base/text.h"
#include "flow/csv.h"
#include "flow/rights_said.h"

/* --- add --- */

static int who_said(const struct grant_words *w, struct fields *f, struct error *e)
{
	if (!w->subject == !w->source)
		return error_set(e, E_USAGE, "a grant is by a subject or for a source");
	return w->subject ? said_name(f, "subject", w->subject, e) :
			    fields_add_text(f, "source", w->source, e);
}

static int grant_said(const struct grant_words *w, const char *id, struct fields *f,
		      struct error *e)
{
	if (fields_add_text(f, "id", id, e) < 0 || who_said(w, f, e) < 0 ||
	    said_uses(f, "uses", w->uses, e) < 0 || said_basis(f, w->basis, true, e) < 0 ||
	    fields_add_text(f, "explicit", w->explicit_consent ? "yes" : "no", e) < 0 ||
	    said_document(f, "evidence", w->evidence, e) < 0)
		return e->code;
	return said_period(f, w->from, w->until, e);
}

static int source_is_there(struct repo *r, const char *name, struct error *e)
{
	scoped(arena) *a = NULL;
	struct source s;

	return arena_create(&a, e) < 0 ? e->code : source_named(r, a, name, &s, e);
}

static int add_in(struct change *c, struct repo *r, const struct grant_words *w, char ret_id[24],
		  struct error *e)
{
	scoped(fields) *f = NULL;
	uint64_t next = 0, n;

	if (fields_create(&f, e) < 0 || catalog_next_id(r->catalog, THING_GRANT, &next, e) < 0)
		return e->code;
	snprintf(ret_id, 24, "g%" PRIu64, next);
	return grant_said(w, ret_id, f, e) < 0 ?
		       e->code :
		       change_fact(c, "grant", json_object_make(e), f, &n, e);
}

int flow_grant_add(struct repo *r, const struct grant_words *w, json_t **ret, struct error *e)
{
	scoped(change) *c = NULL;
	char id[24];

	if (change_begin(&c, r, e) < 0 || (w->source && source_is_there(r, w->source, e) < 0) ||
	    add_in(c, r, w, id, e) < 0 || change_commit(c, e) < 0)
		return e->code;
	*ret = json_object_make(e);
	if (*ret)
		json_set_text(*ret, "grant", id, e);
	return e->code;
}

struct adding {
	struct change *c;
	struct repo *r;
	struct grant_words w;
	size_t column;
	json_t *ids, *seen; /* seen: a member for each person */
};

static int add_row(void *ctx, uint64_t line, const struct csv_field *fields, size_t count,
		   struct error *e)
{
	struct adding *x = ctx;
	char id[24];

	if (line == 1)
		return csv_column(fields, count, "subject", &x->column, e);
	x->w.subject = fields[x->column].text;
	/* The list that names who is in which photo names each of them more than once. */
	if (json_object_get(x->seen, x->w.subject))
		return 0;
	json_set_bool(x->seen, x->w.subject, true, e);
	if (add_in(x->c, x->r, &x->w, id, e) < 0)
		return error_wrap(e, "line %" PRIu64, line);
	json_add_new(x->ids, json_string(id), e);
	return e->code;
}

/* Before anything is begun. */
static int count_row(void *ctx, uint64_t line, const struct csv_field *fields, size_t count,
		     struct error *e)
{
	uint64_t *rows = ctx;

	(void)fields, (void)count;
	return (*rows)++ <= GRANTS_AT_ONCE_MAX ?
		       0 :
		       error_set(e, E_RANGE, "line %" PRIu64 ": more than %d people", line,
				 GRANTS_AT_ONCE_MAX);
}

int flow_grants_add(struct repo *r, const struct grant_words *w, const char *subjects,
		    json_t **ret, struct error *e)
{
	scoped_json *doc = json_object_make(e);
	scoped_json *seen = json_object_make(e);
	struct adding x = { .r = r, .w = *w, .ids = json_array_make(e), .seen = seen };
	scoped(change) *c = NULL;
	scoped(buf) *bytes = NULL;
	uint64_t rows = 0;

	json_set_new(doc, "grants", x.ids, e);
	if (e->code || file_read(subjects, CSV_BYTES_MAX, &bytes, e) < 0)
		return e->code;
	if (csv_read(bytes->data, bytes->len, count_row, &rows, e) < 0)
		return error_wrap(e, "%.200s", subjects);
	if (change_begin(&c, r, e) < 0)
		return e->code;
	x.c = c;
	if (csv_read(bytes->data, bytes->len, add_row, &x, e) < 0)
		return error_wrap(e, "%.200s", subjects);
	if (json_array_size(x.ids) == 0)
		return error_set(e, E_FORMAT, "%.200s names nobody", subjects);
	if (change_commit(c, e) < 0)
		return e->code;
	*ret = give(doc);
	return 0;
}

/* --- shown --- */

int find_grant(struct repo *r, struct arena *a, uint64_t id, struct grant_row **ret_all,
	       size_t *ret_count, size_t *ret_index, struct error *e)
{
	struct catalog_thing t;
	size_t i = 0;

	if (catalog_thing(r->catalog, a, THING_GRANT, id, &t, e) < 0)
		return e->code == E_NOT_FOUND ?
			       error_set(e, E_NOT_FOUND, "no grant g%" PRIu64, id) :
			       e->code;
	if ((t.owner ? grants_of_source(r, a, t.owner, ret_all, ret_count, e) :
		       grants_of_subject(r, a, &t.tag, ret_all, ret_count, e)) < 0)
		return e->code;
	while (i < *ret_count && (*ret_all)[i].id != id)
		i++;
	if (i == *ret_count)
		return error_set(e, E_FORMAT, "catalog: grant g%" PRIu64 " is nobody's", id);
	*ret_index = i;
	return 0;
}

static int grant_shown(struct repo *r, struct arena *a, uint64_t id, json_t *doc, struct error *e)
{
	struct grant_row *all = NULL, *g;
	scoped(fields) *f = NULL;
	size_t count, index;
	char name[24];

	if (find_grant(r, a, id, &all, &count, &index, e) < 0 ||
	    said_of(r, all[index].fact, &f, e) < 0)
		return e->code;
	g = &all[index];
	snprintf(name, sizeof(name), "g%" PRIu64, id);
	json_set_text(doc, "grant", name, e);
	show_text(doc, "subject", f, "subject", e);
	show_text(doc, "source", f, "source", e);
	show_uses(doc, "uses", g->grant.uses, e);
	json_set_text(doc, "basis", basis_name(g->grant.basis), e);
	json_set_bool(doc, "explicit", g->grant.explicit_consent, e);
	show_period(doc, &g->grant.valid, e);
	show_digest(doc, "evidence", f, "evidence", e);
	json_set_bool(doc, "withdrawn", g->grant.withdrawn, e);
	return e->code;
}

static int all_grants(struct repo *r, json_t *list, struct error *e)
{
	uint64_t end;

	if (catalog_next_id(r->catalog, THING_GRANT, &end, e) < 0)
		return e->code;
	for (uint64_t id = 1; id < end; id++) {
		json_t *doc = json_object_make(e);
		scoped(arena) *a = NULL;

		json_add_new(list, doc, e);
		if (e->code || arena_create(&a, e) < 0 || grant_shown(r, a, id, doc, e) < 0)
			return e->code;
	}
	return 0;
}

int flow_grant_show(struct repo *r, const char *id, json_t **ret, struct error *e)
{
	scoped_json *doc = NULL;
	scoped(arena) *a = NULL;
	uint64_t number = 0;

	if (arena_create(&a, e) < 0 || (id && said_id("grant", id, &number, e) < 0))
		return e->code;
	doc = id ? json_object_make(e) : json_array_make(e);
	if (!doc || (id ? grant_shown(r, a, number, doc, e) : all_grants(r, doc, e)) < 0)
		return e->code;
	*ret = give(doc);
	return 0;
}
