/* Checkpoints shown, and withdrawn by hand. */
#include <stdlib.h>

#include "base/text.h"
#include "flow/exact.h"

static json_t *input_labels(struct repo *r, struct arena *a, const struct model *m,
			    struct error *e)
{
	json_t *list = json_array_make(e);
	struct dataset *datasets;
	struct model *models;
	size_t dn, mn;

	if (!list || datasets_all(r, a, &datasets, &dn, e) < 0 || models_all(r, a, &models, &mn, e) < 0)
		return list;
	for (size_t i = 0; i < m->input_count; i++) {
		for (size_t d = 0; d < dn; d++)
			if (datasets[d].fact == m->inputs[i])
				json_add_new(list, json_pack("{s:s}", "dataset", datasets[d].label), e);
		for (size_t p = 0; p < mn; p++)
			if (models[p].fact == m->inputs[i])
				json_add_new(list, json_pack("{s:s}", "model", models[p].label), e);
	}
	return list;
}

static void private_members(struct repo *r, const struct model *m, json_t *doc, struct error *e)
{
	scoped(fields) *f = NULL;
	const struct field *digest;
	char hex[HASH_HEX_MAX];

	/* The digest of weights that are gone would still answer "were they trained on this?" */
	if (m->state == MODEL_ERASED)
		return;
	if (e->code || repo_private(r, m->fact, &f, e) < 0) {
		if (e->code == E_NOT_FOUND)
			error_clear(e);
		return;
	}
	digest = fields_find(f, "digest");
	if (digest && digest->value->len == HASH_LEN)
		json_set_text(doc, "digest", hex_encode(hex, digest->value->data, HASH_LEN), e);
	json_set_new(doc, "at", json_text_lossy(fields_text(f, "at"), strlen(fields_text(f, "at")), e), e);
}

/* Why it was born withdrawn: codes, as they were kept with commas between. */
static json_t *reasons_of(const struct model *m, struct error *e)
{
	json_t *list = json_array_make(e);

	for (const char *at = m->reasons; list && *at;) {
		size_t len = strcspn(at, ",");

		json_add_new(list, json_stringn(at, len), e);
		at += len + (at[len] == ',');
	}
	return list;
}

static int show_one(struct repo *r, struct arena *a, const struct model *m, json_t **ret,
		    struct error *e)
{
	json_t *doc = *ret = json_object_make(e);

	if (!doc)
		return e->code;
	json_set_text(doc, "model", m->name, e);
	json_set_number(doc, "version", m->version, e);
	json_set_text(doc, "state", model_state_name(m->state), e);
	json_set_text(doc, "kind", m->kind, e);
	json_set_text(doc, "grade", grade_name(m->grade), e);
	json_set_number(doc, "records", m->set.count, e);
	json_set_number(doc, "fact", m->fact, e);
	json_set_new(doc, "reasons", reasons_of(m, e), e);
	json_set_new(doc, "inputs", input_labels(r, a, m, e), e);
	if (e->code == 0 && m->exact)
		return exact_members(r, m, doc, e);
	private_members(r, m, doc, e);
	return e->code;
}

int flow_model_show(struct repo *r, const char *name, json_t **ret, struct error *e)
{
	scoped(arena) *a = NULL;
	struct model *list;
	struct model one;
	size_t count;

	if (arena_create(&a, e) < 0)
		return e->code;
	if (name)
		return model_named(r, a, name, &one, e) < 0 ? e->code : show_one(r, a, &one, ret, e);
	*ret = json_array_make(e);
	if (!*ret || models_all(r, a, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		json_t *doc = NULL;

		if (show_one(r, a, &list[i], &doc, e) < 0) {
			json_decref(doc);
			return e->code;
		}
		json_add_new(*ret, doc, e);
	}
	return e->code;
}

int flow_model_withdraw(struct repo *r, const char *name, const char *reason, json_t **ret,
			struct error *e)
{
	scoped(change) *c = NULL;
	scoped(arena) *a = NULL;
	struct model m;

	if (arena_create(&a, e) < 0 || change_begin(&c, r, e) < 0 ||
	    model_named(r, a, name, &m, e) < 0)
		return e->code;
	if (m.state != MODEL_LIVE)
		return error_set(e, E_CONFLICT, "%s is %s already", m.label, model_state_name(m.state));
	if (model_set_state(c, &m, MODEL_WITHDRAWN, reason ? reason : "", NULL, e) < 0 ||
	    change_commit(c, e) < 0)
		return e->code;
	m.state = MODEL_WITHDRAWN;
	return show_one(r, a, &m, ret, e);
}
