/*
 * What exact models cost: `ninja models-bench && ./src/learn/models-bench [RECORDS [FEATURES]]`.
 * Speeds are multiply-adds that count (the triangle of G), beside what the processor's widest
 * dot product does in registers alone; run it under `taskset -c 0` for one core.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "learn/feature.h"
#include "learn/gram.h"
#include "learn/solve.h"

enum { LABELS = 10, FORGET = 1000 };

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

static void say(const char *what, double ms)
{
	printf("%-56s %10.2f ms\n", what, ms);
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

static void bench_gram(const int8_t *x, size_t n, size_t d)
{
	int64_t *g = calloc(sums_triangle(d) + d, sizeof(*g));
	struct crew *c;

	must(crew_create(&c, &e));
	for (size_t k = 0; k < gram_kernel_count; k++) {
		const struct gram_kernel *kernel = &gram_kernels[k];
		size_t count = kernel == gram_best() ? n : n / 20;
		uint64_t start;
		double ms;

		if (!kernel->usable() || !g)
			continue;
		must(gram_add(kernel, c, g, g + sums_triangle(d), x, count / 10, d, 1, &e));
		start = sys->monotonic_us();
		must(gram_add(kernel, c, g, g + sums_triangle(d), x, count, d, 1, &e));
		ms = ms_since(start);
		printf("G, %-12s %8zu records %10.1f G multiply-adds/s, of %.1f for one tile\n",
		       kernel->name, count,
		       (double)count * (double)sums_triangle(d) / ms / 1e6, peak(kernel));
	}
	crew_destroy(c);
	free(g);
}

static void bench_solve(struct sums *s)
{
	struct weights *w;
	uint64_t start = sys->monotonic_us();

	must(learn_solve(&w, s, 0, &e));
	say("solve, exact and proved", ms_since(start));
	start = sys->monotonic_us();
	must(learn_check(w, s, 0, &e));
	say("learn_check", ms_since(start));
	weights_destroy(w);
}

static void bench_features(void)
{
	static uint8_t samples[640 * 480 * 3];
	int8_t x[SUMS_DIM_MAX];
	struct picture p = { samples, 640, 480, 3 };

	for (size_t i = 0; i < sizeof(samples); i++)
		samples[i] = (uint8_t)(i * i >> 7);
	for (size_t i = 0; features_rule(i); i++) {
		struct features *f;
		uint64_t start = sys->monotonic_us();
		char what[80];

		must(features_create(&f, features_rule(i), &e));
		snprintf(what, sizeof(what), "%s, made ready", features_rule(i));
		say(what, ms_since(start));
		start = sys->monotonic_us();
		for (int k = 0; k < 50; k++)
			must(features_of(f, &p, x, &e));
		snprintf(what, sizeof(what), "%s, of 640 x 480 pixels", features_rule(i));
		say(what, ms_since(start) / 50);
		features_destroy(f);
	}
}

static void bench_model(const int8_t *x, const char *const *labels, size_t n, size_t d)
{
	struct records r = { n, x, labels, NULL };
	struct sums *s;
	struct weights *w;
	uint64_t start;
	double train, forget;

	must(sums_create(&s, "bench@0", d, 0, &e));
	start = sys->monotonic_us();
	must(sums_add(s, &r, &e));
	say("sums of all records", ms_since(start));
	must(learn_solve(&w, s, 0, &e));
	train = ms_since(start);
	weights_destroy(w);
	bench_solve(s);
	r.count = n < FORGET ? n / 2 : FORGET;
	start = sys->monotonic_us();
	must(sums_subtract(s, &r, &e));
	say("subtract 1,000 records", ms_since(start));
	must(learn_solve(&w, s, 0, &e));
	forget = ms_since(start);
	weights_destroy(w);
	printf("train %.1f ms, forget %zu: %.1f ms, %.1f times faster\n", train, r.count, forget,
	       train / forget);
	sums_destroy(s);
}

int main(int argc, char **argv)
{
	static const char *const names[LABELS] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" };
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
	size_t d = argc > 2 ? strtoul(argv[2], NULL, 10) : 1024;
	int8_t *x = malloc(n * d);
	const char **labels = malloc(n * sizeof(*labels));
	uint64_t state = 1;

	if (!x || !labels || n < 100 || d < 1 || d > SUMS_DIM_MAX)
		return 1;
	for (size_t i = 0; i < n; i++) {
		labels[i] = names[i % LABELS];
		for (size_t j = 0; j < d; j++) {
			state = state * 6364136223846793005u + 1442695040888963407u;
			x[i * d + j] = (int8_t)((state >> 57) / (1 + (i + j) % LABELS / 5));
		}
	}
	printf("%zu records of %zu features, %d labels\n", n, d, LABELS);
	bench_gram(x, n, d);
	bench_model(x, labels, n, d);
	bench_features();
	free(x);
	free(labels);
	return 0;
}
