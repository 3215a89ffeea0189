#include "wire/ustar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/test.h"

static struct error e;

static struct buf *two_files(void)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, 4096, &e));
	check_ok(ustar_put(b, "a/one.txt", "hi\n", 3, &e));
	check_ok(ustar_put(b, "a/b/two", "", 0, &e));
	check_ok(ustar_end(b, &e));
	return b;
}

static int parse(const struct buf *b)
{
	scoped(ustar) *u = NULL;

	return ustar_parse(&u, b->data, b->len, &e);
}

TEST(files_are_read_as_they_were_written)
{
	scoped(buf) *b = two_files(), *big = NULL;
	scoped(ustar) *u = NULL;

	check_ok(ustar_parse(&u, b->data, b->len, &e));
	check(u->count == 2 && b->len == 512 + 512 + 512 + 1024);
	assert_string_equal(u->file[0].name, "a/one.txt");
	check(u->file[0].len == 3 && memcmp(u->file[0].data, "hi\n", 3) == 0);
	assert_string_equal(u->file[1].name, "a/b/two");
	check(u->file[1].len == 0);
	check(u->file[0].data > b->data && u->file[0].data < b->data + b->len); /* not copied */
	for (size_t len = 510; len < 515; len++) {
		scoped(ustar) *one = NULL;

		buf_destroy(big);
		check_ok(buf_create(&big, 4096, &e));
		check_ok(ustar_put(big, "x", b->data, len, &e));
		check_ok(ustar_end(big, &e));
		check_ok(ustar_parse(&one, big->data, big->len, &e));
		check(one->file[0].len == len && memcmp(one->file[0].data, b->data, len) == 0);
	}
}

/* The words of docs/archive.md. */
TEST(gnu_tar_makes_the_same_bytes)
{
	static const char make[] =
		"cd %s && mkdir -p a/b && printf 'hi\\n' >a/one.txt && : >a/b/two && "
		"tar --format=ustar -b1 --owner=0 --group=0 --numeric-owner --mtime=@0 --mode=0644 "
		"-cf theirs.tar a/one.txt a/b/two";
	scoped(buf) *b = NULL, *theirs = NULL;
	const char *folder = test_folder();
	char path[PATH_LEN_MAX], words[2 * PATH_LEN_MAX];

	/* Since 1.35 it leaves the numbers of devices, of which a file has none, empty instead of 0. */
	if (system("tar --version 2>/dev/null | "
		   "grep -qE 'GNU tar\\) 1\\.([0-9]|[12][0-9]|3[0-4])(\\.|$)'") != 0) {
		print_message("skipped: no GNU tar, or 1.35 and later\n");
		skip();
	}
	b = two_files();
	snprintf(words, sizeof(words), make, folder);
	check(system(words) == 0);
	check_ok(path_join(path, folder, "theirs.tar", &e));
	check_ok(file_read(path, 1 << 20, &theirs, &e));
	check(theirs->len == b->len && memcmp(theirs->data, b->data, b->len) == 0);
}

/* Of all bytes that are not contents. */
TEST(no_byte_of_the_form_may_be_another)
{
	scoped(buf) *b = two_files();

	for (size_t i = 0; i < b->len; i++) {
		uint8_t was = b->data[i];

		if (i >= 512 && i < 512 + 3)
			continue;
		for (int bit = 0; bit < 8; bit++) {
			b->data[i] = (uint8_t)(was ^ (1 << bit));
			check(parse(b) < 0);
			error_clear(&e);
		}
		b->data[i] = was;
	}
	check_ok(parse(b));
}

TEST(an_archive_begins_and_ends_where_it_does)
{
	scoped(buf) *b = two_files();

	for (size_t len = 0; len < b->len; len++) {
		scoped(ustar) *u = NULL;

		check(ustar_parse(&u, b->data, len, &e) < 0);
		error_clear(&e);
	}
	check_ok(buf_put(b, "\0", 1, &e));
	check_code(parse(b), E_FORMAT);
	error_clear(&e);
	while (b->len % USTAR_BLOCK)
		check_ok(buf_put_u8(b, 0, &e));
	check_code(parse(b), E_FORMAT); /* three blocks of zeros */
	error_clear(&e);
}

