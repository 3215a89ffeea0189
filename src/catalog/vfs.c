#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "base/file.h"
#include "base/sys.h"
#include "catalog/vfs.h"

/* SQLite's lock bytes, at 1 GiB; the page that holds them is never used:
 *
 *	PENDING  RESERVED  SHARED x 510
 *	   w        w      r: SHARED   w: EXCLUSIVE
 *
 * PENDING is also held for a moment on the way to SHARED, so that a writer that waits for
 * readers to leave sees no new ones come. */
enum { PENDING_AT = 0x40000000, RESERVED_AT, SHARED_AT, SHARED_LEN = 510, SECTOR_BYTES = 4096 };

struct vfs_file {
	sqlite3_file base;
	int fd;
	int level;	   /* SQLITE_LOCK_* */
	int last_errno;
	bool folder_unsynced; /* its name may not be durable yet */
	bool main_db;
	bool name_durable;     /* a journal's, as we know */
	struct vfs_file *of;   /* a journal's database */
	int journal_fd;	   /* of a database: the last journal whose name is durable, or -1 */
	bool holds;	   /* of a database: VFS_HOLD */
	int held_fd;	   /* of a database: a journal whose end is not durable, or -1 */
	int said;	   /* meanwhile: the level that SQLite knows of; others stay out */
	const char *path; /* lent by SQLite while it is open */
};

static struct vfs_file *file_of(sqlite3_file *f)
{
	return (struct vfs_file *)(void *)f;
}

static int failed(struct vfs_file *f, int code)
{
	f->last_errno = errno;
	return errno == ENOSPC || errno == EDQUOT ? SQLITE_FULL : code;
}

/* SQLite opens the journal for each transaction, and leaves it there, empty. Kept open, no other file
 * can have its inode, and the next time its folder need not be synced again. */
static bool same_journal(const struct vfs_file *f)
{
	struct stat kept, now;

	return f->of != NULL && f->of->journal_fd >= 0 && sys->fstat(f->of->journal_fd, &kept) == 0 &&
	       sys->fstat(f->fd, &now) == 0 && kept.st_nlink > 0 && kept.st_ino == now.st_ino &&
	       kept.st_dev == now.st_dev;
}

static void keep_journal(struct vfs_file *f)
{
	int older = f->of->journal_fd;

	f->of->journal_fd = f->fd;
	f->fd = older;
}

static int vfs_close(sqlite3_file *file)
{
	struct vfs_file *f = file_of(file);
	int fd;

	if (f->name_durable)
		keep_journal(f);
	if (f->journal_fd >= 0)
		(void)sys->close(f->journal_fd);
	f->journal_fd = -1;
	fd = f->fd;
	f->fd = -1;
	if (fd < 0)
		return SQLITE_OK;
	/* The locks go with the description. Nothing unsynced that matters is left here. */
	return sys->close(fd) < 0 && errno != EINTR ? failed(f, SQLITE_IOERR_CLOSE) : SQLITE_OK;
}

