#include "log/tile.h"

#include "base/test.h"

static struct error e;

struct named {
	const char *name;
	int level;
	uint64_t number;
	unsigned width;
};

static const struct named known[] = {
	{ "tile/0/000", 0, 0, 256 },
	{ "tile/0/000.p/1", 0, 0, 1 },
	{ "tile/0/999", 0, 999, 256 },
	{ "tile/1/x001/000", 1, 1000, 256 },
	{ "tile/0/x001/x234/067", 0, 1234067, 256 },
	{ "tile/0/x001/x000/000.p/255", 0, 1000000, 255 },
	{ "tile/63/001", 63, 1, 256 },
	{ "tile/entries/000.p/17", TILE_ENTRIES, 0, 17 },
	{ "tile/entries/x273/112", TILE_ENTRIES, 273112, 256 },
	{ "tile/7/x018/x446/x744/x073/x709/x551/615.p/255", 7, UINT64_MAX, 255 },
};

static void check_name(const struct named *want)
{
	char name[TILE_NAME_MAX];
	uint64_t number;
	unsigned width;
	int level;

	check_ok(tile_name(name, want->level, want->number, want->width, &e));
	check(!want->name || strcmp(name, want->name) == 0);
	check_ok(tile_parse_name(name, &level, &number, &width, &e));
	check(level == want->level && number == want->number && width == want->width);
}

TEST(a_tile_is_called_as_the_specification_says)
{
	for (size_t i = 0; i < COUNT_OF(known); i++)
		check_name(&known[i]);
}

TEST(every_name_is_read_back)
{
	for (int level = TILE_ENTRIES; level <= TILE_LEVEL_MAX; level++)
		for (unsigned width = 1; width <= TILE_WIDTH; width++)
			for (unsigned bit = 0; bit < 64; bit++) {
				uint64_t power = UINT64_C(1) << bit;

				check_name(&(struct named){ NULL, level, power, width });
				check_name(&(struct named){ NULL, level, power - 1, width });
			}
}

TEST(no_tile_has_a_level_or_width_beyond_the_limits)
{
	char name[TILE_NAME_MAX];

	check_code(tile_name(name, TILE_LEVEL_MAX + 1, 0, 256, &e), E_RANGE);
	check_code(tile_name(name, TILE_ENTRIES - 1, 0, 256, &e), E_RANGE);
	check_code(tile_name(name, 0, 0, 0, &e), E_RANGE);
	check_code(tile_name(name, 0, 0, TILE_WIDTH + 1, &e), E_RANGE);
}

TEST(no_second_spelling_is_read)
{
	static const char *const bad[] = {
		"", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000",
		"/tile/0/000", "tile/0/000/", "tile/00/000", "tile/01/000", "tile/64/000",
		"tile/-1/000", "tile/+1/000", "tile/ 1/000", "tile/0/x000", "tile/0/x000/000",
		"tile/0/x000/001", "tile/0/001/000", "tile/0/x001/x000", "tile/0/x01/000",
		"tile/0/x1000/000", "tile/0/X001/000", "tile/0/x001//000", "tile/0/000.p",
		"tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/01", "tile/0/000.p/256",
		"tile/0/000.p/257", "tile/0/000.p/1/", "tile/0/000.p/1 ", "tile/0/000p/1",
		"tile/0/000.P/1", "tile/entries", "tile/entries/", "tile/entries/0",
		"tile/Entries/000", "tile/data/000", "tile/0/00a", "tile/0/1234", "checkpoint",
		"tile/0/000.p/4294967297", "tile/4294967296/000", "tile/18446744073709551616/000",
		"tile/0/x018/x446/x744/x073/x709/x551/616", /* 2^64 */
		"tile/0/x001/x000/x000/x000/x000/x000/x000/x000/000",
		"tile/0/x001/x000/x000/x000/x000/x000/x000/x000/x000/x000/x000/000",
		"tile/0/000.p/00000000000000000000000000000000000000000000000000001",
	};
	uint64_t number = 7;
	unsigned width = 7;
	int level = 7;

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (tile_parse_name(bad[i], &level, &number, &width, &e) != E_FORMAT)
			fail_msg("read: %s", bad[i]);
	check(level == 7 && number == 7 && width == 7);
}

TEST(a_tree_of_70000_has_273_full_tiles_and_a_partial_one)
{
	check(tile_hashes(TILE_ENTRIES, 70000) == 70000);
	check(tile_hashes(0, 70000) == 273 * 256 + 112);
	check(tile_hashes(1, 70000) == 256 + 17);
	check(tile_hashes(2, 70000) == 1);
	check(tile_hashes(3, 70000) == 0);
	check(tile_hashes(7, UINT64_MAX) == 255);
	check(tile_hashes(8, UINT64_MAX) == 0);
	check(tile_hashes(63, UINT64_MAX) == 0);
}

static void check_entries(const struct buf *bundle, const size_t *lens, size_t count)
{
	const uint8_t *entry;
	size_t at = 0, len;

	for (size_t i = 0; i < count; i++) {
		check_ok(bundle_next(bundle, &at, &entry, &len, &e));
		check(len == lens[i] && entry == bundle->data + at - len);
		for (size_t j = 0; j < len; j++)
			check(entry[j] == 'a' + i);
	}
	check(at == bundle->len);
	check_code(bundle_next(bundle, &at, &entry, &len, &e), E_FORMAT);
	check(at == bundle->len);
}

TEST(entries_of_0_to_65535_bytes_are_read_back_and_not_one_more)
{
	static const size_t lens[] = { 0, 1, 255, 256, LOG_ENTRY_MAX, 0 };
	static uint8_t bytes[LOG_ENTRY_MAX + 1];
	scoped(buf) *bundle = NULL;
	size_t before;

	check_ok(buf_create(&bundle, 0, &e));
	for (size_t i = 0; i < COUNT_OF(lens); i++) {
		memset(bytes, 'a' + (int)i, sizeof(bytes));
		check_ok(bundle_put(bundle, lens[i] ? bytes : NULL, lens[i], &e));
	}
	before = bundle->len;
	check_code(bundle_put(bundle, bytes, LOG_ENTRY_MAX + 1, &e), E_RANGE);
	check(bundle->len == before);
	check_entries(bundle, lens, COUNT_OF(lens));
}

TEST(a_bundle_cut_anywhere_but_between_entries_is_refused)
{
	scoped(buf) *bundle = NULL;
	const uint8_t *entry;
	size_t whole, len;

	check_ok(buf_create(&bundle, 0, &e));
	check_ok(bundle_put(bundle, "one", 3, &e));
	check_ok(bundle_put(bundle, "", 0, &e));
	check_ok(bundle_put(bundle, "three", 5, &e));
	for (whole = bundle->len; bundle->len > 0; bundle->len--) {
		size_t at = 0;

		while (bundle_next(bundle, &at, &entry, &len, &e) == 0)
			;
		check(at <= bundle->len);
		check((at == bundle->len) ==
		      (bundle->len == 5 || bundle->len == 7 || bundle->len == whole));
	}
}

TEST(nothing_is_read_beyond_a_bundle)
{
	scoped(buf) *bundle = NULL;
	const uint8_t *entry = NULL;
	size_t at = 99, len = 7;

	check_ok(buf_from(&bundle, "\0\1x", 3, &e));
	check_code(bundle_next(bundle, &at, &entry, &len, &e), E_FORMAT);
	check(at == 99 && len == 7 && !entry);
}

TEST_MAIN("log-tile")
