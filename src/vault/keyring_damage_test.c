/* What is stolen, lost, restored from an old copy, or rotten. */
#include "vault/keyring_testing.h"

static void put_file(const char *to_folder, const char *from_folder, const char *name,
		     const char *as)
{
	char from[PATH_LEN_MAX], to[PATH_LEN_MAX];
	scoped(buf) *b = NULL;

	check_ok(path_join(from, from_folder, name, &e));
	check_ok(path_join(to, to_folder, as, &e));
	check_ok(file_read(from, 1 << 26, &b, &e));
	check_ok(file_write(to, b->data, b->len, 0600, &e));
}

/* With these files in place of others, is the erased slot still closed? */
static void expect_closed(uint64_t slot)
{
	scoped(keyring) *r = NULL;
	uint8_t key[SEAL_KEY_LEN];
	int code;

	check_ok(keydir_open(&k, here, NULL, &e));
	code = keyring_open(&r, &k, &e);
	if (code == 0)
		code = keyring_key(r, slot, key, &e);
	check(code < 0);
}

TEST(all_files_of_after_with_sealed_files_of_before_open_no_erased_slot)
{
	char before[PATH_LEN_MAX], after[PATH_LEN_MAX];
	scoped(keyring) *r = NULL;
	const char *folder = test_folder();

	check_ok(path_join(before, folder, "before", &e));
	check_ok(path_join(after, folder, "after", &e));
	make(false);
	r = ring();
	commit_more(r, 300);
	copy_folder(before, here);
	commit_erase(r, 77);
	copy_folder(after, here);
	check(in_folder(before, "keyring/pages-2") && in_folder(after, "keyring/pages-3"));

	/* Old current, old table, old pages, and only the new epoch key, under both names. */
	put_file(here, before, "keyring/current", "keyring/current");
	put_file(here, before, "keyring/table-2", "keyring/table-2");
	put_file(here, before, "keyring/pages-2", "keyring/pages-2");
	expect_closed(77);
	put_file(here, after, "keyring/epoch-2", "keyring/epoch-1");
	expect_closed(77);
	/* The old table and pages under the new names. */
	copy_folder(here, after);
	put_file(here, before, "keyring/table-2", "keyring/table-3");
	expect_closed(77);
	copy_folder(here, after);
	put_file(here, before, "keyring/pages-2", "keyring/pages-3");
	expect_closed(77);
	put_file(here, before, "keyring/table-2", "keyring/table-3");
	put_file(here, before, "keyring/current", "keyring/current");
	expect_closed(77);

	/* By hand: no key that AFTER holds opens any sealed thing of BEFORE. */
	copy_folder(here, after);
	keyring_close(give(r));
	r = ring();
	put_file(here, before, "keyring/table-2", "old-table");
	put_file(here, before, "keyring/pages-2", "old-pages");
	for (uint64_t page = 0; page < 2; page++) {
		const struct ring_page *p = &r->state.table.pages[page];
		struct ring_page old = { .generation = 2, .live = 1 };
		uint8_t plain[PAGE_LEN], sealed[PAGE_SEALED_LEN];
		bool touched = page == 0;

		memcpy(old.key, p->key, SEAL_KEY_LEN);
		check_ok(keydir_range_at(&k, KEYDIR_HERE, "old-pages", page * PAGE_SEALED_LEN,
					 sealed, sizeof(sealed), &e));
		if (touched || p->generation == 3)
			check_code(page_open(plain, &old, page, sealed, &e), E_MISMATCH);
		memcpy(old.key, r->state.epoch_key, SEAL_KEY_LEN);
		check_code(page_open(plain, &old, page, sealed, &e), E_MISMATCH);
	}
	{
		scoped(buf) *b = NULL;
		struct ring_current was = { .generation = 2, .epoch = 1, .slots = 300 };
		struct ring_table t;

		check_ok(keydir_get_at(&k, KEYDIR_HERE, "old-table", 1 << 20, &b, &e));
		check_code(table_open(&t, b->data, b->len, &was, r->state.epoch_key, &e),
			   E_MISMATCH);
	}
}

TEST(the_directory_lost_its_mirror_takes_over)
{
	scoped(keyring) *r = NULL;

	make(true);
	r = ring();
	model_slots = 0;
	for (unsigned seed = 5, i = 0; i < 6; i++)
		model_change(r, &seed);
	keyring_close(give(r));
	check_ok(folder_remove(here, &e));
	check_ok(keydir_open(&k, here, mirror, &e));
	r = ring();
	expect_model(r);
	check(k.degraded);
	check_ok(keydir_repair(&k, &e));
	check_ok(keyring_recover(r, &e));
	check(!k.degraded);
	check_ok(folder_remove(mirror, &e));
	keyring_close(give(r));
	check_ok(keydir_open(&k, here, NULL, &e));
	r = ring();
	expect_model(r);
	/* A mirror that is not there is not made by writing. */
	add(r, 1);
	check_code(keyring_commit(r, &e), E_NOT_FOUND);
	check_ok(keydir_repair(&k, &e));
	check_ok(keyring_recover(r, &e));
	commit_more(r, 1);
	check_ok(keyring_check(r, &e));
}

