/*
 * guess_tile: the hot loops of guess.c, for the processors there are. In floating point, and
 * products may be fused with what they are added to: nothing here has to be the same anywhere.
 */
#ifndef LEARN_GUESS_TILE_H
#define LEARN_GUESS_TILE_H

#include <stdbool.h>
#include <stddef.h>

enum { TILE_ROWS = 8, TILE_COLS = 24, TILE_STRIP = 48, TILE_SQUARE = 96, TILE_GAP = 8,
       TILE_GROUP = 8 };

/*
 * A lower triangle in strips of TILE_STRIP rows. Rows of a strip are as long as its last one, and
 * a gap, so that one column is not all in one set of the cache:
 *
 *   |#  |
 *   |#####  |
 *   |#########  |
 */
struct triangle {
	size_t size;	 /* a multiple of TILE_COLS */
	double *a;
	double *inverse; /* of the diagonal */
};

static inline size_t triangle_stride(size_t row)
{
	return (row / TILE_STRIP + 1) * TILE_STRIP + TILE_GAP;
}

static inline size_t triangle_at(size_t row)
{
	size_t strip = row / TILE_STRIP;

	return (strip * (strip + 1) / 2 * TILE_STRIP + strip * TILE_GAP) * TILE_STRIP +
	       row % TILE_STRIP * triangle_stride(row);
}

struct guess_kernel {
	const char *name;
	bool (*usable)(void);
	/* TILE_ROWS x TILE_COLS of to lose left * side; side[k][c], TILE_COLS of each k. */
	void (*take)(const double *left, size_t left_stride, const double *side, size_t width,
		     double *to, size_t stride);
	/* The upper factor, by rows, of a square of width; and the inverse of the lower one. False
	 * when a root is not that of a positive number. */
	bool (*square)(double (*u)[TILE_SQUARE], double (*inverse)[TILE_SQUARE], size_t width);
	/* groups of TILE_GROUP right sides, size rows of each, become their solutions. */
	void (*solve)(const struct triangle *t, double *x, size_t groups);
};

/* The fastest first; the last is plain C and always usable. */
extern const struct guess_kernel guess_kernels[];
extern const size_t guess_kernel_count;
const struct guess_kernel *guess_kernel_best(void);

#endif
