/*
 * keyring_parts: the bytes that a keyring is made of, and the handle's inside. Within vault/
 * only. Reading bytes is pure: no files. The exact bytes: docs/formats-vault.md.
 */
#ifndef VAULT_KEYRING_PARTS_H
#define VAULT_KEYRING_PARTS_H

#include "vault/keyring.h"

enum {
	CURRENT_LEN_MAX = 512,
	PAGE_SLOT_LEN = 1 + SEAL_KEY_LEN,
	PAGE_LEN = KEYRING_PAGE_SLOTS * PAGE_SLOT_LEN,
	PAGE_SEALED_LEN = PAGE_LEN + SEAL_TAG_LEN,
	TABLE_HEAD_LEN = 16,
	TABLE_ENTRY_LEN = 48,
	TABLE_SEALED_EXTRA = SEAL_NONCE_LEN + SEAL_TAG_LEN
};
/* pages of one file: what one change touches, and what is carried along. */
enum { KEYRING_CARRY_PAGES_MAX = 4096 };
#define KEYRING_FILE_PAGES_MAX (KEYRING_CHANGE_PAGES_MAX + KEYRING_CARRY_PAGES_MAX)
#define KEYRING_PAGES_MAX (KEYRING_SLOTS_MAX / KEYRING_PAGE_SLOTS)
#define TABLE_FILE_MAX (TABLE_SEALED_EXTRA + TABLE_HEAD_LEN + KEYRING_PAGES_MAX * TABLE_ENTRY_LEN)

enum slot_state { SLOT_NEVER = 0, SLOT_LIVE = 1, SLOT_ERASED = 2 };

/* keyring_current.c */

struct ring_current {
	uint64_t generation, epoch, slots, erased;
	struct hash table; /* of the bytes of table-G */
};

must_use int current_put(struct buf *b, const struct ring_current *c,
			 const uint8_t epoch_key[SEAL_KEY_LEN], struct error *e);
/* One spelling of each. Errors: E_FORMAT, E_RANGE. */
must_use int current_parse(struct ring_current *ret, const uint8_t *bytes, size_t len_bytes,
			   struct error *e);
/* Of bytes that current_parse took. E_MISMATCH: torn, edited, or another key. */
must_use int current_check(const uint8_t *bytes, size_t len_bytes,
			   const uint8_t epoch_key[SEAL_KEY_LEN], struct error *e);

/* keyring_table.c */

/* live 0: every slot is erased, there are no bytes, and the rest is 0. */
struct ring_page {
	uint8_t key[SEAL_KEY_LEN];
	uint64_t generation; /* of the file that holds it */
	uint32_t index;	     /* in that file */
	uint16_t live;	     /* slots that are not erased */
};

struct ring_table {
	uint64_t slots, erased;
	struct ring_page *pages; /* of pages_of(slots) */
};

void table_done(struct ring_table *t); /* wipes */
uint64_t pages_of(uint64_t slots);
/* How many slots of this page have been given out, 1 to 256. */
unsigned page_used(uint64_t slots, uint64_t page);
/* t->pages is made. Errors: E_FORMAT. */
must_use int table_parse(struct ring_table *ret, const uint8_t *plain, size_t len_bytes,
			 uint64_t generation, struct error *e);
must_use int table_put(struct buf *b, const struct ring_table *t, struct error *e);
/* A whole table-G. */
must_use int table_seal(struct buf *b, const struct ring_table *t, const struct ring_current *c,
			const uint8_t epoch_key[SEAL_KEY_LEN], struct error *e);
must_use int table_open(struct ring_table *ret, const uint8_t *bytes, size_t len_bytes,
			const struct ring_current *c, const uint8_t epoch_key[SEAL_KEY_LEN],
			struct error *e);

/* keyring_page.c */

enum slot_state page_state(const uint8_t *plain, unsigned slot);
const uint8_t *page_slot_key(const uint8_t *plain, unsigned slot);
void page_set_live(uint8_t *plain, unsigned slot, const uint8_t key[SEAL_KEY_LEN]);
void page_set_erased(uint8_t *plain, unsigned slot);
unsigned page_live(const uint8_t *plain);
/* PAGE_LEN bytes; used slots given out, live of them not erased. E_FORMAT. */
must_use int page_check(const uint8_t *plain, unsigned used, unsigned live, struct error *e);
/* A page key seals one page once, so the nonce may be 0. */
must_use int page_seal(uint8_t ret[PAGE_SEALED_LEN], const struct ring_page *p, uint64_t page,
		       const uint8_t plain[PAGE_LEN], struct error *e);
must_use int page_open(uint8_t ret[PAGE_LEN], const struct ring_page *p, uint64_t page,
		       const uint8_t sealed[PAGE_SEALED_LEN], struct error *e);

/* keyring.c */

enum { KEYRING_CACHE_PAGES = 8 };

struct ring_cached {
	bool there;
	uint64_t page;
	uint8_t plain[PAGE_LEN];
};

/* One generation, whole. */
struct ring_state {
	struct ring_current current;
	struct buf *raw; /* the bytes of keyring/current */
	uint8_t epoch_key[SEAL_KEY_LEN];
	struct ring_table table;
};

struct keyring {
	struct keydir *k;
	struct ring_state state;
	struct ring_cached cache[KEYRING_CACHE_PAGES];
	/* What is not committed yet. */
	uint64_t added;
	bool erases;
	uint8_t **dirty; /* of each page NULL or its plain bytes as they will be */
	size_t dirty_cap, dirty_count;
};

enum { RING_NAME_MAX = 64 };
/* "keyring/epoch-12". Returns ret. */
const char *ring_name(char ret[RING_NAME_MAX], const char *what, uint64_t number);
void state_done(struct ring_state *s); /* wipes */
/* The generation that this keyring/current speaks of, each part from whichever place has it
 * whole. E_NOT_FOUND and the like become E_MISMATCH: the keyring is there, but not whole. */
must_use int state_load(struct ring_state *ret, struct keydir *k, const struct buf *raw,
			struct error *e);
/* The newest that is whole in either place. */
must_use int state_pick(struct ring_state *ret, struct keydir *k, struct error *e);
/* Plain bytes of a page that has any, from the files of state s. */
must_use int state_page(const struct ring_state *s, struct keydir *k, uint64_t page,
			uint8_t ret[PAGE_LEN], struct error *e);
must_use int state_page_at(const struct ring_state *s, struct keydir *k, unsigned place,
			   uint64_t page, uint8_t ret[PAGE_LEN], struct error *e);
/* The handle now stands on s, which it takes over; the cache is wiped. */
void keyring_stand_on(struct keyring *r, struct ring_state *s);
/* Lent until the next call: the page as it was committed. */
must_use int keyring_page(struct keyring *r, uint64_t page, const uint8_t **ret, struct error *e);

/* keyring_change.c */

/* From now on r->dirty[page] is there. E_RANGE: more than pages_max are. */
must_use int keyring_touch(struct keyring *r, uint64_t page, size_t pages_max, struct error *e);

/* keyring_recover.c */

/* Destroy every epoch key but the current one's; then remove what no table entry refers to. */
must_use int keyring_destroy_epochs(struct keyring *r, struct error *e);
must_use int keyring_sweep(struct keyring *r, struct error *e);

#endif