TEST(an_older_directory_restored_beside_its_mirror_brings_nothing_back)
{
	char before[PATH_LEN_MAX];
	scoped(keyring) *r = NULL;
	uint8_t key[SEAL_KEY_LEN];

	make(true);
	check_ok(path_join(before, test_folder(), "before", &e));
	r = ring();
	commit_more(r, 300);
	copy_folder(before, here);
	commit_erase(r, 77);
	keyring_close(give(r));
	copy_folder(here, before); /* with its epoch key */
	check_ok(keydir_open(&k, here, NULL, &e));
	r = ring();
	check(k.degraded && keyring_epoch(r) == 2);
	check_code(keyring_key(r, 77, key, &e), E_NOT_FOUND);
	check_ok(keyring_recover(r, &e));
	check(!in_folder(here, "keyring/epoch-1") && !in_folder(here, "keyring/table-2"));
	check_ok(keyring_check(r, &e));
	check_code(keyring_key(r, 77, key, &e), E_NOT_FOUND);
}

TEST(an_older_mirror_is_brought_forward_and_brings_nothing_back)
{
	char before[PATH_LEN_MAX];
	scoped(keyring) *r = NULL;
	uint8_t key[SEAL_KEY_LEN];

	make(true);
	check_ok(path_join(before, test_folder(), "before", &e));
	r = ring();
	commit_more(r, 300);
	copy_folder(before, mirror);
	commit_erase(r, 77);
	keyring_close(give(r));
	copy_folder(mirror, before); /* with its epoch key */
	check_ok(keydir_open(&k, here, NULL, &e));
	r = ring();
	check(k.degraded && keyring_epoch(r) == 2);
	check_ok(keyring_recover(r, &e));
	check(!in_folder(mirror, "keyring/epoch-1") && !in_folder(mirror, "keyring/table-2"));
	keyring_close(give(r));
	check_ok(folder_remove(here, &e));
	check_ok(keydir_open(&k, here, mirror, &e));
	r = ring();
	check(keyring_epoch(r) == 2);
	check_code(keyring_key(r, 77, key, &e), E_NOT_FOUND);
	check_ok(keyring_key(r, 78, key, &e));
}

/* Flip a bit at every step-th byte of each file of the keyring, and look. */
static void each_flip(size_t step, void (*look)(void))
{
	char folder[PATH_LEN_MAX];
	scoped(arena) *a = NULL;
	char **names;
	size_t count;

	check_ok(arena_create(&a, &e));
	check_ok(path_join(folder, here, "keyring", &e));
	check_ok(folder_list(a, folder, &names, &count, &e));
	check(count == 4);
	for (size_t i = 0; i < count; i++) {
		char path[PATH_LEN_MAX];
		scoped(buf) *b = NULL;

		check_ok(path_join(path, folder, names[i], &e));
		check_ok(file_read(path, 1 << 26, &b, &e));
		for (size_t at = 0; at < b->len; at += b->len > 1000 ? step : 1) {
			b->data[at] ^= (uint8_t)(1 << at % 8);
			check_ok(file_write(path, b->data, b->len, 0600, &e));
			look();
			b->data[at] ^= (uint8_t)(1 << at % 8);
			check_ok(file_write(path, b->data, b->len, 0600, &e));
		}
	}
}

static void look_alone(void)
{
	scoped(keyring) *r = NULL;
	int code = keyring_open(&r, &k, &e);

	if (code == 0)
		code = keyring_check(r, &e);
	check(code == E_MISMATCH || code == E_FORMAT || code == E_RANGE);
}

static void look_mirrored(void)
{
	scoped(keyring) *r = ring();

	expect_model(r);
	if (!k.degraded)
		check(keyring_check(r, &e) < 0);
	check(k.degraded);
	check_ok(keyring_recover(r, &e));
	check_ok(keyring_check(r, &e));
	check(!k.degraded);
}

static void make_small(bool mirrored)
{
	scoped(keyring) *r = NULL;

	make(mirrored);
	r = ring();
	model_slots = 3;
	add(r, model_slots);
	for (uint64_t i = 0; i < model_slots; i++) {
		check_ok(keyring_key(r, i, model_key[i], &e));
		model_alive[i] = true;
	}
	check_ok(keyring_commit(r, &e));
}

TEST(a_flipped_bit_anywhere_is_noticed)
{
	make_small(false);
	each_flip(97, look_alone);
}

TEST(a_flipped_bit_anywhere_is_healed_from_the_mirror)
{
	make_small(true);
	each_flip(997, look_mirrored);
}

TEST(a_missing_part_is_not_a_missing_keyring)
{
	static const char *const parts[] = { "keyring/epoch-1", "keyring/table-2" };

	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		scoped(keyring) *r = NULL;

		make_small(false);
		check_ok(keydir_remove(&k, parts[i], &e));
		check_code(keyring_open(&r, &k, &e), E_MISMATCH);
	}
	{
		scoped(keyring) *r = NULL;
		uint8_t key[SEAL_KEY_LEN];

		make_small(false);
		r = ring();
		check_ok(keydir_remove(&k, "keyring/pages-2", &e));
		check_code(keyring_key(r, 0, key, &e), E_MISMATCH);
		check_code(keyring_recover(r, &e), E_MISMATCH);
	}
}

TEST_MAIN("vault/keyring_damage")
