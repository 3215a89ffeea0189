/*
 * residual_tile: the hot loop of residual.c, for the processors there are; all of them give the
 * same integers. For residual.c and its test.
 */
#ifndef LEARN_RESIDUAL_TILE_H
#define LEARN_RESIDUAL_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RESIDUAL_ROWS = 8, RESIDUAL_COLS = 8 };

/* out[r][c] = sum_j g[j][r] x[j][c] for j below d; x fits 32 bits, no sum of sizes reaches 2^63. */
typedef void residual_call(const int32_t (*g)[RESIDUAL_ROWS], size_t d, const int64_t *x,
			   int64_t out[RESIDUAL_ROWS][RESIDUAL_COLS]);

struct residual_kernel {
	const char *name;
	bool (*usable)(void);
	residual_call *one;
	/* Of two blocks, the second one gap after the first; out has room for both. */
	void (*two)(const int32_t (*g)[RESIDUAL_ROWS], size_t d, const int64_t *x, size_t gap,
		    int64_t (*out)[RESIDUAL_COLS]);
};

/* The fastest first; the last is plain C and always usable. */
extern const struct residual_kernel residual_kernels[];
extern const size_t residual_kernel_count;

#endif
