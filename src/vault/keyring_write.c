/*
 * A new generation of a keyring:
 *
 *	pages-G, table-G, epoch-E here -> the same in the mirror -> current in the mirror
 *	-> current here -> the old epoch key destroyed -> old tables and pages removed
 *
 * Up to the switch in the mirror nothing has changed; after it everything has.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "vault/keyring_parts.h"

struct change {
	struct ring_state next;
	struct buf *pages, *table;
	bool new_epoch;
};

static void change_done(struct change *c)
{
	state_done(&c->next);
	buf_destroy(c->pages);
	buf_destroy(c->table);
}

/* Carrying small files along */

/*
 * Every change leaves a file of pages. So that they stay few, a change carries along the pages
 * of files that are not much larger than itself, smallest first, like the digits of a counter:
 * each file is then less than half of any larger one, and a page is carried a few times at most.
 */
enum { CARRY_FILES_MAX = 256 };
struct carry_file {
	uint64_t generation;
	size_t pages;
};
struct carry {
	struct carry_file file[CARRY_FILES_MAX];
	size_t count;
};

static bool is_clean(const struct keyring *r, uint64_t page)
{
	return r->state.table.pages[page].live > 0 &&
	       (page >= r->dirty_cap || !r->dirty[page]);
}

static void carry_count(struct carry *c, uint64_t generation)
{
	size_t i;

	for (i = 0; i < c->count && c->file[i].generation != generation; i++)
		;
	if (i == CARRY_FILES_MAX)
		return; /* its turn comes when there are fewer */
	if (i == c->count)
		c->file[c->count++] = (struct carry_file){ generation, 0 };
	c->file[i].pages++;
}

static int by_pages(const void *a, const void *b)
{
	const struct carry_file *x = a, *y = b;

	return (x->pages > y->pages) - (x->pages < y->pages);
}

/* Keeps in c those that this change carries along. */
static void carry_choose(struct carry *c, size_t pages)
{
	size_t carried = 0, i;

	qsort(c->file, c->count, sizeof(*c->file), by_pages);
	for (i = 0; i < c->count; i++) {
		size_t more = c->file[i].pages;

		if (more > 2 * (pages + carried) || carried + more > KEYRING_CARRY_PAGES_MAX)
			break;
		carried += more;
	}
	c->count = i;
}

static bool carries(const struct carry *c, uint64_t generation)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->file[i].generation == generation)
			return true;
	return false;
}

static int carry_along(struct keyring *r, struct error *e)
{
	const struct ring_table *t = &r->state.table;
	struct carry c = { .count = 0 };

	for (uint64_t page = 0; page < pages_of(t->slots); page++)
		if (is_clean(r, page))
			carry_count(&c, t->pages[page].generation);
	carry_choose(&c, r->dirty_count);
	for (uint64_t page = 0; page < pages_of(t->slots) && c.count > 0; page++)
		if (is_clean(r, page) && carries(&c, t->pages[page].generation) &&
		    keyring_touch(r, page, KEYRING_FILE_PAGES_MAX, e) < 0)
			return e->code;
	return 0;
}

/* Making the bytes */

static int seal_page(struct change *c, uint64_t page, const uint8_t *plain, struct error *e)
{
	struct ring_page *p = &c->next.table.pages[page];
	unsigned live = page_live(plain);
	int code;

	*p = (struct ring_page){ .live = (uint16_t)live };
	if (live == 0)
		return 0;
	p->generation = c->next.current.generation;
	p->index = (uint32_t)(c->pages->len / PAGE_SEALED_LEN);
	random_bytes(p->key, SEAL_KEY_LEN);
	code = buf_reserve(c->pages, PAGE_SEALED_LEN, e);
	if (code == 0)
		code = page_seal(c->pages->data + c->pages->len, p, page, plain, e);
	if (code == 0)
		c->pages->len += PAGE_SEALED_LEN;
	return code;
}

static int make_pages(struct change *c, const struct keyring *r, struct error *e)
{
	const struct ring_table *old = &r->state.table;
	struct ring_table *t = &c->next.table;
	uint64_t live = 0;

	t->slots = old->slots + r->added;
	t->pages = calloc(pages_of(t->slots) + 1, sizeof(*t->pages));
	if (!t->pages)
		return error_set(e, E_MEMORY, "out of memory");
	memcpy(t->pages, old->pages, pages_of(old->slots) * sizeof(*t->pages));
	if (buf_create(&c->pages, r->dirty_count * PAGE_SEALED_LEN, e) < 0)
		return E_MEMORY;
	for (uint64_t page = 0; page < pages_of(t->slots); page++) {
		if (page < r->dirty_cap && r->dirty[page] &&
		    seal_page(c, page, r->dirty[page], e) < 0)
			return e->code;
		live += t->pages[page].live;
	}
	t->erased = t->slots - live;
	return 0;
}

static int make_table(struct change *c, struct error *e)
{
	struct ring_state *next = &c->next;

	next->current.slots = next->table.slots;
	next->current.erased = next->table.erased;
	if (buf_create(&c->table, 0, e) < 0 || buf_create(&next->raw, CURRENT_LEN_MAX, e) < 0 ||
	    table_seal(c->table, &next->table, &next->current, next->epoch_key, e) < 0)
		return e->code;
	hash_bytes(&next->current.table, c->table->data, c->table->len);
	return current_put(next->raw, &next->current, next->epoch_key, e);
}

