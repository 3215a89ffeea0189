/*
 * A log that lost its end, on a disk in memory: what is refused, and what is there when any call of making
 * its successor fails, once or for ever, or the power goes. It is the old log, which can be followed again, or the
 * new one, whole; no size of either has two roots.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/disk.h"
#include "base/sys.h"
#include "base/test.h"
#include "base/torture.h"
#include "repo/successor.h"
#include "repo/testing.h"

static uint64_t left;
static bool mirrored;

static void fresh_disk(void)
{
	trial_close();
	disk_end();
	disk_begin();
	trial_at("/");
	trial_forget_heads();
}

static void copy(const char *from, const char *to)
{
	scoped(buf) *b = NULL;

	ok(file_read(from, 1 << 24, &b, &trial.e));
	ok(file_write(to, b->data, b->len, 0600, &trial.e));
}

/* An older catalog, and no log: some facts, records and the keys of two records are gone since. */
static void make_loss(void)
{
	struct repo_new n = { .folder = "/",
			      .keys = "/keys",
			      .origin = "example.org/trial",
			      .solo = true,
			      .mirror = mirrored ? "/mirror" : NULL };
	uint64_t order;

	fresh_disk();
	ok(repo_init(&n, &trial.e));
	trial_open();
	trial_source("uploads");
	trial_records("uploads", 4, "alice");
	trial_model("net", trial_dataset("faces", "0-3"), "weights");
	left = trial_facts();
	trial_close();
	copy("/.rescind/catalog.db", "/catalog.kept");
	trial_open();
	order = trial_order("0-1");
	trial_destroy_keys(order, 0);
	trial_records("uploads", 3, "bob");
	trial_change();
	trial_close();
	ok(folder_remove("/.rescind/log", &trial.e));
	copy("/catalog.kept", "/.rescind/catalog.db");
	trial_forget_heads();
}

static int follow(const char *head, const char *reason, bool drop, struct successor *s)
{
	struct successor_words w = {
		.lost = &head, .lost_count = head ? 1 : 0, .reason = reason, .drop = drop
	};

	trial.e.code = 0;
	return repo_succeed(trial.r, &w, s, &trial.e);
}

static void refused(int code, int want)
{
	if (code != want)
		fail_msg("%d, not %d: %s", code, want, code ? trial.e.text : "");
	error_clear(&trial.e);
}

static int act_follow(void)
{
	struct successor s;

	trial_open();
	return follow("anchor", "the disk", true, &s);
}

static int act_open(void)
{
	trial_open();
	return 0;
}

static bool is_new(void)
{
	return strncmp(trial.r->origin, "example.org/trial~2@", 20) == 0;
}

static void look_at_new(void)
{
	scoped(set) *erased = NULL;
	uint64_t records;

	trial_note_heads();
	check(!trial.r->read_only);
	check(trial_facts() == left + 3); /* it, a source and a batch */
	ok(catalog_commitment_count(trial.r->catalog, &records, &trial.e));
	ok(set_create(&erased, &trial.e));
	ok(catalog_mark_get(trial.r->catalog, MARK_ERASED, erased, &trial.e));
	check(set_has(erased, 0) && set_has(erased, 1) && !set_has(erased, 2) &&
	      !set_has(erased, 3));
	check(records > 7 && set_count(erased) == records - 2);
	trial_check_whole();
	trial_open();
	check(trial.told->len == 0);
	trial_records("uploads", 1, "carol"); /* at a place that was never given */
	trial_check_whole();
	check(!file_exists("/keys/successor") && file_exists("/keys/log~2.key") &&
	      !file_exists("/keys/log.key") && !file_exists("/keys/successor.anchor") &&
	      !file_exists("/.rescind/log.new"));
}

static void look(bool done)
{
	trial.r = NULL; /* the process that held it has ended */
	trial_open();
	check(is_new() || !done);
	if (!is_new()) {
		check(trial.r->read_only && trial_facts() == left);
		if (act_follow() < 0)
			fail_msg("again: %s", trial.e.text);
		trial_open();
	}
	look_at_new();
}

