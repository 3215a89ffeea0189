#include "learn/weights.h"

#include <stdlib.h>

#include "base/buf.h"

int weights_create(struct weights **ret, const struct sums *s, int64_t lambda, struct error *e)
{
	scoped(weights) *w = calloc(1, sizeof(*w));

	if (!w)
		return error_set(e, E_MEMORY, "weights");
	w->kind = s->kind;
	strcpy(w->features, s->features);
	w->d = s->d;
	w->lambda = lambda;
	w->w = calloc(s->count ? s->count : 1, (s->d + 1) * sizeof(*w->w));
	w->label = calloc(s->count ? s->count : 1, sizeof(*w->label));
	if (!w->w || !w->label)
		return error_set(e, E_MEMORY, "weights of %zu outputs", s->count);
	for (; w->count < s->count; w->count++) {
		if (s->kind == SUMS_NUMBERS)
			continue;
		w->label[w->count] = strdup(s->output[w->count].label);
		if (!w->label[w->count])
			return error_set(e, E_MEMORY, "label");
	}
	*ret = give(w);
	return 0;
}

void weights_destroy(struct weights *w)
{
	if (!w)
		return;
	for (size_t i = 0; w->label && i < w->count; i++)
		free(w->label[i]);
	if (w->w)
		wipe(w->w, w->count * (w->d + 1) * sizeof(*w->w));
	if (w->proof)
		wipe(w->proof, w->count * (w->d + 1) * sizeof(*w->proof));
	free(w->label);
	free(w->w);
	free(w->proof);
	free(w);
}

static uint64_t size_of(int64_t x)
{
	return x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
}

bool weights_fit(const struct weights *w)
{
	for (size_t k = 0; k < w->count; k++) {
		const int64_t *row = weights_row(w, k);
		uint64_t left = (uint64_t)WEIGHTS_ROW_MAX / 128;

		if (size_of(row[w->d]) > (uint64_t)WEIGHTS_ROW_MAX)
			return false;
		for (size_t i = 0; i < w->d; i++) {
			if (size_of(row[i]) > left)
				return false;
			left -= size_of(row[i]);
		}
	}
	return true;
}

void weights_scores(const struct weights *w, const int8_t *x, int64_t *ret_scores)
{
	for (size_t k = 0; k < w->count; k++) {
		const int64_t *row = weights_row(w, k);
		int64_t score = row[w->d];

		for (size_t i = 0; i < w->d; i++)
			score += x[i] * row[i];
		ret_scores[k] = score;
	}
}

size_t weights_best(const int64_t *scores, size_t count)
{
	size_t best = 0;

	for (size_t i = 1; i < count; i++)
		if (scores[i] > scores[best])
			best = i;
	return best;
}
