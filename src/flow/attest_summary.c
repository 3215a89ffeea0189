/* Of an attestation: its summary, in the operator's words. */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "flow/attesting.h"
#include "flow/exact.h"
#include "flow/record.h"
#include "flow/rights_said.h"

/* The minute of a fact; null: there is none. */
static void put_minute(struct attesting *x, json_t *doc, const char *key, uint64_t fact,
		       struct error *e)
{
	scoped_json *entry = NULL;

	if (e->code == 0 && fact > 0 && repo_fact(x->show.r, fact, &entry, e) < 0)
		return;
	json_set_text(doc, key, entry ? json_text_or(entry, "at", "") : NULL, e);
}

/* --- the checkpoint --- */

static json_t *checkpoint(struct attesting *x, struct error *e)
{
	const struct model *m = &x->m;
	json_t *doc = json_object_make(e);
	scoped_json *entry = NULL;

	if (!doc || repo_fact(x->show.r, m->fact, &entry, e) < 0)
		return doc;
	json_set_text(doc, "name", m->name, e);
	json_set_number(doc, "version", m->version, e);
	json_set_text(doc, "kind", m->kind, e);
	json_set_text(doc, "state", model_state_name(m->state), e);
	json_set_text(doc, "grade", grade_name(x->grade), e);
	json_set_bool(doc, "exact", m->exact, e);
	json_set_number(doc, "records", set_count(x->all), e);
	json_set_number(doc, "erased", set_count_both(x->all, x->erased), e);
	json_set_number(doc, "fact", m->fact, e);
	json_set_text(doc, "made", json_text_or(entry, "at", ""), e);
	json_set_text(doc, "made_by", json_text_or(entry, "by", ""), e);
	json_set_text(doc, "reasons", m->reasons, e);
	json_set_new(doc, "reproduced_by", exact_reproduced(m, e), e);
	return doc;
}

/* --- sources --- */

static json_t *terms(struct attesting *x, const struct terms_version *v, struct error *e)
{
	json_t *doc = json_object_make(e);
	scoped(fields) *f = NULL;

	if (!doc || said_of(x->show.r, v->fact, &f, e) < 0)
		return doc;
	json_set_number(doc, "version", v->version, e);
	json_set_text(doc, "licence", v->terms.licence, e);
	json_set_text(doc, "basis", v->basis == BASIS_NONE ? NULL : basis_name(v->basis), e);
	show_uses(doc, "allow", v->terms.allow, e);
	show_uses(doc, "deny", v->terms.deny, e);
	show_period(doc, &v->terms.valid, e);
	show_digest(doc, "document", f, "document", e);
	return doc;
}

/* Those that the records came on, and those that came later. */
static int put_terms(struct attesting *x, const struct source *s, uint64_t version, json_t *doc,
		     struct error *e)
{
	json_t *later = json_array_make(e);
	struct terms_version *list = NULL;
	size_t count = 0;

