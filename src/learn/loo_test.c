#include "learn/loo.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "learn/solve.h"
#include "learn/world.h"

static struct error e;
static struct world w;

static struct sums *sums_of(const struct records *r, size_t d, size_t numbers)
{
	struct sums *s = NULL;

	check_ok(sums_create(&s, "test@1", d, numbers, &e));
	if (r->count > 0)
		check_ok(sums_add(s, r, &e));
	return s;
}

/* Record i of r alone. */
static struct records one_of(const struct records *r, size_t i, size_t d)
{
	return (struct records){ 1, r->features + i * d, r->labels ? r->labels + i : NULL,
				 r->numbers ? r->numbers + i : NULL };
}

/* Trained without record i, from nothing. */
static struct weights *trained_without(const struct records *r, size_t i, size_t d,
				       size_t numbers, int64_t lambda)
{
	const struct records none = { 0 };
	scoped(sums) *s = sums_of(&none, d, numbers);
	struct weights *got = NULL;

	for (size_t k = 0; k < r->count; k++) {
		struct records one = one_of(r, k, d);

		if (k != i)
			check_ok(sums_add(s, &one, &e));
	}
	check_ok(learn_solve(&got, s, lambda, &e));
	return got;
}

static void check_one(const struct loo_answer *a, const struct records *r, size_t i, size_t d,
		      size_t numbers, int64_t lambda)
{
	scoped(weights) *rest = trained_without(r, i, d, numbers, lambda);
	int64_t scores[WORLD_RECORDS];
	size_t best;

	weights_scores(rest, r->features + i * d, scores);
	best = weights_best(scores, rest->count);
	check(!a->none);
	if (fabs(a->score - ldexp((double)scores[best], -30)) > 1e-3)
		fail_msg("record %zu: %f, really %f", i, a->score, ldexp((double)scores[best], -30));
	if (numbers)
		check(a->number == score_number(scores[0]));
	else if (strcmp(a->label, rest->label[best]) != 0)
		fail_msg("record %zu: \"%s\", really \"%s\"", i, a->label, rest->label[best]);
}

/* Every answer is that of a model really trained without the record. Returns how many were solved. */
static size_t check_all(const struct records *r, size_t d, size_t numbers, int64_t lambda)
{
	scoped(sums) *s = sums_of(r, d, numbers), *after = sums_of(r, d, numbers);
	scoped(weights) *all = NULL;
	scoped(loo) *l = NULL;
	struct loo_answer got[WORLD_RECORDS];
	size_t solved = 0;

	check_ok(learn_solve(&all, s, lambda, &e));
	check_ok(loo_create(&l, s, all, &e));
	check_ok(loo_answers(l, r, got, &e));
	for (size_t i = 0; i < r->count; i++) {
		check_one(&got[i], r, i, d, numbers, all->lambda);
		solved += got[i].solved;
	}
	check(sums_equal(s, after));
	return solved;
}

TEST(every_answer_is_that_of_a_model_trained_without_the_record)
{
	static const struct {
		size_t d, count;
		int64_t lambda;
	} worlds[] = { { 64, 90, 0 }, { 64, 33, 1 << 20 }, { 7, 150, 0 }, { 1, 60, 3 },
		       { 40, 20, 1 << 12 } };

	for (size_t k = 0; k < COUNT_OF(worlds); k++)
		for (int non_negative = 0; non_negative < 2; non_negative++) {
			struct records r;

			world_make(&w, worlds[k].d, 5 + k, non_negative);
			r = world_labelled(&w, worlds[k].d, 0, worlds[k].count);
			/* Nearly all without a solve, or this would be of no use. */
			check(check_all(&r, worlds[k].d, 0, worlds[k].lambda) <=
			      worlds[k].count / 8);
		}
}

TEST(numbers_are_answered_too)
{
	struct records r;

	world_make(&w, 16, 3, 1);
	for (size_t i = 0; i < 100; i++)
		w.numbers[i] = (int32_t)(i % 7) * 11 - 30 + w.features[i * 16] / 4;
	r = world_numbered(&w, 16, 0, 100);
	check(check_all(&r, 16, 1, 0) <= 2);
	check(check_all(&r, 16, 1, 1) <= 2);
}

TEST(a_label_whose_only_record_is_left_out_is_no_candidate)
{
	struct records r;

	world_make(&w, 12, 9, 0);
	r = world_labelled(&w, 12, 0, 40);
	w.labels[0] = "alone";
	w.labels[17] = "zz lone";
	w.labels[39] = "A";
	check_all(&r, 12, 0, 0);
	check_all(&r, 12, 0, 1);
}

