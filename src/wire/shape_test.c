#include "wire/shape.h"

#include <stdio.h>
#include <string.h>

#include "base/test.h"
#include "base/text.h"

static struct error e;

struct pair {
	uint64_t a, b;
};
struct thing {
	const char *text, *name;
	uint64_t number, at_utc_ms;
	bool flag;
	uint8_t hex[4], none[4];
	const uint8_t *bytes;
	struct pair *list;
	const json_t *any;
	size_t has_number, none_count, byte_count, list_count, opened;
};

#define AT(member) .at = offsetof(struct thing, member)
#define COUNT(member) .count_at = offsetof(struct thing, member)

static int no_seven(void *ctx, const json_t *value, void *ret, struct error *err)
{
	*(int *)ctx += 1;
	(void)ret;
	return json_integer_value(value) == 7 ? error_set(err, E_MISMATCH, "seven") : 0;
}

static const struct shape pair = { NULL, SHAPE_OBJECT, .of = (const struct shape[]){
	{ "a", SHAPE_NUMBER, .at = offsetof(struct pair, a) },
	{ "b", SHAPE_NUMBER, .at = offsetof(struct pair, b), .then = no_seven }, { 0 } } };
static const struct shape thing = { NULL, SHAPE_OBJECT, .of = (const struct shape[]){
	{ "any", SHAPE_JSON, AT(any), .optional = true },
	{ "bytes", SHAPE_BYTES, AT(bytes), .max = 2, COUNT(byte_count), .unit = 3 },
	{ "flag", SHAPE_FLAG, AT(flag) },
	{ "hex", SHAPE_HEX, AT(hex), .max = 4 },
	{ "list", SHAPE_LIST, AT(list), .max = 2, COUNT(list_count), .unit = sizeof(struct pair),
	 .of = &pair },
	{ "none", SHAPE_HEX_OR_NONE, AT(none), .max = 4, COUNT(none_count) },
	{ "number", SHAPE_NUMBER, AT(number), COUNT(has_number), .optional = true },
	{ "open", SHAPE_OPEN, COUNT(opened), .optional = true, .of = (const struct shape[]){
		{ "text", SHAPE_TEXT, AT(text), .max = 3 }, { "name", SHAPE_TEXT, AT(name),
							     .min = 1, .max = 3 }, { 0 } } },
	{ "time", SHAPE_TIME, AT(at_utc_ms), .like = TIME_MINUTE }, { 0 } } };

static int called;

static int reading(const char *text, struct thing *ret)
{
	static struct arena *a;
	static json_t *j;

	/* What was read stays until the next. */
	arena_destroy(a);
	json_decref(j);
	a = NULL;
	j = NULL;
	called = 0;
	*ret = (struct thing){ 0 };
	error_clear(&e);
	if (!text)
		return 0;
	check_ok(arena_create(&a, &e));
	check_ok(json_parse(&j, text, strlen(text), 1 << 16, &e));
	return shape_read(a, j, &thing, &called, ret, &e);
}

#define REST ",\"hex\":\"01020304\",\"list\":[],\"none\":\"\",\"time\":\"1970-01-02T00:00Z\""
#define WHOLE "{\"bytes\":\"YWJjZGVm\",\"flag\":true" REST

TEST(what_the_table_says_is_read)
{
	struct thing t;

	check_ok(reading("{\"any\":[{}],\"bytes\":\"YWJjZGVm\",\"flag\":true,\"hex\":\"0102030f\",\"list\":[{\"a\":1,"
		      "\"b\":2},{\"a\":3,\"b\":4}],\"none\":\"000000ff\",\"number\":5,\"open\":{\"else\":1,"
		      "\"name\":\"abc\",\"text\":\"\"},\"time\":\"1970-01-02T00:00Z\"}", &t));
	check(t.flag && t.number == 5 && t.has_number == 1 && t.at_utc_ms == 86400000 &&
	      t.opened == 1);
	check(memcmp(t.hex, "\x01\x02\x03\x0f", 4) == 0 && t.none[3] == 0xff && t.none_count == 1);
	check(t.byte_count == 2 && memcmp(t.bytes, "abcdef", 7) == 0 && json_is_array(t.any));
	check(t.list_count == 2 && t.list[0].b == 2 && t.list[1].a == 3 && called == 2);
	check(strcmp(t.name, "abc") == 0 && !*t.text);
	check_ok(reading(NULL, &t));
}

TEST(what_may_be_missing_is_told)
{
	struct thing t;

	check_ok(reading(WHOLE "}", &t));
	check(t.has_number == 0 && t.none_count == 0 && t.opened == 0 && !t.any &&
	      t.list_count == 0 && t.list);
	check_ok(reading(NULL, &t));
}

