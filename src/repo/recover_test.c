/* Kills at every named point, and stores put back. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/test.h"
#include "repo/testing.h"

static struct error e;

/* A repository with something of everything; model's fact. */
static uint64_t model, faces;

static void make_world(bool mirrored)
{
	trial_init(mirrored);
	trial_source("uploads");
	trial_records("uploads", 6, "alice");
	trial_records("uploads", 4, "bob");
	faces = trial_dataset("faces", "0-9");
	model = trial_model("net", faces, "weights");
	trial_copy(2, "other/2.jpg");
	trial_note_heads();
}

/* The same world again, made once. */
static void again(bool mirrored)
{
	static const char *const stores[] = { "all", "keys", "mirror" };

	trial_close();
	trial_forget_heads();
	for (int i = 0; i < 2 + mirrored; i++)
		trial_put_back(stores[i]);
	trial_open();
	trial_note_heads();
}

static void make_world_to_come_back(bool mirrored)
{
	make_world(mirrored);
	trial_save("all");
	trial_save("keys");
	if (mirrored)
		trial_save("mirror");
}

/* The records 0-3 are erased, and the model with them. */
static void erase_some(void)
{
	uint64_t order = trial_order("0-3");

	trial_destroy_keys(order, model);
	trial_note(order, model);
	trial_note_heads();
}

static uint64_t erased_count(void)
{
	scoped(set) *s = NULL;

	check_ok(set_create(&s, &e));
	check_ok(catalog_mark_get(trial.r->catalog, MARK_ERASED, s, &e));
	return set_count(s);
}

static int child(const char *action, const char *folder)
{
	trial_at(folder);
	trial_open();
	if (strcmp(action, "change") == 0)
		trial_change();
	else if (strcmp(action, "copy") == 0)
		trial_copy(1, "again/1.jpg");
	else {
		trial_destroy_keys((uint64_t)atoi(action), (uint64_t)atoi(strchr(action, ',') + 1));
		trial_note((uint64_t)atoi(action), (uint64_t)atoi(strchr(action, ',') + 1));
	}
	trial_close();
	return 0;
}

/* A mirror is a matter of the keyring's steps alone. */
static bool is_keyring(int f)
{
	return strncmp(fault_names[f], "keyring", 7) == 0;
}

static unsigned kills;

/* Killed at the n-th passing of f: the state before or after, nothing left of what was not, and
 * the next change takes its place. False when f is not passed so often. */
static bool survives_change(int f, unsigned n, bool mirrored)
{
	uint64_t facts;
	bool killed;

	again(mirrored);
	facts = trial_facts();
	trial_close();
	killed = trial_killed(fault_names[f], n, "change", trial.folder);
	kills += killed;
	trial_note_heads();
	trial_open();
	check(trial_facts() == facts + 5 || (killed && trial_facts() == facts));
	check(!trial.r->read_only);
	trial_check_whole();
	if (!killed)
		return false;
	trial_source("another");
	trial_check_whole();
	trial_open();
	check(trial.told->len == 0);
	return true;
}

TEST(a_change_killed_anywhere_is_whole_or_gone)
{
	for (int mirrored = 0; mirrored < 2; mirrored++) {
		kills = 0;
		make_world_to_come_back(mirrored);
		for (int f = 0; f < FAULT_COUNT; f++)
			for (unsigned n = 1; !mirrored || is_keyring(f); n++)
				if (!survives_change(f, n, mirrored))
					break;
		check(kills >= (mirrored ? 3 : 11));
	}
}

TEST(a_copy_killed_anywhere_is_noted_or_not)
{
	kills = 0;
	make_world_to_come_back(false);
	for (int f = 0; f < FAULT_COUNT; f++) {
		bool killed;

		again(false);
		trial_close();
		killed = trial_killed(fault_names[f], 1, "copy", trial.folder);
		kills += killed;
		trial_note_heads();
		trial_open();
		check(killed || trial.told->len == 0);
		trial_check_whole();
		trial_open();
		check(trial.told->len == 0);
	}
	check(kills >= 6);
}

