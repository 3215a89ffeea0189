/* Of a receipt in words: what was made of the records, where that runs, and who holds it. Worked
 * out over sets, never record by record. */
#include <stdio.h>

#include "flow/handover.h"
#include "flow/receipt_parts.h"
#include "flow/uses.h"

static json_t *list_of(struct receipting *x, const char *member, struct error *e)
{
	json_t *list = json_array_make(e);

	json_set_new(x->summary, member, list, e);
	return list;
}

static json_t *row_of(json_t *list, struct error *e)
{
	json_t *row = json_object_make(e);

	json_add_new(list, row, e);
	return row;
}

static void put_fact(struct receipting *x, json_t *row, uint64_t fact, struct error *e)
{
	scoped_json *entry = NULL;

	if (e->code || repo_fact(x->show.r, fact, &entry, e) < 0)
		return;
	json_set_text(row, "made", json_text_or(entry, "at", ""), e);
	json_set_number(row, "fact", fact, e);
}

/* --- datasets and checkpoints --- */

/* A version is denied as soon as an order made the next one; before that both may be used. */
static bool is_latest(const struct dataset *list, size_t count, const struct dataset *d)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].name, d->name) == 0 && list[i].version > d->version)
			return false;
	return true;
}

static int put_datasets(struct receipting *x, json_t *list, struct error *e)
{
	const struct touched *t = &x->touched;
	struct dataset *all = NULL;
	char use[USE_TEXT_MAX];
	size_t count = 0;

	if (e->code || datasets_all(x->show.r, x->show.a, &all, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < t->dataset_count; i++) {
		const struct dataset *d = &t->datasets[i];
		json_t *row = row_of(list, e);

		json_set_text(row, "what", "dataset", e);
		json_set_text(row, "name", d->name, e);
		json_set_number(row, "version", d->version, e);
		json_set_text(row, "kind", use_text(use, &d->use), e);
		json_set_text(row, "state", is_latest(all, count, d) ? "latest" : "older", e);
		json_set_text(row, "grade", NULL, e);
		json_set_number(row, "records", t->dataset_records[i], e);
		json_set_number(row, "of", d->set.count, e);
		put_fact(x, row, d->fact, e);
	}
	return e->code;
}

static int put_models(struct receipting *x, json_t *list, struct error *e)
{
	const struct touched *t = &x->touched;

	for (size_t i = 0; e->code == 0 && i < t->model_count; i++) {
		const struct model *m = &t->models[i];
		json_t *row = row_of(list, e);

		json_set_text(row, "what", "checkpoint", e);
		json_set_text(row, "name", m->name, e);
		json_set_number(row, "version", m->version, e);
		json_set_text(row, "kind", m->kind, e);
		json_set_text(row, "state", model_state_name(m->state), e);
		json_set_text(row, "grade", grade_name(m->grade), e);
		json_set_number(row, "records", t->model_records[i], e);
		json_set_number(row, "of", m->set.count, e);
		put_fact(x, row, m->fact, e);
	}
	return e->code;
}

static const struct model *model_of(const struct receipting *x, uint64_t id)
{
	for (size_t i = 0; i < x->touched.model_count; i++)
		if (x->touched.models[i].id == id)
			return &x->touched.models[i];
	return NULL;
}

/* --- in use --- */

static int put_deployment(struct receipting *x, const struct deployment *d, const struct model *m,
			  json_t *list, struct error *e)
{
	static const char *const said[] = { "endpoint", "recipient" };
	json_t *row = row_of(list, e);

	json_set_text(row, "deployment", d->label, e);
	json_set_text(row, "checkpoint", m->label, e);
	json_set_text(row, "checkpoint_state", model_state_name(m->state), e);
	json_set_text(row, "product", d->product, e);
	json_set_text(row, "use", d->use, e);
	json_set_time(row, "since", d->from_utc_ms, e);
	json_set_time(row, "until", d->until_utc_ms, e);
	for (size_t i = 0; i < COUNT_OF(said); i++) {
		const char *text = NULL;

		if (e->code || use_private(x->show.r, x->show.a, d->fact, said[i], &text, e) < 0)
			return e->code;
		json_set_text(row, said[i], text, e);
	}
	return e->code;
}

static int put_runs(struct receipting *x, struct error *e)
{
	json_t *list = list_of(x, "runs", e);
	struct deployment *all = NULL;
	size_t count = 0;

	if (e->code || deployments_all(x->show.r, x->show.a, &all, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		const struct model *m = model_of(x, all[i].model);

		if (m && put_deployment(x, &all[i], m, list, e) < 0)
			return e->code;
	}
	return 0;
}

/* --- who else holds it --- */

static int put_given(struct receipting *x, struct error *e)
{
	json_t *list = list_of(x, "given_to", e);
	struct recipient *all = NULL;
	size_t count = 0;

	if (e->code ||
	    recipients_of(x->show.r, x->show.a, &x->touched, &all, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		json_t *row = row_of(list, e);

		json_set_text(row, "to", all[i].name && *all[i].name ? all[i].name : NULL, e);
		json_set_text(row, "by", all[i].label, e);
		json_set_text(row, "how", all[i].deployed ? "deployment" : "hand-over", e);
		json_set_number(row, "records", all[i].records, e);
		json_set_time(row, "since", all[i].since_utc_ms, e);
	}
	return e->code;
}

/* Of what was kept only the kind: its name and place are the operator's. */
static int put_outputs(struct receipting *x, struct error *e)
{
	json_t *list = list_of(x, "kept_outputs", e);
	struct output *all = NULL;
	size_t count = 0;

	if (e->code || outputs_all(x->show.r, x->show.a, &all, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		const struct model *m = model_of(x, all[i].model);
		json_t *row;

		if (!m)
			continue;
		row = row_of(list, e);
		json_set_text(row, "kind", all[i].kind, e);
		json_set_text(row, "checkpoint", m->label, e);
		json_set_number(row, "count", all[i].count, e);
		json_set_text(row, "state", all[i].gone ? "erased" : "kept", e);
	}
	return e->code;
}

int receipting_made(struct receipting *x, struct error *e)
{
	json_t *list = list_of(x, "made", e);

	if (e->code || put_datasets(x, list, e) < 0 || put_models(x, list, e) < 0 ||
	    put_runs(x, e) < 0 || put_given(x, e) < 0)
		return e->code;
	return put_outputs(x, e);
}
