#include "vault/keydir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "base/test.h"

static struct error e;
static struct keydir k;
static char here[PATH_LEN_MAX], mirror[PATH_LEN_MAX];

/* A fresh pair. */
static void make(void)
{
	const char *folder = test_folder();

	check_ok(path_join(here, folder, "keys", &e));
	check_ok(path_join(mirror, folder, "mirror", &e));
	check_ok(keydir_create(&k, here, mirror, &e));
}

static const char *in(const char *folder, const char *name)
{
	static char path[PATH_LEN_MAX];

	check_ok(path_join(path, folder, name, &e));
	return path;
}

static void put(const char *folder, const char *name, const char *text)
{
	check_ok(file_write(in(folder, name), text, strlen(text), 0600, &e));
}

static void expect(const char *folder, const char *name, const char *text)
{
	scoped(buf) *b = NULL;

	check_ok(file_read(in(folder, name), 1000, &b, &e));
	assert_string_equal(buf_text(b), text);
}

TEST(what_is_written_lies_in_both_places_and_is_private)
{
	scoped(buf) *b = NULL;
	struct stat st;

	make();
	check_ok(keydir_write(&k, "anchor", "hello", 5, &e));
	check_ok(keydir_write(&k, "roles/boss.key", "secret", 6, &e));
	expect(here, "anchor", "hello");
	expect(mirror, "roles/boss.key", "secret");
	check_ok(keydir_read(&k, "anchor", 5, &b, &e));
	check(b->len == 5 && !k.degraded);
	check(sys->lstat(in(here, "roles"), &st) == 0 && (st.st_mode & 0777) == 0700);
	check(sys->lstat(in(mirror, "roles/boss.key"), &st) == 0 && (st.st_mode & 0777) == 0600);
	check_code(keydir_read(&k, "anchor", 4, &b, &e), E_RANGE);
	check_code(keydir_read(&k, "nothing", 4, &b, &e), E_NOT_FOUND);
}

TEST(a_keys_directory_is_made_once)
{
	struct keydir other;
	char third[PATH_LEN_MAX];

	make();
	check_ok(path_join(third, test_folder(), "third", &e));
	check_code(keydir_create(&other, here, NULL, &e), E_CONFLICT);
	check_code(keydir_create(&other, third, mirror, &e), E_CONFLICT);
	check_code(keydir_create(&other, third, third, &e), E_USAGE);
}

TEST(the_mirror_is_remembered_and_takes_over)
{
	scoped(buf) *b = NULL;
	struct keydir o;

	make();
	check_ok(keydir_write(&k, "anchor", "hello", 5, &e));
	check_ok(keydir_open(&o, here, NULL, &e));
	assert_string_equal(o.mirror, k.mirror);
	check(!o.degraded);
	check_ok(folder_remove(here, &e));
	check_code(keydir_open(&o, here, NULL, &e), E_NOT_FOUND);
	check_ok(keydir_open(&o, here, mirror, &e));
	check_ok(keydir_read(&o, "anchor", 100, &b, &e));
	check(o.degraded && b->len == 5);
	/* Writing into a directory that is not there is refused until it was repaired. */
	check_code(keydir_write(&o, "anchor", "new", 3, &e), E_NOT_FOUND);
	check_ok(keydir_repair(&o, &e));
	expect(here, "anchor", "new");
	check_ok(keydir_open(&o, here, NULL, &e));
	assert_string_equal(o.mirror, k.mirror);
}

TEST(a_file_lost_in_the_directory_is_read_from_the_mirror)
{
	scoped(buf) *b = NULL;

	make();
	check_ok(keydir_write(&k, "anchor", "hello", 5, &e));
	check_ok(file_remove(in(here, "anchor"), &e));
	check_ok(keydir_read(&k, "anchor", 100, &b, &e));
	check(k.degraded);
	assert_string_equal(buf_text(b), "hello");
}

TEST(the_mirror_of_another_repository_is_refused)
{
	struct keydir o;

	make();
	put(mirror, "id", "00112233445566778899aabbccddeeff");
	check_code(keydir_open(&o, here, NULL, &e), E_MISMATCH);
	put(mirror, "id", "00112233445566778899aabbccddeef");
	check_ok(keydir_open(&o, here, NULL, &e));
	check(o.degraded);
	put(here, "mirror", "not/absolute");
	check_code(keydir_open(&o, here, NULL, &e), E_FORMAT);
}

