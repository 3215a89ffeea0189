/*
 * inside: what the files of repo/ share and nobody else may call.
 */
#ifndef REPO_INSIDE_H
#define REPO_INSIDE_H

#include "repo/repo.h"

/* secrets.c: the small files of the keys directory. */
must_use int secrets_make(struct repo *r, uint8_t ret_log_seed[SIGN_SEED_LEN], struct error *e);
must_use int secrets_load(struct repo *r, struct error *e); /* tag and never keys, log public key */

/* lock.c: E_CONFLICT when another holds it for all of wait_us. */
must_use int lock_take(struct repo *r, uint64_t wait_us, struct error *e);

/* anchor.c */
must_use int anchor_init(struct repo *r, const struct head_state now[LOG_COUNT], struct error *e);
must_use int anchor_load(struct repo *r, struct error *e);
/* E_MISMATCH when what is there is not r->anchored any more. */
must_use int anchor_set(struct repo *r, const struct head_state now[LOG_COUNT], struct error *e);

/* publish.c: make public what the catalog has committed. Needs the lock. Idempotent. */
must_use int publish(struct repo *r, struct error *e);
/* The published head of a log (from its file), checked; size 0 when there is none. */
must_use int published_head(struct repo *r, int log, struct head_state *ret, struct error *e);

/* recover.c */
/* At open: notices what was rolled back, and marks as erased what the keyring no longer opens.
 * Takes the lock for repairs when nobody holds it. */
must_use int recover_on_open(struct repo *r, struct error *e);
/* After taking the lock, before a change. */
must_use int recover_for_writing(struct repo *r, struct error *e);
/* Mark what is erased in the keyring and live in the catalog; *ret_count says how many records. */
must_use int recover_erased_again(struct repo *r, uint64_t *ret_count, struct error *e);

/* tags.c: add the tags of a record by its card; of a copy by where it was found. */
must_use int card_tags(struct repo *r, const struct fields *card, uint64_t pos, struct error *e);
must_use int copy_tags(struct repo *r, const struct fields *where, uint64_t pos, struct error *e);

/* A container's object: its 32-byte key, its published root, the size that its name is over (u64),
 * its canonical bytes. */
enum { CONTAINER_OBJECT_HEAD = 72 };

/* rebuild.c: the catalog anew from log and vault, into catalog.db; the old one is dropped. */
must_use int rebuild_catalog(struct repo *r, struct error *e);

/* The catalog's path. */
must_use int repo_catalog_path(const struct repo *r, char ret[PATH_LEN_MAX], struct error *e);

#endif
