/*
 * catalog: rows and keyed tags. A cache of what log and vault say, and the one commit
 * point: a change of the repository is one transaction here. It holds nothing about a record
 * in the clear but its position, status and where its objects lie. A backend is a table of
 * calls in these words (catalog/backend.h); SQLite is the first, over our VFS.
 *
 * Writing calls need an open transaction (else E_USAGE); when one fails, roll back: half of it
 * may be there. Callbacks may read but not write. What is passed to a callback is lent for that
 * call. A callback that returns non-zero stops the walk, and its value is returned. A walk
 * outside of a transaction holds its own reader's view. Positions, ids, sizes and other keys are
 * at most INT64_MAX (else E_RANGE). A handle belongs to one thread.
 */
#ifndef CATALOG_CATALOG_H
#define CATALOG_CATALOG_H

#include "base/arena.h"
#include "base/blobs.h"
#include "crypto/hash.h"
#include "set/set.h"

enum { CATALOG_BODY_MAX = 64 << 20 }; /* bytes of a thing's body */

struct catalog;

/* Errors: E_NOT_FOUND (and create is false), E_FORMAT (not a catalog, or a damaged one), E_RANGE (of
 * another format), E_CONFLICT (held by somebody). */
must_use int catalog_open(struct catalog **ret, const char *path, bool create, struct error *e);
/* Since it was opened, a call met what no catalog has (and said E_FORMAT). */
bool catalog_damaged(const struct catalog *c);
void catalog_close(struct catalog *c); /* rolls back; NULL is fine */
SCOPED(catalog, catalog_close);

/* One writer at a time. E_CONFLICT: after 5 seconds another still writes. */
must_use int catalog_begin(struct catalog *c, struct error *e);
/* Durable on return. Waits for readers' views to end; E_CONFLICT after 5 seconds. On failure
 * the transaction is rolled back (after E_IO, a reader may still find it committed). */
must_use int catalog_commit(struct catalog *c, struct error *e);
/* The same in two, for who is about to make a whole file system durable: until catalog_settle a power
 * cut may undo it as a whole, and nobody else reads or writes. device: what file system is durable now
 * (stat's number), 0: none; where the catalog lies on another it waits for the disk itself. It
 * comes before the next transaction; also after a failure in between. None to settle is fine. */
must_use int catalog_commit_held(struct catalog *c, struct error *e);
must_use int catalog_settle(struct catalog *c, uint64_t device, struct error *e);
/* What a process that was killed before catalog_settle committed is durable. */
must_use int catalog_steady(struct catalog *c, struct error *e);
void catalog_rollback(struct catalog *c); /* none is fine */
/* A reader's view that does not change until catalog_rollback. No commit gets through
 * meanwhile, so it is for questions, not for waiting. */
must_use int catalog_begin_read(struct catalog *c, struct error *e);

/* Named numbers and bytes: format, sizes, epoch seen. */
must_use int catalog_set_number(struct catalog *c, const char *name, uint64_t v, struct error *e);
must_use int catalog_number(struct catalog *c, const char *name, uint64_t otherwise,
			    uint64_t *ret, struct error *e);
must_use int catalog_set_bytes(struct catalog *c, const char *name, const void *p, size_t len,
			       struct error *e);
/* Appends; E_NOT_FOUND. */
must_use int catalog_bytes(struct catalog *c, const char *name, struct buf *out, struct error *e);

/* Facts, by number from 0. E_CONFLICT: n is not the count. */
must_use int catalog_add_fact(struct catalog *c, uint64_t n, const void *entry, size_t len,
			      struct error *e);
must_use int catalog_fact(struct catalog *c, uint64_t n, struct buf *out, struct error *e);
must_use int catalog_fact_count(struct catalog *c, uint64_t *ret, struct error *e);
/* Those from first to the one before end, ascending. E_RANGE: not all are there. */
must_use int catalog_each_fact(struct catalog *c, uint64_t first, uint64_t end,
			       int (*each)(void *ctx, uint64_t n, const void *entry, size_t len,
					   struct error *e),
			       void *ctx, struct error *e);

/* Commitments of records, by position from 0, kept 256 to a row. first must be the
 * count (E_CONFLICT). Reading: E_RANGE when not all are there. */
must_use int catalog_add_commitments(struct catalog *c, uint64_t first, const struct hash *h,
				     uint64_t count, struct error *e);
