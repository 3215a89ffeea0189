#include "vault/keyring_testing.h"

static bool folder_holds(const char *folder, const uint8_t *needle, size_t len)
{
	scoped(arena) *a = NULL;
	char **names;
	size_t count;
	bool found = false;

	check_ok(arena_create(&a, &e));
	check_ok(folder_list(a, folder, &names, &count, &e));
	for (size_t i = 0; i < count; i++) {
		char path[PATH_LEN_MAX];
		scoped(buf) *b = NULL;
		struct stat st;

		check_ok(path_join(path, folder, names[i], &e));
		check(sys->lstat(path, &st) == 0);
		if (S_ISDIR(st.st_mode)) {
			found |= folder_holds(path, needle, len);
			continue;
		}
		check_ok(file_read(path, 1 << 26, &b, &e));
		found |= memmem(b->data, b->len, needle, len) != NULL;
	}
	return found;
}

TEST(a_new_keyring_is_empty_and_is_made_once)
{
	scoped(keyring) *r = NULL;
	uint8_t key[SEAL_KEY_LEN];
	struct keydir none;

	make(true);
	r = ring();
	check(keyring_slots(r) == 0 && keyring_erased(r) == 0 && keyring_epoch(r) == 1 &&
	      keyring_generation(r) == 1);
	check_code(keyring_key(r, 0, key, &e), E_NOT_FOUND);
	check_code(keyring_erase(r, 0, &e), E_NOT_FOUND);
	check_code(keyring_create(&k, &e), E_CONFLICT);
	check_ok(keyring_commit(r, &e));
	check(keyring_generation(r) == 1);
	check_ok(keydir_create(&none, test_folder(), NULL, &e));
	check_code(keyring_open(&r, &none, &e), E_NOT_FOUND);
}

TEST(slots_have_keys_before_and_after_their_commit)
{
	scoped(keyring) *r = NULL, *other = NULL;
	uint8_t before[SEAL_KEY_LEN], after[SEAL_KEY_LEN];
	uint64_t first;

	make(false);
	r = ring();
	check_ok(keyring_add(r, 300, &first, &e));
	check(first == 0 && keyring_slots(r) == 0);
	check_ok(keyring_add(r, 1, &first, &e));
	check(first == 300);
	check_ok(keyring_add(r, 0, &first, &e));
	check(first == 301);
	check_ok(keyring_key(r, 299, before, &e));
	check_code(keyring_key(r, 301, after, &e), E_NOT_FOUND);
	check_ok(keyring_commit(r, &e));
	check(keyring_slots(r) == 301 && keyring_epoch(r) == 1 && keyring_generation(r) == 2);
	other = ring();
	check_ok(keyring_key(other, 299, after, &e));
	check(memcmp(before, after, SEAL_KEY_LEN) == 0);
	check_code(keyring_key(other, 301, after, &e), E_NOT_FOUND);
}

TEST(what_is_forgotten_leaves_nothing)
{
	scoped(keyring) *r = NULL;
	uint8_t key[SEAL_KEY_LEN];
	bool alive;

	make(false);
	r = ring();
	commit_more(r, 10);
	add(r, 600);
	check_ok(keyring_erase(r, 3, &e));
	keyring_forget(r);
	check_ok(keyring_alive(r, 3, &alive, &e));
	check(alive);
	check_code(keyring_key(r, 10, key, &e), E_NOT_FOUND);
	check_ok(keyring_commit(r, &e));
	check(keyring_generation(r) == 2 && keyring_slots(r) == 10);
}

TEST(after_any_history_every_slot_is_what_it_should_be)
{
	for (unsigned seed = 1; seed <= 4; seed++) {
		unsigned s = seed;

		make(seed % 2 == 0);
		model_slots = 0;
		for (int i = 0; i < 30; i++) {
			scoped(keyring) *r = ring(), *again = NULL;

			model_change(r, &s);
			if (i % 5 > 0)
				continue;
			expect_model(r);
			again = ring();
			expect_model(again);
			check_ok(keyring_recover(again, &e));
			check_ok(keyring_check(again, &e));
			expect_model(again);
			check(!k.degraded);
		}
	}
}

TEST(erasing_makes_a_new_epoch_and_adding_does_not)
{
	scoped(keyring) *r = NULL;

	make(true);
	r = ring();
	commit_more(r, 600);
	check(keyring_epoch(r) == 1);
	commit_erase(r, 5);
	check(keyring_epoch(r) == 2 && keyring_erased(r) == 1);
	check(!in_folder(here, "keyring/epoch-1") && !in_folder(mirror, "keyring/epoch-1"));
	check(in_folder(here, "keyring/epoch-2") && in_folder(mirror, "keyring/epoch-2"));
	check(!in_folder(here, "keyring/table-2") && in_folder(here, "keyring/table-3"));
	commit_erase(r, 5); /* it was: no new generation */
	check(keyring_epoch(r) == 2 && keyring_generation(r) == 3);
}

