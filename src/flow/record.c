/* What a checkpoint rests on: batches grouped by where they came from and on what terms. */
#include "flow/record.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

struct row {
	uint64_t source, terms /* version; 0: none held */, transfer /* 0: none */;
	struct set *positions; /* owned */
};

struct record {
	struct repo *r;
	struct arena *a;
	struct row *rows;
	size_t count, cap;
	struct set *all, *erased, *denied; /* owned; denied NULL: not asked */
	const struct set *named;	   /* lent; NULL: not asked */
	uint8_t grade;
};

static void record_done(struct record *x)
{
	for (size_t i = 0; i < x->count; i++)
		set_destroy(x->rows[i].positions);
	set_destroy(x->all);
	set_destroy(x->erased);
	set_destroy(x->denied);
}

/* --- rows --- */

static int row_of(struct record *x, const struct batch *b, struct row **ret, struct error *e)
{
	struct row *row;

	for (size_t i = 0; i < x->count; i++) {
		row = &x->rows[i];
		if (row->source == b->source && row->terms == b->terms &&
		    row->transfer == b->transfer) {
			*ret = row;
			return 0;
		}
	}
	x->rows = arena_grow(x->a, x->rows, sizeof(*x->rows), x->count, &x->cap, e);
	if (!x->rows)
		return e->code;
	row = &x->rows[x->count];
	*row = (struct row){ .source = b->source, .terms = b->terms, .transfer = b->transfer };
	if (set_create(&row->positions, e) < 0)
		return e->code;
	x->count++;
	*ret = row;
	return 0;
}

