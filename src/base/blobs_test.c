#include "base/blobs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/test.h"

static struct error e;

static struct blobs *open_in(const char *folder)
{
	struct blobs *b = NULL;

	check_ok(blobs_open_folder(&b, folder, 0700, &e));
	return b;
}

static int put(struct blobs *b, const char *name, const char *text)
{
	return b->calls->put(b, name, text, strlen(text), &e);
}

static void expect(struct blobs *b, const char *name, const char *text)
{
	scoped(buf) *out = NULL;
	uint64_t size;

	check_ok(buf_create(&out, 0, &e));
	check_ok(b->calls->size(b, name, &size, &e));
	check(size == strlen(text));
	check_ok(b->calls->get(b, name, 0, size, out, &e));
	check(strcmp(buf_text(out), text) == 0);
}

static int note(void *ctx, const char *name, uint64_t len_bytes, struct error *story)
{
	struct buf **names = ctx;

	return buf_printf(*names, story, "%s=%llu ", name, (unsigned long long)len_bytes);
}

static void expect_list(struct blobs *b, const char *prefix, const char *want)
{
	scoped(buf) *names = NULL;

	check_ok(buf_create(&names, 0, &e));
	check_ok(b->calls->list(b, prefix, note, &names, &e));
	if (strcmp(buf_text(names), want) != 0)
		fail_msg("list %s: %s", prefix, buf_text(names));
}

TEST(what_is_put_is_got_and_never_put_over)
{
	scoped(blobs) *b = open_in(test_folder());

	check_ok(put(b, "pack/1", "one"));
	check_ok(put(b, "pack/1", "one"));
	check_code(put(b, "pack/1", "two"), E_CONFLICT);
	check_code(put(b, "pack/1", "one more"), E_CONFLICT);
	check_code(put(b, "pack/1", ""), E_CONFLICT);
	expect(b, "pack/1", "one");
	check_ok(put(b, "empty", ""));
	expect(b, "empty", "");
	expect_list(b, "", "empty=0 pack/1=3 ");
}

enum { MANY_TRIED = 40 };
static char many_names[MANY_TRIED][32], many_bytes[MANY_TRIED][32];

static int write_many(struct blobs *b, size_t count, bool over)
{
	struct blob_write list[MANY_TRIED];

	for (size_t i = 0; i < count; i++) {
		snprintf(many_names[i], sizeof(many_names[i]), "%zu/%zu", i % 3, i);
		list[i] = (struct blob_write){ many_names[i], many_bytes[i], strlen(many_bytes[i]),
					       over };
	}
	return b->calls->write_many(b, list, count, &e) < 0 ? e.code :
							      b->calls->settle(b, NULL, NULL, &e);
}

static bool no_temporary_file_is_left(const char *folder)
{
	char command[256];

	snprintf(command, sizeof(command), "test -z \"$(find '%.180s' -name '.tmp-*')\"", folder);
	return system(command) == 0;
}

TEST(many_that_are_written_are_all_there_and_others_only_where_that_is_meant)
{
	static const size_t counts[] = { 0, 1, 7, 8, 9, MANY_TRIED };
	const char *folder = test_folder();
	scoped(blobs) *b = open_in(folder);

	for (size_t i = 0; i < MANY_TRIED; i++)
		snprintf(many_bytes[i], sizeof(many_bytes[i]), "bytes %zu", i);
	for (size_t k = 0; k < COUNT_OF(counts); k++) {
		check_ok(write_many(b, counts[k], false));
		for (size_t i = 0; i < counts[k]; i++)
			expect(b, many_names[i], many_bytes[i]);
	}
	check_ok(write_many(b, MANY_TRIED, false)); /* the same again */
	many_bytes[20][0] = 'B';
	check_code(write_many(b, MANY_TRIED, false), E_CONFLICT);
	many_bytes[20][0] = 'b';
	expect(b, many_names[20], many_bytes[20]);
	strcpy(many_bytes[20], "another length");
	check_ok(write_many(b, MANY_TRIED, true));
	for (size_t i = 0; i < MANY_TRIED; i++)
		expect(b, many_names[i], many_bytes[i]);
	check(no_temporary_file_is_left(folder));
}

