#include "log/testing.h"

#include "wire/note.h"

/* Sizes around every border of tiles. */
static const uint64_t sizes[] = { 0, 1, 2, 255, 256, 257, 511, 512, 65535, 65536, 65537, 70000 };

static uint64_t random_state = 88172645463325252u;

static uint64_t random_below(uint64_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % n;
}

static void prove(struct log *l, uint64_t index, uint64_t size, const struct hash *root)
{
	struct tree_path p;

	check_ok(log_prove(l, index, size, &p, &e));
	check_ok(tree_check(&p, &leaf[index], index, size, root, &e));
	check_code(tree_check(&p, &leaf[index + 1], index, size, root, &e), E_MISMATCH);
}

static void prove_growth(struct log *l, uint64_t old_size, uint64_t size)
{
	struct hash old_root = root_of(old_size), root = root_of(size);
	struct tree_path p;

	check_ok(log_prove_growth(l, old_size, size, &p, &e));
	check_ok(tree_check_growth(&p, old_size, &old_root, size, &root, &e));
}

static void expect_entry(struct log *l, uint64_t index)
{
	scoped(buf) *out = NULL;
	char text[64];
	size_t len = entry_text(index, text);

	check_ok(buf_from(&out, "before ", 7, &e));
	check_ok(log_entry(l, index, out, &e));
	check(out->len == 7 + len && memcmp(out->data + 7, text, len) == 0);
}

static void prove_some(struct log *l, uint64_t size)
{
	struct hash root = root_of(size);

	for (int i = 0; i < 50 && size > 0; i++) {
		prove(l, random_below(size), size, &root);
		expect_entry(l, random_below(size));
	}
	for (size_t i = 0; i < COUNT_OF(sizes) && size > 0; i++) {
		if (sizes[i] < size) {
			prove(l, sizes[i], size, &root);
			expect_entry(l, sizes[i]);
		}
		for (size_t j = 0; j <= i; j++)
			if (sizes[i] <= size && sizes[j] > 0)
				prove_growth(l, sizes[j], sizes[i]);
	}
}

static void expect_no_partial_beside_full(struct blobs *b, int level, uint64_t size)
{
	for (uint64_t i = 0; i < tile_hashes(level, size) / TILE_WIDTH; i++)
		for (unsigned width = 1; width < TILE_WIDTH; width += i < 2 ? 1 : 50) {
			scoped(buf) *bytes = tile_bytes(b, level, i, width);

			check(!bytes);
		}
}

TEST(a_log_grown_in_random_steps_through_reopening_has_every_tile_and_proof)
{
	scoped(blobs) *b = blobs_in(test_folder());
	uint64_t size = 0;

	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		while (size < sizes[i]) {
			uint64_t step = 1 + random_below(sizes[i] < 1000 ? 100 : 20000);
			uint64_t to = size + step < sizes[i] ? size + step : sizes[i];

			grow(b, size, to);
			size = to;
		}
		scoped(log) *l = log_at(b, size);

		tiles_expect(b, size);
		prove_some(l, size);
	}
	expect_no_partial_beside_full(b, TILE_ENTRIES, size);
	expect_no_partial_beside_full(b, 0, size);
	expect_no_partial_beside_full(b, 1, size);
}

TEST(a_log_written_at_once_has_every_tile)
{
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		scoped(blobs) *b = blobs_in(test_folder());

		if (sizes[i] > 1000 && sizes[i] != 65536)
			continue;
		grow(b, 0, sizes[i]);
		tiles_expect(b, sizes[i]);
	}
}

TEST(every_entry_of_every_small_size_can_be_proved_from_the_largest)
{
	scoped(blobs) *b = blobs_in(test_folder());

	grow(b, 0, 600);
	scoped(log) *l = log_at(b, 600);

	for (uint64_t size = 1; size <= 600; size += size < 60 || size > 590 ? 1 : 53) {
		struct hash root = root_of(size);

		for (uint64_t index = 0; index < size; index++)
			prove(l, index, size, &root);
		for (uint64_t old = 1; old <= size; old++)
			prove_growth(l, old, size);
	}
}

