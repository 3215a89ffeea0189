/* A checkpoint made once more from the stored photos: the same bytes, or not. */
#include <inttypes.h>

#include "base/sys.h"
#include "base/text.h"
#include "flow/exact.h"
#include "proof/certificate.h"

/* What came out the second time. */
struct again {
	struct repo *r;
	struct model m;
	struct recipe how;
	struct buf *weights, *sums; /* as they would be stored */
	uint64_t used;
	bool same;
};

static int make_again(struct again *x, const struct set *all, struct error *e)
{
	scoped(sums) *s = NULL;
	scoped(weights) *w = NULL;
	struct gathered got;

	if (exact_sums_create(&s, &x->how, e) < 0 ||
	    exact_learn(x->r, &x->how, all, 1, s, NULL, &got, e) < 0)
		return e->code;
	x->used = got.used;
	if (sums_put(s, x->sums, e) < 0)
		return e->code;
	if (learn_solve(&w, s, x->how.lambda, e) == 0)
		return weights_put(w, x->weights, e);
	if (e->code == E_RANGE) /* no weights: then those that are stored are others */
		error_clear(e);
	return e->code;
}

static int compare(struct again *x, enum exact_part part, const struct buf *made, struct error *e)
{
	scoped(buf) *stored = NULL;

	if (buf_create(&stored, made->len + 1, e) < 0 ||
	    exact_bytes(x->r, x->m.fact, part, stored, e) < 0)
		return e->code;
	x->same = x->same && stored->len == made->len &&
		  memcmp(stored->data, made->data, made->len) == 0;
	return 0;
}

/* Signed by the role that acts, so that it need not be the log's word alone. */
static int sign(struct again *x, char ret_hex[2 * SIGN_LEN + 1], struct error *e)
{
	uint8_t seed[SIGN_SEED_LEN], signature[SIGN_LEN] = { 0 };
	scoped(buf) *entry = NULL, *text = NULL;
	char by[KEY_ID_MAX];
	struct hash leaf;
	int code;

	if (buf_create(&entry, 1024, e) < 0 || buf_create(&text, 512, e) < 0 ||
	    catalog_fact(x->r->catalog, x->m.fact, entry, e) < 0)
		return e->code;
	tree_leaf(&leaf, entry->data, entry->len);
	if (certificate_reproduced_text(text, x->r->origin, &leaf, e) < 0 ||
	    repo_role_seed(x->r, x->r->role, seed, by, e) < 0)
		return e->code;
	code = sign_make(signature, seed, text->data, text->len, e);
	wipe(seed, sizeof(seed));
	hex_encode(ret_hex, signature, SIGN_LEN);
	return code;
}

static int note(struct again *x, struct error *e)
{
	scoped_json *public = json_object_make(e);
	char signature[2 * SIGN_LEN + 1];
	scoped(fields) *f = NULL;
	scoped(change) *c = NULL;
	uint64_t n;

	if (!public || sign(x, signature, e) < 0)
		return e->code;
	json_set_number(public, "model", x->m.fact, e);
	json_set_text(public, "signature", signature, e);
	if (e->code || fields_create(&f, e) < 0 ||
	    fields_add_text(f, "tool", "rescind " RESCIND_VERSION, e) < 0 ||
	    change_begin(&c, x->r, e) < 0 ||
	    change_fact(c, "reproduced", give(public), f, &n, e) < 0)
		return e->code;
	return change_commit(c, e);
}

static int document(const struct again *x, uint64_t begun_us, json_t **ret, struct error *e)
{
	json_t *doc = *ret = json_object_make(e);
	uint8_t seed[SIGN_SEED_LEN];
	char by[KEY_ID_MAX];
	struct hash weights;

	if (!doc || repo_role_seed(x->r, x->r->role, seed, by, e) < 0)
		return e->code;
	wipe(seed, sizeof(seed));
	hash_bytes(&weights, x->weights->data, x->weights->len);
	json_set_text(doc, "model", x->m.label, e);
	json_set_bool(doc, "reproduced", x->same, e);
	json_set_hash(doc, "weights_sha256", &weights, e);
	json_set_number(doc, "records", x->used, e);
	json_set_number(doc, "milliseconds", (sys->monotonic_us() - begun_us) / 1000, e);
	json_set_text(doc, "by", by, e);
	return e->code;
}

static int all_there(struct again *x, const struct set *all, struct error *e)
{
	scoped(set) *erased = NULL;
	uint64_t gone;

	if (set_create(&erased, e) < 0 ||
	    catalog_mark_get(x->r->catalog, MARK_ERASED, erased, e) < 0)
		return e->code;
	gone = set_count_both(all, erased);
	if (gone > 0)
		return error_set(e, E_NOT_FOUND,
				 "%s rests on %" PRIu64 " records that are erased: nobody can make it again",
				 x->m.label, gone);
	return 0;
}

static int find(struct again *x, struct arena *a, const char *model, struct set *all,
		struct error *e)
{
	if (model_named(x->r, a, model, &x->m, e) < 0)
		return e->code;
	if (!x->m.exact)
		return error_set(e, E_USAGE, "%s was made elsewhere: only an exact model can be made again",
				 x->m.label);
	if (x->m.state == MODEL_ERASED)
		return error_set(e, E_NOT_FOUND, "%s is erased", x->m.label);
	if (exact_recipe(x->r, a, x->m.fact, &x->how, e) < 0 ||
	    stored_set_load(x->r, &x->m.set, all, e) < 0)
		return e->code;
	return all_there(x, all, e);
}

int flow_model_prove(struct repo *r, const char *model, json_t **ret, struct error *e)
{
	uint64_t begun_us = sys->monotonic_us();
	scoped(buf) *weights = NULL, *sums = NULL;
	struct again x = { .r = r, .same = true };
	scoped(arena) *a = NULL;
	scoped(set) *all = NULL;

	if (arena_create(&a, e) < 0 || set_create(&all, e) < 0 || buf_create(&weights, 4096, e) < 0 ||
	    buf_create(&sums, 4096, e) < 0 || find(&x, a, model, all, e) < 0)
		return e->code;
	x.weights = weights;
	x.sums = sums;
	if (make_again(&x, all, e) < 0 || compare(&x, EXACT_WEIGHTS, weights, e) < 0 ||
	    compare(&x, EXACT_SUMS, sums, e) < 0 || (x.same && note(&x, e) < 0) ||
	    document(&x, begun_us, ret, e) < 0)
		return error_wrap(e, "%.100s", model);
	if (x.same)
		return 0;
	return error_set(e, E_MISMATCH, "%s: its records give other weights or sums", x.m.label);
}
