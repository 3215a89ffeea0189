#include "vault/keyring_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "base/text.h"

static struct error e;
static const uint8_t key[SEAL_KEY_LEN] = { 7, 7, 7 };
static const struct ring_current some = { .generation = 12, .epoch = 3, .slots = 300,
					  .erased = 20, .table = { { 0xab } } };

static int parse_text(const char *text)
{
	struct ring_current c;

	return current_parse(&c, (const uint8_t *)text, strlen(text), &e);
}

TEST(current_is_read_as_it_was_written)
{
	scoped(buf) *b = NULL;
	struct ring_current c;

	check_ok(buf_create(&b, 0, &e));
	check_ok(current_put(b, &some, key, &e));
	check_ok(current_parse(&c, b->data, b->len, &e));
	check(c.generation == 12 && c.epoch == 3 && c.slots == 300 && c.erased == 20);
	check(hash_equal(&c.table, &some.table));
	check_ok(current_check(b->data, b->len, key, &e));
	check_code(current_check(b->data, b->len, (const uint8_t[SEAL_KEY_LEN]){ 8 }, &e),
		   E_MISMATCH);
}

TEST(current_with_any_bit_flipped_or_any_part_missing_is_refused)
{
	scoped(buf) *b = NULL;
	struct ring_current c;

	check_ok(buf_create(&b, 0, &e));
	check_ok(current_put(b, &some, key, &e));
	for (size_t bit = 0; bit < b->len * 8; bit++) {
		b->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		check(current_parse(&c, b->data, b->len, &e) < 0 ||
		      current_check(b->data, b->len, key, &e) < 0);
		b->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t len = 0; len < b->len; len++)
		check(current_parse(&c, b->data, len, &e) < 0);
	check_ok(buf_put_u8(b, '\n', &e));
	check_code(current_parse(&c, b->data, b->len, &e), E_FORMAT);
}

#define LINES(g, e, s, x)						\
	"rescind keyring 1\ngeneration " g "\nepoch " e "\nslots " s "\nerased " x "\n"	\
	"table 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"	\
	"mac 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"

TEST(current_has_one_spelling_and_limits)
{
	uint8_t long_one[CURRENT_LEN_MAX + 1] = "rescind keyring 1\n";
	struct ring_current c;

	check_ok(parse_text(LINES("1", "1", "0", "0")));
	check_ok(parse_text(LINES("18446744073709551615", "1", "268435456", "268435456")));
	check_code(parse_text(LINES("1", "1", "268435457", "0")), E_RANGE);
	check_code(parse_text(LINES("1", "1", "5", "6")), E_RANGE);
	check_code(parse_text(LINES("0", "1", "5", "5")), E_FORMAT);
	check_code(parse_text(LINES("1", "0", "5", "5")), E_FORMAT);
	check_code(parse_text(LINES("1", "2", "5", "5")), E_FORMAT);
	check_code(parse_text(LINES("01", "1", "5", "5")), E_FORMAT);
	check_code(parse_text(LINES("1", " 1", "5", "5")), E_FORMAT);
	check_code(parse_text(LINES("1", "1", "", "5")), E_FORMAT);
	check_code(parse_text(LINES("18446744073709551616", "1", "5", "5")), E_RANGE);
	check_code(parse_text("rescind keyring 2\n"), E_FORMAT);
	check_code(parse_text(""), E_FORMAT);
	check_code(current_parse(&c, long_one, sizeof(long_one), &e), E_RANGE);
	check_code(current_parse(&c, long_one, sizeof(long_one) - 1, &e), E_FORMAT);
}

/* 300 slots in two pages: 236 live in the first, the 44 of the second all live. */
static struct ring_page two[2] = { { { 1 }, 12, 0, 236 }, { { 2 }, 9, 4, 44 } };
static const struct ring_table table = { 300, 20, two };

TEST(a_table_is_read_as_it_was_written)
{
	scoped(buf) *b = NULL;
	struct ring_table t;

	check_ok(buf_create(&b, 0, &e));
	check_ok(table_seal(b, &table, &some, key, &e));
	check_ok(table_open(&t, b->data, b->len, &some, key, &e));
	check(t.slots == 300 && t.erased == 20);
	check(memcmp(t.pages, two, sizeof(two)) == 0);
	table_done(&t);
}

