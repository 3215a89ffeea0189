#include "base/sys.h"
#include "base/text.h"
#include "flow/handover.h"
#include "flow/parts.h"
#include "flow/uses.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static json_t *dataset_row(const struct touched *t, size_t i, struct error *e)
{
	json_t *o = json_object_make(e);

	if (!o)
		return NULL;
	json_set_text(o, "dataset", t->datasets[i].label, e);
	json_set_number(o, "records", t->dataset_records[i], e);
	json_set_number(o, "of", t->datasets[i].set.count, e);
	return o;
}

static json_t *model_row(const struct touched *t, size_t i, struct error *e)
{
	const struct model *m = &t->models[i];
	json_t *o = json_object_make(e);

	if (!o)
		return NULL;
	json_set_text(o, "model", m->label, e);
	json_set_number(o, "records", t->model_records[i], e);
	json_set_number(o, "of", m->set.count, e);
	json_set_new(o, "share",
		     json_real(m->set.count ? (double)t->model_records[i] / (double)m->set.count : 0),
		     e);
	json_set_number(o, "distance", t->model_distance[i], e);
	json_set_text(o, "grade", grade_name(m->grade), e);
	json_set_text(o, "state", model_state_name(m->state), e);
	return o;
}

static int count_copy(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct {
		const struct set *s;
		uint64_t n;
	} *c = ctx;

	(void)e;
	c->n += set_has(c->s, o->owner);
	return 0;
}

int copies_of(struct repo *r, const struct set *s, uint64_t *ret, struct error *e)
{
	struct {
		const struct set *s;
		uint64_t n;
	} c = { s, 0 };

	if (catalog_each_object(r->catalog, ROW_COPY, UINT64_MAX, count_copy, &c, e) < 0)
		return e->code;
	*ret = c.n;
	return 0;
}

/* --- people: known subjects can be told; photos of people nobody named cannot --- */

struct counted_people {
	const struct set *s;
	struct set *known;	   /* positions with a subject */
	struct tag last;
	bool any;
	uint64_t contactable;
};

static int meet_subject(void *ctx, const struct tag *t, uint64_t pos, struct error *e)
{
	struct counted_people *p = ctx;

	if (!set_has(p->s, pos))
		return 0;
	if (!p->any || memcmp(&p->last, t, sizeof(*t)) != 0)
		p->contactable++;
	p->any = true;
	p->last = *t;
	return set_add(p->known, pos, e);
}

