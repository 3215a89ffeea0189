/*
 * backend: what a database must do to hold a catalog: one table of calls in our words.
 * The calls mean what those of catalog/catalog.h mean. catalog.c has checked what they are
 * given: a transaction is open where one is needed, walks happen inside of one, and numbers
 * that serve as keys are at most CATALOG_NUMBER_MAX. A backend's own handle begins with its
 * struct catalog.
 */
#ifndef CATALOG_BACKEND_H
#define CATALOG_BACKEND_H

#include "catalog/catalog.h"

#define CATALOG_NUMBER_MAX ((uint64_t)INT64_MAX)
enum { CATALOG_NAME_MAX = 255, CATALOG_BLOB_MAX = 256 << 20, CATALOG_COMMITMENTS_IN_ROW = 256 };

enum catalog_state { CATALOG_IDLE, CATALOG_READING, CATALOG_WRITING };

struct catalog {
	const struct catalog_backend *calls;
	enum catalog_state state; /* kept by catalog.c */
	unsigned walks;		  /* callbacks that are running; kept by catalog.c */
	bool damaged;		  /* kept by the backend */
};

typedef int catalog_fact_fn(void *ctx, uint64_t n, const void *entry, size_t len, struct error *e);
typedef int catalog_record_fn(void *ctx, const struct catalog_record *r, struct error *e);
typedef int catalog_tag_fn(void *ctx, const struct tag *t, uint64_t pos, struct error *e);
typedef int catalog_object_fn(void *ctx, const struct catalog_object *o, struct error *e);
typedef int catalog_thing_fn(void *ctx, const struct catalog_thing *t, struct error *e);
typedef int catalog_number_fn(void *ctx, uint64_t n, struct error *e);
typedef int catalog_never_fn(void *ctx, const struct tag *t, uint64_t order, struct error *e);
typedef int catalog_container_fn(void *ctx, const struct hash *name,
				 const struct catalog_container *k, struct error *e);

struct catalog_backend {
	int (*open)(struct catalog **ret, const char *path, bool create, struct error *e);
	void (*close)(struct catalog *c);
	int (*begin)(struct catalog *c, struct error *e);
	int (*begin_read)(struct catalog *c, struct error *e);
	int (*commit)(struct catalog *c, struct error *e); /* rolled back when it fails */
	int (*commit_held)(struct catalog *c, struct error *e);
	int (*settle)(struct catalog *c, uint64_t device, struct error *e);
	int (*steady)(struct catalog *c, struct error *e);
	void (*rollback)(struct catalog *c);

	int (*set_number)(struct catalog *c, const char *name, uint64_t v, struct error *e);
	int (*number)(struct catalog *c, const char *name, uint64_t otherwise, uint64_t *ret,
		      struct error *e);
	int (*set_bytes)(struct catalog *c, const char *name, const void *p, size_t len,
			 struct error *e);
	int (*bytes)(struct catalog *c, const char *name, struct buf *out, struct error *e);

	int (*add_fact)(struct catalog *c, uint64_t n, const void *entry, size_t len,
			struct error *e);
	int (*fact)(struct catalog *c, uint64_t n, struct buf *out, struct error *e);
	int (*fact_count)(struct catalog *c, uint64_t *ret, struct error *e);
	int (*each_fact)(struct catalog *c, uint64_t first, uint64_t end, catalog_fact_fn *each,
			 void *ctx, struct error *e);
	int (*add_commitments)(struct catalog *c, uint64_t first, const struct hash *h,
			       uint64_t count, struct error *e);
	int (*commitments)(struct catalog *c, uint64_t first, uint64_t count, struct hash *ret,
			   struct error *e);
	int (*commitment_count)(struct catalog *c, uint64_t *ret, struct error *e);
	int (*add_head)(struct catalog *c, int log, uint64_t size, const void *note, size_t len,
			struct error *e);
	int (*head)(struct catalog *c, int log, uint64_t size, struct buf *out, struct error *e);
	int (*each_head)(struct catalog *c, int log, catalog_number_fn *each, void *ctx,
			 struct error *e);

