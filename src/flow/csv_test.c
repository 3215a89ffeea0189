#include <stdbool.h>

#include "base/test.h"
#include "flow/csv.h"

static struct error e;

/* A row as text: its line, then each field in brackets. */
static int show(void *ctx, uint64_t line, const struct csv_field *fields, size_t count,
		struct error *err)
{
	struct buf *out = ctx;

	if (buf_printf(out, err, "%llu:", (unsigned long long)line) < 0)
		return err->code;
	for (size_t i = 0; i < count; i++) {
		check(strlen(fields[i].text) == fields[i].len);
		if (buf_printf(out, err, "[%s]", fields[i].text) < 0)
			return err->code;
	}
	return buf_put_u8(out, ' ', err);
}

static int read_text(const char *text, size_t len, struct buf *out)
{
	error_clear(&e);
	buf_clear(out);
	return csv_read(text, len, show, out, &e);
}

static void reads(const char *text, const char *rows)
{
	scoped(buf) *out = NULL;

	check_ok(buf_create(&out, 64, &e));
	check_ok(read_text(text, strlen(text), out));
	assert_string_equal(buf_text(out), rows);
}

static void refuses(const char *text, const char *story)
{
	scoped(buf) *out = NULL;

	check_ok(buf_create(&out, 64, &e));
	check_code(read_text(text, strlen(text), out), E_FORMAT);
	if (!strstr(e.text, story))
		fail_msg("\"%s\" does not say \"%s\"", e.text, story);
}

TEST(rows_are_read_with_the_line_they_begin_at)
{
	reads("", "");
	reads("path,subject\r\na,b\r\n", "1:[path][subject] 2:[a][b] ");
	reads("path,subject\na,b", "1:[path][subject] 2:[a][b] ");
	reads("a\n\nb\n", "1:[a] 2:[] 3:[b] ");
	reads("a,\n,b\n", "1:[a][] 2:[][b] ");
	reads(",", "1:[][] ");
	reads("\xef\xbb\xbfpath\nx\n", "1:[path] 2:[x] ");
}

TEST(quoted_fields_hold_commas_quotes_and_lines)
{
	reads("\"a,b\",\"c\"\"d\"\n", "1:[a,b][c\"d] ");
	reads("\"a\r\nb\",c\nd,e\n", "1:[a\r\nb][c] 3:[d][e] ");
	reads("\"\",\"\"", "1:[][] ");
	reads("\"\"\"\"", "1:[\"] ");
	reads("\"\r\"\n", "1:[\r] ");
}

TEST(names_of_any_bytes_are_read)
{
	reads("a\xff\x01 b,c\n", "1:[a\xff\x01 b][c] ");
}

TEST(what_is_no_strict_csv_is_refused_with_its_line)
{
	refuses("a,b\nc\n", "line 2: 1 fields, the header has 2");
	refuses("a\nb,c\n", "line 2: 2 fields");
	refuses("a,b\nc,d\n\n", "line 3: 1 fields");
	refuses("a\nb\"c\n", "line 2: a quote inside");
	refuses("a\n\"b\"c\n", "line 2: bytes behind");
	refuses("a\n\"b\" \n", "line 2: bytes behind");
	refuses("a\n\"b\nc\n", "line 2: a quoted field does not end");
	refuses("a\n\"b\"\"", "line 2: a quoted field does not end");
	refuses("a\"", "line 1: a quote inside");
	refuses("a\rb\n", "line 1: a carriage return");
	refuses("a\r", "line 1: a carriage return");
	refuses("\"a\"\r", "line 1: a carriage return");
}

TEST(a_nul_is_refused_bare_and_quoted)
{
	scoped(buf) *out = NULL;

	check_ok(buf_create(&out, 64, &e));
	check_code(read_text("a\0b", 3, out), E_FORMAT);
	check_code(read_text("\"a\0b\"", 5, out), E_FORMAT);
	check_code(read_text("\0", 1, out), E_FORMAT);
}

/* A field of len bytes, bare or in quotes (of which every byte is a quote). */
static int one_field(size_t len, bool quoted)
{
	scoped(buf) *in = NULL, *out = NULL;

	error_clear(&e);
	check_ok(buf_create(&in, 2 * len + 2, &e));
	check_ok(buf_create(&out, 64, &e));
	if (quoted)
		check_ok(buf_put_u8(in, '"', &e));
	for (size_t i = 0; i < len * (quoted ? 2 : 1); i++)
		check_ok(buf_put_u8(in, quoted ? '"' : 'x', &e));
	if (quoted)
		check_ok(buf_put_u8(in, '"', &e));
	return csv_read(in->data, in->len, show, out, &e);
}

TEST(a_field_ends_at_its_limit)
{
	check_ok(one_field(CSV_FIELD_MAX, false));
	check_code(one_field(CSV_FIELD_MAX + 1, false), E_RANGE);
	check_ok(one_field(CSV_FIELD_MAX, true));
	check_code(one_field(CSV_FIELD_MAX + 1, true), E_RANGE);
}

TEST(columns_end_at_their_limit)
{
	char text[CSV_COLUMNS_MAX + 1];
	scoped(buf) *out = NULL;

	check_ok(buf_create(&out, 64, &e));
	memset(text, ',', sizeof(text));
	check_ok(read_text(text, CSV_COLUMNS_MAX - 1, out));
	check_code(read_text(text, CSV_COLUMNS_MAX, out), E_RANGE);
}

TEST(bytes_end_at_their_limit)
{
	/* Nothing is looked at before the length is. */
	check_code(csv_read("", (size_t)CSV_BYTES_MAX + 1, show, NULL, &e), E_RANGE);
}

static int stop(void *ctx, uint64_t line, const struct csv_field *fields, size_t count,
		struct error *err)
{
	(void)ctx;
	(void)fields;
	(void)count;
	return line == 2 ? error_set(err, E_USAGE, "enough") : 0;
}

TEST(a_row_that_is_not_wanted_ends_the_reading)
{
	check_code(csv_read("a\nb\nc\"", 6, stop, NULL, &e), E_USAGE);
	check_ok(csv_read("a\n", 2, stop, NULL, &e));
}

TEST(columns_are_found_by_name_once)
{
	const struct csv_field header[] = { { "path", 4 }, { "key", 3 }, { "key", 3 } };
	size_t at = 9;

	check_ok(csv_column(header, 3, "path", &at, &e));
	check(at == 0);
	check_code(csv_column(header, 3, "key", &at, &e), E_FORMAT);
	check_code(csv_column(header, 3, "value", &at, &e), E_FORMAT);
	assert_string_equal(e.text, "column \"value\" is missing");
	check(at == 0);
}

TEST_MAIN("csv")
