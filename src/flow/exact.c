/* Exact checkpoints as they are stored: parts, card, recipe. */
#include "flow/exact.h"

#include <inttypes.h>

#include "flow/model_fact.h"

enum { RECIPE_BYTES_MAX = 65536 };

/* --- the recipe --- */

/* E_NOT_FOUND when the fact has none. */
static int recipe_json(struct repo *r, uint64_t model_fact, json_t **ret, struct error *e)
{
	scoped(fields) *f = NULL;
	const struct field *recipe;

	if (repo_private(r, model_fact, &f, e) < 0)
		return e->code;
	recipe = fields_find(f, "recipe");
	if (!recipe)
		return error_set(e, E_NOT_FOUND, "fact %" PRIu64 " is of no exact model", model_fact);
	return json_parse(ret, recipe->value->data, recipe->value->len, RECIPE_BYTES_MAX, e);
}

int exact_recipe(struct repo *r, struct arena *a, uint64_t model_fact, struct recipe *ret,
		 struct error *e)
{
	scoped_json *j = NULL;
	const char *target, *features;
	uint64_t lambda;
	bool numbers;

	if (recipe_json(r, model_fact, &j, e) < 0 || json_get_text(j, "target", &target, e) < 0 ||
	    json_get_text(j, "features", &features, e) < 0 ||
	    json_get_number(j, "lambda", &lambda, e) < 0 ||
	    json_get_bool(j, "numbers", &numbers, e) < 0)
		return e->code;
	target = arena_text(a, target, strlen(target), e);
	features = arena_text(a, features, strlen(features), e);
	if (!target || !features)
		return e->code;
	*ret = (struct recipe){ target, features, (int64_t)lambda, numbers };
	return 0;
}

int exact_is(struct repo *r, uint64_t model_fact, bool *ret, struct error *e)
{
	scoped(fields) *f = NULL;

	if (repo_private(r, model_fact, &f, e) < 0)
		return e->code;
	*ret = fields_find(f, "recipe") != NULL;
	return 0;
}

static json_t *recipe_put(const struct recipe *how, struct error *e)
{
	json_t *j = json_object_make(e);

	if (!j)
		return NULL;
	json_set_text(j, "features", how->features, e);
	json_set_number(j, "lambda", (uint64_t)how->lambda, e);
	json_set_bool(j, "numbers", how->numbers, e);
	json_set_text(j, "target", how->target, e);
	return j;
}

/* --- parts --- */

int exact_bytes(struct repo *r, uint64_t model_fact, enum exact_part part, struct buf *out,
		struct error *e)
{
	uint8_t key[SEAL_KEY_LEN];
	struct catalog_object o;
	int code;

	if (catalog_object(r->catalog, OBJECT_FILE, model_fact, part, &o, e) < 0 ||
	    keyring_key(r->keyring, o.slot, key, e) < 0)
		return error_wrap(e, "checkpoint of fact %" PRIu64, model_fact);
	code = vault_get(r->vault, &o.at, OBJECT_FILE, o.slot, o.owner, key, out, e);
	wipe(key, sizeof(key));
	return code < 0 ? error_wrap(e, "checkpoint of fact %" PRIu64, model_fact) : 0;
}

static int part_of(struct repo *r, uint64_t model_fact, enum exact_part part, struct buf **ret,
		   struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, 1024, e) < 0 || exact_bytes(r, model_fact, part, b, e) < 0)
		return e->code;
	*ret = give(b);
	return 0;
}

int exact_weights(struct repo *r, uint64_t model_fact, struct weights **ret, struct error *e)
{
	scoped(buf) *bytes = NULL, *proof = NULL;
	scoped(weights) *w = NULL;

	if (part_of(r, model_fact, EXACT_WEIGHTS, &bytes, e) < 0 ||
	    part_of(r, model_fact, EXACT_PROOF, &proof, e) < 0 ||
	    weights_parse(&w, bytes->data, bytes->len, e) < 0 ||
	    weights_parse_proof(w, proof->data, proof->len, e) < 0)
		return e->code;
	*ret = give(w);
	return 0;
}