TEST(only_plain_names_are_names)
{
	static const char *const good[] = { "a", "A-b_c.9/x", "1/001.tsr", "a/b/c" };
	static const char *const bad[] = { "",	   "/a",       "a/",  "a//b", ".",   "..",
					   "a/..", "a/../b",   ".a",  "a/.b", "a b", "a\\b",
					   "a\nb", "\xc3\xa9", "a:b", "./a" };
	char name[USTAR_NAME_MAX + 2];
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 4096, &e));
	for (size_t i = 0; i < COUNT_OF(good); i++)
		check(ustar_name_valid(good[i]));
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		check(!ustar_name_valid(bad[i]));
		check_code(ustar_put(b, bad[i], "", 0, &e), E_FORMAT);
		error_clear(&e);
	}
	memset(name, 'n', sizeof(name));
	name[USTAR_NAME_MAX] = 0;
	check_ok(ustar_put(b, name, "", 0, &e));
	name[USTAR_NAME_MAX] = 'n';
	name[USTAR_NAME_MAX + 1] = 0;
	check_code(ustar_put(b, name, "", 0, &e), E_FORMAT);
	error_clear(&e);
}

TEST(a_name_comes_once)
{
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 4096, &e));
	check_ok(ustar_put(b, "a", "1", 1, &e));
	check_ok(ustar_put(b, "a", "2", 1, &e));
	check_ok(ustar_end(b, &e));
	check_code(parse(b), E_FORMAT);
	error_clear(&e);
}

TEST(so_many_files_and_no_more)
{
	for (int more = 0; more < 2; more++) {
		scoped(buf) *b = NULL;
		char name[16];

		check_ok(buf_create(&b, 1 << 20, &e));
		for (int i = 0; i < USTAR_FILES_MAX + more; i++) {
			snprintf(name, sizeof(name), "%d", i);
			check_ok(ustar_put(b, name, "x", 1, &e));
		}
		check_ok(ustar_end(b, &e));
		check_code(parse(b), more ? E_RANGE : 0);
		error_clear(&e);
	}
}

TEST(so_many_bytes_and_no_more)
{
	const size_t most = USTAR_BYTES_MAX - 3 * (size_t)USTAR_BLOCK;
	scoped(buf) *contents = NULL, *b = NULL;

	check_ok(buf_create(&contents, most + 1, &e));
	memset(contents->data, 'x', most + 1);
	check_ok(buf_create(&b, USTAR_BYTES_MAX, &e));
	check_code(ustar_put(b, "a", contents->data, most + 1, &e), E_RANGE);
	error_clear(&e);
	check(b->len == 0);
	check_ok(ustar_put(b, "a", contents->data, most, &e));
	check_ok(ustar_end(b, &e));
	check(b->len == USTAR_BYTES_MAX);
	check_ok(parse(b));
	check_ok(buf_put(b, contents->data, USTAR_BLOCK, &e));
	check_code(parse(b), E_RANGE);
	error_clear(&e);
}

/* As large a number as eleven digits hold, with its header right: refused by its size alone. */
TEST(a_size_beyond_the_bytes_is_refused)
{
	static const char *const sizes[] = { "77777777777", "00000003000", "00700000000" };
	scoped(buf) *b = two_files();

	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		char number[8];
		unsigned sum = 0;

		memcpy(b->data + 124, sizes[i], 11);
		memset(b->data + 148, ' ', 8);
		for (size_t k = 0; k < USTAR_BLOCK; k++)
			sum += b->data[k];
		snprintf(number, sizeof(number), "%06o", sum);
		memcpy(b->data + 148, number, 7);
		check(parse(b) < 0);
		error_clear(&e);
	}
}

TEST_MAIN("ustar")
