#include "base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/disk_node.h"
#include "base/sys.h"

/* Never given twice, so that whoever closes late closes nothing of another. */
enum { FD_FIRST = 1 << 20, OPEN_MAX_AT_ONCE = 256, LOCKS_MAX = 64, MET_MAX = 160 };

struct held {
	short type;
	off_t at, end;
};
struct description {
	int fd; /* 0: free */
	int flags;
	off_t at;
	struct node *node;
	struct held locks[LOCKS_MAX];
	size_t lock_count;
};

static struct {
	struct description open[OPEN_MAX_AT_ONCE];
	int next_fd;
	enum disk_fault fault;
	bool for_ever, stopped;
	uint64_t n, calls;
	char met[MET_MAX];
	void (*watch)(unsigned faults);
} d;
static _Thread_local int busy;

const char *const disk_fault_names[DISK_FAULTS] = { "nothing", "eio",	"enospc", "short",
						    "eintr",   "fsync", "stop" };

bool disk_busy(void)
{
	return busy > 0;
}

const char *disk_met(void)
{
	return d.met;
}

/* --- faults --- */

/* What a call is, for a fault to choose from. */
enum trait { READS = 1, WRITES = 2, SYNCS = 4, ROOM = 8, CHANGES = 16 };

static bool concerns(enum disk_fault f, unsigned traits)
{
	switch (f) {
	case DISK_EIO: return true;
	case DISK_ENOSPC: return traits & ROOM;
	case DISK_SHORT: return traits & (READS | WRITES);
	case DISK_EINTR: return traits & (READS | WRITES | SYNCS);
	case DISK_FSYNC: return traits & SYNCS;
	case DISK_STOP: return traits & CHANGES;
	default: return false;
	}
}

static unsigned concerning(unsigned traits)
{
	unsigned faults = 0;

	for (int f = 0; f < DISK_FAULTS; f++)
		faults |= (unsigned)concerns((enum disk_fault)f, traits) << f;
	return faults;
}

/* 0: the call goes on. Else its errno; SHORT_CALL: half of it. */
enum { SHORT_CALL = -1 };

static int strikes(unsigned traits, const char *call, const char *path)
{
	static const int numbers[DISK_FAULTS] = { 0,	 EIO, ENOSPC, SHORT_CALL,
						  EINTR, EIO, EIO };

	if (d.watch)
		d.watch(concerning(traits));
	if (d.stopped)
		return EIO;
	if (!concerns(d.fault, traits) || (++d.calls != d.n && !(d.for_ever && d.calls > d.n)))
		return 0;
	if (!*d.met)
		snprintf(d.met, sizeof(d.met), "%s %s", call, path);
	d.stopped = d.fault == DISK_STOP;
	return numbers[d.fault];
}

static int minus(int number)
{
	errno = number;
	busy--;
	return -1;
}

static int done(int value)
{
	busy--;
	return value;
}

void disk_arm(enum disk_fault f, uint64_t n, bool for_ever)
{
	d.fault = f;
	d.n = n;
	d.for_ever = for_ever;
	d.stopped = false;
	d.calls = 0;
	d.met[0] = 0;
}

uint64_t disk_disarm(void)
{
	d.fault = DISK_COUNT;
	d.stopped = false;
	return d.calls;
}

void disk_watch(void (*watch)(unsigned faults))
{
	d.watch = watch;
}

/* --- descriptors --- */

static struct description *description_of(int fd)
{
	for (size_t i = 0; i < OPEN_MAX_AT_ONCE; i++)
		if (fd >= FD_FIRST && d.open[i].fd == fd)
			return &d.open[i];
	return NULL;
}

static int make_file(const char *path, int flags, mode_t mode, struct node **ret)
{
	char last[256];
	struct node *folder = node_parent(path, last);

	if (!folder)
		return errno;
	if (flags & O_DIRECTORY)
		return EINVAL;
	*ret = node_make(folder, last, S_IFREG | (mode & 07777));
	return 0;
}

