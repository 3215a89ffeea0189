#include "learn/weights.h"

#include "base/test.h"
#include "learn/solve.h"
#include "learn/world.h"

static struct error e;

TEST(scores_are_the_sums_they_are_said_to_be)
{
	scoped(sums) *s = NULL;
	scoped(weights) *w = NULL;
	int8_t x[3] = { -128, 127, 5 };
	int64_t score[2];

	check_ok(sums_create(&s, "x", 3, 2, &e));
	check_ok(weights_create(&w, s, 1, &e));
	for (int i = 0; i < 8; i++)
		w->w[i] = (i - 3) * ((int64_t)1 << 40);
	weights_scores(w, x, score);
	check(score[0] == ((int64_t)128 * 3 - 127 * 2 - 5) * ((int64_t)1 << 40));
	check(score[1] == ((int64_t)-128 + 127 * 2 + 5 * 3 + 4) * ((int64_t)1 << 40));
}

TEST(of_equal_scores_the_first_is_the_best)
{
	const int64_t score[4] = { -5, 3, 3, 2 };

	check(weights_best(score, 4) == 1);
	check(weights_best(score, 1) == 0);
}

TEST(weights_whose_scores_could_overflow_do_not_fit)
{
	scoped(sums) *s = NULL;
	scoped(weights) *w = NULL;

	check_ok(sums_create(&s, "x", 2, 1, &e));
	check_ok(weights_create(&w, s, 1, &e));
	w->w[0] = -(WEIGHTS_ROW_MAX / 256);
	w->w[1] = WEIGHTS_ROW_MAX / 256;
	w->w[2] = -WEIGHTS_ROW_MAX;
	check(weights_fit(w));
	w->w[1]++;
	check(!weights_fit(w));
	w->w[1] = INT64_MIN;
	check(!weights_fit(w));
	w->w[1] = 0;
	w->w[2]--;
	check(!weights_fit(w));
}

TEST(a_model_recognises_what_it_was_trained_on)
{
	static struct world world;
	scoped(sums) *s = NULL;
	scoped(weights) *w = NULL;
	struct records r = world_labelled(&world, WORLD_DIM, 0, WORLD_RECORDS);
	int64_t score[WORLD_LABELS];
	size_t right = 0;

	world_make(&world, WORLD_DIM, 3, 0);
	check_ok(sums_create(&s, "x", WORLD_DIM, 0, &e));
	check_ok(sums_add(s, &r, &e));
	check_ok(learn_solve(&w, s, 0, &e));
	for (size_t i = 0; i < r.count; i++) {
		weights_scores(w, r.features + i * WORLD_DIM, score);
		right += strcmp(w->label[weights_best(score, w->count)], r.labels[i]) == 0;
	}
	check(right > r.count * 9 / 10);
}

TEST_MAIN("learn weights")