/* A key is destroyed or not; what is, is marked before anything is served, and the order goes on. */
static bool survives_erasure(int f, unsigned n, bool mirrored)
{
	uint64_t order;
	char action[64];
	bool killed;

	again(mirrored);
	order = trial_order("0-3");
	trial_close();
	snprintf(action, sizeof(action), "%d,%d", (int)order, (int)model);
	killed = trial_killed(fault_names[f], n, action, trial.folder);
	kills += killed;
	trial_note_heads();
	trial_open();
	trial_check_whole();
	check(erased_count() == 4 || (killed && erased_count() == 0));
	check(erased_count() == 4 || keyring_erased(trial.r->keyring) == 0);
	trial_open();
	check(trial.told->len == 0);
	return killed;
}

TEST(an_erasure_killed_anywhere_is_marked)
{
	for (int mirrored = 0; mirrored < 2; mirrored++) {
		kills = 0;
		make_world_to_come_back(mirrored);
		for (int f = 0; f < FAULT_COUNT; f++)
			for (unsigned n = 1; !mirrored || is_keyring(f); n++)
				if (!survives_erasure(f, n, mirrored))
					break;
		check(kills >= (mirrored ? 7 : 13));
	}
}

/* --- put back --- */

TEST(a_catalog_that_is_missing_is_made_again)
{
	const char *before;

	make_world(false);
	erase_some();
	before = trial_dump();
	trial_close();
	trial_remove("catalog");
	trial_open();
	check(trial_told("catalog is missing"));
	assert_string_equal(trial_dump(), before);
	trial_check_whole();
	trial_source("later");
	trial_check_whole();
}

TEST(an_older_catalog_is_made_again)
{
	const char *before;

	make_world(false);
	trial_save("catalog");
	erase_some();
	before = trial_dump();
	trial_close();
	trial_put_back("catalog");
	trial_open();
	check(trial_told("catalog is older"));
	assert_string_equal(trial_dump(), before);
	trial_change();
	trial_check_whole();
}

/* Neither log nor keyring tell of it: the number of changes does. */
TEST(an_older_catalog_does_not_forget_a_copy)
{
	const char *before;

	make_world(false);
	trial_save("catalog");
	trial_copy(3, "more/3.jpg");
	before = trial_dump();
	trial_close();
	trial_put_back("catalog");
	trial_open();
	check(trial_told("catalog is older"));
	assert_string_equal(trial_dump(), before);
	trial_check_whole();
}

TEST(an_older_log_is_published_again_as_it_was)
{
	make_world(false);
	trial_save("log");
	erase_some();
	trial_change();
	trial_note_heads();
	trial_close();
	trial_put_back("log");
	trial_open();
	check(trial_told("public log was behind"));
	check(!trial.r->read_only);
	trial_check_whole();
	trial_source("later");
	trial_check_whole();
}

TEST(a_log_that_is_missing_is_made_again)
{
	make_world(false);
	trial_close();
	trial_remove("log");
	trial_open();
	check(!trial.r->read_only);
	trial_check_whole();
	trial_source("later");
	trial_open();
	check(trial.told->len == 0);
}

TEST(a_head_that_is_damaged_is_published_again)
{
	char path[PATH_LEN_MAX];

	make_world(false);
	trial_close();
	snprintf(path, sizeof(path), "%.3000s/.rescind/log/facts/checkpoint", trial.folder);
	check_ok(file_write(path, "nonsense\n", 9, 0644, &e));
	trial_open();
	check(trial_told("damaged"));
	trial_check_whole();
}

TEST(an_older_vault_is_noticed_and_nothing_else_is_lost)
{
	uint64_t facts;

	make_world(false);
	trial_save("vault");
	trial_records("uploads", 2, "carol");
	trial_close();
	trial_put_back("vault");
	trial_open();
	check(trial_told("the vault is older"));
	check(!trial.r->read_only);
	facts = trial_facts();
	trial_source("later");
	check(trial_facts() == facts + 2);
	check(keyring_erased(trial.r->keyring) == 0);
}

