#include "learn/bands.h"

#include <stdio.h>
#include <string.h>

#include "crypto/hash.h"

enum { CLIP = 60, FLOOR = 200, COS_45 = 181, SPREAD = 256 - COS_45, SHIFT = 5 };

static const int16_t way_x[BANDS_WAYS] = { 256, 181, 0, -181, -256, -181, 0, 181 };
static const int16_t way_y[BANDS_WAYS] = { 0, 181, 256, 181, 0, -181, -256, -181 };

/* The root, rounded down. */
static uint32_t root(uint64_t x)
{
	uint64_t r = 0, bit = x ? (uint64_t)1 << ((63 - __builtin_clzll(x)) & ~1) : 0;

	for (; bit; bit >>= 2) {
		if (x >= r + bit) {
			x -= r + bit;
			r = (r >> 1) + bit;
		} else {
			r >>= 1;
		}
	}
	return (uint32_t)r;
}

typedef uint32_t cells[BANDS_GRID][BANDS_GRID][BANDS_WAYS];

/*
 * A pixel shares what it has among the four cells whose centres are around it, in parts of
 * (2 CELL)^2. Counted in half pixels, centres lie at CELL, 3 CELL, 5 CELL, ...
 */
static void add_edge(cells to, int x, int y, int way, uint32_t size)
{
	int at_x = 2 * x + 1 + BANDS_CELL, at_y = 2 * y + 1 + BANDS_CELL;

	for (int k = 0; k < 4; k++) {
		int column = at_x / (2 * BANDS_CELL) + (k & 1);
		int row = at_y / (2 * BANDS_CELL) + k / 2;
		int part_x = at_x % (2 * BANDS_CELL), part_y = at_y % (2 * BANDS_CELL);
		int by_x = k & 1 ? part_x : 2 * BANDS_CELL - part_x;
		int by_y = k / 2 ? part_y : 2 * BANDS_CELL - part_y;

		/* Row and column 0 and GRID + 1 are outside. */
		if (column < 1 || row < 1 || column > BANDS_GRID || row > BANDS_GRID)
			continue;
		to[row - 1][column - 1][way] += size * (uint32_t)(by_x * by_y) / 16;
	}
}

static void add_pixel(cells to, const uint16_t *image, int x, int y)
{
	const int last = BANDS_SIDE - 1;
	int across = image[y * BANDS_SIDE + (x < last ? x + 1 : x)] -
		     image[y * BANDS_SIDE + (x > 0 ? x - 1 : x)];
	int down = image[(y < last ? y + 1 : y) * BANDS_SIDE + x] -
		   image[(y > 0 ? y - 1 : y) * BANDS_SIDE + x];
	int size = (int)root((uint64_t)(across * across + down * down));

	for (int way = 0; way < BANDS_WAYS; way++) {
		int part = across * way_x[way] + down * way_y[way] - COS_45 * size;

		if (part > 0)
			add_edge(to, x, y, way, (uint32_t)(part / SPREAD));
	}
}

static uint64_t power_of(const uint32_t *cell)
{
	uint64_t sum = 0;

	for (int way = 0; way < BANDS_WAYS; way++)
		sum += (uint64_t)cell[way] * cell[way];
	return sum;
}

static int inside(int x)
{
	return x < 0 ? 0 : x < BANDS_GRID ? x : BANDS_GRID - 1;
}

/* The size of the four cells at this one and at its neighbours to one corner. */
static uint32_t around(uint64_t power[BANDS_GRID][BANDS_GRID], int row, int column, int corner)
{
	int up = corner & 2 ? 1 : -1, side = corner & 1 ? 1 : -1;

	return FLOOR + root(power[row][column] + power[row][inside(column + side)] +
			    power[inside(row + up)][column] +
			    power[inside(row + up)][inside(column + side)]);
}

static void relative(const uint32_t *cell, const uint32_t sizes[4], uint8_t *ret)
{
	for (int way = 0; way < BANDS_WAYS; way++) {
		uint64_t sum = 0;

		for (int k = 0; k < 4; k++) {
			uint64_t part = (uint64_t)cell[way] * 256 / sizes[k];

			sum += part < CLIP ? part : CLIP;
		}
		ret[way] = (uint8_t)root(sum / 4 * 127 * 127 / CLIP);
	}
}

void bands_edges(const uint16_t *image, uint8_t *ret)
{
	uint64_t power[BANDS_GRID][BANDS_GRID];
	cells c = { 0 };
	int x, y, k;

	for (y = 0; y < BANDS_SIDE; y++)
		for (x = 0; x < BANDS_SIDE; x++)
			add_pixel(c, image, x, y);
	for (y = 0; y < BANDS_GRID; y++)
		for (x = 0; x < BANDS_GRID; x++)
			power[y][x] = power_of(c[y][x]);
	for (y = 0; y < BANDS_GRID; y++)
		for (x = 0; x < BANDS_GRID; x++) {
			uint32_t sizes[4];

			for (k = 0; k < 4; k++)
				sizes[k] = around(power, y, x, k);
			relative(c[y][x], sizes, ret + (y * BANDS_GRID + x) * BANDS_WAYS);
		}
}

void bands_signs(int8_t *ret)
{
	struct hash h;
	char text[48];

	for (size_t i = 0; i < (size_t)BANDS_D * BANDS_EDGES; i++) {
		if (i % (8 * HASH_LEN) == 0) {
			snprintf(text, sizeof(text), "rescind/features/bands1/%zu",
				 i / (8 * HASH_LEN));
			hash_bytes(&h, text, strlen(text));
		}
		ret[i] = h.b[i / 8 % HASH_LEN] >> (i % 8) & 1 ? 1 : -1;
	}
}

void bands_project(const int8_t *signs, const uint8_t *edges, int8_t *ret)
{
	for (size_t i = 0; i < BANDS_D; i++, signs += BANDS_EDGES) {
		int32_t sum = 0;

		for (size_t k = 0; k < BANDS_EDGES; k++)
			sum += signs[k] * edges[k];
		sum = (sum < 0 ? -sum : sum) >> SHIFT;
		ret[i] = (int8_t)(sum < 127 ? sum : 127);
	}
}