static int make_change(struct change *c, struct keyring *r, struct error *e)
{
	const struct ring_current *old = &r->state.current;

	c->new_epoch = r->erases;
	c->next.current.generation = old->generation + 1;
	c->next.current.epoch = old->epoch + (r->erases ? 1 : 0);
	if (r->erases)
		random_bytes(c->next.epoch_key, SEAL_KEY_LEN);
	else
		memcpy(c->next.epoch_key, r->state.epoch_key, SEAL_KEY_LEN);
	if (carry_along(r, e) < 0 || make_pages(c, r, e) < 0)
		return e->code;
	return make_table(c, e);
}

/* Writing them */

static int write_at(const struct change *c, struct keydir *k, unsigned place,
		    struct error *e)
{
	const struct ring_current *now = &c->next.current;
	char name[RING_NAME_MAX];
	int code = 0;

	if (!keydir_has(k, place))
		return 0;
	if (c->pages && c->pages->len > 0)
		code = keydir_put_at(k, place, ring_name(name, "pages", now->generation),
				     c->pages->data, c->pages->len, e);
	if (code == 0)
		code = keydir_put_at(k, place, ring_name(name, "table", now->generation),
				     c->table->data, c->table->len, e);
	if (code == 0 && c->new_epoch)
		code = keydir_put_at(k, place, ring_name(name, "epoch", now->epoch),
				     c->next.epoch_key, SEAL_KEY_LEN, e);
	return code;
}

/* What was written, read as the next one will read it, holds what we have in memory. */
static int prove_pages(const struct change *c, const struct ring_state *read,
		       const struct keyring *r, struct error *e)
{
	uint8_t plain[PAGE_LEN];
	int code = 0;

	for (uint64_t page = 0; page < r->dirty_cap && code == 0; page++) {
		if (!r->dirty[page] || c->next.table.pages[page].live == 0)
			continue;
		code = state_page(read, r->k, page, plain, e);
		if (code == 0 && memcmp(plain, r->dirty[page], PAGE_LEN) != 0)
			code = error_set(e, E_MISMATCH, "page %" PRIu64 " reads otherwise", page);
	}
	wipe(plain, sizeof(plain));
	return code;
}

/* Not all at once: what lies between the members is nobody's. */
static bool same_page(const struct ring_page *a, const struct ring_page *b)
{
	return memcmp(a->key, b->key, sizeof(a->key)) == 0 && a->generation == b->generation &&
	       a->index == b->index && a->live == b->live;
}

static bool same_table(const struct ring_table *a, const struct ring_table *b)
{
	bool same = a->slots == b->slots && a->erased == b->erased;

	for (uint64_t i = 0; same && i < pages_of(b->slots); i++)
		same = same_page(&a->pages[i], &b->pages[i]);
	return same;
}

static int prove(const struct change *c, const struct keyring *r, struct error *e)
{
	const struct ring_table *want = &c->next.table;
	struct ring_state read;
	int code = state_load(&read, r->k, c->next.raw, e);

	if (code < 0)
		return code;
	if (!same_table(&read.table, want))
		code = error_set(e, E_MISMATCH, "table reads otherwise");
	if (code == 0)
		code = prove_pages(c, &read, r, e);
	state_done(&read);
	return code;
}

static int write_change(const struct change *c, const struct keyring *r, struct error *e)
{
	int code = write_at(c, r->k, KEYDIR_HERE, e);

	if (code < 0)
		return code;
	FAULT(keyring_written);
	code = write_at(c, r->k, KEYDIR_MIRROR, e);
	if (code < 0)
		return error_wrap(e, "mirror %s", r->k->mirror);
	FAULT(keyring_mirrored);
	code = prove(c, r, e);
	if (code == 0)
		code = keydir_write(r->k, "keyring/current", c->next.raw->data, c->next.raw->len,
				    e);
	if (code == 0)
		FAULT(keyring_switched);
	return code;
}

int keyring_commit(struct keyring *r, struct error *e)
{
	struct change c = { .new_epoch = false };
	int code;

	if (r->dirty_count == 0)
		return 0;
	code = make_change(&c, r, e);
	if (code == 0)
		code = write_change(&c, r, e);
	if (code == 0) {
		keyring_forget(r);
		keyring_stand_on(r, &c.next);
		code = c.new_epoch ? keyring_destroy_epochs(r, e) : 0;
	}
	if (code == 0 && c.new_epoch)
		FAULT(keyring_destroyed);
	if (code == 0)
		code = keyring_sweep(r, e);
	change_done(&c);
	return code < 0 ? error_wrap(e, "keyring") : 0;
}

static int is_free(struct keydir *k, struct error *e)
{
	for (unsigned place = 0; place < KEYDIR_PLACES; place++) {
		uint64_t size;

		if (keydir_has(k, place) &&
		    keydir_size_at(k, place, "keyring/current", &size, e) != E_NOT_FOUND)
			return error_set(e, E_CONFLICT, "there is a keyring already");
	}
	error_clear(e);
	return 0;
}

int keyring_create(struct keydir *k, struct error *e)
{
	struct change c = { .new_epoch = true };
	int code = is_free(k, e);

	c.next.current = (struct ring_current){ .generation = 1, .epoch = 1 };
	random_bytes(c.next.epoch_key, SEAL_KEY_LEN);
	if (code == 0)
		code = make_table(&c, e);
	for (unsigned place = 0; place < KEYDIR_PLACES && code == 0; place++)
		code = write_at(&c, k, place, e);
	if (code == 0)
		code = keydir_write(k, "keyring/current", c.next.raw->data, c.next.raw->len, e);
	change_done(&c);
	return code;
}
