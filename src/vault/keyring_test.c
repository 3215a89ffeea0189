#include "vault/keyring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "base/test.h"
#include "vault/keyring_parts.h"

static struct error e;
static struct keydir k;
static char here[PATH_LEN_MAX], mirror[PATH_LEN_MAX];

static void make(bool mirrored)
{
	const char *folder = test_folder();

	check_ok(path_join(here, folder, "keys", &e));
	check_ok(path_join(mirror, folder, "mirror", &e));
	check_ok(keydir_create(&k, here, mirrored ? mirror : NULL, &e));
	check_ok(keyring_create(&k, &e));
}

static struct keyring *ring(void)
{
	struct keyring *r = NULL;

	check_ok(keyring_open(&r, &k, &e));
	return r;
}

static void add(struct keyring *r, uint64_t count)
{
	uint64_t first, want = keyring_slots(r);

	check_ok(keyring_add(r, count, &first, &e));
	check(first >= want);
}

static void commit_more(struct keyring *r, uint64_t count)
{
	add(r, count);
	check_ok(keyring_commit(r, &e));
}

static void commit_erase(struct keyring *r, uint64_t slot)
{
	check_ok(keyring_erase(r, slot, &e));
	check_ok(keyring_commit(r, &e));
}

static bool in_folder(const char *folder, const char *name)
{
	char path[PATH_LEN_MAX];

	check_ok(path_join(path, folder, name, &e));
	return file_exists(path);
}

/* cp -a, removing what was there. */
static void copy_folder(const char *to, const char *from)
{
	scoped(arena) *a = NULL;
	char **names;
	size_t count;

	check_ok(arena_create(&a, &e));
	check_ok(folder_remove(to, &e));
	check_ok(folder_make(to, 0700, &e));
	check_ok(folder_list(a, from, &names, &count, &e));
	for (size_t i = 0; i < count; i++) {
		char x[PATH_LEN_MAX], y[PATH_LEN_MAX];
		scoped(buf) *b = NULL;
		struct stat st;

		check_ok(path_join(x, from, names[i], &e));
		check_ok(path_join(y, to, names[i], &e));
		check(sys->lstat(x, &st) == 0);
		if (S_ISDIR(st.st_mode)) {
			copy_folder(y, x);
			continue;
		}
		check_ok(file_read(x, 1 << 26, &b, &e));
		check_ok(file_write(y, b->data, b->len, 0600, &e));
	}
}

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

/* The model: what every slot should be. */
enum { MODEL_MAX = 4000 };
static uint8_t model_key[MODEL_MAX][SEAL_KEY_LEN];
static bool model_alive[MODEL_MAX];
static uint64_t model_slots;

static void expect_model(struct keyring *r)
{
	scoped(set) *s = NULL;
	uint64_t erased = 0;

	check_ok(set_create(&s, &e));
	check_ok(keyring_erased_set(r, s, &e));
	check(keyring_slots(r) == model_slots);
	for (uint64_t i = 0; i < model_slots; i++) {
		uint8_t key[SEAL_KEY_LEN];
		bool alive;

		check_ok(keyring_alive(r, i, &alive, &e));
		check(alive == model_alive[i] && set_has(s, i) == !alive);
		erased += !alive;
		if (!alive) {
			check_code(keyring_key(r, i, key, &e), E_NOT_FOUND);
			continue;
		}
		check_ok(keyring_key(r, i, key, &e));
		check(memcmp(key, model_key[i], SEAL_KEY_LEN) == 0);
	}
	check(keyring_erased(r) == erased && set_count(s) == erased);
}

static void model_change(struct keyring *r, unsigned *seed)
{
	uint64_t more = (uint64_t)rand_r(seed) % 200, first;
	unsigned erase = rand_r(seed) % 3 == 0 ? (unsigned)rand_r(seed) % 60 : 0;

	if (model_slots + more > MODEL_MAX)
		more = 0;
	check_ok(keyring_add(r, more, &first, &e));
	check(first == model_slots);
	for (; model_slots < first + more; model_slots++) {
		check_ok(keyring_key(r, model_slots, model_key[model_slots], &e));
		model_alive[model_slots] = true;
	}
	for (unsigned i = 0; i < erase && model_slots > 0; i++) {
		/* Runs, so that whole pages go too; also slots just added. */
		uint64_t slot = (uint64_t)rand_r(seed) % model_slots;

		for (uint64_t j = slot; j < slot + 40 && j < model_slots; j++) {
			check_ok(keyring_erase(r, j, &e));
			model_alive[j] = false;
		}
	}
	check_ok(keyring_commit(r, &e));
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
