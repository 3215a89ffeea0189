#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/sys.h"
#include "catalog/sqlite.h"
#include "catalog/vfs.h"

/* "Rscd"; each later format has the next letter, so that the number stands twice: one that rotted is no
 * newer program's. */
enum { APPLICATION_ID = 0x52736364, FORMAT = 1, BUSY_MS = 5000 };

/* A truncated journal is as gone as a deleted one, and unlike that, SQLite syncs it so before
 * a commit returns; a deleted one would need synchronous=EXTRA for the same promise. */
static const char settings[] = "PRAGMA page_size = 8192;"
			       "PRAGMA auto_vacuum = NONE;"
			       "PRAGMA journal_mode = TRUNCATE;"
			       "PRAGMA synchronous = FULL;"
			       "PRAGMA secure_delete = ON;"
			       "PRAGMA foreign_keys = OFF;"
			       "PRAGMA temp_store = MEMORY;"
			       "PRAGMA cell_size_check = ON;"
			       "PRAGMA cache_size = -16384;";

/* Of a record with one commitment and four tags, the tags are two thirds: 16 bytes of tag and
 * 8 around it, in pages that random order keeps two thirds full. */
static const char schema[] =
	"CREATE TABLE named(name TEXT PRIMARY KEY NOT NULL, value) WITHOUT ROWID;"
	"CREATE TABLE fact(n INTEGER PRIMARY KEY, entry BLOB NOT NULL);"
	"CREATE TABLE commitment(n INTEGER PRIMARY KEY, hashes BLOB NOT NULL);"
	"CREATE TABLE head(log INTEGER, size INTEGER, note BLOB NOT NULL,"
	" PRIMARY KEY(log, size)) WITHOUT ROWID;"
	"CREATE TABLE record(pos INTEGER PRIMARY KEY, batch INTEGER, slot INTEGER,"
	" status INTEGER, card_pack INTEGER, card_at INTEGER, card_len INTEGER,"
	" bytes_pack INTEGER, bytes_at INTEGER, bytes_len INTEGER);"
	"CREATE TABLE tag(kind INTEGER, tag BLOB, pos INTEGER,"
	" PRIMARY KEY(kind, tag, pos)) WITHOUT ROWID;"
	"CREATE TABLE object(kind INTEGER, owner INTEGER, part INTEGER, slot INTEGER,"
	" pack INTEGER, at INTEGER, len INTEGER, PRIMARY KEY(kind, owner, part)) WITHOUT ROWID;"
	"CREATE TABLE thing(kind INTEGER, id INTEGER, name TEXT, tag BLOB, owner INTEGER,"
	" fact INTEGER, state INTEGER, body TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;"
	"CREATE UNIQUE INDEX thing_name ON thing(kind, name) WHERE name IS NOT NULL;"
	"CREATE INDEX thing_tag ON thing(kind, tag) WHERE tag IS NOT NULL;"
	"CREATE INDEX thing_owner ON thing(kind, owner);"
	"CREATE TABLE container(name BLOB PRIMARY KEY NOT NULL, number INTEGER, slot INTEGER,"
	" root BLOB, pack INTEGER, at INTEGER, len INTEGER, bytes BLOB) WITHOUT ROWID;"
	"CREATE TABLE mark(mark INTEGER, number INTEGER, bytes BLOB NOT NULL,"
	" PRIMARY KEY(mark, number)) WITHOUT ROWID;"
	"CREATE TABLE never(tag BLOB PRIMARY KEY NOT NULL, owner INTEGER) WITHOUT ROWID;";

static int pragma_number(struct catalog *c, const char *sql, int64_t *ret, struct error *e)
{
	scoped(query) *q = NULL;
	int rc;

	if (query_open(&q, c, sql, e) < 0)
		return e->code;
	rc = query_step(q, e);
	if (rc < 0)
		return rc;
	*ret = rc == 0 ? 0 : (int64_t)column_number(q, 0);
	return 0;
}

