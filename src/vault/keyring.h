/*
 * keyring: a slot with a 32-byte key for each sealed object. Destroying a slot erases what
 * it sealed, in every copy of the vault. Slots are numbered from 0, never reused.
 *
 *   keyring/current        text: generation, epoch, slots, erased, hash of the table, and a MAC
 *                          under the epoch key; the switch
 *   keyring/epoch-E        32 bytes: the epoch key; one file while nothing is under way
 *   keyring/table-G        sealed under the epoch key: for each page of 256 slots its page key
 *                          and where its bytes lie (generation, index)
 *   keyring/pages-G        the pages that generation G wrote: each 256 x (state, key) sealed
 *                          under its page key
 *
 * A change is a new generation: pages-G and table-G are written, synced, read back, mirrored,
 * then `current` is switched (in the mirror first), then what nothing refers to is removed. A
 * page that is written gets a new page key. A change that erases writes the table under a new
 * epoch key, and at last destroys the old one: with it goes every older table, and so every
 * older page key. Killed anywhere, keyring_recover finishes or forgets it. What is damaged in
 * one place is read from the other, and the newer of two whole ones counts, so that a
 * directory restored beside its mirror brings nothing back. The exact bytes:
 * docs/formats-vault.md. One writer by the repository's lock; readers go on beside it.
 */
#ifndef VAULT_KEYRING_H
#define VAULT_KEYRING_H

#include "crypto/seal.h"
#include "set/set.h"
#include "vault/keydir.h"

/* One change touches at most so many pages (138 MB): a larger one is committed in parts. */
enum { KEYRING_PAGE_SLOTS = 256, KEYRING_CHANGE_PAGES_MAX = 1 << 14 };
#define KEYRING_SLOTS_MAX (UINT64_C(1) << 28)

struct keyring;

/* Generation 1 without slots. E_CONFLICT: there is one. */
must_use int keyring_create(struct keydir *k, struct error *e);
/* k is lent for the handle's life. E_NOT_FOUND: no keyring was ever made here; E_MISMATCH,
 * E_FORMAT, E_RANGE: it is torn or edited in both places. */
must_use int keyring_open(struct keyring **ret, struct keydir *k, struct error *e);
void keyring_close(struct keyring *r); /* wipes; NULL is fine */
SCOPED(keyring, keyring_close);
/* Finish or forget what a killed change left: bring both places to the newest whole generation,
 * remove all others and the epoch keys that are not its own. Changes in memory are dropped.
 * keydir_repair comes first. Only under the lock. */
must_use int keyring_recover(struct keyring *r, struct error *e);
/* Has another process switched since open? Then read anew. Cheap. E_CONFLICT: it has, and there
 * are changes in memory. */
must_use int keyring_refresh(struct keyring *r, struct error *e);

/* As of the last commit; changes in memory do not count here. */
uint64_t keyring_slots(const struct keyring *r);
uint64_t keyring_erased(const struct keyring *r);
uint64_t keyring_epoch(const struct keyring *r);
uint64_t keyring_generation(const struct keyring *r);

/* Of committed slots and of those just added. E_NOT_FOUND: "key was destroyed", or no such
 * slot. What another process erased is noticed at keyring_refresh. */
must_use int keyring_key(struct keyring *r, uint64_t slot, uint8_t ret_key[SEAL_KEY_LEN],
			 struct error *e);
/* 0 with *ret_alive. E_NOT_FOUND: no such slot. */
must_use int keyring_alive(struct keyring *r, uint64_t slot, bool *ret_alive, struct error *e);
/* All erased slots, as of the last commit, are added to s. Reads the pages that have some. */
must_use int keyring_erased_set(struct keyring *r, struct set *s, struct error *e);
/* Reads every page in both places: fsck. The story names the first that is not whole. */
must_use int keyring_check(struct keyring *r, struct error *e);

/* Changes are in memory until keyring_commit; keyring_forget drops them. E_RANGE: more than
 * KEYRING_CHANGE_PAGES_MAX pages in one change, commit first; more than KEYRING_SLOTS_MAX. */
must_use int keyring_add(struct keyring *r, uint64_t count, uint64_t *ret_first, struct error *e);
/* 0 if it was. E_NOT_FOUND: no such slot. */
must_use int keyring_erase(struct keyring *r, uint64_t slot, struct error *e);
/* 0 without writing when nothing was changed. After an error the change may have happened or not:
 * keyring_recover, then look at keyring_generation. */
must_use int keyring_commit(struct keyring *r, struct error *e);
void keyring_forget(struct keyring *r);

#endif
