#include "wire/safetensors.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/test.h"

static struct error e;

static const char *vector(const char *name)
{
	static char path[PATH_LEN_MAX];

	snprintf(path, sizeof(path), "%s/material/model-files/%s", test_shared(), name);
	return path;
}

static int parse_file(const char *name, struct safetensors **ret, struct buf **ret_bytes)
{
	check_ok(file_read(vector(name), 1 << 24, ret_bytes, &e));
	return safetensors_parse(ret, (*ret_bytes)->data, (*ret_bytes)->len, &e);
}

TEST(the_vectors_of_the_format_are_read_and_refused_as_its_authors_do)
{
	scoped(buf) *table = NULL;
	char *line, *rest;
	unsigned read = 0, refused = 0;

	check_ok(file_read(vector("safetensors-vectors/EXPECTED.tsv"), 1 << 20, &table, &e));
	strtok_r((char *)table->data, "\n", &rest);
	while ((line = strtok_r(NULL, "\n", &rest))) {
		scoped(safetensors) *f = NULL;
		scoped(buf) *bytes = NULL;
		char name[200], want[100];
		int code;

		check(sscanf(line, "%99s %99s", name + 100, want) == 2);
		snprintf(name, 100, "safetensors-vectors/%.60s", name + 100);
		code = parse_file(name, &f, &bytes);
		check((code == 0) == (strcmp(want, "accept") == 0));
		check(code == 0 || code == E_FORMAT || code == E_RANGE);
		if (code == 0)
			read++;
		else
			refused++;
	}
	check(read == 4 && refused == 8);
}

TEST(files_of_other_writers_are_read)
{
	scoped(safetensors) *f = NULL, *g = NULL;
	scoped(buf) *bytes = NULL, *more = NULL;

	check_ok(parse_file("burn-safetensors/examples/import-model-weights/weights/mnist.safetensors",
			    &f, &bytes));
	check(f->count > 4);
	check(strcmp(f->tensor[0].dtype, "F32") == 0);
	check_ok(parse_file("burn-safetensors/crates/burn-store/safetensors-tests/tests/multi_layer/"
			    "multi_layer.safetensors", &g, &more));
	check(g->count > 2);
	check(safetensors_find(g, "no such tensor") == NULL);
}

static const int64_t values[6] = { 0, -1, INT64_MIN, INT64_MAX, 5, -6 };
static const struct tensor two[2] = {
	{ .name = "a", .rank = 2, .shape = { 2, 3 }, .bytes = values },
	{ .name = "b\n", .rank = 1, .shape = { 2 }, .bytes = values + 1 },
};

TEST(what_is_written_is_read_again_and_has_one_form)
{
	scoped(safetensors) *f = NULL;
	scoped(buf) *b = NULL;
	struct error fresh = { 0 };
	scoped_json *m = json_object_make(&fresh);
	static const char want[] =
		"{\"__metadata__\":{\"k\":\"v\"},\"a\":{\"data_offsets\":[0,48],\"dtype\":\"I64\","
		"\"shape\":[2,3]},\"b\\n\":{\"data_offsets\":[48,64],\"dtype\":\"I64\",\"shape\":[2]}}";

	json_set_text(m, "k", "v", &fresh);
	check_ok(buf_create(&b, 0, &e));
	check_ok(safetensors_put(two, 2, m, b, &e));
	check(b->len % 8 == 0);
	check(memcmp(b->data + 8, want, strlen(want)) == 0);
	check_ok(safetensors_parse(&f, b->data, b->len, &e));
	check(f->count == 2);
	check(strcmp(safetensors_text(f, "k"), "v") == 0);
	check(safetensors_text(f, "l") == NULL);
	for (uint64_t i = 0; i < 6; i++)
		check(safetensors_i64(safetensors_find(f, "a"), i) == values[i]);
	check(safetensors_i64(safetensors_find(f, "b\n"), 1) == values[2]);
}

