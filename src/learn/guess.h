/*
 * guess: a Cholesky factor in floating point of
 *
 *   S = G - s s'/n + lambda I
 *
 * to find weights with. What it says is a guess: it may differ between machines, compilers and
 * runs, and no digit of it enters a model; solve.c corrects it by exact residuals and proves what
 * comes out. For solve.c alone.
 */
#ifndef LEARN_GUESS_H
#define LEARN_GUESS_H

#include "learn/crew.h"
#include "learn/sums.h"

enum { GUESS_COLS = 8 };

struct guess;

/* The crew, which may be NULL, is lent for the call. Errors: E_MEMORY; E_RANGE, not positive
 * definite as far as doubles can tell. */
must_use int guess_create(struct guess **ret, struct crew *c, const struct sums *s, int64_t lambda,
			  struct error *e);
void guess_destroy(struct guess *g); /* wipes; NULL is fine */
SCOPED(guess, guess_destroy);

/* x becomes about S^-1 x: groups of GUESS_COLS columns, guess_rows rows of each, aligned to 64
 * bytes, those from d on 0. Any thread. */
size_t guess_rows(const struct guess *g);
void guess_solve(const struct guess *g, double *x, size_t groups);

#endif
