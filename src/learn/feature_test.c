#include "learn/feature.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "learn/world.h"

static struct error e;
static uint8_t samples[300 * 300 * 3];
static int8_t x[SUMS_DIM_MAX], y[SUMS_DIM_MAX];

TEST(every_rule_makes_what_its_digest_says)
{
	for (size_t i = 0; features_rule(i); i++) {
		scoped(features) *f = NULL, *again = NULL;

		check_ok(features_create(&f, features_rule(i), &e));
		check_ok(features_digest_check(f, &e));
		check_ok(features_create(&again, features_name(f), &e));
		check(features_dim(again) == features_dim(f) && features_dim(f) <= SUMS_DIM_MAX);
	}
}

TEST(a_rule_of_another_digest_is_not_found)
{
	struct features *f = NULL;

	check_code(features_create(&f, "pixels@", &e), E_NOT_FOUND);
	check_code(features_create(&f, "pixels@00000000000000000000000000000000", &e), E_NOT_FOUND);
	check_code(features_create(&f, "pixel", &e), E_NOT_FOUND);
	check_code(features_create(&f, "", &e), E_NOT_FOUND);
}

static void make(const char *rule, size_t width, size_t height, size_t channels, int8_t *ret)
{
	scoped(features) *f = NULL;
	struct picture p = { samples, width, height, channels };

	check_ok(features_create(&f, rule, &e));
	check_ok(features_of(f, &p, ret, &e));
	for (size_t i = 0; i < features_dim(f); i++)
		check(ret[i] >= 0);
}

TEST(pixels_of_one_colour_are_that_colour_at_every_size)
{
	memset(samples, 201, sizeof(samples));
	for (size_t width = 1; width < 300; width += 13)
		for (size_t height = 1; height < 300; height += 37) {
			make("pixels", width, height, 1 + 2 * (width % 2), x);
			for (size_t i = 0; i < 1024; i++)
				check(x[i] == 100);
		}
}

/* 64 x 96 to 32 x 32: each the mean of 2 x 3. */
TEST(pixels_are_means_by_area)
{
	uint64_t seed = 4;

	for (size_t i = 0; i < 64 * 96; i++)
		samples[i] = (uint8_t)world_random(&seed);
	make("pixels", 64, 96, 1, x);
	for (size_t i = 0; i < 1024; i++) {
		unsigned sum = 0;

		for (size_t k = 0; k < 6; k++)
			sum += samples[(i / 32 * 3 + k / 2) * 64 + i % 32 * 2 + k % 2];
		check((unsigned)x[i] == sum * 16 / 6 / 32);
	}
}

TEST(grey_is_the_same_in_one_channel_and_in_three)
{
	static uint8_t grey[100 * 80];
	uint64_t seed = 4;

	for (size_t i = 0; i < sizeof(grey); i++)
		grey[i] = (uint8_t)world_random(&seed);
	for (size_t r = 0; features_rule(r); r++) {
		for (size_t i = 0; i < 3 * sizeof(grey); i++)
			samples[i] = grey[i / 3];
		make(features_rule(r), 100, 80, 3, x);
		memcpy(samples, grey, sizeof(grey));
		make(features_rule(r), 100, 80, 1, y);
		check(memcmp(x, y, 1024) == 0);
	}
}

TEST(extreme_pictures_stay_in_range)
{
	for (size_t period = 1; period < 40; period++) {
		for (size_t i = 0; i < 96 * 96; i++)
			samples[i] = (i % 96 + i / 96) / period % 2 ? 255 : 0;
		make("bands1", 96, 96, 1, x);
		make("bands1", 48, 192, 1, x);
	}
}

TEST(pictures_of_no_pixels_too_many_or_two_channels_are_refused)
{
	scoped(features) *f = NULL;
	struct picture p = { samples, 10, 10, 1 };

	check_ok(features_create(&f, features_default(), &e));
	check_ok(features_of(f, &p, x, &e));
	p.width = 0;
	check_code(features_of(f, &p, x, &e), E_RANGE);
	p.width = PICTURE_SIDE_MAX + 1;
	check_code(features_of(f, &p, x, &e), E_RANGE);
	p.width = PICTURE_SIDE_MAX;
	p.height = PICTURE_SIDE_MAX;
	check_code(features_of(f, &p, x, &e), E_RANGE);
	p.width = p.height = 10;
	p.channels = 2;
	check_code(features_of(f, &p, x, &e), E_RANGE);
}

TEST_MAIN("learn features")