/* *ret_empty: nothing was ever committed to it. Otherwise it is ours, and of our format. */
static int look(struct catalog *c, bool *ret_empty, struct error *e)
{
	int64_t id = 0, format = 0, tables = 0;

	if (pragma_number(c, "PRAGMA application_id", &id, e) < 0 ||
	    pragma_number(c, "PRAGMA user_version", &format, e) < 0 ||
	    pragma_number(c, "SELECT count(*) FROM sqlite_schema", &tables, e) < 0)
		return e->code;
	*ret_empty = id == 0 && format == 0 && tables == 0;
	if (*ret_empty)
		return 0;
	if (format > FORMAT && id - APPLICATION_ID == format - FORMAT)
		return error_set(e, E_RANGE,
				 "catalog has format %" PRId64 ", this program knows %d: use a "
				 "newer one", format, FORMAT);
	if (id != APPLICATION_ID || format != FORMAT)
		return error_set(e, E_FORMAT, "not a catalog");
	return 0;
}

static int create_schema(struct sqlite_catalog *c, struct error *e)
{
	char numbers[96];

	sqlite3_snprintf(sizeof(numbers), numbers,
			 "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID,
			 FORMAT);
	if (sqlite_run(c, schema, e) < 0)
		return e->code;
	return sqlite_run(c, numbers, e);
}

static int sqlite_commit(struct catalog *base, struct error *e);
static void sqlite_rollback(struct catalog *base);

static int make_or_know(struct sqlite_catalog *c, bool create, struct error *e)
{
	bool empty;

	if (look(&c->base, &empty, e) < 0)
		return e->code;
	if (!empty)
		return 0;
	if (!create)
		return error_set(e, E_NOT_FOUND, "catalog is empty");
	if (sqlite_run(c, "BEGIN IMMEDIATE", e) < 0)
		return e->code;
	/* Somebody else may have made it while we waited. */
	if (look(&c->base, &empty, e) < 0 || (empty && create_schema(c, e) < 0)) {
		sqlite_rollback(&c->base);
		return e->code;
	}
	return sqlite_commit(&c->base, e);
}

/* The file may come from anywhere: nothing in it may make SQLite do more than read rows. */
static void harden(sqlite3 *db)
{
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, CATALOG_BLOB_MAX + 65536);
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 1); /* VACUUM needs one */
	sqlite3_busy_timeout(db, BUSY_MS);
}

static void sqlite_close(struct catalog *base)
{
	struct sqlite_catalog *c = sqlite_of(base);

	for (size_t i = 0; i < QUERIES_MAX; i++)
		if (c->rests[i].query != NULL) {
			sqlite3_finalize(c->rests[i].query->stmt);
			free(c->rests[i].query);
		}
	sqlite3_close(c->db);
	free(c);
}

static void sqlite_handle_end(struct sqlite_catalog *c)
{
	if (c != NULL)
		sqlite_close(&c->base);
}
SCOPED(sqlite_catalog, sqlite_handle_end);

static int sqlite_open(struct catalog **ret, const char *path, bool create, struct error *e)
{
	scoped(sqlite_catalog) *c = calloc(1, sizeof(*c));
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, rc;

	if (c == NULL)
		return error_set(e, E_MEMORY, "catalog: out of memory");
	if (vfs_register(e) < 0)
		return e->code;
	rc = sqlite3_open_v2(path, &c->db, flags | (create ? SQLITE_OPEN_CREATE : 0), VFS_NAME);
	if ((rc & 0xff) == SQLITE_CANTOPEN && c->db != NULL)
		return sqlite_cannot_open(c, path, e);
	if (rc != SQLITE_OK)
		return sqlite_error(c, rc, e);
	harden(c->db);
	if (sqlite_run(c, settings, e) < 0 || sqlite_records_open(c, e) < 0 ||
	    make_or_know(c, create, e) < 0)
		return error_wrap(e, "%s", path);
	*ret = &c->base;
	c = NULL;
	return 0;
}

