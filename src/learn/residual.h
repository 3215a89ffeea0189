/*
 * residual: G times integers, exactly and fast: G as 32-bit limbs, what it is multiplied with as
 * short digits, so that whole sums fit 64 bits. For solve.c.
 */
#ifndef LEARN_RESIDUAL_H
#define LEARN_RESIDUAL_H

#include "learn/sums.h"
#include "learn/wide.h"

enum { RESIDUAL_COLS = 16, RESIDUAL_BITS_MAX = 52 };

struct residual;

must_use int residual_create(struct residual **ret, const struct sums *s, struct error *e);
void residual_destroy(struct residual *r); /* wipes; NULL is fine */
SCOPED(residual, residual_destroy);

/* What G may be multiplied with: |x| below 2^bits, at most RESIDUAL_BITS_MAX. */
unsigned residual_bits(const struct residual *r);

/* sum[i][c] -= sum_j G[i][j] x[j][c] for blocks of RESIDUAL_COLS columns, each of d rows. */
must_use int residual_subtract(struct residual *r, size_t blocks, const int64_t *x, int128 *sum,
			       struct error *e);

#endif