TEST(what_is_not_written_yet_can_be_proved_but_not_read)
{
	scoped(blobs) *b = blobs_in(test_folder());
	scoped(buf) *out = NULL;

	check_ok(buf_create(&out, 0, &e));
	grow(b, 0, 300);
	scoped(log) *l = log_at(b, 300);

	add_to(l, 1300);
	check(log_size(l) == 1300);
	for (uint64_t size = 290; size <= 1300; size += 101) {
		struct hash root = root_of(size);

		for (uint64_t index = 0; index < size; index += 7)
			prove(l, index, size, &root);
		prove_growth(l, 290, size);
	}
	expect_entry(l, 299);
	check_code(log_entry(l, 300, out, &e), E_RANGE);
	check(out->len == 0);
	check_ok(log_write(l, &e));
	expect_entry(l, 299);
	expect_entry(l, 300);
	expect_entry(l, 1299);
	check_code(log_entry(l, 1300, out, &e), E_RANGE);
}

TEST(nothing_beyond_the_log_is_proved_or_read)
{
	scoped(blobs) *b = blobs_in(test_folder());
	struct tree_path p;
	struct hash h;

	grow(b, 0, 300);
	scoped(log) *l = log_at(b, 300);

	check_code(log_prove(l, 300, 300, &p, &e), E_RANGE);
	check_code(log_prove(l, 0, 301, &p, &e), E_RANGE);
	check_code(log_prove(l, 0, 0, &p, &e), E_RANGE);
	check_code(log_prove(l, 0, UINT64_MAX, &p, &e), E_RANGE);
	check_code(log_prove_growth(l, 0, 300, &p, &e), E_RANGE);
	check_code(log_prove_growth(l, 300, 301, &p, &e), E_RANGE);
	check_code(log_prove_growth(l, 300, 299, &p, &e), E_RANGE);
	check_code(log_read(l, 0, 300, &h, &e), E_RANGE);
	check_code(log_read(l, 1, 1, &h, &e), E_RANGE);
	check_code(log_read(l, 2, 298, &h, &e), E_RANGE);
	check_code(log_read(l, 9, 0, &h, &e), E_RANGE);
	check_code(log_read(l, 64, 0, &h, &e), E_RANGE);
	check_code(log_read(l, 63, 0, &h, &e), E_RANGE);
	check_code(log_read(l, 0, UINT64_MAX, &h, &e), E_RANGE);
	check_ok(log_read(l, 8, 0, &h, &e));
	check_ok(log_read(l, 2, 296, &h, &e));
}

TEST(a_log_of_another_root_or_size_is_not_opened)
{
	scoped(blobs) *b = blobs_in(test_folder()), *empty = blobs_in(test_folder());
	struct hash root = root_of(300), other = root_of(299), none = root_of(0);
	struct log *l = NULL;

	grow(b, 0, 300);
	check_code(log_open(&l, b, 300, &other, &e), E_MISMATCH);
	check_code(log_open(&l, b, 0, &root, &e), E_MISMATCH);
	check_code(log_open(&l, b, 299, &other, &e), E_NOT_FOUND);
	check_code(log_open(&l, empty, 300, &root, &e), E_NOT_FOUND);
	check_code(log_open(&l, empty, 1, &none, &e), E_NOT_FOUND);
	check_code(log_open(&l, b, TREE_SIZE_MAX + 1, &root, &e), E_RANGE);
	check_code(log_open(&l, b, TREE_SIZE_MAX, &root, &e), E_NOT_FOUND);
	check(!l);
}

TEST(entries_of_0_to_65535_bytes_are_kept_and_65536_refused)
{
	static uint8_t bytes[LOG_ENTRY_MAX + 1];
	scoped(blobs) *b = blobs_in(test_folder());
	scoped(buf) *out = NULL;
	struct hash root, found;

	memset(bytes, 7, sizeof(bytes));
	check_ok(buf_create(&out, 0, &e));
	scoped(log) *l = log_at(b, 0), *again = NULL;

	check_ok(log_add(l, NULL, 0, &e));
	check_ok(log_add(l, bytes, 1, &e));
	check_ok(log_add(l, bytes, LOG_ENTRY_MAX, &e));
	log_root(l, &root);
	check_code(log_add(l, bytes, LOG_ENTRY_MAX + 1, &e), E_RANGE);
	log_root(l, &found);
	check(log_size(l) == 3 && hash_equal(&root, &found));
	check_ok(log_write(l, &e));
	check_ok(log_open(&again, b, 3, &root, &e));
	check_ok(log_entry(again, 0, out, &e));
	check(out->len == 0);
	check_ok(log_entry(again, 1, out, &e));
	check(out->len == 1);
	check_ok(log_entry(again, 2, out, &e));
	check(out->len == 1 + LOG_ENTRY_MAX && memcmp(out->data, bytes, out->len) == 0);
}

