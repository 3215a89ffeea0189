#include "wire/fields.h"

#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "base/test.h"

static struct error e;

/* Random bytes 0, 1, 2, .. so that the wire form can be pinned. */
static uint8_t next_byte;
static int counting_random(void *p, size_t len)
{
	uint8_t *b = p;

	while (len--)
		*b++ = next_byte++;
	return 0;
}

static int failing_random(void *p, size_t len)
{
	(void)p;
	(void)len;
	return -1;
}

static struct fields *make(size_t count)
{
	struct fields *f = NULL;
	char name[32];

	check_ok(fields_create(&f, &e));
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "name-%zu", i);
		check_ok(fields_add_number(f, name, i, &e));
	}
	return f;
}

static struct buf *put(const struct fields *f)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	check_ok(fields_put(f, b, &e));
	return b;
}

static int parse_bytes(const void *bytes, size_t len)
{
	scoped(fields) *f = NULL;

	return fields_parse(&f, bytes, len, &e);
}

TEST(the_wire_form_is_pinned)
{
	struct sys mine = *sys;
	const struct sys *before = sys;
	scoped(fields) *f = NULL;
	scoped(buf) *b = NULL;
	uint8_t want[4 + 2 + 1 + 3 + 64 + 4 + 2] = "RSF1\0\1\3key";

	mine.random = counting_random;
	sys = &mine;
	next_byte = 0;
	check_ok(fields_create(&f, &e));
	check_ok(fields_add(f, "key", "\0\xff", 2, &e));
	sys = before;
	for (uint8_t i = 0; i < 64; i++)
		want[10 + i] = i;
	memcpy(want + 74, "\0\0\0\2\0\xff", 6);
	b = put(f);
	check(b->len == sizeof(want) && memcmp(b->data, want, sizeof(want)) == 0);
}

TEST(every_list_comes_back_as_it_was)
{
	for (size_t count = 0; count <= 40; count++) {
		scoped(fields) *f = make(count), *again = NULL;
		scoped(buf) *b = put(f), *b2 = NULL;
		struct hash root, root2;

		check_ok(fields_parse(&again, b->data, b->len, &e));
		check(again->count == count);
		b2 = put(again);
		check(b->len == b2->len && memcmp(b->data, b2->data, b->len) == 0);
		check_ok(fields_root(&root, f, &e));
		check_ok(fields_root(&root2, again, &e));
		check(hash_equal(&root, &root2));
	}
}

TEST(a_list_that_is_cut_or_has_more_bytes_is_refused)
{
	scoped(fields) *f = make(3);
	scoped(buf) *b = put(f);

	for (size_t len = 0; len < b->len; len++)
		check_code(parse_bytes(b->data, len), E_FORMAT);
	check_ok(parse_bytes(b->data, b->len));
	check_ok(buf_put_u8(b, 0, &e));
	check_code(parse_bytes(b->data, b->len), E_FORMAT);
}

TEST(another_magic_is_refused)
{
	check_ok(parse_bytes("RSF1\0\0", 6));
	check_code(parse_bytes("RSF2\0\0", 6), E_FORMAT);
	check_code(parse_bytes("rsf1\0\0", 6), E_FORMAT);
	check_code(parse_bytes("", 0), E_FORMAT);
}

TEST(every_byte_of_a_name_is_checked)
{
	scoped(fields) *f = make(1);
	scoped(buf) *b = put(f);

	for (int c = 0; c < 256; c++) {
		bool fine = c && strchr("abcdefghijklmnopqrstuvwxyz0123456789_-", c);

		b->data[4 + 2 + 1 + 2] = (uint8_t)c;
		check_code(parse_bytes(b->data, b->len), fine ? 0 : E_FORMAT);
	}
}

TEST(a_name_has_one_to_32_letters)
{
	static const char longest[] = "abcdefghijklmnopqrstuvwxyz012345";
	static const char longer[] = "abcdefghijklmnopqrstuvwxyz0123456";
	static const uint8_t nameless[4 + 2 + 1 + 64 + 4] = "RSF1\0\1";
	static const uint8_t too_long[4 + 2 + 1 + 33 + 64 + 4] =
		"RSF1\0\1\41abcdefghijklmnopqrstuvwxyz0123456";
	scoped(fields) *f = make(0);
	scoped(buf) *b = NULL;

	check_code(fields_add_text(f, "", "x", &e), E_FORMAT);
	check_code(fields_add_text(f, "Name", "x", &e), E_FORMAT);
	check_code(fields_add_text(f, "a b", "x", &e), E_FORMAT);
	check_code(fields_add_text(f, longer, "x", &e), E_RANGE);
	check(f->count == 0);
	check_ok(fields_add_text(f, longest, "x", &e));
	b = put(f);
	check_ok(parse_bytes(b->data, b->len));
	check_code(parse_bytes(nameless, sizeof(nameless)), E_FORMAT);
	check_code(parse_bytes(too_long, sizeof(too_long)), E_RANGE);
}