TEST(what_is_not_lost_is_not_followed)
{
	struct successor s;

	make_loss();
	trial_open();
	check(trial.r->read_only);
	refused(follow(NULL, "x", true, &s), E_USAGE);
	refused(follow("anchor", NULL, true, &s), E_USAGE);
	refused(follow("anchor", "", true, &s), E_USAGE);
	refused(follow("/nowhere", "x", true, &s), E_NOT_FOUND);
	refused(follow("/.rescind/format", "x", true, &s), E_MISMATCH);
	refused(follow("anchor", "x", false, &s), E_CONFLICT);
	trial_open();
	check(trial.r->read_only && !is_new() && trial_facts() == left);
	check(!file_exists("/.rescind/log.new") && !file_exists("/keys/log~2.key"));
	check(follow("anchor", "x", true, &s) == 0);
	check(s.keys && s.fact == left && s.left[LOG_FACTS].size == left &&
	      s.lost[LOG_FACTS].size > left);
	trial_open();
	refused(follow("anchor", "x", true, &s), E_CONFLICT);
	trial_open();
	look_at_new();
}

/* --- heads --- */

/* A note of the log's own key. */
static void write_head(const char *path, uint64_t size, const struct hash *root)
{
	struct head h = { .size = size, .root = *root };
	scoped(buf) *text = NULL, *note = NULL;
	uint8_t seed[SIGN_SEED_LEN];

	snprintf(h.origin, sizeof(h.origin), "%s", trial.r->log_key[LOG_FACTS].name);
	ok(buf_create(&text, 256, &trial.e));
	ok(buf_create(&note, 256, &trial.e));
	ok(head_put(&h, text, &trial.e));
	ok(repo_log_seed(trial.r, seed, &trial.e));
	ok(note_sign(note, buf_text(text), text->len, &trial.r->log_key[LOG_FACTS], seed,
		     &trial.e));
	ok(file_write(path, note->data, note->len, 0600, &trial.e));
}

static int follow_two(const char *one, const char *other, bool drop)
{
	const char *const lost[] = { one, other };
	struct successor_words w = { .lost = lost, .lost_count = 2, .reason = "x", .drop = drop };
	struct successor s;

	trial.e.code = 0;
	return repo_succeed(trial.r, &w, &s, &trial.e);
}

TEST(two_heads_of_one_size_prove_a_fork_and_no_loss)
{
	const struct head_state *anchor;
	struct hash other;

	make_loss();
	trial_open();
	anchor = &trial.r->anchored.head[LOG_FACTS];
	other = anchor->root;
	other.b[0] ^= 1;
	write_head("/same", anchor->size, &anchor->root);
	write_head("/other", anchor->size, &other);
	write_head("/further", anchor->size + 5, &other);
	write_head("/small", left - 1, &other);
	refused(follow_two("anchor", "/other", true), E_MISMATCH);
	refused(follow_two("/other", "/same", true), E_MISMATCH);
	refused(follow_two("/other", "/other", true), E_MISMATCH);
	/* One of what is left. */
	refused(follow_two("anchor", "/small", true), E_MISMATCH);
	/* Beyond the anchor nobody knows how many records there were. */
	refused(follow_two("/further", "anchor", true), E_USAGE);
	trial_open();
	check(trial.r->read_only && !is_new());
	check(!file_exists("/.rescind/log.new") && !file_exists("/keys/log~2.key"));
	check(follow_two("/same", "anchor", true) == 0);
	trial_open();
	look_at_new();
}

/* --- keys --- */

static bool is_alive(uint64_t slot)
{
	bool alive = false;

	ok(keyring_alive(trial.r->keyring, slot, &alive, &trial.e));
	return alive;
}

static uint64_t slot_of(uint64_t pos)
{
	struct catalog_record rec;

	ok(catalog_record(trial.r->catalog, pos, &rec, &trial.e));
	return rec.slot;
}

/* With an older catalog or none, an older vault or today's. */
static void lose_beside(bool catalog_gone, bool vault_older, uint64_t *ret_slots)
{
	trial_init(true);
	trial_source("uploads");
	trial_records("uploads", 4, "alice");
	trial_model("net", trial_dataset("faces", "0-3"), "weights");
	left = trial_facts();
	*ret_slots = keyring_slots(trial.r->keyring);
	trial_close();
	trial_save("catalog");
	trial_save("log");
	trial_save("vault");
	trial_open();
	trial_destroy_keys(trial_order("0-1"), 0);
	trial_records("uploads", 3, "bob");
	trial_model("later", trial_dataset("more", "2-5"), "other weights");
	trial_close();
	trial_put_back("log");
	if (catalog_gone)
		trial_remove("catalog");
	else
		trial_put_back("catalog");
	if (vault_older)
		trial_put_back("vault");
	trial_forget_heads();
}