TEST(no_file_is_read_that_is_a_byte_shorter_or_longer)
{
	scoped(buf) *b = NULL;
	struct safetensors *f = NULL;

	check_ok(buf_create(&b, 0, &e));
	check_ok(safetensors_put(two, 2, NULL, b, &e));
	for (size_t len = 0; len < b->len; len++)
		check_code(safetensors_parse(&f, b->data, len, &e), E_FORMAT);
	check_ok(buf_put_u8(b, 0, &e));
	check_code(safetensors_parse(&f, b->data, b->len, &e), E_FORMAT);
	check(f == NULL);
}

static int parse_header(const char *json, size_t data)
{
	scoped(safetensors) *f = NULL;
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	for (int i = 0; i < 8; i++)
		check_ok(buf_put_u8(b, (uint8_t)(strlen(json) >> (8 * i)), &e));
	check_ok(buf_put(b, json, strlen(json), &e));
	for (; data > 0; data--)
		check_ok(buf_put_u8(b, 7, &e));
	return safetensors_parse(&f, b->data, b->len, &e);
}

#define INFO(shape, from, to) \
	"{\"dtype\":\"U8\",\"shape\":[" shape "],\"data_offsets\":[" from "," to "]}"

TEST(headers_that_lie_are_refused)
{
	check_ok(parse_header("{\"a\":" INFO("3", "0", "3") "}", 3));
	check_ok(parse_header("{\"a\":" INFO("3", "0", "3") ",\"b\":" INFO("0", "3", "3") "}  ", 3));
	check_code(parse_header("{\"a\":" INFO("3", "0", "3") "}", 4), E_FORMAT);
	check_code(parse_header("{\"a\":" INFO("3", "1", "4") "}", 4), E_FORMAT);
	check_code(parse_header("{\"a\":" INFO("3", "0", "3") ",\"b\":" INFO("2", "1", "3") "}", 3),
		   E_FORMAT);
	check_code(parse_header("{\"a\":" INFO("3", "3", "0") "}", 3), E_FORMAT);
	check_code(parse_header("{\"a\":" INFO("-3", "0", "3") "}", 3), E_FORMAT);
	check_code(parse_header("{\"a\":" INFO("3", "-1", "2") "}", 3), E_FORMAT);
	check_code(parse_header("{\"a\":" INFO("4294967296,4294967296", "0", "0") "}", 0), E_RANGE);
	check_code(parse_header("{\"a\":" INFO("3", "0", "3") ",\"a\":" INFO("3", "0", "3") "}", 3),
		   E_FORMAT);
	check_code(parse_header(" {}", 0), E_FORMAT);
	check_code(parse_header("{\"__metadata__\":{\"a\":1}}", 0), E_FORMAT);
	check_code(parse_header("{\"a\":{\"dtype\":\"U7\",\"shape\":[],\"data_offsets\":[0,1]}}", 1),
		   E_FORMAT);
	check_code(parse_header("{\"\":" INFO("3", "0", "3") "}", 3), E_RANGE);
}

TEST(sixteen_dimensions_are_read_and_seventeen_are_not)
{
	check_ok(parse_header("{\"a\":" INFO("1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "0", "1") "}", 1));
	check_code(parse_header("{\"a\":" INFO("1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "0", "1") "}", 1),
		   E_RANGE);
}

TEST(a_name_has_1024_bytes_and_not_1025)
{
	char header[2000];

	for (int len = 1024; len <= 1025; len++) {
		snprintf(header, sizeof(header), "{\"%0*d\":" INFO("3", "0", "3") "}", len, 7);
		check_code(parse_header(header, 3), len == 1024 ? 0 : E_RANGE);
	}
}

TEST(a_header_beyond_its_limit_is_refused_before_it_is_read)
{
	struct safetensors *f = NULL;
	uint8_t head[9] = { 1, 0, 0, 1, 0, 0, 0, 0, '{' };

	check_code(safetensors_parse(&f, head, 9, &e), E_RANGE);
	head[0] = 0;
	check_code(safetensors_parse(&f, head, 9, &e), E_FORMAT);
}

TEST_MAIN("wire safetensors")