TEST(a_page_that_is_wholly_erased_needs_no_bytes)
{
	scoped(keyring) *r = NULL;
	uint8_t key[SEAL_KEY_LEN];
	uint64_t first;

	make(false);
	r = ring();
	commit_more(r, 100);
	for (uint64_t i = 0; i < 100; i++)
		check_ok(keyring_erase(r, i, &e));
	check_ok(keyring_commit(r, &e));
	check(!in_folder(here, "keyring/pages-2") && !in_folder(here, "keyring/pages-3"));
	check_code(keyring_key(r, 99, key, &e), E_NOT_FOUND);
	/* And can go on. */
	check_ok(keyring_add(r, 1, &first, &e));
	check(first == 100);
	check_ok(keyring_commit(r, &e));
	check_ok(keyring_key(r, 100, key, &e));
	check_code(keyring_key(r, 99, key, &e), E_NOT_FOUND);
	check(keyring_erased(r) == 100);
}

TEST(an_erased_key_is_nowhere_in_the_clear)
{
	scoped(keyring) *r = NULL;
	uint8_t key[SEAL_KEY_LEN];

	make(true);
	r = ring();
	commit_more(r, 300);
	check_ok(keyring_key(r, 77, key, &e));
	check(!folder_holds(here, key, 16));
	commit_erase(r, 77);
	check(!folder_holds(here, key, 16) && !folder_holds(mirror, key, 16));
}

TEST(a_reader_follows_a_writer)
{
	scoped(keyring) *w = NULL, *r = NULL;
	uint8_t a[SEAL_KEY_LEN], b[SEAL_KEY_LEN];
	uint64_t first;

	make(true);
	w = ring();
	r = ring();
	commit_more(w, 600);
	check(keyring_slots(r) == 0);
	check_ok(keyring_refresh(r, &e));
	check(keyring_slots(r) == 600);
	check_ok(keyring_key(w, 300, a, &e));
	commit_erase(w, 5);
	/* The table that r holds speaks of files that were swept. */
	check_ok(keyring_key(r, 300, b, &e));
	check(memcmp(a, b, SEAL_KEY_LEN) == 0);
	check_code(keyring_key(r, 5, b, &e), E_NOT_FOUND);
	/* Two writers at once cannot be, by the lock; it is noticed all the same. */
	check_ok(keyring_add(r, 1, &first, &e));
	commit_more(w, 1);
	check_code(keyring_refresh(r, &e), E_CONFLICT);
	keyring_forget(r);
	check_ok(keyring_refresh(r, &e));
	check(keyring_slots(r) == 601);
}

TEST(many_changes_leave_few_files)
{
	scoped(keyring) *r = NULL;
	scoped(arena) *a = NULL;
	char **names;
	size_t count;

	make(false);
	check_ok(arena_create(&a, &e));
	r = ring();
	for (unsigned i = 0; i < 150; i++)
		commit_more(r, 256);
	check_ok(keydir_list(&k, a, "keyring", &names, &count, &e));
	check(count <= 3 + 9);
	check_ok(keyring_check(r, &e));
}

TEST(a_change_touches_so_many_pages_and_not_one_more)
{
	const uint64_t most = (uint64_t)KEYRING_CHANGE_PAGES_MAX * KEYRING_PAGE_SLOTS;
	scoped(keyring) *r = NULL;
	uint64_t first;

	make(false);
	r = ring();
	check_code(keyring_add(r, KEYRING_SLOTS_MAX + 1, &first, &e), E_RANGE);
	check_code(keyring_add(r, UINT64_MAX, &first, &e), E_RANGE);
	check_code(keyring_add(r, most + 1, &first, &e), E_RANGE);
	keyring_forget(r);
	check_ok(keyring_add(r, most, &first, &e));
	check_code(keyring_add(r, 1, &first, &e), E_RANGE);
	check_ok(keyring_erase(r, most - 1, &e));
}

TEST(ten_thousand_of_a_hundred_thousand_are_erased_in_no_time)
{
	scoped(keyring) *r = NULL;
	uint64_t start;

	make(true);
	r = ring();
	commit_more(r, 100000);
	start = sys->monotonic_us();
	for (uint64_t i = 0; i < 10000; i++)
		check_ok(keyring_erase(r, i * 7919 % 100000, &e));
	check_ok(keyring_commit(r, &e));
	print_message("10,000 of 100,000 slots erased, mirrored: %.1f ms\n",
		      (double)(sys->monotonic_us() - start) / 1000);
	check(keyring_erased(r) == 10000);
	check(sys->monotonic_us() - start < 3000000);
}

TEST_MAIN("vault/keyring")