static int disk_open_at(const char *path, int flags, mode_t mode, struct node **ret)
{
	*ret = node_at(path);
	if (!*ret && errno != ENOENT)
		return errno;
	if (!*ret)
		return flags & O_CREAT ? make_file(path, flags, mode, ret) : ENOENT;
	if (flags & O_CREAT && flags & O_EXCL)
		return EEXIST;
	if (flags & O_DIRECTORY && !S_ISDIR((*ret)->mode))
		return ENOTDIR;
	if (S_ISDIR((*ret)->mode) && (flags & O_ACCMODE) != O_RDONLY)
		return EISDIR;
	if (flags & O_TRUNC)
		node_truncate(*ret, 0);
	return 0;
}

static int disk_open(const char *path, int flags, mode_t mode)
{
	bool makes = flags & O_TRUNC || (flags & O_CREAT && !node_at(path));
	struct description *o = d.open;
	struct node *n = NULL;
	int number;

	if (strcmp(path, "/dev/null") == 0 || strncmp(path, "/proc/", 6) == 0)
		return sys_real.open(path, flags, mode);
	busy++;
	number = strikes(makes ? ROOM | CHANGES : 0, "open", path);
	if (number == 0)
		number = disk_open_at(path, flags, mode, &n);
	if (number != 0)
		return minus(number);
	while (o < d.open + OPEN_MAX_AT_ONCE && o->fd)
		o++;
	if (o == d.open + OPEN_MAX_AT_ONCE)
		return minus(EMFILE);
	*o = (struct description){ .fd = d.next_fd++, .flags = flags, .node = n };
	n->opened++;
	return done(o->fd);
}

static int disk_close(int fd)
{
	struct description *o = description_of(fd);
	int number;

	if (fd < FD_FIRST)
		return sys_real.close(fd);
	busy++;
	if (!o)
		return minus(EBADF);
	number = strikes(0, "close", node_path(o->node));
	o->node->opened--;
	o->fd = 0; /* also when it fails */
	return number ? minus(number) : done(0);
}

static ssize_t moved(int fd, void *to, const void *from, size_t len, off_t at, bool at_own)
{
	struct description *o = description_of(fd);
	const char *call = from ? (at_own ? "write" : "pwrite") : (at_own ? "read" : "pread");
	int number;

	busy++;
	if (!o)
		return minus(EBADF);
	number = strikes(from ? WRITES | ROOM | CHANGES : READS, call, node_path(o->node));
	if (number > 0)
		return minus(number);
	if (S_ISDIR(o->node->mode))
		return minus(EISDIR);
	if (number == SHORT_CALL && len > 1)
		len /= 2;
	at = at_own ? o->at : at;
	if (from)
		node_write(o->node, from, len, (size_t)at);
	else
		len = node_read(o->node, to, len, (size_t)at);
	if (at_own)
		o->at += (off_t)len;
	busy--;
	return (ssize_t)len;
}

static ssize_t disk_read(int fd, void *p, size_t len)
{
	return fd < FD_FIRST ? sys_real.read(fd, p, len) : moved(fd, p, NULL, len, 0, true);
}

static ssize_t disk_write(int fd, const void *p, size_t len)
{
	return fd < FD_FIRST ? sys_real.write(fd, p, len) : moved(fd, NULL, p, len, 0, true);
}

static ssize_t disk_pread(int fd, void *p, size_t len, off_t at)
{
	return fd < FD_FIRST ? sys_real.pread(fd, p, len, at) : moved(fd, p, NULL, len, at, false);
}

static ssize_t disk_pwrite(int fd, const void *p, size_t len, off_t at)
{
	return fd < FD_FIRST ? sys_real.pwrite(fd, p, len, at) : moved(fd, NULL, p, len, at, false);
}

static int disk_fsync(int fd)
{
	struct description *o = description_of(fd);
	int number;

	busy++;
	if (!o)
		return minus(EBADF);
	number = strikes(SYNCS | ROOM | CHANGES, "fsync", node_path(o->node));
	if (number > 0 && number != EINTR && !d.stopped)
		node_spoil(o->node);
	if (number > 0)
		return minus(number);
	node_sync(o->node);
	return done(0);
}

static int disk_syncfs(int fd)
{
	struct description *o = description_of(fd);
	int number;

	busy++;
	if (!o)
		return minus(EBADF);
	number = strikes(SYNCS | ROOM | CHANGES, "syncfs", node_path(o->node));
	if (number > 0 && number != EINTR && !d.stopped)
		node_spoil_device(o->node->device);
	if (number > 0)
		return minus(number);
	node_sync_device(o->node->device);
	return done(0);
}

