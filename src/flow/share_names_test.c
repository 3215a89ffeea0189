/* Paths of others, made safe and unique. */
#include <stdio.h>
#include <string.h>

#include "base/test.h"
#include "flow/share_parts.h"

static struct error e;

static const char *took(struct names *n, const char *path)
{
	const char *name = NULL;

	check_ok(names_take(n, path, &name, &e));
	return name;
}

TEST(a_name_keeps_inside_the_folder_and_on_one_line)
{
	static const char *const cases[][2] = {
		{ "a/b.jpg", "a/b.jpg" },	 { "../../etc/passwd", "__/__/etc/passwd" },
		{ "/etc/shadow", "etc/shadow" }, { "x//y/./z", "x/y/z" },
		{ "..", "__" },			 { "two\nlines\r", "two_lines_" },
		{ "", "file" },			 { "./", "file" },
		{ "a\\b", "a_b" },		 { "bad\xff\xfeutf", "bad__utf" },
		{ "del\x7f", "del_" },		 { "c1\xc2\x85", "c1_" },
		{ "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9" }, { "...", "..." },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		scoped(names) *n = NULL;

		check_ok(names_create(&n, &e));
		assert_string_equal(took(n, cases[i][0]), cases[i][1]);
	}
}

TEST(two_records_of_one_name_are_two_files)
{
	scoped(names) *n = NULL;

	check_ok(names_create(&n, &e));
	assert_string_equal(took(n, "x/a.jpg"), "x/a.jpg");
	assert_string_equal(took(n, "x/a.jpg"), "x/a-2.jpg");
	assert_string_equal(took(n, "x/a-2.jpg"), "x/a-2-2.jpg");
	assert_string_equal(took(n, "x/a.jpg"), "x/a-3.jpg");
	assert_string_equal(took(n, ".hidden"), ".hidden");
	assert_string_equal(took(n, ".hidden"), ".hidden-2");
	/* A folder where a file is, and a file where a folder is. */
	assert_string_equal(took(n, "x/a.jpg/deep"), "x/a-4.jpg/deep");
	assert_string_equal(took(n, "x/a.jpg/more"), "x/a-4.jpg/more");
	assert_string_equal(took(n, "x"), "x-2");
	/* Ours. */
	assert_string_equal(took(n, "manifest.csv"), "manifest-2.csv");
	assert_string_equal(took(n, "terms/s.json"), "terms-2/s.json");
	assert_string_equal(took(n, "handover.json"), "handover-2.json");
}

TEST(a_long_name_leaves_room_for_its_number)
{
	char path[3 * NAMES_PATH_MAX], part[NAMES_PART_MAX + 1];
	scoped(names) *n = NULL;
	const char *second;

	check_ok(names_create(&n, &e));
	memset(part, 'p', NAMES_PART_MAX);
	part[NAMES_PART_MAX] = 0;
	check(strlen(took(n, part)) == NAMES_PART_MAX);
	second = took(n, part);
	check(strlen(second) == NAMES_PART_MAX && strcmp(second + NAMES_PART_MAX - 2, "-2") == 0);
	memset(path, 0, sizeof(path));
	while (strlen(path) < 2 * NAMES_PATH_MAX)
		strcat(path, "folder/");
	strcat(path, "last.jpg");
	assert_string_equal(took(n, path), "last.jpg");
}

/* Whatever is asked for, in whatever order: no name twice, none that leads out, and no file where
 * another needs a folder. */
TEST(no_two_names_meet)
{
	static const char *const parts[] = { "a", "a-2", "..", ".", "", "a.b", "terms", "\n", "b" };
	enum { TRIES = 3000 };
	static const char *given[TRIES];
	scoped(names) *n = NULL;
	unsigned seed = 1;

	check_ok(names_create(&n, &e));
	for (size_t i = 0; i < TRIES; i++) {
		char path[64] = "";

		for (unsigned k = 0; k < 3; k++) {
			seed = seed * 1103515245u + 12345u;
			strcat(path, parts[(seed >> 16) % COUNT_OF(parts)]);
			if (k < 2 && seed >> 30)
				strcat(path, "/");
		}
		given[i] = took(n, path);
		check(given[i][0] != '/' && !strstr(given[i], "//") && !strchr(given[i], '\n'));
		check(strcmp(given[i], "..") != 0 && strncmp(given[i], "../", 3) != 0 &&
		      !strstr(given[i], "/../"));
	}
	for (size_t i = 0; i < TRIES; i++)
		for (size_t j = 0; j < TRIES; j++) {
			size_t len = strlen(given[i]);

			if (i != j && strncmp(given[i], given[j], len) == 0)
				check(given[j][len] != 0 && given[j][len] != '/');
		}
}

TEST_MAIN("flow/share_names")
