/* Hand-overs of data between two parties, and what was said of them later. */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "flow/handover.h"
#include "flow/rights_said.h"

static int notified_said(struct fields *f, const char *text, struct error *e)
{
	uint8_t notified;

	if (!text || !*text)
		return error_set(e, E_USAGE, "notified: yes, no or unknown is needed");
	if (notified_parse(&notified, text, e) < 0)
		return e->code;
	return fields_add_text(f, "notified", notified_name(notified), e);
}

/* --- add --- */

static int transfer_said(const struct transfer_words *w, const char *id, struct fields *f,
			 struct error *e)
{
	if (fields_add_text(f, "id", id, e) < 0 || fields_add_text(f, "source", w->source, e) < 0 ||
	    said_name(f, "from", w->from, e) < 0 || said_name(f, "to", w->to, e) < 0 ||
	    said_time(f, "date", w->date, e) < 0 || said_uses(f, "uses", w->uses, e) < 0 ||
	    notified_said(f, w->notified, e) < 0)
		return e->code;
	return said_documents(f, w->under, w->under_count, e);
}

static int add_transfer(struct change *c, const struct source *s, const struct fields *f,
			struct error *e)
{
	scoped_json *public = json_object_make(e);
	char tag[17];
	uint64_t n;

	if (!public)
		return e->code;
	json_set_text(public, "source", hex_encode(tag, s->tag, sizeof(s->tag)), e);
	json_set_text(public, "transfer", said_new_tag(tag), e);
	return e->code ? e->code : change_fact(c, "transfer", give(public), f, &n, e);
}

static int answer(const char *id, json_t **ret, struct error *e)
{
	*ret = json_object_make(e);
	if (*ret)
		json_set_text(*ret, "transfer", id, e);
	return e->code;
}

int flow_transfer_add(struct repo *r, const struct transfer_words *w, json_t **ret,
		      struct error *e)
{
	scoped(change) *c = NULL;
	scoped(fields) *f = NULL;
	scoped(arena) *a = NULL;
	struct source s = { 0 };
	uint64_t next = 0;
	char id[24];

	if (!w->source)
		return error_set(e, E_USAGE, "of which source?");
	if (arena_create(&a, e) < 0 || fields_create(&f, e) < 0 || change_begin(&c, r, e) < 0 ||
	    source_named(r, a, w->source, &s, e) < 0 ||
	    catalog_next_id(r->catalog, THING_TRANSFER, &next, e) < 0)
		return e->code;
	snprintf(id, sizeof(id), "t%" PRIu64, next);
	if (transfer_said(w, id, f, e) < 0 || add_transfer(c, &s, f, e) < 0 ||
	    change_commit(c, e) < 0)
		return e->code;
	return answer(id, ret, e);
}

/* --- correct --- */

static int find_transfer(struct repo *r, struct arena *a, const char *id,
			 struct transfer_row *ret, struct error *e)
{
	uint64_t number;

	return said_id("transfer", id, &number, e) < 0 ? e->code :
							 transfer_by_id(r, a, number, ret, e);
}

/* What is not said stays. */
static int correction_said(const struct transfer_words *w, const char *id, struct fields *f,
			   struct error *e)
{
	if (fields_add_text(f, "id", id, e) < 0 ||
	    (w->uses && said_uses(f, "uses", w->uses, e) < 0) ||
	    (w->notified && notified_said(f, w->notified, e) < 0))
		return e->code;
	return said_documents(f, w->under, w->under_count, e);
}

static int add_correction(struct change *c, const struct transfer_row *t, const struct fields *f,
			  struct error *e)
{
	scoped_json *public = json_object_make(e);
	char tag[17];
	uint64_t n;

	if (!public)
		return e->code;
	json_set_text(public, "transfer", hex_encode(tag, t->tag, sizeof(t->tag)), e);
	return e->code ? e->code : change_fact(c, "correction", give(public), f, &n, e);
}

int flow_transfer_correct(struct repo *r, const char *id, const struct transfer_words *w,
			  json_t **ret, struct error *e)
{
	scoped(change) *c = NULL;
	scoped(fields) *f = NULL;
	scoped(arena) *a = NULL;
	struct transfer_row t = { 0 };

	if (!w->notified && !w->uses)
		return error_set(e, E_USAGE, "nothing to correct: say notified or uses");
	if (w->under_count == 0)
		return error_set(e, E_USAGE, "a correction needs a document that shows it");
	if (arena_create(&a, e) < 0 || fields_create(&f, e) < 0 || change_begin(&c, r, e) < 0 ||
	    find_transfer(r, a, id, &t, e) < 0 || correction_said(w, id, f, e) < 0 ||
	    add_correction(c, &t, f, e) < 0 || change_commit(c, e) < 0)
		return e->code;
	return answer(id, ret, e);
}

/* --- shown --- */

static int correction_shown(struct repo *r, uint64_t fact, const json_t *entry, json_t *list,
			    struct error *e)
{
	json_t *doc = json_object_make(e);
	scoped(fields) *f = NULL;

