#include "vault/keydir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "base/test.h"
#include "vault/keydir_digests.h"

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

TEST(what_is_staged_lands_in_both_places_or_is_gone)
{
	struct keydir_staged s = { { "" } };

	make();
	check_ok(keydir_write(&k, "anchor", "old", 3, &e));
	keydir_stage(&k, "anchor", "hello", 5, &s);
	check(s.temp[KEYDIR_HERE][0] && s.temp[KEYDIR_MIRROR][0]);
	expect(here, "anchor", "old");
	check_ok(keydir_land(&k, "anchor", "hello", 5, &s, 0, &e));
	expect(here, "anchor", "hello");
	expect(mirror, "anchor", "hello");
	check(!s.temp[KEYDIR_HERE][0] && !s.temp[KEYDIR_MIRROR][0]);
	/* Where it could not be staged, it is written as ever. */
	check_ok(keydir_land(&k, "anchor", "again", 5, &s, 0, &e));
	expect(mirror, "anchor", "again");
	/* Other bytes than those that were staged do not pass. */
	keydir_stage(&k, "anchor", "other", 5, &s);
	check_code(keydir_land(&k, "anchor", "hello", 5, &s, 0, &e), E_MISMATCH);
	error_clear(&e);
	keydir_unstage(&s);
	keydir_stage(&k, "anchor", "last", 4, &s);
	check_ok(folder_remove(mirror, &e));
	check_code(keydir_land(&k, "anchor", "last", 4, &s, 0, &e), E_NOT_FOUND);
	error_clear(&e);
	check(file_exists(s.temp[KEYDIR_HERE]));
	expect(here, "anchor", "again");
	keydir_unstage(&s);
	check(!file_exists(s.temp[KEYDIR_HERE]));
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
	put(mirror, "anchor.0123cdef.tmp", "secret");
	check_ok(folder_make(in(here, "keyring"), 0700, &e));
	put(here, "keyring/left", "alone");
	check_ok(keydir_repair(&k, &e));
	expect(here, "anchor", "newer");
	expect(mirror, "only.here", "a");
	expect(here, "roles/only.there", "b");
	check(!file_exists(in(here, "half.tmp")) && !file_exists(in(mirror, "half.tmp")));
	check(!file_exists(in(mirror, "anchor.0123cdef.tmp")));
	check(!file_exists(in(mirror, "keyring/left")));
}

/* --- what is rotten --- */

static struct buf *told;

static void note_told(void *ctx, const char *line)
{
	(void)ctx;
	check_ok(buf_printf(told, &e, "%s\n", line));
}

static const char *check_keys(void)
{
	buf_destroy(told);
	check_ok(buf_create(&told, 100, &e));
	check_ok(keydir_check(&k, note_told, NULL, &e));
	return buf_text(told);
}

TEST(a_rotten_key_is_read_from_the_other_place_and_never_copied_over_it)
{
	static const char *const rotten[] = { "secres", "sec", "" };

	for (size_t i = 0; i < COUNT_OF(rotten); i++)
		for (int place = 0; place < 2; place++) {
			scoped(buf) *b = NULL;

			make();
			check_ok(keydir_write(&k, "log.key", "secret", 6, &e));
			assert_string_equal(check_keys(), "");
			put(place ? mirror : here, "log.key", rotten[i]);
			assert_string_not_equal(check_keys(), "");
			check_ok(keydir_read(&k, "log.key", 100, &b, &e));
			assert_string_equal(buf_text(b), "secret");
			check_ok(keydir_repair(&k, &e));
			expect(here, "log.key", "secret");
			expect(mirror, "log.key", "secret");
			assert_string_equal(check_keys(), "");
		}
}

TEST(a_key_that_is_rotten_in_both_places_is_refused_and_stays)
{
	scoped(buf) *b = NULL;

	make();
	check_ok(keydir_write(&k, "never/o1", "list", 4, &e));
	put(here, "never/o1", "lost");
	put(mirror, "never/o1", "last");
	check_code(keydir_read(&k, "never/o1", 100, &b, &e), E_MISMATCH);
	error_clear(&e);
	check_ok(keydir_repair(&k, &e));
	expect(here, "never/o1", "lost");
	expect(mirror, "never/o1", "last");
	check(strstr(check_keys(), "never/o1 in the keys directory is damaged"));
	check(strstr(check_keys(), "never/o1 in the mirror of the keys is damaged"));
}

