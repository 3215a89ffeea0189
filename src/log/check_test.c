#include "log/testing.h"

#include <stdlib.h>

/* What log_check told last, as lines. */
static char told[4096];

static void note_line(void *ctx, const char *line)
{
	size_t len = strlen(told);

	check(ctx == told);
	snprintf(told + len, sizeof(told) - len, "%s\n", line);
}

static uint64_t problems(struct blobs *b, uint64_t size, bool repair)
{
	struct hash root = root_of(size);
	uint64_t count = UINT64_MAX;

	told[0] = '\0';
	check_ok(log_check(b, size, &root, repair, NULL, note_line, told, &count, &e));
	return count;
}

static void expect_told(struct blobs *b, uint64_t size, bool repair, uint64_t count,
			const char *lines)
{
	uint64_t found = problems(b, size, repair);

	if (found != count || strcmp(told, lines) != 0)
		fail_msg("%" PRIu64 " problems: %s", found, told);
}

static void flip(struct blobs *b, const char *name, size_t at, uint8_t bits)
{
	scoped(buf) *bytes = blob_bytes(b, name);

	check(bytes && at < bytes->len);
	bytes->data[at] ^= bits;
	check_ok(b->calls->replace(b, name, bytes->data, bytes->len, &e));
}

static void cut(struct blobs *b, const char *name, size_t len)
{
	scoped(buf) *bytes = blob_bytes(b, name);

	check(bytes && len < bytes->len);
	check_ok(b->calls->replace(b, name, bytes->data, len, &e));
}

static void append(struct blobs *b, const char *name, const char *text)
{
	scoped(buf) *bytes = blob_bytes(b, name);

	check(bytes);
	check_ok(buf_put(bytes, text, strlen(text), &e));
	check_ok(b->calls->replace(b, name, bytes->data, bytes->len, &e));
}

static void remove_blob(struct blobs *b, const char *name)
{
	check_ok(b->calls->remove(b, name, &e));
}

/* 700 entries, written at 600, 650 and 700, so that there are partial tiles of older heads. */
static struct blobs *log_of_700(void)
{
	struct blobs *b = blobs_in(test_folder());

	grow(b, 0, 600);
	grow(b, 600, 650);
	grow(b, 650, 700);
	return b;
}

static const char *const hash_tiles[] = { "tile/0/000", "tile/0/001", "tile/0/002.p/88",
					  "tile/0/002.p/138", "tile/0/002.p/188",
					  "tile/1/000.p/2" };
static const char *const bundles[] = { "tile/entries/000", "tile/entries/001",
				       "tile/entries/002.p/88", "tile/entries/002.p/138",
				       "tile/entries/002.p/188" };

TEST(a_sound_log_has_no_problems)
{
	static const uint64_t sizes[] = { 0, 1, 255, 256, 257, 512, 700 };

	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		scoped(blobs) *b = blobs_in(test_folder());

		grow(b, 0, sizes[i]);
		expect_told(b, sizes[i], false, 0, "");
		expect_told(b, sizes[i], true, 0, "");
	}
	scoped(blobs) *b = log_of_700();

	expect_told(b, 700, false, 0, "");
	expect_told(b, 650, false, 0, ""); /* what lies beyond is not looked at */
}

static void every_flip_is_told(struct blobs *b, const char *name)
{
	scoped(buf) *before = blob_bytes(b, name);

	/* From the end, so that the last byte and the first ones are among them. */
	for (size_t left = before->len, at; left > 0; left -= left > 97 ? 97 : 1) {
		at = left - 1;
		flip(b, name, at, (uint8_t)(1 << at % 8));
		if (problems(b, 700, false) == 0)
			fail_msg("%s: byte %zu flipped, and nothing told", name, at);
		if (!strstr(told, name))
			fail_msg("%s: byte %zu flipped, and told: %s", name, at, told);
		flip(b, name, at, (uint8_t)(1 << at % 8));
	}
	expect_told(b, 700, false, 0, "");
}

