#include <inttypes.h>
#include <string.h>

#include "catalog/sqlite.h"

/* The one number of a query without rows: 0 and *ret is otherwise. */
static int one_number(struct query *q, uint64_t otherwise, uint64_t *ret, struct error *e)
{
	int rc = query_step(q, e);

	if (rc < 0)
		return rc;
	*ret = rc == 0 ? otherwise : column_number(q, 0);
	return 0;
}

static int one_append(struct query *q, struct buf *out, struct error *e, const char *what)
{
	int rc = query_step(q, e);

	if (rc < 0)
		return rc;
	if (rc == 0)
		return error_set(e, E_NOT_FOUND, "catalog: no %s", what);
	return column_append(q, 0, out, e);
}

int sqlite_set_number(struct catalog *c, const char *name, uint64_t v, struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "INSERT INTO named(name, value) VALUES(?1, ?2) "
			      "ON CONFLICT DO UPDATE SET value = excluded.value", e) < 0)
		return e->code;
	query_text(q, 1, name);
	query_number(q, 2, v);
	return query_run(q, e);
}

int sqlite_number(struct catalog *c, const char *name, uint64_t otherwise, uint64_t *ret,
		  struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "SELECT value FROM named "
			      "WHERE name = ?1 AND typeof(value) = 'integer'", e) < 0)
		return e->code;
	query_text(q, 1, name);
	return one_number(q, otherwise, ret, e);
}

int sqlite_set_bytes(struct catalog *c, const char *name, const void *p, size_t len,
		     struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "INSERT INTO named(name, value) VALUES(?1, ?2) "
			      "ON CONFLICT DO UPDATE SET value = excluded.value", e) < 0)
		return e->code;
	query_text(q, 1, name);
	query_bytes(q, 2, p, len);
	return query_run(q, e);
}

int sqlite_bytes(struct catalog *c, const char *name, struct buf *out, struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "SELECT value FROM named "
			      "WHERE name = ?1 AND typeof(value) = 'blob'", e) < 0)
		return e->code;
	query_text(q, 1, name);
	return one_append(q, out, e, "bytes of this name");
}

int sqlite_fact_count(struct catalog *c, uint64_t *ret, struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "SELECT n + 1 FROM fact ORDER BY n DESC LIMIT 1", e) < 0)
		return e->code;
	return one_number(q, 0, ret, e);
}

int sqlite_add_fact(struct catalog *c, uint64_t n, const void *entry, size_t len,
		    struct error *e)
{
	uint64_t *next = &sqlite_of(c)->next_fact;
	scoped(query) *q = NULL;

	if (*next == 0 && sqlite_fact_count(c, next, e) < 0)
		return e->code;
	if (n != *next)
		return error_set(e, E_CONFLICT,
				 "catalog: fact %" PRIu64 " cannot follow %" PRIu64 " facts", n,
				 *next);
	if (query_open(&q, c, "INSERT INTO fact(n, entry) VALUES(?1, ?2)", e) < 0)
		return e->code;
	query_number(q, 1, n);
	query_bytes(q, 2, entry, len);
	*next = 0;
	if (query_run(q, e) < 0)
		return e->code;
	*next = n + 1;
	return 0;
}

int sqlite_each_fact(struct catalog *c, uint64_t first, uint64_t end, catalog_fact_fn *each,
		     void *ctx, struct error *e)
{
	scoped(query) *q = NULL;
	uint64_t n = first;
	int rc = 0;

	if (query_open(&q, c, "SELECT n, entry FROM fact WHERE n >= ?1 AND n < ?2 ORDER BY n", e) < 0)
		return e->code;
	query_number(q, 1, first);
	query_number(q, 2, end);
	for (; n < end && (rc = query_step(q, e)) > 0; n++) {
		const void *entry = sqlite3_column_blob(q->stmt, 1);
		size_t len = (size_t)sqlite3_column_bytes(q->stmt, 1);

		if (len > 0 && entry == NULL)
			return error_set(e, E_MEMORY, "catalog: out of memory");
		if (column_number(q, 0) != n)
			break;
		rc = each(ctx, n, entry, len, e);
		if (rc != 0)
			return rc;
	}
	if (rc < 0)
		return rc;
	return n < end ? error_set(e, E_RANGE, "catalog: no fact %" PRIu64, n) : 0;
}

int sqlite_fact(struct catalog *c, uint64_t n, struct buf *out, struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "SELECT entry FROM fact WHERE n = ?1", e) < 0)
		return e->code;
	query_number(q, 1, n);
	return one_append(q, out, e, "such fact");
}

int sqlite_commitment_count(struct catalog *c, uint64_t *ret, struct error *e)
{
	scoped(query) *q = NULL;

	/* length() of a blob is read from the head of its row alone. */
	if (query_open(&q, c, "SELECT n * 256 + length(hashes) / 32 FROM commitment "
			      "ORDER BY n DESC LIMIT 1", e) < 0)
		return e->code;
	return one_number(q, 0, ret, e);
}

