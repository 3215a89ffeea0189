/*
 * weights: what an exact model is, and what it answers. One row of integers for each output, in
 * units of 2^-30, so that a score is an integer too, the same on every machine:
 *
 *   score[c] = sum_i x_i w[c][i] + b[c]
 *
 * A label's score is near +1 when it is this label and near -1 when it is not; a number's score is
 * the number, times 2^30. proof holds more digits of the same weights (solve.h), which nobody
 * needs who only asks; a weights file is written without it, and the digest of that file is the
 * model's weights_sha256.
 */
#ifndef LEARN_WEIGHTS_H
#define LEARN_WEIGHTS_H

#include "crypto/hash.h"
#include "learn/sums.h"

enum { WEIGHTS_BITS = 30, PROOF_BITS = 62 };
/* Of each row, 128 times the sum of |w|, and |b|: no score overflows. */
#define WEIGHTS_ROW_MAX ((int64_t)1 << 61)

/* Row c is output c; of one row, d weights and then the intercept. */
struct weights {
	enum sums_kind kind;
	char features[SUMS_FEATURES_MAX + 1];
	size_t d, count;
	int64_t lambda;
	char **label;	/* NULL for numbers */
	int64_t *w;	/* count rows of d + 1 */
	int64_t *proof; /* as w, in units of 2^-92; NULL when there is none */
};

/* Zeros, with the labels of s. */
must_use int weights_create(struct weights **ret, const struct sums *s, int64_t lambda,
			    struct error *e);
void weights_destroy(struct weights *w); /* wipes; NULL is fine */
SCOPED(weights, weights_destroy);

static inline const int64_t *weights_row(const struct weights *w, size_t output)
{
	return w->w + output * (w->d + 1);
}

/* Does every row keep WEIGHTS_ROW_MAX? */
bool weights_fit(const struct weights *w);
/* The scores of one record of d features, count of them. */
void weights_scores(const struct weights *w, const int8_t *x, int64_t *ret_scores);
/* The output with the highest score; of equal ones the first. */
size_t weights_best(const int64_t *scores, size_t count);

/* One safetensors file, tensors of I64; the same weights are always the same bytes. Appends.
 * The proof is a file of its own, to be given along with the sums; E_NOT_FOUND when w has none. */
must_use int weights_put(const struct weights *w, struct buf *b, struct error *e);
must_use int weights_put_proof(const struct weights *w, struct buf *b, struct error *e);
/* What weights_sha256 is. */
must_use int weights_digest(const struct weights *w, struct hash *ret, struct error *e);
/* Errors: E_FORMAT, E_RANGE, E_MEMORY. */
must_use int weights_parse(struct weights **ret, const void *bytes, size_t len_bytes,
			   struct error *e);
/* Give w the proof of this file. Errors: also E_MISMATCH, of other weights. */
must_use int weights_parse_proof(struct weights *w, const void *bytes, size_t len_bytes,
				 struct error *e);

#endif
