/*
 * change: one change of the repository: facts, records, objects, slots, as one catalog
 * transaction. Order on commit: pack durable, slots durable, heads signed, transaction (with these
 * heads), tiles durable, anchor, heads public. A kill anywhere leaves the state before or after; what
 * was sealed for a change that was not committed is found by repo_lock and its slots destroyed.
 */
#ifndef REPO_CHANGE_H
#define REPO_CHANGE_H

#include "repo/repo.h"
#include "wire/fields.h"
#include "wire/json.h"

struct change;

/* Locks and repairs. The clock behind the last fact is refused (E_MISMATCH). */
must_use int change_begin(struct change **ret, struct repo *r, struct error *e);
/* Drops what was not committed; unlocks if change_begin locked. NULL is fine. */
void change_end(struct change *c);
SCOPED(change, change_end);

uint64_t change_now(const struct change *c); /* the time that its facts bear, whole minutes */
uint64_t change_facts(const struct change *c);   /* number of the next fact */
uint64_t change_positions(const struct change *c); /* position of the next record */

/* Add a fact: entry becomes public members + v, type, at, by, private (taken also on failure);
 * private_part is sealed as it is. Then it is folded into the catalog (repo/fold.h), so that
 * things it makes can be read at once. */
must_use int change_fact(struct change *c, const char *type, json_t *public_members,
			 const struct fields *private_part, uint64_t *ret_n, struct error *e);

/* Add the record of this card and bytes at the next position: seals both under one new slot,
 * commits to the card, adds the tags (digest, path, place, subjects, attributes) of the card. The
 * batch fact that covers it must follow in this change: batch is its number. */
must_use int change_record(struct change *c, uint64_t batch, uint8_t status,
			   const struct fields *card, const void *bytes, size_t len_bytes,
			   uint64_t *ret_pos, struct error *e);
/* Note a copy of a live record at another path: fields content, source, path,
 * about, and any of subject and attr. Adds its tags. One that is noted at that very place is not
 * noted again, unless it names whom or what nothing else of the record does. E_RANGE: COPIES_MAX of this record are noted (vault.h: objects of a slot). */
enum { COPIES_MAX = 998 };
must_use int change_copy(struct change *c, uint64_t pos, const struct fields *where,
			 struct error *e);

/* Store a set: its containers by internal name, sealed, each with its published root, unless
 * they are there. Appends 32 bytes for each to names and roots; ret_root is the published root
 * of the set of this size. */
must_use int change_set(struct change *c, struct set *s, uint64_t size, struct buf *names,
			struct buf *roots, struct hash *ret_root, struct error *e);

/* Work out the published roots of many sets at once, on all processors, before change_set is
 * called for each. Only faster. */
must_use int change_prepare_sets(struct change *c, struct set *const *sets, size_t count,
				 uint64_t size, struct error *e);

/* Seal a file under a new slot as object (OBJECT_FILE, owner, part); *ret_digest is its SHA-256. */
must_use int change_file(struct change *c, uint64_t owner, uint64_t part, const char *path,
			 struct hash *ret_digest, uint64_t *ret_bytes, struct error *e);
/* Seal bytes under a new slot as object (kind, owner, part). */
must_use int change_object(struct change *c, uint8_t kind, uint64_t owner, uint64_t part,
			   const void *bytes, size_t len_bytes, struct error *e);

/* size and root of the records log with this change's records, as member "records". */
must_use int change_set_records(struct change *c, json_t *public_members, struct error *e);

must_use int change_commit(struct change *c, struct error *e);

#endif