/* Appends the hashes of row n to row, in which len_bytes of them must be. */
static int read_row(struct catalog *c, uint64_t n, uint8_t *ret, size_t len_bytes,
		    struct error *e)
{
	scoped(query) *q = NULL;
	int rc;

	if (query_open(&q, c, "SELECT hashes FROM commitment WHERE n = ?1", e) < 0)
		return e->code;
	query_number(q, 1, n);
	rc = query_step(q, e);
	if (rc < 0)
		return rc;
	if (rc == 0)
		return error_set(e, E_FORMAT, "catalog: commitments are missing");
	return column_bytes(q, 0, ret, len_bytes, e);
}

static int write_row(struct catalog *c, uint64_t n, const uint8_t *row, size_t len_bytes,
		     struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "INSERT INTO commitment(n, hashes) VALUES(?1, ?2) "
			      "ON CONFLICT DO UPDATE SET hashes = excluded.hashes", e) < 0)
		return e->code;
	query_number(q, 1, n);
	query_bytes(q, 2, row, len_bytes);
	return query_run(q, e);
}

enum { IN_ROW = CATALOG_COMMITMENTS_IN_ROW };

int sqlite_add_commitments(struct catalog *c, uint64_t first, const struct hash *h,
			   uint64_t count, struct error *e)
{
	uint8_t row[IN_ROW * HASH_LEN];
	uint64_t have = 0;

	if (sqlite_commitment_count(c, &have, e) < 0)
		return e->code;
	if (first != have)
		return error_set(e, E_CONFLICT,
				 "catalog: record %" PRIu64 " cannot follow %" PRIu64 " records",
				 first, have);
	if (count > 0 && first % IN_ROW > 0 &&
	    read_row(c, first / IN_ROW, row, first % IN_ROW * HASH_LEN, e) < 0)
		return e->code;
	while (count > 0) {
		size_t old = (size_t)(first % IN_ROW), more = IN_ROW - old;

		if (more > count)
			more = (size_t)count;
		memcpy(row + old * HASH_LEN, h, more * HASH_LEN);
		if (write_row(c, first / IN_ROW, row, (old + more) * HASH_LEN, e) < 0)
			return e->code;
		first += more;
		h += more;
		count -= more;
	}
	return 0;
}

int sqlite_commitments(struct catalog *c, uint64_t first, uint64_t count, struct hash *ret,
		       struct error *e)
{
	uint64_t have = 0, end = first + count;

	if (sqlite_commitment_count(c, &have, e) < 0)
		return e->code;
	if (end < first || end > have)
		return error_set(e, E_RANGE, "catalog: %" PRIu64 " commitments, not so many", have);
	while (first < end) {
		uint8_t row[IN_ROW * HASH_LEN];
		uint64_t n = first / IN_ROW, row_end = (n + 1) * IN_ROW, stop;

		if (row_end > have)
			row_end = have;
		stop = row_end < end ? row_end : end;
		if (read_row(c, n, row, (size_t)(row_end - n * IN_ROW) * HASH_LEN, e) < 0)
			return e->code;
		memcpy(ret, row + first % IN_ROW * HASH_LEN, (size_t)(stop - first) * HASH_LEN);
		ret += stop - first;
		first = stop;
	}
	return 0;
}

int sqlite_add_head(struct catalog *c, int log, uint64_t size, const void *note, size_t len,
		    struct error *e)
{
	scoped(query) *q = NULL;
	int rc;

	/* The same again is fine; RETURNING gives a row when it is there now. */
	if (query_open(&q, c, "INSERT INTO head(log, size, note) VALUES(?1, ?2, ?3) "
			      "ON CONFLICT DO UPDATE SET note = note WHERE note = excluded.note "
			      "RETURNING size", e) < 0)
		return e->code;
	query_number(q, 1, (uint64_t)log);
	query_number(q, 2, size);
	query_bytes(q, 3, note, len);
	rc = query_step(q, e);
	if (rc == 0)
		return error_set(e, E_CONFLICT,
				 "catalog: log %d has another head of size %" PRIu64, log, size);
	return rc < 0 ? rc : query_run(q, e);
}

int sqlite_head(struct catalog *c, int log, uint64_t size, struct buf *out, struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "SELECT note FROM head WHERE log = ?1 AND size <= ?2 AND size >= ?3 "
			      "ORDER BY size DESC LIMIT 1", e) < 0)
		return e->code;
	query_number(q, 1, (uint64_t)log);
	query_number(q, 2, size == UINT64_MAX ? CATALOG_NUMBER_MAX : size);
	query_number(q, 3, size == UINT64_MAX ? 0 : size);
	return one_append(q, out, e, "such head");
}

int sqlite_each_head(struct catalog *c, int log, catalog_number_fn *each, void *ctx, struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, "SELECT size FROM head WHERE log = ?1 ORDER BY size", e) < 0)
		return e->code;
	query_number(q, 1, (uint64_t)log);
	return query_each_number(q, each, ctx, e);
}
