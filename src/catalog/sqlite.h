/*
 * sqlite: the catalog in one SQLite database over catalog/vfs.h. Inside catalog/ only: the
 * handle, the query, and the calls of each noun's file, which sqlite.c puts into the table.
 */
#ifndef CATALOG_SQLITE_H
#define CATALOG_SQLITE_H

#include <sqlite3.h>

#include "catalog/backend.h"

enum { QUERIES_MAX = 128 };

/* One statement in use. Values are numbered from 1, columns from 0. */
struct query {
	struct sqlite_catalog *of;
	const char *sql; /* its address is its name */
	sqlite3_stmt *stmt;
	int bad; /* SQLITE_* of a value that could not be set */
};

struct sqlite_catalog {
	struct catalog base;
	sqlite3 *db;
	uint64_t next_fact; /* in the transaction that is open; 0: not asked yet */
	/* Statements at rest, by the address of their text; one that is walked is not here, so a
	 * callback that asks the same gets another. */
	struct query_rest {
		const char *sql;
		struct query *query;
	} rests[QUERIES_MAX];
};

static inline struct sqlite_catalog *sqlite_of(struct catalog *c)
{
	return (struct sqlite_catalog *)(void *)c;
}

/* sql must be a literal. */
must_use int query_open(struct query **ret, struct catalog *c, const char *sql, struct error *e);
void query_end(struct query *q);
SCOPED(query, query_end);

/* What is set is borrowed until the query has run. Numbers keep all 64 bits, but order as
 * signed ones; keys are at most CATALOG_NUMBER_MAX. */
void query_number(struct query *q, int n, uint64_t v);
void query_bytes(struct query *q, int n, const void *p, size_t len);
void query_text(struct query *q, int n, const char *text); /* "" becomes NULL */
void query_place(struct query *q, int n, const struct place *at); /* n to n+2 */

/* 1: a row; 0: no more. May be run again after 0 or query_again, with other values. */
must_use int query_step(struct query *q, struct error *e);
must_use int query_run(struct query *q, struct error *e); /* no row is expected */
void query_again(struct query *q);

uint64_t column_number(struct query *q, int n);
/* E_FORMAT unless it has this many bytes. */
must_use int column_bytes(struct query *q, int n, void *ret, size_t len, struct error *e);
must_use int column_append(struct query *q, int n, struct buf *out, struct error *e);
const char *column_text(struct query *q, int n); /* lent until the next step; "" for NULL */
struct place column_place(struct query *q, int n);

/* Calls each with the first column of each row. */
must_use int query_each_number(struct query *q, catalog_number_fn *each, void *ctx, struct error *e);

/* SQLITE_CANTOPEN, of which SQLite does not say which of the files it is, nor that it is none. */
int sqlite_cannot_open(struct sqlite_catalog *c, const char *path, struct error *e);
/* An SQLITE_* code and the database's words as ours. */
int sqlite_error(struct sqlite_catalog *c, int code, struct error *e);
/* Statements without values or rows. */
must_use int sqlite_run(struct sqlite_catalog *c, const char *sql, struct error *e);

/* sqlite_meta.c */
int sqlite_set_number(struct catalog *c, const char *name, uint64_t v, struct error *e);
int sqlite_number(struct catalog *c, const char *name, uint64_t otherwise, uint64_t *ret,
		  struct error *e);
int sqlite_set_bytes(struct catalog *c, const char *name, const void *p, size_t len,
		     struct error *e);
int sqlite_bytes(struct catalog *c, const char *name, struct buf *out, struct error *e);
int sqlite_add_fact(struct catalog *c, uint64_t n, const void *entry, size_t len,
		    struct error *e);
int sqlite_fact(struct catalog *c, uint64_t n, struct buf *out, struct error *e);
int sqlite_fact_count(struct catalog *c, uint64_t *ret, struct error *e);
int sqlite_each_fact(struct catalog *c, uint64_t first, uint64_t end, catalog_fact_fn *each,
		     void *ctx, struct error *e);
int sqlite_add_commitments(struct catalog *c, uint64_t first, const struct hash *h,
			   uint64_t count, struct error *e);
int sqlite_commitments(struct catalog *c, uint64_t first, uint64_t count, struct hash *ret,
		       struct error *e);
