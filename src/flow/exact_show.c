/* What an exact checkpoint says of itself while it can be opened. */
#include "flow/exact.h"

static json_t *label_names(const struct weights *w, struct error *e)
{
	json_t *list = json_array_make(e);

	for (size_t i = 0; list && w->kind == SUMS_LABELS && i < w->count; i++)
		json_add_new(list, json_string(w->label[i]), e);
	return list;
}

json_t *exact_reproduced(const struct model *m, struct error *e)
{
	json_t *list = json_array_make(e);

	for (size_t i = 0; list && i < m->reproduced_count; i++)
		json_add_new(list, json_string(m->reproduced[i]), e);
	return list;
}

int exact_digest(struct repo *r, uint64_t model_fact, struct hash *ret, struct error *e)
{
	scoped(fields) *f = NULL;
	const struct field *digest;

	if (repo_private(r, model_fact, &f, e) < 0)
		return e->code;
	digest = fields_find(f, "digest");
	if (!digest || digest->value->len != HASH_LEN)
		return error_set(e, E_FORMAT, "a checkpoint without a digest");
	memcpy(ret->b, digest->value->data, HASH_LEN);
	return 0;
}

static int members(struct repo *r, const struct model *m, json_t *doc, struct error *e)
{
	scoped(weights) *w = NULL;
	scoped(arena) *a = NULL;
	struct recipe how;
	scoped(buf) *bytes = NULL;
	struct hash digest, commitment;

	if (arena_create(&a, e) < 0 || buf_create(&bytes, 4096, e) < 0 ||
	    exact_digest(r, m->fact, &commitment, e) < 0 ||
	    exact_recipe(r, a, m->fact, &how, e) < 0 ||
	    exact_bytes(r, m->fact, EXACT_WEIGHTS, bytes, e) < 0 ||
	    weights_parse(&w, bytes->data, bytes->len, e) < 0)
		return e->code;
	hash_bytes(&digest, bytes->data, bytes->len);
	json_set_hash(doc, "weights_sha256", &digest, e);
	json_set_hash(doc, "digest", &commitment, e);
	json_set_text(doc, "features", how.features, e);
	json_set_text(doc, "target", how.target, e);
	json_set_number(doc, "lambda", (uint64_t)w->lambda, e);
	json_set_number(doc, "labels", w->kind == SUMS_LABELS ? w->count : 0, e);
	json_set_new(doc, "label_names", label_names(w, e), e);
	json_set_new(doc, "reproduced", exact_reproduced(m, e), e);
	return e->code;
}

int exact_members(struct repo *r, const struct model *m, json_t *doc, struct error *e)
{
	if (m->state == MODEL_ERASED || members(r, m, doc, e) == 0)
		return 0;
	if (e->code == E_NOT_FOUND) /* its keys went, and the fact that says so is not there yet */
		error_clear(e);
	return e->code;
}