TEST(a_sealed_table_with_any_bit_flipped_or_of_another_generation_is_refused)
{
	struct ring_current other = some;
	scoped(buf) *b = NULL;
	struct ring_table t;

	check_ok(buf_create(&b, 0, &e));
	check_ok(table_seal(b, &table, &some, key, &e));
	for (size_t bit = 0; bit < b->len * 8; bit++) {
		b->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		check_code(table_open(&t, b->data, b->len, &some, key, &e), E_MISMATCH);
		b->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t len = 0; len < b->len; len++)
		check(table_open(&t, b->data, len, &some, key, &e) < 0);
	other.generation++;
	check_code(table_open(&t, b->data, b->len, &other, key, &e), E_MISMATCH);
	other = some;
	other.epoch++;
	check_code(table_open(&t, b->data, b->len, &other, key, &e), E_MISMATCH);
	other = some;
	other.erased--;
	check_code(table_open(&t, b->data, b->len, &other, key, &e), E_MISMATCH);
}

/* Parse the table's plain bytes with those at `at` set to value. */
static int parse_with(size_t at, unsigned width, uint64_t value)
{
	struct ring_table t = { .slots = 0 };
	scoped(buf) *b = NULL;
	int code;

	check_ok(buf_create(&b, 0, &e));
	check_ok(table_put(b, &table, &e));
	be_set(b->data + at, value, width);
	code = table_parse(&t, b->data, b->len, 12, &e);
	table_done(&t);
	return code;
}

TEST(a_table_that_does_not_add_up_is_refused)
{
	uint8_t empty[TABLE_HEAD_LEN] = { 0 };
	struct ring_table t;
	const size_t first = TABLE_HEAD_LEN, second = first + TABLE_ENTRY_LEN;

	check_ok(parse_with(first + 16, 8, 99)); /* another key: only the page can tell */
	check_code(parse_with(0, 8, 299), E_FORMAT); /* slots: more live than given out */
	check_code(parse_with(0, 8, 600), E_FORMAT);
	check_code(parse_with(0, 8, UINT64_MAX), E_FORMAT);
	check_code(parse_with(0, 8, KEYRING_SLOTS_MAX + 1), E_FORMAT);
	check_code(parse_with(8, 8, 21), E_FORMAT);
	check_code(parse_with(first, 2, 257), E_FORMAT);
	check_code(parse_with(first, 2, 0), E_FORMAT); /* erased, and not all zero */
	check_code(parse_with(second, 2, 45), E_FORMAT);
	check_code(parse_with(first + 2, 2, 1), E_FORMAT);
	check_code(parse_with(second + 4, 4, KEYRING_FILE_PAGES_MAX), E_FORMAT);
	check_ok(parse_with(second + 4, 4, KEYRING_FILE_PAGES_MAX - 1));
	check_code(parse_with(second + 8, 8, 13), E_FORMAT); /* from the future */
	check_code(parse_with(second + 8, 8, 0), E_FORMAT);
	check_ok(table_parse(&t, empty, sizeof(empty), 1, &e));
	table_done(&t);
	check_code(table_parse(&t, empty, sizeof(empty) - 1, 1, &e), E_FORMAT);
}

TEST(a_page_says_only_what_its_slots_allow)
{
	uint8_t plain[PAGE_LEN] = { 0 };

	check_ok(page_check(plain, 0, 0, &e));
	check_code(page_check(plain, 1, 0, &e), E_FORMAT);
	page_set_live(plain, 0, key);
	page_set_live(plain, 1, key);
	check_ok(page_check(plain, 2, 2, &e));
	page_set_erased(plain, 1);
	check_ok(page_check(plain, 2, 1, &e));
	check_code(page_check(plain, 2, 2, &e), E_FORMAT);
	check_code(page_check(plain, 1, 1, &e), E_FORMAT);
	check_code(page_check(plain, 3, 1, &e), E_FORMAT);
	plain[PAGE_SLOT_LEN + 5] = 1; /* a key that should be gone */
	check_code(page_check(plain, 2, 1, &e), E_FORMAT);
	plain[PAGE_SLOT_LEN + 5] = 0;
	plain[PAGE_LEN - 1] = 1;
	check_code(page_check(plain, 2, 1, &e), E_FORMAT);
	plain[PAGE_LEN - 1] = 0;
	plain[PAGE_SLOT_LEN] = 3;
	check_code(page_check(plain, 2, 1, &e), E_FORMAT);
}

