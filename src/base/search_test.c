#include "base/search.h"

#include "base/test.h"

struct item {
	uint64_t n, other;
};

TEST(the_first_that_is_not_below_is_found_in_every_small_list)
{
	struct item list[9];

	/* Every list of up to 9 numbers that ascend by 0 to 2. */
	for (size_t shape = 0; shape < 19683; shape++) {
		size_t left = shape, count = shape % 10;
		uint64_t n = 0;

		for (size_t i = 0; i < 9; i++, left /= 3)
			list[i] = (struct item){ n += left % 3, UINT64_MAX };
		for (n = 0; n <= 19; n++) {
			size_t want = 0;

			while (want < count && list[want].n < n)
				want++;
			check(search_from(list, count, sizeof(*list), n) == want);
		}
	}
	check(search_from(list, 0, sizeof(*list), 5) == 0 && search_from(NULL, 0, 8, 5) == 0);
	list[0].n = UINT64_MAX;
	check(search_from(list, 1, sizeof(*list), UINT64_MAX) == 0);
}

TEST_MAIN("base/search")
