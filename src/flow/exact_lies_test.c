/* Operators who lie about exact models: by a unit, by a record, by another set. */
#include <stdlib.h>

#include "base/test.h"
#include "flow/exact_world.h"
#include "flow/model_fact.h"

static struct error e;

#define refused(call, code)						\
	do {								\
		check_code(call, code);					\
		error_clear(&e);					\
	} while (0)

/* In place of a part, sealed under its own key. */
static void replace_part(struct world *w, uint64_t fact, enum exact_part part, const struct buf *b)
{
	scoped(change) *c = NULL;
	uint8_t key[SEAL_KEY_LEN];
	struct catalog_object o;

	check_ok(change_begin(&c, w->r, &e));
	check_ok(catalog_object(w->r->catalog, OBJECT_FILE, fact, part, &o, &e));
	check_ok(keyring_key(w->r->keyring, o.slot, key, &e));
	check_ok(vault_add(w->r->vault, OBJECT_FILE, o.slot, fact, key, b->data, b->len, &o.at, &e));
	check_ok(catalog_put_object(w->r->catalog, &o, &e));
	check_ok(change_commit(c, &e));
}

TEST(weights_off_by_one_unit_are_found)
{
	struct world *w = exact_world(false);
	scoped_json *doc = exact_trained(w, "m", "colour", false);
	scoped(weights) *of = NULL;
	scoped(buf) *b = NULL;
	struct model m = exact_model(w, "m");

	check(m.exact && m.state == MODEL_LIVE && m.grade == GRADE_ENFORCED && doc);
	check_ok(exact_check(w->r, &m, &e));
	check_ok(exact_weights(w->r, m.fact, &of, &e));
	of->w[17]++;
	check_ok(buf_create(&b, 4096, &e));
	check_ok(weights_put(of, b, &e));
	replace_part(w, m.fact, EXACT_WEIGHTS, b);
	refused(exact_check(w->r, &m, &e), E_MISMATCH);
	exact_fsck_says(w, "m@1");
	world_close();
}

/* Of as many records, by the same recipe but for the target: their residual is right. */
TEST(parts_of_another_checkpoint_are_found)
{
	static const struct { enum exact_part part; const char *says; } steps[] = {
		{ EXACT_WEIGHTS, "m@1: proof: of other weights" },
		{ EXACT_PROOF, "m@1: its weights are not those of its card" },
		{ EXACT_SUMS, "m@1: its weights are not those of its card" },
		{ EXACT_CARD, "m@1: its card is not the one that its fact commits to" },
	};
	struct world *w = exact_world(false);
	scoped_json *doc = exact_trained(w, "m", "colour", false), *other = exact_trained(w, "n", "all", false);
	uint64_t fact = exact_model(w, "m").fact, from = exact_model(w, "n").fact;

	check(doc && other);
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		scoped(buf) *b = NULL;

		check_ok(buf_create(&b, 4096, &e));
		check_ok(exact_bytes(w->r, from, steps[i].part, b, &e));
		replace_part(w, fact, steps[i].part, b);
		exact_fsck_says(w, steps[i].says);
	}
	world_close();
}

/* A fact, a card and all, over these weights and sums. */
static void seal_lie(struct world *w, const char *name, const struct weights *of,
		     const struct sums *s, struct set *set, const char *lambda)
{
	struct buf *b[EXACT_PARTS] = { NULL };
	scoped_json *files = json_array(), *recipe = NULL;
	struct model_fact f = { .name = name, .version = 1, .kind = "train", .at = "",
				.grade = GRADE_ENFORCED, .files = files, .set = set };
	scoped(change) *c = NULL;
	scoped(fields) *card = NULL;
	struct hash h;
	uint64_t fact;

	recipe = json_pack("{s:s,s:i,s:b,s:s}", "features", s->features, "lambda", atoi(lambda),
			   "numbers", 0, "target", "colour");
	f.recipe = recipe;
	for (size_t i = 0; i < EXACT_PARTS; i++)
		check_ok(buf_create(&b[i], 4096, &e));
	check_ok(weights_put(of, b[EXACT_WEIGHTS], &e));
	check_ok(weights_put_proof(of, b[EXACT_PROOF], &e));
	check_ok(sums_put(s, b[EXACT_SUMS], &e));
	check_ok(fields_create(&card, &e));
	hash_bytes(&h, b[EXACT_WEIGHTS]->data, b[EXACT_WEIGHTS]->len);
	check_ok(fields_add(card, "weights", h.b, HASH_LEN, &e));
	hash_bytes(&h, b[EXACT_SUMS]->data, b[EXACT_SUMS]->len);
	check_ok(fields_add(card, "sums", h.b, HASH_LEN, &e));
	check_ok(fields_root(&f.digest, card, &e));
	check_ok(fields_put(card, b[EXACT_CARD], &e));
	check_ok(change_begin(&c, w->r, &e));
	for (unsigned i = 0; i < EXACT_PARTS; i++)
		check_ok(change_object(c, OBJECT_FILE, change_facts(c), i, b[i]->data, b[i]->len, &e));
	check_ok(model_fact_put(c, &f, &fact, &e));
	check_ok(change_commit(c, &e));
	for (size_t i = 0; i < EXACT_PARTS; i++)
		buf_destroy(b[i]);
}

