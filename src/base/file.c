#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/sys.h"
#include "base/text.h"

enum { READ_CHUNK = 64 << 10, PATH_SHOWN_MAX = 256, TEMP_TRIES = 16 };

#define TEMP_END ".tmp"

/* For stories: a path as people may see it. */
#define SHOWN(path) path_escape((char[PATH_SHOWN_MAX]){ 0 }, PATH_SHOWN_MAX, path)

int path_join(char ret_path[PATH_LEN_MAX], const char *folder, const char *name, struct error *e)
{
	size_t len = strlen(folder), name_len = strlen(name);

	while (len > 1 && folder[len - 1] == '/')
		len--;
	if (len >= PATH_LEN_MAX || name_len >= PATH_LEN_MAX - 1 - len)
		return error_set(e, E_RANGE, "%s: path too long", SHOWN(name));
	memmove(ret_path, folder, len);
	if (len > 0 && ret_path[len - 1] != '/')
		ret_path[len++] = '/';
	memcpy(ret_path + len, name, name_len + 1);
	return 0;
}

int path_real(char ret_path[PATH_LEN_MAX], const char *path, struct error *e)
{
	char real[PATH_LEN_MAX];

	if (!sys->realpath(path, real))
		return error_errno(e, "%s", SHOWN(path));
	memcpy(ret_path, real, sizeof(real));
	return 0;
}

/* One character of in as people may see it, in at most 8 bytes; returns how many of in. */
static size_t escape_one(char out[static 9], const char *in, size_t len)
{
	size_t n = utf8_char(in, len);
	unsigned char c = (unsigned char)in[0];

	if (c == '\n' || c == '\t')
		return (size_t)(sprintf(out, "\\%c", c == '\n' ? 'n' : 't') > 0);
	if (c == '\\' || c == '"' || c == '\'')
		return (size_t)(sprintf(out, "\\%c", c) > 0);
	if (n == 0 || c < 0x20 || c == 0x7f)
		return (size_t)(sprintf(out, "\\x%02x", c) > 0);
	if (c == 0xc2 && (unsigned char)in[1] < 0xa0) { /* the control characters above 0x7f */
		sprintf(out, "\\xc2\\x%02x", (unsigned char)in[1]);
		return 2;
	}
	memcpy(out, in, n);
	out[n] = '\0';
	return n;
}

const char *path_escape(char *ret, size_t cap, const char *path)
{
	size_t left = strlen(path), used = 0, fit = 0;

	if (cap == 0)
		return "";
	while (left > 0) {
		char one[9];
		size_t taken = escape_one(one, path, left), n = strlen(one);

		if (used + n >= cap) { /* back to where three dots fit */
			snprintf(ret + fit, cap - fit, "...");
			return ret;
		}
		memcpy(ret + used, one, n);
		used += n;
		path += taken;
		left -= taken;
		if (used + 3 < cap)
			fit = used;
	}
	ret[used] = '\0';
	return ret;
}

int file_open(const char *path, int flags, unsigned mode, struct stat *ret_st, struct error *e)
{
	struct stat st;
	int fd = sys->open(path, flags | O_NONBLOCK | O_NOCTTY, (mode_t)mode), code = 0;

	if (fd < 0)
		return error_errno(e, "%s", SHOWN(path));
	if (sys->fstat(fd, &st) < 0)
		code = error_errno(e, "%s", SHOWN(path));
	else if (!S_ISREG(st.st_mode))
		code = error_set(e, E_IO, "%s: not a regular file", SHOWN(path));
	if (code < 0) {
		sys->close(fd);
		return code;
	}
	if (ret_st)
		*ret_st = st;
	return fd;
}

