/* Opening and reading a keyring. */
#include "vault/keyring.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vault/keyring_parts.h"

enum { LOAD_TRIES = 8 };

const char *ring_name(char ret[RING_NAME_MAX], const char *what, uint64_t number)
{
	snprintf(ret, RING_NAME_MAX, "keyring/%s-%" PRIu64, what, number);
	return ret;
}

void state_done(struct ring_state *s)
{
	buf_destroy(s->raw);
	table_done(&s->table);
	wipe(s, sizeof(*s));
}

/* Loading a generation */

/* The key that proves keyring/current, from whichever place has it. */
static int load_epoch(struct ring_state *s, struct keydir *k, struct error *e)
{
	int code = 0;

	for (unsigned place = 0; place < KEYDIR_PLACES; place++) {
		scoped(buf) *b = NULL;
		char name[RING_NAME_MAX];

		if (!keydir_has(k, place))
			continue;
		k->degraded |= code < 0;
		ring_name(name, "epoch", s->current.epoch);
		code = keydir_get_at(k, place, name, SEAL_KEY_LEN, &b, e);
		if (code == 0 && b->len != SEAL_KEY_LEN)
			code = error_set(e, E_FORMAT, "%s: %zu bytes", name, b->len);
		if (code == 0)
			code = current_check(s->raw->data, s->raw->len, b->data, e);
		if (code < 0)
			continue;
		memcpy(s->epoch_key, b->data, SEAL_KEY_LEN);
		return 0;
	}
	return code;
}

static int load_table(struct ring_state *s, struct keydir *k, struct error *e)
{
	int code = 0;

	for (unsigned place = 0; place < KEYDIR_PLACES; place++) {
		scoped(buf) *b = NULL;
		char name[RING_NAME_MAX];
		struct hash h;

		if (!keydir_has(k, place))
			continue;
		k->degraded |= code < 0;
		ring_name(name, "table", s->current.generation);
		code = keydir_get_at(k, place, name, TABLE_FILE_MAX, &b, e);
		if (code < 0)
			continue;
		hash_bytes(&h, b->data, b->len);
		if (hash_equal(&h, &s->current.table))
			return table_open(&s->table, b->data, b->len, &s->current, s->epoch_key, e);
		code = error_set(e, E_MISMATCH, "%s: not the table that current names", name);
	}
	return code;
}

int state_load(struct ring_state *ret, struct keydir *k, const struct buf *raw, struct error *e)
{
	struct ring_state s = { .raw = NULL };
	int code = buf_from(&s.raw, raw->data, raw->len, e);

	if (code == 0)
		code = current_parse(&s.current, raw->data, raw->len, e);
	if (code == 0)
		code = load_epoch(&s, k, e);
	if (code == 0)
		code = load_table(&s, k, e);
	if (code < 0) {
		struct error missing = *e;

		state_done(&s);
		/* "Not found" would say that there never was a keyring. */
		return code == E_NOT_FOUND ? error_set(e, E_MISMATCH, "keyring: a part is missing: %s", missing.text) :
					     error_wrap(e, "keyring");
	}
	*ret = s;
	return 0;
}

struct candidates {
	struct buf *raw[KEYDIR_PLACES];
	uint64_t generation[KEYDIR_PLACES]; /* 0 when it cannot be read */
};

static void candidates_done(struct candidates *c)
{
	for (unsigned place = 0; place < KEYDIR_PLACES; place++)
		buf_destroy(c->raw[place]);
}

static int candidates_read(struct candidates *c, struct keydir *k, struct error *e)
{
	int code = error_set(e, E_NOT_FOUND, "no keyring in %s", k->path);

	for (unsigned place = 0; place < KEYDIR_PLACES; place++) {
		struct error story = { 0 };
		struct ring_current current;
		int got;

		c->raw[place] = NULL;
		c->generation[place] = 0;
		if (!keydir_has(k, place))
			continue;
		got = keydir_get_at(k, place, "keyring/current", CURRENT_LEN_MAX, &c->raw[place],
				    &story);
		if (got == 0)
			got = current_parse(&current, c->raw[place]->data, c->raw[place]->len,
					    &story);
		if (got == 0)
			c->generation[place] = current.generation;
		/* One that is there, but not whole, is more than none. */
		if (got < 0 && code == E_NOT_FOUND && got != E_NOT_FOUND)
			code = error_set(e, got, "keyring/current: %s", story.text);
	}
	return c->generation[0] || c->generation[1] ? 0 : code;
}

/* The newest first: it may have erased what the other still opens. */
static int candidates_load(struct candidates *c, struct ring_state *ret, struct keydir *k,
			   struct error *e)
{
	unsigned first = c->generation[KEYDIR_MIRROR] > c->generation[KEYDIR_HERE];
	const struct buf *a = c->raw[first], *b = c->raw[!first];
	bool same = a && b && a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
	struct error story = { 0 };
	int code;

