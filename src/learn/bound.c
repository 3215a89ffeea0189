#include "learn/bound.h"

int128 bound_right(const struct sums *s, size_t output, size_t i)
{
	const struct output *o = &s->output[output];

	if (s->kind == SUMS_NUMBERS)
		return i < s->d ? o->x[i] : o->sum;
	return i < s->d ? 2 * (int128)o->x[i] - s->s[i] : 2 * (int128)o->sum - s->n;
}

static int128 divide_up(int128 x, int128 y)
{
	return x / y + (x % y > 0);
}

/* The smallest integer whose square is not below x, x from 0 to 2^124. */
static int128 root_up(int128 x)
{
	int128 low = 0, high = (int128)1 << 62;

	while (low < high) {
		int128 middle = (low + high) / 2;

		if (middle * middle < x)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * The length of n rho is taken as the sum of its sizes, which is not below it; |n rho_i| is at
 * most 2^32 2^72 + 2^39 2^72, and d of them are below 2^125. |s| is below 2^46.
 */
bool bound_errors(const struct sums *s, int64_t lambda, const int128 *r, size_t stride, int128 r_b,
		  int128 *ret, int128 *ret_b)
{
	const int128 most = (int128)1 << 72;
	int128 sum = 0, squares = 0, error;

	if (wide_abs(r_b) > most)
		return false;
	for (size_t i = 0; i < s->d; i++) {
		if (wide_abs(r[i * stride]) > most)
			return false;
		sum += wide_abs(s->n * r[i * stride] - s->s[i] * r_b);
		squares += (int128)s->s[i] * s->s[i];
	}
	error = divide_up(sum, (int128)s->n * lambda);
	if (error > most)
		return false;
	*ret = error;
	*ret_b = divide_up(wide_abs(r_b) + root_up(squares) * error, s->n);
	return true;
}
