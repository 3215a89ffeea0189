#include <inttypes.h>
#include <string.h>

#include "catalog/sqlite.h"
#include "set/container.h"

int sqlite_put_container(struct catalog *c, const struct hash *name,
			 const struct catalog_container *k, const void *bytes, size_t len,
			 struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "INSERT INTO container"
			      "(name, number, slot, root, pack, at, len, bytes) "
			      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", e) < 0)
		return e->code;
	query_bytes(q, 1, name->b, HASH_LEN);
	query_number(q, 2, k->number);
	query_number(q, 3, k->slot);
	query_bytes(q, 4, k->root.b, HASH_LEN);
	query_place(q, 5, &k->at);
	query_bytes(q, 8, bytes, len);
	return query_run(q, e);
}

/* Columns from `from`: number, slot, root, pack, at, len. */
static int container_of(struct query *q, int from, struct catalog_container *ret,
			struct error *e)
{
	struct catalog_container k = {
		.number = column_number(q, from),
		.slot = column_number(q, from + 1),
		.at = column_place(q, from + 3),
	};

	if (column_bytes(q, from + 2, k.root.b, HASH_LEN, e) < 0)
		return e->code;
	*ret = k;
	return 0;
}

int sqlite_container(struct catalog *c, const struct hash *name, struct catalog_container *ret,
		     struct buf *out, struct error *e)
{
	scoped(query) *q = NULL;
	struct catalog_container k;
	int rc;

	if (query_open(&q, c, "SELECT number, slot, root, pack, at, len, bytes FROM container "
			      "WHERE name = ?1", e) < 0)
		return e->code;
	query_bytes(q, 1, name->b, HASH_LEN);
	rc = query_step(q, e);
	if (rc < 0)
		return rc;
	if (rc == 0)
		return error_set(e, E_NOT_FOUND, "catalog: no container %.16s", hash_hex(name).s);
	if (container_of(q, 0, &k, e) < 0 || (out != NULL && column_append(q, 6, out, e) < 0))
		return e->code;
	*ret = k;
	return 0;
}

int sqlite_each_container(struct catalog *c, catalog_container_fn *each, void *ctx,
			  struct error *e)
{
	scoped(query) *q = NULL;
	int rc;

	if (query_open(&q, c, "SELECT name, number, slot, root, pack, at, len FROM container "
			      "ORDER BY name", e) < 0)
		return e->code;
	while ((rc = query_step(q, e)) > 0) {
		struct catalog_container k;
		struct hash name;

		if (column_bytes(q, 0, name.b, HASH_LEN, e) < 0 || container_of(q, 1, &k, e) < 0)
			return e->code;
		rc = each(ctx, &name, &k, e);
		if (rc != 0)
			return rc;
	}
	return rc;
}

int sqlite_move_container(struct catalog *c, const struct hash *name, const struct place *at,
			  struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "UPDATE container SET pack = ?2, at = ?3, len = ?4 WHERE name = ?1",
		       e) < 0)
		return e->code;
	query_bytes(q, 1, name->b, HASH_LEN);
	query_place(q, 2, at);
	if (query_run(q, e) < 0)
		return e->code;
	if (sqlite3_changes(q->of->db) == 0)
		return error_set(e, E_NOT_FOUND, "catalog: no container %.16s", hash_hex(name).s);
	return 0;
}

/* Takes away the containers of a mark from first to the one before end. */
static int drop_containers(struct query *q, uint64_t mark, uint64_t first, uint64_t end,
			   struct error *e)
{
	if (first >= end)
		return 0;
	query_number(q, 1, mark);
	query_number(q, 2, first);
	query_number(q, 3, end - 1);
	return query_run(q, e);
}

/* A row whose bytes are the same is not touched. */
static int put_mark_row(struct query *q, uint64_t mark, uint64_t number, const struct buf *bytes,
			struct error *e)
{
	query_number(q, 1, mark);
	query_number(q, 2, number);
	query_bytes(q, 3, bytes->data, bytes->len);
	return query_run(q, e);
}

