/* What a killed change left behind, and what is lost in one of the two places. */
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "vault/keyring_parts.h"

/* Removing */

/* "epoch-12" with what "epoch": 12. */
static bool name_number(const char *name, const char *what, uint64_t *ret)
{
	size_t n = strlen(what), len = strlen(name);

	return len > n + 1 && memcmp(name, what, n) == 0 && name[n] == '-' &&
	       number_parse(ret, name + n + 1, len - n - 1, NULL) == 0;
}

static bool is_referred(const struct ring_table *t, uint64_t generation)
{
	for (uint64_t page = 0; page < pages_of(t->slots); page++)
		if (t->pages[page].live > 0 && t->pages[page].generation == generation)
			return true;
	return false;
}

/* A file that a kill left half written may be an epoch key. */
static bool is_old_secret(const struct keyring *r, const char *name)
{
	uint64_t number;

	return file_is_temp(name) ||
	       (name_number(name, "epoch", &number) && number != r->state.current.epoch);
}

static bool is_old_sealed(const struct keyring *r, const char *name)
{
	uint64_t number;

	if (name_number(name, "table", &number))
		return number != r->state.current.generation;
	return name_number(name, "pages", &number) && !is_referred(&r->state.table, number);
}

static int each_old(struct keyring *r, bool (*is_old)(const struct keyring *r, const char *name),
		    int (*end)(struct keydir *k, const char *name, struct error *e),
		    struct error *e)
{
	scoped(arena) *a = NULL;
	char **names = NULL;
	size_t count = 0;
	int code = arena_create(&a, e);

	if (code == 0)
		code = keydir_list(r->k, a, "keyring", &names, &count, e);
	for (size_t i = 0; i < count && code == 0; i++) {
		const char *name = arena_printf(a, e, "keyring/%s", names[i]);

		if (!name)
			return E_MEMORY;
		if (is_old(r, names[i]))
			code = end(r->k, name, e);
	}
	return code;
}

int keyring_destroy_epochs(struct keyring *r, struct error *e)
{
	return each_old(r, is_old_secret, keydir_destroy, e);
}

int keyring_sweep(struct keyring *r, struct error *e)
{
	return each_old(r, is_old_sealed, keydir_remove, e);
}

/* Healing */

static int put_if_other(struct keydir *k, unsigned place, const char *name,
			const void *bytes, size_t len, struct error *e)
{
	scoped(buf) *b = NULL;

	if (!keydir_has(k, place))
		return 0;
	if (keydir_get_at(k, place, name, len, &b, e) == 0 && b->len == len &&
	    memcmp(b->data, bytes, len) == 0)
		return 0;
	error_clear(e);
	if (keydir_put_at(k, place, name, bytes, len, e) < 0)
		return e->code;
	keydir_tell(k, "%s in %s was another or missing: put back", name, keydir_place_name(place));
	return 0;
}

static int heal_epoch(struct keyring *r, struct error *e)
{
	char name[RING_NAME_MAX];
	int code = 0;

	ring_name(name, "epoch", r->state.current.epoch);
	for (unsigned place = 0; place < KEYDIR_PLACES && code == 0; place++)
		code = put_if_other(r->k, place, name, r->state.epoch_key, SEAL_KEY_LEN, e);
	return code;
}

static int heal_table(struct keyring *r, struct error *e)
{
	scoped(buf) *whole = NULL;
	char name[RING_NAME_MAX];
	int code = 0;

	ring_name(name, "table", r->state.current.generation);
	for (unsigned place = 0; place < KEYDIR_PLACES && !whole; place++) {
		scoped(buf) *b = NULL;
		struct hash h;

		if (!keydir_has(r->k, place) ||
		    keydir_get_at(r->k, place, name, TABLE_FILE_MAX, &b, NULL) < 0)
			continue;
		hash_bytes(&h, b->data, b->len);
		if (hash_equal(&h, &r->state.current.table))
			whole = give(b);
	}
	if (!whole)
		return error_set(e, E_MISMATCH, "%s is not whole any more", name);
	for (unsigned place = 0; place < KEYDIR_PLACES && code == 0; place++)
		code = put_if_other(r->k, place, name, whole->data, whole->len, e);
	return code;
}

