#include <inttypes.h>
#include <string.h>

#include "catalog/sqlite.h"

static int column_tag(struct query *q, int n, struct tag *ret, struct error *e)
{
	return column_bytes(q, n, ret->b, sizeof(ret->b), e);
}

static struct catalog_record record_of(struct query *q)
{
	return (struct catalog_record){
		.pos = column_number(q, 0),
		.batch = column_number(q, 1),
		.slot = column_number(q, 2),
		.status = (uint8_t)column_number(q, 3),
		.card = column_place(q, 4),
		.bytes = column_place(q, 7),
	};
}

int sqlite_put_record(struct catalog *c, const struct catalog_record *r, struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "INSERT OR REPLACE INTO record(pos, batch, slot, status, card_pack, "
			      "card_at, card_len, bytes_pack, bytes_at, bytes_len) "
			      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", e) < 0)
		return e->code;
	query_number(q, 1, r->pos);
	query_number(q, 2, r->batch);
	query_number(q, 3, r->slot);
	query_number(q, 4, r->status);
	query_place(q, 5, &r->card);
	query_place(q, 8, &r->bytes);
	return query_run(q, e);
}

int sqlite_record(struct catalog *c, uint64_t pos, struct catalog_record *ret, struct error *e)
{
	scoped(query) *q = NULL;
	int rc;

	if (query_open(&q, c, "SELECT * FROM record WHERE pos = ?1", e) < 0)
		return e->code;
	query_number(q, 1, pos);
	rc = query_step(q, e);
	if (rc == 0)
		return error_set(e, E_NOT_FOUND, "catalog: no record %" PRIu64, pos);
	if (rc > 0)
		*ret = record_of(q);
	return rc < 0 ? rc : 0;
}

struct record_walk {
	struct query *q;
	catalog_record_fn *each;
	void *ctx;
};

static int each_record_of_run(void *ctx, uint64_t first, uint64_t last, struct error *e)
{
	struct record_walk *w = ctx;
	int rc;

	query_again(w->q);
	query_number(w->q, 1, first);
	query_number(w->q, 2, last < CATALOG_NUMBER_MAX ? last : CATALOG_NUMBER_MAX);
	while ((rc = query_step(w->q, e)) > 0) {
		struct catalog_record r = record_of(w->q);

		rc = w->each(w->ctx, &r, e);
		if (rc != 0)
			return rc;
	}
	return rc;
}

int sqlite_each_record(struct catalog *c, const struct set *which, catalog_record_fn *each,
		       void *ctx, struct error *e)
{
	struct record_walk w = { .each = each, .ctx = ctx };
	scoped(query) *q = NULL;

	if (query_open(&q, c, "SELECT * FROM record WHERE pos BETWEEN ?1 AND ?2 ORDER BY pos",
		       e) < 0)
		return e->code;
	w.q = q;
	return which ? set_each_run(which, each_record_of_run, &w, e) :
		       each_record_of_run(&w, 0, CATALOG_NUMBER_MAX, e);
}

static const char set_type[] = "rescind set";

static void has(sqlite3_context *ctx, int count, sqlite3_value **args)
{
	const struct set *s = sqlite3_value_pointer(args[0], set_type);

	(void)count;
	sqlite3_result_int(ctx, s && set_has(s, (uint64_t)sqlite3_value_int64(args[1])));
}

int sqlite_records_open(struct sqlite_catalog *c, struct error *e)
{
	int rc = sqlite3_create_function_v2(c->db, "rescind_has", 2,
					    SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL, has, NULL, NULL,
					    NULL);

	return rc == SQLITE_OK ? 0 : sqlite_error(c, rc, e);
}

static int erase_run(void *ctx, uint64_t first, uint64_t last, struct error *e)
{
	struct query *q = ctx;

	query_number(q, 1, first);
	query_number(q, 2, last < CATALOG_NUMBER_MAX ? last : CATALOG_NUMBER_MAX);
	return query_run(q, e);
}

/* Takes all rows away whose column is in the set, by one scan: an index by position would
 * double the table of tags for the sake of this one question. */
static int delete_where_has(struct catalog *c, const char *sql, const struct set *which,
			    struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, sql, e) < 0)
		return e->code;
	/* SQLite hands the pointer through to has() and nowhere else. */
	q->bad = sqlite3_bind_pointer(q->stmt, 1, (void *)(uintptr_t)which, set_type, NULL);
	return query_run(q, e);
}

int sqlite_erase_records(struct catalog *c, const struct set *which, struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "UPDATE record SET status = 2, card_pack = 0, card_at = 0, "
			      "card_len = 0, bytes_pack = 0, bytes_at = 0, bytes_len = 0 "
			      "WHERE pos BETWEEN ?1 AND ?2", e) < 0 ||
	    set_each_run(which, erase_run, q, e) < 0 ||
	    delete_where_has(c, "DELETE FROM tag WHERE rescind_has(?1, pos)", which, e) < 0 ||
	    delete_where_has(c, "DELETE FROM object WHERE kind >= 128 AND rescind_has(?1, owner)",
			     which, e) < 0)
		return e->code;
	return 0;
}