int sqlite_mark_put(struct catalog *c, uint64_t mark, const struct set *s, struct error *e)
{
	scoped(query) *put = NULL;
	scoped(query) *drop = NULL;
	scoped(buf) *bytes = NULL;
	uint64_t pos = 0, next = 0;

	if (query_open(&put, c, "INSERT INTO mark(mark, number, bytes) VALUES(?1, ?2, ?3) "
				"ON CONFLICT DO UPDATE SET bytes = excluded.bytes "
				"WHERE bytes <> excluded.bytes", e) < 0 ||
	    query_open(&drop, c, "DELETE FROM mark WHERE mark = ?1 AND number BETWEEN ?2 AND ?3",
		       e) < 0 ||
	    buf_create(&bytes, CONTAINER_BYTES_MAX, e) < 0)
		return e->code;
	/* Empty containers have no row. */
	for (; set_next(s, &pos); pos = next * CONTAINER_POSITIONS) {
		uint64_t number = pos / CONTAINER_POSITIONS;

		buf_clear(bytes);
		if (container_put(s, number, bytes, e) < 0 ||
		    drop_containers(drop, mark, next, number, e) < 0 ||
		    put_mark_row(put, mark, number, bytes, e) < 0)
			return e->code;
		next = number + 1;
	}
	return drop_containers(drop, mark, next, CATALOG_NUMBER_MAX / CONTAINER_POSITIONS + 1, e);
}

int sqlite_mark_get(struct catalog *c, uint64_t mark, struct set *s, struct error *e)
{
	scoped(query) *q = NULL;
	uint64_t end = CATALOG_NUMBER_MAX + 1;
	int rc;

	if (query_open(&q, c, "SELECT number, bytes FROM mark WHERE mark = ?1 ORDER BY number", e) <
	    0)
		return e->code;
	query_number(q, 1, mark);
	while ((rc = query_step(q, e)) > 0) {
		const void *bytes = sqlite3_column_blob(q->stmt, 1);
		size_t len = (size_t)sqlite3_column_bytes(q->stmt, 1);

		if (bytes == NULL)
			return error_set(e, E_FORMAT, "catalog: a mark without bytes");
		if (container_get(s, column_number(q, 0), end, bytes, len, e) < 0)
			return error_wrap(e, "catalog: mark %" PRIu64, mark);
	}
	return rc;
}

int sqlite_add_never(struct catalog *c, const struct tag *t, uint64_t order, struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "INSERT INTO never(tag, owner) VALUES(?1, ?2) ON CONFLICT DO UPDATE "
			      "SET owner = max(owner, excluded.owner)", e) < 0)
		return e->code;
	query_bytes(q, 1, t->b, sizeof(t->b));
	query_number(q, 2, order);
	return query_run(q, e);
}

int sqlite_never(struct catalog *c, const struct tag *t, uint64_t *ret_order, struct error *e)
{
	scoped(query) *q = NULL;
	int rc;

	if (query_open(&q, c, "SELECT owner FROM never WHERE tag = ?1", e) < 0)
		return e->code;
	query_bytes(q, 1, t->b, sizeof(t->b));
	rc = query_step(q, e);
	if (rc < 0)
		return rc;
	*ret_order = rc == 0 ? 0 : column_number(q, 0);
	return 0;
}

int sqlite_drop_never(struct catalog *c, const struct tag *t, struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "DELETE FROM never WHERE tag = ?1", e) < 0)
		return e->code;
	query_bytes(q, 1, t->b, sizeof(t->b));
	return query_run(q, e);
}

int sqlite_each_mark(struct catalog *c, catalog_number_fn *each, void *ctx, struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "SELECT DISTINCT mark FROM mark ORDER BY mark", e) < 0)
		return e->code;
	return query_each_number(q, each, ctx, e);
}

int sqlite_each_never(struct catalog *c, catalog_never_fn *each, void *ctx, struct error *e)
{
	scoped(query) *q = NULL;
	int rc;

	if (query_open(&q, c, "SELECT tag, owner FROM never ORDER BY tag", e) < 0)
		return e->code;
	while ((rc = query_step(q, e)) > 0) {
		struct tag t;

		if (column_bytes(q, 0, t.b, sizeof(t.b), e) < 0)
			return e->code;
		rc = each(ctx, &t, column_number(q, 1), e);
		if (rc != 0)
			return rc;
	}
	return rc;
}
