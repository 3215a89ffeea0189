#include "catalog/vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/test.h"

static struct error e;

static const char *fresh_path(void)
{
	static char path[PATH_LEN_MAX];

	check_ok(path_join(path, test_folder(), "db", &e));
	return path;
}

static sqlite3 *opened(const char *path)
{
	sqlite3 *db = NULL;

	check_ok(vfs_register(&e));
	check(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
			      SQLITE_OPEN_EXRESCODE, VFS_NAME) == SQLITE_OK);
	return db;
}

static int run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static void ok(sqlite3 *db, const char *sql)
{
	if (run(db, sql) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

/* The first value of the first row. */
static const char *ask(sqlite3 *db, const char *sql)
{
	static char text[200];
	sqlite3_stmt *stmt = NULL;

	*text = 0;
	check(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		snprintf(text, sizeof(text), "%s", (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return text;
}

static void expect(sqlite3 *db, const char *sql, const char *value)
{
	assert_string_equal(ask(db, sql), value);
}

static sqlite3 *with_rows(const char *path)
{
	sqlite3 *db = opened(path);

	ok(db, "CREATE TABLE t(n INTEGER PRIMARY KEY, v)");
	ok(db, "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 3000) "
	       "INSERT INTO t SELECT n, randomblob(50) FROM c");
	return db;
}

TEST(a_database_written_here_is_sound_for_sqlite_s_own_files_and_the_other_way_round)
{
	static const char *const modes[] = { "DELETE", "TRUNCATE", "PERSIST" };

	for (size_t i = 0; i < COUNT_OF(modes); i++) {
		const char *path = fresh_path();
		sqlite3 *db = with_rows(path);
		char sql[60];

		snprintf(sql, sizeof(sql), "PRAGMA journal_mode = %s", modes[i]);
		ok(db, sql);
		ok(db, "UPDATE t SET v = zeroblob(n % 300)");
		sqlite3_close(db);
		check(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
		expect(db, "PRAGMA integrity_check", "ok");
		expect(db, "SELECT count(*) FROM t", "3000");
		ok(db, "DELETE FROM t WHERE n % 2");
		sqlite3_close(db);
		db = opened(path);
		expect(db, "PRAGMA integrity_check", "ok");
		expect(db, "SELECT sum(length(v)) FROM t", "223500");
		sqlite3_close(db);
	}
}

TEST(there_is_no_wal_no_mapping_and_no_temporary_file)
{
	sqlite3 *db = with_rows(fresh_path());

	expect(db, "PRAGMA journal_mode = WAL", "delete");
	expect(db, "PRAGMA mmap_size = 1000000", "");
	ok(db, "PRAGMA temp_store = FILE; PRAGMA cache_size = 1; PRAGMA cache_spill = 1;");
	ok(db, "CREATE TEMP TABLE x(v)");
	check(run(db, "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 9000) "
		      "INSERT INTO x SELECT randomblob(4000) FROM c") == SQLITE_CANTOPEN);
	sqlite3_close(db);
}

/* Both handles are in this process, where classic POSIX locks would let them pass each other. */
TEST(two_handles_exclude_each_other_by_sqlite_s_rules)
{
	const char *path = fresh_path();
	sqlite3 *a = with_rows(path), *b = opened(path);

	ok(a, "BEGIN; SELECT * FROM t LIMIT 1");
	ok(b, "BEGIN; SELECT * FROM t LIMIT 1"); /* readers together */
	ok(b, "DELETE FROM t WHERE n = 1");	  /* RESERVED beside a reader */
	check(run(a, "DELETE FROM t WHERE n = 2") == SQLITE_BUSY);
	check(run(b, "COMMIT") == SQLITE_BUSY); /* PENDING, while a reads */
	expect(a, "SELECT count(*) FROM t", "3000");
	{
		sqlite3 *late = opened(path);

		check(run(late, "SELECT * FROM t") == SQLITE_BUSY); /* nobody new */
		sqlite3_close(late);
	}
	ok(a, "ROLLBACK");
	ok(b, "COMMIT");
	expect(a, "SELECT count(*) FROM t", "2999");
	ok(a, "BEGIN EXCLUSIVE");
	check(run(b, "SELECT * FROM t") == SQLITE_BUSY);
	ok(a, "ROLLBACK");
	ok(b, "SELECT * FROM t LIMIT 1");
	sqlite3_close(a);
	sqlite3_close(b);
}

TEST(the_locks_are_where_sqlite_s_own_files_have_them)
{
	const char *path = fresh_path();
	sqlite3 *a = with_rows(path), *b = NULL;

	check(sqlite3_open_v2(path, &b, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
	ok(a, "BEGIN IMMEDIATE");
	check(run(b, "BEGIN IMMEDIATE") == SQLITE_BUSY);
	ok(b, "SELECT * FROM t LIMIT 1");
	ok(a, "COMMIT; BEGIN EXCLUSIVE");
	check(run(b, "SELECT * FROM t LIMIT 1") == SQLITE_BUSY);
	ok(a, "ROLLBACK");
	ok(b, "BEGIN EXCLUSIVE");
	check(run(a, "SELECT * FROM t LIMIT 1") == SQLITE_BUSY);
	sqlite3_close(b);
	sqlite3_close(a);
}

TEST(a_link_leads_to_the_file_itself_and_its_journal)
{
	const char *path = fresh_path();
	char link[PATH_LEN_MAX + 8];
	sqlite3 *a = with_rows(path), *b;

	snprintf(link, sizeof(link), "%s.link", path);
	check(symlink(path, link) == 0);
	b = opened(link);
	assert_string_equal(sqlite3_db_filename(a, "main"), sqlite3_db_filename(b, "main"));
	ok(a, "BEGIN IMMEDIATE");
	check(run(b, "BEGIN IMMEDIATE") == SQLITE_BUSY);
	sqlite3_close(a);
	sqlite3_close(b);
}

TEST(a_journal_that_is_a_link_is_not_followed)
{
	const char *path = fresh_path();
	sqlite3 *db = with_rows(path);
	char journal[PATH_LEN_MAX + 16], victim[PATH_LEN_MAX + 16];
	uint64_t size;

	snprintf(journal, sizeof(journal), "%s-journal", path);
	snprintf(victim, sizeof(victim), "%s.victim", path);
	check_ok(file_write(victim, "precious", 8, 0600, &e));
	(void)unlink(journal);
	check(symlink(victim, journal) == 0);
	check(run(db, "DELETE FROM t") != SQLITE_OK);
	check_ok(file_size(victim, &size, &e));
	check(size == 8);
	sqlite3_close(db);
}

TEST(a_journal_that_is_a_pipe_is_not_waited_for)
{
	const char *path = fresh_path();
	sqlite3 *db = with_rows(path);
	char journal[PATH_LEN_MAX + 16];

	sqlite3_close(db);
	snprintf(journal, sizeof(journal), "%s-journal", path);
	(void)unlink(journal);
	check(mkfifo(journal, 0600) == 0);
	db = opened(path);
	check((run(db, "SELECT n FROM t") & 0xff) == SQLITE_CANTOPEN);
	sqlite3_close(db);
}

TEST(a_file_that_was_moved_away_is_not_written)
{
	const char *path = fresh_path();
	sqlite3 *db = with_rows(path);
	char moved[PATH_LEN_MAX + 8];

	snprintf(moved, sizeof(moved), "%s.moved", path);
	check(rename(path, moved) == 0);
	check(run(db, "DELETE FROM t") == SQLITE_READONLY_DBMOVED);
	sqlite3_close(db);
}

static int read_only_open(const char *path, int flags, mode_t mode)
{
	if (flags & (O_RDWR | O_CREAT)) {
		errno = EROFS;
		return -1;
	}
	return sys_real.open(path, flags, mode);
}

TEST(a_file_that_may_only_be_read_is_read)
{
	const char *path = fresh_path();
	struct sys table = sys_real;
	sqlite3 *db = with_rows(path);

	sqlite3_close(db);
	table.open = read_only_open;
	sys = &table;
	db = opened(path);
	expect(db, "SELECT count(*) FROM t", "3000");
	check((run(db, "DELETE FROM t") & 0xff) == SQLITE_READONLY);
	sqlite3_close(db);
	sys = &sys_real;
}

static unsigned folder_syncs;

static int count_folder_syncs(int fd)
{
	struct stat st;

	check(sys_real.fstat(fd, &st) == 0);
	folder_syncs += S_ISDIR(st.st_mode);
	return sys_real.fsync(fd);
}

/* A journal whose name a power cut could take away would leave half a transaction. */
TEST(the_name_of_a_journal_is_synced_once_for_each_journal_and_handle)
{
	const char *path = fresh_path();
	struct sys table = sys_real;
	char journal[PATH_LEN_MAX + 16], spare[PATH_LEN_MAX + 16];
	sqlite3 *db = with_rows(path), *other;

	snprintf(journal, sizeof(journal), "%s-journal", path);
	snprintf(spare, sizeof(spare), "%s.spare", path);
	table.fsync = count_folder_syncs;
	sys = &table;
	folder_syncs = 0;
	ok(db, "PRAGMA journal_mode = TRUNCATE; DELETE FROM t WHERE n = 1; DELETE FROM t WHERE n = 2");
	check(folder_syncs == 1);
	ok(db, "DELETE FROM t WHERE n = 3");
	check(folder_syncs == 1);
	/* Another in its place, of a name that nobody has synced. */
	check(unlink(journal) == 0);
	ok(db, "DELETE FROM t WHERE n = 4");
	check(folder_syncs == 2);
	check(rename(journal, spare) == 0);
	ok(db, "DELETE FROM t WHERE n = 5; DELETE FROM t WHERE n = 6");
	check(folder_syncs == 3);
	other = opened(path);
	ok(other, "PRAGMA journal_mode = TRUNCATE; DELETE FROM t WHERE n = 7");
	check(folder_syncs == 5); /* its database's name too */
	ok(db, "DELETE FROM t WHERE n = 8");
	check(folder_syncs == 5);
	sqlite3_close(other);
	sqlite3_close(db);
	sys = &sys_real;
}

static uint64_t fixed_now(void)
{
	return 1395144000123;
}

static int fixed_random(void *p, size_t len)
{
	memset(p, 0x5a, len);
	return 0;
}

static ssize_t half_pread(int fd, void *p, size_t len, off_t at)
{
	static unsigned turn;

	if (++turn % 3 == 0) {
		errno = EINTR;
		return -1;
	}
	return sys_real.pread(fd, p, len > 1 ? len / 2 : len, at);
}

static ssize_t half_pwrite(int fd, const void *p, size_t len, off_t at)
{
	static unsigned turn;

	if (++turn % 3 == 0) {
		errno = EINTR;
		return -1;
	}
	return sys_real.pwrite(fd, p, len > 1 ? len / 2 : len, at);
}

TEST(time_comes_from_the_table_and_short_reads_and_writes_are_finished)
{
	struct sys table = sys_real;
	sqlite3 *db;

	table.now_utc_ms = fixed_now;
	table.random = fixed_random;
	table.pread = half_pread;
	table.pwrite = half_pwrite;
	sys = &table;
	db = with_rows(fresh_path());
	expect(db, "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')", "2014-03-18 12:00:00.123");
	expect(db, "PRAGMA integrity_check", "ok");
	sqlite3_close(db);
	sys = &sys_real;
}

TEST(what_lies_beyond_the_end_reads_as_zeros)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(VFS_NAME);
	sqlite3_file *f = calloc(1, (size_t)vfs->szOsFile);
	uint8_t bytes[8];
	int flags = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

	check(vfs->xOpen(vfs, fresh_path(), f, flags, &flags) == SQLITE_OK);
	check(f->pMethods->xWrite(f, "abcdef", 6, 0) == SQLITE_OK);
	check(f->pMethods->xRead(f, bytes, 6, 0) == SQLITE_OK);
	memset(bytes, 'x', sizeof(bytes));
	check(f->pMethods->xRead(f, bytes, 8, 3) == SQLITE_IOERR_SHORT_READ);
	assert_memory_equal(bytes, "def\0\0\0\0\0", 8);
	check(f->pMethods->xClose(f) == SQLITE_OK);
	free(f);
}

static int low_open(const char *path, int flags, mode_t mode)
{
	int fd = sys_real.open(path, flags, mode), low = fd < 0 ? fd : dup2(fd, 0);

	if (fd > 0)
		(void)sys_real.close(fd);
	return low;
}

/* With the standard streams closed, what somebody prints would land in the database. */
TEST(a_descriptor_of_a_standard_stream_is_refused)
{
	struct sys table = sys_real;
	sqlite3 *db = NULL;
	int kept = dup(0);

	check_ok(vfs_register(&e));
	table.open = low_open;
	sys = &table;
	check(sqlite3_open_v2(fresh_path(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			      VFS_NAME) == SQLITE_CANTOPEN);
	sys = &sys_real;
	sqlite3_close(db);
	if (kept >= 0) {
		check(dup2(kept, 0) == 0);
		(void)close(kept);
	}
}
TEST_MAIN("catalog-vfs")
