#include "log/store.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "crypto/tree.h"

#define BUNDLE_BYTES_MAX ((uint64_t)TILE_WIDTH * (2 + LOG_ENTRY_MAX))

static uint64_t bytes_max(int level, unsigned width)
{
	return level == TILE_ENTRIES ? BUNDLE_BYTES_MAX : (uint64_t)width * HASH_LEN;
}

/* The whole blob, in place of what out holds. */
static int get_named(struct blobs *b, int level, uint64_t number, unsigned width, struct buf *out,
		     struct error *e)
{
	char name[TILE_NAME_MAX];
	uint64_t len = 0;
	int code = tile_name(name, level, number, width, e);

	buf_clear(out);
	if (code == 0)
		code = b->calls->size(b, name, &len, e);
	if (code == 0 && (len > bytes_max(level, width) ||
			  (level != TILE_ENTRIES && len != bytes_max(level, width))))
		code = error_set(e, E_MISMATCH, "%s has %" PRIu64 " bytes", name, len);
	return code < 0 ? code : b->calls->get(b, name, 0, len, out, e);
}

/* What a full tile covers may have been removed. */
static int get(struct blobs *b, int level, uint64_t number, unsigned width, struct buf *out,
	       unsigned *ret_width, struct error *e)
{
	int code = get_named(b, level, number, width, out, e);
	struct error full = { 0 };

	*ret_width = width;
	if (code != E_NOT_FOUND || width == TILE_WIDTH)
		return code;
	*ret_width = TILE_WIDTH;
	code = get_named(b, level, number, TILE_WIDTH, out, &full);
	if (code == 0)
		error_clear(e);
	else if (code != E_NOT_FOUND)
		error_set(e, code, "%s", full.text);
	if (code == 0)
		error_clear(e);
	return code;
}

int store_hashes(struct blobs *b, int level, uint64_t number, unsigned width,
		 struct hash ret[TILE_WIDTH], struct error *e)
{
	scoped(buf) *bytes = NULL;
	unsigned found;
	int code = buf_create(&bytes, TILE_WIDTH * HASH_LEN, e);

	if (code == 0)
		code = get(b, level, number, width, bytes, &found, e);
	if (code == 0)
		memcpy(ret, bytes->data, width * sizeof(*ret));
	return code;
}

int store_entries(struct blobs *b, uint64_t number, unsigned width, struct buf *out,
		  size_t ret_at[TILE_WIDTH + 1], struct error *e)
{
	const uint8_t *entry;
	unsigned found = 0;
	size_t at = 0, len;
	int code = get(b, TILE_ENTRIES, number, width, out, &found, e);

	if (code < 0)
		return code;
	for (unsigned i = 0; i < found && code == 0; i++) {
		if (i < width)
			ret_at[i] = at;
		code = bundle_next(out, &at, &entry, &len, e);
		if (i + 1 == width)
			ret_at[width] = at;
	}
	if (code < 0 || at != out->len)
		return error_set(e, E_MISMATCH, "bundle %" PRIu64 " is not one of %u entries",
				 number, found);
	out->len = ret_at[width];
	out->data[out->len] = '\0';
	return 0;
}

void store_leaves(const struct buf *bundle, const size_t at[TILE_WIDTH + 1], unsigned width,
		  struct hash ret[TILE_WIDTH])
{
	for (unsigned i = 0; i < width; i++)
		tree_leaf(&ret[i], bundle->data + at[i] + 2, at[i + 1] - at[i] - 2);
}

/* Removing while listing is nothing that blobs promise. */
struct partial {
	int level;
	uint64_t number;
	bool there[TILE_WIDTH + 1];
};

static int note_partial(void *ctx, const char *name, uint64_t len_bytes, struct error *e)
{
	struct partial *p = ctx;
	uint64_t number;
	unsigned width;
	int level;

	(void)len_bytes;
	(void)e;
	if (tile_parse_name(name, &level, &number, &width, NULL) == 0 && level == p->level &&
	    number == p->number)
		p->there[width] = true;
	return 0;
}

int store_drop_partial(struct blobs *b, int level, uint64_t number, struct error *e)
{
	struct partial p = { .level = level, .number = number };
	char name[TILE_NAME_MAX], folder[TILE_NAME_MAX + 4];
	int code = tile_name(name, level, number, TILE_WIDTH, e);

	if (code < 0)
		return code;
	snprintf(folder, sizeof(folder), "%s.p/", name);
	code = b->calls->list(b, folder, note_partial, &p, e);
	for (unsigned width = 1; width < TILE_WIDTH && code == 0; width++) {
		if (!p.there[width])
			continue;
		code = tile_name(name, level, number, width, e);
		if (code == 0)
			code = b->calls->shed(b, name, e);
	}
	return code;
}