static int disk_ftruncate(int fd, off_t len)
{
	struct description *o = description_of(fd);
	int number;

	busy++;
	if (!o)
		return minus(EBADF);
	number = strikes(ROOM | CHANGES, "ftruncate", node_path(o->node));
	if (number > 0)
		return minus(number);
	node_truncate(o->node, (size_t)len);
	return done(0);
}

static int told(const struct node *n, struct stat *st)
{
	memset(st, 0, sizeof(*st));
	st->st_mode = n->mode;
	st->st_size = (off_t)n->len;
	st->st_ino = n->number;
	st->st_dev = n->device + 77;
	st->st_nlink = n->links;
	st->st_blocks = (blkcnt_t)((n->len + 511) / 512);
	return done(0);
}

static int disk_fstat(int fd, struct stat *st)
{
	struct description *o = description_of(fd);
	int number;

	if (fd < FD_FIRST)
		return sys_real.fstat(fd, st);
	busy++;
	if (!o)
		return minus(EBADF);
	number = strikes(0, "fstat", node_path(o->node));
	return number > 0 ? minus(number) : told(o->node, st);
}

/* --- names --- */

static int disk_lstat(const char *path, struct stat *st)
{
	int number;
	struct node *n;

	busy++;
	number = strikes(0, "lstat", path);
	if (number > 0)
		return minus(number);
	n = node_at(path);
	return n ? told(n, st) : minus(errno);
}

static char *disk_realpath(const char *path, char *ret)
{
	int number;
	struct node *n;

	busy++;
	number = strikes(0, "realpath", path);
	n = number > 0 ? NULL : node_at(path);
	if (!n) {
		minus(number > 0 ? number : errno);
		return NULL;
	}
	strcpy(ret, node_path(n));
	busy--;
	return ret;
}

/* A name for a node, taken from another (rename) or beside it (link). */
static int give_name(const char *from, const char *to, bool takes)
{
	char last_from[256], last_to[256];
	struct node *a = node_parent(from, last_from), *b = a ? node_parent(to, last_to) : NULL;
	struct node *n = b ? node_in(a, last_from) : NULL, *there = n ? node_in(b, last_to) : NULL;

	if (!a || !b)
		return errno;
	if (!n)
		return ENOENT;
	if (a->device != b->device)
		return EXDEV;
	if (there && (!takes || (S_ISDIR(there->mode) && there->entry_count > 0)))
		return EEXIST;
	if (!takes && S_ISDIR(n->mode))
		return EPERM;
	node_name(a, takes ? last_from : NULL, b, last_to, n);
	return 0;
}

static int disk_rename(const char *from, const char *to)
{
	int number;

	busy++;
	number = strikes(ROOM | CHANGES, "rename", to);
	if (number == 0)
		number = give_name(from, to, true);
	return number ? minus(number) : done(0);
}

static int disk_link(const char *from, const char *to)
{
	int number;

	busy++;
	number = strikes(ROOM | CHANGES, "link", to);
	if (number == 0)
		number = give_name(from, to, false);
	return number ? minus(number) : done(0);
}

static int take_away(const char *path, bool folder)
{
	char last[256];
	struct node *parent = node_parent(path, last), *n = parent ? node_in(parent, last) : NULL;

	if (!parent)
		return errno;
	if (!n)
		return ENOENT;
	if (folder != S_ISDIR(n->mode))
		return folder ? ENOTDIR : EISDIR;
	if (folder && n->entry_count > 0)
		return ENOTEMPTY;
	node_name(parent, last, NULL, NULL, NULL);
	return 0;
}

static int disk_unlink(const char *path)
{
	int number;

	busy++;
	number = strikes(CHANGES, "unlink", path);
	if (number == 0)
		number = take_away(path, false);
	return number ? minus(number) : done(0);
}

static int disk_rmdir(const char *path)
{
	int number;

	busy++;
	number = strikes(CHANGES, "rmdir", path);
	if (number == 0)
		number = take_away(path, true);
	return number ? minus(number) : done(0);
}

