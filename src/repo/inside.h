/*
 * inside: what the files of repo/ share and nobody else may call.
 */
#ifndef REPO_INSIDE_H
#define REPO_INSIDE_H

#include "repo/repo.h"
#include "repo/successor.h"

/* secrets.c: the small files of the keys directory. */
must_use int secrets_make(struct repo *r, uint8_t ret_log_seed[SIGN_SEED_LEN], struct error *e);
must_use int secrets_load(struct repo *r, struct error *e); /* tag and never keys, log public key */

/* A log's successor is made beside it (successor.h): its anchor, until the switch. */
#define SUCCESSOR_FILE "successor"
#define SUCCESSOR_ANCHOR "successor.anchor"
/* secrets.c: a fresh key for s, whose origin is set. The keys of logs from this number to below that one,
 * destroyed. Is there one? */
must_use int secrets_succeed(struct repo *s, struct error *e);
must_use int secrets_end(struct repo *r, uint64_t from, uint64_t to, struct error *e);
must_use int secrets_has(struct repo *r, uint64_t number, bool *ret, struct error *e);
/* anchor.c: of whatever log it is (a successor's own: where r->successor). Then: in place of the anchor. */
must_use int anchor_look(struct repo *r, struct anchor *ret, struct error *e);
must_use int anchor_switch(struct repo *r, struct error *e);
/* successor_switch.c: is a switch under way, or was the log replaced since r was opened? */
must_use int successor_in_way(struct repo *r, bool *ret, struct error *e);
/* successor.c: the slots of what logs before this lost, as the facts of their successors name them. */
must_use int successors_erase(struct repo *r, struct error *e);
/* What was made beside the log, and did not come to a switch, away. Needs the lock. */
must_use int successor_forget(struct repo *r, struct error *e);
/* At open, before anything else is read: ends a switch that was killed. *ret_did: read the format again. */
must_use int successor_finish(struct repo *r, bool *ret_did, struct error *e);

/* lock.c: E_CONFLICT when another holds it for all of wait_us. */
enum { LOCK_WAIT_US = 10 * 1000 * 1000 };
must_use int lock_take(struct repo *r, uint64_t wait_us, struct error *e);
/* Also while the log is being replaced by its successor, which else is E_CONFLICT. */
must_use int lock_wait(struct repo *r, uint64_t wait_us, struct error *e);

/* anchor.c */
must_use int anchor_init(struct repo *r, const struct anchor *now, struct error *e);
must_use int anchor_load(struct repo *r, struct error *e);
/* Also makes both places hold the further one, before keydir_repair would take the mirror's. */
must_use int anchor_heal(struct repo *r, struct error *e);
/* Where it is lost in every place: anew from the public heads, which is told. Needs the lock. */
must_use int anchor_again(struct repo *r, struct error *e);
/* Beside its places, before the disk is waited for; then anchor_set, or keydir_unstage. */
must_use int anchor_stage(struct repo *r, const struct anchor *now, struct keydir_staged *ret,
			  struct error *e);
/* device: as in keydir_land. E_MISMATCH when what is there is not r->anchored any more. */
must_use int anchor_set(struct repo *r, const struct anchor *now, struct keydir_staged *s,
			uint64_t device, struct error *e);

/* publish.c: l with the entries of the catalog up to size. Then log_write. */
must_use int repo_log_grow(struct repo *r, int log, struct log *l, uint64_t size, struct error *e);
/* publish.c: make public what the catalog has committed. Needs the lock. Idempotent. */
must_use int publish(struct repo *r, struct error *e);
/* End the catalog's open transaction with the heads of what is in it, and make that public.
 * *ret_ended, on failure too: there is no transaction any more, and it may have been committed. */
must_use int publish_with(struct repo *r, bool *ret_ended, struct error *e);
/* The public heads outlast a power cut: before the lock is given back. */
void publish_end(struct repo *r);
must_use int publish_lasts(struct repo *r, struct error *e); /* the same, said */
/* The heads of a log that has none: signed and published. */
must_use int publish_first(struct repo *r, const struct head_state now[LOG_COUNT], struct error *e);
/* The published head of a log (from its file), checked; size 0 when there is none. */
must_use int published_head(struct repo *r, int log, struct head_state *ret, struct error *e);

