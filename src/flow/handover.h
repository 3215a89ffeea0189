/*
 * handover: data or weights that left the store on purpose: shared with somebody, or written out
 * for ourselves. Each is one fact (type `handover`) and has an id, "out1". What was handed over is
 * the whole set of a dataset, or a checkpoint.
 *
 * Files that hold the bytes of one record are noted as copies of that record (change_copy,
 * in_place): an order deletes them as it deletes any other. All other files that say something of
 * a record (shards, lists of paths and digests, exported weights) are parts: they are named in the
 * private part of the fact, with a keyed digest, and an order asks for them here.
 */
#ifndef FLOW_HANDOVER_H
#define FLOW_HANDOVER_H

#include "flow/order_places.h"
#include "flow/sets.h"

/* A file of a hand-over that is no copy of one record. */
struct handed_part {
	const char *name;     /* below the folder */
	struct hash digest;   /* keyed: handover_digest */
	uint64_t bytes;
	uint64_t first, last; /* it may hold the records of the hand-over from first to last */
};

/* Texts lent by the arena. */
struct handover {
	uint64_t id, fact, of, count; /* of: fact of the dataset or checkpoint; count: its records */
	uint64_t at_utc_ms;
	const char *label;  /* "out1" */
	const char *what;   /* "faces@2" */
	bool of_model;	    /* else of a dataset */
	bool ours;	    /* to ourselves */
	/* Private; "" when the key of the fact was destroyed. */
	const char *to;	    /* "" when ours */
	const char *use, *at /* folder, absolute */, *format;
	const struct handed_part *parts;
	size_t part_count;
};
/* By id. */
must_use int handovers_all(struct repo *r, struct arena *a, struct handover **ret,
			   size_t *ret_count, struct error *e);
/* "out1". E_NOT_FOUND; E_USAGE, no id of this kind. */
must_use int handover_named(struct repo *r, struct arena *a, const char *id, struct handover *ret,
			    struct error *e);
/* The positions that were handed over, added to s: erased ones too. */
must_use int handover_set(struct repo *r, const struct handover *h, struct set *s,
			  struct error *e);

/* --- noting one --- */

struct handover_new {
	uint64_t of, count;
	const char *to; /* NULL: ourselves */
	const char *use, *at, *format; /* at: absolute; format: files, webdataset, safetensors */
	const struct hash *document;   /* NULL: none */
	const struct handed_part *parts;
	size_t part_count;
};
/* The label that the next one will have. */
must_use int handover_next(struct repo *r, char ret_label[24], struct error *e);
/* In an open change. *ret_fact may be NULL. */
must_use int handover_in(struct change *c, struct repo *r, const struct handover_new *n,
			 uint64_t *ret_fact, struct error *e);
/* What is kept of a file's SHA-256: nobody without the keys can try a guess. */
void handover_digest(const struct repo *r, struct hash *ret, const struct hash *sha256);

/* --- a folder that is being filled --- */

/* A new or empty folder. What was written is removed again at the end unless it was kept. */
struct outbox;
/* Errors: E_CONFLICT, there is something in it (a hand-over that was killed leaves files and no
 * fact: they are to be deleted by hand); E_USAGE, inside of the repository or of its keys. */
must_use int outbox_open(struct outbox **ret, struct repo *r, const char *folder, struct error *e);
void outbox_close(struct outbox *o); /* NULL is fine */
SCOPED(outbox, outbox_close);
const char *outbox_folder(const struct outbox *o); /* absolute */
/* One file of mode 0600, folders above it made; name is relative and safe. *ret (its SHA-256) may
 * be NULL. E_CONFLICT: the name is there. */
must_use int outbox_write(struct outbox *o, const char *name, const void *bytes, size_t len_bytes,
			  struct hash *ret, struct error *e);
/* The same in parts; any number of files may be open. outfile_end frees f, also when it fails;
 * outfile_drop a file that is not ended (outbox_close removes it). */
struct outfile;
must_use int outbox_begin(struct outbox *o, const char *name, struct outfile **ret,
			  struct error *e);
must_use int outfile_add(struct outfile *f, const void *bytes, size_t len_bytes, struct error *e);
must_use int outfile_end(struct outfile *f, struct hash *ret, uint64_t *ret_bytes,
			 struct error *e);
void outfile_drop(struct outfile *f); /* NULL is fine */
SCOPED(outfile, outfile_drop);
/* Every file that has ended, and every folder, is on the disk: call it before the change commits. */
must_use int outbox_sync(struct outbox *o, struct error *e);
void outbox_keep(struct outbox *o); /* after the change has committed */

/* --- what impact and orders need --- */

/* Somebody else who holds some of a set, by a hand-over or by a deployment with a recipient. One
 * row for each hand-over; one for each (recipient, checkpoint) that is or was deployed. */
struct recipient {
	const char *name;     /* of the recipient: a person typed it */
	const char *label;    /* "out1" or "d1" */
	bool deployed;	      /* label is a deployment */
	uint64_t fact;	      /* of the hand-over or deployment */
	uint64_t records, since_utc_ms; /* records of the set in it */
};
/* Of what the set touches (touched_by). Lent by the arena. */
must_use int recipients_of(struct repo *r, struct arena *a, const struct touched *touched,
			   struct recipient **ret, size_t *ret_count, struct error *e);
/* Member recipients[] of a document. */
must_use int recipients_json(struct repo *r, struct arena *a, const struct touched *touched,
			     json_t *doc, struct error *e);

/* A part that an order against a set must delete, whole: of a shard, when one of the set's records
 * is in it; lists, when one is in the hand-over; of an exported checkpoint, when it is touched. */
struct part_due {
	const char *label, *folder, *name; /* of the hand-over, at, of the part; lent */
	uint64_t fact;			   /* of the hand-over */
	uint64_t records;		   /* of the set in it */
	struct handed_part part;
};
/* By hand-over, then in the order they were written; whether they are still there is not asked. */
must_use int parts_due(struct repo *r, struct arena *a, const struct set *s,
		       const struct touched *touched, struct part_due **ret, size_t *ret_count,
		       struct error *e);
/* As remove_file (flow/order_places.h), for a part. */
must_use int part_remove(struct repo *r, const struct part_due *p, enum removed *ret,
			 struct error *e);

#endif