int sqlite_add_tag(struct catalog *c, uint8_t kind, const struct tag *t, uint64_t pos,
		   struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "INSERT OR IGNORE INTO tag(kind, tag, pos) VALUES(?1, ?2, ?3)",
		       e) < 0)
		return e->code;
	query_number(q, 1, kind);
	query_bytes(q, 2, t->b, sizeof(t->b));
	query_number(q, 3, pos);
	return query_run(q, e);
}

int sqlite_has_tag(struct catalog *c, uint8_t kind, const struct tag *t, uint64_t pos, bool *ret,
		   struct error *e)
{
	scoped(query) *q = NULL;
	int rc;

	if (query_open(&q, c, "SELECT 1 FROM tag WHERE kind = ?1 AND tag = ?2 AND pos = ?3", e) < 0)
		return e->code;
	query_number(q, 1, kind);
	query_bytes(q, 2, t->b, sizeof(t->b));
	query_number(q, 3, pos);
	rc = query_step(q, e);
	if (rc < 0)
		return rc;
	*ret = rc > 0;
	return 0;
}

int sqlite_tagged(struct catalog *c, uint8_t kind, const struct tag *t, struct set *add_to,
		  struct error *e)
{
	scoped(query) *q = NULL;
	int rc;

	if (query_open(&q, c, "SELECT pos FROM tag WHERE kind = ?1 AND tag = ?2", e) < 0)
		return e->code;
	query_number(q, 1, kind);
	query_bytes(q, 2, t->b, sizeof(t->b));
	while ((rc = query_step(q, e)) > 0)
		if (set_add(add_to, column_number(q, 0), e) < 0)
			return e->code;
	return rc;
}

int sqlite_each_tag(struct catalog *c, uint8_t kind, catalog_tag_fn *each, void *ctx,
		    struct error *e)
{
	scoped(query) *q = NULL;
	int rc;

	if (query_open(&q, c, "SELECT tag, pos FROM tag WHERE kind = ?1 ORDER BY tag, pos", e) < 0)
		return e->code;
	query_number(q, 1, kind);
	while ((rc = query_step(q, e)) > 0) {
		struct tag t;

		if (column_tag(q, 0, &t, e) < 0)
			return e->code;
		rc = each(ctx, &t, column_number(q, 1), e);
		if (rc != 0)
			return rc;
	}
	return rc;
}

static struct catalog_object object_of(struct query *q)
{
	return (struct catalog_object){
		.kind = (uint8_t)column_number(q, 0),
		.owner = column_number(q, 1),
		.part = column_number(q, 2),
		.slot = column_number(q, 3),
		.at = column_place(q, 4),
	};
}

int sqlite_put_object(struct catalog *c, const struct catalog_object *o, struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "INSERT OR REPLACE INTO object"
			      "(kind, owner, part, slot, pack, at, len) "
			      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)", e) < 0)
		return e->code;
	query_number(q, 1, o->kind);
	query_number(q, 2, o->owner);
	query_number(q, 3, o->part);
	query_number(q, 4, o->slot);
	query_place(q, 5, &o->at);
	return query_run(q, e);
}

int sqlite_object(struct catalog *c, uint8_t kind, uint64_t owner, uint64_t part,
		  struct catalog_object *ret, struct error *e)
{
	scoped(query) *q = NULL;
	int rc;

	if (query_open(&q, c, "SELECT * FROM object WHERE kind = ?1 AND owner = ?2 AND part = ?3",
		       e) < 0)
		return e->code;
	query_number(q, 1, kind);
	query_number(q, 2, owner);
	query_number(q, 3, part);
	rc = query_step(q, e);
	if (rc == 0)
		return error_set(e, E_NOT_FOUND, "catalog: no object %u of %" PRIu64, kind, owner);
	if (rc > 0)
		*ret = object_of(q);
	return rc < 0 ? rc : 0;
}

int sqlite_each_object(struct catalog *c, uint8_t kind, uint64_t owner, catalog_object_fn *each,
		       void *ctx, struct error *e)
{
	scoped(query) *q = NULL;
	int rc;

	/* Of one kind, the owner is found through the key too; a range of kinds would read them all. */
	if (query_open(&q, c, kind ? "SELECT * FROM object WHERE kind = ?1 "
				     "AND owner BETWEEN ?2 AND ?3 ORDER BY kind, owner, part" :
				     "SELECT * FROM object WHERE kind > ?1 "
				     "AND owner BETWEEN ?2 AND ?3 ORDER BY kind, owner, part", e) < 0)
		return e->code;
	query_number(q, 1, kind);
	query_number(q, 2, owner == UINT64_MAX ? 0 : owner);
	query_number(q, 3, owner == UINT64_MAX ? CATALOG_NUMBER_MAX : owner);
	while ((rc = query_step(q, e)) > 0) {
		struct catalog_object o = object_of(q);

		rc = each(ctx, &o, e);
		if (rc != 0)
			return rc;
	}
	return rc;
}

int sqlite_drop_object(struct catalog *c, uint8_t kind, uint64_t owner, uint64_t part,
		       struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "DELETE FROM object WHERE kind = ?1 AND owner = ?2 AND part = ?3",
		       e) < 0)
		return e->code;
	query_number(q, 1, kind);
	query_number(q, 2, owner);
	query_number(q, 3, part);
	return query_run(q, e);
}