TEST(what_is_staged_lands_by_land_alone)
{
	const char *folder = test_folder();
	scoped(blobs) *b = open_in(folder);

	check_ok(b->calls->replace(b, "head", "one", 3, &e));
	check_ok(b->calls->stage(b, "head", "two", 3, &e));
	check_ok(b->calls->settle(b, NULL, NULL, &e));
	expect(b, "head", "one");
	expect_list(b, "", "head=3 ");
	check_ok(b->calls->land(b, "head", "two", 3, &e));
	expect(b, "head", "two");
	check(no_temporary_file_is_left(folder));
	/* Another than was staged; staged and not settled; staged twice; for another name. */
	check_ok(b->calls->stage(b, "head", "three", 5, &e));
	check_ok(b->calls->settle(b, NULL, NULL, &e));
	check_ok(b->calls->land(b, "head", "thr33", 5, &e));
	expect(b, "head", "thr33");
	check_ok(b->calls->stage(b, "head", "four", 4, &e));
	check_ok(b->calls->land(b, "head", "four", 4, &e));
	expect(b, "head", "four");
	check_ok(b->calls->stage(b, "head", "five", 4, &e));
	check_ok(b->calls->stage(b, "tail", "six", 3, &e));
	check_ok(b->calls->settle(b, NULL, NULL, &e));
	check_ok(b->calls->land(b, "head", "six", 3, &e));
	expect(b, "head", "six");
	expect_list(b, "", "head=3 ");
	check(no_temporary_file_is_left(folder));
	check_ok(b->calls->stage(b, "head", "seven", 5, &e));
	blobs_close(give(b));
	check(no_temporary_file_is_left(folder));
}

static struct sys unlucky;
static unsigned opens_left;

static int open_while_lucky(const char *path, int flags, mode_t mode)
{
	if ((flags & O_CREAT) && opens_left-- == 0) {
		errno = ENOSPC;
		return -1;
	}
	return sys_real.open(path, flags, mode);
}

static int cannot_sync_together(int fd)
{
	(void)fd;
	errno = ENOSYS;
	return -1;
}

static unsigned syncs;

static int counted_fsync(int fd)
{
	syncs++;
	return sys_real.fsync(fd);
}

static int counted_syncfs(int fd)
{
	syncs++;
	return sys_real.syncfs(fd);
}

TEST(what_landed_waits_for_the_next_settle)
{
	scoped(blobs) *b = open_in(test_folder());
	uint64_t device;
	struct stat st;

	check(sys->lstat(test_folder(), &st) == 0);
	for (int together = 0; together < 2; together++) {
		unlucky = sys_real;
		unlucky.fsync = counted_fsync;
		unlucky.syncfs = together ? counted_syncfs : cannot_sync_together;
		sys = &unlucky;
		check_ok(b->calls->stage(b, "head", "one", 3, &e));
		check_ok(b->calls->settle(b, NULL, &device, &e));
		check(device == (together ? (uint64_t)st.st_dev : 0));
		syncs = 0;
		check_ok(b->calls->land(b, "head", "one", 3, &e));
		check(syncs == 0);
		expect(b, "head", "one");
		check_ok(b->calls->settle(b, NULL, &device, &e));
		check(syncs == (together ? 1 : 2));
		check_ok(b->calls->settle(b, NULL, &device, &e));
		check(syncs == (together ? 1 : 2) && device == 0);
		/* Not staged: durable at once. */
		check_ok(b->calls->land(b, "head", "two", 3, &e));
		check(syncs == (together ? 3 : 4));
		sys = &sys_real;
	}
}

TEST(many_of_which_one_cannot_be_written_leave_nothing)
{
	const char *folder = test_folder();
	scoped(blobs) *b = open_in(folder);

	unlucky = sys_real;
	unlucky.open = open_while_lucky;
	opens_left = 12;
	sys = &unlucky;
	check(write_many(b, MANY_TRIED, false) < 0);
	sys = &sys_real;
	error_clear(&e);
	check(no_temporary_file_is_left(folder));
	expect_list(b, "", "");
	unlucky = sys_real;
	unlucky.syncfs = cannot_sync_together;
	sys = &unlucky;
	check_ok(write_many(b, MANY_TRIED, false));
	sys = &sys_real;
	expect(b, many_names[39], many_bytes[39]);
}

TEST(blobs_of_many_chunks_are_compared_to_the_last_byte)
{
	static uint8_t bytes[100001];
	scoped(blobs) *b = open_in(test_folder());

	check_ok(b->calls->put(b, "a", bytes, sizeof(bytes), &e));
	check_ok(b->calls->put(b, "a", bytes, sizeof(bytes), &e));
	bytes[sizeof(bytes) - 1] = 1;
	check_code(b->calls->put(b, "a", bytes, sizeof(bytes), &e), E_CONFLICT);
	check_ok(b->calls->begin(b, "a", &e));
	check_ok(b->calls->part(b, bytes, sizeof(bytes), &e));
	check_code(b->calls->finish(b, &e), E_CONFLICT);
	expect_list(b, "", "a=100001 ");
}

