/*
 * keyring: a slot with a 32-byte key for each sealed object. Destroying a slot erases what
 * it sealed, in every copy of the vault. Slots are numbered from 0, never reused.
 *
 *   keyring/current        text: generation, epoch, slots, erased; the switch
 *   keyring/epoch-E        32 bytes: the epoch key; one file while nothing is under way
 *   keyring/table-G        sealed under the epoch key: for each page of 256 slots its page key
 *                          and where its bytes lie (generation, index)
 *   keyring/pages-G        the pages that generation G wrote: each 256 x (state, key) sealed
 *                          under its page key
 *
 * A change is a new generation: pages-G and table-G are written, synced, read back, mirrored,
 * then `current` is switched, then what nothing refers to is removed. A change that erases
 * writes the touched pages without the erased slots under new page keys and the table under
 * a new epoch key, and at last destroys the old epoch key. Killed anywhere, keyring_recover
 * finishes or forgets it. The exact bytes: docs/formats.md. One writer by the repository's lock.
 */
#ifndef VAULT_KEYRING_H
#define VAULT_KEYRING_H

#include "crypto/seal.h"
#include "set/set.h"
#include "vault/keydir.h"

enum { KEYRING_PAGE_SLOTS = 256 };

struct keyring;

must_use int keyring_create(struct keydir *k, struct error *e);
/* k is lent for the handle's life. */
must_use int keyring_open(struct keyring **ret, struct keydir *k, struct error *e);
void keyring_close(struct keyring *r); /* wipes; NULL is fine */
SCOPED(keyring, keyring_close);
/* Finish or forget what a killed change left: remove generations that are not current and epoch
 * keys that are not current's, bring the mirror to the same state. Only under the lock. */
must_use int keyring_recover(struct keyring *r, struct error *e);
/* Has another process switched since open? Then read anew. Cheap. */
must_use int keyring_refresh(struct keyring *r, struct error *e);

uint64_t keyring_slots(const struct keyring *r);
uint64_t keyring_erased(const struct keyring *r);
uint64_t keyring_epoch(const struct keyring *r);
uint64_t keyring_generation(const struct keyring *r);

/* E_NOT_FOUND: "key was destroyed", or no such slot. */
must_use int keyring_key(struct keyring *r, uint64_t slot, uint8_t ret_key[SEAL_KEY_LEN],
			 struct error *e);
/* 0 with *ret_alive. */
must_use int keyring_alive(struct keyring *r, uint64_t slot, bool *ret_alive, struct error *e);
/* All erased slots are added to s. Reads every page: fsck, recovery. */
must_use int keyring_erased_set(struct keyring *r, struct set *s, struct error *e);

/* Changes are in memory until keyring_commit; keyring_forget drops them. */
must_use int keyring_add(struct keyring *r, uint64_t count, uint64_t *ret_first, struct error *e);
must_use int keyring_erase(struct keyring *r, uint64_t slot, struct error *e); /* 0 if it was */
must_use int keyring_commit(struct keyring *r, struct error *e);
void keyring_forget(struct keyring *r);

#endif