static int vfs_read(sqlite3_file *file, void *p, int len, sqlite3_int64 at)
{
	struct vfs_file *f = file_of(file);
	uint8_t *to = p;
	size_t left = (size_t)len;

	while (left > 0) {
		ssize_t n = sys->pread(f->fd, to, left, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return failed(f, SQLITE_IOERR_READ);
		if (n == 0) { /* SQLite wants zeros beyond the end */
			memset(to, 0, left);
			return SQLITE_IOERR_SHORT_READ;
		}
		to += n;
		at += n;
		left -= (size_t)n;
	}
	return SQLITE_OK;
}

static int vfs_write(sqlite3_file *file, const void *p, int len, sqlite3_int64 at)
{
	struct vfs_file *f = file_of(file);
	const uint8_t *from = p;
	size_t left = (size_t)len;

	while (left > 0) {
		ssize_t n = sys->pwrite(f->fd, from, left, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ENOSPC;
		if (n <= 0)
			return failed(f, SQLITE_IOERR_WRITE);
		from += n;
		at += n;
		left -= (size_t)n;
	}
	return SQLITE_OK;
}

static int vfs_truncate(sqlite3_file *file, sqlite3_int64 len)
{
	struct vfs_file *f = file_of(file);
	int rc;

	do
		rc = sys->ftruncate(f->fd, (off_t)len);
	while (rc < 0 && errno == EINTR);
	return rc < 0 ? failed(f, SQLITE_IOERR_TRUNCATE) : SQLITE_OK;
}

/* Makes the names in the folder of path durable. */
static int sync_folder(const char *path)
{
	char folder[PATH_LEN_MAX];
	const char *slash = strrchr(path, '/');
	int fd, rc, kept;

	if (slash == NULL || (size_t)(slash - path) >= sizeof(folder) - 1)
		return -1;
	memcpy(folder, path, (size_t)(slash - path));
	strcpy(folder + (slash - path), slash == path ? "/" : "");
	fd = sys->open(folder, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return -1;
	rc = sys->fsync(fd);
	kept = errno;
	(void)sys->close(fd);
	errno = kept;
	return rc;
}

/* Is this the end of a journal that somebody else makes durable? */
static bool ends_held(const struct vfs_file *f)
{
	struct stat st;

	return f->of != NULL && f->of->holds && f->name_durable && sys->fstat(f->fd, &st) == 0 &&
	       st.st_size == 0;
}

static int vfs_sync(sqlite3_file *file, int flags)
{
	struct vfs_file *f = file_of(file);

	(void)flags; /* all and full, always */
	if (ends_held(f)) {
		f->of->held_fd = f->fd; /* it stays open: see keep_journal */
		f->of->said = f->of->level;
		return SQLITE_OK;
	}
	/* SQLite writes back from the journal after this, or leaves the journal to whoever opens
	 * next, so it may go on where others of us must end: see file.h. */
	if (sys->fsync(f->fd) < 0)
		return failed(f, SQLITE_IOERR_FSYNC);
	if (!f->folder_unsynced)
		return SQLITE_OK;
	if (sync_folder(f->path) < 0)
		return failed(f, SQLITE_IOERR_DIR_FSYNC);
	f->folder_unsynced = false;
	f->name_durable = f->of != NULL;
	return SQLITE_OK;
}

static int vfs_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	struct vfs_file *f = file_of(file);
	struct stat st;

	if (sys->fstat(f->fd, &st) < 0)
		return failed(f, SQLITE_IOERR_FSTAT);
	*ret = st.st_size;
	return SQLITE_OK;
}

/* 0, SQLITE_BUSY when somebody else holds it, or the code. */
static int set_lock(struct vfs_file *f, short type, off_t at, off_t len, int code)
{
	int rc;

	do
		rc = sys->lock(f->fd, type, at, len);
	while (rc < 0 && errno == EINTR);
	if (rc == 0)
		return SQLITE_OK;
	if (errno == EAGAIN || errno == EACCES)
		return SQLITE_BUSY;
	return failed(f, code);
}

static int lock_shared(struct vfs_file *f)
{
	int rc = set_lock(f, F_RDLCK, PENDING_AT, 1, SQLITE_IOERR_LOCK), rc2;

	if (rc != SQLITE_OK)
		return rc;
	rc = set_lock(f, F_RDLCK, SHARED_AT, SHARED_LEN, SQLITE_IOERR_LOCK);
	rc2 = set_lock(f, F_UNLCK, PENDING_AT, 1, SQLITE_IOERR_UNLOCK);
	if (rc == SQLITE_OK && rc2 != SQLITE_OK) {
		(void)set_lock(f, F_UNLCK, SHARED_AT, SHARED_LEN, SQLITE_IOERR_UNLOCK);
		return rc2;
	}
	return rc;
}

static int lock_exclusive(struct vfs_file *f)
{
	int rc;

	if (f->level < SQLITE_LOCK_PENDING) {
		rc = set_lock(f, F_WRLCK, PENDING_AT, 1, SQLITE_IOERR_LOCK);
		if (rc != SQLITE_OK)
			return rc;
		f->level = SQLITE_LOCK_PENDING; /* kept while we wait for readers */
	}
	return set_lock(f, F_WRLCK, SHARED_AT, SHARED_LEN, SQLITE_IOERR_LOCK);
}

/* SQLite asks for SHARED from nothing, RESERVED from SHARED, EXCLUSIVE from any of these (from
 * SHARED to play a hot journal back); it never asks for PENDING. */
static int vfs_lock(sqlite3_file *file, int level)
{
	struct vfs_file *f = file_of(file);
	int rc;

	if (f->said < level)
		f->said = level;
	if (f->level >= level)
		return SQLITE_OK;
	if (level == SQLITE_LOCK_SHARED)
		rc = lock_shared(f);
	else if (level == SQLITE_LOCK_RESERVED)
		rc = set_lock(f, F_WRLCK, RESERVED_AT, 1, SQLITE_IOERR_LOCK);
	else
		rc = lock_exclusive(f);
	if (rc == SQLITE_OK)
		f->level = level;
	return rc;
}

static int vfs_unlock(sqlite3_file *file, int level)
{
	struct vfs_file *f = file_of(file);
	int rc;

	if (f->said > level)
		f->said = level;
	if (f->held_fd >= 0 || f->level <= level)
		return SQLITE_OK;
	if (level == SQLITE_LOCK_SHARED) {
		rc = set_lock(f, F_RDLCK, SHARED_AT, SHARED_LEN, SQLITE_IOERR_RDLOCK);
		if (rc == SQLITE_OK)
			rc = set_lock(f, F_UNLCK, PENDING_AT, 2, SQLITE_IOERR_UNLOCK);
	} else {
		rc = set_lock(f, F_UNLCK, PENDING_AT, 2 + SHARED_LEN, SQLITE_IOERR_UNLOCK);
	}
	if (rc == SQLITE_OK)
		f->level = level;
	return rc;
}

/* Does anybody hold RESERVED? A lock for reading that we could take says no; it is gone at once. */
static int vfs_check_reserved(sqlite3_file *file, int *ret)
{
	struct vfs_file *f = file_of(file);
	int rc;

	*ret = 1;
	if (f->level >= SQLITE_LOCK_RESERVED)
		return SQLITE_OK;
	rc = set_lock(f, F_RDLCK, RESERVED_AT, 1, SQLITE_IOERR_CHECKRESERVEDLOCK);
	if (rc == SQLITE_BUSY)
		return SQLITE_OK;
	*ret = 0;
	if (rc != SQLITE_OK)
		return rc;
	return set_lock(f, F_UNLCK, RESERVED_AT, 1, SQLITE_IOERR_CHECKRESERVEDLOCK);
}

/* Is the file no longer the one of its name? A journal beside another would be a lie. */
static bool has_moved(const struct vfs_file *f)
{
	struct stat here, there;

	return sys->fstat(f->fd, &here) == 0 &&
	       (sys->lstat(f->path, &there) < 0 || here.st_ino != there.st_ino ||
		here.st_dev != there.st_dev);
}

static int release(struct vfs_file *f)
{
	bool held = f->held_fd >= 0;

	f->holds = false;
	f->held_fd = -1;
	return held ? vfs_unlock(&f->base, f->said) : SQLITE_OK;
}

static int vfs_control(sqlite3_file *file, int op, void *arg)
{
	struct vfs_file *f = file_of(file);

	switch (op) {
	case SQLITE_FCNTL_LOCKSTATE:
		*(int *)arg = f->level;
		return SQLITE_OK;
	case SQLITE_FCNTL_LAST_ERRNO:
		*(int *)arg = f->last_errno;
		return SQLITE_OK;
	case SQLITE_FCNTL_HAS_MOVED:
		*(int *)arg = f->main_db && has_moved(f);
		return SQLITE_OK;
	case VFS_HOLD:
		f->holds = true;
		return SQLITE_OK;
	case VFS_HELD:
		*(int *)arg = f->held_fd;
		return SQLITE_OK;
	case VFS_RELEASE:
		return release(f);
	default:
		return SQLITE_NOTFOUND;
	}
}

static int vfs_sector(sqlite3_file *file)
{
	(void)file;
	return SECTOR_BYTES;
}

/* We promise nothing of the disk, not even that a torn write leaves its neighbours alone. */
static int vfs_traits(sqlite3_file *file)
{
	(void)file;
	return 0;
}

static const sqlite3_io_methods vfs_methods = {
	.iVersion = 1, /* 2 would be shared memory, 3 mapping */
	.xClose = vfs_close,
	.xRead = vfs_read,
	.xWrite = vfs_write,
	.xTruncate = vfs_truncate,
	.xSync = vfs_sync,
	.xFileSize = vfs_size,
	.xLock = vfs_lock,
	.xUnlock = vfs_unlock,
	.xCheckReservedLock = vfs_check_reserved,
	.xFileControl = vfs_control,
	.xSectorSize = vfs_sector,
	.xDeviceCharacteristics = vfs_traits,
};

/* Not waiting for a pipe in its place; what is no file is not opened. */
static int open_retrying(const char *path, int flags)
{
	struct stat st;
	int fd;

	do
		fd = sys->open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
	while (fd < 0 && errno == EINTR);
	if (fd < 0 || (sys->fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return fd;
	(void)sys->close(fd);
	errno = 0; /* there is none for this */
	return -1;
}

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *file, int flags,
		    int *ret_flags)
{
	struct vfs_file *f = file_of(file);
	int how = flags & SQLITE_OPEN_READWRITE ? O_RDWR : O_RDONLY;

	(void)vfs;
	*f = (struct vfs_file){ .fd = -1, .journal_fd = -1, .held_fd = -1, .path = path };
	if (path == NULL || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL)) ||
	    (flags & SQLITE_OPEN_DELETEONCLOSE))
		return SQLITE_CANTOPEN; /* a temporary file */
	how |= flags & SQLITE_OPEN_CREATE ? O_CREAT : 0;
	how |= flags & SQLITE_OPEN_EXCLUSIVE ? O_EXCL : 0;
	f->fd = open_retrying(path, how);
	if (f->fd < 0 && (how & O_RDWR) && (errno == EACCES || errno == EPERM || errno == EROFS)) {
		flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) |
			SQLITE_OPEN_READONLY;
		f->fd = open_retrying(path, O_RDONLY);
	}
	if (f->fd < 0)
		return SQLITE_CANTOPEN;
	if (f->fd <= 2) { /* whoever prints a word would print it into the database */
		(void)sys->close(f->fd);
		errno = EBADF;
		return SQLITE_CANTOPEN;
	}
	f->main_db = flags & SQLITE_OPEN_MAIN_DB;
	f->of = f->main_db ? NULL : file_of(sqlite3_database_file_object(path));
	f->name_durable = same_journal(f);
	/* One that is there already may have been made by somebody who was killed before this. */
	f->folder_unsynced = (flags & SQLITE_OPEN_CREATE) && !f->name_durable;
	f->base.pMethods = &vfs_methods;
	if (ret_flags != NULL)
		*ret_flags = flags;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
	(void)vfs;
	if (sys->unlink(path) < 0)
		return errno == ENOENT ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
	return sync && sync_folder(path) < 0 ? SQLITE_IOERR_DIR_FSYNC : SQLITE_OK;
}

