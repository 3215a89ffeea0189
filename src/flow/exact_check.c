/* What of an exact checkpoint can be checked without photos. */
#include <inttypes.h>

#include "flow/exact.h"

struct opened {
	struct buf *bytes[EXACT_PARTS];
	struct fields *card;
	struct weights *weights;
	struct sums *sums;
};

static void opened_done(struct opened *o)
{
	for (size_t i = 0; i < EXACT_PARTS; i++)
		buf_destroy(o->bytes[i]);
	fields_destroy(o->card);
	weights_destroy(o->weights);
	sums_destroy(o->sums);
}

static int open_all(struct repo *r, uint64_t fact, struct opened *o, struct error *e)
{
	for (unsigned i = 0; i < EXACT_PARTS; i++)
		if (buf_create(&o->bytes[i], 1024, e) < 0 ||
		    exact_bytes(r, fact, (enum exact_part)i, o->bytes[i], e) < 0)
			return e->code;
	if (fields_parse(&o->card, o->bytes[EXACT_CARD]->data, o->bytes[EXACT_CARD]->len, e) < 0 ||
	    weights_parse(&o->weights, o->bytes[EXACT_WEIGHTS]->data,
			  o->bytes[EXACT_WEIGHTS]->len, e) < 0 ||
	    weights_parse_proof(o->weights, o->bytes[EXACT_PROOF]->data,
				o->bytes[EXACT_PROOF]->len, e) < 0)
		return e->code;
	return sums_parse(&o->sums, o->bytes[EXACT_SUMS]->data, o->bytes[EXACT_SUMS]->len, e);
}

static bool field_is(const struct fields *f, const char *name, const struct hash *h)
{
	const struct field *found = fields_find(f, name);

	return found && found->value->len == HASH_LEN &&
	       memcmp(found->value->data, h->b, HASH_LEN) == 0;
}

/* The card is what the fact commits to, and of these weights and sums. */
static int check_card(struct repo *r, uint64_t fact, const struct opened *o, struct error *e)
{
	scoped(fields) *private_part = NULL;
	struct hash digest;

	if (repo_private(r, fact, &private_part, e) < 0 || fields_root(&digest, o->card, e) < 0)
		return e->code;
	if (!field_is(private_part, "digest", &digest))
		return error_set(e, E_MISMATCH, "its card is not the one that its fact commits to");
	hash_bytes(&digest, o->bytes[EXACT_WEIGHTS]->data, o->bytes[EXACT_WEIGHTS]->len);
	if (!field_is(o->card, "weights", &digest))
		return error_set(e, E_MISMATCH, "its weights are not those of its card");
	hash_bytes(&digest, o->bytes[EXACT_SUMS]->data, o->bytes[EXACT_SUMS]->len);
	if (!field_is(o->card, "sums", &digest))
		return error_set(e, E_MISMATCH, "its sums are not those of its card");
	return 0;
}

static int check_made(struct repo *r, const struct model *m, const struct opened *o,
		      struct error *e)
{
	scoped(arena) *a = NULL;
	struct recipe how;

	if (arena_create(&a, e) < 0 || exact_recipe(r, a, m->fact, &how, e) < 0)
		return e->code;
	if (strcmp(how.features, o->sums->features) != 0 ||
	    how.numbers != (o->sums->kind == SUMS_NUMBERS))
		return error_set(e, E_MISMATCH, "its sums are of another recipe");
	if ((uint64_t)o->sums->n != m->set.count)
		return error_set(e, E_MISMATCH, "its sums are of %" PRId64 " records, its set of %" PRIu64,
				 o->sums->n, m->set.count);
	return learn_check(o->weights, o->sums, how.lambda, e);
}

int exact_check(struct repo *r, const struct model *m, struct error *e)
{
	struct opened o = { 0 };
	int code = open_all(r, m->fact, &o, e);

	if (code == 0)
		code = check_card(r, m->fact, &o, e);
	if (code == 0)
		code = check_made(r, m, &o, e);
	opened_done(&o);
	return code;
}
