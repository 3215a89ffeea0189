/* The catalog made again from log and vault, and an init that was killed. */
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/sys.h"
#include "base/test.h"
#include "repo/testing.h"

static struct error e;
static uint64_t model;

static void make_world(void)
{
	uint64_t order;

	trial_init(false);
	trial_source("uploads");
	trial_records("uploads", 6, "alice");
	trial_records("uploads", 4, "bob");
	model = trial_model("net", trial_dataset("faces", "0-9"), "weights");
	trial_copy(2, "other/2.jpg");
	trial_copy(8, "other/8.jpg");
	order = trial_order("0-3");
	trial_destroy_keys(order, model);
	trial_note(order, model);
	trial_note_heads();
}

static int child(const char *action, const char *folder)
{
	struct repo_new n = { .origin = "example.org/trial", .solo = true };

	trial_at(folder);
	if (strcmp(action, "init") == 0) {
		n.folder = trial.folder;
		n.keys = trial.keys;
		n.mirror = trial.mirror;
		return repo_init(&n, &e) < 0;
	}
	trial_open();
	trial_change();
	trial_close();
	return 0;
}

TEST(a_catalog_made_again_is_the_same)
{
	const char *before;

	make_world();
	before = trial_dump();
	check(trial_try_open(true) == 0);
	assert_string_equal(trial_dump(), before);
	trial_check_whole();
}

/* What was committed and not yet public is published before the catalog is given up. */
TEST(a_rebuild_after_a_kill_loses_nothing_committed)
{
	static const char *const points[] = { "catalog_committed", "log_tiles_written", "anchor_set",
					      "head_published" };

	for (size_t i = 0; i < COUNT_OF(points); i++) {
		uint64_t facts;

		make_world();
		facts = trial_facts();
		trial_close();
		check(trial_killed(points[i], 1, "change", trial.folder));
		trial_note_heads();
		check(trial_try_open(true) == 0);
		check(trial_facts() == facts + 5);
		check(!trial.r->read_only);
		trial_check_whole();
		trial_source("later");
		trial_check_whole();
	}
}

/* The catalog is lost at the worst moment: what was never public is forgotten, keys and all. */
TEST(a_kill_and_a_lost_catalog_leave_no_orphans)
{
	make_world();
	trial_save("all");
	trial_save("keys");
	for (int f = 0; f < FAULT_COUNT; f++) {
		uint64_t facts;

		trial_close();
		trial_put_back("all");
		trial_put_back("keys");
		trial_forget_heads();
		trial_open();
		facts = trial_facts();
		trial_close();
		if (!trial_killed(fault_names[f], 1, "change", trial.folder))
			continue;
		trial_note_heads();
		trial_remove("catalog");
		trial_open();
		if (f == FAULT_anchor_set) {
			/* The anchor has seen what only the lost catalog had. */
			check(trial.r->read_only && trial_facts() == facts);
			continue;
		}
		check(!trial.r->read_only);
		check(trial_facts() == (f == FAULT_head_published ? facts + 5 : facts));
		trial_check_whole();
		trial_source("later");
		trial_check_whole();
	}
}

static void flip(const char *name, uint64_t at)
{
	char path[PATH_LEN_MAX];
	uint8_t b = 0;
	int fd;

	snprintf(path, sizeof(path), "%.3000s/%.200s", trial.folder, name);
	fd = sys->open(path, 02, 0);
	check(fd >= 0 && sys->pread(fd, &b, 1, (off_t)at) == 1);
	b ^= 1;
	check(sys->pwrite(fd, &b, 1, (off_t)at) == 1);
	sys->close(fd);
}

TEST(one_damaged_card_costs_no_other_and_no_key)
{
	struct catalog_record five, six;
	scoped(fields) *card = NULL;
	char name[64];

	make_world();
	check_ok(catalog_record(trial.r->catalog, 5, &five, &e));
	trial_close();
	snprintf(name, sizeof(name), ".rescind/vault/pack/%012d", (int)five.card.pack);
	flip(name, five.card.at + 50);
	check(trial_try_open(true) == 0);
	check(trial_told("kind 1, owner 5"));
	check_ok(catalog_record(trial.r->catalog, 5, &six, &e));
	check(six.status == RECORD_LIVE && six.slot == five.slot && six.bytes.at == five.bytes.at);
	check_ok(catalog_record(trial.r->catalog, 6, &six, &e));
	check_ok(repo_card(trial.r, &six, true, &card, &e));
	check(keyring_erased(trial.r->keyring) == 5);
}

