/*
 * gram: G += X'X for rows of 8-bit integers, on all processors, the hot loop of training. One of
 * several kernels is chosen when it is called, by what the processor can do; all of them give the
 * same integers. For sums.c, its tests and its bench.
 */
#ifndef LEARN_GRAM_H
#define LEARN_GRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/own.h"
#include "learn/crew.h"

/* A tile of sums over 4*k4 records: out[r][c] = sum of a_r (b_c + 128). Packed as
 * a[k4][GRAM_ROWS][4] and, with 128 added, b[k4][GRAM_COLS][4]. */
enum { GRAM_ROWS = 8, GRAM_COLS = 48, GRAM_BLOCK = 4096 /* records at a time */ };

typedef void gram_tile(const int8_t *a, const uint8_t *b, size_t k4,
		       int32_t out[GRAM_ROWS][GRAM_COLS]);

/* Row r of a tile into a row of G: to[c] += sign (out[c] - bias), count of them. */
typedef void gram_row(const int32_t *out, int32_t bias, int sign, size_t count, int64_t *to);

struct gram_kernel {
	const char *name;
	bool (*usable)(void);
	gram_tile *tile;
	gram_row *row;
};

/* The fastest first; the last is plain C and always usable. */
extern const struct gram_kernel gram_kernels[];
extern const size_t gram_kernel_count;
const struct gram_kernel *gram_best(void);

/* Add sign (1 or -1) times the sums of count rows of d to the lower triangle g and to s, with the
 * crew, which may be NULL. The caller saw to it that nothing overflows. Errors: E_MEMORY; then
 * nothing was added. */
must_use int gram_add(const struct gram_kernel *k, struct crew *c, int64_t *g, int64_t *s,
		      const int8_t *rows, size_t count, size_t d, int sign, struct error *e);

#endif