/* An empty file counts as none: so looks a journal that was truncated by a commit. */
static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *ret)
{
	struct stat st;

	(void)vfs;
	(void)flags;
	*ret = 0;
	if (sys->lstat(path, &st) < 0) /* to miss a journal would be to read half a change */
		return errno == ENOENT ? SQLITE_OK : SQLITE_IOERR_ACCESS;
	*ret = !S_ISREG(st.st_mode) || st.st_size > 0;
	return SQLITE_OK;
}

/* Without links, so that everyone finds the same journal beside it. */
static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int cap, char *ret)
{
	char real[PATH_LEN_MAX], folder[PATH_LEN_MAX];
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	int n;

	(void)vfs;
	if (sys->realpath(path, real) != NULL) {
		n = snprintf(ret, (size_t)cap, "%s", real);
		return n < cap ? SQLITE_OK : SQLITE_CANTOPEN;
	}
	if (errno != ENOENT || strlen(path) >= sizeof(folder))
		return SQLITE_CANTOPEN;
	/* Not there yet: its folder must be. */
	n = snprintf(folder, sizeof(folder), "%.*s", (int)(name - path), path);
	if (n == 0)
		strcpy(folder, ".");
	if (sys->realpath(folder, real) == NULL)
		return SQLITE_CANTOPEN;
	n = snprintf(ret, (size_t)cap, "%s/%s", strcmp(real, "/") == 0 ? "" : real, name);
	return n < cap ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int vfs_random(sqlite3_vfs *vfs, int len, char *ret)
{
	(void)vfs;
	memset(ret, 0, (size_t)len);
	return sys->random(ret, (size_t)len) < 0 ? 0 : len;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	sys->sleep_us((uint64_t)us);
	return us;
}

static int vfs_now_ms(sqlite3_vfs *vfs, sqlite3_int64 *ret)
{
	static const sqlite3_int64 julian_1970_ms = 24405875 * (sqlite3_int64)8640000;

	(void)vfs;
	*ret = julian_1970_ms + (sqlite3_int64)sys->now_utc_ms();
	return SQLITE_OK;
}

static int vfs_now_days(sqlite3_vfs *vfs, double *ret)
{
	sqlite3_int64 ms;

	(void)vfs_now_ms(vfs, &ms);
	*ret = (double)ms / 86400000.0;
	return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int len, char *text)
{
	(void)vfs;
	(void)len;
	(void)text;
	return errno;
}

/* SQLite links it into its list and so needs it writable; nobody else changes it. */
static sqlite3_vfs vfs_table = {
	.iVersion = 2,
	.szOsFile = sizeof(struct vfs_file),
	.mxPathname = PATH_LEN_MAX - 16, /* room for "-journal" */
	.zName = VFS_NAME,
	.xOpen = vfs_open,
	.xDelete = vfs_delete,
	.xAccess = vfs_access,
	.xFullPathname = vfs_full_path,
	.xRandomness = vfs_random,
	.xSleep = vfs_sleep,
	.xCurrentTime = vfs_now_days,
	.xGetLastError = vfs_last_error,
	.xCurrentTimeInt64 = vfs_now_ms,
};

int vfs_register(struct error *e)
{
	int rc;

	if (sqlite3_vfs_find(VFS_NAME) != NULL)
		return 0;
	rc = sqlite3_vfs_register(&vfs_table, 0);
	return rc == SQLITE_OK ? 0 : error_set(e, E_IO, "sqlite: %s", sqlite3_errstr(rc));
}