TEST(a_flipped_bit_in_any_tile_or_bundle_is_told_by_its_name)
{
	scoped(blobs) *b = log_of_700();

	for (size_t i = 0; i < COUNT_OF(hash_tiles); i++)
		every_flip_is_told(b, hash_tiles[i]);
	for (size_t i = 0; i < COUNT_OF(bundles); i++)
		every_flip_is_told(b, bundles[i]);
}

static int committed(void *ctx, uint64_t n, struct buf *out, struct error *err)
{
	char text[64];

	(void)ctx;
	return buf_put(out, text, entry_text(n, text), err);
}

/* A catalog that is not the log's. */
static int other(void *ctx, uint64_t n, struct buf *out, struct error *err)
{
	return committed(ctx, n + 1, out, err);
}

static int unreadable(void *ctx, uint64_t n, struct buf *out, struct error *err)
{
	(void)ctx;
	(void)out;
	return error_set(err, E_IO, "entry %" PRIu64, n);
}

TEST(a_bundle_that_rotted_is_written_again_from_where_its_entries_are)
{
	static const char *const names[] = { "tile/entries/000", "tile/entries/001",
					     "tile/entries/002.p/188", "tile/entries/002.p/88" };
	struct blobs *b = log_of_700();
	struct hash root = root_of(700);

	for (size_t i = 0; i < COUNT_OF(names); i++)
		for (int how = 0; how < 3; how++) {
			scoped(buf) *before = blob_bytes(b, names[i]), *after = NULL;

			if (how == 0)
				flip(b, names[i], 70, 4);
			else if (how == 1)
				cut(b, names[i], 100);
			else if (i != 3) /* that of an older head is not missed */
				remove_blob(b, names[i]);
			else
				continue;
			told[0] = '\0';
			check_ok(log_mend(b, 700, &root, other, note_line, told, NULL, &e));
			check_ok(log_mend(b, 700, &root, unreadable, note_line, told, NULL, &e));
			assert_string_equal(told, "");
			check_ok(log_mend(b, 700, &root, committed, note_line, told, NULL, &e));
			check(strstr(told, names[i]) && strncmp(told, "repaired: ", 10) == 0);
			after = blob_bytes(b, names[i]);
			check(after && after->len == before->len &&
			      memcmp(after->data, before->data, before->len) == 0);
			check(problems(b, 700, false) == 0);
		}
	blobs_close(b);
}

static void hurt(struct blobs *b, const char *name, int how)
{
	if (how == 0)
		flip(b, name, 40, 4);
	else if (how == 1)
		cut(b, name, 30);
	else
		cut(b, name, 0);
}

/* Then only the root says which entries are the right ones. */
TEST(where_every_tile_and_bundle_rotted_the_committed_entries_that_lead_to_the_root_are_believed)
{
	struct hash root = root_of(700), shorter = root_of(699);

	for (int how = 0; how < 3; how++) {
		scoped(blobs) *b = log_of_700();

		for (size_t i = 0; i < COUNT_OF(hash_tiles); i++)
			hurt(b, hash_tiles[i], how);
		for (size_t i = 0; i < COUNT_OF(bundles); i++)
			hurt(b, bundles[i], how);
		told[0] = '\0';
		check_ok(log_mend(b, 700, &root, other, note_line, told, NULL, &e));
		check_ok(log_mend(b, 700, &root, unreadable, note_line, told, NULL, &e));
		check_ok(log_mend(b, 700, &shorter, committed, note_line, told, NULL, &e));
		assert_string_equal(told, "");
		check_ok(log_mend(b, 700, &root, committed, note_line, told, NULL, &e));
		for (size_t i = 0; i < COUNT_OF(bundles); i++)
			check(strstr(told, bundles[i]));
		check(problems(b, 700, true) == 0 && strstr(told, "repaired: tile/1/000.p/2"));
		expect_told(b, 700, false, 0, "");
		expect_told(b, 650, false, 0, "");
	}
}