static int disk_mkdir(const char *path, mode_t mode)
{
	char last[256];
	struct node *parent;
	int number;

	busy++;
	number = strikes(ROOM | CHANGES, "mkdir", path);
	if (number > 0)
		return minus(number);
	if (node_at(path))
		return minus(EEXIST);
	parent = node_parent(path, last);
	if (!parent)
		return minus(errno);
	node_make(parent, last, S_IFDIR | (mode & 07777));
	return done(0);
}

static int disk_list(const char *path, int (*each)(void *ctx, const char *name), void *ctx)
{
	int number, code = 0;
	struct node *n;

	busy++;
	number = strikes(0, "list", path);
	n = number > 0 ? NULL : node_at(path);
	if (!n)
		return minus(number > 0 ? number : errno);
	if (!S_ISDIR(n->mode))
		return minus(ENOTDIR);
	busy--;
	/* From the end: what takes names away meanwhile moves only those that were called. */
	for (size_t i = n->entry_count; i-- > 0 && code == 0;)
		if (i < n->entry_count)
			code = each(ctx, n->entries[i].name);
	return code;
}

/* --- locks --- */

static bool conflicts(const struct description *me, short type, off_t at, off_t end)
{
	for (size_t i = 0; i < OPEN_MAX_AT_ONCE; i++) {
		const struct description *o = &d.open[i];

		if (!o->fd || o == me || o->node != me->node)
			continue;
		for (size_t j = 0; j < o->lock_count; j++)
			if (o->locks[j].at < end && at < o->locks[j].end &&
			    (type == F_WRLCK || o->locks[j].type == F_WRLCK))
				return true;
	}
	return false;
}

static void hold(struct description *o, short type, off_t at, off_t end)
{
	if (at < end && o->lock_count < LOCKS_MAX)
		o->locks[o->lock_count++] = (struct held){ type, at, end };
}

static int disk_lock(int fd, short type, off_t at, off_t len)
{
	struct description *o = description_of(fd), before;
	off_t end = len ? at + len : (off_t)1 << 62;
	int number;

	busy++;
	if (!o)
		return minus(EBADF);
	number = strikes(0, "lock", node_path(o->node));
	if (number > 0)
		return minus(number);
	if (type != F_UNLCK && conflicts(o, type, at, end))
		return minus(EAGAIN);
	before = *o;
	o->lock_count = 0;
	for (size_t i = 0; i < before.lock_count; i++) {
		const struct held *h = &before.locks[i];

		hold(o, h->type, h->at, h->end < at ? h->end : at);
		hold(o, h->type, h->at > end ? h->at : end, h->end);
	}
	if (type != F_UNLCK)
		hold(o, type, at, end);
	return done(0);
}

static const struct sys disk_sys = {
	.open = disk_open,
	.close = disk_close,
	.read = disk_read,
	.write = disk_write,
	.pread = disk_pread,
	.pwrite = disk_pwrite,
	.fsync = disk_fsync,
	.syncfs = disk_syncfs,
	.ftruncate = disk_ftruncate,
	.fstat = disk_fstat,
	.lstat = disk_lstat,
	.realpath = disk_realpath,
	.rename = disk_rename,
	.link = disk_link,
	.unlink = disk_unlink,
	.mkdir = disk_mkdir,
	.rmdir = disk_rmdir,
	.list = disk_list,
	.lock = disk_lock,
	.random = luck_random,
	.now_utc_ms = luck_now_utc_ms,
	.monotonic_us = luck_monotonic_us,
	.sleep_us = luck_sleep_us,
};

void disk_kill(void)
{
	for (size_t i = 0; i < OPEN_MAX_AT_ONCE; i++)
		d.open[i].fd = 0;
}

void disk_begin(void)
{
	memset(&d, 0, sizeof(d));
	d.next_fd = FD_FIRST;
	luck_begin();
	node_begin();
	sys = &disk_sys;
}

void disk_end(void)
{
	disk_kill();
	node_end();
	sys = &sys_real;
}

void disk_settle(void)
{
	node_settle();
}

void disk_cut(enum disk_loss how, uint64_t luck)
{
	disk_kill();
	node_cut(how, luck);
}
