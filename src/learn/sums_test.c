#include "learn/sums.h"

#include <stdio.h>
#include <string.h>

#include "base/test.h"
#include "learn/world.h"

static struct error e;
static struct world w;

enum { D = WORLD_DIM };

static struct sums *make(size_t from, size_t count, int numbers)
{
	struct records r = numbers ? world_numbered(&w, D, from, count)
				   : world_labelled(&w, D, from, count);
	struct sums *s = NULL;

	world_make(&w, D, 7, 0);
	check_ok(sums_create(&s, "test@1", D, numbers ? 2 : 0, &e));
	check_ok(sums_add(s, &r, &e));
	return s;
}

TEST(what_is_subtracted_was_never_there)
{
	for (int numbers = 0; numbers < 2; numbers++)
		for (size_t count = 0; count <= WORLD_RECORDS; count += 50) {
			scoped(sums) *all = make(0, WORLD_RECORDS, numbers);
			scoped(sums) *left = make(count, WORLD_RECORDS - count, numbers);
			struct records r = numbers ? world_numbered(&w, D, 0, count)
						   : world_labelled(&w, D, 0, count);

			check(sums_equal(all, left) == (count == 0));
			check_ok(sums_subtract(all, &r, &e));
			check(sums_equal(all, left));
		}
}

TEST(sums_have_no_order_and_no_parts)
{
	scoped(sums) *all = make(0, WORLD_RECORDS, 0), *other = NULL, *part = make(100, 200, 0);

	check_ok(sums_create(&other, "test@1", D, 0, &e));
	for (size_t i = WORLD_RECORDS; i-- > 0;) {
		struct records r = world_labelled(&w, D, i, 1);

		if (i < 100 || i >= 300)
			check_ok(sums_add(other, &r, &e));
	}
	check(!sums_equal(all, other));
	check_ok(sums_merge(other, part, &e));
	check(sums_equal(all, other));
	check_ok(sums_unmerge(other, part, &e));
	check_ok(sums_unmerge(all, part, &e));
	check(sums_equal(all, other));
}

TEST(labels_are_those_with_a_record_in_the_order_of_their_bytes)
{
	scoped(sums) *s = make(0, WORLD_RECORDS, 0);
	static const char *const want[] = { "Z", "a", "a b", "b", "\xc3\xa9" };

	check(s->count == 5);
	for (size_t i = 0; i < 5; i++)
		check(strcmp(s->output[i].label, want[i]) == 0);
	for (size_t i = 0; i < WORLD_RECORDS; i++) {
		struct records r = world_labelled(&w, D, i, 1);

		if (strcmp(w.labels[i], "a b") == 0)
			check_ok(sums_subtract(s, &r, &e));
	}
	check(s->count == 4);
	check(strcmp(s->output[2].label, "b") == 0);
}

TEST(sums_without_records_are_those_that_were_made)
{
	scoped(sums) *s = make(0, WORLD_RECORDS, 0), *none = make(0, 0, 0);
	struct records r = world_labelled(&w, D, 0, WORLD_RECORDS);

	check_ok(sums_subtract(s, &r, &e));
	check(sums_equal(s, none));
	check(s->count == 0);
}

TEST(what_cannot_have_been_there_is_not_subtracted_and_nothing_is_changed)
{
	scoped(sums) *s = make(0, 50, 0), *same = make(0, 50, 0), *more = make(0, 51, 0);
	struct records r = world_labelled(&w, D, 0, 51);
	static const char *const unknown[] = { "nobody" };

	check_code(sums_subtract(s, &r, &e), E_MISMATCH);
	check(sums_equal(s, same));
	r.count = 1;
	r.labels = unknown;
	check_code(sums_subtract(s, &r, &e), E_MISMATCH);
	check(sums_equal(s, same));
	check_code(sums_unmerge(s, more, &e), E_MISMATCH);
	check(sums_equal(s, same));
}

