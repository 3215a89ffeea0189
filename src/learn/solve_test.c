#include "learn/solve.h"

#include <stdio.h>
#include <string.h>

#include "base/test.h"
#include "learn/world.h"

static struct error e;
static struct world w;

struct vector {
	size_t d, n, k;
	int64_t lambda;
	int8_t x[12 * 6];
	int32_t t[12 * 3];
	int64_t w[3 * 7], proof[3 * 7];
};
#include "learn/solve_vectors.h"

TEST(weights_are_those_of_a_solver_in_whole_numbers_of_any_size)
{
	for (size_t i = 0; i < COUNT_OF(vectors); i++) {
		const struct vector *v = &vectors[i];
		scoped(sums) *s = NULL;
		scoped(weights) *got = NULL;
		struct records r = { v->n, v->x, NULL, v->t };
		size_t cells = v->k * (v->d + 1);

		check_ok(sums_create(&s, "test@1", v->d, v->k, &e));
		check_ok(sums_add(s, &r, &e));
		check_ok(learn_solve(&got, s, v->lambda, &e));
		check(memcmp(got->w, v->w, cells * sizeof(int64_t)) == 0);
		check(memcmp(got->proof, v->proof, cells * sizeof(int64_t)) == 0);
		check_ok(learn_check(got, s, v->lambda, &e));
	}
}

static struct sums *make(size_t d, size_t from, size_t count, int numbers)
{
	struct records r = numbers ? world_numbered(&w, d, from, count)
				   : world_labelled(&w, d, from, count);
	struct sums *s = NULL;

	world_make(&w, d, 11, numbers);
	check_ok(sums_create(&s, "test@1", d, numbers ? 2 : 0, &e));
	check_ok(sums_add(s, &r, &e));
	return s;
}

static struct weights *solve(const struct sums *s, int64_t lambda)
{
	struct weights *got = NULL;

	check_ok(learn_solve(&got, s, lambda, &e));
	check_ok(learn_check(got, s, lambda, &e));
	return got;
}

/* The same with gcc and clang, -O0 and -O3 -march=native, on every machine. */
TEST(weights_have_the_digests_they_always_had)
{
	static const struct {
		size_t d, count;
		int numbers;
		int64_t lambda;
		const char *digest;
	} known[] = { /* the third has fewer records than features */
		{ 64, 400, 0, 0, "ad78717c444ba835dc729d0bef357f2ac44c121fee161744bb18520ae8e797a3" },
		{ 64, 400, 1, 0, "22ba3123793be788b8bed3b5058dff8de4ba8c6f0eb9ce38f733a84c4a29cc0c" },
		{ 61, 40, 0, 1, "f17545af79aa6f31222bcaf6e2b8264038e23e5aa5b768d2566e6a782718cef8" },
		{ 1, 7, 1, 1 << 20, "535c751c5a69d042a6d3a2d328a44c8539e60b9f42fbb2b5d3495d6a3115bf77" },
	};

	for (size_t i = 0; i < COUNT_OF(known); i++) {
		scoped(sums) *s = make(known[i].d, 0, known[i].count, known[i].numbers);
		scoped(weights) *got = solve(s, known[i].lambda);
		struct hash digest;

		check_ok(weights_digest(got, &digest, &e));
		if (strcmp(hash_hex(&digest).s, known[i].digest) != 0)
			fail_msg("%zu: %s", i, hash_hex(&digest).s);
	}
}