static bool told_once(const char *part)
{
	const char *at = strstr(buf_text(trial.told), part);

	return at && !strstr(at + 1, part);
}

TEST(an_older_repository_is_read_and_not_written)
{
	scoped(change) *c = NULL;

	make_world(false);
	trial_save("all");
	erase_some();
	trial_change();
	trial_note_heads();
	trial_close();
	trial_put_back("all");
	for (int twice = 0; twice < 2; twice++) {
		uint64_t erased;

		trial_open();
		erased = keyring_erased(trial.r->keyring);
		check(trial_told("is older than its keys directory"));
		check(trial.r->read_only);
		check(erased_count() == 4);
		check(erased == 5); /* four records, one file: no key of what it does not know */
		check_code(change_begin(&c, trial.r, &e), E_MISMATCH);
		check(told_once("is older than its keys directory"));
		trial_note_heads();
	}
}

TEST(a_newer_repository_put_back_after_an_older_goes_on)
{
	const char *before;

	make_world(false);
	trial_save("all");
	erase_some();
	trial_change();
	before = trial_dump();
	trial_close();
	trial_aside("all");
	trial_put_back("all");
	trial_open();
	check(trial.r->read_only);
	trial_close();
	trial_from_aside("all");
	trial_open();
	check(trial.told->len == 0 && !trial.r->read_only);
	assert_string_equal(trial_dump(), before);
	trial_check_whole();
}

TEST(older_keys_bring_nothing_back_and_write_nothing)
{
	scoped(change) *c = NULL;

	make_world(false);
	trial_save("keys");
	erase_some();
	trial_save("all");
	trial_close();
	trial_put_back("keys");
	for (int twice = 0; twice < 2; twice++) {
		trial_open();
		check(trial_told("keys directory is older"));
		check(trial.r->read_only);
		check(erased_count() == 4);
		check(keyring_erased(trial.r->keyring) == 5);
		check_code(change_begin(&c, trial.r, &e), E_MISMATCH);
		check(told_once("keys directory is older"));
	}
}

/* Each part of the keys directory is enough to tell. */
TEST(an_older_anchor_or_keyring_alone_is_noticed)
{
	static const char *const parts[] = { "anchor", "keyring" };

	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		make_world(false);
		trial_save(parts[i]);
		erase_some();
		trial_close();
		trial_put_back(parts[i]);
		trial_open();
		check(trial_told("keys directory is older"));
		check(trial.r->read_only);
		check(keyring_erased(trial.r->keyring) == 5);
	}
}

/* No key was destroyed in between: what came later is only not known. */
static void erase_nothing(const char *older)
{
	const char *before;

	make_world(false);
	trial_save(older);
	trial_records("uploads", 3, "carol");
	before = trial_dump();
	trial_close();
	trial_aside(older);
	trial_put_back(older);
	trial_remove("catalog");
	check(trial_try_open(false) == E_MISMATCH);
	trial_from_aside(older);
	trial_open();
	assert_string_equal(trial_dump(), before);
	trial_check_whole();
}

TEST(an_older_keyring_and_a_lost_catalog_erase_nothing)
{
	erase_nothing("keyring");
}

TEST(older_keys_and_a_lost_catalog_erase_nothing)
{
	erase_nothing("keys");
}

/* Neither knows what was erased since: nothing may be served, whatever else is there. */
TEST(older_keys_and_an_older_catalog_serve_nothing)
{
	static const char *const parts[] = { "keys", "keyring" };

	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		const char *before;

		make_world(false);
		trial_save(parts[i]);
		trial_save("catalog");
		erase_some();
		before = trial_dump();
		trial_close();
		trial_aside(parts[i]);
		trial_put_back(parts[i]);
		trial_aside("catalog");
		trial_put_back("catalog");
		for (int twice = 0; twice < 2; twice++)
			check(trial_try_open(false) == E_MISMATCH);
		check(trial_try_open(true) == E_MISMATCH);
		trial_remove("catalog");
		check(trial_try_open(false) == E_MISMATCH);
		trial_from_aside(parts[i]);
		trial_open();
		assert_string_equal(trial_dump(), before);
		trial_check_whole();
	}
}

