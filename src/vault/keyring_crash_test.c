/*
 * A change of a keyring killed at every fault point, and before every single call that changes
 * the disk; and each such call failing. What is found then is the state before or after.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/test.h"
#include "vault/keyring_parts.h"

static struct error e;
static struct keydir k;
static char here[PATH_LEN_MAX], mirror[PATH_LEN_MAX];

/* The world before each change: SLOTS, of which 1 is erased; after it, FIRST_ERASED too, or MORE
 * slots. */
enum { SLOTS = 600, MORE = 300, ERASE = 77 };
static uint8_t keys[SLOTS][SEAL_KEY_LEN];

typedef int (*change)(void);

static int change_append(void)
{
	scoped(keyring) *r = NULL;
	uint64_t first;

	if (keyring_open(&r, &k, &e) < 0 || keyring_add(r, MORE, &first, &e) < 0)
		return e.code;
	return keyring_commit(r, &e);
}

static int change_erase(void)
{
	scoped(keyring) *r = NULL;

	if (keyring_open(&r, &k, &e) < 0 || keyring_erase(r, ERASE, &e) < 0)
		return e.code;
	return keyring_commit(r, &e);
}

static int change_recover(void)
{
	scoped(keyring) *r = NULL;

	if (keydir_repair(&k, &e) < 0 || keyring_open(&r, &k, &e) < 0)
		return e.code;
	return keyring_recover(r, &e);
}

static int make_world(void)
{
	scoped(keyring) *r = NULL;
	uint64_t first;

	if (keyring_create(&k, &e) < 0 || keyring_open(&r, &k, &e) < 0 ||
	    keyring_add(r, SLOTS, &first, &e) < 0 || keyring_commit(r, &e) < 0 ||
	    keyring_erase(r, 1, &e) < 0)
		return e.code;
	return keyring_commit(r, &e);
}

/* In a child, since fault points read the environment once in a process. */
static int in_child(change c, const char *fault)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		if (fault)
			setenv("RESCIND_FAULT", fault, 1);
		else
			unsetenv("RESCIND_FAULT");
		_exit(c() == 0 ? 0 : 1);
	}
	check(child > 0 && waitpid(child, &status, 0) == child);
	return status;
}

/* A killed process loses nothing that it wrote: only a power cut would need the disk's time. */
static struct sys quick;

static int quick_fsync(__attribute__((unused)) int fd)
{
	return 0;
}

static void make(bool mirrored)
{
	const char *folder = test_folder();
	scoped(keyring) *r = NULL;

	quick = sys_real;
	quick.fsync = quick_fsync;
	sys = &quick;
	check_ok(path_join(here, folder, "keys", &e));
	check_ok(path_join(mirror, folder, "mirror", &e));
	check_ok(keydir_create(&k, here, mirrored ? mirror : NULL, &e));
	check(in_child(make_world, NULL) == 0);
	check_ok(keyring_open(&r, &k, &e));
	for (uint64_t i = 0; i < SLOTS; i++)
		check(i == 1 || keyring_key(r, i, keys[i], &e) == 0);
}

static bool same_files(const char *a, const char *b)
{
	scoped(arena) *arena = NULL;
	char **names, **others;
	size_t count, other_count;

	check_ok(arena_create(&arena, &e));
	check_ok(folder_list(arena, a, &names, &count, &e));
	check_ok(folder_list(arena, b, &others, &other_count, &e));
	if (count != other_count)
		return false;
	for (size_t i = 0; i < count; i++) {
		char x[PATH_LEN_MAX], y[PATH_LEN_MAX];
		scoped(buf) *p = NULL, *q = NULL;

		check_ok(path_join(x, a, names[i], &e));
		check_ok(path_join(y, b, others[i], &e));
		check_ok(file_read(x, 1 << 26, &p, &e));
		check_ok(file_read(y, 1 << 26, &q, &e));
		if (strcmp(names[i], others[i]) != 0 || p->len != q->len ||
		    memcmp(p->data, q->data, p->len) != 0)
			return false;
	}
	return true;
}

/* One whole state: every key of it right, and nothing of the other one. */
static bool is_after(struct keyring *r, change c)
{
	bool after = keyring_generation(r) == 4;
	bool erased = after && c == change_erase;
	uint8_t key[SEAL_KEY_LEN];

	check(after || keyring_generation(r) == 3);
	check(keyring_slots(r) == (after && c == change_append ? SLOTS + MORE : SLOTS));
	check(keyring_erased(r) == (erased ? 2 : 1) && keyring_epoch(r) == (erased ? 3 : 2));
	for (uint64_t i = 0; i < keyring_slots(r); i++) {
		int code = keyring_key(r, i, key, &e);

		check(code == (i == 1 || (erased && i == ERASE) ? E_NOT_FOUND : 0));
		check(code < 0 || i >= SLOTS || memcmp(key, keys[i], SEAL_KEY_LEN) == 0);
	}
	return after;
}

