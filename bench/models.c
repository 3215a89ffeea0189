/*
 * What exact models cost: `ninja src/learn/models-bench && src/learn/models-bench [RECORDS
 * [FEATURES]]`, or bench/models.sh. Each line says what was asked, where anything was. Times are
 * the best of several runs; where others use the machine too, a short one finds a quiet moment and
 * a long one does not, so ratios are good for a machine at rest alone, or for one core of it
 * (`taskset -c 0`).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "learn/feature.h"
#include "learn/gram.h"
#include "learn/solve.h"

enum { LABELS_MAX = 200, FORGET = 1000, TRAININGS = 5, FORGETTINGS = 31, RUNS_MAX = 50 };

static struct error e;

static void must(int code)
{
	if (code >= 0)
		return;
	fprintf(stderr, "models-bench: %s\n", e.text);
	exit(1);
}

static double ms_since(uint64_t start_us)
{
	return (double)(sys->monotonic_us() - start_us) / 1000;
}

static void say(const char *what, double figure, const char *asked)
{
	printf("%-62s %9.2f%s%s\n", what, figure, *asked ? "   asked: " : "", asked);
}

static double least(const double *ms, size_t count)
{
	double best = ms[0];

	for (size_t i = 1; i < count; i++)
		best = ms[i] < best ? ms[i] : best;
	return best;
}

/* One tile again and again, small enough for the first cache: the most a kernel gives here. */
static double peak(const struct gram_kernel *k)
{
	static _Alignas(64) int8_t a[256 * GRAM_ROWS * 4];
	static _Alignas(64) uint8_t b[128 * GRAM_COLS * 4];
	int32_t out[GRAM_ROWS][GRAM_COLS];
	uint64_t start = sys->monotonic_us();
	size_t times = 0;

	while (ms_since(start) < 200)
		for (size_t i = 0; i < 100; i++, times++)
			k->tile(a, b, 128, out);
	return (double)times * 128 * 4 * GRAM_ROWS * GRAM_COLS / ms_since(start) / 1e6;
}

/* Multiply-adds that count, those of the triangle. */
static double gram_speed(const struct gram_kernel *k, const int8_t *x, size_t n, size_t d)
{
	int64_t *g = calloc(sums_triangle(d) + d, sizeof(*g));
	double ms[TRAININGS];

	if (!g)
		exit(1);
	for (size_t i = 0; i < TRAININGS; i++) {
		uint64_t start = sys->monotonic_us();

		must(gram_add(k, NULL, g, g + sums_triangle(d), x, n, d, 1, &e));
		ms[i] = ms_since(start);
	}
	free(g);
	return (double)n * (double)sums_triangle(d) / least(ms, TRAININGS) / 1e6;
}

static void bench_gram(const int8_t *x, size_t n, size_t d)
{
	for (size_t i = 0; i < gram_kernel_count; i++) {
		const struct gram_kernel *k = &gram_kernels[i];
		bool best = k == gram_best();
		char what[80], asked[80];

		if (!k->usable())
			continue;
		snprintf(asked, sizeof(asked), ">= 200, or 80 %% of %.0f (its tile alone)", peak(k));
		snprintf(what, sizeof(what), "G = X'X, %s, one core: G int8 multiply-adds/s", k->name);
		say(what, gram_speed(k, x, best ? n : n / 20, d), best ? asked : "");
	}
}

/* Grey, as photos come, and colour. */
static void bench_pictures(struct features *f, const char *rule)
{
	static uint8_t samples[640 * 480 * 3];
	int8_t x[SUMS_DIM_MAX];

	for (size_t i = 0; i < sizeof(samples); i++)
		samples[i] = (uint8_t)(i * i >> 7);
	for (size_t channels = 1; channels <= 3; channels += 2) {
		struct picture p = { samples, 640, 480, channels };
		double ms[RUNS_MAX];
		char what[80];

		for (int k = 0; k < RUNS_MAX; k++) {
			uint64_t start = sys->monotonic_us();

			must(features_of(f, &p, x, &e));
			ms[k] = ms_since(start);
		}
		snprintf(what, sizeof(what), "%s, of 640 x 480 pixels, %s: ms", rule,
			 channels == 1 ? "grey" : "colour");
		say(what, least(ms, RUNS_MAX), "");
	}
}

static void bench_features(void)
{
	for (size_t i = 0; features_rule(i); i++) {
		struct features *f;
		uint64_t start = sys->monotonic_us();
		char what[80];

		must(features_create(&f, features_rule(i), &e));
		snprintf(what, sizeof(what), "%s, made ready: ms", features_rule(i));
		say(what, ms_since(start), "");
		bench_pictures(f, features_rule(i));
		features_destroy(f);
	}
}