TEST(a_range_is_appended_or_nothing)
{
	scoped(blobs) *b = open_in(test_folder());
	scoped(buf) *out = NULL;

	check_ok(buf_from(&out, "<", 1, &e));
	check_ok(put(b, "a", "0123456789"));
	for (uint64_t at = 0; at <= 11; at++)
		for (uint64_t len = 0; len <= 12; len++) {
			out->len = 1;
			if (at + len <= 10) {
				check_ok(b->calls->get(b, "a", at, len, out, &e));
				check(out->len == 1 + len);
				check(memcmp(out->data + 1, &"0123456789"[at], len) == 0);
			} else {
				check_code(b->calls->get(b, "a", at, len, out, &e), E_FORMAT);
				check(strcmp(buf_text(out), "<") == 0);
			}
		}
	out->len = 1;
	check_code(b->calls->get(b, "a", 0, UINT64_MAX, out, &e), E_FORMAT);
	check_code(b->calls->get(b, "a", UINT64_MAX, 1, out, &e), E_FORMAT);
	check_code(b->calls->get(b, "none", 0, 0, out, &e), E_NOT_FOUND);
	check(out->len == 1);
}

TEST(names_lead_nowhere_but_below)
{
	const char *bad[] = { "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "a/..",
			      "a b", "a\nb", "a\\b", "\xc3\xa4", "a\x7f", ".tmp-1-0", "a/.tmp-x",
			      ".tmp-", "a:b", "a*" };
	const char *folder = test_folder();
	scoped(blobs) *b = open_in(folder);
	scoped(buf) *out = NULL;
	char name[BLOBS_NAME_MAX + 2];
	uint64_t size;

	check_ok(buf_create(&out, 0, &e));
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		check_code(put(b, bad[i], "x"), E_FORMAT);
		check_code(b->calls->replace(b, bad[i], "x", 1, &e), E_FORMAT);
		check_code(b->calls->get(b, bad[i], 0, 0, out, &e), E_FORMAT);
		check_code(b->calls->size(b, bad[i], &size, &e), E_FORMAT);
		check_code(b->calls->remove(b, bad[i], &e), E_FORMAT);
		check_code(b->calls->begin(b, bad[i], &e), E_FORMAT);
	}
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = i % 2 ? '/' : 'n';
	name[BLOBS_NAME_MAX] = '\0';
	check_ok(put(b, name, "longest"));
	expect(b, name, "longest");
	name[BLOBS_NAME_MAX] = 'n';
	name[BLOBS_NAME_MAX + 1] = '\0';
	check_code(put(b, name, "x"), E_RANGE);
	check_ok(put(b, "..a", "x"));
	check_ok(put(b, ".t", "x"));
}

TEST(lists_are_in_order_of_bytes_and_hold_blobs_alone)
{
	const char *folder = test_folder();
	scoped(blobs) *b = open_in(folder);
	char path[PATH_LEN_MAX];

	check_ok(put(b, "a/z", "1"));
	check_ok(put(b, "a/b/c", "22"));
	check_ok(put(b, "a.b", "333"));
	check_ok(put(b, "a-b", ""));
	check_ok(put(b, "a0", ""));
	check_ok(put(b, "B/1", ""));
	check_ok(path_join(path, folder, "a/.tmp-1-1", &e));
	check_ok(file_write(path, "left", 4, 0600, &e));
	check_ok(path_join(path, folder, "a/not ours", &e));
	check_ok(file_write(path, "x", 1, 0600, &e));
	check_ok(path_join(path, folder, "a/link", &e));
	check(symlink("z", path) == 0);
	expect_list(b, "", "B/1=0 a-b=0 a.b=3 a/b/c=2 a/z=1 a0=0 ");
	expect_list(b, "a/", "a/b/c=2 a/z=1 ");
	expect_list(b, "a/b/", "a/b/c=2 ");
	expect_list(b, "none/", "");
	check_code(b->calls->list(b, "a", note, NULL, &e), E_FORMAT);
	check_code(b->calls->list(b, "../", note, NULL, &e), E_FORMAT);
	check_code(b->calls->list(b, "/", note, NULL, &e), E_FORMAT);
}

static int stop_at_second(void *ctx, const char *name, uint64_t len_bytes, struct error *story)
{
	unsigned *count = ctx;

	(void)name, (void)len_bytes;
	return ++*count == 2 ? error_set(story, E_CANCELLED, "enough") : 0;
}

TEST(a_list_ends_when_it_is_told_to)
{
	scoped(blobs) *b = open_in(test_folder());
	unsigned count = 0;

	check_ok(put(b, "a/1", ""));
	check_ok(put(b, "b/1", ""));
	check_ok(put(b, "c/1", ""));
	check_code(b->calls->list(b, "", stop_at_second, &count, &e), E_CANCELLED);
	check(count == 2);
}

