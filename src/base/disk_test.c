/* The disk in memory: what a cut loses, and what it may not. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/arena.h"
#include "base/disk.h"
#include "base/file.h"
#include "base/sys.h"
#include "base/test.h"

static struct error e;

static int file_at(const char *path, const char *text, bool synced)
{
	int fd = sys->open(path, O_RDWR | O_CREAT, 0600);

	check(fd >= 0);
	check_ok(fd_write_all(fd, text, strlen(text), &e));
	check(!synced || sys->fsync(fd) == 0);
	return fd;
}

static bool reads(const char *path, const char *text)
{
	scoped(buf) *b = NULL;
	struct error why = { 0 };

	return file_read(path, 100, &b, &why) == 0 && strcmp(buf_text(b), text) == 0;
}

TEST(what_is_durable_outlasts_a_cut)
{
	scoped(arena) *a = NULL;
	char **names;
	size_t count;

	check_ok(arena_create(&a, &e));
	disk_begin();
	check_ok(folder_make("/a/b", 0700, &e));
	check_ok(file_write("/a/b/f", "one", 3, 0600, &e));
	check_ok(file_write("/a/b/f", "two", 3, 0600, &e));
	disk_cut(LOSE_ALL, 1);
	check(reads("/a/b/f", "two"));
	check_ok(folder_list(a, "/a/b", &names, &count, &e));
	check(count == 1);
	disk_end();
}

TEST(a_name_is_not_durable_with_its_bytes)
{
	disk_begin();
	check_ok(folder_make("/a", 0700, &e));
	file_at("/a/f", "bytes", true);
	disk_cut(LOSE_ALL, 1);
	check(!file_exists("/a/f"));
	disk_end();
}

TEST(bytes_are_not_durable_with_their_name)
{
	disk_begin();
	check_ok(folder_make("/a", 0700, &e));
	file_at("/a/f", "bytes", false);
	check_ok(folder_sync("/a", &e));
	disk_cut(LOSE_ALL, 1);
	check(reads("/a/f", ""));
	disk_end();
}

TEST(a_kill_loses_nothing_but_locks_and_descriptors)
{
	int fd, other;

	disk_begin();
	check_ok(folder_make("/a", 0700, &e));
	fd = file_at("/a/f", "bytes", false);
	other = sys->open("/a/f", O_RDWR, 0);
	check(sys->lock(fd, F_WRLCK, 0, 10) == 0);
	check(sys->lock(other, F_RDLCK, 9, 1) < 0 && errno == EAGAIN);
	check(sys->lock(fd, F_UNLCK, 5, 5) == 0);
	check(sys->lock(other, F_RDLCK, 9, 1) == 0);
	check(sys->lock(other, F_RDLCK, 4, 1) < 0);
	disk_kill();
	check(sys->close(fd) < 0 && errno == EBADF);
	check(reads("/a/f", "bytes"));
	fd = sys->open("/a/f", O_RDWR, 0);
	check(sys->lock(fd, F_WRLCK, 0, 10) == 0);
	disk_end();
}

TEST(by_luck_any_of_two_writes_is_lost)
{
	bool found[4] = { false };

	for (uint64_t luck = 0; luck < 64; luck++) {
		uint8_t two[2] = { 0 };
		int fd;

		disk_begin();
		check_ok(folder_make("/a", 0700, &e));
		fd = file_at("/a/f", "", true);
		check(sys->ftruncate(fd, 1024) == 0);
		disk_settle();
		check(sys->pwrite(fd, "x", 1, 0) == 1 && sys->pwrite(fd, "y", 1, 512) == 1);
		disk_cut(LOSE_SOME, luck);
		fd = sys->open("/a/f", O_RDONLY, 0);
		check(sys->pread(fd, &two[0], 1, 0) == 1 && sys->pread(fd, &two[1], 1, 512) == 1);
		found[(two[0] == 'x') + 2 * (two[1] == 'y')] = true;
		disk_end();
	}
	check(found[0] && found[1] && found[2] && found[3]);
}

TEST(after_a_failed_fsync_a_later_one_that_works_brings_nothing_back)
{
	int fd;

	disk_begin();
	check_ok(folder_make("/a", 0700, &e));
	fd = file_at("/a/f", "old", true);
	disk_settle();
	check(sys->pwrite(fd, "new", 3, 0) == 3);
	disk_arm(DISK_FSYNC, 1, false);
	check(sys->fsync(fd) < 0 && errno == EIO);
	check(sys->fsync(fd) == 0);
	check(disk_disarm() == 2);
	assert_string_equal(disk_met(), "fsync /a/f");
	check(reads("/a/f", "new"));
	disk_cut(LOSE_NONE, 1);
	check(reads("/a/f", "old"));
	disk_end();
}

TEST(a_file_system_ends_where_its_folder_does)
{
	int fd;

	disk_begin();
	check_ok(folder_make("/a", 0700, &e));
	check_ok(folder_make("/b", 0700, &e));
	disk_settle();
	fd = file_at("/a/f", "a", false);
	file_at("/b/f", "b", false);
	check(sys->rename("/a/f", "/b/g") < 0 && errno == EXDEV);
	check(sys->syncfs(fd) == 0);
	check(disk_holds("/b", "b", 1) && !disk_holds("/b", "a", 1));
	disk_cut(LOSE_ALL, 1);
	check(reads("/a/f", "a") && !file_exists("/b/f"));
	disk_end();
}

TEST(from_the_stop_on_nothing_happens)
{
	disk_begin();
	check_ok(folder_make("/a", 0700, &e));
	disk_arm(DISK_STOP, 2, false);
	check(sys->mkdir("/a/b", 0700) == 0);
	check(sys->mkdir("/a/c", 0700) < 0 && errno == EIO);
	check(sys->open("/a", O_RDONLY | O_DIRECTORY, 0) < 0);
	disk_disarm();
	assert_string_equal(disk_met(), "mkdir /a/c");
	check(file_exists("/a/b") && !file_exists("/a/c"));
	disk_end();
}
static bool same_marks(const uint64_t a[2], const uint64_t b[2])
{
	return a[0] == b[0] && a[1] == b[1];
}

static void mark(uint64_t ret[2])
{
	ret[0] = ret[1] = 0;
	disk_mark(ret, "more", 4);
}

TEST(states_have_one_mark_when_they_are_the_same)
{
	uint64_t before[2], after[2];

	disk_begin();
	check_ok(folder_make("/a", 0700, &e));
	check_ok(file_write("/a/f", "one", 3, 0600, &e));
	check_ok(file_write("/a/g", "two", 3, 0600, &e));
	mark(before);
	check(sys->rename("/a/f", "/a/h") == 0);
	mark(after);
	check(!same_marks(before, after)); /* another name */
	check(sys->rename("/a/h", "/a/f") == 0);
	mark(after);
	check(same_marks(before, after));
	check_ok(file_write("/a/f", "onE", 3, 0600, &e));
	mark(after);
	check(!same_marks(before, after)); /* another byte */
	check_ok(file_write("/a/f", "two", 3, 0600, &e));
	check_ok(file_write("/a/g", "one", 3, 0600, &e));
	mark(after);
	check(!same_marks(before, after)); /* the same bytes elsewhere */
	check_ok(file_write("/a/f", "one", 3, 0600, &e));
	check_ok(file_write("/a/g", "two", 3, 0600, &e));
	mark(after);
	check(same_marks(before, after));
	file_at("/a/f", "six", false);
	mark(after);
	check(!same_marks(before, after));
	disk_cut(LOSE_ALL, 1);
	mark(after);
	check(same_marks(before, after)); /* as it was */
	check_ok(folder_make("/a/b", 0700, &e));
	mark(after);
	check(!same_marks(before, after)); /* an empty folder */
	disk_end();
}

