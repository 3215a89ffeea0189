#include "flow/model_fact.h"

#include "flow/parts.h"

int model_next_version(struct repo *r, const char *name, uint64_t *ret, struct error *e)
{
	scoped(arena) *a = NULL;
	struct model latest;

	if (arena_create(&a, e) < 0)
		return e->code;
	if (model_named(r, a, name, &latest, e) == 0) {
		*ret = latest.version + 1;
		return 0;
	}
	if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	*ret = 1;
	return 0;
}

static int private_part(struct change *c, const struct model_fact *m, struct fields *f,
			const struct buf *names, const struct buf *roots, struct error *e)
{
	scoped(buf) *why = NULL;

	if (buf_create(&why, 64, e) < 0 || reasons_put(m->why, why, e) < 0 ||
	    fields_add_text(f, "name", m->name, e) < 0 ||
	    fields_add_number(f, "version", m->version, e) < 0 ||
	    fields_add_text(f, "kind", m->kind, e) < 0 ||
	    fields_add(f, "digest", m->digest.b, HASH_LEN, e) < 0 ||
	    parts_add_json(f, "files", m->files, e) < 0 || fields_add_text(f, "at", m->at, e) < 0 ||
	    fields_add_number(f, "grade", m->grade, e) < 0 ||
	    fields_add_number(f, "size", change_positions(c), e) < 0 ||
	    fields_add(f, "containers", names->data, names->len, e) < 0 ||
	    fields_add(f, "roots", roots->data, roots->len, e) < 0 ||
	    fields_add_number(f, "count", set_count(m->set), e) < 0 ||
	    fields_add_text(f, "reasons", buf_text(why), e) < 0)
		return e->code;
	return m->recipe ? parts_add_json(f, "recipe", m->recipe, e) : 0;
}

static json_t *inputs_json(const struct model_fact *m, struct error *e)
{
	json_t *list = json_array_make(e);

	for (size_t i = 0; list && i < m->input_count; i++)
		json_add_new(list, json_integer((json_int_t)m->inputs[i]), e);
	return list;
}

int model_fact_put(struct change *c, const struct model_fact *m, uint64_t *ret_fact,
		   struct error *e)
{
	scoped(buf) *names = NULL, *roots = NULL;
	scoped_json *public = json_object_make(e);
	scoped(fields) *f = NULL;
	struct hash root;

	if (!public || buf_create(&names, 256, e) < 0 || buf_create(&roots, 256, e) < 0 ||
	    change_set(c, m->set, change_positions(c), names, roots, &root, e) < 0 ||
	    change_set_records(c, public, e) < 0 || fields_create(&f, e) < 0 ||
	    private_part(c, m, f, names, roots, e) < 0)
		return e->code;
	json_set_hash(public, "root", &root, e);
	json_set_new(public, "inputs", inputs_json(m, e), e);
	return e->code ? e->code : change_fact(c, "model", give(public), f, ret_fact, e);
}

int model_set_state(struct change *c, const struct model *m, uint8_t state, const char *reason,
		    const char *order, struct error *e)
{
	json_t *public = json_object_make(e);
	scoped(fields) *f = NULL;
	uint64_t n;

	if (!public)
		return e->code;
	json_set_number(public, "model", m->fact, e);
	if (fields_create(&f, e) < 0 || fields_add_text(f, "state", model_state_name(state), e) < 0 ||
	    fields_add_text(f, "reason", reason, e) < 0 ||
	    (order && fields_add_text(f, "order", order, e) < 0)) {
		json_decref(public);
		return e->code;
	}
	return change_fact(c, "model-state", public, f, &n, e);
}