	json_add_new(list, doc, e);
	if (e->code || said_of(r, fact, &f, e) < 0)
		return e->code;
	json_set_text(doc, "at", json_text_or(entry, "at", ""), e);
	json_set_number(doc, "fact", fact, e);
	if (f && fields_text(f, "uses"))
		show_text(doc, "uses", f, "uses", e);
	if (f && fields_text(f, "notified"))
		show_text(doc, "notified", f, "notified", e);
	show_digests(doc, "documents", f, "document", e);
	return e->code;
}

/* Corrections make no rows: they are looked for among the facts. */
static int corrections_of(struct repo *r, const struct transfer_row *t, json_t *list,
			  struct error *e)
{
	uint64_t facts;
	char tag[17];

	hex_encode(tag, t->tag, sizeof(t->tag));
	if (catalog_fact_count(r->catalog, &facts, e) < 0)
		return e->code;
	for (uint64_t n = t->fact + 1; n < facts; n++) {
		scoped_json *entry = NULL;

		if (repo_fact(r, n, &entry, e) < 0)
			return e->code;
		if (strcmp(json_text_or(entry, "type", ""), "correction") == 0 &&
		    strcmp(json_text_or(entry, "transfer", ""), tag) == 0 &&
		    correction_shown(r, n, entry, list, e) < 0)
			return e->code;
	}
	return 0;
}

static int transfer_shown(struct repo *r, struct arena *a, uint64_t id, bool whole, json_t *doc,
			  struct error *e)
{
	scoped(fields) *f = NULL;
	struct transfer_row t = { 0 };
	struct source s;
	char name[24];

	if (transfer_by_id(r, a, id, &t, e) < 0 || source_by_id(r, a, t.source, &s, e) < 0 ||
	    said_of(r, t.fact, &f, e) < 0)
		return e->code;
	snprintf(name, sizeof(name), "t%" PRIu64, id);
	json_set_text(doc, "transfer", name, e);
	json_set_text(doc, "direction", "in", e);
	json_set_text(doc, "source", s.name, e);
	show_text(doc, "from", f, "from", e);
	show_text(doc, "to", f, "to", e);
	json_set_time(doc, "date", t.date_utc_ms, e);
	show_uses(doc, "uses", t.uses, e);
	json_set_text(doc, "notified", notified_name(t.notified), e);
	show_digests(doc, "documents", f, "document", e);
	if (!whole)
		return e->code;
	json_set_new(doc, "corrections", json_array_make(e), e);
	return e->code ? e->code :
			 corrections_of(r, &t, json_object_get(doc, "corrections"), e);
}

/* What left is shown in the same words; to ourselves, `to` is null. */
static int handover_shown(struct repo *r, const struct handover *h, json_t *doc, struct error *e)
{
	scoped(fields) *f = NULL;

	if (said_of(r, h->fact, &f, e) < 0)
		return e->code;
	json_set_text(doc, "transfer", h->label, e);
	json_set_text(doc, "direction", "out", e);
	json_set_text(doc, h->of_model ? "model" : "dataset", h->what, e);
	json_set_text(doc, "from", r->origin, e);
	json_set_text(doc, "to", *h->to ? h->to : NULL, e);
	json_set_time(doc, "date", h->at_utc_ms, e);
	json_set_text(doc, "uses", h->use, e);
	json_set_number(doc, "records", h->count, e);
	json_set_text(doc, "format", h->format, e);
	json_set_new(doc, "at", json_text_lossy(h->at, strlen(h->at), e), e);
	show_digests(doc, "documents", f, "document", e);
	return e->code;
}

static int all_handovers(struct repo *r, struct arena *a, json_t *list, struct error *e)
{
	struct handover *h = NULL;
	size_t count = 0;

	if (handovers_all(r, a, &h, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		json_t *doc = json_object_make(e);

		json_add_new(list, doc, e);
		if (e->code || handover_shown(r, &h[i], doc, e) < 0)
			return e->code;
	}
	return 0;
}

static int all_transfers(struct repo *r, struct arena *a, json_t *list, struct error *e)
{
	uint64_t end;

	if (catalog_next_id(r->catalog, THING_TRANSFER, &end, e) < 0)
		return e->code;
	for (uint64_t id = 1; id < end; id++) {
		json_t *doc = json_object_make(e);

		json_add_new(list, doc, e);
		if (e->code || transfer_shown(r, a, id, false, doc, e) < 0)
			return e->code;
	}
	return all_handovers(r, a, list, e);
}

/* "t1" or "out1". */
static int one_shown(struct repo *r, struct arena *a, const char *id, json_t *doc,
		     struct error *e)
{
	struct handover h;
	uint64_t number;

	if (strncmp(id, "out", 3) == 0)
		return handover_named(r, a, id, &h, e) < 0 ? e->code : handover_shown(r, &h, doc, e);
	if (said_id("transfer", id, &number, e) < 0)
		return e->code;
	return transfer_shown(r, a, number, true, doc, e);
}

int flow_transfer_show(struct repo *r, const char *id, json_t **ret, struct error *e)
{
	scoped_json *doc = NULL;
	scoped(arena) *a = NULL;

	if (arena_create(&a, e) < 0)
		return e->code;
	doc = id ? json_object_make(e) : json_array_make(e);
	if (!doc || (id ? one_shown(r, a, id, doc, e) : all_transfers(r, a, doc, e)) < 0)
		return e->code;
	*ret = give(doc);
	return 0;
}
