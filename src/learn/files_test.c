#include <stdio.h>
#include <string.h>

#include "base/test.h"
#include "learn/solve.h"
#include "learn/world.h"

static struct error e;
static struct world w;

static struct sums *make(int numbers, size_t count)
{
	struct records r = numbers ? world_numbered(&w, 9, 0, count)
				   : world_labelled(&w, 9, 0, count);
	struct sums *s = NULL;

	world_make(&w, 9, 5, 0);
	check_ok(sums_create(&s, "test@1", 9, numbers ? 2 : 0, &e));
	check_ok(sums_add(s, &r, &e));
	return s;
}

static struct buf *written(int (*put)(const struct weights *, struct buf *, struct error *),
			   const struct weights *x)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	check_ok(put(x, b, &e));
	return b;
}

TEST(sums_are_read_as_they_were_written)
{
	for (int numbers = 0; numbers < 2; numbers++)
		for (size_t count = 0; count <= 300; count += 100) {
			scoped(sums) *s = make(numbers, count), *again = NULL;
			scoped(buf) *b = NULL, *c = NULL;

			check_ok(buf_create(&b, 0, &e));
			check_ok(buf_create(&c, 0, &e));
			check_ok(sums_put(s, b, &e));
			check_ok(sums_parse(&again, b->data, b->len, &e));
			check(sums_equal(s, again));
			check_ok(sums_put(again, c, &e));
			check(b->len == c->len && memcmp(b->data, c->data, b->len) == 0);
		}
}

TEST(weights_and_their_proof_are_read_as_they_were_written)
{
	for (int numbers = 0; numbers < 2; numbers++) {
		scoped(sums) *s = make(numbers, 300);
		scoped(weights) *x = NULL, *again = NULL;
		scoped(buf) *b = NULL, *proof = NULL, *c = NULL;

		check_ok(learn_solve(&x, s, 0, &e));
		b = written(weights_put, x);
		proof = written(weights_put_proof, x);
		check_ok(weights_parse(&again, b->data, b->len, &e));
		check_code(learn_check(again, s, 0, &e), E_NOT_FOUND);
		check_ok(weights_parse_proof(again, proof->data, proof->len, &e));
		check_ok(learn_check(again, s, 0, &e));
		c = written(weights_put, again);
		check(b->len == c->len && memcmp(b->data, c->data, b->len) == 0);
		again->w[3]++;
		check_code(weights_parse_proof(again, proof->data, proof->len, &e), E_MISMATCH);
	}
}

TEST(a_file_of_one_kind_is_none_of_another)
{
	scoped(sums) *s = make(0, 300), *no_sums = NULL;
	scoped(weights) *x = NULL, *no_weights = NULL;
	scoped(buf) *b = NULL, *of_sums = NULL;

	check_ok(learn_solve(&x, s, 0, &e));
	b = written(weights_put, x);
	check_ok(buf_create(&of_sums, 0, &e));
	check_ok(sums_put(s, of_sums, &e));
	check_code(sums_parse(&no_sums, b->data, b->len, &e), E_FORMAT);
	check_code(weights_parse(&no_weights, of_sums->data, of_sums->len, &e), E_FORMAT);
	check_code(weights_parse_proof(x, b->data, b->len, &e), E_FORMAT);
}

/* Every byte of the header changed, every kind of number in the data: no reading goes wrong, and
 * what is read could have been sums. */
TEST(damaged_files_are_refused_or_harmless)
{
	scoped(sums) *s = make(1, 50);
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	check_ok(sums_put(s, b, &e));
	for (size_t i = 0; i < b->len; i++)
		for (int bit = 1; bit < 256; bit *= 4) {
			scoped(sums) *again = NULL;

			b->data[i] ^= (uint8_t)bit;
			if (sums_parse(&again, b->data, b->len, &e) == 0)
				check_ok(sums_possible(again, &e));
			else
				check(e.code == E_FORMAT || e.code == E_RANGE);
			b->data[i] ^= (uint8_t)bit;
		}
	for (size_t len = 0; len < b->len; len++) {
		struct sums *again = NULL;

		check_code(sums_parse(&again, b->data, len, &e), E_FORMAT);
	}
}

TEST(labels_that_are_not_in_order_are_refused)
{
	scoped(sums) *s = make(0, 300), *again = NULL;
	scoped(buf) *b = NULL;
	struct output first;

	check_ok(buf_create(&b, 0, &e));
	first = s->output[0];
	s->output[0] = s->output[1];
	s->output[1] = first;
	check_ok(sums_put(s, b, &e));
	check_code(sums_parse(&again, b->data, b->len, &e), E_FORMAT);
}

TEST(sums_of_a_square_below_0_are_refused)
{
	scoped(sums) *s = make(0, 300), *again = NULL;
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	s->g[sums_triangle(9) - 1] = -1;
	check_ok(sums_put(s, b, &e));
	check_code(sums_parse(&again, b->data, b->len, &e), E_FORMAT);
}

TEST_MAIN("learn files")