/* The next command: opens, repairs, and everything is one state, in both places. */
static bool recovered(change c, bool mirrored)
{
	char x[PATH_LEN_MAX], y[PATH_LEN_MAX];
	scoped(keyring) *r = NULL, *again = NULL;
	scoped(arena) *a = NULL;
	char **names;
	size_t count;
	bool after;

	check_ok(keydir_open(&k, here, NULL, &e));
	check_ok(keyring_open(&r, &k, &e));
	after = is_after(r, c); /* already for a reader, who repairs nothing */
	check_ok(keydir_repair(&k, &e));
	check_ok(keyring_recover(r, &e));
	check(is_after(r, c) == after && !k.degraded);
	check_ok(keyring_check(r, &e));
	check_ok(path_join(x, here, "keyring", &e));
	check_ok(path_join(y, mirror, "keyring", &e));
	check(!mirrored || same_files(x, y));
	check_ok(arena_create(&a, &e));
	check_ok(folder_list(a, x, &names, &count, &e));
	check(count >= 4 && count <= 5); /* current, epoch, table, one or two of pages */
	check_ok(keyring_open(&again, &k, &e));
	check(is_after(again, c) == after);
	return after;
}

static void kill_at(change c, const char *fault, bool mirrored, bool after)
{
	char wish[64];
	int status = 0;

	make(mirrored);
	snprintf(wish, sizeof(wish), "%s:1", fault);
	status = in_child(c, wish);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	check(recovered(c, mirrored) == after);
}

TEST(killed_at_any_fault_point_it_is_the_state_before_or_after)
{
	for (int mirrored = 0; mirrored < 2; mirrored++) {
		kill_at(change_append, "keyring_written", mirrored, false);
		kill_at(change_append, "keyring_mirrored", mirrored, false);
		kill_at(change_append, "keyring_switched", mirrored, true);
		kill_at(change_erase, "keyring_written", mirrored, false);
		kill_at(change_erase, "keyring_mirrored", mirrored, false);
		kill_at(change_erase, "keyring_switched", mirrored, true);
		kill_at(change_erase, "keyring_destroyed", mirrored, true);
	}
}

TEST(appending_destroys_no_epoch)
{
	make(true);
	check(in_child(change_append, "keyring_destroyed:1") == 0);
	check(recovered(change_append, true));
}

/* Calls that change the disk, counted down to the one that is the last, or that fails. */
static int calls_left;
static bool kills;

static bool strikes(void)
{
	if (--calls_left != 0)
		return false;
	if (kills)
		raise(SIGKILL);
	errno = EIO;
	return true;
}

static int bad_open(const char *path, int flags, mode_t mode)
{
	return flags & O_CREAT && strikes() ? -1 : sys_real.open(path, flags, mode);
}

static ssize_t bad_write(int fd, const void *p, size_t len)
{
	return strikes() ? -1 : sys_real.write(fd, p, len);
}

/* A failed fsync ends the process by design: it is only killed there. */
static int bad_fsync(int fd)
{
	if (kills)
		strikes();
	return quick_fsync(fd);
}

static int bad_rename(const char *from, const char *to)
{
	return strikes() ? -1 : sys_real.rename(from, to);
}

static int bad_unlink(const char *path)
{
	return strikes() ? -1 : sys_real.unlink(path);
}

static change struck;

static int run_struck(void)
{
	struct sys bad = quick;

	bad.open = bad_open;
	bad.write = bad_write;
	bad.fsync = bad_fsync;
	bad.rename = bad_rename;
	bad.unlink = bad_unlink;
	sys = &bad;
	return struck();
}

/* Strike the n-th call for every n until the change comes through. */
static void strike_everywhere(change c, bool killing, bool mirrored)
{
	int befores = 0, afters = 0;

	struck = c;
	kills = killing;
	for (int n = 1;; n++) {
		bool after;
		int status;

		make(mirrored);
		calls_left = n;
		status = in_child(run_struck, NULL);
		after = recovered(c, mirrored);
		check(status != 0 || after);
		if (after)
			afters++;
		else
			befores++;
		check(afters == 0 || after); /* once it is done it stays done */
		if (status == 0)
			break;
	}
	check(befores > 5 && afters > 1);
}

TEST(killed_before_any_call_it_is_the_state_before_or_after)
{
	strike_everywhere(change_append, true, true);
	strike_everywhere(change_erase, true, true);
	strike_everywhere(change_erase, true, false);
}

TEST(with_any_call_failing_it_is_the_state_before_or_after)
{
	strike_everywhere(change_append, false, true);
	strike_everywhere(change_erase, false, true);
	strike_everywhere(change_erase, false, false);
}

TEST(recovery_itself_may_be_killed_anywhere)
{
	for (int n = 1;; n++) {
		int status;

		make(true);
		in_child(change_erase, "keyring_switched:1");
		struck = change_recover;
		kills = true;
		calls_left = n;
		status = in_child(run_struck, NULL);
		check(recovered(change_erase, true));
		if (status == 0)
			break;
	}
}

TEST_MAIN("vault/keyring_crash")
