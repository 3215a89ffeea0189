/*
 * solve: weights from sums. They are defined, not computed: with t = 2 [this label] - 1, or the
 * numbers, and R = sum of x t, the system
 *
 *   [ G + lambda I   s ] [w]   [ R      ]
 *   [ s'             n ] [b] = [ sum t  ]                all of it integers
 *
 * has one exact, rational solution w*, b*, and the weights are floor(2^30 w* + 1/2). A guess in
 * floating point finds them; residuals in integers of 128 bits correct it and prove it: the sums
 * of squares are positive, so with rho = r_w - s r_b / n
 *
 *   |w - w*| <= |rho| / lambda          |b - b*| <= |r_b| / n + |s| |rho| / (lambda n)
 *
 * and when no multiple of the unit plus a half lies that near, the rounding is decided. So the
 * same sums give the same bits with every compiler, processor, number of threads and guess. The
 * proof is the same weights to 92 bits behind the point (w 2^62 + proof, rounded the same way):
 * from them and the sums, learn_check comes to the same decision without floating point.
 *
 * Memory beside the sums, for d features: 8 d^2 bytes (a factor, and the sums in 32 bits; 12 d^2
 * when a product is beyond those), 80 d for each of at most 128 outputs that are solved at a time,
 * and 16 for each weight of the answer. With d = 1,024 and 200 outputs that is 20 MB. The most
 * there may be is 2^26 weights: 8,192 outputs of 8,192 features take 1.7 GB (2.0 with products
 * beyond 32 bits), 16,384 of 4,096 features 1.3 GB. learn_check takes 32 d for each thread.
 */
#ifndef LEARN_SOLVE_H
#define LEARN_SOLVE_H

#include "learn/sums.h"
#include "learn/weights.h"

#define LEARN_LAMBDA_MAX ((int64_t)1 << 46)
enum { LEARN_LAMBDA_PART = 4 };

/* The strength used when nobody says one, a function of the sums and of nothing else: the
 * greatest power of two not above 1 / LEARN_LAMBDA_PART of the mean over features of
 * sum (x_i - mean)^2, and at least 1. A power, so that it seldom moves when records leave. */
int64_t learn_lambda(const struct sums *s);

/* lambda 0 means learn_lambda. Of labels, those with a record, in the order of their bytes.
 * Errors: E_MEMORY; E_RANGE, no records, lambda below 0 or above its maximum, weights too large for
 * the unit, or a rounding that stays undecided (w* exactly halfway, or sums too near to singular:
 * choose a larger lambda). A better guess might decide it, but never differently. */
must_use int learn_solve(struct weights **ret, const struct sums *s, int64_t lambda,
			 struct error *e);

/* Are these the weights of these sums, to the last unit? Integers only. Errors: E_MISMATCH, they
 * are not, or of other features, labels or lambda (lambda is 0, the default, or what it must be);
 * E_NOT_FOUND, w has no proof; E_MEMORY. */
must_use int learn_check(const struct weights *w, const struct sums *s, int64_t lambda,
			 struct error *e);

#endif