TEST(the_last_record_of_a_label_takes_its_own_features_and_no_others)
{
	scoped(sums) *s = make(0, 50, 0), *same = NULL;
	struct records r = world_labelled(&w, D, 0, 1), wrong = r;
	static const char *const single[] = { "single" };

	r.labels = wrong.labels = single;
	check_ok(sums_add(s, &r, &e));
	check_ok(sums_copy(&same, s, &e));
	wrong.features += D;
	check_code(sums_subtract(s, &wrong, &e), E_MISMATCH);
	check(sums_equal(s, same));
	check_ok(sums_subtract(s, &r, &e));
}

TEST(one_record_subtracted_twice_from_few_is_seen)
{
	scoped(sums) *s = make(0, 2, 0);
	struct records r = world_labelled(&w, D, 0, 1);

	check_ok(sums_subtract(s, &r, &e));
	check_code(sums_subtract(s, &r, &e), E_MISMATCH);
}

TEST(sums_of_other_features_do_not_mix)
{
	scoped(sums) *s = make(0, 10, 0), *n = make(0, 10, 1), *other = NULL, *small = NULL;

	check_ok(sums_create(&other, "test@2", D, 0, &e));
	check_ok(sums_create(&small, "test@1", D - 1, 0, &e));
	check_code(sums_merge(s, other, &e), E_MISMATCH);
	check_code(sums_merge(s, small, &e), E_MISMATCH);
	check_code(sums_merge(s, n, &e), E_MISMATCH);
	check_code(sums_unmerge(s, other, &e), E_MISMATCH);
}

static int create(const char *features, size_t d, size_t numbers)
{
	scoped(sums) *s = NULL;

	return sums_create(&s, features, d, numbers, &e);
}

TEST(sizes_have_limits)
{
	char name[SUMS_FEATURES_MAX + 2];

	check_code(create("x", 0, 0), E_RANGE);
	check_code(create("x", SUMS_DIM_MAX + 1, 0), E_RANGE);
	check_code(create("x", 1, SUMS_OUTPUTS_MAX + 1), E_RANGE);
	check_ok(create("x", 1, SUMS_OUTPUTS_MAX));
	check_code(create("x", 4097, SUMS_OUTPUTS_MAX), E_RANGE);
	check_code(create("", 1, 0), E_FORMAT);
	check_code(create("a b", 1, 0), E_FORMAT);
	memset(name, 'x', sizeof(name));
	name[SUMS_FEATURES_MAX + 1] = 0;
	check_code(create(name, 1, 0), E_FORMAT);
	name[SUMS_FEATURES_MAX] = 0;
	check_ok(create(name, 1, 0));
}

static int add_label(const char *label)
{
	scoped(sums) *s = NULL;
	const int8_t x = 1;
	struct records r = { 1, &x, &label, NULL };
	int code;

	check_ok(sums_create(&s, "x", 1, 0, &e));
	code = sums_add(s, &r, &e);
	check(s->count == (code == 0));
	check(s->n == (code == 0));
	return code;
}

TEST(labels_are_text_of_1_to_255_bytes)
{
	char label[SUMS_LABEL_MAX + 2];

	memset(label, 'y', sizeof(label));
	label[SUMS_LABEL_MAX + 1] = 0;
	check_code(add_label(label), E_FORMAT);
	label[SUMS_LABEL_MAX] = 0;
	check_ok(add_label(label));
	check_code(add_label(""), E_FORMAT);
	check_code(add_label("\xff"), E_FORMAT);
	check_code(add_label("a\nb"), E_FORMAT);
}

TEST(numbers_have_a_limit)
{
	scoped(sums) *s = NULL;
	const int8_t x = -128;
	int32_t t = SUMS_TARGET_MAX + 1;
	struct records r = { 1, &x, NULL, &t };

	check_ok(sums_create(&s, "x", 1, 1, &e));
	check_code(sums_add(s, &r, &e), E_RANGE);
	t = -SUMS_TARGET_MAX - 1;
	check_code(sums_add(s, &r, &e), E_RANGE);
	t = -SUMS_TARGET_MAX;
	check_ok(sums_add(s, &r, &e));
	check(s->output[0].x[0] == 128 * SUMS_TARGET_MAX);
	r.numbers = NULL;
	check_code(sums_add(s, &r, &e), E_RANGE);
}

TEST_MAIN("learn sums")