/* Of s, the positions of sources that have people in them. */
static int with_people(struct repo *r, const struct set *s, struct set **ret, struct error *e)
{
	scoped(set) *people = NULL;
	scoped(arena) *a = NULL;
	struct batch *batches;
	size_t count;

	if (arena_create(&a, e) < 0 || set_create(&people, e) < 0 ||
	    batches_all(r, a, &batches, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		struct source src;

		if (source_by_id(r, a, batches[i].source, &src, e) < 0)
			return e->code;
		if (src.people != PEOPLE_NONE &&
		    set_add_range(people, batches[i].first, batches[i].last, e) < 0)
			return e->code;
	}
	if (set_and(people, s, e) < 0)
		return e->code;
	*ret = give(people);
	return 0;
}

int people_of(struct repo *r, const struct set *s, json_t **ret, struct error *e)
{
	scoped(set) *known = NULL, *people = NULL;
	struct counted_people p = { .s = s };

	if (set_create(&known, e) < 0)
		return e->code;
	p.known = known;
	if (catalog_each_tag(r->catalog, TAG_SUBJECT, meet_subject, &p, e) < 0 ||
	    with_people(r, s, &people, e) < 0 || set_minus(people, known, e) < 0)
		return e->code;
	*ret = json_object_make(e);
	if (!*ret)
		return e->code;
	json_set_number(*ret, "contactable", p.contactable, e);
	json_set_number(*ret, "not", set_count(people), e);
	return e->code;
}

int touched_json(const struct touched *t, json_t *doc, struct error *e)
{
	json_t *datasets = json_array_make(e), *models = json_array_make(e);

	for (size_t i = 0; datasets && i < t->dataset_count; i++)
		json_add_new(datasets, dataset_row(t, i, e), e);
	for (size_t i = 0; models && i < t->model_count; i++)
		json_add_new(models, model_row(t, i, e), e);
	json_set_new(doc, "datasets", datasets, e);
	json_set_new(doc, "models", models, e);
	return e->code;
}

/* --- what is or was in use, and what was kept --- */

static const char *touched_label(const struct touched *t, uint64_t model)
{
	for (size_t i = 0; i < t->model_count; i++)
		if (t->models[i].id == model)
			return t->models[i].label;
	return NULL;
}

static void deployment_row(struct repo *r, const struct deployment *d, const char *model,
			   json_t *list, struct error *e)
{
	uint64_t until = d->until_utc_ms == TIME_NONE ? r->at_utc_ms : d->until_utc_ms;
	json_t *o = json_object_make(e);

	if (!o)
		return;
	json_set_text(o, "deployment", d->label, e);
	json_set_text(o, "product", d->product, e);
	json_set_text(o, "model", model, e);
	json_set_text(o, "use", d->use, e);
	json_set_time(o, "since", d->from_utc_ms, e);
	json_set_time(o, "until", d->until_utc_ms, e);
	json_set_number(o, "days", until > d->from_utc_ms ? (until - d->from_utc_ms) / DAY_MS : 0, e);
	json_add_new(list, o, e);
}

static void output_row(const struct output *out, const char *model, json_t *list, struct error *e)
{
	json_t *o = json_object_make(e);

	if (!o)
		return;
	json_set_text(o, "output", out->name, e);
	json_set_text(o, "kind", out->kind, e);
	json_set_text(o, "model", model, e);
	json_set_number(o, "count", out->count, e);
	json_set_text(o, "state", out->gone ? "erased" : "kept", e);
	json_add_new(list, o, e);
}

int uses_json(struct repo *r, struct arena *a, const struct touched *t, json_t *doc,
	      struct error *e)
{
	json_t *deployments = json_array_make(e), *outputs = json_array_make(e);
	struct deployment *d = NULL;
	struct output *o = NULL;
	size_t dn = 0, on = 0;

	json_set_new(doc, "deployments", deployments, e);
	json_set_new(doc, "outputs", outputs, e);
	if (e->code || deployments_all(r, a, &d, &dn, e) < 0 || outputs_all(r, a, &o, &on, e) < 0)
		return e->code;
	for (size_t i = 0; i < dn; i++)
		if (touched_label(t, d[i].model))
			deployment_row(r, &d[i], touched_label(t, d[i].model), deployments, e);
	for (size_t i = 0; i < on; i++)
		if (touched_label(t, o[i].model))
			output_row(&o[i], touched_label(t, o[i].model), outputs, e);
	return e->code;
}

static int fill(struct repo *r, const struct set *s, json_t *doc, struct error *e)
{
	scoped(arena) *a = NULL;
	json_t *people = NULL;
	struct touched t;
	uint64_t copies = 0;

	if (arena_create(&a, e) < 0 || touched_by(r, a, s, &t, e) < 0 ||
	    copies_of(r, s, &copies, e) < 0 || people_of(r, s, &people, e) < 0)
		return e->code;
	json_set_number(doc, "records", set_count(s), e);
	json_set_number(doc, "copies", copies, e);
	json_set_number(doc, "candidates", 0, e);
	json_set_new(doc, "people", people, e);
	if (e->code || uses_json(r, a, &t, doc, e) < 0 || recipients_json(r, a, &t, doc, e) < 0)
		return e->code;
	return touched_json(&t, doc, e);
}

int flow_impact(struct repo *r, const char *selector, json_t **ret, struct error *e)
{
	uint64_t began = sys->monotonic_us();
	scoped(set) *s = NULL, *erased = NULL;
	scoped(selector) *sel = NULL;
	scoped_json *doc = NULL;
	uint64_t selected;

	if (selector_parse(&sel, selector, e) < 0 || selector_run(r, sel, &s, e) < 0 ||
	    set_create(&erased, e) < 0 || catalog_mark_get(r->catalog, MARK_ERASED, erased, e) < 0)
		return e->code;
	selected = set_count(s);
	if (set_minus(s, erased, e) < 0)
		return e->code;
	doc = json_object_make(e);
	if (!doc || fill(r, s, doc, e) < 0)
		return e->code;
	json_set_number(doc, "erased", selected - set_count(s), e);
	json_set_new(doc, "milliseconds",
		     json_real((double)(sys->monotonic_us() - began) / 1000), e);
	*ret = give(doc);
	return e->code;
}
