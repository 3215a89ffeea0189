#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/test.h"
#include "flow/sidecar.h"

static struct error e;

static int open_bytes(const char *bytes, size_t len, enum sidecar_kind kind, struct sidecar **ret)
{
	char path[PATH_LEN_MAX];

	error_clear(&e);
	check_ok(path_join(path, test_folder(), "people.csv", &e));
	check_ok(file_write(path, bytes, len, 0600, &e));
	return sidecar_open(ret, path, kind, &e);
}

static int open_text(const char *text, enum sidecar_kind kind, struct sidecar **ret)
{
	return open_bytes(text, strlen(text), kind, ret);
}

static void refuses(const char *text, enum sidecar_kind kind, int code, const char *story)
{
	struct sidecar *s = NULL;

	check_code(open_text(text, kind, &s), code);
	check(s == NULL);
	if (!strstr(e.text, "people.csv") || !strstr(e.text, story))
		fail_msg("\"%s\" does not say \"%s\" of people.csv", e.text, story);
	error_clear(&e);
}

TEST(a_path_has_all_its_subjects_once_in_order)
{
	const struct sidecar_row *row;
	scoped(sidecar) *s = NULL;

	check_ok(open_text("subject,other,path\nbob,1,x\nann,,x\nbob,3,./x\neve,4,y/z\n",
			   SIDECAR_SUBJECTS, &s));
	row = sidecar_find(s, "x");
	check(row && row->count == 2);
	assert_string_equal(row->values[0], "ann");
	assert_string_equal(row->values[1], "bob");
	row = sidecar_find(s, "y/z");
	check(row && row->count == 1);
	check(sidecar_find(s, "z") == NULL);
	check(sidecar_find(NULL, "x") == NULL);
}

TEST(attributes_are_keys_with_one_value)
{
	const struct sidecar_row *row;
	scoped(sidecar) *s = NULL;

	check_ok(open_text("path,key,value\nx,b,1\nx,a,\nx,b,1\nx,c,\"=,\n\"\n", SIDECAR_ATTRS, &s));
	row = sidecar_find(s, "x");
	check(row && row->count == 3);
	assert_string_equal(row->values[0], "a=");
	assert_string_equal(row->values[1], "b=1");
	assert_string_equal(row->values[2], "c==,\n");
	refuses("path,key,value\nx,b,1\nx,b,2\n", SIDECAR_ATTRS, E_FORMAT, "line 3: another value");
	refuses("path,key,value\nx,b,1\nx,b,12\n", SIDECAR_ATTRS, E_FORMAT, "line 3: another value");
}

TEST(a_missing_column_is_named)
{
	refuses("path,who\nx,ann\n", SIDECAR_SUBJECTS, E_FORMAT, "column \"subject\" is missing");
	refuses("subject\nann\n", SIDECAR_SUBJECTS, E_FORMAT, "column \"path\" is missing");
	refuses("", SIDECAR_SUBJECTS, E_FORMAT, "column \"path\" is missing");
	refuses("path,key\nx,a\n", SIDECAR_ATTRS, E_FORMAT, "column \"value\" is missing");
	refuses("path,subject,path\nx,a,y\n", SIDECAR_SUBJECTS, E_FORMAT, "\"path\" is there twice");
}

/* "path,subject\nx," and a subject of len letters. */
static int subject_of(size_t len)
{
	scoped(sidecar) *s = NULL;
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 512, &e));
	check_ok(buf_printf(b, &e, "path,subject\nx,"));
	for (size_t i = 0; i < len; i++)
		check_ok(buf_put_u8(b, 'a', &e));
	return open_bytes(buf_text(b), b->len, SIDECAR_SUBJECTS, &s);
}

static int attr_of(size_t key_len, size_t value_len)
{
	scoped(sidecar) *s = NULL;
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 512, &e));
	check_ok(buf_printf(b, &e, "path,key,value\nx,"));
	for (size_t i = 0; i < key_len; i++)
		check_ok(buf_put_u8(b, 'k', &e));
	check_ok(buf_put_u8(b, ',', &e));
	for (size_t i = 0; i < value_len; i++)
		check_ok(buf_put_u8(b, 'v', &e));
	return open_bytes(buf_text(b), b->len, SIDECAR_ATTRS, &s);
}

