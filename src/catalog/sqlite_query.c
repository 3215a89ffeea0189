#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "catalog/sqlite.h"

int sqlite_cannot_open(struct sqlite_catalog *c, const char *path, struct error *e)
{
	int number = sqlite3_system_errno(c->db);
	char journal[PATH_LEN_MAX];
	uint64_t size;

	if (snprintf(journal, sizeof(journal), "%s-journal", path) >= (int)sizeof(journal))
		return error_set(e, E_RANGE, "%s: path too long", path);
	if (file_size(path, &size, e) < 0 ||
	    (file_exists(journal) && file_size(journal, &size, e) < 0))
		return e->code;
	errno = number;
	return errno ? error_errno(e, "%s", path) :
		       error_set(e, E_IO, "%s: cannot be opened", path);
}

int sqlite_error(struct sqlite_catalog *c, int code, struct error *e)
{
	const char *words = c->db ? sqlite3_errmsg(c->db) : sqlite3_errstr(code);
	int ours = E_IO, system_errno = 0;

	switch (code & 0xff) {
	case SQLITE_NOMEM:
		return error_set(e, E_MEMORY, "catalog: out of memory");
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_set(e, E_CONFLICT, "catalog: held by another process");
	case SQLITE_CONSTRAINT:
		ours = E_CONFLICT;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		c->base.damaged = true;
		ours = E_FORMAT;
		break;
	case SQLITE_ERROR: /* a table or column that should be there is not */
	case SQLITE_SCHEMA:
		ours = E_FORMAT;
		break;
	case SQLITE_TOOBIG:
		ours = E_RANGE;
		break;
	case SQLITE_CANTOPEN:
		if (c->db && sqlite3_db_filename(c->db, "main"))
			return sqlite_cannot_open(c, sqlite3_db_filename(c->db, "main"), e);
		break;
	case SQLITE_IOERR:
		if (c->db)
			system_errno = sqlite3_system_errno(c->db);
		break;
	default:
		break;
	}
	if (system_errno != 0)
		return error_set(e, ours, "catalog: %s: %s", words, strerror(system_errno));
	return error_set(e, ours, "catalog: %s", words);
}

int sqlite_run(struct sqlite_catalog *c, const char *sql, struct error *e)
{
	int rc = sqlite3_exec(c->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : sqlite_error(c, rc, e);
}

/* Where statements of this text rest; NULL when all places are taken. */
static struct query_rest *rest_of(struct sqlite_catalog *c, const char *sql)
{
	size_t at = ((uintptr_t)sql >> 3) * 0x9e3779b1u % QUERIES_MAX;

	for (size_t tries = 0; tries < QUERIES_MAX; tries++, at = (at + 1) % QUERIES_MAX) {
		struct query_rest *r = &c->rests[at];

		if (r->sql == NULL)
			r->sql = sql;
		if (r->sql == sql)
			return r;
	}
	return NULL;
}

int query_open(struct query **ret, struct catalog *base, const char *sql, struct error *e)
{
	struct sqlite_catalog *c = sqlite_of(base);
	struct query_rest *r = rest_of(c, sql);
	struct query *q;
	int rc;

	/* Some errors make SQLite roll back by itself; what follows would then be committed
	 * one by one. */
	if (base->state == CATALOG_WRITING && sqlite3_get_autocommit(c->db))
		return error_set(e, E_IO, "catalog: an earlier error ended the transaction");
	if (r != NULL && r->query != NULL) {
		*ret = r->query;
		r->query = NULL;
		return 0;
	}
	q = calloc(1, sizeof(*q));
	if (q == NULL)
		return error_set(e, E_MEMORY, "catalog: out of memory");
	q->of = c;
	q->sql = sql;
	rc = sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &q->stmt, NULL);
	if (rc != SQLITE_OK) {
		free(q);
		return sqlite_error(c, rc, e);
	}
	*ret = q;
	return 0;
}

void query_end(struct query *q)
{
	struct query_rest *r;

	if (q == NULL)
		return;
	query_again(q); /* what was set stays, but is set anew before it is read */
	r = rest_of(q->of, q->sql);
	if (r != NULL && r->query == NULL) {
		r->query = q;
		return;
	}
	sqlite3_finalize(q->stmt);
	free(q);
}

void query_again(struct query *q)
{
	(void)sqlite3_reset(q->stmt); /* repeats the code of the last step */
	q->bad = SQLITE_OK;
}

static void note(struct query *q, int rc)
{
	if (rc != SQLITE_OK)
		q->bad = rc;
}

void query_number(struct query *q, int n, uint64_t v)
{
	note(q, sqlite3_bind_int64(q->stmt, n, (sqlite3_int64)v));
}

void query_bytes(struct query *q, int n, const void *p, size_t len)
{
	note(q, sqlite3_bind_blob64(q->stmt, n, len ? p : "", len, SQLITE_STATIC));
}

void query_text(struct query *q, int n, const char *text)
{
	note(q, *text ? sqlite3_bind_text(q->stmt, n, text, -1, SQLITE_STATIC) :
			sqlite3_bind_null(q->stmt, n));
}

void query_place(struct query *q, int n, const struct place *at)
{
	query_number(q, n, at->pack);
	query_number(q, n + 1, at->at);
	query_number(q, n + 2, at->len_bytes);
}

int query_step(struct query *q, struct error *e)
{
	int rc = q->bad != SQLITE_OK ? q->bad : sqlite3_step(q->stmt);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE) {
		query_again(q);
		return 0;
	}
	return sqlite_error(q->of, rc, e);
}

int query_run(struct query *q, struct error *e)
{
	int rc = query_step(q, e);

	if (rc > 0)
		query_again(q);
	return rc < 0 ? rc : 0;
}

uint64_t column_number(struct query *q, int n)
{
	return (uint64_t)sqlite3_column_int64(q->stmt, n);
}

int column_bytes(struct query *q, int n, void *ret, size_t len, struct error *e)
{
	const void *p = sqlite3_column_blob(q->stmt, n);

	if (p == NULL || (size_t)sqlite3_column_bytes(q->stmt, n) != len)
		return error_set(e, E_FORMAT, "catalog: a value of another length");
	memcpy(ret, p, len);
	return 0;
}

int column_append(struct query *q, int n, struct buf *out, struct error *e)
{
	const void *p = sqlite3_column_blob(q->stmt, n);
	size_t len = (size_t)sqlite3_column_bytes(q->stmt, n);

	if (len > 0 && p == NULL)
		return error_set(e, E_MEMORY, "catalog: out of memory");
	return len > 0 ? buf_put(out, p, len, e) : 0;
}

const char *column_text(struct query *q, int n)
{
	const void *text = sqlite3_column_text(q->stmt, n);

	return text ? text : "";
}

struct place column_place(struct query *q, int n)
{
	return (struct place){ column_number(q, n), column_number(q, n + 1),
			       column_number(q, n + 2) };
}

int query_each_number(struct query *q, catalog_number_fn *each, void *ctx, struct error *e)
{
	int rc;

	while ((rc = query_step(q, e)) > 0) {
		rc = each(ctx, column_number(q, 0), e);
		if (rc != 0)
			return rc;
	}
	return rc;
}
