/*
 * testing: what the tests of catalog/ share: a fresh catalog, and small values to put in.
 */
#ifndef CATALOG_TESTING_H
#define CATALOG_TESTING_H

#include <string.h>

#include "base/file.h"
#include "base/test.h"
#include "catalog/backend.h"

static inline const char *fresh_path(void)
{
	static char path[PATH_LEN_MAX];
	struct error e = { 0 };

	check_ok(path_join(path, test_folder(), "catalog", &e));
	return path;
}

static inline struct catalog *opened(const char *path)
{
	struct catalog *c = NULL;
	struct error e = { 0 };

	check_ok(catalog_open(&c, path, true, &e));
	return c;
}

static inline void begin(struct catalog *c)
{
	struct error e = { 0 };

	check_ok(catalog_begin(c, &e));
}

static inline void commit(struct catalog *c)
{
	struct error e = { 0 };

	check_ok(catalog_commit(c, &e));
}

/* A fresh one with a transaction open. */
static inline struct catalog *writing(void)
{
	struct catalog *c = opened(fresh_path());

	begin(c);
	return c;
}

static inline struct hash hash_of(uint64_t n)
{
	struct hash h;

	hash_bytes(&h, &n, sizeof(n));
	return h;
}

static inline struct tag tag_of(uint64_t n)
{
	struct hash h = hash_of(n);
	struct tag t;

	memcpy(t.b, h.b, sizeof(t.b));
	return t;
}

static inline struct set *set_of(const char *text)
{
	struct error e = { 0 };
	struct set *s = NULL;

	check_ok(set_from_text(&s, text, 1000, &e));
	return s;
}

static inline void expect_set(const struct set *s, const char *text)
{
	struct error e = { 0 };
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 100, &e));
	check_ok(set_put_text(s, b, &e));
	assert_string_equal(buf_text(b), text);
}

static inline bool same_place(const struct place *a, const struct place *b)
{
	return a->pack == b->pack && a->at == b->at && a->len_bytes == b->len_bytes;
}

#endif