TEST(of_equal_scores_the_first_label_answers)
{
	static const char *const names[] = { "b", "a", "c" };
	struct records r = world_labelled(&w, 4, 0, 9);

	/* Nothing to tell them apart: who is left out makes two labels even. */
	memset(w.features, 0, sizeof(w.features));
	for (size_t i = 0; i < 9; i++)
		w.labels[i] = names[i % 3];
	check(check_all(&r, 4, 0, 1 << 10) == 9);
	/* The same photos under two names. */
	world_make(&w, 4, 2, 0);
	r.count = 24;
	memcpy(w.features + 12 * 4, w.features, 12 * 4);
	for (size_t i = 0; i < 24; i++)
		w.labels[i] = i < 12 ? "x" : "y";
	check_all(&r, 4, 0, 0);
	check_all(&r, 4, 0, 1);
}

TEST(numbers_halfway_between_two_are_decided_by_solving)
{
	struct records r = world_numbered(&w, 3, 0, 0);

	/* Without one of them the mean of the others is half of something. */
	memset(w.features, 0, sizeof(w.features));
	for (r.count = 3; r.count < 12; r.count += 2) {
		size_t halves;

		for (size_t i = 0; i < r.count; i++)
			w.numbers[i] = i == 0 ? 100 : (int32_t)(i % 2) * (r.count < 7 ? 1 : -3);
		halves = check_all(&r, 3, 1, 1);
		check(halves >= 1 && halves < r.count);
	}
}

TEST(a_record_that_alone_decides_its_answer_is_really_left_out)
{
	struct records r = world_labelled(&w, 6, 0, 12);

	/* Each record has a direction of its own, far longer than lambda. */
	memset(w.features, 0, sizeof(w.features));
	for (size_t i = 0; i < 12; i++) {
		w.features[i * 6 + i % 6] = i < 6 ? 127 : -128;
		w.labels[i] = i % 2 ? "odd" : "even";
	}
	check_all(&r, 6, 0, 1);
}

TEST(of_one_record_nobody_is_left_to_answer)
{
	struct records r;

	world_make(&w, 4, 1, 0);
	for (size_t numbers = 0; numbers < 2; numbers++) {
		scoped(sums) *s = NULL;
		scoped(weights) *all = NULL;
		scoped(loo) *l = NULL;
		struct loo_answer got = { 0 };

		r = numbers ? world_numbered(&w, 4, 0, 1) : world_labelled(&w, 4, 0, 1);
		s = sums_of(&r, 4, numbers);
		check_ok(learn_solve(&all, s, 0, &e));
		check_ok(loo_create(&l, s, all, &e));
		check_ok(loo_answers(l, &r, &got, &e));
		check(got.none && !got.label);
	}
}

TEST(what_is_not_inside_is_refused)
{
	struct loo_answer got[2];
	scoped(sums) *s = NULL, *two = NULL;
	scoped(weights) *all = NULL, *other = NULL;
	struct records r, stranger, n;
	struct loo *l = NULL;

	world_make(&w, 8, 4, 0);
	r = world_labelled(&w, 8, 0, 30);
	s = sums_of(&r, 8, 0);
	check_ok(learn_solve(&all, s, 0, &e));
	n = world_numbered(&w, 8, 0, 15);
	two = sums_of(&n, 8, 2);
	check_ok(learn_solve(&other, two, 0, &e));
	check_code(loo_create(&l, two, other, &e), E_RANGE);
	check_code(loo_create(&l, s, other, &e), E_MISMATCH);
	check_ok(loo_create(&l, s, all, &e));
	stranger = one_of(&r, 0, 8);
	stranger.labels = &(const char *const){ "nobody" };
	check_code(loo_answers(l, &stranger, got, &e), E_MISMATCH);
	check_code(loo_answers(l, &n, got, &e), E_MISMATCH);
	r.count = 0;
	check_code(loo_answers(l, &r, got, &e), E_RANGE);
	r.count = LOO_BATCH + 1;
	check_code(loo_answers(l, &r, got, &e), E_RANGE);
	loo_destroy(l);
	loo_destroy(NULL);
}

TEST(scores_become_whole_numbers_halves_up)
{
	const int64_t one = (int64_t)1 << 30;

	check(score_number(0) == 0 && score_number(one / 2) == 1 && score_number(one / 2 - 1) == 0);
	check(score_number(-one / 2) == 0 && score_number(-one / 2 - 1) == -1);
	check(score_number(-one) == -1 && score_number(7 * one + 3) == 7);
	check(score_number(((int64_t)1 << 62) - 1) == (int64_t)1 << 32);
}

TEST_MAIN("learn/loo")
