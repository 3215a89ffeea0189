/*
 * vectors: for tests only. Published test vectors in JSON, below the folder of shared test
 * material; without that folder the running test is skipped.
 */
#ifndef CRYPTO_VECTORS_H
#define CRYPTO_VECTORS_H

#include <jansson.h>
#include <stdio.h>

#include "base/test.h"
#include "base/text.h"

enum { VECTOR_BYTES_MAX = 4096 };

/* A field of hex digits. Returns the number of bytes. */
static inline size_t vector_hex(const json_t *object, const char *key,
				uint8_t ret[VECTOR_BYTES_MAX])
{
	const char *text = json_string_value(json_object_get(object, key));
	struct error e = { 0 };

	check(text && strlen(text) <= (size_t)2 * VECTOR_BYTES_MAX);
	check_ok(hex_decode(ret, strlen(text) / 2, text, &e));
	return strlen(text) / 2;
}

static inline bool vector_valid(const json_t *test)
{
	const char *result = json_string_value(json_object_get(test, "result"));

	check(result);
	return strcmp(result, "valid") == 0;
}

/* Calls run for each test of a Wycheproof file; run returns how many cases it counted. */
static inline unsigned wycheproof(const char *file,
				  unsigned (*run)(const json_t *group, const json_t *test))
{
	char path[4096];
	json_t *all, *group, *test;
	unsigned counted = 0;
	size_t i, j;

	snprintf(path, sizeof(path), "%s/vectors/C2SP-wycheproof/testvectors_v1/%s", test_shared(),
		 file);
	all = json_load_file(path, 0, NULL);
	check(all);
	json_array_foreach(json_object_get(all, "testGroups"), i, group)
		json_array_foreach(json_object_get(group, "tests"), j, test)
			counted += run(group, test);
	json_decref(all);
	return counted;
}

#endif
