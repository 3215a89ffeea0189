#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/sys.h"
#include "base/test.h"

static struct error e;

static const char *in(const char *folder, const char *name)
{
	static char paths[32][PATH_LEN_MAX];
	static unsigned next;
	char *path = paths[next++ % 32];

	check_ok(path_join(path, folder, name, &e));
	return path;
}

static void expect(const char *path, const char *text)
{
	scoped(buf) *b = NULL;

	check_ok(file_read(path, 1000, &b, &e));
	check(strcmp(buf_text(b), text) == 0);
}

TEST(paths_join_with_one_slash_up_to_the_limit)
{
	char path[PATH_LEN_MAX], name[PATH_LEN_MAX];

	check_ok(path_join(path, "a", "b", &e));
	check(strcmp(path, "a/b") == 0);
	check_ok(path_join(path, "a//", "b/c", &e));
	check(strcmp(path, "a/b/c") == 0);
	check_ok(path_join(path, "/", "b", &e));
	check(strcmp(path, "/b") == 0);
	memset(name, 'n', sizeof(name));
	name[PATH_LEN_MAX - 3] = '\0'; /* "a/" and this and NUL fill it */
	check_ok(path_join(path, "a", name, &e));
	check(strlen(path) == PATH_LEN_MAX - 1);
	name[PATH_LEN_MAX - 3] = 'n';
	name[PATH_LEN_MAX - 2] = '\0';
	check_code(path_join(path, "a", name, &e), E_RANGE);
}

TEST(paths_are_shown_on_one_line_without_control_bytes)
{
	char out[64];

	check(strcmp(path_escape(out, 64, "a\n\t\"'\\b\x01\x7f"), "a\\n\\t\\\"\\'\\\\b\\x01\\x7f") == 0);
	check(strcmp(path_escape(out, 64, "\xc3\xa4\xff\xc3"), "\xc3\xa4\\xff\\xc3") == 0);
	check(strcmp(path_escape(out, 64, "\xc2\x9b!"), "\\xc2\\x9b!") == 0);
	check(strcmp(path_escape(out, 6, "abcde"), "abcde") == 0);
	check(strcmp(path_escape(out, 6, "abcdef"), "ab...") == 0);
	check(strcmp(path_escape(out, 6, "a\ncdef"), "a...") == 0);
	check(strcmp(path_escape(out, 4, "\n\n\n\n"), "...") == 0);
	check(strcmp(path_escape(out, 1, "abc"), "") == 0);
	for (size_t cap = 1; cap < 64; cap++)
		check(strlen(path_escape(out, cap, "\xc2\x9b\xff\xc3\xa4xx\n\xc2\x9b\xff")) < cap);
}