TEST(a_bundle_of_256_longest_entries_is_kept)
{
	static uint8_t bytes[LOG_ENTRY_MAX];
	scoped(blobs) *b = blobs_in(test_folder());
	scoped(buf) *out = NULL;

	check_ok(buf_create(&out, 0, &e));
	scoped(log) *l = log_at(b, 0);

	for (unsigned i = 0; i < 257; i++) {
		memset(bytes, (int)(i % 256), sizeof(bytes));
		check_ok(log_add(l, bytes, sizeof(bytes), &e));
	}
	check_ok(log_write(l, &e));
	check_ok(log_entry(l, 255, out, &e));
	check(out->len == LOG_ENTRY_MAX && out->data[0] == 255 && out->data[65534] == 255);
	check_ok(log_entry(l, 256, out, &e));
}

TEST(the_newest_head_is_the_one_that_is_published)
{
	scoped(blobs) *b = blobs_in(test_folder());
	scoped(buf) *out = NULL;

	check_ok(buf_create(&out, 0, &e));
	check_code(log_published(b, out, &e), E_NOT_FOUND);
	check_ok(log_publish(b, "one\n", 4, &e));
	check_ok(log_publish(b, "second\n", 7, &e));
	check_ok(log_published(b, out, &e));
	check(strcmp(buf_text(out), "second\n") == 0);
}

TEST(a_published_head_has_at_most_the_bytes_of_a_note)
{
	static uint8_t bytes[NOTE_BYTES_MAX + 1];
	scoped(blobs) *b = blobs_in(test_folder());
	scoped(buf) *out = NULL;

	check_ok(buf_create(&out, 0, &e));
	check_ok(log_publish(b, bytes, NOTE_BYTES_MAX, &e));
	check_ok(log_published(b, out, &e));
	check_ok(log_publish(b, bytes, NOTE_BYTES_MAX + 1, &e));
	check_code(log_published(b, out, &e), E_RANGE);
}

/* The log of transparency-dev/tessera's tests: 15 entries, a checkpoint for each size. */
static const char tessera_key[] =
	"example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
enum { TESSERA_SIZE = 15 };

static struct buf *tessera_file(const char *format, unsigned n)
{
	char path[PATH_LEN_MAX], name[128];
	struct buf *bytes = NULL;

	snprintf(name, sizeof(name), format, n);
	snprintf(path, sizeof(path), "%s/vectors/transparency-dev-tessera/testdata/log/%s",
		 test_shared(), name);
	check_ok(file_read(path, 1 << 20, &bytes, &e));
	return bytes;
}

static struct head tessera_head(unsigned size)
{
	scoped(buf) *note = tessera_file("checkpoint.%u", size);
	struct note_key key;
	struct head head;

	check_ok(note_key_parse(&key, tessera_key, &e));
	check_ok(head_open(&head, note->data, note->len, &key, &e));
	check(head.size == size);
	return head;
}

static void expect_same(struct blobs *b, const char *format, unsigned n)
{
	scoped(buf) *want = tessera_file(format, n), *found = NULL;
	char name[128];

	snprintf(name, sizeof(name), format, n);
	found = blob_bytes(b, name);
	check(found && found->len == want->len && memcmp(found->data, want->data, want->len) == 0);
}

TEST(the_log_of_tessera_is_made_again_byte_for_byte)
{
	scoped(buf) *bundle = tessera_file("tile/entries/000.p/%u", TESSERA_SIZE);
	scoped(blobs) *b = blobs_in(test_folder());
	const uint8_t *entry;
	size_t at = 0, len;

	for (unsigned size = 0; size <= TESSERA_SIZE; size++) {
		struct head head = tessera_head(size);
		scoped(log) *l = NULL;

		check_ok(log_open(&l, b, size, &head.root, &e));
		if (size == TESSERA_SIZE)
			break;
		check_ok(bundle_next(bundle, &at, &entry, &len, &e));
		check_ok(log_add(l, entry, len, &e));
		check_ok(log_write(l, &e));
		expect_same(b, "tile/entries/000.p/%u", size + 1);
		expect_same(b, "tile/0/000.p/%u", size + 1);
	}
	check(at == bundle->len);
}

TEST_MAIN("log")