must_use int catalog_commitments(struct catalog *c, uint64_t first, uint64_t count,
				 struct hash *ret, struct error *e);
must_use int catalog_commitment_count(struct catalog *c, uint64_t *ret, struct error *e);

/* Signed heads, whole notes; log 0 is facts, 1 is records. A size is stored once: the same
 * note again is fine, another is E_CONFLICT. */
must_use int catalog_add_head(struct catalog *c, int log, uint64_t size, const void *note,
			      size_t len, struct error *e);
/* The one of this size (UINT64_MAX: the largest). Appends; E_NOT_FOUND. */
must_use int catalog_head(struct catalog *c, int log, uint64_t size, struct buf *out,
			  struct error *e);
/* The size of each head of a log, ascending. */
must_use int catalog_each_head(struct catalog *c, int log,
			       int (*each)(void *ctx, uint64_t size, struct error *e), void *ctx,
			       struct error *e);

enum record_status { RECORD_LIVE = 0, RECORD_QUARANTINED = 1, RECORD_ERASED = 2 };
struct catalog_record {
	uint64_t pos, batch, slot; /* batch: its fact number */
	uint8_t status;
	struct place card, bytes; /* both {0,0,0} once erased */
};
/* In place of an older row of this position. */
must_use int catalog_put_record(struct catalog *c, const struct catalog_record *r, struct error *e);
must_use int catalog_record(struct catalog *c, uint64_t pos, struct catalog_record *ret,
			    struct error *e);
/* Those of the set, ascending (positions without a row are passed over); NULL: every row. */
must_use int catalog_each_record(struct catalog *c, const struct set *which,
				 int (*each)(void *ctx, const struct catalog_record *r,
					     struct error *e),
				 void *ctx, struct error *e);
/* One pass for all: status erased, places gone, all their tags gone, and their objects of the
 * kinds from OBJECT_OF_RECORD on. Costs a scan of all tags. */
must_use int catalog_erase_records(struct catalog *c, const struct set *which, struct error *e);

/* Keyed tags (HMAC, 16 bytes): what a selector looks up. */
enum tag_kind { TAG_DIGEST = 1, TAG_PATH = 2, TAG_SUBJECT = 3, TAG_ATTR = 4,
		TAG_PLACE = 5 /* digest, source, folder, path, in place: the same file again */ };
struct tag {
	uint8_t b[16];
};
/* The same again is fine. */
must_use int catalog_add_tag(struct catalog *c, uint8_t kind, const struct tag *t, uint64_t pos,
			     struct error *e);
must_use int catalog_tagged(struct catalog *c, uint8_t kind, const struct tag *t,
			    struct set *add_to, struct error *e);
/* Is pos among these? Looks up one row, however many there are. */
must_use int catalog_has_tag(struct catalog *c, uint8_t kind, const struct tag *t, uint64_t pos,
			     bool *ret, struct error *e);
/* Every (tag, pos) of a kind, in order of tag then pos. */
must_use int catalog_each_tag(struct catalog *c, uint8_t kind,
			      int (*each)(void *ctx, const struct tag *t, uint64_t pos,
					  struct error *e),
			      void *ctx, struct error *e);

/* Sealed objects other than a record's card and bytes. (kind, owner, part) is one object; put
 * again, it takes the place of the older one. Dropping what is not there is fine. */
enum { OBJECT_OF_RECORD = 128 /* the owner of this kind and those above is a position */ };
struct catalog_object {
	uint8_t kind; /* not 0 */
	uint64_t owner, part, slot;
	struct place at;
};
must_use int catalog_put_object(struct catalog *c, const struct catalog_object *o, struct error *e);
must_use int catalog_object(struct catalog *c, uint8_t kind, uint64_t owner, uint64_t part,
			    struct catalog_object *ret, struct error *e);
/* All of (kind, owner), by part; all of kind when owner is UINT64_MAX; all when kind is 0 too. */
must_use int catalog_each_object(struct catalog *c, uint8_t kind, uint64_t owner,
				 int (*each)(void *ctx, const struct catalog_object *o,
					     struct error *e),
				 void *ctx, struct error *e);
must_use int catalog_drop_object(struct catalog *c, uint8_t kind, uint64_t owner, uint64_t part,
				 struct error *e);

/* Things: whatever has a name or an id: sources, terms, transfers, grants, batches, datasets,
 * models, orders, plans, steps, keys. What a kind's numbers and body mean is repo/'s. */