TEST(one_field_more_than_the_limit_is_refused)
{
	scoped(fields) *f = make(FIELDS_MAX);
	scoped(buf) *b = put(f);
	struct tree_path path;

	check_code(fields_add_text(f, "more", "", &e), E_RANGE);
	check_ok(parse_bytes(b->data, b->len));
	check_ok(fields_prove(f, FIELDS_MAX - 1, &path, &e));
	be_set(b->data + 4, FIELDS_MAX + 1, 2);
	check_code(parse_bytes(b->data, b->len), E_RANGE);
}

TEST(one_byte_more_than_the_longest_value_is_refused)
{
	scoped(fields) *f = make(0);
	scoped(buf) *value = NULL, *b = NULL;

	check_ok(buf_create(&value, FIELD_VALUE_MAX + 1, &e));
	memset(value->data, 'v', FIELD_VALUE_MAX + 1);
	check_code(fields_add(f, "v", value->data, FIELD_VALUE_MAX + 1, &e), E_RANGE);
	check_ok(fields_add(f, "v", value->data, FIELD_VALUE_MAX, &e));
	b = put(f);
	check_ok(parse_bytes(b->data, b->len));
	be_set(b->data + 4 + 2 + 2 + SALT_LEN, FIELD_VALUE_MAX + 1, 4);
	check_ok(buf_put_u8(b, 'v', &e));
	check_code(parse_bytes(b->data, b->len), E_RANGE);
}

TEST(values_are_found_by_name_the_first_of_several)
{
	scoped(fields) *f = make(0);

	check_ok(fields_add_text(f, "subject", "anna", &e));
	check_ok(fields_add_text(f, "subject", "ben", &e));
	check_ok(fields_add(f, "raw", "a\0b", 3, &e));
	check_ok(fields_add_text(f, "empty", "", &e));
	check_ok(fields_add_number(f, "size", UINT64_MAX, &e));
	check_ok(fields_add_text(f, "padded", "007", &e));
	assert_string_equal(fields_text(f, "subject"), "anna");
	assert_string_equal(fields_text(f, "empty"), "");
	check(!fields_text(f, "raw"));
	check(!fields_text(f, "none"));
	check(fields_find(f, "raw")->value->len == 3);
	check(!fields_find(f, "sub"));
	check(fields_number(f, "size", 1) == UINT64_MAX);
	check(fields_number(f, "subject", 2) == 2);
	check(fields_number(f, "padded", 3) == 3);
	check(fields_number(f, "empty", 4) == 4);
	check(fields_number(f, "none", 5) == 5);
}

TEST(a_hidden_list_has_a_round_number_and_keeps_its_first_fields)
{
	for (size_t count = 0; count <= 40; count++) {
		scoped(fields) *f = make(count);
		size_t pads = 0, first = count < 3 ? count : 3;

		check_ok(fields_hide(f, first, &e));
		check(f->count % FIELDS_STEP == 0 && f->count >= count);
		for (size_t i = 0; i < f->count; i++)
			pads += strcmp(f->list[i].name, "pad") == 0;
		check(f->count - pads == count);
		for (size_t i = 0; i < first; i++)
			check(strcmp(f->list[i].name, "pad") != 0);
	}
}

TEST(every_field_of_every_small_list_can_be_proved)
{
	for (size_t count = 1; count <= 33; count++) {
		scoped(fields) *f = make(count);
		struct hash root, commitment, leaf, led, list;
		struct tree_path path;

		check_ok(fields_root(&root, f, &e));
		for (size_t i = 0; i < count; i++) {
			check_ok(fields_prove(f, i, &path, &e));
			field_commitment(&commitment, &f->list[i]);
			tree_leaf(&leaf, commitment.b, HASH_LEN);
			check_ok(tree_climb(&path, &leaf, i, count, &led, &e));
			commit_list(&list, count, &led);
			check(hash_equal(&list, &root));
			commit_list(&list, count + 1, &led); /* the same path in a longer list */
			check(!hash_equal(&list, &root));
			f->list[i].salt[0] ^= 1;
			field_commitment(&commitment, &f->list[i]);
			f->list[i].salt[0] ^= 1;
			tree_leaf(&leaf, commitment.b, HASH_LEN);
			check_ok(tree_climb(&path, &leaf, i, count, &led, &e));
			commit_list(&list, count, &led);
			check(!hash_equal(&list, &root));
		}
		check_code(fields_prove(f, count, &path, &e), E_RANGE);
	}
}

TEST(the_same_value_is_never_salted_twice_alike)
{
	scoped(fields) *f = make(0);
	struct hash a, b;

	check_ok(fields_add_text(f, "subject", "anna", &e));
	check_ok(fields_add_text(f, "subject", "anna", &e));
	field_commitment(&a, &f->list[0]);
	field_commitment(&b, &f->list[1]);
	check(!hash_equal(&a, &b));
}

TEST(without_random_bytes_nothing_is_added)
{
	struct sys mine = *sys;
	const struct sys *before = sys;
	scoped(fields) *f = make(2);
	int code;

	mine.random = failing_random;
	sys = &mine;
	code = fields_add_text(f, "subject", "anna", &e);
	sys = before;
	check(code < 0);
	check(f->count == 2);
}

TEST_MAIN("wire/fields")