TEST(values_end_at_their_limits)
{
	check_ok(subject_of(SUBJECT_MAX));
	check_code(subject_of(SUBJECT_MAX + 1), E_FORMAT);
	check_code(subject_of(0), E_FORMAT);
	check_ok(attr_of(ATTR_KEY_MAX, ATTR_VALUE_MAX));
	check_ok(attr_of(1, 0));
	check_code(attr_of(ATTR_KEY_MAX + 1, 1), E_FORMAT);
	check_code(attr_of(0, 1), E_FORMAT);
	check_code(attr_of(1, ATTR_VALUE_MAX + 1), E_FORMAT);
}

TEST(subjects_keys_and_values_are_text)
{
	refuses("path,subject\nx,a\x01\n", SIDECAR_SUBJECTS, E_FORMAT, "line 2: a subject");
	refuses("path,subject\nx,\"a\nb\"\n", SIDECAR_SUBJECTS, E_FORMAT, "line 2: a subject");
	refuses("path,subject\nx,a\x7f\n", SIDECAR_SUBJECTS, E_FORMAT, "line 2: a subject");
	refuses("path,subject\nx,a\xff\n", SIDECAR_SUBJECTS, E_FORMAT, "line 2: a subject");
	refuses("path,key,value\nx,a b,1\n", SIDECAR_ATTRS, E_FORMAT, "line 2: a key");
	refuses("path,key,value\nx,.a,1\n", SIDECAR_ATTRS, E_FORMAT, "line 2: a key");
	refuses("path,key,value\nx,a=,1\n", SIDECAR_ATTRS, E_FORMAT, "line 2: a key");
	refuses("path,key,value\nx,a,\xff\n", SIDECAR_ATTRS, E_FORMAT, "line 2: a value");
	refuses("path,subject\n,ann\n", SIDECAR_SUBJECTS, E_FORMAT, "line 2: not a path");
	refuses("path,subject\n./,ann\n", SIDECAR_SUBJECTS, E_FORMAT, "line 2: not a path");
	refuses("path,subject\nx\n", SIDECAR_SUBJECTS, E_FORMAT, "line 2: 1 fields");
}

static int subjects_of_one(unsigned count)
{
	scoped(sidecar) *s = NULL;
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 4096, &e));
	check_ok(buf_printf(b, &e, "path,subject\n"));
	for (unsigned i = 0; i < count; i++)
		check_ok(buf_printf(b, &e, "x,p%u\n", i));
	return open_bytes(buf_text(b), b->len, SIDECAR_SUBJECTS, &s);
}

TEST(a_path_has_only_so_many_values)
{
	check_ok(subjects_of_one(SIDECAR_VALUES_MAX));
	check_code(subjects_of_one(SIDECAR_VALUES_MAX + 1), E_RANGE);
}

TEST(many_paths_are_all_found_again)
{
	enum { MANY = 5000 };
	scoped(sidecar) *s = NULL;
	scoped(buf) *b = NULL;
	const char *first = NULL;
	char name[32];

	check_ok(buf_create(&b, 4096, &e));
	check_ok(buf_printf(b, &e, "path,subject\n"));
	for (unsigned i = 0; i < MANY; i++)
		check_ok(buf_printf(b, &e, "%u.jpg,p%u\n", i, i % 7));
	check_ok(open_bytes(buf_text(b), b->len, SIDECAR_SUBJECTS, &s));
	for (unsigned i = 0; i < MANY; i += 2) {
		const struct sidecar_row *row;

		snprintf(name, sizeof(name), "%u.jpg", i);
		row = sidecar_find(s, name);
		check(row && row->count == 1 && row->values[0][1] == (char)('0' + i % 7));
	}
	check(sidecar_unfound(s, &first) == MANY / 2);
	assert_string_equal(first, "1.jpg");
}

TEST(a_file_that_is_not_there_is_named)
{
	struct sidecar *s = NULL;

	check_code(sidecar_open(&s, "/nowhere/people.csv", SIDECAR_ATTRS, &e), E_NOT_FOUND);
	check(strstr(e.text, "people.csv") != NULL);
}

TEST_MAIN("flow-sidecar")