TEST(what_is_removed_or_replaced_is_not_read_from_an_open_file)
{
	const char *folder = test_folder();
	scoped(blobs) *b = open_in(folder), *other = open_in(folder);
	scoped(buf) *out = NULL;

	check_ok(buf_create(&out, 0, &e));
	check_ok(put(b, "head", "1"));
	expect(b, "head", "1");
	check_ok(b->calls->replace(b, "head", "22", 2, &e));
	expect(b, "head", "22");
	check_ok(other->calls->replace(other, "head", "333", 3, &e));
	expect(b, "head", "333");
	check_ok(other->calls->remove(other, "head", &e));
	check_code(b->calls->get(b, "head", 0, 1, out, &e), E_NOT_FOUND);
	check_ok(put(other, "head", "new"));
	expect(b, "head", "new");
	check_ok(b->calls->remove(b, "head", &e));
	check_ok(b->calls->remove(b, "head", &e));
	check_ok(b->calls->remove(b, "no/such/folder", &e));
	check_code(b->calls->get(b, "head", 0, 1, out, &e), E_NOT_FOUND);
}

static unsigned opens, open_now;

static int counting_open(const char *path, int flags, mode_t mode)
{
	int fd = sys_real.open(path, flags, mode);

	opens++;
	open_now += fd >= 0;
	return fd;
}

static int counting_close(int fd)
{
	open_now--;
	return sys_real.close(fd);
}

TEST(a_blob_read_often_is_opened_once_and_few_stay_open)
{
	struct sys fake = sys_real;
	struct blobs *b = open_in(test_folder());
	char name[16];

	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "%d", i);
		check_ok(put(b, name, name));
	}
	fake.open = counting_open;
	fake.close = counting_close;
	sys = &fake;
	opens = open_now = 0;
	for (int i = 0; i < 100; i++)
		expect(b, "0", "0");
	check(opens == 1);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "%d", i);
		expect(b, name, name);
		expect(b, "0", "0"); /* what is used stays */
	}
	check(opens == 20 && open_now == 8);
	blobs_close(b);
	check(open_now == 0);
	sys = &sys_real;
}

TEST(a_blob_in_parts_lands_whole_or_not_at_all)
{
	const char *folder = test_folder();
	scoped(blobs) *b = open_in(folder);

	check_code(b->calls->part(b, "x", 1, &e), E_NOT_FOUND);
	check_code(b->calls->finish(b, &e), E_NOT_FOUND);
	check_ok(b->calls->begin(b, "p/1", &e));
	check_code(b->calls->begin(b, "p/2", &e), E_CONFLICT);
	check_ok(b->calls->part(b, "one ", 4, &e));
	check_ok(put(b, "p/0", "beside"));
	check_ok(b->calls->part(b, "two", 3, &e));
	expect_list(b, "", "p/0=6 ");
	check_ok(b->calls->finish(b, &e));
	expect(b, "p/1", "one two");
	check_ok(b->calls->begin(b, "p/3", &e));
	check_ok(b->calls->part(b, "x", 1, &e));
	b->calls->drop(b);
	b->calls->drop(b);
	expect_list(b, "p/", "p/0=6 p/1=7 ");
	check_ok(b->calls->begin(b, "p/4", &e));
}

static int writes_left;

static ssize_t few_writes(int fd, const void *p, size_t len)
{
	if (writes_left-- > 0)
		return write(fd, p, len > 2 ? 2 : len);
	errno = ENOSPC;
	return -1;
}

TEST(a_full_disk_leaves_what_was_there)
{
	const char *folder = test_folder();
	struct sys fake = sys_real;
	scoped(blobs) *b = open_in(folder);

	check_ok(put(b, "head", "old"));
	fake.write = few_writes;
	sys = &fake;
	writes_left = 1;
	check_code(put(b, "a", "bytes"), E_IO);
	writes_left = 1;
	check_code(b->calls->replace(b, "head", "newer", 5, &e), E_IO);
	check_ok(b->calls->begin(b, "p", &e));
	writes_left = 1;
	check_code(b->calls->part(b, "bytes", 5, &e), E_IO);
	check_code(b->calls->finish(b, &e), E_NOT_FOUND);
	sys = &sys_real;
	expect(b, "head", "old");
	expect_list(b, "", "head=3 ");
}

TEST(of_two_processes_that_put_one_wins_and_the_other_is_told)
{
	const char *folder = test_folder();
	scoped(blobs) *b = open_in(folder);
	int won = 0, told = 0;
	char name[2] = "";

	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			snprintf(name, sizeof(name), "%d", i);
			_exit(-put(b, "log/next", name));
		}
	for (int status = 0; wait(&status) > 0;) {
		won += WIFEXITED(status) && WEXITSTATUS(status) == 0;
		told += WIFEXITED(status) && WEXITSTATUS(status) == -E_CONFLICT;
	}
	check(won == 1 && told == 3);
	expect_list(b, "", "log/next=1 ");
}

TEST_MAIN("blobs")