static void spoil(const char *name, const char *bytes)
{
	char path[PATH_LEN_MAX];

	snprintf(path, sizeof(path), "%.3000s/%.200s", trial.folder, name);
	check_ok(file_write(path, bytes, strlen(bytes), 0600, &e));
}

TEST(an_anchor_that_is_damaged_is_read_from_the_mirror_or_made_again_when_asked)
{
	static const char *const bytes[] = { "", "rescind anchor 3\n", "rescind anchor 2\nfacts 1 ab\n" };

	for (size_t i = 0; i < COUNT_OF(bytes); i++)
		for (int mirrored = 0; mirrored < 2; mirrored++) {
			const char *before;

			make_world(mirrored);
			before = trial_dump();
			trial_close();
			spoil("keys/anchor", bytes[i]);
			if (!mirrored) {
				check(trial_try_open(false) != 0);
				check(trial_try_open(true) == 0);
				check(trial_told("the anchor was lost"));
			}
			trial_open();
			assert_string_equal(trial_dump(), before);
			trial_source("later");
			trial_open();
			check(trial.told->len == 0);
			trial_check_whole();
		}
}

TEST(a_flipped_bit_anywhere_in_an_anchor_is_noticed)
{
	char path[PATH_LEN_MAX];
	scoped(buf) *whole = NULL;

	make_world(false);
	trial_close();
	snprintf(path, sizeof(path), "%.3000s/keys/anchor", trial.folder);
	check_ok(file_read(path, 4096, &whole, &e));
	for (size_t at = 0; at < whole->len; at++) {
		whole->data[at] ^= 1;
		check_ok(file_write(path, whole->data, whole->len, 0600, &e));
		check(trial_try_open(false) != 0);
		whole->data[at] ^= 1;
	}
	check_ok(file_write(path, whole->data, whole->len, 0600, &e));
	trial_open();
	check(trial.told->len == 0);
}

TEST(an_anchor_of_format_one_is_read_and_becomes_two)
{
	scoped(buf) *b = NULL, *after = NULL;
	char path[PATH_LEN_MAX];
	char *end;

	make_world(false);
	trial_close();
	snprintf(path, sizeof(path), "%.3000s/keys/anchor", trial.folder);
	check_ok(file_read(path, 4096, &b, &e));
	end = strstr((char *)b->data, "epoch ");
	check(end && b->data[15] == '2');
	b->data[15] = '1';
	check_ok(file_write(path, b->data, (size_t)(end - (char *)b->data), 0600, &e));
	trial_open();
	check(trial.told->len == 0);
	trial_source("later");
	check_ok(file_read(path, 4096, &after, &e));
	check(strncmp((char *)after->data, "rescind anchor 2\n", 17) == 0);
	trial_check_whole();
}

TEST(older_keys_beside_a_newer_mirror_are_healed)
{
	const char *before;

	make_world(true);
	trial_save("keys");
	erase_some();
	before = trial_dump();
	trial_close();
	trial_put_back("keys");
	trial_open();
	check(!trial.r->read_only);
	assert_string_equal(trial_dump(), before);
	trial_check_whole();
	trial_source("later");
	trial_check_whole();
	trial_open();
	check(trial.told->len == 0);
}

TEST(an_older_mirror_beside_newer_keys_is_healed)
{
	const char *before;

	make_world(true);
	trial_save("mirror");
	erase_some();
	before = trial_dump();
	trial_close();
	trial_put_back("mirror");
	trial_open();
	check(!trial.r->read_only);
	assert_string_equal(trial_dump(), before);
	trial_source("later");
	trial_check_whole();
	trial_open();
	check(trial.told->len == 0);
}

int main(int argc, char **argv)
{
	int failed;

	if (argc == 3 && strcmp(argv[0], "child") == 0)
		return child(argv[1], argv[2]);
	failed = test_run_all("recover");
	trial_close();
	return failed;
}