static int sqlite_begin(struct catalog *base, struct error *e)
{
	struct sqlite_catalog *c = sqlite_of(base);

	c->next_fact = 0;
	return sqlite_run(c, "BEGIN IMMEDIATE", e);
}

/* SQLite takes the view with the first row that is read. */
static int sqlite_begin_read(struct catalog *base, struct error *e)
{
	struct sqlite_catalog *c = sqlite_of(base);

	if (sqlite_run(c, "BEGIN", e) < 0)
		return e->code;
	if (sqlite_run(c, "SELECT 1 FROM sqlite_schema LIMIT 1", e) == 0)
		return 0;
	sqlite_rollback(base);
	return e->code;
}

static int sqlite_commit(struct catalog *base, struct error *e)
{
	struct sqlite_catalog *c = sqlite_of(base);

	if (sqlite3_get_autocommit(c->db))
		return error_set(e, E_IO, "catalog: an earlier error ended the transaction");
	if (sqlite_run(c, "COMMIT", e) == 0)
		return 0;
	sqlite_rollback(base);
	return e->code;
}

static int hold(struct sqlite_catalog *c, int op, int *arg, struct error *e)
{
	int rc = sqlite3_file_control(c->db, "main", op, arg);

	return rc == SQLITE_OK ? 0 : sqlite_error(c, rc, e);
}

static int sqlite_settle(struct catalog *base, uint64_t device, struct error *e)
{
	struct sqlite_catalog *c = sqlite_of(base);
	struct stat st;
	int fd = -1;

	if (hold(c, VFS_HELD, &fd, e) < 0)
		return e->code;
	if (fd >= 0 && (device == 0 || sys->fstat(fd, &st) < 0 || (uint64_t)st.st_dev != device) &&
	    fd_sync(fd, sqlite3_db_filename(c->db, "main"), e) < 0)
		return e->code;
	return hold(c, VFS_RELEASE, NULL, e);
}

static int sqlite_commit_held(struct catalog *base, struct error *e)
{
	struct sqlite_catalog *c = sqlite_of(base);
	struct error why = { 0 };

	if (hold(c, VFS_HOLD, NULL, e) == 0 && sqlite_commit(base, e) == 0)
		return 0;
	(void)sqlite_settle(base, 0, &why);
	return e->code;
}

static int sqlite_steady(struct catalog *base, struct error *e)
{
	struct sqlite_catalog *c = sqlite_of(base);
	const char *path = sqlite3_filename_journal(sqlite3_db_filename(c->db, "main"));
	int fd = file_open(path, O_RDONLY | O_NOFOLLOW, 0, NULL, e), code;

	if (fd == E_NOT_FOUND) {
		error_clear(e);
		return 0;
	}
	if (fd < 0)
		return fd;
	code = fd_sync(fd, path, e);
	sys->close(fd);
	return code;
}

static void sqlite_rollback(struct catalog *base)
{
	struct sqlite_catalog *c = sqlite_of(base);

	if (!sqlite3_get_autocommit(c->db))
		(void)sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
}

static int sqlite_compact(struct catalog *base, struct error *e)
{
	return sqlite_run(sqlite_of(base), "VACUUM", e);
}

struct problems {
	void (*tell)(void *ctx, const char *line);
	void *ctx;
	uint64_t count;
};

/* SQLite puts a title and several problems into one value, line by line. */
static void tell_lines(struct problems *p, const char *text)
{
	char line[512];

	for (size_t len; *text != 0; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		sqlite3_snprintf(sizeof(line), line, "%.*s", (int)(len < 511 ? len : 511), text);
		if (len == 0 || strncmp(line, "*** ", 4) == 0 || strcmp(line, "ok") == 0)
			continue;
		p->tell(p->ctx, line);
		p->count++;
	}
}

