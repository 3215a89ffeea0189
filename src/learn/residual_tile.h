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

/*
 * RESIDUAL_ROWS rows of a symmetric matrix of which there is the lower triangle, by rows: what is
 * left of the square on the diagonal lies in their own rows, what is right of it in the columns
 * below the square, where the next row is one entry longer.
 *
 *         row[0] #### |o     |
 *         row[1] #### |oo    |  square
 *                      ------
 *         below        #      below + 0
 *                      #      below + longer
 */
struct residual_rows {
	const int64_t *row[RESIDUAL_ROWS];
	int64_t square[RESIDUAL_ROWS][RESIDUAL_ROWS]; /* by columns */
	const int64_t *below;
	size_t at, d, longer;	/* longer: from the first row below to the next */
};

/* Rows from at on of the triangle g of d rows. */
void residual_rows_at(const int64_t *g, size_t d, size_t at, struct residual_rows *ret);

/* out[r][c] = sum_j g[r][j] x[j][c], where g is the lower or, with high, the upper 32 bits of an
 * entry, with their sign, and x fits 32 bits; no sum of sizes reaches 2^63. x has d rows. */
typedef void residual_call(const struct residual_rows *g, bool high, const int64_t *x,
			   int64_t out[RESIDUAL_ROWS][RESIDUAL_COLS]);

struct residual_kernel {
	const char *name;
	bool (*usable)(void);
	residual_call *one;
	/* Of two blocks, the second one gap after the first; out has room for both. */
	void (*two)(const struct residual_rows *g, bool high, const int64_t *x, size_t gap,
		    int64_t (*out)[RESIDUAL_COLS]);
};

/* The fastest first; the last is plain C and always usable. */
extern const struct residual_kernel residual_kernels[];
extern const size_t residual_kernel_count;

#endif