	if (keydir_has(k, KEYDIR_MIRROR) && !same)
		k->degraded = true;
	code = state_load(ret, k, a, e);
	if (code == 0 || same || c->generation[!first] == 0)
		return code;
	if (state_load(ret, k, b, &story) < 0)
		return code;
	k->degraded = true;
	return 0;
}

static int pick_once(struct ring_state *ret, struct keydir *k, uint64_t *ret_newest,
		     struct error *e)
{
	struct candidates c;
	int code = candidates_read(&c, k, e);

	*ret_newest = c.generation[0] > c.generation[1] ? c.generation[0] : c.generation[1];
	if (code == 0)
		code = candidates_load(&c, ret, k, e);
	candidates_done(&c);
	return code;
}

/* A writer beside us may switch and sweep while we read: then there is a newer one. */
int state_pick(struct ring_state *ret, struct keydir *k, struct error *e)
{
	uint64_t newest, tried = 0;
	int code = pick_once(ret, k, &newest, e);

	for (int i = 0; i < LOAD_TRIES && code < 0 && newest != tried; i++) {
		tried = newest;
		code = pick_once(ret, k, &newest, e);
	}
	if (code == 0)
		error_clear(e);
	return code;
}

/* The handle */

void keyring_stand_on(struct keyring *r, struct ring_state *s)
{
	state_done(&r->state);
	wipe(r->cache, sizeof(r->cache));
	r->state = *s;
	wipe(s, sizeof(*s));
}

int keyring_open(struct keyring **ret, struct keydir *k, struct error *e)
{
	scoped(keyring) *r = calloc(1, sizeof(*r));

	if (!r)
		return error_set(e, E_MEMORY, "out of memory");
	r->k = k;
	if (state_pick(&r->state, k, e) < 0)
		return e->code;
	*ret = give(r);
	return 0;
}

void keyring_close(struct keyring *r)
{
	if (!r)
		return;
	keyring_forget(r);
	state_done(&r->state);
	wipe(r, sizeof(*r));
	free(r);
}

int keyring_refresh(struct keyring *r, struct error *e)
{
	struct ring_state s = { .raw = NULL };
	scoped(buf) *now = NULL;
	bool same;
	int code = keydir_read(r->k, "keyring/current", CURRENT_LEN_MAX, &now, e);

	if (code < 0)
		return code;
	same = now->len == r->state.raw->len && memcmp(now->data, r->state.raw->data, now->len) == 0;
	if (same)
		return 0;
	code = state_pick(&s, r->k, e);
	if (code < 0)
		return code;
	if (r->dirty_count > 0 && s.current.generation != r->state.current.generation) {
		state_done(&s);
		return error_set(e, E_CONFLICT, "keyring changed by another process");
	}
	keyring_stand_on(r, &s);
	return 0;
}

uint64_t keyring_slots(const struct keyring *r)
{
	return r->state.current.slots;
}

uint64_t keyring_erased(const struct keyring *r)
{
	return r->state.current.erased;
}

uint64_t keyring_epoch(const struct keyring *r)
{
	return r->state.current.epoch;
}

uint64_t keyring_generation(const struct keyring *r)
{
	return r->state.current.generation;
}

/* Pages */

int state_page_at(const struct ring_state *s, struct keydir *k, unsigned place,
		  uint64_t page, uint8_t ret[PAGE_LEN], struct error *e)
{
	const struct ring_page *p = &s->table.pages[page];
	uint8_t sealed[PAGE_SEALED_LEN];
	char name[RING_NAME_MAX];
	int code = keydir_range_at(k, place, ring_name(name, "pages", p->generation),
				   (uint64_t)p->index * PAGE_SEALED_LEN, sealed, sizeof(sealed), e);

	if (code == 0)
		code = page_open(ret, p, page, sealed, e);
	if (code == 0)
		code = page_check(ret, page_used(s->table.slots, page), p->live, e);
	return code < 0 ? error_wrap(e, "keyring page %" PRIu64, page) : 0;
}

int state_page(const struct ring_state *s, struct keydir *k, uint64_t page, uint8_t ret[PAGE_LEN],
	       struct error *e)
{
	struct error story = { 0 };
	int code = state_page_at(s, k, KEYDIR_HERE, page, ret, e);

	if (code == 0 || !keydir_has(k, KEYDIR_MIRROR))
		return code;
	if (state_page_at(s, k, KEYDIR_MIRROR, page, ret, &story) < 0)
		return code;
	error_clear(e);
	k->degraded = true;
	return 0;
}

int keyring_page(struct keyring *r, uint64_t page, const uint8_t **ret, struct error *e)
{
	struct ring_cached *c = &r->cache[page % KEYRING_CACHE_PAGES];
	int code;

	if (!c->there || c->page != page) {
		c->there = false;
		code = state_page(&r->state, r->k, page, c->plain, e);
		if (code < 0)
			return code;
		c->page = page;
		c->there = true;
	}
	*ret = c->plain;
	return 0;
}

