#include "base/buf.h"

#include <string.h>

#include "base/test.h"

static struct error e;

TEST(a_buf_grows_and_stays_a_c_string)
{
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	check(strcmp(buf_text(b), "") == 0);
	for (size_t i = 0; i < 5000; i++) {
		check_ok(buf_put_u8(b, (uint8_t)('a' + i % 26), &e));
		check(b->len == i + 1 && b->data[b->len] == 0);
	}
	for (size_t i = 0; i < 5000; i++)
		check(b->data[i] == 'a' + i % 26);
	buf_clear(b);
	check_ok(buf_printf(b, &e, "%d-%s", 12, "x"));
	check(strcmp(buf_text(b), "12-x") == 0);
}

TEST(room_beyond_memory_is_refused_and_changes_nothing)
{
	scoped(buf) *b = NULL;

	check_ok(buf_from(&b, "abc", 3, &e));
	check_code(buf_reserve(b, SIZE_MAX, &e), E_MEMORY);
	check_code(buf_reserve(b, SIZE_MAX / 4, &e), E_MEMORY);
	check(b->len == 3 && strcmp(buf_text(b), "abc") == 0);
}

TEST(integers_come_back_at_every_width_and_no_wider)
{
	const uint64_t values[] = { 0, 1, 127, 128, 255, 0x0102030405060708, UINT64_MAX };
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 8, &e));
	for (unsigned width = 1; width <= 8; width++)
		for (size_t i = 0; i < COUNT_OF(values); i++) {
			uint64_t kept = width == 8 ? values[i] : values[i] & ((1ULL << 8 * width) - 1);

			buf_clear(b);
			check_ok(buf_put_be(b, values[i], width, &e));
			check(b->len == width && be_get(b->data, width) == kept);
			check(b->data[width - 1] == (values[i] & 0xff));
		}
	buf_clear(b);
	check_code(buf_put_be(b, 1, 9, &e), E_RANGE);
	check(b->len == 0);
}

TEST(an_error_tells_its_story_from_outside_in)
{
	struct error story = { 0 };

	check(error_set(&story, E_RANGE, "photo %d", 7) == E_RANGE);
	check(error_wrap(&story, "vault %s", "v") == E_RANGE);
	check(strcmp(story.text, "vault v: photo 7") == 0);
	check(error_set(&story, E_IO, "again: %s", story.text) == E_IO);
	check(strcmp(story.text, "again: vault v: photo 7") == 0);
	check(error_set(NULL, E_IO, "nobody listens") == E_IO);
}

TEST(a_story_too_long_is_cut_and_ends)
{
	struct error story = { 0 };
	char longer[ERROR_TEXT_MAX + 100];

	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	error_set(&story, E_IO, "%s", longer);
	check(strlen(story.text) == ERROR_TEXT_MAX - 1);
	error_wrap(&story, "where");
	check(strncmp(story.text, "where: xxx", 10) == 0);
	check(strlen(story.text) == ERROR_TEXT_MAX - 1);
	error_wrap(&story, "%s", longer);
	check(strlen(story.text) == ERROR_TEXT_MAX - 1);
}

TEST_MAIN("buf")
