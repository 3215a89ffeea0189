/* Entry bundles written anew from where their entries are committed. */
#include <stdio.h>

#include "base/arena.h"
#include "crypto/tree.h"
#include "log/log.h"
#include "log/store.h"

struct mend {
	struct blobs *b;
	uint64_t size;
	const struct hash *root;
	log_entry_of entry_of;
	void (*tell)(void *ctx, const char *line);
	void *ctx;
	struct buf *bundle, *there, *entry;
	bool asked, lead; /* do the committed entries lead to the root? */
};

static int put_entries(struct mend *m, uint64_t first, unsigned width,
		       struct hash ret[TILE_WIDTH], struct error *e)
{
	buf_clear(m->bundle);
	for (unsigned i = 0; i < width; i++) {
		buf_clear(m->entry);
		if (m->entry_of(m->ctx, first + i, m->entry, e) < 0 ||
		    bundle_put(m->bundle, m->entry->data, m->entry->len, e) < 0)
			return e->code;
		tree_leaf(&ret[i], m->entry->data, m->entry->len);
	}
	return 0;
}

static bool is_whole(struct mend *m, uint64_t number, unsigned width,
		     const struct hash want[TILE_WIDTH])
{
	size_t at[TILE_WIDTH + 1];
	struct hash leaves[TILE_WIDTH];

	if (store_entries(m->b, number, width, m->there, at, NULL) < 0)
		return false;
	store_leaves(m->there, at, width, leaves);
	return memcmp(leaves, want, width * sizeof(*leaves)) == 0;
}

/* Of all entries, once for all tiles that are wrong too. */
static bool lead_to_root(struct mend *m, struct error *why)
{
	struct tree_edge t;
	struct hash leaf;

	if (m->asked)
		return m->lead;
	m->asked = true;
	tree_edge_init(&t);
	for (uint64_t n = 0; n < m->size; n++) {
		buf_clear(m->entry);
		if (m->entry_of(m->ctx, n, m->entry, why) < 0)
			return false;
		tree_leaf(&leaf, m->entry->data, m->entry->len);
		tree_edge_add(&t, &leaf);
	}
	tree_edge_root(&t, &leaf);
	return m->lead = hash_equal(&leaf, m->root);
}

static int replace_bundle(struct mend *m, uint64_t number, unsigned width, struct error *e)
{
	char name[TILE_NAME_MAX], line[TILE_NAME_MAX + 40];

	if (tile_name(name, TILE_ENTRIES, number, width, e) < 0 ||
	    m->b->calls->remove(m->b, name, e) < 0 ||
	    m->b->calls->put(m->b, name, m->bundle->data, m->bundle->len, e) < 0)
		return e->code;
	snprintf(line, sizeof(line), "repaired: %s: written again", name);
	m->tell(m->ctx, line);
	return 0;
}

static int unless_memory(const struct error *why, struct error *e)
{
	return why->code == E_MEMORY ? error_set(e, E_MEMORY, "%s", why->text) : 0;
}

/* The tile says what the entries should be; if it is wrong too, the root does, and log_check
 * writes the tile. Where the committed entries lead to neither, log_check has the word. */
static int mend_bundle(struct mend *m, uint64_t number, unsigned width, struct error *e)
{
	struct hash stored[TILE_WIDTH], leaves[TILE_WIDTH];
	struct error why = { 0 };
	bool tile = store_hashes(m->b, 0, number, width, stored, &why) == 0;

	if (why.code == E_MEMORY || (tile && is_whole(m, number, width, stored)))
		return unless_memory(&why, e);
	error_clear(&why);
	if (put_entries(m, number * TILE_WIDTH, width, leaves, &why) < 0)
		return unless_memory(&why, e);
	if (!tile || memcmp(leaves, stored, width * sizeof(*leaves)) != 0) {
		if (is_whole(m, number, width, leaves) || !lead_to_root(m, &why))
			return unless_memory(&why, e);
	}
	return replace_bundle(m, number, width, e);
}

/* --- those of older heads --- */

struct partials {
	struct arena *a;
	struct partial_name {
		uint64_t number;
		unsigned width;
	} *list;
	size_t count, cap;
};

static int note_partial(void *ctx, const char *name, uint64_t len_bytes, struct error *e)
{
	struct partials *p = ctx;
	struct partial_name t;
	int level;

	(void)len_bytes;
	if (tile_parse_name(name, &level, &t.number, &t.width, NULL) < 0 || level != TILE_ENTRIES ||
	    t.width == TILE_WIDTH)
		return 0;
	p->list = arena_grow(p->a, p->list, sizeof(*p->list), p->count, &p->cap, e);
	if (!p->list)
		return e->code;
	p->list[p->count++] = t;
	return 0;
}

static int mend_partials(struct mend *m, struct error *e)
{
	scoped(arena) *a = NULL;
	struct partials p = { .count = 0 };

	if (arena_create(&a, e) < 0)
		return e->code;
	p.a = a;
	if (m->b->calls->list(m->b, "tile/entries/", note_partial, &p, e) < 0)
		return e->code;
	for (size_t i = 0; i < p.count; i++) {
		const struct partial_name *t = &p.list[i];

		if (t->number <= m->size / TILE_WIDTH &&
		    t->number * TILE_WIDTH + t->width <= m->size &&
		    mend_bundle(m, t->number, t->width, e) < 0)
			return e->code;
	}
	return 0;
}

int log_mend(struct blobs *b, uint64_t size, const struct hash *root, log_entry_of entry_of,
	     void (*tell)(void *ctx, const char *line), void *ctx, struct task *t, struct error *e)
{
	struct mend m = {
		.b = b, .size = size, .root = root, .entry_of = entry_of, .tell = tell, .ctx = ctx,
	};
	scoped(buf) *bundle = NULL, *there = NULL, *entry = NULL;

	if (size > TREE_SIZE_MAX)
		return error_set(e, E_RANGE, "a log too large");
	if (buf_create(&bundle, 1024, e) < 0 || buf_create(&there, 1024, e) < 0 ||
	    buf_create(&entry, 1024, e) < 0)
		return e->code;
	m.bundle = bundle;
	m.there = there;
	m.entry = entry;
	for (uint64_t n = 0; n * TILE_WIDTH < size; n++) {
		uint64_t left = size - n * TILE_WIDTH;

		if (mend_bundle(&m, n, left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH, e) < 0 ||
		    task_step(t, 0, e) < 0)
			return e->code;
	}
	return mend_partials(&m, e);
}