static int tell_rows(struct catalog *c, const char *sql, struct problems *p, struct error *e)
{
	scoped(query) *q = NULL;
	int rc;

	if (query_open(&q, c, sql, e) < 0)
		return e->code;
	while ((rc = query_step(q, e)) > 0)
		tell_lines(p, column_text(q, 0));
	return rc;
}

/* What SQLite cannot know; asked only of a database that is sound. */
static const char *const own_checks[] = {
	"SELECT 'facts are missing' FROM (SELECT count(*) AS have, max(n) AS last FROM fact) "
	"WHERE have <> last + 1",
	"SELECT 'commitments are missing' FROM "
	"(SELECT count(*) AS have, max(n) AS last FROM commitment) WHERE have <> last + 1",
	"SELECT 'commitments from ' || n * 256 || ' on: a row of another length' FROM commitment "
	"WHERE length(hashes) % 32 <> 0 OR length(hashes) NOT BETWEEN 32 AND 8192 OR "
	"(length(hashes) < 8192 AND n < (SELECT max(n) FROM commitment)) LIMIT 100",
};

static int sqlite_check(struct catalog *c, void (*tell)(void *ctx, const char *line), void *ctx,
			uint64_t *ret_problems, struct error *e)
{
	struct problems p = { .tell = tell, .ctx = ctx };

	if (tell_rows(c, "PRAGMA integrity_check(100)", &p, e) < 0) {
		if (e->code != E_FORMAT)
			return e->code;
		tell_lines(&p, e->text); /* too damaged to be walked */
		error_clear(e);
	}
	for (size_t i = 0; p.count == 0 && i < COUNT_OF(own_checks); i++)
		if (tell_rows(c, own_checks[i], &p, e) < 0)
			return e->code;
	*ret_problems = p.count;
	return 0;
}

const struct catalog_backend catalog_sqlite = {
	.open = sqlite_open,
	.close = sqlite_close,
	.begin = sqlite_begin,
	.begin_read = sqlite_begin_read,
	.commit = sqlite_commit,
	.commit_held = sqlite_commit_held,
	.settle = sqlite_settle,
	.steady = sqlite_steady,
	.rollback = sqlite_rollback,
	.set_number = sqlite_set_number,
	.number = sqlite_number,
	.set_bytes = sqlite_set_bytes,
	.bytes = sqlite_bytes,
	.add_fact = sqlite_add_fact,
	.fact = sqlite_fact,
	.fact_count = sqlite_fact_count,
	.each_fact = sqlite_each_fact,
	.add_commitments = sqlite_add_commitments,
	.commitments = sqlite_commitments,
	.commitment_count = sqlite_commitment_count,
	.add_head = sqlite_add_head,
	.head = sqlite_head,
	.each_head = sqlite_each_head,
	.put_record = sqlite_put_record,
	.record = sqlite_record,
	.each_record = sqlite_each_record,
	.erase_records = sqlite_erase_records,
	.add_tag = sqlite_add_tag,
	.has_tag = sqlite_has_tag,
	.tagged = sqlite_tagged,
	.each_tag = sqlite_each_tag,
	.put_object = sqlite_put_object,
	.object = sqlite_object,
	.each_object = sqlite_each_object,
	.drop_object = sqlite_drop_object,
	.put_thing = sqlite_put_thing,
	.thing = sqlite_thing,
	.thing_named = sqlite_thing_named,
	.each_thing = sqlite_each_thing,
	.each_thing_tagged = sqlite_each_thing_tagged,
	.next_id = sqlite_next_id,
	.put_container = sqlite_put_container,
	.container = sqlite_container,
	.each_container = sqlite_each_container,
	.move_container = sqlite_move_container,
	.mark_put = sqlite_mark_put,
	.mark_get = sqlite_mark_get,
	.each_mark = sqlite_each_mark,
	.add_never = sqlite_add_never,
	.never = sqlite_never,
	.drop_never = sqlite_drop_never,
	.each_never = sqlite_each_never,
	.compact = sqlite_compact,
	.check = sqlite_check,
};