TEST(a_key_that_is_gone_from_both_places_is_missed)
{
	make();
	check_ok(keydir_write(&k, "never/o1", "list", 4, &e));
	check_ok(file_remove(in(here, "never/o1"), &e));
	check_ok(file_remove(in(mirror, "never/o1"), &e));
	check_ok(keydir_repair(&k, &e));
	check(strstr(check_keys(), "never/o1 in the keys directory is missing"));
	check_ok(keydir_write(&k, "never/o2", "list", 4, &e));
	check_ok(keydir_destroy(&k, "never/o1", &e)); /* on purpose */
	check_ok(keydir_destroy(&k, "never/o2", &e));
	assert_string_equal(check_keys(), "");
}

static unsigned renames_left;

static int rename_while_lucky(const char *from, const char *to)
{
	if (renames_left-- == 0) {
		errno = EIO;
		return -1;
	}
	return sys_real.rename(from, to);
}

TEST(a_new_key_that_could_not_be_written_is_not_missed)
{
	struct sys bad = sys_real;

	bad.rename = rename_while_lucky;
	for (unsigned n = 0; n < 4; n++) {
		make();
		renames_left = n;
		sys = &bad;
		check(keydir_write(&k, "never/o1", "list", 4, &e) < 0);
		sys = &sys_real;
		error_clear(&e);
		check_ok(keydir_repair(&k, &e));
		assert_string_equal(check_keys(), "");
	}
}

TEST(digests_that_are_lost_are_made_again)
{
	static const char *const bytes[] = { "", "rescind digests 1\n", "noise" };

	for (size_t i = 0; i < COUNT_OF(bytes); i++) {
		make();
		check_ok(keydir_write(&k, "log.key", "secret", 6, &e));
		put(here, "digests", bytes[i]);
		put(mirror, "log.key", "other");
		check_ok(keydir_repair(&k, &e)); /* the mirror's digests are there */
		expect(mirror, "log.key", "secret");
		put(here, "digests", bytes[i]);
		put(mirror, "digests", bytes[i]);
		check_ok(keydir_repair(&k, &e));
		put(mirror, "log.key", "other");
		check_ok(keydir_repair(&k, &e));
		expect(mirror, "log.key", "secret");
	}
}

TEST(a_key_that_is_replaced_is_the_new_one)
{
	make();
	check_ok(keydir_write(&k, "roles/boss.key", "old", 3, &e));
	check_ok(keydir_write(&k, "roles/boss.key", "new", 3, &e));
	put(mirror, "roles/boss.key", "old");
	check_ok(keydir_repair(&k, &e));
	expect(mirror, "roles/boss.key", "new");
	assert_string_equal(check_keys(), "");
}

TEST(digests_are_read_strictly)
{
	static const char *const bad[] = {
		"", "rescind digests 2\n",
		"rescind digests 1\n00 log.key\n",
		"rescind digests 1\n"
		"0000000000000000000000000000000000000000000000000000000000000000 \n",
		"rescind digests 1\n"
		"0000000000000000000000000000000000000000000000000000000000000000 b\n"
		"0000000000000000000000000000000000000000000000000000000000000000 a\n",
		"rescind digests 1\n"
		"0000000000000000000000000000000000000000000000000000000000000000 a\n"
		"0000000000000000000000000000000000000000000000000000000000000000 a\n",
	};
	scoped(arena) *a = NULL;
	struct digests d;

	check_ok(arena_create(&a, &e));
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		scoped(buf) *b = NULL;
		struct hash sum;

		check_ok(buf_create(&b, 100, &e));
		check_ok(buf_put(b, bad[i], strlen(bad[i]), &e));
		hash_bytes(&sum, b->data, b->len);
		check_ok(buf_printf(b, &e, "sum %s\n", hash_hex(&sum).s));
		check_code(digests_parse(&d, a, b->data, b->len, &e), E_FORMAT);
		error_clear(&e);
	}
	check_code(digests_parse(&d, a, bad[0], DIGESTS_BYTES_MAX + (size_t)1, &e), E_RANGE);
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