	json_set_new(doc, "terms", json_null(), e);
	json_set_new(doc, "later_terms", later, e);
	if (e->code || terms_of(x->show.r, x->show.a, s->id, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count && e->code == 0; i++) {
		if (list[i].version == version)
			json_set_new(doc, "terms", terms(x, &list[i], e), e);
		else if (list[i].version > version)
			json_add_new(later, terms(x, &list[i], e), e);
	}
	return e->code;
}

static int put_transfer(struct attesting *x, const char *label, json_t *doc, struct error *e)
{
	const json_t *correction;
	struct transfer_row t = { 0 };
	scoped(fields) *f = NULL;
	json_t *transfer, *list;
	uint64_t id;
	size_t i;

	if (!label) {
		json_set_new(doc, "transfer", json_null(), e);
		return e->code;
	}
	transfer = json_object_make(e);
	json_set_new(doc, "transfer", transfer, e);
	if (e->code || said_id("transfer", label, &id, e) < 0 ||
	    transfer_by_id(x->show.r, x->show.a, id, &t, e) < 0 ||
	    said_of(x->show.r, t.fact, &f, e) < 0)
		return e->code;
	json_set_text(transfer, "transfer", label, e);
	show_text(transfer, "from", f, "from", e);
	show_text(transfer, "to", f, "to", e);
	json_set_time(transfer, "date", t.date_utc_ms, e);
	show_uses(transfer, "uses", t.uses, e);
	json_set_text(transfer, "notified", notified_name(t.notified), e);
	show_digests(transfer, "documents", f, "document", e);
	list = json_array_make(e);
	json_set_new(transfer, "corrections", list, e);
	json_array_foreach(x->corrections, i, correction)
		if (strcmp(json_text_or(correction, "transfer", ""), label) == 0)
			json_add_new(list, json_deep_copy(correction), e);
	return e->code;
}

static json_t *grant(struct attesting *x, const struct grant_row *g, struct error *e)
{
	json_t *doc = json_object_make(e);
	scoped(fields) *f = NULL;
	char name[24];

	if (!doc || said_of(x->show.r, g->fact, &f, e) < 0)
		return doc;
	snprintf(name, sizeof(name), "g%" PRIu64, g->id);
	json_set_text(doc, "grant", name, e);
	show_uses(doc, "uses", g->grant.uses, e);
	json_set_text(doc, "basis", basis_name(g->grant.basis), e);
	json_set_bool(doc, "explicit", g->grant.explicit_consent, e);
	show_period(doc, &g->grant.valid, e);
	show_digest(doc, "evidence", f, "evidence", e);
	json_set_bool(doc, "withdrawn", g->grant.withdrawn, e);
	return doc;
}

/* The controller's, for the source: nobody's own is shown. */
static int put_grants(struct attesting *x, const struct source *s, json_t *doc, struct error *e)
{
	json_t *list = json_array_make(e);
	struct grant_row *rows = NULL;
	size_t count = 0;

	json_set_new(doc, "grants", list, e);
	if (e->code || grants_of_source(x->show.r, x->show.a, s->id, &rows, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		json_add_new(list, grant(x, &rows[i], e), e);
	return e->code;
}

static int put_source(struct attesting *x, const json_t *row, struct error *e)
{
	json_t *doc = json_object_make(e);
	scoped(fields) *f = NULL;
	struct source s = { 0 };

	json_add_new(x->sources, doc, e);
	if (e->code ||
	    source_named(x->show.r, x->show.a, json_text_or(row, "source", ""), &s, e) < 0 ||
	    said_of(x->show.r, s.fact, &f, e) < 0)
		return e->code;
	json_set_text(doc, "source", s.name, e);
	json_set_text(doc, "kind", source_kind_name(s.kind), e);
	json_set_text(doc, "people", people_name(s.people), e);
	show_text(doc, "controller", f, "controller", e);
	json_set_number(doc, "records", json_number_or(row, "count", 0), e);
	json_set_number(doc, "erased", json_number_or(row, "erased", 0), e);
	json_set_number(doc, "named", json_number_or(row, "named", 0), e);
	if (put_terms(x, &s, json_number_or(row, "terms", 0), doc, e) < 0 ||
	    put_transfer(x, json_text_or(row, "transfer", NULL), doc, e) < 0)
		return e->code;
	return put_grants(x, &s, doc, e);
}

/* --- what it was made of --- */

static void input_more(const struct attesting *x, json_t *doc, const char *input, const char *label,
		       struct error *e)
{
	char use[USE_TEXT_MAX];

	for (size_t i = 0; i < x->model_count && strcmp(input, "model") == 0; i++)
		if (strcmp(x->models[i].label, label) == 0)
			json_set_text(doc, "state", model_state_name(x->models[i].state), e);
	for (size_t i = 0; i < x->dataset_count && strcmp(input, "dataset") == 0; i++) {
		if (strcmp(x->datasets[i].label, label) != 0)
			continue;
		json_set_text(doc, "use", use_text(use, &x->datasets[i].use), e);
		return;
	}
}

static int put_input(struct attesting *x, const json_t *edge, struct error *e)
{
	json_t *doc = json_deep_copy(edge);

	json_add_new(x->inputs, doc, e);
	if (e->code == 0)
		input_more(x, doc, json_text_or(edge, "input", ""), json_text_or(edge, "from", ""), e);
	return e->code;
}

/* --- orders --- */

/* What it demands, where it names no person; and the salted hash of it. */
static int put_demand(struct attesting *x, const struct order *o, json_t *doc, struct error *e)
{
	scoped_json *demand = NULL;
	scoped(fields) *f = NULL;
	const struct field *field;

	if (repo_private(x->show.r, o->fact, &f, e) < 0)
		return e->code;
	field = fields_find(f, "demand");
	if (!field || json_parse(&demand, field->value->data, field->value->len, FIELD_VALUE_MAX, e) < 0)
		return e->code ? e->code : error_set(e, E_FORMAT, "an order without a demand");
	json_set_text(doc, "what",
		      showing_is_personal(demand) ? NULL : json_text_or(demand, "selector", ""), e);
	json_set_hash(doc, "demand", &o->demand, e);
	return e->code;
}

/* SHA-256 of its certificate, as the log has it. */
static int put_certificate(struct attesting *x, const struct order *o, json_t *doc, struct error *e)
{
	scoped(fields) *f = NULL;

	if (o->certified_fact && said_of(x->show.r, o->certified_fact, &f, e) < 0)
		return e->code;
	show_digest(doc, "certificate", f, "sha256", e);
	return e->code;
}

static int put_order(struct attesting *x, json_t *list, const struct attested_order *at,
		     struct error *e)
{
	const struct order *o = at->o;
	json_t *doc = json_object_make(e);

	json_add_new(list, doc, e);
	json_set_text(doc, "order", o->name, e);
	json_set_text(doc, "state", at->state, e);
	put_minute(x, doc, "opened", o->fact, e);
	put_minute(x, doc, "carried_out",
		   o->state == ORDER_CERTIFIED && o->step_fact_count ?
			   o->step_facts[o->step_fact_count - 1] :
			   0,
		   e);
	json_set_number(doc, "records", o->count, e);
	json_set_number(doc, "holds", at->holds, e);
	json_set_new(doc, "made", json_incref(at->made), e);
	return e->code || put_demand(x, o, doc, e) < 0 ? e->code : put_certificate(x, o, doc, e);
}

static json_t *orders(struct attesting *x, struct error *e)
{
	json_t *list = json_array_make(e);

	for (size_t i = 0; i < x->order_count && e->code == 0; i++)
		if (put_order(x, list, &x->orders[i], e) < 0)
			break;
	return list;
}

/* --- all of it --- */

static int put_rows(struct attesting *x, const json_t *doc, struct error *e)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(doc, "record"), i, row)
		if (put_source(x, row, e) < 0)
			return e->code;
	json_array_foreach(json_object_get(doc, "edges"), i, row)
		if (put_input(x, row, e) < 0)
			return e->code;
	return 0;
}

int attesting_summary(struct attesting *x, struct error *e)
{
	scoped_json *doc = json_object_make(e);
	char what[256];

	x->summary = json_object_make(e);
	x->sources = json_array_make(e);
	x->inputs = json_array_make(e);
	x->unknown = json_array_make(e);
	if (e->code || record_of(x->show.r, &x->m, x->named, doc, e) < 0)
		return e->code;
	snprintf(what, sizeof(what), "The checkpoint %s: what it rests on, and what is not known of it.",
		 x->m.label);
	json_set_text(x->summary, "what", what, e);
	json_set_new(x->summary, "checkpoint", checkpoint(x, e), e);
	json_set_new(x->summary, "sources", json_incref(x->sources), e);
	json_set_new(x->summary, "inputs", json_incref(x->inputs), e);
	json_set_new(x->summary, "orders", orders(x, e), e);
	json_set_new(x->summary, "unknown", json_incref(x->unknown), e);
	return e->code ? e->code : put_rows(x, doc, e);
}