/* More features than a step of the factor, more outputs than one batch, or than one block. */
TEST(large_models_have_the_digests_they_always_had)
{
	static const struct {
		size_t d, outputs;
		const char *digest;
	} known[] = {
		{ 333, 20, "fb2d57357395dd8084ab67109195c9a278aed99ae63ec6809f3ff546fa92db3f" },
		{ 96, 9, "a271ec52fc490b007a7009a2096fba354e56959d23269d528054ea8ca1b21c6c" },
		{ 11, 700, "a22033e5fdb40fee93cf86e8860c917cdbffc4525f952450a652eb7eb6e69490" },
	};
	enum { RECORDS = 500 };
	static int8_t x[RECORDS * 333];
	static int32_t t[RECORDS * 700];
	uint64_t seed = 3;

	for (size_t i = 0; i < COUNT_OF(x); i++)
		x[i] = (int8_t)world_random(&seed);
	for (size_t i = 0; i < COUNT_OF(t); i++)
		t[i] = (int32_t)(world_random(&seed) % SUMS_TARGET_MAX);
	for (size_t i = 0; i < COUNT_OF(known); i++) {
		struct records r = { RECORDS, x, NULL, t };
		scoped(sums) *s = NULL;
		scoped(weights) *got = NULL;
		struct hash digest;

		check_ok(sums_create(&s, "test@1", known[i].d, known[i].outputs, &e));
		check_ok(sums_add(s, &r, &e));
		got = solve(s, 0);
		check_ok(weights_digest(got, &digest, &e));
		if (strcmp(hash_hex(&digest).s, known[i].digest) != 0)
			fail_msg("%zu: %s", i, hash_hex(&digest).s);
	}
}

TEST(forgetting_gives_the_weights_of_never_having_known)
{
	for (size_t count = 1; count < WORLD_RECORDS; count += 66) {
		scoped(sums) *all = make(WORLD_DIM, 0, WORLD_RECORDS, 0);
		scoped(sums) *left = make(WORLD_DIM, count, WORLD_RECORDS - count, 0);
		struct records r = world_labelled(&w, WORLD_DIM, 0, count);
		scoped(weights) *before = solve(all, 0), *never = solve(left, 0), *after = NULL;
		struct hash a, b, c;

		check_ok(sums_subtract(all, &r, &e));
		after = solve(all, 0);
		check_ok(weights_digest(before, &a, &e));
		check_ok(weights_digest(after, &b, &e));
		check_ok(weights_digest(never, &c, &e));
		check(hash_equal(&b, &c));
		check(!hash_equal(&a, &b));
		check_code(learn_check(before, all, 0, &e), E_MISMATCH);
	}
}

TEST(a_label_that_is_forgotten_is_no_label_of_the_model)
{
	scoped(sums) *s = make(WORLD_DIM, 0, WORLD_RECORDS, 0), *never = NULL;
	scoped(weights) *before = solve(s, 0), *after = NULL, *fresh = NULL;
	struct hash a, b;

	check_ok(sums_create(&never, "test@1", WORLD_DIM, 0, &e));
	for (size_t i = 0; i < WORLD_RECORDS; i++) {
		struct records r = world_labelled(&w, WORLD_DIM, i, 1);

		if (strcmp(w.labels[i], "a") == 0)
			check_ok(sums_subtract(s, &r, &e));
		else
			check_ok(sums_add(never, &r, &e));
	}
	after = solve(s, 0);
	fresh = solve(never, 0);
	check(before->count == 5 && after->count == 4);
	for (size_t k = 0; k < after->count; k++)
		check(strcmp(after->label[k], "a") != 0);
	check_ok(weights_digest(after, &a, &e));
	check_ok(weights_digest(fresh, &b, &e));
	check(hash_equal(&a, &b));
	check_code(learn_check(before, s, 0, &e), E_MISMATCH);
}

static void try_off(struct weights *got, const struct sums *s, size_t i, int64_t by,
		    int64_t digits)
{
	got->w[i] += by;
	check_code(learn_check(got, s, 0, &e), E_MISMATCH);
	/* A proof that makes up for it says itself that it is not the nearest. */
	got->proof[i] -= digits;
	check_code(learn_check(got, s, 0, &e), E_MISMATCH);
	got->proof[i] += digits;
	got->w[i] -= by;
}