TEST(links_of_one_file_are_not_two_files_with_its_bytes)
{
	uint64_t linked[2], apart[2];

	disk_begin();
	check_ok(folder_make("/a", 0700, &e));
	check_ok(file_write("/a/f", "one", 3, 0600, &e));
	check(sys->link("/a/f", "/a/g") == 0);
	mark(linked);
	check_ok(file_write("/a/g", "one", 3, 0600, &e));
	mark(apart);
	check(!same_marks(linked, apart));
	disk_end();
}

TEST(another_day_is_the_same_whatever_was_drawn)
{
	uint64_t a, b, at;

	disk_begin();
	disk_another_day();
	check(sys->random(&a, sizeof(a)) == 0);
	at = sys->now_utc_ms();
	disk_end();
	disk_begin();
	check(sys->random(&b, sizeof(b)) == 0);
	sys->sleep_us(1000);
	disk_another_day();
	check(sys->random(&b, sizeof(b)) == 0);
	check(a == b && sys->now_utc_ms() == at);
	disk_another_day();
	check(sys->random(&b, sizeof(b)) == 0);
	check(a != b && sys->now_utc_ms() > at);
	disk_end();
}

static unsigned concerned[DISK_FAULTS];

static void count(unsigned faults)
{
	for (int f = 0; f < DISK_FAULTS; f++)
		concerned[f] += faults >> f & 1;
	if (concerned[DISK_FSYNC] == 1)
		disk_arm(DISK_FSYNC, 1, false);
}

TEST(who_watches_can_let_this_very_call_fail)
{
	disk_begin();
	check_ok(folder_make("/a", 0700, &e));
	memset(concerned, 0, sizeof(concerned));
	disk_watch(count);
	check(sys->fsync(file_at("/a/f", "one", false)) < 0);
	check(strcmp(disk_met(), "fsync /a/f") == 0);
	disk_watch(NULL);
	disk_disarm();
	check(concerned[DISK_FSYNC] == 1 && concerned[DISK_EIO] == 3 && concerned[DISK_SHORT] == 1);
	check(concerned[DISK_STOP] == 3 && concerned[DISK_COUNT] == 0);
	disk_end();
}

TEST(what_a_failed_sync_spoiled_stays_apart)
{
	int fd;

	disk_begin();
	check_ok(folder_make("/a", 0700, &e));
	fd = file_at("/a/f", "one", true);
	check_ok(folder_sync("/a", &e));
	check(sys->pwrite(fd, "two", 3, 0) == 3);
	disk_arm(DISK_FSYNC, 1, false);
	check(sys->fsync(fd) < 0);
	disk_disarm();
	check(sys->pwrite(fd, "!", 1, 3) == 1);
	check(sys->fsync(fd) == 0);
	check(reads("/a/f", "two!"));
	check(disk_holds("/a", "one", 3) && disk_holds("/a", "two", 3));
	check(disk_spoiled());
	disk_cut(LOSE_ALL, 1);
	check(reads("/a/f", "one!") && !disk_spoiled());
	check(!disk_holds("/a", "two", 3));
	disk_end();
}

TEST_MAIN("base-disk")