/* Until the end: the size may have changed since we asked, and /proc says 0. */
static int read_to_end(int fd, uint64_t max_bytes, struct buf *b, struct error *e)
{
	for (;;) {
		ssize_t n;

		if (b->len == b->cap && buf_reserve(b, READ_CHUNK, e) < 0)
			return E_MEMORY;
		n = sys->read(fd, b->data + b->len, b->cap - b->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(e, "read");
		if (n == 0)
			return 0;
		b->len += (size_t)n;
		if (b->len > max_bytes)
			return error_set(e, E_RANGE, "larger than %llu bytes",
					 (unsigned long long)max_bytes);
	}
}

static int read_open(int fd, uint64_t size, uint64_t max_bytes, struct buf **ret_bytes,
		     struct error *e)
{
	scoped(buf) *b = NULL;

	if (size > max_bytes)
		return error_set(e, E_RANGE, "larger than %llu bytes",
				 (unsigned long long)max_bytes);
	if (buf_create(&b, (size_t)size + 1, e) < 0 || read_to_end(fd, max_bytes, b, e) < 0)
		return e ? e->code : E_IO;
	b->data[b->len] = '\0';
	*ret_bytes = give(b);
	return 0;
}

int file_read(const char *path, uint64_t max_bytes, struct buf **ret_bytes, struct error *e)
{
	struct error story = { 0 };
	struct stat st;
	int fd = file_open(path, O_RDONLY, 0, &st, e), code;

	if (fd < 0)
		return fd;
	code = read_open(fd, (uint64_t)st.st_size, max_bytes, ret_bytes, &story);
	sys->close(fd);
	if (code < 0)
		return error_set(e, code, "%s: %s", SHOWN(path), story.text);
	return 0;
}

int file_size(const char *path, uint64_t *ret_bytes, struct error *e)
{
	struct stat st;
	int fd = file_open(path, O_RDONLY, 0, &st, e);

	if (fd < 0)
		return fd;
	sys->close(fd);
	*ret_bytes = (uint64_t)st.st_size;
	return 0;
}

bool file_exists(const char *path)
{
	struct stat st;

	return sys->lstat(path, &st) == 0;
}

int file_is_there(const char *path, bool *ret, struct error *e)
{
	struct stat st;

	*ret = sys->lstat(path, &st) == 0;
	return *ret || errno == ENOENT || errno == ENOTDIR ? 0 : error_errno(e, "lstat %s", path);
}

/* The folder a path lies in: "." for a bare name, "/" for what lies there. */
static void parent_of(char ret[PATH_LEN_MAX], const char *path)
{
	size_t len = strnlen(path, PATH_LEN_MAX - 1);

	while (len > 1 && path[len - 1] == '/')
		len--;
	while (len > 0 && path[len - 1] != '/')
		len--;
	while (len > 1 && path[len - 1] == '/')
		len--;
	memcpy(ret, path, len);
	ret[len] = '\0';
	if (len == 0)
		strcpy(ret, ".");
}

static int sync_parent(const char *path, struct error *e)
{
	char parent[PATH_LEN_MAX];

	parent_of(parent, path);
	return folder_sync(parent, e);
}

/* A new file beside path, of nobody else: two may write the same name at once. */
static int open_temp(char ret[PATH_LEN_MAX], const char *path, unsigned mode, struct error *e)
{
	uint32_t random;
	int fd, len;

	for (int tries = 0; tries < TEMP_TRIES; tries++) {
		if (sys->random(&random, sizeof(random)) < 0)
			return error_errno(e, "random");
		len = snprintf(ret, PATH_LEN_MAX, "%s.%08" PRIx32 TEMP_END, path, random);
		if (len < 0 || len >= PATH_LEN_MAX)
			return error_set(e, E_RANGE, "%s: path too long", SHOWN(path));
		fd = sys->open(ret, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, (mode_t)mode);
		if (fd >= 0)
			return fd;
		if (errno != EEXIST)
			break;
	}
	return error_errno(e, "%s", SHOWN(path));
}

/* All bytes in a new file beside path. */
static int write_temp(char ret[PATH_LEN_MAX], const char *path, const void *bytes, size_t len,
		      unsigned mode, bool synced, struct error *e)
{
	int fd = open_temp(ret, path, mode, e), code;

	if (fd < 0)
		return fd;
	code = fd_write_all(fd, bytes, len, e);
	if (code == 0 && synced)
		code = fd_sync(fd, ret, e);
	if (sys->close(fd) < 0 && code == 0)
		code = error_errno(e, "%s", SHOWN(path));
	if (code < 0)
		sys->unlink(ret);
	return code;
}

bool file_is_temp(const char *name)
{
	size_t len = strlen(name), end = strlen(TEMP_END);

	return len > end && strcmp(name + len - end, TEMP_END) == 0;
}

static int rename_temp(const char *temp, const char *path, struct error *e)
{
	if (sys->rename(temp, path) == 0)
		return sync_parent(path, e);
	error_errno(e, "%s", SHOWN(path));
	sys->unlink(temp);
	return e->code;
}

int file_write(const char *path, const void *bytes, size_t len_bytes, unsigned mode,
	       struct error *e)
{
	char temp[PATH_LEN_MAX];
	int code = write_temp(temp, path, bytes, len_bytes, mode, true, e);

	return code < 0 ? code : rename_temp(temp, path, e);
}

int file_stage(char ret_temp[PATH_LEN_MAX], const char *path, const void *bytes, size_t len_bytes,
	       unsigned mode, struct error *e)
{
	return write_temp(ret_temp, path, bytes, len_bytes, mode, false, e);
}

int file_land(const char *temp, const char *path, uint64_t device, struct error *e)
{
	struct stat st;
	int fd = file_open(temp, O_RDONLY | O_NOFOLLOW, 0, &st, e), code = 0;

	if (fd < 0)
		return fd;
	if (device == 0 || (uint64_t)st.st_dev != device)
		code = fd_sync(fd, temp, e);
	sys->close(fd);
	return code < 0 ? code : rename_temp(temp, path, e);
}

void file_unstage(const char *temp)
{
	sys->unlink(temp);
}

int file_write_new(const char *path, const void *bytes, size_t len_bytes, unsigned mode,
		   struct error *e)
{
	char temp[PATH_LEN_MAX];
	int code = write_temp(temp, path, bytes, len_bytes, mode, true, e);

	if (code < 0)
		return code;
	if (sys->link(temp, path) < 0)
		code = errno == EEXIST ? error_set(e, E_CONFLICT, "%s: exists", SHOWN(path)) :
					 error_errno(e, "%s", SHOWN(path));
	sys->unlink(temp);
	return code < 0 ? code : sync_parent(path, e);
}

int file_remove(const char *path, struct error *e)
{
	if (sys->unlink(path) < 0)
		return errno == ENOENT ? 0 : error_errno(e, "%s", SHOWN(path));
	return sync_parent(path, e);
}

static int expect_folder(const char *path, struct error *e)
{
	int fd = sys->open(path, O_PATH | O_DIRECTORY, 0); /* a link to a folder is one */

	if (fd < 0)
		return error_errno(e, "%s", SHOWN(path));
	sys->close(fd);
	return 0;
}

/* Of a folder that was there before us, and may be unsynced since a crash. Where we may not
 * read what lies above it, we have not made it. */
static int sync_parent_of_found(const char *path, struct error *e)
{
	char parent[PATH_LEN_MAX];
	int fd, code;

	parent_of(parent, path);
	fd = sys->open(parent, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return errno == EACCES || errno == EPERM ? 0 : error_errno(e, "%s", SHOWN(parent));
	code = fd_sync(fd, parent, e);
	sys->close(fd);
	return code;
}

int folder_make(const char *path, unsigned mode, struct error *e)
{
	char parent[PATH_LEN_MAX];
	int code;

	if (strlen(path) >= PATH_LEN_MAX)
		return error_set(e, E_RANGE, "%s: path too long", SHOWN(path));
	parent_of(parent, path);
	if (sys->mkdir(path, (mode_t)mode) == 0) {
		code = sync_parent_of_found(parent, e);
		return code < 0 ? code : folder_sync(parent, e);
	}
	if (errno == EEXIST) {
		code = expect_folder(path, e);
		return code < 0 ? code : sync_parent_of_found(path, e);
	}
	if (errno != ENOENT || strcmp(parent, path) == 0)
		return error_errno(e, "%s", SHOWN(path));
	code = folder_make(parent, mode, e);
	if (code < 0)
		return code;
	if (sys->mkdir(path, (mode_t)mode) < 0 && errno != EEXIST)
		return error_errno(e, "%s", SHOWN(path));
	return folder_sync(parent, e);
}

int folder_sync(const char *path, struct error *e)
{
	int fd = sys->open(path, O_RDONLY | O_DIRECTORY, 0), code;

	if (fd < 0)
		return error_errno(e, "%s", SHOWN(path));
	code = fd_sync(fd, path, e);
	sys->close(fd);
	return code;
}

static int remove_below(struct arena *a, const char *path, struct error *e)
{
	char **names = NULL;
	size_t count = 0;
	int code = folder_list(a, path, &names, &count, e);

	for (size_t i = 0; i < count && code == 0; i++) {
		const char *below = arena_printf(a, e, "%s/%s", path, names[i]);
		struct stat st;

		if (!below)
			return E_MEMORY;
		if (sys->lstat(below, &st) < 0)
			code = errno == ENOENT ? 0 : error_errno(e, "%s", SHOWN(below));
		else if (S_ISDIR(st.st_mode))
			code = remove_below(a, below, e);
		else if (sys->unlink(below) < 0 && errno != ENOENT)
			code = error_errno(e, "%s", SHOWN(below));
	}
	if (code == 0 && sys->rmdir(path) < 0 && errno != ENOENT)
		code = error_errno(e, "%s", SHOWN(path));
	return code;
}

int folder_remove(const char *path, struct error *e)
{
	scoped(arena) *a = NULL;
	struct stat st;
	int code;

	if (sys->lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : error_errno(e, "%s", SHOWN(path));
	if (!S_ISDIR(st.st_mode))
		return error_set(e, E_IO, "%s: not a folder", SHOWN(path));
	code = arena_create(&a, e);
	if (code == 0)
		code = remove_below(a, path, e);
	return code < 0 ? code : sync_parent(path, e);
}

struct listing {
	struct arena *a;
	char **names;
	size_t count, cap;
	struct error *e;
};

static int note_name(void *ctx, const char *name)
{
	struct listing *l = ctx;
	char **names = arena_grow(l->a, l->names, sizeof(*names), l->count, &l->cap, l->e);
	char *copy = names ? arena_text(l->a, name, strlen(name), l->e) : NULL;

	if (!copy)
		return 1;
	l->names = names;
	l->names[l->count++] = copy;
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int folder_list(struct arena *a, const char *path, char ***ret_names, size_t *ret_count,
		struct error *e)
{
	struct listing l = { .a = a, .e = e };
	int code = sys->list(path, note_name, &l);

	if (code < 0)
		return error_errno(e, "%s", SHOWN(path));
	if (code > 0)
		return E_MEMORY;
	if (l.count > 1)
		qsort(l.names, l.count, sizeof(*l.names), by_bytes);
	*ret_names = l.names;
	*ret_count = l.count;
	return 0;
}

int fd_write_all(int fd, const void *bytes, size_t len_bytes, struct error *e)
{
	const uint8_t *at = bytes;

	while (len_bytes > 0) {
		ssize_t n = sys->write(fd, at, len_bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(e, "write");
		at += n;
		len_bytes -= (size_t)n;
	}
	return 0;
}

int fd_pread_all(int fd, void *bytes, size_t len_bytes, uint64_t at, struct error *e)
{
	uint8_t *to = bytes;

	if (at > INT64_MAX || len_bytes > INT64_MAX - at)
		return error_set(e, E_FORMAT, "ends before the bytes asked for");
	while (len_bytes > 0) {
		ssize_t n = sys->pread(fd, to, len_bytes, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(e, "read");
		if (n == 0)
			return error_set(e, E_FORMAT, "ends before the bytes asked for");
		to += n;
		at += (uint64_t)n;
		len_bytes -= (size_t)n;
	}
	return 0;
}

/* The kernel may have dropped what it could not write, and a second sync would say nothing of it. */
static _Noreturn void end_unsynced(const char *path)
{
	struct error story = { 0 };
	char line[ERROR_TEXT_MAX + 128];
	int len;

	error_errno(&story, "rescind: fsync failed: %s", SHOWN(path));
	len = snprintf(line, sizeof(line),
		       "%s (the disk may have lost writes; the next command checks and repairs)\n",
		       story.text);
	if (len > 0 && write(STDERR_FILENO, line, (size_t)len) < 0)
		_exit(1);
	_exit(1);
}

int fd_sync(int fd, const char *path, __attribute__((unused)) struct error *e)
{
	do {
		if (sys->fsync(fd) == 0)
			return 0;
	} while (errno == EINTR);
	end_unsynced(path);
}

bool fd_sync_together(int fd, const char *path)
{
	do {
		if (sys->syncfs(fd) == 0)
			return true;
	} while (errno == EINTR);
	if (errno != ENOSYS && errno != EINVAL && errno != EOPNOTSUPP)
		end_unsynced(path);
	return false;
}