TEST(a_torn_pack_is_told_and_read_as_far_as_it_goes)
{
	struct catalog_record nine;
	char path[PATH_LEN_MAX];
	int fd;

	make_world();
	check_ok(catalog_record(trial.r->catalog, 9, &nine, &e));
	trial_close();
	snprintf(path, sizeof(path), "%.3000s/.rescind/vault/pack/%012d", trial.folder,
		 (int)nine.card.pack);
	fd = sys->open(path, 02, 0);
	check(fd >= 0 && sys->ftruncate(fd, (off_t)(nine.card.at + nine.card.len_bytes - 1)) == 0);
	sys->close(fd);
	/* The batch's fact came after: a source's records cannot be told apart without it. */
	trial_try_open(true);
	check(trial_told("torn"));
	trial_open();
	check(keyring_erased(trial.r->keyring) == 5);
}

TEST(what_a_killed_rebuild_left_is_in_nobodys_way)
{
	char path[PATH_LEN_MAX];
	const char *before;

	make_world();
	before = trial_dump();
	trial_close();
	snprintf(path, sizeof(path), "%.3000s/.rescind/catalog.new", trial.folder);
	check_ok(file_write(path, "half", 4, 0600, &e));
	snprintf(path, sizeof(path), "%.3000s/.rescind/catalog.new-journal", trial.folder);
	check_ok(file_write(path, "half", 4, 0600, &e));
	trial_remove("catalog");
	trial_open();
	assert_string_equal(trial_dump(), before);
}

/* What would be made of the rest knows less. */
TEST(a_rebuild_that_cannot_read_all_of_the_vault_leaves_a_good_catalog)
{
	char path[PATH_LEN_MAX];
	const char *before;

	make_world();
	before = trial_dump();
	trial_close();
	snprintf(path, sizeof(path), "%.3000s/.rescind/vault/pack/000000000002", trial.folder);
	check_ok(file_remove(path, &e));
	check(trial_try_open(true) == 0);
	check(trial_told("stays as it is"));
	assert_string_equal(trial_dump(), before);
}

/* A handle from before a rebuild by another process writes into the new catalog. */
TEST(a_writer_follows_a_catalog_that_was_replaced)
{
	struct repo_options o = { .at_utc_ms = UINT64_MAX, .rebuild = true };
	scoped(repo) *other = NULL;
	uint64_t facts;

	make_world();
	o.folder = trial.folder;
	check_ok(repo_open(&other, &o, &e));
	facts = trial_facts();
	trial_source("later");
	trial_open();
	check(trial.told->len == 0);
	check(trial_facts() == facts + 2);
	trial_check_whole();
}

TEST(an_init_killed_anywhere_can_be_made_again)
{
	char kept[PATH_LEN_MAX];
	unsigned kills = 0;

	for (int f = 0; f < FAULT_COUNT; f++)
		for (unsigned n = 1;; n++) {
			bool killed;

			trial_close();
			trial_at(test_folder());
			trial_forget_heads();
			/* What was in that folder before is not init's to remove. */
			snprintf(kept, sizeof(kept), "%.3000s/keys", trial.folder);
			check_ok(folder_make(kept, 0700, &e));
			snprintf(kept, sizeof(kept), "%.3000s/keys/thesis.txt", trial.folder);
			check_ok(file_write(kept, "x", 1, 0600, &e));
			killed = trial_killed(fault_names[f], n, "init", trial.folder);
			kills += killed;
			if (!killed)
				break;
			check(trial_try_open(false) == E_NOT_FOUND);
			check(!trial_killed("no", 1, "init", trial.folder));
			check(file_exists(kept));
			trial_open();
			trial_check_whole();
			check(trial_facts() == 2);
			trial_source("later");
		}
	check(kills >= 10);
}

/* Keys that belong to a repository are never taken for a killed init's. */
TEST(a_second_init_leaves_anothers_keys_alone)
{
	struct repo_new n = { .origin = "example.org/other", .solo = true };
	char folder[PATH_LEN_MAX], path[PATH_LEN_MAX];

	make_world();
	trial_close();
	snprintf(folder, sizeof(folder), "%.3000s/other", trial.folder);
	n.folder = folder;
	n.keys = trial.keys;
	check_code(repo_init(&n, &e), E_CONFLICT);
	/* Also when its own init was killed at the very end. */
	snprintf(path, sizeof(path), "%.3000s/keys/unfinished", trial.folder);
	snprintf(folder, sizeof(folder), "%.3000s/.rescind", trial.folder);
	check_ok(file_write(path, folder, strlen(folder), 0600, &e));
	snprintf(folder, sizeof(folder), "%.3000s/other", trial.folder);
	error_clear(&e);
	check_code(repo_init(&n, &e), E_CONFLICT);
	error_clear(&e);
	trial_open();
	check(!file_exists(path));
	trial_check_whole();
}

int main(int argc, char **argv)
{
	int failed;

	if (argc == 3 && strcmp(argv[0], "child") == 0)
		return child(argv[1], argv[2]);
	failed = test_run_all("rebuild");
	trial_close();
	buf_destroy(trial.told);
	return failed;
}