TEST(a_blob_cut_short_or_too_long_is_told)
{
	scoped(blobs) *b = log_of_700();

	for (size_t i = 0; i < COUNT_OF(hash_tiles) + COUNT_OF(bundles); i++) {
		const char *name = i < COUNT_OF(hash_tiles) ? hash_tiles[i] :
							      bundles[i - COUNT_OF(hash_tiles)];
		scoped(buf) *before = blob_bytes(b, name);

		cut(b, name, before->len - 1);
		check(problems(b, 700, false) == 1 && strstr(told, name));
		check(i >= COUNT_OF(hash_tiles) || strstr(told, " bytes"));
		cut(b, name, 0);
		check(problems(b, 700, false) == 1 && strstr(told, name));
		check_ok(b->calls->replace(b, name, before->data, before->len, &e));
		append(b, name, "\1");
		check(problems(b, 700, false) == 1 && strstr(told, name));
		check_ok(b->calls->replace(b, name, before->data, before->len, &e));
	}
	expect_told(b, 700, false, 0, "");
}

/* Opening looks at the right edge, reading at what it needs. */
TEST(a_flipped_bit_is_noticed_by_whoever_needs_the_byte)
{
	scoped(blobs) *b = log_of_700();
	scoped(buf) *out = NULL;
	struct hash root = root_of(700), h;
	struct log *none = NULL;
	struct tree_path p;

	check_ok(buf_create(&out, 0, &e));
	for (size_t at = 0; at < 188 * 32; at += 31) {
		flip(b, "tile/0/002.p/188", at, 4);
		check_code(log_open(&none, b, 700, &root, &e), E_MISMATCH);
		flip(b, "tile/0/002.p/188", at, 4);
	}
	flip(b, "tile/1/000.p/2", 63, 4);
	check_code(log_open(&none, b, 700, &root, &e), E_MISMATCH);
	flip(b, "tile/1/000.p/2", 63, 4);
	flip(b, "tile/0/001", 5000, 4);
	flip(b, "tile/entries/000", 4, 4); /* entry 0 is empty */
	flip(b, "tile/entries/002.p/188", 2, 4);
	scoped(log) *l = log_at(b, 700);

	check_code(log_prove(l, 256, 700, &p, &e), E_MISMATCH);
	check_code(log_prove(l, 300, 700, &p, &e), E_MISMATCH);
	check_code(log_read(l, 0, 256, &h, &e), E_MISMATCH);
	check_code(log_entry(l, 300, out, &e), E_MISMATCH); /* its tile is not to be believed */
	check_code(log_entry(l, 1, out, &e), E_MISMATCH);
	check_code(log_entry(l, 512, out, &e), E_MISMATCH);
	check(out->len == 0);
	check_ok(log_prove(l, 0, 700, &p, &e));
	check_ok(log_entry(l, 0, out, &e));
	check_ok(log_entry(l, 2, out, &e));
	check_ok(log_entry(l, 513, out, &e));
}

TEST(a_missing_tile_or_bundle_is_noticed_by_whoever_needs_it)
{
	scoped(blobs) *b = log_of_700();
	struct hash root = root_of(700);
	scoped(buf) *out = NULL;
	struct log *none = NULL;
	struct tree_path p;

	check_ok(buf_create(&out, 0, &e));
	remove_blob(b, "tile/0/001");
	remove_blob(b, "tile/entries/000");
	scoped(log) *l = log_at(b, 700);

	check_code(log_prove(l, 256, 700, &p, &e), E_NOT_FOUND);
	check_code(log_entry(l, 0, out, &e), E_NOT_FOUND);
	remove_blob(b, "tile/0/002.p/188");
	check_code(log_open(&none, b, 700, &root, &e), E_NOT_FOUND);
}

