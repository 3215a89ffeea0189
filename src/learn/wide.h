/*
 * wide: integers of 128 bits, which gcc and clang have and C17 does not name.
 */
#ifndef LEARN_WIDE_H
#define LEARN_WIDE_H

#include <stdint.h>

__extension__ typedef __int128 int128;

static inline int128 wide_abs(int128 x)
{
	return x < 0 ? -x : x;
}

/* x divided by y above 0, rounded down. */
static inline int128 wide_floor(int128 x, int128 y)
{
	int128 q = x / y;

	return q * y > x ? q - 1 : q;
}

/* x divided by 2^bits, rounded down; as gcc and clang shift. */
static inline int128 wide_shift(int128 x, unsigned bits)
{
	return x >> bits;
}

#endif
