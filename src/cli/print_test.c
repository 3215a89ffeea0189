#include "cli/print.h"

#include <string.h>

#include "base/task.h"
#include "base/test.h"
#include "cli/progress.h"

static struct error e;
static struct buf *text;
static struct print p;

static void begin(bool colour)
{
	buf_destroy(text);
	text = NULL;
	memset(&e, 0, sizeof(e));
	check_ok(buf_create(&text, 16, &e));
	p = (struct print){ .text = text, .colour = colour, .e = &e };
}

static void check_page(void (*put)(struct print *, const json_t *), const char *json,
		       const char *want)
{
	json_t *j = json_loads(json, JSON_DECODE_ANY, NULL);

	check(j);
	begin(false);
	put(&p, j);
	json_decref(j);
	if (e.code || strcmp(buf_text(text), want) != 0)
		fail_msg("%s\nis not\n%s", buf_text(text), want);
}

TEST(a_value_takes_one_line_whatever_is_in_it)
{
	check_page(print_value, "\"a\\nb\\tc\\u001b[31m\\u007f\"", "a\\nb\\tc\\x1b[31m\\x7f");
	check_page(print_value, "\"\\u009b1m caf\\u00e9 \\u202e\"", "\\xc2\\x9b1m caf\xc3\xa9 "
								    "\\xe2\\x80\\xae");
	check_page(print_value, "\"\\\\xff\"", "\\xff"); /* escaped already by those who wrote it */
	for (unsigned b = 1; b < 256; b++) {
		char bytes[] = { 'x', (char)b, 'y', '\0' };

		begin(false);
		print_text(&p, bytes);
		check(e.code == 0 && text->data[0] == 'x' && text->data[text->len - 1] == 'y');
		for (size_t i = 0; i < text->len; i++)
			check(text->data[i] >= 0x20 && text->data[i] < 0x7f);
	}
}

TEST(values_read_as_people_write_them)
{
	check_page(print_value, "0", "0");
	check_page(print_value, "999", "999");
	check_page(print_value, "1000", "1,000");
	check_page(print_value, "9223372036854775807", "9,223,372,036,854,775,807");
	check_page(print_value, "-1234", "-1,234");
	check_page(print_value, "1.25", "1.25");
	check_page(print_value, "true", "yes");
	check_page(print_value, "null", "-");
	check_page(print_value, "[]", "none");
	check_page(print_value, "[\"a\",2,[1]]", "a, 2, [1]");
	check_page(print_value, "{\"no-grant\":2000,\"empty\":1}", "no-grant 2,000, empty 1");
	check_page(print_value, "{}", "none");
}

TEST(keys_are_aligned_and_lists_of_objects_are_tables)
{
	check_page(print_document,
		   "{\"a\":1,\"long_key\":\"v\",\"rows\":[{\"x\":1,\"name\":\"b\"},{\"x\":1000}],"
		   "\"said\":[\"one thing\",\"another\"]}",
		   "a         1\nlong key  v\n"
		   "\nrows\n      x  name\n      1  b\n  1,000\n"
		   "\nsaid\n  - one thing\n  - another\n");
	check_page(print_document, "{\"in\":[{\"dataset\":\"d\"},{\"model\":\"m\"}],\"why\":\"\"}",
		   "why  -\n\nin\n  dataset  model\n  d\n           m\n");
	check_page(print_document, "{\"pos\":1658,\"bytes\":1658,\"rows\":[{\"first\":1000,\"count\":1000}],"
		   "\"in\":{\"fact\":1000,\"n\":1000}}",
		   "pos    1658\nbytes  1,658\nin     fact 1000, n 1,000\n"
		   "\nrows\n  first  count\n   1000  1,000\n");
	check_page(print_document, "{}", "");
	check_page(print_document, "[]", "");
}

static void tree(struct print *out, const json_t *j)
{
	static const struct column columns[] = {
		{ "model", "", CELL_VALUE }, { "share", "share", CELL_SHARE },
		{ "nowhere", "nowhere", CELL_VALUE }, { "state", "state", CELL_STATE },
	};

	print_tree(out, j, "distance", columns, COUNT_OF(columns));
}

TEST(a_tree_is_indented_and_columns_nobody_has_are_left_out)
{
	check_page(tree,
		   "[{\"model\":\"a\",\"share\":1.0,\"distance\":1,\"state\":\"live\"},"
		   "{\"model\":\"b\",\"share\":0.5,\"distance\":2,\"state\":\"withdrawn\"}]",
		   "                    share  state\n"
		   "  a    ########## 100.0 %  live\n"
		   "    b  #####.....  50.0 %  withdrawn\n");
	check_page(tree, "[]", "");
	check_page(tree, "{}", "");
}

TEST(a_share_that_is_not_all_never_looks_like_all_nor_a_little_like_nothing)
{
	check_page(tree, "[{\"share\":0.99999}]", "               share\n  #########. >99.9 %\n");
	check_page(tree, "[{\"share\":0.0000001}]", "               share\n  #......... < 0.1 %\n");
	check_page(tree, "[{\"share\":0.0}]", "               share\n  ..........   0.0 %\n");
	check_page(tree, "[{\"model\":\"a\",\"share\":7}]", "  a\n"); /* no share at all */
}

TEST(widths_count_characters_and_colours_take_no_room)
{
	json_t *j = json_loads("[{\"model\":\"caf\\u00e9\",\"state\":\"live\"},"
			       "{\"model\":\"abcde\",\"state\":\"x\"}]", 0, NULL);

	begin(false);
	tree(&p, j);
	check(strstr(buf_text(text), "caf\xc3\xa9   live\n  abcde  x\n"));
	begin(true);
	tree(&p, j);
	check(strstr(buf_text(text), "caf\xc3\xa9   \033[32mlive\033[0m\n  abcde  x\n"));
	json_decref(j);
}

TEST(progress_says_how_far)
{
	char line[PROGRESS_TEXT_MAX];
	struct task t = { .what = "records", .done = 1, .total = 4 };

	check(strcmp(progress_text(line, &t), "[######..................]  25 %  1 of 4 records") ==
	      0);
	t.done = 9; /* more than was thought */
	check(strcmp(progress_text(line, &t), "[########################] 100 %  4 of 4 records") ==
	      0);
	t.total = 0;
	check(strcmp(progress_text(line, &t), "9 records") == 0);
	t.done = t.total = UINT64_MAX;
	check(strlen(progress_text(line, &t)) < PROGRESS_TEXT_MAX - 1);
}

TEST_MAIN("print")
