#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/test.h"
#include "flow/walk.h"

static struct error e;

static const char *below(const char *folder, const char *name)
{
	static char path[PATH_LEN_MAX];

	check_ok(path_join(path, folder, name, &e));
	return path;
}

static void make_folder(const char *folder, const char *name)
{
	check_ok(folder_make(below(folder, name), 0700, &e));
}

static void make_file(const char *folder, const char *name, const char *content)
{
	check_ok(file_write(below(folder, name), content, strlen(content), 0600, &e));
}

static int note_found(void *ctx, const struct walked *f, struct error *err)
{
	static const char kinds[] = { 'f', 'l', 'o', 'u' };

	check(strcmp(f->path + strlen(f->path) - strlen(f->relative), f->relative) == 0);
	return buf_printf(ctx, err, "%c%s:%llu ", kinds[f->kind], f->relative,
			  (unsigned long long)f->len_bytes);
}

static void walks(const char *root, const char *want)
{
	scoped(buf) *out = NULL;

	check_ok(buf_create(&out, 64, &e));
	check_ok(walk(root, note_found, out, &e));
	assert_string_equal(buf_text(out), want);
}

TEST(files_are_found_folder_by_folder_in_order_of_bytes)
{
	const char *root = test_folder();
	char slashed[PATH_LEN_MAX + 2];

	make_folder(root, "b");
	make_folder(root, "b/empty");
	make_file(root, "b/z", "123");
	make_file(root, "b/B", "");
	make_file(root, "a\xff", "1");
	make_file(root, "b.txt", "12");
	make_file(root, ".hidden", "1");
	walks(root, "f.hidden:1 fa\xff:1 fb/B:0 fb/z:3 fb.txt:2 ");
	snprintf(slashed, sizeof(slashed), "%s//", root);
	walks(slashed, "f.hidden:1 fa\xff:1 fb/B:0 fb/z:3 fb.txt:2 ");
}

TEST(a_file_is_below_its_own_folder)
{
	const char *root = test_folder();

	make_file(root, "x", "123");
	walks(below(root, "x"), "fx:3 ");
}

TEST(no_link_is_followed)
{
	const char *root = test_folder();
	char slashed[PATH_LEN_MAX + 2];

	make_folder(root, "real");
	make_file(root, "real/x", "123");
	check(symlink("real", below(root, "folder")) == 0);
	check(symlink("real/x", below(root, "file")) == 0);
	check(symlink("nowhere", below(root, "broken")) == 0);
	check(symlink(".", below(root, "itself")) == 0);
	check(symlink("/", below(root, "outside")) == 0);
	walks(root, "lbroken:0 lfile:0 lfolder:0 litself:0 loutside:0 freal/x:3 ");
	walks(below(root, "folder"), "lfolder:0 ");
	/* Who writes the slash means the folder behind it. */
	snprintf(slashed, sizeof(slashed), "%s/", below(root, "folder"));
	walks(slashed, "fx:3 ");
}

TEST(a_repository_is_passed_over)
{
	const char *root = test_folder();

	make_folder(root, ".rescind");
	make_folder(root, "a");
	make_folder(root, "a/.rescind");
	make_file(root, ".rescind/format", "x");
	make_file(root, "a/.rescind/format", "x");
	make_file(root, "a/.rescindx", "x");
	walks(root, "fa/.rescindx:1 ");
	walks(below(root, ".rescind"), "");
}

TEST(a_path_too_long_is_told_and_not_opened)
{
	const char *root = test_folder();
	char name[200], old[PATH_LEN_MAX];
	scoped(buf) *out = NULL;

	check(getcwd(old, sizeof(old)) != NULL);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	check(chdir(root) == 0);
	for (int i = 0; i < 25; i++)
		check(mkdir(name, 0700) == 0 && chdir(name) == 0);
	check(chdir(old) == 0);
	check_ok(buf_create(&out, 64, &e));
	check_ok(walk(root, note_found, out, &e));
	check(buf_text(out)[0] == 'u' && !strchr(buf_text(out) + 1, ' ')[1]);
	/* What cannot be named by its path is removed from inside. */
	check(chdir(root) == 0);
	for (int i = 0; i < 25; i++)
		check(chdir(name) == 0);
	for (int i = 0; i < 25; i++)
		check(chdir("..") == 0 && rmdir(name) == 0);
	check(chdir(old) == 0);
}

TEST(a_root_that_is_not_there_is_an_error)
{
	check_code(walk("/nowhere/at/all", note_found, NULL, &e), E_NOT_FOUND);
	check_code(walk("", note_found, NULL, &e), E_NOT_FOUND);
}

static int stop(void *ctx, const struct walked *f, struct error *err)
{
	(void)f;
	(void)err;
	return ++*(int *)ctx == 2 ? 7 : 0;
}

TEST(a_walk_ends_when_it_is_told_to)
{
	const char *root = test_folder();
	int seen = 0;

	make_folder(root, "a");
	make_file(root, "a/1", "");
	make_file(root, "a/2", "");
	make_file(root, "b", "");
	check(walk(root, stop, &seen, &e) == 7);
	check(seen == 2);
}

TEST_MAIN("flow-walk")