TEST(one_unit_off_anywhere_is_refused)
{
	scoped(sums) *s = make(WORLD_DIM, 0, WORLD_RECORDS, 0);
	scoped(weights) *got = solve(s, 0);
	const int64_t unit = (int64_t)1 << PROOF_BITS;

	for (size_t i = 0; i < got->count * (WORLD_DIM + 1); i += 7) {
		try_off(got, s, i, 1, unit);
		try_off(got, s, i, -1, -unit);
	}
	check_ok(learn_check(got, s, 0, &e));
}

TEST(sums_off_by_one_have_other_weights)
{
	scoped(sums) *s = make(WORLD_DIM, 0, WORLD_RECORDS, 0);
	scoped(weights) *got = solve(s, 0);

	s->g[sums_triangle(WORLD_DIM) - 1]++;
	check_code(learn_check(got, s, 0, &e), E_MISMATCH);
	s->g[sums_triangle(WORLD_DIM) - 1]--;
	s->output[2].x[3]--;
	check_code(learn_check(got, s, 0, &e), E_MISMATCH);
	s->output[2].x[3]++;
	s->s[0]++;
	check_code(learn_check(got, s, 0, &e), E_MISMATCH);
	s->s[0]--;
	check_ok(learn_check(got, s, 0, &e));
}

TEST(the_strength_is_part_of_the_model)
{
	scoped(sums) *s = make(WORLD_DIM, 0, WORLD_RECORDS, 0);
	scoped(weights) *got = solve(s, 4096);

	check(learn_lambda(s) != 4096);
	check((learn_lambda(s) & (learn_lambda(s) - 1)) == 0);
	check_code(learn_check(got, s, 0, &e), E_MISMATCH);
	check_code(learn_check(got, s, 4097, &e), E_MISMATCH);
	got->lambda = 4097;
	check_code(learn_check(got, s, 4097, &e), E_MISMATCH);
}

TEST(weights_without_their_proof_are_not_checked)
{
	scoped(sums) *s = make(WORLD_DIM, 0, WORLD_RECORDS, 0);
	scoped(weights) *got = solve(s, 0);
	int64_t *proof = got->proof;

	got->proof = NULL;
	check_code(learn_check(got, s, 0, &e), E_NOT_FOUND);
	got->proof = proof;
}

TEST(proofs_that_are_wildly_wrong_are_refused_too)
{
	scoped(sums) *s = make(WORLD_DIM, 0, WORLD_RECORDS, 0);
	scoped(weights) *got = solve(s, 0);
	static const int64_t wild[] = { INT64_MIN, INT64_MAX, (int64_t)1 << 61, -((int64_t)1 << 61) };

	for (size_t i = 0; i < COUNT_OF(wild); i++) {
		int64_t was = got->proof[5];

		got->proof[5] = wild[i];
		check_code(learn_check(got, s, 0, &e), E_MISMATCH);
		got->proof[5] = was;
		was = got->w[9];
		got->w[9] = wild[i];
		check_code(learn_check(got, s, 0, &e), E_MISMATCH);
		got->w[9] = was;
	}
	check_ok(learn_check(got, s, 0, &e));
}

/* Off by less than half a unit, but with a bound that reaches further. */
TEST(a_proof_too_rough_to_decide_is_refused)
{
	scoped(sums) *s = make(WORLD_DIM, 0, WORLD_RECORDS, 0);
	scoped(weights) *got = solve(s, 1);

	got->proof[5] += 1 << 10;
	check_ok(learn_check(got, s, 1, &e));
	got->proof[5] += (int64_t)1 << 40;
	check_code(learn_check(got, s, 1, &e), E_MISMATCH);
}

/* Sums of such round numbers that a residual of 128 bits would come round to the same. */
TEST(weights_off_by_so_much_that_the_residual_wraps_are_refused)
{
	scoped(sums) *s = NULL;
	scoped(weights) *got = NULL;
	int8_t x[128];
	int32_t t[128];
	struct records r = { 128, x, NULL, t };

	for (int i = 0; i < 128; i++) {
		x[i] = i < 64 ? -128 : 0;
		t[i] = i < 64 ? 64 : 0;
	}
	check_ok(sums_create(&s, "test@1", 1, 1, &e));
	check_ok(sums_add(s, &r, &e));
	got = solve(s, 1 << 13);
	got->w[0] -= (int64_t)1 << 53;
	check(weights_fit(got));
	check_code(learn_check(got, s, 1 << 13, &e), E_MISMATCH);
}

