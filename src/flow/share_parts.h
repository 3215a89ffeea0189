/*
 * share_parts: a hand-over being written, for flow/share*.c alone.
 */
#ifndef FLOW_SHARE_PARTS_H
#define FLOW_SHARE_PARTS_H

#include "flow/handover.h"
#include "flow/share.h"

/* --- share_names.c: paths of others, made safe and unique. Pure. --- */

/* Parts that are "." or empty are dropped; ".." becomes "__"; control characters, backslashes and
 * bytes that are no UTF-8 become "_". What is taken already gets a number ("a-2.jpg"), be it a file
 * or a folder in a file's place. */
struct names;
must_use int names_create(struct names **ret, struct error *e);
void names_destroy(struct names *n); /* NULL is fine */
SCOPED(names, names_destroy);
/* *ret is relative, and never given again; lent by n. A path of more than NAMES_PATH_MAX bytes keeps
 * its last part alone. */
enum { NAMES_PATH_MAX = 2048, NAMES_PART_MAX = 255 };
must_use int names_take(struct names *n, const char *path, const char **ret, struct error *e);

/* --- what is being handed over --- */

/* A file that is being written, and what is noted of it. */
struct sharing {
	struct repo *r;
	struct arena *a;
	const struct share_words *w;
	struct dataset d;
	struct use use;
	struct set *set;	/* of the dataset; owned, as is the box */
	uint64_t first, last;	/* in it */
	struct outbox *box;
	struct hash document;	/* of --under */
	struct hash manifest;	/* SHA-256 of manifest.csv */
	const char **names;	/* of each record's file, in order of position; NULL: shards */
	const char **sources;	/* names of all that were met */
	size_t source_count, source_cap;
	struct handed_part *parts;
	size_t part_count, part_cap;
};

/* A record's card and bytes, as they were read. */
struct shared_record {
	uint64_t pos;
	struct fields *card; /* lent */
	const char *source, *path, *media;
	struct hash content;
	struct buf *bytes; /* lent */
};
/* share_read.c: calls each for every record of the set, ascending. E_MISMATCH: the bytes are not
 * those of the card. Steps the task. */
must_use int share_each_record(struct sharing *x,
			       int (*each)(void *ctx, const struct shared_record *rec,
					   struct error *e),
			       void *ctx, struct error *e);
/* Each field `subject` and `attr` that the record's card or a copy of it has, once. */
must_use int share_each_said(struct sharing *x, const struct shared_record *rec,
			     int (*each)(void *ctx, const struct field *f, struct error *e),
			     void *ctx, struct error *e);
/* A part is noted, by its plain SHA-256. */
must_use int share_add_part(struct sharing *x, const char *name, const struct hash *sha256,
			    uint64_t bytes, uint64_t first, uint64_t last, struct error *e);
/* Lists that are written beside the files: rows of CSV. */
struct share_list;
must_use int share_list_begin(struct share_list **ret, struct sharing *x, const char *name,
			      const char *header, struct error *e);
must_use int share_list_row(struct share_list *l, const char *const *cells, size_t count,
			    struct error *e);
/* Frees l, also when it fails. *ret: its SHA-256; may be NULL. */
must_use int share_list_end(struct share_list *l, struct hash *ret, struct error *e);
void share_list_drop(struct share_list *l); /* NULL is fine */
SCOPED(share_list, share_list_drop);

/* share_files.c: every record as a file under its own path, manifest.csv; ours: attrs.csv and
 * subjects.csv too. */
must_use int share_files(struct sharing *x, struct error *e);
/* Each file noted as a copy of its record. */
must_use int share_copies(struct sharing *x, struct change *c, struct error *e);
/* share_shards.c: shard-000000.tar and so on, manifest.csv. */
must_use int share_shards(struct sharing *x, struct error *e);
/* share_signed.c: terms/SOURCE.json of every source met. */
must_use int share_terms(struct sharing *x, struct error *e);
/* handover.json, signed: the hand-over that the next fact notes. */
must_use int share_statement(struct sharing *x, struct change *c, struct error *e);

#endif