TEST(a_missing_or_wrong_hash_tile_is_repaired_from_its_entries)
{
	scoped(blobs) *b = log_of_700();

	for (size_t i = 0; i < COUNT_OF(hash_tiles); i++) {
		scoped(buf) *before = blob_bytes(b, hash_tiles[i]), *after = NULL;
		bool older = strstr(hash_tiles[i], "/88") || strstr(hash_tiles[i], "/138");
		char line[128];

		flip(b, hash_tiles[i], 40, 1);
		snprintf(line, sizeof(line), "repaired: %s: holds other hashes than its entries "
			 "give\n", hash_tiles[i]);
		expect_told(b, 700, true, 0, line);
		cut(b, hash_tiles[i], 40);
		check(problems(b, 700, true) == 0 && strncmp(told, "repaired: ", 10) == 0);
		remove_blob(b, hash_tiles[i]);
		snprintf(line, sizeof(line), "repaired: %s: missing\n", hash_tiles[i]);
		/* Nobody knows which older heads there were. */
		expect_told(b, 700, true, 0, older ? "" : line);
		after = blob_bytes(b, hash_tiles[i]);
		check(!after == older);
		check(older || memcmp(after->data, before->data, before->len) == 0);
		expect_told(b, 700, false, 0, "");
	}
	tiles_expect(b, 700);
}

TEST(all_hash_tiles_are_repaired_at_once)
{
	scoped(blobs) *b = blobs_in(test_folder());

	grow(b, 0, 66000);
	for (unsigned i = 0; i < 257; i++) {
		char name[TILE_NAME_MAX];

		check_ok(tile_name(name, 0, i, 256, &e));
		remove_blob(b, name);
	}
	remove_blob(b, "tile/0/257.p/208");
	remove_blob(b, "tile/1/000");
	remove_blob(b, "tile/1/001.p/1");
	flip(b, "tile/2/000.p/1", 0, 1);
	check(problems(b, 66000, false) == 261);
	check(problems(b, 66000, true) == 0);
	tiles_expect(b, 66000);
	expect_told(b, 66000, false, 0, "");
}

TEST(a_tile_of_level_1_is_checked_when_it_is_read)
{
	scoped(blobs) *b = blobs_in(test_folder());
	struct tree_path p;

	grow(b, 0, 66000);
	flip(b, "tile/1/000", 8191, 1);
	scoped(log) *l = log_at(b, 66000);

	check_code(log_prove(l, 0, 66000, &p, &e), E_MISMATCH);
	check_ok(log_prove(l, 65999, 66000, &p, &e));
	expect_told(b, 66000, false, 1, "tile/1/000: holds other hashes than its entries give\n");
	expect_told(b, 66000, true, 0,
		    "repaired: tile/1/000: holds other hashes than its entries give\n");
	check_ok(log_prove(l, 0, 66000, &p, &e));
}

TEST(a_wrong_bundle_is_told_while_tiles_elsewhere_are_repaired)
{
	scoped(blobs) *b = log_of_700();

	flip(b, "tile/entries/001", 2, 1);
	flip(b, "tile/0/000", 100, 1);
	expect_told(b, 700, true, 1,
		    "repaired: tile/0/000: holds other hashes than its entries give\n"
		    "tile/entries/001: entry 256 is not what its leaf hash says\n");
	tile_expect(b, 0, 0, 256);
	remove_blob(b, "tile/entries/001");
	remove_blob(b, "tile/1/000.p/2");
	expect_told(b, 700, true, 1,
		    "tile/entries/001: missing\nrepaired: tile/1/000.p/2: missing\n");
	flip(b, "tile/entries/002.p/188", 2, 1);
	expect_told(b, 700, true, 2,
		    "tile/entries/001: missing\n"
		    "tile/entries/002.p/188: entry 512 is not what its leaf hash says\n");
}