	int (*put_record)(struct catalog *c, const struct catalog_record *r, struct error *e);
	int (*record)(struct catalog *c, uint64_t pos, struct catalog_record *ret,
		      struct error *e);
	int (*each_record)(struct catalog *c, const struct set *which, catalog_record_fn *each,
			   void *ctx, struct error *e);
	int (*erase_records)(struct catalog *c, const struct set *which, struct error *e);

	int (*add_tag)(struct catalog *c, uint8_t kind, const struct tag *t, uint64_t pos,
		       struct error *e);
	int (*has_tag)(struct catalog *c, uint8_t kind, const struct tag *t, uint64_t pos, bool *ret,
		       struct error *e);
	int (*tagged)(struct catalog *c, uint8_t kind, const struct tag *t, struct set *add_to,
		      struct error *e);
	int (*each_tag)(struct catalog *c, uint8_t kind, catalog_tag_fn *each, void *ctx,
			struct error *e);

	int (*put_object)(struct catalog *c, const struct catalog_object *o, struct error *e);
	int (*object)(struct catalog *c, uint8_t kind, uint64_t owner, uint64_t part,
		      struct catalog_object *ret, struct error *e);
	int (*each_object)(struct catalog *c, uint8_t kind, uint64_t owner,
			   catalog_object_fn *each, void *ctx, struct error *e);
	int (*drop_object)(struct catalog *c, uint8_t kind, uint64_t owner, uint64_t part,
			   struct error *e);

	int (*put_thing)(struct catalog *c, const struct catalog_thing *t, struct error *e);
	int (*thing)(struct catalog *c, struct arena *a, uint8_t kind, uint64_t id,
		     struct catalog_thing *ret, struct error *e);
	int (*thing_named)(struct catalog *c, struct arena *a, uint8_t kind, const char *name,
			   struct catalog_thing *ret, struct error *e);
	int (*each_thing)(struct catalog *c, uint8_t kind, uint64_t owner, catalog_thing_fn *each,
			  void *ctx, struct error *e);
	int (*each_thing_tagged)(struct catalog *c, uint8_t kind, const struct tag *t,
				 catalog_thing_fn *each, void *ctx, struct error *e);
	int (*next_id)(struct catalog *c, uint8_t kind, uint64_t *ret, struct error *e);

	int (*put_container)(struct catalog *c, const struct hash *name,
			     const struct catalog_container *k, const void *bytes, size_t len,
			     struct error *e);
	int (*container)(struct catalog *c, const struct hash *name,
			 struct catalog_container *ret, struct buf *out, struct error *e);
	int (*each_container)(struct catalog *c, catalog_container_fn *each, void *ctx,
			      struct error *e);
	int (*move_container)(struct catalog *c, const struct hash *name, const struct place *at,
			      struct error *e);
	int (*mark_put)(struct catalog *c, uint64_t mark, const struct set *s, struct error *e);
	int (*mark_get)(struct catalog *c, uint64_t mark, struct set *s, struct error *e);
	int (*each_mark)(struct catalog *c, catalog_number_fn *each, void *ctx, struct error *e);
	int (*add_never)(struct catalog *c, const struct tag *t, uint64_t order, struct error *e);
	int (*never)(struct catalog *c, const struct tag *t, uint64_t *ret_order,
		     struct error *e);
	int (*drop_never)(struct catalog *c, const struct tag *t, struct error *e);
	int (*each_never)(struct catalog *c, catalog_never_fn *each, void *ctx, struct error *e);

	int (*compact)(struct catalog *c, struct error *e);
	int (*check)(struct catalog *c, void (*tell)(void *ctx, const char *line), void *ctx,
		     uint64_t *ret_problems, struct error *e);
};

extern const struct catalog_backend catalog_sqlite;

#endif
