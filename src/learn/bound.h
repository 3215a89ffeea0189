/*
 * bound: how far weights can be from the exact solution, by their residual, in integers. For
 * solve.c, which finds them, and check.c, which believes nobody.
 */
#ifndef LEARN_BOUND_H
#define LEARN_BOUND_H

#include <stdbool.h>

#include "learn/sums.h"
#include "learn/wide.h"

/* Entry i of the right side of the system for this output; i = d is that of the intercept. */
int128 bound_right(const struct sums *s, size_t output, size_t i);

/* From the residual r (d entries, stride apart) and r_b, in units of 2^-P: no weight is further
 * from the solution than *ret units, the intercept not further than *ret_b; both rounded up.
 * False when the residual is too large to say (2^72). */
bool bound_errors(const struct sums *s, int64_t lambda, const int128 *r, size_t stride, int128 r_b,
		  int128 *ret, int128 *ret_b);

#endif