int exact_sums(struct repo *r, uint64_t model_fact, struct sums **ret, struct error *e)
{
	scoped(buf) *bytes = NULL;

	if (part_of(r, model_fact, EXACT_SUMS, &bytes, e) < 0)
		return e->code;
	return sums_parse(ret, bytes->data, bytes->len, e);
}

/* --- a new one --- */

static int seal_part(struct change *c, enum exact_part part, struct buf *b, struct hash *ret_digest,
		     struct error *e)
{
	hash_bytes(ret_digest, b->data, b->len);
	return change_object(c, OBJECT_FILE, change_facts(c), part, b->data, b->len, e);
}

static int seal_card(struct change *c, const struct hash *weights, const struct hash *sums,
		     struct hash *ret_digest, struct error *e)
{
	scoped(fields) *card = NULL;
	scoped(buf) *b = NULL;
	struct hash bytes;

	if (fields_create(&card, e) < 0 || buf_create(&b, 512, e) < 0 ||
	    fields_add(card, "weights", weights->b, HASH_LEN, e) < 0 ||
	    fields_add(card, "sums", sums->b, HASH_LEN, e) < 0 ||
	    fields_root(ret_digest, card, e) < 0 || fields_put(card, b, e) < 0)
		return e->code;
	return seal_part(c, EXACT_CARD, b, &bytes, e);
}

/* In the order of enum exact_part: their slots rise with it, by which fsck --rebuild knows them. */
static int seal_all(struct change *c, const struct exact_new *n, struct hash *ret_weights,
		    struct hash *ret_digest, struct error *e)
{
	scoped(buf) *weights = NULL, *proof = NULL, *sums = NULL;
	scoped(weights) *w = NULL;
	struct hash ignored, of_sums;

	if (learn_solve(&w, n->sums, n->how->lambda, e) < 0 || buf_create(&weights, 4096, e) < 0 ||
	    buf_create(&proof, 4096, e) < 0 || buf_create(&sums, 4096, e) < 0 ||
	    weights_put(w, weights, e) < 0 ||
	    seal_part(c, EXACT_WEIGHTS, weights, ret_weights, e) < 0 ||
	    weights_put_proof(w, proof, e) < 0 ||
	    seal_part(c, EXACT_PROOF, proof, &ignored, e) < 0 || sums_put(n->sums, sums, e) < 0 ||
	    seal_part(c, EXACT_SUMS, sums, &of_sums, e) < 0)
		return e->code;
	return seal_card(c, ret_weights, &of_sums, ret_digest, e);
}

int exact_put(struct change *c, struct repo *r, const struct exact_new *n, uint64_t *ret_fact,
	      uint64_t *ret_version, struct hash *ret_weights, struct error *e)
{
	scoped_json *files = json_array_make(e), *recipe = recipe_put(n->how, e);
	struct model_fact f = { .name = n->name, .kind = "train", .at = "",
				.grade = GRADE_ENFORCED, .files = files, .inputs = n->inputs,
				.input_count = n->input_count, .set = n->set, .recipe = recipe };
	struct hash weights;

	if (e->code)
		return e->code;
	if ((uint64_t)n->sums->n != set_count(n->set))
		return error_set(e, E_MISMATCH, "sums of %" PRId64 " records, a set of %" PRIu64,
				 n->sums->n, set_count(n->set));
	if (n->input_count > MODEL_INPUTS_MAX)
		return error_set(e, E_RANGE, "more than %d datasets", MODEL_INPUTS_MAX);
	if (model_next_version(r, n->name, &f.version, e) < 0 ||
	    seal_all(c, n, &weights, &f.digest, e) < 0 || model_fact_put(c, &f, ret_fact, e) < 0)
		return error_wrap(e, "%.100s", n->name);
	if (ret_version)
		*ret_version = f.version;
	if (ret_weights)
		*ret_weights = weights;
	return 0;
}