/* Whoever forges an entry with its tiles cannot forge the root. */
TEST(nothing_is_repaired_after_entries_that_lead_to_another_root)
{
	scoped(blobs) *b = log_of_700(), *forged = blobs_in(test_folder());
	struct hash root;
	char text[64];

	scoped(log) *none = log_at(forged, 0);

	check_ok(log_add(none, "forged", 6, &e));
	for (uint64_t i = 1; i < 700; i++)
		check_ok(log_add(none, text, entry_text(i, text), &e));
	check_ok(log_write(none, &e));
	log_root(none, &root);
	expect_told(forged, 700, true, 1, "root: the entries lead to another one\n");
	remove_blob(forged, "tile/0/000");
	expect_told(forged, 700, true, 2,
		    "tile/0/000: missing\nroot: the entries lead to another one\n");
	flip(b, "tile/entries/000", 4, 1);
	remove_blob(b, "tile/0/000");
	check(problems(b, 700, true) == 3);
	scoped(buf) *still = blob_bytes(b, "tile/0/000");

	check(!still);
}

TEST(a_bundle_lost_with_its_tile_is_told_alone)
{
	scoped(blobs) *b = log_of_700();

	remove_blob(b, "tile/0/001");
	remove_blob(b, "tile/entries/001");
	expect_told(b, 700, true, 2,
		    "tile/entries/001: missing\n"
		    "tile/0/001: missing or broken, and its entries too\n");
}

TEST(a_partial_tile_that_a_full_one_covers_is_not_missed)
{
	scoped(blobs) *b = log_of_700();

	grow(b, 700, 800); /* tile 2 is full: its partial ones are gone */
	expect_told(b, 700, false, 0, "");
	expect_told(b, 700, true, 0, "");
	flip(b, "tile/0/002", 0, 1);
	expect_told(b, 700, false, 1,
		    "tile/0/002.p/188: holds other hashes than its entries give\n");
}

TEST(checking_can_be_stopped_and_counts_entries)
{
	scoped(blobs) *b = log_of_700();
	struct hash root = root_of(700);
	struct task t = { .stop = 1 };
	uint64_t count = 7;

	check_code(log_check(b, 700, &root, false, &t, NULL, NULL, &count, &e), E_CANCELLED);
	check_code(log_check(b, 700, &root, true, &t, NULL, NULL, &count, &e), E_CANCELLED);
	check(count == 7);
	t = (struct task){ .total = 700 };
	check_ok(log_check(b, 700, &root, false, &t, NULL, NULL, &count, &e));
	check(count == 0 && t.done == 700);
	check_code(log_check(b, TREE_SIZE_MAX + 1, &root, false, NULL, NULL, NULL, &count, &e),
		   E_RANGE);
}

TEST(the_log_of_tessera_has_no_problems)
{
	char folder[PATH_LEN_MAX], command[3 * PATH_LEN_MAX];
	const char *copy = test_folder();
	struct hash root;
	uint64_t count;

	snprintf(folder, sizeof(folder), "%s/vectors/transparency-dev-tessera/testdata/log",
		 test_shared());
	snprintf(command, sizeof(command), "cp -r '%s/tile' '%s'", folder, copy);
	check(system(command) == 0);
	check_ok(hash_from_hex(&root,
		"aca6c38a90af86e5f5199ee0e4105ef2c03a05b27b8daff59e4e36eefdfcddcb", &e));
	scoped(blobs) *b = blobs_in(copy);
	scoped(log) *l = NULL;

	told[0] = '\0';
	check_ok(log_open(&l, b, 15, &root, &e));
	check_ok(log_check(b, 15, &root, true, NULL, note_line, told, &count, &e));
	check(count == 0 && told[0] == '\0');
	flip(b, "tile/entries/000.p/7", 3, 1);
	check_ok(log_check(b, 15, &root, true, NULL, note_line, told, &count, &e));
	check(count == 1);
}

TEST_MAIN("log-check")