/* By its length; where something was amiss before, by opening every page that is referred to. */
static bool pages_whole(struct keyring *r, unsigned place, uint64_t generation, bool deep)
{
	const struct ring_table *t = &r->state.table;
	uint8_t plain[PAGE_LEN];
	char name[RING_NAME_MAX];
	uint64_t size;
	bool whole = keydir_size_at(r->k, place, ring_name(name, "pages", generation), &size,
				    NULL) == 0;

	for (uint64_t page = 0; page < pages_of(t->slots) && whole; page++) {
		const struct ring_page *p = &t->pages[page];
		struct error story;

		if (p->live == 0 || p->generation != generation)
			continue;
		whole = (p->index + UINT64_C(1)) * PAGE_SEALED_LEN <= size &&
			(!deep || state_page_at(&r->state, r->k, place, page, plain, &story) == 0);
	}
	wipe(plain, sizeof(plain));
	return whole;
}

static int heal_pages(struct keyring *r, uint64_t generation, bool deep, struct error *e)
{
	bool here = pages_whole(r, KEYDIR_HERE, generation, deep), there;
	scoped(buf) *b = NULL;
	char name[RING_NAME_MAX];
	int code;

	ring_name(name, "pages", generation);
	there = keydir_has(r->k, KEYDIR_MIRROR) ? pages_whole(r, KEYDIR_MIRROR, generation, deep) :
						  here;
	if (here && there)
		return 0;
	if (!here && !there)
		return error_set(e, E_MISMATCH, "%s is not whole in any place", name);
	code = keydir_get_at(r->k, here ? KEYDIR_HERE : KEYDIR_MIRROR, name,
			     (uint64_t)KEYRING_FILE_PAGES_MAX * PAGE_SEALED_LEN, &b, e);
	if (code == 0)
		code = keydir_put_at(r->k, here ? KEYDIR_MIRROR : KEYDIR_HERE, name, b->data,
				     b->len, e);
	if (code == 0)
		keydir_tell(r->k, "%s in %s was damaged or missing: put back", name,
			    keydir_place_name(here ? KEYDIR_MIRROR : KEYDIR_HERE));
	return code;
}

/* Each file of pages once: where a page is the first that lies in it. */
static int heal_all_pages(struct keyring *r, bool deep, struct error *e)
{
	const struct ring_table *t = &r->state.table;
	scoped(set) *seen = NULL;
	int code = set_create(&seen, e);

	for (uint64_t page = 0; page < pages_of(t->slots) && code == 0; page++) {
		uint64_t generation = t->pages[page].generation;

		if (t->pages[page].live == 0 || set_has(seen, generation))
			continue;
		code = set_add(seen, generation, e);
		if (code == 0)
			code = heal_pages(r, generation, deep, e);
	}
	return code;
}

/* The parts before the switch, and the mirror's switch before ours, as in a change. */
static int heal(struct keyring *r, bool deep, struct error *e)
{
	const struct buf *raw = r->state.raw;
	int code = heal_all_pages(r, deep, e);

	if (code == 0)
		code = heal_table(r, e);
	if (code == 0)
		code = heal_epoch(r, e);
	if (code == 0)
		code = put_if_other(r->k, KEYDIR_MIRROR, "keyring/current", raw->data, raw->len, e);
	if (code == 0)
		code = put_if_other(r->k, KEYDIR_HERE, "keyring/current", raw->data, raw->len, e);
	return code;
}

int keyring_recover(struct keyring *r, struct error *e)
{
	struct ring_state s;
	int code;

	keyring_forget(r);
	code = state_pick(&s, r->k, e);
	if (code == 0) {
		keyring_stand_on(r, &s);
		code = heal(r, r->k->degraded, e);
	}
	if (code == 0)
		code = keyring_destroy_epochs(r, e);
	if (code == 0)
		code = keyring_sweep(r, e);
	if (code < 0)
		return error_wrap(e, "keyring");
	r->k->degraded = false;
	return 0;
}
