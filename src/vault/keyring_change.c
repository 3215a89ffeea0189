/* Changes of a keyring in memory: pages as they will be. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vault/keyring_parts.h"

void keyring_forget(struct keyring *r)
{
	for (size_t i = 0; i < r->dirty_cap && r->dirty_count > 0; i++) {
		if (!r->dirty[i])
			continue;
		wipe(r->dirty[i], PAGE_LEN);
		free(r->dirty[i]);
		r->dirty_count--;
	}
	free(r->dirty);
	r->dirty = NULL;
	r->dirty_cap = 0;
	r->added = 0;
	r->erases = false;
}

static int room_for(struct keyring *r, uint64_t page, struct error *e)
{
	size_t cap = (size_t)page + 1 > r->dirty_cap * 2 ? (size_t)page + 1 : r->dirty_cap * 2;
	uint8_t **dirty;

	if (page < r->dirty_cap)
		return 0;
	dirty = realloc(r->dirty, cap * sizeof(*dirty));
	if (!dirty)
		return error_set(e, E_MEMORY, "out of memory");
	memset(dirty + r->dirty_cap, 0, (cap - r->dirty_cap) * sizeof(*dirty));
	r->dirty = dirty;
	r->dirty_cap = cap;
	return 0;
}

/* The page as it was committed; one that never was is all "never". */
static int page_fill(struct keyring *r, uint64_t page, uint8_t *plain, struct error *e)
{
	const struct ring_table *t = &r->state.table;
	const uint8_t *committed;

	if (page >= pages_of(t->slots))
		return 0;
	if (t->pages[page].live > 0) {
		if (keyring_page(r, page, &committed, e) < 0)
			return e->code;
		memcpy(plain, committed, PAGE_LEN);
		return 0;
	}
	for (unsigned i = 0; i < page_used(t->slots, page); i++)
		page_set_erased(plain, i);
	return 0;
}

int keyring_touch(struct keyring *r, uint64_t page, size_t pages_max, struct error *e)
{
	uint8_t *plain;

	if (room_for(r, page, e) < 0)
		return E_MEMORY;
	if (r->dirty[page])
		return 0;
	if (r->dirty_count >= pages_max)
		return error_set(e, E_RANGE, "more than %zu pages of keys in one change",
				 pages_max);
	plain = calloc(1, PAGE_LEN);
	if (!plain)
		return error_set(e, E_MEMORY, "out of memory");
	if (page_fill(r, page, plain, e) < 0) {
		free(plain);
		return e->code;
	}
	r->dirty[page] = plain;
	r->dirty_count++;
	return 0;
}

/* Fresh keys for slots of one page, which is touched. */
static void fill_slots(uint8_t *plain, unsigned first, unsigned count)
{
	uint8_t keys[KEYRING_PAGE_SLOTS * SEAL_KEY_LEN];

	random_bytes(keys, count * SEAL_KEY_LEN);
	for (unsigned i = 0; i < count; i++)
		page_set_live(plain, first + i, keys + i * SEAL_KEY_LEN);
	wipe(keys, sizeof(keys));
}

int keyring_add(struct keyring *r, uint64_t count, uint64_t *ret_first, struct error *e)
{
	uint64_t first = r->state.table.slots + r->added, last = first + count;

	if (count > KEYRING_SLOTS_MAX - first)
		return error_set(e, E_RANGE, "more than %" PRIu64 " keys in one keyring",
				 KEYRING_SLOTS_MAX);
	/* What may fail comes before the first slot is given out. */
	for (uint64_t page = first / KEYRING_PAGE_SLOTS; page < pages_of(last); page++)
		if (count > 0 && keyring_touch(r, page, KEYRING_CHANGE_PAGES_MAX, e) < 0)
			return e->code;
	for (uint64_t slot = first; slot < last;) {
		unsigned at = (unsigned)(slot % KEYRING_PAGE_SLOTS);
		unsigned room = KEYRING_PAGE_SLOTS - at;
		unsigned n = last - slot < room ? (unsigned)(last - slot) : room;

		fill_slots(r->dirty[slot / KEYRING_PAGE_SLOTS], at, n);
		slot += n;
	}
	r->added += count;
	*ret_first = first;
	return 0;
}

int keyring_erase(struct keyring *r, uint64_t slot, struct error *e)
{
	uint64_t page = slot / KEYRING_PAGE_SLOTS;
	bool alive;

	if (keyring_alive(r, slot, &alive, e) < 0)
		return e->code;
	if (!alive)
		return 0;
	if (keyring_touch(r, page, KEYRING_CHANGE_PAGES_MAX, e) < 0)
		return e->code;
	page_set_erased(r->dirty[page], (unsigned)(slot % KEYRING_PAGE_SLOTS));
	r->erases = true;
	return 0;
}
