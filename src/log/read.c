#include "log/log.h"

#include <inttypes.h>
#include <stdlib.h>

#include "log/handle.h"
#include "log/store.h"
#include "wire/note.h"

static struct kept_tile **place_of(struct log *l, int level, uint64_t number)
{
	if (level == 0)
		return &l->kept[number % KEPT_LEAF_TILES];
	return &l->kept[KEPT_LEAF_TILES + (number + (unsigned)level) % KEPT_UPPER_TILES];
}

static int tile_fill(struct log *l, struct kept_tile *t, int level, uint64_t number,
		     const struct hash *root, struct error *e)
{
	int code = store_hashes(l->b, level, number, TILE_WIDTH, &t->node[TILE_WIDTH], e);

	t->level = TILE_ENTRIES; /* none, until it is checked */
	if (code < 0)
		return code;
	for (size_t i = TILE_WIDTH - 1; i > 0; i--)
		tree_node(&t->node[i], &t->node[2 * i], &t->node[2 * i + 1]);
	if (!hash_equal(&t->node[1], root))
		return error_set(e, E_MISMATCH,
				 "tile %" PRIu64 " of level %d does not lead to the root", number,
				 level);
	t->level = level;
	t->number = number;
	return 0;
}

/* A full tile before the edge: what vouches for it is the hash above. */
static int tile_keep(struct log *l, int level, uint64_t number, const struct kept_tile **ret,
		     struct error *e)
{
	struct kept_tile **place = place_of(l, level, number);
	struct hash root;
	int code;

	if (*place && (*place)->level == level && (*place)->number == number) {
		*ret = *place;
		return 0;
	}
	code = log_read(l, 8 * ((unsigned)level + 1), number << (8 * (level + 1)), &root, e);
	if (code < 0)
		return code;
	if (!*place)
		*place = calloc(1, sizeof(**place));
	if (!*place)
		return error_set(e, E_MEMORY, "no memory for a tile");
	code = tile_fill(l, *place, level, number, &root, e);
	if (code == 0)
		*ret = *place;
	return code;
}

int log_read(void *ctx, unsigned level, uint64_t first, struct hash *ret, struct error *e)
{
	struct log *l = ctx;
	const struct kept_tile *t = NULL;
	uint64_t index, size = log_size(l);
	int code, tile_level = (int)(level / 8);

	if (level > 63 || first > size || size - first < UINT64_C(1) << level ||
	    first % (UINT64_C(1) << level) != 0)
		return error_set(e, E_RANGE, "no subtree of 2^%u at %" PRIu64, level, first);
	index = first >> (8 * tile_level);
	if (index >= l->edge.level[tile_level].first)
		return edge_read(&l->edge, level, first, ret, e);
	code = tile_keep(l, tile_level, index / TILE_WIDTH, &t, e);
	if (code == 0)
		*ret = t->node[(TILE_WIDTH + index % TILE_WIDTH) >> level % 8];
	return code;
}

/* Read again after the log has grown: what was the last bundle is longer then. */
static int bundle_read(struct log *l, uint64_t number, struct error *e)
{
	uint64_t left = l->written - number * TILE_WIDTH;
	unsigned width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
	int code;

	if (l->read_width == width && l->read_number == number)
		return 0;
	l->read_width = 0;
	code = store_entries(l->b, number, width, l->read, l->read_at, e);
	if (code < 0)
		return code;
	l->read_number = number;
	l->read_width = width;
	return 0;
}

static int entry_check(struct log *l, uint64_t index, const uint8_t *entry, size_t len,
		       struct error *e)
{
	struct hash leaf, want;
	int code = log_read(l, 0, index, &want, e);

	if (code < 0)
		return code;
	tree_leaf(&leaf, entry, len);
	if (!hash_equal(&leaf, &want))
		return error_set(e, E_MISMATCH, "not what its leaf hash says");
	return 0;
}

int log_entry(struct log *l, uint64_t index, struct buf *out, struct error *e)
{
	const size_t *at = &l->read_at[index % TILE_WIDTH];
	const uint8_t *entry;
	int code;

	if (index >= l->written)
		return error_set(e, E_RANGE, "no entry %" PRIu64 " of %" PRIu64, index, l->written);
	code = bundle_read(l, index / TILE_WIDTH, e);
	if (code == 0) {
		entry = l->read->data + at[0] + 2;
		code = entry_check(l, index, entry, at[1] - at[0] - 2, e);
	}
	if (code == 0)
		code = buf_put(out, entry, at[1] - at[0] - 2, e);
	if (code < 0)
		error_wrap(e, "entry %" PRIu64, index);
	return code;
}

static int size_check(const struct log *l, uint64_t size, struct error *e)
{
	if (size > log_size(l))
		return error_set(e, E_RANGE, "the log has %" PRIu64 " entries, not %" PRIu64,
				 log_size(l), size);
	return 0;
}

int log_prove(struct log *l, uint64_t index, uint64_t size, struct tree_path *ret, struct error *e)
{
	int code = size_check(l, size, e);

	return code < 0 ? code : tree_prove(ret, index, size, log_read, l, e);
}

int log_prove_growth(struct log *l, uint64_t old_size, uint64_t size, struct tree_path *ret,
		     struct error *e)
{
	int code = size_check(l, size, e);

	return code < 0 ? code : tree_prove_growth(ret, old_size, size, log_read, l, e);
}

static const char head_name[] = "checkpoint";

int log_stage(struct blobs *b, const void *note, size_t len_bytes, struct error *e)
{
	return b->calls->stage(b, head_name, note, len_bytes, e);
}

int log_show(struct blobs *b, const void *note, size_t len_bytes, struct error *e)
{
	return b->calls->land(b, head_name, note, len_bytes, e);
}

int log_publish(struct blobs *b, const void *note, size_t len_bytes, struct error *e)
{
	return b->calls->replace(b, head_name, note, len_bytes, e);
}

int log_published(struct blobs *b, struct buf *out, struct error *e)
{
	uint64_t len;
	int code = b->calls->size(b, head_name, &len, e);

	if (code < 0)
		return code;
	if (len > NOTE_BYTES_MAX)
		return error_set(e, E_RANGE, "a head of %" PRIu64 " bytes", len);
	return b->calls->get(b, head_name, 0, len, out, e);
}
