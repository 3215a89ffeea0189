/*
 * testing: for tests only. A log of made-up entries in a folder, of which everything is known
 * beforehand, and blobs that fail when they are told to.
 */
#ifndef LOG_TESTING_H
#define LOG_TESTING_H

#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "base/test.h"
#include "log/log.h"

enum { ENTRIES_MAX = 70001 };

static struct error e;
static struct hash leaf[ENTRIES_MAX];

/* Entry i, of 0 to 60 bytes; returns how many. */
static inline size_t entry_text(uint64_t i, char ret[64])
{
	for (unsigned j = 0; j < 64; j++)
		ret[j] = (char)('a' + (i * (j + 1) + i / TILE_WIDTH) % 26);
	return (size_t)(i * 2654435761 % 61);
}

__attribute__((constructor)) static inline void leaves_make(void)
{
	char text[64];

	for (uint64_t i = 0; i < ENTRIES_MAX; i++) {
		size_t len = entry_text(i, text);

		tree_leaf(&leaf[i], text, len);
	}
}

static inline struct hash root_of(uint64_t size)
{
	struct hash root;

	tree_root(&root, leaf, size);
	return root;
}

static inline void add_to(struct log *l, uint64_t size)
{
	char text[64];

	for (uint64_t i = log_size(l); i < size; i++) {
		size_t len = entry_text(i, text);

		check_ok(log_add(l, text, len, &e));
	}
}

static inline struct blobs *blobs_in(const char *folder)
{
	struct blobs *b = NULL;

	check_ok(blobs_open_folder(&b, folder, 0755, &e));
	return b;
}

static inline struct log *log_at(struct blobs *b, uint64_t size)
{
	struct hash root = root_of(size);
	struct log *l = NULL;

	check_ok(log_open(&l, b, size, &root, &e));
	check(log_size(l) == size);
	return l;
}

static inline void expect_opens(struct blobs *b, uint64_t size)
{
	log_close(log_at(b, size));
}

static inline void grow(struct blobs *b, uint64_t from, uint64_t to)
{
	scoped(log) *l = log_at(b, from);
	struct hash found, want = root_of(to);

	add_to(l, to);
	check_ok(log_write(l, &e));
	log_root(l, &found);
	check(log_size(l) == to && hash_equal(&found, &want));
}

/* A blob's bytes; NULL when it is not there. */
static inline struct buf *blob_bytes(struct blobs *b, const char *name)
{
	struct buf *bytes = NULL;
	uint64_t len;

	if (b->calls->size(b, name, &len, &e) == E_NOT_FOUND)
		return NULL;
	check_ok(buf_create(&bytes, 0, &e));
	check_ok(b->calls->get(b, name, 0, len, bytes, &e));
	return bytes;
}

static inline struct buf *tile_bytes(struct blobs *b, int level, uint64_t number, unsigned width)
{
	char name[TILE_NAME_MAX];

	check_ok(tile_name(name, level, number, width, &e));
	return blob_bytes(b, name);
}

static inline void bytes_expected(int level, uint64_t number, unsigned width, struct buf *out)
{
	uint64_t span = level > 0 ? UINT64_C(1) << 8 * level : 1;
	struct hash h;
	char text[64];

	for (uint64_t i = number * TILE_WIDTH; i < number * TILE_WIDTH + width; i++) {
		if (level == TILE_ENTRIES) {
			check_ok(bundle_put(out, text, entry_text(i, text), &e));
			continue;
		}
		tree_root(&h, leaf + i * span, span);
		check_ok(buf_put(out, h.b, HASH_LEN, &e));
	}
}

static inline void tile_expect(struct blobs *b, int level, uint64_t number, unsigned width)
{
	scoped(buf) *found = tile_bytes(b, level, number, width), *want = NULL;

	if (!found)
		fail_msg("no tile %d/%" PRIu64 " of %u", level, number, width);
	check_ok(buf_create(&want, 0, &e));
	bytes_expected(level, number, width, want);
	check(found->len == want->len && memcmp(found->data, want->data, want->len) == 0);
}

/* Every tile and bundle that a size implies is there, byte for byte. */
static inline void tiles_expect(struct blobs *b, uint64_t size)
{
	for (int level = TILE_ENTRIES; tile_hashes(level, size) > 0; level++) {
		uint64_t hashes = tile_hashes(level, size), i;

		for (i = 0; i < hashes / TILE_WIDTH; i++)
			tile_expect(b, level, i, TILE_WIDTH);
		if (hashes % TILE_WIDTH > 0)
			tile_expect(b, level, i, (unsigned)(hashes % TILE_WIDTH));
	}
}

/* Blobs over others, of which a writing call fails when calls_left is spent. */
struct flaky {
	struct blobs blobs;
	struct blobs *inner;
	unsigned calls_left, calls;
};

static inline int flaky_pass(struct flaky *f, struct error *story)
{
	f->calls++;
	if (f->calls_left == 0)
		return error_set(story, E_IO, "no more");
	f->calls_left--;
	return 0;
}

static inline int flaky_put(struct blobs *b, const char *name, const void *bytes, size_t len,
			    struct error *story)
{
	struct flaky *f = (struct flaky *)b;
	int code = flaky_pass(f, story);

	return code < 0 ? code : f->inner->calls->put(f->inner, name, bytes, len, story);
}

static inline int flaky_write_many(struct blobs *b, const struct blob_write *list, size_t count,
				   struct error *story)
{
	struct flaky *f = (struct flaky *)b;
	int code = 0;

	for (size_t i = 0; i < count && code == 0; i++) {
		code = flaky_pass(f, story);
		if (code == 0)
			code = f->inner->calls->write_many(f->inner, &list[i], 1, story);
	}
	return code;
}

static inline int flaky_settle(struct blobs *b, struct blobs *also, uint64_t *ret_device,
			       struct error *story)
{
	struct flaky *f = (struct flaky *)b;

	return f->inner->calls->settle(f->inner, also, ret_device, story);
}

static inline int flaky_remove(struct blobs *b, const char *name, struct error *story)
{
	struct flaky *f = (struct flaky *)b;
	int code = flaky_pass(f, story);

	return code < 0 ? code : f->inner->calls->remove(f->inner, name, story);
}

static inline int flaky_get(struct blobs *b, const char *name, uint64_t at, uint64_t len,
			    struct buf *out, struct error *story)
{
	struct blobs *inner = ((struct flaky *)b)->inner;

	return inner->calls->get(inner, name, at, len, out, story);
}

static inline int flaky_size(struct blobs *b, const char *name, uint64_t *ret, struct error *story)
{
	struct blobs *inner = ((struct flaky *)b)->inner;

	return inner->calls->size(inner, name, ret, story);
}

static inline int flaky_list(struct blobs *b, const char *prefix,
			     int (*each)(void *ctx, const char *name, uint64_t len,
					 struct error *story),
			     void *ctx, struct error *story)
{
	struct blobs *inner = ((struct flaky *)b)->inner;

	return inner->calls->list(inner, prefix, each, ctx, story);
}

static const struct blobs_calls flaky_calls = {
	.put = flaky_put,
	.write_many = flaky_write_many,
	.settle = flaky_settle,
	.get = flaky_get,
	.size = flaky_size,
	.list = flaky_list,
	.remove = flaky_remove,
	.shed = flaky_remove,
};

static inline struct flaky flaky_over(struct blobs *inner, unsigned calls)
{
	return (struct flaky){ { &flaky_calls }, inner, calls, 0 };
}

#endif
