/*
 * residual: G times integers, exactly and fast: G in 32 bits or two times 32, what it is
 * multiplied with as short digits, so that whole sums fit 64 bits. For solve.c.
 */
#ifndef LEARN_RESIDUAL_H
#define LEARN_RESIDUAL_H

#include "learn/crew.h"
#include "learn/residual_tile.h"
#include "learn/sums.h"
#include "learn/wide.h"

enum { RESIDUAL_BITS_MAX = 52 };

struct residual;

/* The crew, which may be NULL, and s are lent until the end; blocks is how many there will be at
 * most. Errors: E_MEMORY; E_RANGE, sums of no records. */
must_use int residual_create(struct residual **ret, struct crew *c, const struct sums *s,
			     size_t blocks, struct error *e);
void residual_destroy(struct residual *r); /* wipes; NULL is fine */
SCOPED(residual, residual_destroy);

/* What G may be multiplied with: |x| below 2^bits, at most RESIDUAL_BITS_MAX with two digits. A
 * block whose numbers all fit one digit takes half the time; one of zeros takes none. */
unsigned residual_bits(const struct residual *r, unsigned digits);

/* sum[i][c] -= sum_j G[i][j] x[j][c] for blocks of RESIDUAL_COLS columns, each of d rows. */
must_use int residual_subtract(struct residual *r, size_t blocks, const int64_t *x, int128 *sum,
			       struct error *e);

#endif