/* Batches that the set does not meet make no row. */
static int make_rows(struct record *x, struct error *e)
{
	struct batch *batches = NULL;
	struct row *row = NULL;
	size_t count = 0;

	if (batches_all(x->r, x->a, &batches, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		uint64_t pos = batches[i].first;

		if (!set_next(x->all, &pos) || pos > batches[i].last)
			continue;
		if (row_of(x, &batches[i], &row, e) < 0 ||
		    set_add_range(row->positions, batches[i].first, batches[i].last, e) < 0)
			return e->code;
	}
	for (size_t i = 0; i < x->count; i++)
		if (set_and(x->rows[i].positions, x->all, e) < 0)
			return e->code;
	return 0;
}

static int record_init(struct record *x, const struct stored_set *set, struct error *e)
{
	if (set_create(&x->all, e) < 0 || set_create(&x->erased, e) < 0 ||
	    stored_set_load(x->r, set, x->all, e) < 0 ||
	    catalog_mark_get(x->r->catalog, MARK_ERASED, x->erased, e) < 0)
		return e->code;
	return make_rows(x, e);
}

/* --- what a row is told with --- */

/* SHA-256 of the document of these terms; null when its private part is gone. */
static int put_digest(struct repo *r, uint64_t fact, json_t *doc, struct error *e)
{
	const struct field *document;
	scoped(fields) *f = NULL;
	char hex[HASH_HEX_MAX];

	json_set_new(doc, "digest", json_null(), e);
	if (e->code || repo_private(r, fact, &f, e) < 0) {
		if (e->code == E_NOT_FOUND)
			error_clear(e);
		return e->code;
	}
	document = fields_find(f, "document");
	if (document && document->value->len == HASH_LEN)
		json_set_text(doc, "digest", hex_encode(hex, document->value->data, HASH_LEN), e);
	return e->code;
}

static int put_terms(struct record *x, const struct row *row, bool whole, json_t *doc,
		     struct error *e)
{
	const struct terms_version *found = NULL;
	struct terms_version *list = NULL;
	size_t count = 0;

	if (terms_of(x->r, x->a, row->source, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (list[i].version == row->terms)
			found = &list[i];
	json_set_new(doc, "terms", found ? json_integer((json_int_t)row->terms) : json_null(), e);
	json_set_text(doc, "licence", found ? found->terms.licence : NULL, e);
	json_set_text(doc, "basis",
		      found && found->basis != BASIS_NONE ? basis_name(found->basis) : NULL, e);
	if (!whole)
		return e->code;
	json_set_time(doc, "from", found ? found->terms.valid.from : TIME_NONE, e);
	json_set_time(doc, "until", found ? found->terms.valid.until : TIME_NONE, e);
	if (found)
		return put_digest(x->r, found->fact, doc, e);
	json_set_new(doc, "digest", json_null(), e);
	return e->code;
}

static int put_transfer(struct record *x, const struct row *row, bool whole, json_t *doc,
			struct error *e)
{
	struct transfer_row t = { .date_utc_ms = TIME_NONE };
	char name[24];

	if (row->transfer && transfer_by_id(x->r, x->a, row->transfer, &t, e) < 0)
		return e->code;
	snprintf(name, sizeof(name), "t%" PRIu64, row->transfer);
	json_set_text(doc, "transfer", row->transfer ? name : NULL, e);
	if (!whole)
		return e->code;
	json_set_time(doc, "date", t.date_utc_ms, e);
	json_set_text(doc, "notified", row->transfer ? notified_name(t.notified) : NULL, e);
	return e->code;
}

static int put_row(struct record *x, const struct row *row, bool whole, json_t *doc,
		   struct error *e)
{
	struct source s;

	if (source_by_id(x->r, x->a, row->source, &s, e) < 0 ||
	    put_terms(x, row, whole, doc, e) < 0 || put_transfer(x, row, whole, doc, e) < 0)
		return e->code;
	json_set_text(doc, "source", s.name, e);
	json_set_number(doc, "count", set_count(row->positions), e);
	if (!whole)
		return e->code;
	json_set_text(doc, "people", people_name(s.people), e);
	json_set_number(doc, "denied", set_count_both(row->positions, x->denied), e);
	json_set_number(doc, "erased", set_count_both(row->positions, x->erased), e);
	json_set_text(doc, "grade", grade_name(x->grade), e);
	if (x->named)
		json_set_number(doc, "named", set_count_both(row->positions, x->named), e);
	return e->code;
}

static int rows_json(struct record *x, bool whole, json_t **ret, struct error *e)
{
	scoped_json *list = json_array_make(e);

	for (size_t i = 0; i < x->count && list; i++) {
		json_t *doc = json_object_make(e);

		json_add_new(list, doc, e);
		if (e->code || put_row(x, &x->rows[i], whole, doc, e) < 0)
			return e->code;
	}
	if (e->code)
		return e->code;
	*ret = give(list);
	return 0;
}

int record_rows(struct repo *r, const struct stored_set *set, json_t **ret, struct error *e)
{
	struct record x = { .r = r };
	scoped(arena) *a = NULL;
	int code;

	if (arena_create(&a, e) < 0)
		return e->code;
	x.a = a;
	code = record_init(&x, set, e);
	if (code == 0)
		code = rows_json(&x, false, ret, e);
	record_done(&x);
	return code;
}

/* --- the way here --- */

struct way {
	struct record *x;
	struct ask *ask;
	struct model *models;
	struct dataset *datasets;
	size_t model_count, dataset_count;
	bool *wanted;	     /* of models */
	struct set *covered; /* by some dataset; owned */
	json_t *edges;
};

/* input: what `from` is; a dataset and a checkpoint may have one name. */
static int put_edge(struct way *w, const char *input, const char *from, uint64_t records,
		    const struct model *to, struct error *e)
{
	json_t *edge = json_object_make(e);

	json_add_new(w->edges, edge, e);
	if (e->code)
		return e->code;
	json_set_text(edge, "input", input, e);
	json_set_text(edge, "from", from, e);
	json_set_text(edge, "to", to->label, e);
	json_set_text(edge, "kind", to->kind, e);
	json_set_text(edge, "grade", grade_name(to->grade), e);
	json_set_number(edge, "records", records, e);
	return e->code;
}

/* Of the records that came by this dataset, those that it could not have now. */
static int judge_dataset(struct way *w, const struct dataset *d, struct error *e)
{
	struct set_decision now = { 0 };
	scoped(set) *s = NULL;
	int code;

	if (set_create(&s, e) < 0 || stored_set_load(w->x->r, &d->set, s, e) < 0 ||
	    set_and(s, w->x->all, e) < 0 || set_or(w->covered, s, e) < 0 ||
	    ask_set(w->ask, s, &d->use, &now, e) < 0)
		return e->code;
	code = set_minus(s, now.allowed, e);
	if (code == 0)
		code = set_or(w->x->denied, s, e);
	set_decision_done(&now);
	return code;
}

static int visit_input(struct way *w, const struct model *m, uint64_t input, struct error *e)
{
	for (size_t i = 0; i < w->dataset_count; i++)
		if (w->datasets[i].fact == input)
			return put_edge(w, "dataset", w->datasets[i].label,
					w->datasets[i].set.count, m, e) < 0 ?
				       e->code :
				       judge_dataset(w, &w->datasets[i], e);
	for (size_t i = 0; i < w->model_count; i++)
		if (w->models[i].fact == input) {
			w->wanted[i] = true;
			return put_edge(w, "model", w->models[i].label, w->models[i].set.count, m, e);
		}
	return 0;
}

/* From children to parents: parents come before them. */
static int visit_all(struct way *w, const struct model *m, struct error *e)
{
	for (size_t i = w->model_count; i-- > 0;) {
		const struct model *at = &w->models[i];

		if (at->fact != m->fact && !w->wanted[i])
			continue;
		if (at->grade < w->x->grade)
			w->x->grade = at->grade;
		for (size_t k = 0; k < at->input_count; k++)
			if (visit_input(w, at, at->inputs[k], e) < 0)
				return e->code;
	}
	return 0;
}

/* What no dataset explains is denied: nobody knows on what it rests. */
static int deny_unexplained(struct way *w, struct error *e)
{
	scoped(set) *s = NULL;

	if (set_copy(&s, w->x->all, e) < 0 || set_minus(s, w->covered, e) < 0)
		return e->code;
	return set_or(w->x->denied, s, e);
}

static int find_way(struct record *x, const struct model *m, json_t *edges, struct error *e)
{
	struct way w = { .x = x, .edges = edges };
	scoped(set) *covered = NULL;
	scoped(ask) *ask = NULL;

	if (set_create(&covered, e) < 0 || ask_open(&ask, x->r, x->r->at_utc_ms, e) < 0 ||
	    models_all(x->r, x->a, &w.models, &w.model_count, e) < 0 ||
	    datasets_all(x->r, x->a, &w.datasets, &w.dataset_count, e) < 0)
		return e->code;
	w.wanted = arena_alloc(x->a, (w.model_count + 1) * sizeof(w.wanted[0]), e);
	if (!w.wanted)
		return e->code;
	w.covered = covered;
	w.ask = ask;
	return visit_all(&w, m, e) < 0 ? e->code : deny_unexplained(&w, e);
}

static int add_record(struct record *x, const struct model *m, json_t *doc, struct error *e)
{
	json_t *edges = json_array_make(e), *rows = NULL;

	json_set_new(doc, "edges", edges, e);
	if (e->code || record_init(x, &m->set, e) < 0 || set_create(&x->denied, e) < 0 ||
	    find_way(x, m, edges, e) < 0 || rows_json(x, true, &rows, e) < 0)
		return e->code;
	json_set_new(doc, "record", rows, e);
	return e->code;
}

int record_of(struct repo *r, const struct model *m, const struct set *named, json_t *doc,
	      struct error *e)
{
	struct record x = { .r = r, .grade = GRADE_ENFORCED, .named = named };
	scoped(arena) *a = NULL;
	int code;

	if (arena_create(&a, e) < 0)
		return e->code;
	x.a = a;
	code = add_record(&x, m, doc, e);
	record_done(&x);
	return code;
}

int flow_model_record(struct repo *r, const char *name, json_t **ret, struct error *e)
{
	scoped_json *doc = NULL;
	scoped(arena) *a = NULL;
	struct model m;

	if (!name)
		return error_set(e, E_NOT_FOUND, "no checkpoint is named");
	if (arena_create(&a, e) < 0 || model_named(r, a, name, &m, e) < 0 ||
	    flow_model_show(r, name, &doc, e) < 0 || record_of(r, &m, NULL, doc, e) < 0)
		return e->code;
	*ret = give(doc);
	return 0;
}
