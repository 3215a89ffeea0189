/*
 * bands: the rule "bands1" of feature.h, from a square of grey to features. For feature.c.
 */
#ifndef LEARN_BANDS_H
#define LEARN_BANDS_H

#include <stdint.h>

enum { BANDS_SIDE = 48, BANDS_CELL = 8, BANDS_GRID = BANDS_SIDE / BANDS_CELL, BANDS_WAYS = 8,
       BANDS_EDGES = BANDS_GRID * BANDS_GRID * BANDS_WAYS, BANDS_D = 1024 };

#define BANDS_DESCRIPTION \
	"grey = 77 R + 150 G + 29 B; 48 x 48 means by area times 16, rounded down; " \
	"differences of the two neighbours; 8 directions, parts of 45 degrees to each " \
	"side; cells of 8, linear between cells; by the root of the squares of each of " \
	"the four 2 x 2 cells around plus 200, at most 60 of 256, mean of four, root; " \
	"1024 sums with signs from SHA-256 of rescind/features/bands1/N, sizes by 32, " \
	"at most 127"

/* image: BANDS_SIDE squared, 0 to 4080; ret: BANDS_EDGES, 0 to 127. */
void bands_edges(const uint16_t *image, uint8_t *ret);
/* 1 and -1, BANDS_D rows of BANDS_EDGES: bits, from the lowest, of the bytes of the stream. */
void bands_signs(int8_t *ret);
/* ret: BANDS_D, 0 to 127. */
void bands_project(const int8_t *signs, const uint8_t *edges, int8_t *ret);

#endif