/* recover.c */
/* The small files and the keyring, both places: before anything is read under the lock. */
must_use int recover_keys(struct repo *r, struct error *e);
/* Slots from first to last that still open: destroyed, as far as there are any. */
must_use int recover_erase_slots(struct repo *r, uint64_t first, uint64_t last, struct error *e);
/* Do the public heads go beyond the anchor? It is always set first, so it was put back. */
must_use int recover_keys_behind(struct repo *r, bool *ret, struct error *e);
/* At open: notices what was rolled back, and marks as erased what the keyring no longer opens.
 * Takes the lock for repairs when nobody holds it. */
must_use int recover_on_open(struct repo *r, struct error *e);
/* After taking the lock, before a change. */
must_use int recover_for_writing(struct repo *r, struct error *e);
/* Mark what is erased in the keyring and live in the catalog; *ret_count says how many records. */
must_use int recover_erased_again(struct repo *r, uint64_t *ret_count, struct error *e);

/* tags.c: add the tags of a record by its card; of a copy by where it was found and
 * who it says is on it. */
must_use int card_tags(struct repo *r, const struct fields *card, uint64_t pos, struct error *e);
must_use int copy_tags(struct repo *r, const struct fields *where, uint64_t pos, struct error *e);
/* Is a copy of this record noted at the very same place, folder and path, and all said of the record
 * that this copy says? */
must_use int copy_noted(struct repo *r, const struct fields *where, uint64_t pos, bool *ret,
			struct error *e);

/* A container's object: its 32-byte key, its published root, the size that its name is over (u64),
 * its canonical bytes. */
enum { CONTAINER_OBJECT_HEAD = 72 };

/* rebuild.c: the catalog anew from log and vault, into catalog.db; the old one is dropped, when
 * that worked; with keeps it stays where not all of log and vault could be read. r->catalog is
 * closed before. Needs the lock. */
must_use int rebuild_catalog(struct repo *r, bool keeps, struct error *e);
/* The same, as catalog.new beside the one in use, with what was carried over. *ret_whole: all of
 * log and vault could be read. Then rebuild_replace, which takes it, or catalog_close and rebuild_drop. */
must_use int rebuild_beside(struct repo *r, struct catalog **ret, bool *ret_whole, struct error *e);
must_use int rebuild_replace(struct repo *r, struct catalog *beside, struct error *e);
must_use int rebuild_drop(struct repo *r, struct error *e);
/* For a log that lost its end: catalog.new, in s->catalog, of s's logs, with what old has. From slot
 * `first` on all is of the lost part, since slots are given in the order of entries; up to `last`,
 * which the keyring may not have yet. */
struct tail {
	uint64_t first, last;
	struct successor_open open;
	bool known; /* first is sure: each entry has its row in old, or all of log and vault could be read */
};
must_use int rebuild_successor(struct repo *s, struct catalog *old, struct tail *ret,
			       struct error *e);
/* catalog.new, where there is one, in place of the catalog, which is closed then. */
must_use int rebuild_switch(struct repo *r, struct error *e);
/* compare.c: what no fact says of from's rows, and what is only there, into to. */
must_use int compare_carry(struct repo *r, struct catalog *from, struct catalog *to, struct error *e);
/* A file beside the catalog: a command met damage in it, and the next one makes it again. */
#define CATALOG_DAMAGED "catalog.damaged"

/* repo.c */
#define FORMAT_LINE "rescind 1\n"
enum { FORMAT_BYTES_MAX = 16384 };
/* Which log it is of, in the row of those that follow each other; from 1. */
uint64_t repo_number(const struct repo *r);
must_use int repo_read_format(struct repo *r, struct error *e);
must_use int repo_write_format(struct repo *r, struct error *e);
must_use int repo_create(struct repo **ret, struct error *e);
must_use int repo_open_blobs(struct repo *r, struct error *e);
must_use int repo_catalog_path(const struct repo *r, char ret[PATH_LEN_MAX], struct error *e);
/* (Re)open the catalog from its path, and know it again. */
must_use int repo_catalog_open(struct repo *r, struct error *e);
/* Open it again when another process put another file there (rebuild). */
must_use int repo_catalog_follow(struct repo *r, struct error *e);
/* The vkey files beside the public heads, where they are missing. */
must_use int repo_write_vkeys(struct repo *r, struct error *e);

#endif