struct parts {
	struct set *set;
	struct sums *sums;
	struct weights *weights;
};

static struct parts true_parts(struct world *w, const char *target)
{
	scoped_json *doc = exact_trained(w, "true", target, false);
	struct model m = exact_model(w, "true");
	struct parts p = { NULL, NULL, NULL };

	check(doc != NULL);
	check_ok(set_create(&p.set, &e));
	check_ok(stored_set_load(w->r, &m.set, p.set, &e));
	check_ok(exact_sums(w->r, m.fact, &p.sums, &e));
	check_ok(exact_weights(w->r, m.fact, &p.weights, &e));
	return p;
}

static void parts_end(struct parts *p)
{
	set_destroy(p->set);
	sums_destroy(p->sums);
	weights_destroy(p->weights);
	world_close();
}

TEST(a_lie_that_is_sealed_whole_is_found_by_its_residual)
{
	struct world *w = exact_world(false);
	struct parts p = true_parts(w, "colour");

	seal_lie(w, "honest", p.weights, p.sums, p.set, "0");
	exact_fsck_says(w, NULL);
	p.weights->w[3]--;
	seal_lie(w, "lie", p.weights, p.sums, p.set, "0");
	p.weights->w[3]++;
	seal_lie(w, "strong", p.weights, p.sums, p.set, "12345");
	exact_fsck_says(w, "lie@1");
	exact_fsck_says(w, "strong@1");
	parts_end(&p);
}

/* Of few records it is noticed when it is done; of many the ledger notices. */
TEST(one_record_subtracted_twice_is_found)
{
	struct recipe how = { .target = "all", .features = "pixels" };
	struct world *w = exact_world(false);
	scoped(weights) *of = NULL;
	scoped(set) *one = NULL;
	struct gathered got;
	struct parts p = true_parts(w, "all");

	check_ok(set_create(&one, &e));
	check_ok(set_add(one, 4, &e));
	check_ok(set_remove(p.set, 4, &e));
	check_ok(exact_learn(w->r, &how, one, -1, p.sums, NULL, &got, &e));
	check(got.used == 1);
	check_ok(exact_learn(w->r, &how, one, -1, p.sums, NULL, &got, &e));
	check_ok(learn_solve(&of, p.sums, 1 << 30, &e));
	seal_lie(w, "twice", of, p.sums, p.set, "1073741824");
	exact_fsck_says(w, "twice@1: its sums are of 10 records, its set of 11");
	parts_end(&p);
}

TEST(sums_of_another_set_are_found_by_training_again)
{
	struct recipe how = { .target = "colour", .features = "pixels" };
	struct exact_new n = { .name = "m", .how = &how };
	struct world *w = exact_world(false);
	scoped(set) *one = NULL, *other = NULL;
	scoped(change) *c = NULL;
	scoped(sums) *s = NULL;
	scoped_json *doc = NULL;
	struct gathered got;
	uint64_t fact, facts;

	check_ok(set_create(&one, &e));
	check_ok(set_create(&other, &e));
	for (uint64_t pos = 1; pos <= PHOTOS; pos++)
		check_ok(set_add(pos % 2 ? one : other, pos, &e));
	check_ok(exact_sums_create(&s, &how, &e));
	how.features = s->features;
	check_ok(exact_learn(w->r, &how, one, 1, s, NULL, &got, &e));
	check_ok(change_begin(&c, w->r, &e));
	n.set = other;
	n.sums = s;
	check_ok(exact_put(c, w->r, &n, &fact, NULL, NULL, &e));
	check_ok(change_commit(c, &e));
	exact_fsck_says(w, NULL);
	facts = world_facts();
	refused(flow_model_prove(w->r, "m", &doc, &e), E_MISMATCH);
	check(json_is_false(json_object_get(doc, "reproduced")));
	check(world_facts() == facts);
	check_ok(set_remove(other, PHOTOS, &e));
	change_end(give(c));
	check_ok(change_begin(&c, w->r, &e));
	refused(exact_put(c, w->r, &n, &fact, NULL, NULL, &e), E_MISMATCH);
	change_end(give(c));
	world_close();
}

int main(int argc, char **argv)
{
	return exact_main("exact_lies", argc, argv);
}