/* What a slot is: of a page that is being changed as it will be, else as committed. *ret_plain is
 * NULL where the table alone can tell. */
static int look(struct keyring *r, uint64_t slot, enum slot_state *ret, const uint8_t **ret_plain,
		bool need_plain, struct error *e)
{
	uint64_t page = slot / KEYRING_PAGE_SLOTS, slots = r->state.table.slots;
	unsigned at = (unsigned)(slot % KEYRING_PAGE_SLOTS);
	const struct ring_page *p;
	int code;

	*ret_plain = NULL;
	if (slot >= slots + r->added)
		return error_set(e, E_NOT_FOUND, "no slot %" PRIu64, slot);
	if (page < r->dirty_cap && r->dirty[page]) {
		*ret_plain = r->dirty[page];
		*ret = page_state(r->dirty[page], at);
		return 0;
	}
	p = &r->state.table.pages[page];
	*ret = p->live == 0 ? SLOT_ERASED : SLOT_LIVE;
	if (p->live == 0 || (!need_plain && p->live == page_used(slots, page)))
		return 0;
	code = keyring_page(r, page, ret_plain, e);
	if (code == 0)
		*ret = page_state(*ret_plain, at);
	return code;
}

/* Readers hold no lock: a page's file may have been swept since we read the table. */
static int look_again(struct keyring *r, uint64_t slot, enum slot_state *ret,
		      const uint8_t **ret_plain, bool need_plain, struct error *e)
{
	uint64_t generation = keyring_generation(r);
	struct error story = { 0 };
	int code = look(r, slot, ret, ret_plain, need_plain, e);

	if (code == 0 || code == E_MEMORY || slot >= r->state.table.slots + r->added)
		return code;
	if (keyring_refresh(r, &story) < 0 || keyring_generation(r) == generation)
		return code == E_NOT_FOUND ? error_set(e, E_MISMATCH, "keyring: pages are missing") :
					     code;
	error_clear(e);
	return look(r, slot, ret, ret_plain, need_plain, e);
}

int keyring_key(struct keyring *r, uint64_t slot, uint8_t ret_key[SEAL_KEY_LEN], struct error *e)
{
	enum slot_state state;
	const uint8_t *plain;
	int code = look_again(r, slot, &state, &plain, true, e);

	if (code < 0)
		return code;
	if (state != SLOT_LIVE)
		return error_set(e, E_NOT_FOUND, "slot %" PRIu64 ": key was destroyed", slot);
	memcpy(ret_key, page_slot_key(plain, (unsigned)(slot % KEYRING_PAGE_SLOTS)), SEAL_KEY_LEN);
	return 0;
}

int keyring_alive(struct keyring *r, uint64_t slot, bool *ret_alive, struct error *e)
{
	enum slot_state state;
	const uint8_t *plain;
	int code = look_again(r, slot, &state, &plain, false, e);

	if (code == 0)
		*ret_alive = state == SLOT_LIVE;
	return code;
}

static int add_erased(struct keyring *r, uint64_t page, struct set *s, struct error *e)
{
	const struct ring_page *p = &r->state.table.pages[page];
	unsigned used = page_used(r->state.table.slots, page);
	uint64_t first = page * KEYRING_PAGE_SLOTS;
	const uint8_t *plain;
	int code = 0;

	if (p->live == used)
		return 0;
	if (p->live == 0)
		return set_add_range(s, first, first + used - 1, e);
	code = keyring_page(r, page, &plain, e);
	for (unsigned i = 0; i < used && code == 0; i++)
		if (page_state(plain, i) == SLOT_ERASED)
			code = set_add(s, first + i, e);
	return code;
}

int keyring_erased_set(struct keyring *r, struct set *s, struct error *e)
{
	int code = 0;

	for (uint64_t page = 0; page < pages_of(r->state.table.slots) && code == 0; page++)
		code = add_erased(r, page, s, e);
	return code;
}

static int check_place(struct keyring *r, unsigned place, struct error *e)
{
	uint8_t plain[PAGE_LEN];
	int code = 0;

	for (uint64_t page = 0; page < pages_of(r->state.table.slots) && code == 0; page++)
		if (r->state.table.pages[page].live > 0)
			code = state_page_at(&r->state, r->k, place, page, plain, e);
	wipe(plain, sizeof(plain));
	return code;
}

int keyring_check(struct keyring *r, struct error *e)
{
	for (unsigned place = 0; place < KEYDIR_PLACES; place++) {
		if (!keydir_has(r->k, place) || check_place(r, place, e) == 0)
			continue;
		r->k->degraded = true;
		return error_wrap(e, "%s", place == KEYDIR_HERE ? "keys" : "mirror of the keys");
	}
	return 0;
}