TEST(a_page_opens_only_at_its_place_of_its_generation_and_unchanged)
{
	struct ring_page p = { { 5 }, 9, 0, 1 }, other = p;
	uint8_t plain[PAGE_LEN] = { 0 }, sealed[PAGE_SEALED_LEN], back[PAGE_LEN];

	page_set_live(plain, 0, key);
	check_ok(page_seal(sealed, &p, 3, plain, &e));
	check_ok(page_open(back, &p, 3, sealed, &e));
	check(memcmp(plain, back, PAGE_LEN) == 0);
	check_code(page_open(back, &p, 4, sealed, &e), E_MISMATCH);
	other.generation = 10;
	check_code(page_open(back, &other, 3, sealed, &e), E_MISMATCH);
	other = p;
	other.key[31] ^= 1;
	check_code(page_open(back, &other, 3, sealed, &e), E_MISMATCH);
	for (size_t i = 0; i < sizeof(sealed); i += 13) {
		sealed[i] ^= 1;
		check_code(page_open(back, &p, 3, sealed, &e), E_MISMATCH);
		sealed[i] ^= 1;
	}
}

/* Section 4 of docs/formats-vault.md. */
static void count_up(uint8_t *ret, size_t len, uint8_t from)
{
	for (size_t i = 0; i < len; i++)
		ret[i] = (uint8_t)(from + i);
}

TEST(current_is_made_as_documented)
{
	static const char want[] =
		"rescind keyring 1\ngeneration 12\nepoch 3\nslots 300\nerased 20\n"
		"table 202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f\n"
		"mac ae86b1f05b7cc844b8ca13d2aed20e735ec601c8cc9ef0183a6b5516c85e2b94\n";
	struct ring_current c = some;
	uint8_t epoch_key[SEAL_KEY_LEN];
	scoped(buf) *b = NULL;

	count_up(epoch_key, sizeof(epoch_key), 0);
	count_up(c.table.b, HASH_LEN, 0x20);
	check_ok(buf_create(&b, 0, &e));
	check_ok(current_put(b, &c, epoch_key, &e));
	assert_string_equal(buf_text(b), want);
}

TEST(a_table_is_opened_as_documented)
{
	static const char sealed[] = "0102030405060708090a0b0c"
		"05ea5ad5ec94f0854ca263471013ea294241e1fe976d50c5a15ff9249eb676c7"
		"c4a5d99c2af0aad8f8e5f0ae8996b612cea71db380cc60266e245696335c6a53"
		"797db9594c4427f305b2edcb9217da70";
	const struct ring_current c = { .generation = 2, .epoch = 1, .slots = 3, .erased = 1 };
	uint8_t epoch_key[SEAL_KEY_LEN], page_key[SEAL_KEY_LEN], bytes[sizeof(sealed) / 2];
	struct ring_table t;

	count_up(epoch_key, sizeof(epoch_key), 0);
	count_up(page_key, sizeof(page_key), 0x40);
	check_ok(hex_decode(bytes, sizeof(bytes), sealed, &e));
	check_ok(table_open(&t, bytes, sizeof(bytes), &c, epoch_key, &e));
	check(t.pages[0].live == 2 && t.pages[0].index == 0 && t.pages[0].generation == 2);
	check(memcmp(t.pages[0].key, page_key, SEAL_KEY_LEN) == 0);
	table_done(&t);
}

TEST(a_page_is_sealed_as_documented)
{
	uint8_t plain[PAGE_LEN] = { 0 }, sealed[PAGE_SEALED_LEN];
	struct ring_page p = { .generation = 9 };
	struct hash h;

	count_up(p.key, SEAL_KEY_LEN, 0);
	page_set_live(plain, 0, p.key);
	page_set_erased(plain, 1);
	check_ok(page_seal(sealed, &p, 3, plain, &e));
	hash_bytes(&h, sealed, sizeof(sealed));
	assert_string_equal(hash_hex(&h).s,
			    "e4cf94dd61896f382169178a6a1f0140941e8abb7f34b755dea9c5658fd1b1d1");
}

TEST_MAIN("vault/keyring_parts")