/* Twice all records and twice lambda is the same system. */
TEST(three_thousand_million_records_have_the_weights_of_four_hundred)
{
	scoped(sums) *s = make(WORLD_DIM, 0, WORLD_RECORDS, 1);
	scoped(weights) *few = solve(s, 64), *many = NULL;
	const size_t len = 2 * (WORLD_DIM + 1) * sizeof(int64_t);

	for (int i = 1; i <= 23; i++) {
		scoped(sums) *same = NULL;

		check_ok(sums_copy(&same, s, &e));
		check_ok(sums_merge(s, same, &e));
		if (i % 4 != 3)
			continue;
		weights_destroy(many);
		many = solve(s, (int64_t)64 << i);
		check(memcmp(many->w, few->w, len) == 0);
		check(memcmp(many->proof, few->proof, len) == 0);
	}
	check(s->n == (int64_t)WORLD_RECORDS << 23);
	check_code(sums_merge(s, s, &e), E_RANGE);
}

TEST(nothing_is_learned_from_nobody)
{
	scoped(sums) *s = make(WORLD_DIM, 0, 0, 0);
	struct weights *got = NULL;

	check_code(learn_solve(&got, s, 0, &e), E_RANGE);
	check_code(learn_solve(&got, s, -1, &e), E_RANGE);
	check(got == NULL);
}

/* 1 / (2 + lambda) is 2^-31 here, half a unit. */
TEST(a_weight_exactly_halfway_is_rounded_up_when_all_of_its_row_can_be_written_down)
{
	scoped(sums) *s = NULL;
	scoped(weights) *got = NULL;
	const int8_t x[2] = { 2, 0 };
	const int32_t t[2] = { 1, 0 };
	struct records r = { 2, x, NULL, t };

	check_ok(sums_create(&s, "test@1", 1, 1, &e));
	check_ok(sums_add(s, &r, &e));
	got = solve(s, ((int64_t)1 << 31) - 2);
	check(got->w[0] == 1 && got->proof[0] == -((int64_t)1 << 61));
}

/* The same beside a weight of 2^-31 / 3, which no residual in binary reaches. */
TEST(a_weight_exactly_halfway_is_refused_when_nothing_decides_it)
{
	scoped(sums) *s = NULL;
	struct weights *got = NULL;
	const int8_t x[8] = { 1, 0, -1, 0, 0, 1, 0, -1 };
	const int32_t t[4] = { 3, 0, 1, 0 };
	struct records r = { 4, x, NULL, t };
	const int64_t lambda = 3 * ((int64_t)1 << 31) - 2;

	check_ok(sums_create(&s, "test@1", 2, 1, &e));
	check_ok(sums_add(s, &r, &e));
	check_code(learn_solve(&got, s, lambda, &e), E_RANGE);
	check(got == NULL);
	check_ok(learn_solve(&got, s, lambda + 1, &e));
	check_ok(learn_check(got, s, lambda + 1, &e));
	weights_destroy(got);
}

TEST(features_that_are_always_the_same_weigh_nothing)
{
	scoped(sums) *s = NULL;
	scoped(weights) *got = NULL;
	static int8_t x[100 * 3];
	static const char *label[100];
	struct records r = { 100, x, label, NULL };

	for (size_t i = 0; i < 100; i++) {
		x[3 * i + 1] = 127;
		x[3 * i + 2] = (int8_t)i;
		label[i] = i < 40 ? "no" : "yes";
	}
	check_ok(sums_create(&s, "test@1", 3, 0, &e));
	check_ok(sums_add(s, &r, &e));
	got = solve(s, 1);
	check(got->w[0] == 0 && got->w[1] == 0 && got->w[2] < 0 && got->w[6] > 0);
}

TEST_MAIN("learn solve")