TEST(what_is_written_is_read_and_replaced_whole)
{
	const char *path = in(test_folder(), "f");
	scoped(buf) *b = NULL;
	struct stat st;
	uint64_t size;

	check(!file_exists(path));
	check_code(file_read(path, 10, &b, &e), E_NOT_FOUND);
	check_code(file_size(path, &size, &e), E_NOT_FOUND);
	check_ok(file_write(path, "0123456789", 10, 0600, &e));
	check_ok(file_read(path, 10, &b, &e));
	check(b->len == 10);
	check_ok(file_size(path, &size, &e));
	check(size == 10 && file_exists(path));
	check(sys->lstat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	check_ok(file_write(path, "", 0, 0600, &e));
	expect(path, "");
	check_code(file_write_new(path, "x", 1, 0600, &e), E_CONFLICT);
	expect(path, "");
	check_ok(file_remove(path, &e));
	check_ok(file_remove(path, &e));
	check_ok(file_write_new(path, "new", 3, 0600, &e));
	expect(path, "new");
}

TEST(a_file_one_byte_beyond_the_limit_is_refused)
{
	const char *path = in(test_folder(), "f");
	scoped(buf) *b = NULL;

	check_ok(file_write(path, "0123456789", 10, 0600, &e));
	check_code(file_read(path, 9, &b, &e), E_RANGE);
	check(!b);
	check_code(file_read("/dev/zero", 9, &b, &e), E_IO);
	check_code(file_read("/", 9, &b, &e), E_IO);
	check_code(file_read("/proc/self/status", 9, &b, &e), E_RANGE); /* says size 0 */
	check_ok(file_read("/proc/self/status", 1 << 20, &b, &e));
	check(b->len > 9);
}

TEST(a_pipe_in_place_of_a_file_does_not_make_us_wait)
{
	const char *path = in(test_folder(), "pipe");
	scoped(buf) *b = NULL;

	check(mkfifo(path, 0600) == 0);
	check_code(file_read(path, 9, &b, &e), E_IO);
	check_code(file_open(path, O_WRONLY, 0, NULL, &e), E_IO);
	check_code(file_open(path, O_RDWR | O_CREAT, 0600, NULL, &e), E_IO);
	check_code(file_open(test_folder(), O_RDONLY, 0, NULL, &e), E_IO);
}

static struct sys fake;
static int fail_number;

static ssize_t no_room(int fd, const void *p, size_t len)
{
	(void)fd, (void)p, (void)len;
	errno = fail_number;
	return -1;
}

static unsigned numbers;

static int counted(void *p, size_t len)
{
	memset(p, (int)numbers++, len);
	return 0;
}

TEST(a_file_left_by_a_crash_is_no_hindrance_and_never_followed)
{
	const char *folder = test_folder(), *path = in(folder, "f"), *other = in(folder, "other");
	const char *left = in(folder, "f.00000000.tmp");

	check_ok(file_write(other, "other", 5, 0600, &e));
	check(symlink(other, left) == 0);
	fake = sys_real;
	fake.random = counted;
	sys = &fake;
	check_ok(file_write(path, "mine", 4, 0600, &e));
	sys = &sys_real;
	check(numbers == 2);
	expect(path, "mine");
	expect(other, "other");
	check(file_is_temp("f.00000000.tmp") && file_is_temp("f.tmp") && !file_is_temp(".tmp") &&
	      !file_is_temp("f.tmp2"));
}

static const char *written_at_once;

/* While one is writing, another writes the same file from beginning to end. */
static ssize_t write_both(int fd, const void *p, size_t len)
{
	sys = &sys_real;
	check_ok(file_write(written_at_once, "another", 7, 0600, &e));
	expect(written_at_once, "another");
	return write(fd, p, len);
}

static size_t files_in(const char *folder)
{
	scoped(arena) *a = NULL;
	char **names;
	size_t count;

	check_ok(arena_create(&a, &e));
	check_ok(folder_list(a, folder, &names, &count, &e));
	return count;
}

TEST(two_who_write_one_file_at_once_each_write_it_whole)
{
	const char *folder = test_folder();

	written_at_once = in(folder, "f");
	fake = sys_real;
	fake.write = write_both;
	sys = &fake;
	check_ok(file_write(written_at_once, "one", 3, 0600, &e));
	expect(written_at_once, "one");
	sys = &fake;
	check_code(file_write_new(written_at_once, "two", 3, 0600, &e), E_CONFLICT);
	expect(written_at_once, "another");
	check(files_in(folder) == 1);
}

static int no_rename(const char *from, const char *to)
{
	(void)from, (void)to;
	errno = EIO;
	return -1;
}

static ssize_t one_byte(int fd, const void *p, size_t len)
{
	static unsigned turn;

	if (turn++ % 2 == 0) {
		errno = EINTR;
		return -1;
	}
	return write(fd, p, len > 1 ? 1 : len);
}

static ssize_t one_byte_read(int fd, void *p, size_t len, off_t at)
{
	return pread(fd, p, len > 1 ? 1 : len, at);
}

TEST(a_write_that_fails_leaves_the_old_file_and_nothing_else)
{
	const char *folder = test_folder(), *path = in(folder, "f");

	check_ok(file_write(path, "old", 3, 0600, &e));
	fake = sys_real;
	fake.write = no_room;
	fail_number = ENOSPC;
	sys = &fake;
	check_code(file_write(path, "new", 3, 0600, &e), E_IO);
	check_code(file_write_new(in(folder, "g"), "new", 3, 0600, &e), E_IO);
	fake = sys_real;
	fake.rename = no_rename;
	check_code(file_write(path, "new", 3, 0600, &e), E_IO);
	sys = &sys_real;
	expect(path, "old");
	check(files_in(folder) == 1);
}

TEST(short_and_interrupted_calls_are_made_again)
{
	const char *path = in(test_folder(), "f");
	char bytes[8] = { 0 };
	int fd;

	fake = sys_real;
	fake.write = one_byte;
	fake.pread = one_byte_read;
	sys = &fake;
	check_ok(file_write(path, "bytes", 5, 0600, &e));
	expect(path, "bytes");
	fd = sys->open(path, O_RDONLY, 0);
	check_ok(fd_pread_all(fd, bytes, 3, 2, &e));
	check(strcmp(bytes, "tes") == 0);
	check_code(fd_pread_all(fd, bytes, 4, 2, &e), E_FORMAT);
	check_code(fd_pread_all(fd, bytes, 1, UINT64_MAX, &e), E_FORMAT);
	sys->close(fd);
	sys = &sys_real;
}

static int no_fsync(int fd)
{
	(void)fd;
	errno = EIO;
	return -1;
}

/* What a process says that ends with exit 1 in this. */
static void ends(int (*what)(const char *path), const char *path, char said[static 512])
{
	int fds[2], status = 0;
	pid_t pid;

	memset(said, 0, 512);
	check(pipe(fds) == 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		fake = sys_real;
		fake.fsync = no_fsync;
		fake.syncfs = no_fsync;
		sys = &fake;
		_exit(what(path));
	}
	close(fds[1]);
	check(waitpid(pid, &status, 0) == pid);
	check(read(fds[0], said, 511) > 0);
	close(fds[0]);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	check(strncmp(said, "rescind: fsync failed: /", 24) == 0 && strstr(said, "Input/output error"));
	check(strchr(said, '\n') == said + strlen(said) - 1);
}

static int write_x(const char *path)
{
	return file_write(path, "x", 1, 0600, &e) < 0 ? 7 : 8;
}

static int sync_together(const char *folder)
{
	return fd_sync_together(sys->open(folder, O_RDONLY | O_DIRECTORY, 0), folder) ? 7 : 8;
}

TEST(a_failed_sync_ends_the_process_with_a_clear_word)
{
	const char *path = in(test_folder(), "f");
	char said[512];

	ends(write_x, path, said);
	check(!file_exists(path));
	ends(sync_together, test_folder(), said);
}

static int no_syncfs(int fd)
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

TEST(what_was_staged_lands_with_one_wait_where_its_disk_is_durable)
{
	const char *folder = test_folder();
	char path[PATH_LEN_MAX], temp[PATH_LEN_MAX];
	struct stat st;

	check_ok(path_join(path, folder, "staged", &e));
	check(sys->lstat(folder, &st) == 0);
	fake = sys_real;
	fake.fsync = counted_fsync;
	sys = &fake;
	for (int i = 0; i < 3; i++) {
		uint64_t device = i == 0 ? (uint64_t)st.st_dev : i == 1 ? (uint64_t)st.st_dev + 1 : 0;

		syncs = 0;
		check_ok(file_stage(temp, path, "text", 4, 0600, &e));
		check(file_is_temp(temp) && file_exists(temp) && file_exists(path) == (i > 0));
		check(syncs == 0);
		check_ok(file_land(temp, path, device, &e));
		check(syncs == (i > 0 ? 2 : 1));
		check(!file_exists(temp) && file_exists(path));
	}
	check_ok(file_stage(temp, path, "another", 7, 0600, &e));
	file_unstage(temp);
	check(!file_exists(temp));
	check_code(file_land(temp, path, 0, &e), E_NOT_FOUND);
	error_clear(&e);
	sys = &sys_real;
}

TEST(a_file_system_that_cannot_be_synced_as_a_whole_is_no_failure)
{
	int fd = sys->open(test_folder(), O_RDONLY | O_DIRECTORY, 0);

	check(fd_sync_together(fd, "folder"));
	fake = sys_real;
	fake.syncfs = no_syncfs;
	sys = &fake;
	check(!fd_sync_together(fd, "folder"));
	sys = &sys_real;
	sys->close(fd);
}

TEST(folders_are_made_listed_in_order_and_removed_with_all_below)
{
	const char *root = test_folder(), *kept = in(root, "kept");
	scoped(arena) *a = NULL;
	char **names;
	size_t count;
	struct stat st;

	check_ok(arena_create(&a, &e));
	check_ok(folder_make(in(root, "a/b/c"), 0700, &e));
	check_ok(folder_make(in(root, "a/b/c"), 0700, &e));
	check_ok(folder_make(in(root, "a/b/d/"), 0700, &e));
	check(sys->lstat(in(root, "a/b"), &st) == 0 && (st.st_mode & 0777) == 0700);
	check_ok(file_write(kept, "kept", 4, 0600, &e));
	check(symlink(root, in(root, "a/link")) == 0);
	check_ok(file_write(in(root, "a/B"), "", 0, 0600, &e));
	check_ok(file_write(in(root, "a/\xff"), "", 0, 0600, &e));
	check_ok(folder_list(a, in(root, "a"), &names, &count, &e));
	check(count == 4 && strcmp(names[0], "B") == 0 && strcmp(names[1], "b") == 0);
	check(strcmp(names[2], "link") == 0 && strcmp(names[3], "\xff") == 0);
	check_code(folder_make(kept, 0700, &e), E_IO);
	check_code(folder_make(in(root, "kept/x"), 0700, &e), E_IO);
	check_code(folder_remove(kept, &e), E_IO);
	check_ok(folder_remove(in(root, "a"), &e));
	check_ok(folder_remove(in(root, "a"), &e));
	check(!file_exists(in(root, "a")));
	expect(kept, "kept");
	check_code(folder_list(a, in(root, "a"), &names, &count, &e), E_NOT_FOUND);
}

TEST(a_lock_is_held_by_the_open_file_and_seen_by_others)
{
	const char *path = in(test_folder(), "lock");
	int a, b;

	check_ok(file_write(path, "", 0, 0600, &e));
	a = sys->open(path, O_RDWR, 0);
	b = sys->open(path, O_RDWR, 0);
	check(fcntl(a, F_GETFD) & FD_CLOEXEC);
	check(sys->lock(a, F_WRLCK, 0, 1) == 0);
	check(sys->lock(b, F_WRLCK, 0, 1) < 0 && (errno == EAGAIN || errno == EACCES));
	check(sys->lock(b, F_WRLCK, 1, 1) == 0);
	check(sys->lock(a, F_UNLCK, 0, 1) == 0 && sys->lock(b, F_RDLCK, 0, 1) == 0);
	sys->close(a);
	sys->close(b);
}

TEST(real_paths_have_no_links)
{
	const char *root = test_folder();
	char real[PATH_LEN_MAX], through[PATH_LEN_MAX];

	check_ok(file_write(in(root, "f"), "", 0, 0600, &e));
	check(symlink("f", in(root, "link")) == 0);
	check_ok(path_real(real, in(root, "f"), &e));
	check_ok(path_real(through, in(root, "./link"), &e));
	check(strcmp(real, through) == 0);
	check_code(path_real(real, in(root, "none"), &e), E_NOT_FOUND);
}

TEST_MAIN("file")
