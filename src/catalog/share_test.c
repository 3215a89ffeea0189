/* What two handles see of each other, what is left when a handle goes, and upkeep. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "base/sys.h"
#include "catalog/testing.h"

static struct error e;
static struct sys hurried;
static uint64_t hurried_us;

static uint64_t number(struct catalog *c)
{
	uint64_t v;

	check_ok(catalog_number(c, "n", 0, &v, &e));
	return v;
}

static void write_number(struct catalog *c, uint64_t v)
{
	check_ok(catalog_begin(c, &e));
	check_ok(catalog_set_number(c, "n", v, &e));
	check_ok(catalog_commit(c, &e));
}

static void hurry(uint64_t us)
{
	hurried_us += us;
}

/* A table whose sleep is over at once, so that a wait of 5 seconds takes none. */
static void hurry_begin(void)
{
	hurried = *sys;
	hurried.sleep_us = hurry;
	hurried_us = 0;
	sys = &hurried;
}

static void hurry_end(void)
{
	sys = &sys_real;
}

TEST(what_was_committed_is_there_after_reopening_and_the_rest_is_not)
{
	const char *path = fresh_path();
	struct catalog *c = opened(path);
	struct catalog_record r = { .pos = 1 };

	write_number(c, 1);
	check_ok(catalog_begin(c, &e));
	check_ok(catalog_set_number(c, "n", 2, &e));
	check_ok(catalog_put_record(c, &r, &e));
	check(number(c) == 2);
	catalog_close(c); /* rolls back */
	c = opened(path);
	check(number(c) == 1);
	check_code(catalog_record(c, 1, &r, &e), E_NOT_FOUND);
	catalog_close(c);
}

static unsigned syncs;

static int counted_fsync(int fd)
{
	syncs++;
	return sys_real.fsync(fd);
}

static void hold_number(struct catalog *c, uint64_t v)
{
	check_ok(catalog_begin(c, &e));
	check_ok(catalog_set_number(c, "n", v, &e));
	check_ok(catalog_commit_held(c, &e));
}

TEST(a_held_commit_is_nobody_elses_until_it_is_settled)
{
	const char *path = fresh_path();
	struct catalog *c = opened(path), *other = opened(path);
	uint64_t v;

	write_number(c, 1);
	hurry_begin();
	hold_number(c, 2);
	check(number(c) == 2);
	check_code(catalog_number(other, "n", 0, &v, &e), E_CONFLICT);
	error_clear(&e);
	check_code(catalog_begin(other, &e), E_CONFLICT);
	error_clear(&e);
	check(hurried_us >= 10 * 1000 * 1000);
	check_ok(catalog_settle(c, 0, &e));
	check(number(other) == 2);
	write_number(other, 3);
	hold_number(c, 4);
	catalog_close(c); /* the locks go with it */
	check(number(other) == 4);
	check_ok(catalog_settle(other, 0, &e));
	check_ok(catalog_steady(other, &e));
	check_code(catalog_commit_held(other, &e), E_USAGE);
	error_clear(&e);
	catalog_close(other);
	hurry_end();
}

TEST(a_held_commit_waits_for_its_disk_alone)
{
	const char *path = fresh_path();
	struct catalog *c = opened(path);
	struct sys counted = sys_real;
	unsigned ordinary, held;
	struct stat st;

	write_number(c, 1);
	check(sys->lstat(path, &st) == 0);
	counted.fsync = counted_fsync;
	sys = &counted;
	syncs = 0;
	write_number(c, 2);
	ordinary = syncs;
	for (uint64_t i = 0; i < 3; i++) {
		uint64_t device = i == 0 ? (uint64_t)st.st_dev : i == 1 ? (uint64_t)st.st_dev + 1 : 0;

		syncs = 0;
		hold_number(c, 3 + i);
		held = syncs;
		check(held + 1 == ordinary);
		check_ok(catalog_settle(c, device, &e));
		check(syncs == held + (i > 0));
	}
	syncs = 0;
	write_number(c, 9); /* it holds no longer */
	check(syncs == ordinary);
	check_ok(catalog_settle(c, 0, &e));
	check_ok(catalog_steady(c, &e));
	check(syncs == ordinary + 1);
	sys = &sys_real;
	catalog_close(c);
}

TEST(a_rollback_leaves_nothing)
{
	struct catalog *c = opened(fresh_path());
	struct tag t = { { 1 } };
	struct hash h = { { 2 } };
	scoped(set) *s = NULL;
	uint64_t v;

	check_ok(set_create(&s, &e));
	check_ok(set_add(s, 3, &e));
	check_ok(catalog_begin(c, &e));
	check_ok(catalog_add_fact(c, 0, "x", 1, &e));
	check_ok(catalog_add_commitments(c, 0, &h, 1, &e));
	check_ok(catalog_add_tag(c, TAG_ATTR, &t, 3, &e));
	check_ok(catalog_add_never(c, &t, 4, &e));
	check_ok(catalog_mark_put(c, 1, s, &e));
	catalog_rollback(c);
	check_ok(set_remove(s, 3, &e));
	check_ok(catalog_fact_count(c, &v, &e));
	check(v == 0);
	check_ok(catalog_commitment_count(c, &v, &e));
	check(v == 0);
	check_ok(catalog_tagged(c, TAG_ATTR, &t, s, &e));
	check_ok(catalog_mark_get(c, 1, s, &e));
	check(set_count(s) == 0);
	check_ok(catalog_never(c, &t, &v, &e));
	check(v == 0);
	write_number(c, 1);
	catalog_close(c);
}