int sqlite_commitment_count(struct catalog *c, uint64_t *ret, struct error *e);
int sqlite_add_head(struct catalog *c, int log, uint64_t size, const void *note, size_t len,
		    struct error *e);
int sqlite_head(struct catalog *c, int log, uint64_t size, struct buf *out, struct error *e);
int sqlite_each_head(struct catalog *c, int log, catalog_number_fn *each, void *ctx, struct error *e);

/* sqlite_records.c */
int sqlite_put_record(struct catalog *c, const struct catalog_record *r, struct error *e);
int sqlite_record(struct catalog *c, uint64_t pos, struct catalog_record *ret, struct error *e);
int sqlite_each_record(struct catalog *c, const struct set *which, catalog_record_fn *each,
		       void *ctx, struct error *e);
int sqlite_erase_records(struct catalog *c, const struct set *which, struct error *e);
int sqlite_add_tag(struct catalog *c, uint8_t kind, const struct tag *t, uint64_t pos,
		   struct error *e);
int sqlite_has_tag(struct catalog *c, uint8_t kind, const struct tag *t, uint64_t pos, bool *ret,
		   struct error *e);
int sqlite_tagged(struct catalog *c, uint8_t kind, const struct tag *t, struct set *add_to,
		  struct error *e);
int sqlite_each_tag(struct catalog *c, uint8_t kind, catalog_tag_fn *each, void *ctx,
		    struct error *e);
int sqlite_put_object(struct catalog *c, const struct catalog_object *o, struct error *e);
int sqlite_object(struct catalog *c, uint8_t kind, uint64_t owner, uint64_t part,
		  struct catalog_object *ret, struct error *e);
int sqlite_each_object(struct catalog *c, uint8_t kind, uint64_t owner, catalog_object_fn *each,
		       void *ctx, struct error *e);
int sqlite_drop_object(struct catalog *c, uint8_t kind, uint64_t owner, uint64_t part,
		       struct error *e);
/* The function rescind_has(SET, POS) of SQL, by which a scan asks a struct set. */
must_use int sqlite_records_open(struct sqlite_catalog *c, struct error *e);

/* sqlite_things.c */
int sqlite_put_thing(struct catalog *c, const struct catalog_thing *t, struct error *e);
int sqlite_thing(struct catalog *c, struct arena *a, uint8_t kind, uint64_t id,
		 struct catalog_thing *ret, struct error *e);
int sqlite_thing_named(struct catalog *c, struct arena *a, uint8_t kind, const char *name,
		       struct catalog_thing *ret, struct error *e);
int sqlite_each_thing(struct catalog *c, uint8_t kind, uint64_t owner, catalog_thing_fn *each,
		      void *ctx, struct error *e);
int sqlite_each_thing_tagged(struct catalog *c, uint8_t kind, const struct tag *t,
			     catalog_thing_fn *each, void *ctx, struct error *e);
int sqlite_next_id(struct catalog *c, uint8_t kind, uint64_t *ret, struct error *e);

/* sqlite_sets.c */
int sqlite_put_container(struct catalog *c, const struct hash *name,
			 const struct catalog_container *k, const void *bytes, size_t len,
			 struct error *e);
int sqlite_container(struct catalog *c, const struct hash *name, struct catalog_container *ret,
		     struct buf *out, struct error *e);
int sqlite_each_container(struct catalog *c, catalog_container_fn *each, void *ctx,
			  struct error *e);
int sqlite_move_container(struct catalog *c, const struct hash *name, const struct place *at,
			  struct error *e);
int sqlite_mark_put(struct catalog *c, uint64_t mark, const struct set *s, struct error *e);
int sqlite_mark_get(struct catalog *c, uint64_t mark, struct set *s, struct error *e);
int sqlite_each_mark(struct catalog *c, catalog_number_fn *each, void *ctx, struct error *e);
int sqlite_add_never(struct catalog *c, const struct tag *t, uint64_t order, struct error *e);
int sqlite_never(struct catalog *c, const struct tag *t, uint64_t *ret_order, struct error *e);
int sqlite_drop_never(struct catalog *c, const struct tag *t, struct error *e);
int sqlite_each_never(struct catalog *c, catalog_never_fn *each, void *ctx, struct error *e);

#endif
