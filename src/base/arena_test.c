#include "base/arena.h"

#include <string.h>

#include "base/test.h"

static struct error e;

TEST(what_an_arena_gives_is_zeroed_aligned_and_apart)
{
	const size_t sizes[] = { 0, 1, 15, 16, 17, 1000, 4096, 4097, 40000, 2 << 20 };
	scoped(arena) *a = NULL;
	uint8_t *given[COUNT_OF(sizes) * 20];
	size_t n = 0;

	check_ok(arena_create(&a, &e));
	for (size_t round = 0; round < 20; round++)
		for (size_t i = 0; i < COUNT_OF(sizes); i++) {
			uint8_t *p = arena_alloc(a, sizes[i], &e);

			check(p && (uintptr_t)p % _Alignof(max_align_t) == 0);
			for (size_t at = 0; at < sizes[i]; at++)
				check(p[at] == 0);
			memset(p, (int)n + 1, sizes[i]);
			given[n++] = p;
		}
	for (size_t i = 0; i < n; i++) {
		size_t size = sizes[i % COUNT_OF(sizes)];

		check(size == 0 || (given[i][0] == (uint8_t)(i + 1) &&
				    given[i][size - 1] == (uint8_t)(i + 1)));
	}
}

TEST(a_request_beyond_memory_is_refused)
{
	scoped(arena) *a = NULL;
	size_t cap = SIZE_MAX / 8;
	int array[1] = { 0 };

	check_ok(arena_create(&a, &e));
	check(!arena_alloc(a, SIZE_MAX, &e) && e.code == E_MEMORY);
	check(!arena_text(a, "", SIZE_MAX, &e));
	e.code = 0;
	check(!arena_grow(a, array, sizeof(*array), cap, &cap, &e) && e.code == E_MEMORY);
}

TEST(an_array_grows_one_by_one_and_keeps_its_items)
{
	scoped(arena) *a = NULL;
	size_t *array = NULL, cap = 0;

	check_ok(arena_create(&a, &e));
	for (size_t i = 0; i < 3000; i++) {
		array = arena_grow(a, array, sizeof(*array), i, &cap, &e);
		check(array && cap > i);
		array[i] = i;
	}
	for (size_t i = 0; i < 3000; i++)
		check(array[i] == i);
}

TEST(texts_are_copies_that_end)
{
	scoped(arena) *a = NULL;

	check_ok(arena_create(&a, &e));
	check(strcmp(arena_text(a, "abcdef", 3, &e), "abc") == 0);
	check(strcmp(arena_text(a, NULL, 0, &e), "") == 0);
	check(strcmp(arena_printf(a, &e, "%s-%d", "x", 7), "x-7") == 0);
}

TEST_MAIN("arena")