struct catalog_thing {
	uint8_t kind;
	uint64_t id;	       /* from 1, one count per kind */
	const char *name;      /* "" when it has none; unique among (kind, name) if not "" */
	struct tag tag;	       /* all zero when it has none */
	uint64_t owner;	       /* id of what it belongs to; 0 */
	uint64_t fact;	       /* number of the fact that made it */
	uint8_t state;
	const char *body;      /* JSON, public parts only */
};
/* In place of an older one of (kind, id). E_CONFLICT: another of this kind has the name. */
must_use int catalog_put_thing(struct catalog *c, const struct catalog_thing *t, struct error *e);
/* Lent by the arena; E_NOT_FOUND. */
must_use int catalog_thing(struct catalog *c, struct arena *a, uint8_t kind, uint64_t id,
			   struct catalog_thing *ret, struct error *e);
must_use int catalog_thing_named(struct catalog *c, struct arena *a, uint8_t kind,
				 const char *name, struct catalog_thing *ret, struct error *e);
/* Of this owner; UINT64_MAX: of any. All of every kind when kind is 0, and owner UINT64_MAX. */
must_use int catalog_each_thing(struct catalog *c, uint8_t kind, uint64_t owner,
				int (*each)(void *ctx, const struct catalog_thing *t,
					    struct error *e),
				void *ctx, struct error *e); /* by id */
must_use int catalog_each_thing_tagged(struct catalog *c, uint8_t kind, const struct tag *t,
				       int (*each)(void *ctx, const struct catalog_thing *t,
						   struct error *e),
				       void *ctx, struct error *e); /* by id */
must_use int catalog_next_id(struct catalog *c, uint8_t kind, uint64_t *ret, struct error *e);

/* Canonical containers by internal name, once each: E_CONFLICT when it is there. */
must_use int catalog_put_container(struct catalog *c, const struct hash *name, uint64_t number,
				   const void *bytes, size_t len, const struct hash *root,
				   uint64_t slot, const struct place *at, struct error *e);
struct catalog_container {
	uint64_t number, slot;
	struct hash root; /* its published root */
	struct place at;  /* the sealed one */
};
/* Appends its bytes to out (may be NULL). */
must_use int catalog_container(struct catalog *c, const struct hash *name,
			       struct catalog_container *ret, struct buf *out, struct error *e);
/* Every container, by name; its sealed place may be moved (compact). */
must_use int catalog_each_container(struct catalog *c,
				    int (*each)(void *ctx, const struct hash *name,
						const struct catalog_container *k, struct error *e),
				    void *ctx, struct error *e);
must_use int catalog_move_container(struct catalog *c, const struct hash *name,
				    const struct place *at, struct error *e);

/* Sets that the repository keeps by number: erased, quarantined, blocked by an order. Only the
 * containers that differ are written. */
must_use int catalog_mark_put(struct catalog *c, uint64_t mark, const struct set *s,
			      struct error *e);
/* Adds to s; nothing when there is none. */
must_use int catalog_mark_get(struct catalog *c, uint64_t mark, struct set *s, struct error *e);
/* Each mark whose set is not empty, ascending. */
must_use int catalog_each_mark(struct catalog *c,
			       int (*each)(void *ctx, uint64_t mark, struct error *e), void *ctx,
			       struct error *e);

/* The never-again list: keyed digests. order: the id of the order that put it there; of several the
 * highest stays. */
must_use int catalog_add_never(struct catalog *c, const struct tag *t, uint64_t order,
			       struct error *e);
must_use int catalog_never(struct catalog *c, const struct tag *t, uint64_t *ret_order,
			   struct error *e); /* 0 when it is not there */
must_use int catalog_drop_never(struct catalog *c, const struct tag *t, struct error *e);
/* In order of the tags. */
must_use int catalog_each_never(struct catalog *c,
				int (*each)(void *ctx, const struct tag *t, uint64_t order,
					    struct error *e),
				void *ctx, struct error *e);

/* Gives back the room of what was erased; outside of a transaction. Takes memory for the whole
 * catalog for a while. */
must_use int catalog_compact(struct catalog *c, struct error *e);
/* The database's own check; each problem is one line. */
must_use int catalog_check(struct catalog *c, void (*tell)(void *ctx, const char *line), void *ctx,
			   uint64_t *ret_problems, struct error *e);

#endif