TEST(no_key_of_what_was_lost_is_left_and_each_of_what_is_left)
{
	disk_end();
	for (unsigned i = 0; i < 4; i++) {
		struct successor s;
		uint64_t before, slots;

		trial_close();
		lose_beside(i & 1, i & 2, &before);
		trial_open();
		check(trial.r->read_only && trial_facts() == left);
		slots = keyring_slots(trial.r->keyring);
		refused(follow("anchor", "x", false, &s), i & 2 ? 0 : E_CONFLICT);
		if (!(i & 2))
			check(follow("anchor", "x", true, &s) == 0);
		trial_open();
		for (uint64_t slot = before; slot < slots; slot++)
			check(!is_alive(slot));
		check(!is_alive(slot_of(0)) && !is_alive(slot_of(1)) && is_alive(slot_of(2)) &&
		      is_alive(slot_of(3)));
		trial_check_whole();
	}
	trial_close();
	disk_begin();
}

TEST(lost_keys_that_come_back_are_destroyed_again)
{
	disk_end();
	for (int i = 0; i < 2; i++) {
		struct successor s;
		uint64_t before, slots, alive = 0;

		trial_close();
		lose_beside(false, false, &before);
		trial_open();
		slots = keyring_slots(trial.r->keyring);
		trial_save("keyring");
		trial_save("mirror");
		check(follow("anchor", "x", true, &s) == 0);
		for (uint64_t slot = before; slot < slots; slot++)
			check(!is_alive(slot)); /* before it is answered */
		trial_close();
		if (i)
			trial_open();
		trial_close();
		trial_save("catalog");
		trial_aside("keyring");
		trial_put_back("keyring");
		trial_aside("mirror");
		trial_put_back("mirror");
		trial_open();
		check(trial.r->read_only && trial_told("destroyed again"));
		for (uint64_t slot = before; slot < slots; slot++)
			alive += is_alive(slot);
		check(alive == 0);
		trial_close();
		trial_from_aside("keyring");
		trial_from_aside("mirror");
		trial_open();
		trial_check_whole();
	}
	trial_close();
	disk_begin();
}

TEST(a_log_without_records_is_followed)
{
	struct successor s;

	for (int i = 0; i < 2; i++) {
		struct repo_new n = { .folder = "/", .keys = "/keys", .origin = "example.org/trial" };

		fresh_disk();
		ok(repo_init(&n, &trial.e));
		copy("/.rescind/catalog.db", "/catalog.kept");
		trial_open();
		left = trial_facts();
		trial_source("uploads");
		if (i)
			trial_records("uploads", 1, "bob");
		trial_close();
		ok(folder_remove("/.rescind/log", &trial.e));
		copy("/catalog.kept", "/.rescind/catalog.db");
		trial_forget_heads();
		trial_open();
		check(trial.r->read_only);
		check(follow("anchor", "x", true, &s) == 0);
		check(s.fact == left && s.lost[LOG_RECORDS].size == (uint64_t)i);
		trial_open();
		check(trial_facts() == left + (i ? 3 : 1));
		trial_check_whole();
	}
}

TEST(a_rebuild_makes_the_same_rows)
{
	const char *before, *after;
	struct successor s;

	for (int i = 0; i < 2; i++) {
		mirrored = i;
		make_loss();
		trial_open();
		check(follow("anchor", "x", true, &s) == 0);
		trial_open();
		before = trial_dump();
		trial_close();
		check(trial_try_open(true) == 0);
		after = trial_dump();
		assert_string_equal(before, after);
		trial_change();
		before = trial_dump();
		check(trial_try_open(true) == 0);
		after = trial_dump();
		assert_string_equal(before, after);
	}
}

TEST(an_origin_that_looks_like_a_successors_is_refused)
{
	struct repo_new n = { .folder = "/", .keys = "/keys", .origin = "example.org/trial~2" };

	fresh_disk();
	refused(repo_init(&n, &trial.e), E_USAGE);
	refused(repo_init(&(struct repo_new){ .folder = "/", .keys = "/keys", .origin = "a~2@7" },
			  &trial.e),
		E_USAGE);
	n.origin = "example.org/trial@2";
	ok(repo_init(&n, &trial.e));
}

TEST(it_is_the_old_log_or_the_new_one_whole)
{
	for (int i = 0; i < 2; i++) {
		struct torture t = { .step = i ? "successor-mirrored" : "successor",
				     .act = act_follow,
				     .next = act_open,
				     .look = look,
				     .faults = 60 };

		mirrored = i;
		make_loss();
		torture(&t);
	}
}

int main(void)
{
	int failed = test_run_all("repo-successor");

	trial_close();
	disk_end();
	buf_destroy(trial.told);
	print_message("%llu faults\n", (unsigned long long)torture_faults());
	return failed;
}