TEST(without_a_mirror_everything_works)
{
	struct keydir o;
	char path[PATH_LEN_MAX];

	check_ok(path_join(path, test_folder(), "alone", &e));
	check_ok(keydir_create(&k, path, "", &e));
	check_ok(keydir_write(&k, "a/b", "x", 1, &e));
	check_ok(keydir_repair(&k, &e));
	check_ok(keydir_open(&o, path, NULL, &e));
	check(!o.degraded && !keydir_has(&o, KEYDIR_MIRROR));
	check_ok(keydir_destroy(&o, "a/b", &e));
	check(!file_exists(in(path, "a/b")));
}

/* What the file held when it was unlinked. */
static uint8_t last_bytes[64];
static size_t last_len;
static int unlinks;

static int watch_unlink(const char *path)
{
	scoped(buf) *b = NULL;

	if (file_read(path, sizeof(last_bytes), &b, &e) == 0) {
		memcpy(last_bytes, b->data, b->len);
		last_len = b->len;
	}
	unlinks++;
	return sys_real.unlink(path);
}

TEST(what_is_destroyed_is_zeroed_first_in_both_places)
{
	static const uint8_t zeros[sizeof(last_bytes)];
	struct sys watching = sys_real;

	make();
	check_ok(keydir_write(&k, "secret", "0123456789", 10, &e));
	watching.unlink = watch_unlink;
	sys = &watching;
	unlinks = 0;
	check_ok(keydir_destroy(&k, "secret", &e));
	sys = &sys_real;
	check(unlinks == 2 && last_len == 10 && memcmp(last_bytes, zeros, 10) == 0);
	check(!file_exists(in(here, "secret")) && !file_exists(in(mirror, "secret")));
	check_ok(keydir_destroy(&k, "secret", &e));
	check_ok(keydir_remove(&k, "secret", &e));
	check_ok(keydir_remove(&k, "anchor", &e));
}

TEST(a_list_is_of_both_places_and_names_each_once)
{
	scoped(arena) *a = NULL;
	char **names;
	size_t count;

	make();
	check_ok(arena_create(&a, &e));
	check_ok(keydir_write(&k, "never/2", "x", 1, &e));
	check_ok(keydir_write(&k, "never/1", "x", 1, &e));
	put(mirror, "never/3", "x");
	put(here, "never/0", "x");
	check_ok(keydir_list(&k, a, "never", &names, &count, &e));
	check(count == 4);
	for (size_t i = 0; i < count; i++)
		check(names[i][0] == (char)('0' + i) && names[i][1] == '\0');
	check_ok(keydir_list(&k, a, "nothing", &names, &count, &e));
	check(count == 0);
}

TEST(repair_copies_what_is_missing_and_keeps_the_mirrors_where_they_differ)
{
	make();
	check_ok(keydir_write(&k, "anchor", "old", 3, &e));
	put(mirror, "anchor", "newer"); /* killed between the two */
	put(here, "only.here", "a");
	check_ok(folder_make(in(mirror, "roles"), 0700, &e));
	put(mirror, "roles/only.there", "b");
	put(here, "half.tmp", "secret");
	check_ok(folder_make(in(here, "keyring"), 0700, &e));
	put(here, "keyring/left", "alone");
	check_ok(keydir_repair(&k, &e));
	expect(here, "anchor", "newer");
	expect(mirror, "only.here", "a");
	expect(here, "roles/only.there", "b");
	check(!file_exists(in(here, "half.tmp")) && !file_exists(in(mirror, "half.tmp")));
	check(!file_exists(in(mirror, "keyring/left")));
}

static ssize_t flip_read(int fd, void *p, size_t len)
{
	ssize_t n = sys_real.read(fd, p, len);

	if (n > 0)
		*(uint8_t *)p ^= 1;
	return n;
}

TEST(a_disk_that_gives_back_other_bytes_is_noticed)
{
	struct sys bad = sys_real;
	int code;

	make();
	bad.read = flip_read;
	sys = &bad;
	code = keydir_write(&k, "anchor", "hello", 5, &e);
	sys = &sys_real;
	check(code == E_MISMATCH);
}

TEST_MAIN("vault/keydir")