TEST(a_reader_sees_the_old_state_until_the_writer_commits)
{
	const char *path = fresh_path();
	struct catalog *w = opened(path), *r = opened(path);

	write_number(w, 1);
	check_ok(catalog_begin(w, &e));
	check_ok(catalog_set_number(w, "n", 2, &e));
	check(number(w) == 2 && number(r) == 1);
	check_ok(catalog_commit(w, &e));
	check(number(w) == 2 && number(r) == 2);
	write_number(r, 3);
	check(number(w) == 3);
	catalog_close(w);
	catalog_close(r);
}

TEST(a_reader_s_view_stands_and_the_commit_that_it_blocks_is_a_conflict)
{
	const char *path = fresh_path();
	struct catalog *w = opened(path), *r = opened(path);

	write_number(w, 1);
	check_ok(catalog_begin_read(r, &e));
	check_ok(catalog_begin(w, &e));
	check_ok(catalog_set_number(w, "n", 2, &e));
	hurry_begin();
	check_code(catalog_commit(w, &e), E_CONFLICT);
	hurry_end();
	check(hurried_us >= 4000000 && hurried_us <= 6000000);
	check(number(r) == 1 && number(w) == 1);
	check_ok(catalog_begin(w, &e)); /* the failed one is rolled back */
	check_ok(catalog_set_number(w, "n", 3, &e));
	catalog_rollback(r);
	check_ok(catalog_commit(w, &e));
	check(number(r) == 3);
	catalog_close(w);
	catalog_close(r);
}

TEST(the_second_writer_waits_five_seconds_and_is_told)
{
	const char *path = fresh_path();
	struct catalog *a = opened(path), *b = opened(path);

	check_ok(catalog_begin(a, &e));
	hurry_begin();
	check_code(catalog_begin(b, &e), E_CONFLICT);
	hurry_end();
	check(hurried_us >= 4000000 && hurried_us <= 6000000);
	catalog_close(a); /* lets go */
	write_number(b, 7);
	catalog_close(b);
}

static ssize_t no_room(int fd, const void *p, size_t len, off_t at)
{
	(void)fd;
	(void)p;
	(void)len;
	(void)at;
	errno = ENOSPC;
	return -1;
}

/* SQLite may have ended the transaction by itself: each later write would be its own. */
TEST(after_a_failed_write_nothing_is_kept_that_was_not_committed)
{
	const char *path = fresh_path();
	struct catalog *c = opened(path);
	struct sys table = sys_real;
	int later;

	table.pwrite = no_room;
	check_ok(catalog_begin(c, &e));
	sys = &table;
	check_code(catalog_set_number(c, "first", 1, &e), E_IO);
	sys = &sys_real;
	later = catalog_set_number(c, "n", 2, &e);
	check(later == 0 || later == E_IO);
	check_code(catalog_commit(c, &e), later);
	check(number(c) == (later == 0 ? 2 : 0));
	write_number(c, 3);
	catalog_close(c);
}

static void tell(void *ctx, const char *line)
{
	check(*line != 0 && strchr(line, '\n') == NULL);
	++*(uint64_t *)ctx;
}

TEST(check_finds_nothing_in_a_sound_catalog_and_something_in_a_damaged_one)
{
	const char *path = fresh_path();
	struct catalog *c = opened(path);
	scoped(buf) *file = NULL;
	uint64_t told = 0, problems = 9;

	check_ok(catalog_begin(c, &e));
	for (uint64_t pos = 0; pos < 2000; pos++) {
		struct catalog_record r = { .pos = pos };

		check_ok(catalog_put_record(c, &r, &e));
	}
	check_ok(catalog_commit(c, &e));
	check_ok(catalog_check(c, tell, &told, &problems, &e));
	check(problems == 0 && told == 0);
	catalog_close(c);
	check_ok(file_read(path, 1 << 24, &file, &e));
	check(file->len > 5 * 8192);
	memset(file->data + file->len - 8192 + 8, 0xa5, 64); /* cell pointers of the last page */
	check_ok(file_write(path, file->data, file->len, 0600, &e));
	c = opened(path);
	check_ok(catalog_check(c, tell, &told, &problems, &e));
	check(problems > 0 && told == problems);
	catalog_close(c);
}

TEST(compacting_gives_back_the_room_and_keeps_the_rest)
{
	const char *path = fresh_path();
	struct catalog *c = opened(path);
	uint64_t before, after;
	static uint8_t large[1 << 20];

	write_number(c, 5);
	check_ok(catalog_begin(c, &e));
	check_ok(catalog_set_bytes(c, "large", large, sizeof(large), &e));
	check_ok(catalog_commit(c, &e));
	check_ok(catalog_begin(c, &e));
	check_ok(catalog_set_bytes(c, "large", large, 1, &e));
	check_ok(catalog_commit(c, &e));
	check_ok(file_size(path, &before, &e));
	check_ok(catalog_compact(c, &e));
	check_ok(file_size(path, &after, &e));
	check(before > sizeof(large) && after < 200000);
	catalog_close(c);
	c = NULL;
	check_ok(catalog_open(&c, path, false, &e)); /* still ours, still of our format */
	check(number(c) == 5);
	catalog_close(c);
}
TEST_MAIN("catalog-share")