TEST(all_else_is_refused)
{
	static const struct {
		const char *text;
		int code;
	} bad[] = {
		{ "[]", E_FORMAT }, { "{}", E_FORMAT },
		{ WHOLE ",\"more\":1}", E_FORMAT },
		{ "{\"bytes\":\"YWJj\"" REST "}", E_FORMAT }, /* no flag */
		{ "{\"bytes\":\"YWJjZGVmZ2hp\",\"flag\":true" REST "}", E_RANGE },
		{ "{\"bytes\":\"YWJjZA==\",\"flag\":true" REST "}", E_FORMAT },
		{ "{\"bytes\":\"YWJjZGV\",\"flag\":true" REST "}", E_FORMAT },
		{ "{\"bytes\":\"YWJj\",\"flag\":1" REST "}", E_FORMAT },
		{ "{\"bytes\":1,\"flag\":true" REST "}", E_FORMAT },
		{ WHOLE ",\"number\":-1}", E_FORMAT }, { WHOLE ",\"number\":\"1\"}", E_FORMAT },
		{ WHOLE ",\"open\":{\"name\":\"\",\"text\":\"\"}}", E_FORMAT },
		{ WHOLE ",\"open\":{\"name\":\"abcd\",\"text\":\"\"}}", E_RANGE },
		{ WHOLE ",\"open\":{\"name\":\"a\",\"text\":\"abcd\"}}", E_RANGE },
		{ WHOLE ",\"open\":{\"name\":\"a\"}}", E_FORMAT }, { WHOLE ",\"open\":[]}",
								    E_FORMAT },
	};
	static const char *const whole[] = { "\"01020304\"", "[]", "\"\"",
					    "\"1970-01-02T00:00Z\"" };
	static const struct {
		size_t which;
		const char *in_place;
		int code;
	} other[] = {
		{ 0, "\"0102030\"", E_FORMAT }, { 0, "\"0102030F\"", E_FORMAT },
			{ 0, "\"\"", E_FORMAT },
		{ 1, "{}", E_FORMAT }, { 1, "[{\"a\":1,\"b\":2,\"c\":3}]", E_FORMAT },
		{ 1, "[{\"a\":1}]", E_FORMAT }, { 1, "[1]", E_FORMAT },
		{ 1, "[{\"a\":1,\"b\":7}]", E_MISMATCH },
		{ 1, "[{\"a\":1,\"b\":2},{\"a\":1,\"b\":2},{\"a\":1,\"b\":2}]", E_RANGE },
		{ 2, "\"01\"", E_FORMAT }, { 3, "\"1970-01-02T00:00:00Z\"", E_FORMAT },
		{ 3, "\"1970-02-29T00:00Z\"", E_FORMAT }, { 3, "5", E_FORMAT },
	};
	struct thing t;
	char text[512];

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		check_code(reading(bad[i].text, &t), bad[i].code);
	for (size_t i = 0; i < COUNT_OF(other); i++) {
		const char *v[4];

		memcpy(v, whole, sizeof(v));
		v[other[i].which] = other[i].in_place;
		snprintf(text, sizeof(text),
			 "{\"bytes\":\"\",\"flag\":false,\"hex\":%s,\"list\":%s,\"none\":%s,\"time\":%s}", v[0], v[1], v[2], v[3]);
		check_code(reading(text, &t), other[i].code);
	}
	check_ok(reading(NULL, &t));
}

TEST(beside_the_members_stands_what_the_form_says)
{
	static const struct shape members[] = { { "a", SHAPE_NUMBER, .min = 2, .max = 4 }, { 0 } };
	static const struct {
		const char *text;
		int closed, open, counts;
	} cases[] = {
		{ "{\"a\":2}", 0, 0, 0 },
		{ "{\"a\":4,\"b\":0}", E_FORMAT, 0, 0 },
		{ "{\"a\":2,\"b\":-1}", E_FORMAT, 0, E_FORMAT },
		{ "{\"a\":2,\"b\":\"1\"}", E_FORMAT, 0, E_FORMAT },
		{ "{\"a\":2,\"b\":[]}", E_FORMAT, 0, E_FORMAT },
		{ "{\"b\":1}", E_FORMAT, E_FORMAT, E_FORMAT },
		{ "{\"a\":1}", E_FORMAT, E_FORMAT, E_FORMAT },
		{ "{\"a\":5}", E_RANGE, E_RANGE, E_RANGE },
	};
	scoped(arena) *a = NULL;

	check_ok(arena_create(&a, &e));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct { enum shape_form form; int code; } as[] = {
			{ SHAPE_OBJECT, cases[i].closed }, { SHAPE_OPEN, cases[i].open },
			{ SHAPE_COUNTS, cases[i].counts } };
		scoped_json *j = NULL;

		check_ok(json_parse(&j, cases[i].text, strlen(cases[i].text), 1 << 10, &e));
		for (size_t k = 0; k < COUNT_OF(as); k++) {
			const struct shape s = { NULL, as[k].form, .of = members };
			uint64_t n = 0;

			check_code(shape_read(a, j, &s, NULL, &n, &e), as[k].code);
			error_clear(&e);
		}
	}
}

TEST(the_story_tells_the_way_to_the_value)
{
	struct thing t;

	check_code(reading("{\"bytes\":\"\",\"flag\":true,\"hex\":\"01020304\",\"list\":[{\"a\":1,\"b\":2},{\"a\":1,"
			"\"b\":7}],\"none\":\"\",\"time\":\"1970-01-02T00:00Z\"}", &t), E_MISMATCH);
	assert_string_equal(e.text, "\"list\": [1]: \"b\": seven");
	check_ok(reading(NULL, &t));
}

TEST_MAIN("wire/shape")