struct world {
	const int8_t *x;
	const char **labels;
	size_t n, d, count; /* of labels */
};

static struct sums *sums_of(const struct world *w)
{
	struct records r = { w->n, w->x, w->labels, NULL };
	struct sums *s;

	must(sums_create(&s, "bench@0", w->d, 0, &e));
	must(sums_add(s, &r, &e));
	return s;
}

/* Sums, weights, and the proof that they are the rounded solution: learn_solve has it first. */
static double train(const struct world *w)
{
	double ms[TRAININGS];

	for (size_t i = 0; i < TRAININGS; i++) {
		uint64_t start = sys->monotonic_us();
		struct sums *s = sums_of(w);
		struct weights *got;

		must(learn_solve(&got, s, 0, &e));
		ms[i] = ms_since(start);
		weights_destroy(got);
		sums_destroy(s);
	}
	return least(ms, TRAININGS);
}

static double forget(const struct world *w, struct sums *s, double *ret_subtract)
{
	struct records r = { w->n < 2 * FORGET ? w->n / 2 : FORGET, w->x, w->labels, NULL };
	double ms[FORGETTINGS], subtract[FORGETTINGS];

	for (size_t i = 0; i < FORGETTINGS; i++) {
		uint64_t start = sys->monotonic_us();
		struct weights *got;

		must(sums_subtract(s, &r, &e));
		subtract[i] = ms_since(start);
		must(learn_solve(&got, s, 0, &e));
		ms[i] = ms_since(start);
		weights_destroy(got);
		must(sums_add(s, &r, &e));
	}
	*ret_subtract = least(subtract, FORGETTINGS);
	return least(ms, FORGETTINGS);
}

static double check(const struct sums *s)
{
	struct weights *w;
	uint64_t start;
	double ms;

	must(learn_solve(&w, s, 0, &e));
	start = sys->monotonic_us();
	must(learn_check(w, s, 0, &e));
	ms = ms_since(start);
	weights_destroy(w);
	return ms;
}

static void bench_model(const struct world *w)
{
	struct sums *s = sums_of(w);
	double trained = train(w), subtracted, forgot = forget(w, s, &subtracted);
	char what[80];

	snprintf(what, sizeof(what), "%zu labels: train, from features to proved weights: ms",
		 w->count);
	say(what, trained, "");
	snprintf(what, sizeof(what), "%zu labels: forget %d, to proved weights: ms", w->count, FORGET);
	say(what, forgot, "");
	snprintf(what, sizeof(what), "%zu labels: of it, subtract: ms", w->count);
	say(what, subtracted, "");
	snprintf(what, sizeof(what), "%zu labels: checked by learn_check: ms", w->count);
	say(what, check(s), "");
	snprintf(what, sizeof(what), "%zu labels: forgetting is so many times faster", w->count);
	say(what, trained / forgot, ">= 15");
	sums_destroy(s);
}

/* Features from 0 to 127 that lean on the tenth they are in. */
static int8_t *make_features(size_t n, size_t d)
{
	int8_t *x = malloc(n * d);
	uint64_t state = 1;

	if (!x)
		exit(1);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < d; j++) {
			state = state * 6364136223846793005u + 1442695040888963407u;
			x[i * d + j] = (int8_t)((state >> 57) / (1 + (i + j) % 10 / 5));
		}
	return x;
}

static void bench_labels(struct world *w, size_t count)
{
	static char names[LABELS_MAX][8];

	w->count = count;
	for (size_t i = 0; i < count; i++)
		snprintf(names[i], sizeof(names[i]), "%zu", i);
	for (size_t i = 0; i < w->n; i++)
		w->labels[i] = names[i % count];
	bench_model(w);
}

int main(int argc, char **argv)
{
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
	size_t d = argc > 2 ? strtoul(argv[2], NULL, 10) : 1024;
	struct world w = { .n = n, .d = d };

	if (n < 1000 || n > 10000000 || d < 1 || d > SUMS_DIM_MAX)
		return 1;
	w.x = make_features(n, d);
	w.labels = malloc(n * sizeof(*w.labels));
	if (!w.labels)
		return 1;
	printf("%zu records of %zu features, int8\n", n, d);
	bench_gram(w.x, n, d);
	bench_labels(&w, 10);
	bench_labels(&w, 60);
	bench_labels(&w, LABELS_MAX);
	bench_features();
	free((void *)(uintptr_t)w.x);
	free(w.labels);
	return 0;
}
