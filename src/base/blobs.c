#include "base/blobs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/blobs_folder.h"
#include "base/blobs_walk.h"
#include "base/file.h"
#include "base/sys.h"

enum { COMPARE_CHUNK = 32 << 10, TEMP_TRIES = 1000 };

static int locate(const struct folder *f, const char *name, char path[PATH_LEN_MAX],
		  struct error *e)
{
	int code = blob_name_check(name, e);

	return code < 0 ? code : path_join(path, f->root, name, e);
}

void blob_to_parent(char path[PATH_LEN_MAX])
{
	char *slash = strrchr(path, '/');

	slash[slash == path] = '\0'; /* what lies in "/" keeps it */
}

static int sync_folder_of(const char *path, struct error *e)
{
	char parent[PATH_LEN_MAX];

	memcpy(parent, path, strlen(path) + 1);
	blob_to_parent(parent);
	return folder_sync(parent, e);
}

/* Make the folder of path durable, once for each handle. */
static int ready(struct folder *f, const char *path, struct error *e)
{
	char parent[PATH_LEN_MAX], **place = &f->ready[f->ready_next];
	int code;

	memcpy(parent, path, strlen(path) + 1);
	blob_to_parent(parent);
	if (strcmp(parent, f->root) == 0) /* since it was opened */
		return 0;
	for (size_t i = 0; i < READY_MAX_KEPT; i++)
		if (f->ready[i] && strcmp(f->ready[i], parent) == 0)
			return 0;
	code = folder_make(parent, f->mode, e);
	if (code < 0)
		return code;
	free(*place);
	*place = strdup(parent); /* without memory: made once more, no harm */
	f->ready_next = (f->ready_next + 1) % READY_MAX_KEPT;
	return 0;
}

/* Reading */

static void kept_drop(struct kept *k)
{
	if (k->used_at > 0)
		sys->close(k->fd);
	k->used_at = 0;
}

void blob_forget(struct folder *f, const char *name)
{
	for (size_t i = 0; i < OPEN_MAX_KEPT; i++)
		if (f->kept[i].used_at > 0 && strcmp(f->kept[i].name, name) == 0)
			kept_drop(&f->kept[i]);
}

/* Is the open file still one that has a name? Another process may have removed or replaced it. */
static bool still(const struct kept *k, struct stat *st)
{
	return sys->fstat(k->fd, st) == 0 && st->st_nlink > 0;
}

static struct kept *oldest(struct folder *f)
{
	struct kept *k = &f->kept[0];

	for (size_t i = 1; i < OPEN_MAX_KEPT; i++)
		if (f->kept[i].used_at < k->used_at)
			k = &f->kept[i];
	return k;
}

static struct kept *find_kept(struct folder *f, const char *name)
{
	for (size_t i = 0; i < OPEN_MAX_KEPT; i++)
		if (f->kept[i].used_at > 0 && strcmp(f->kept[i].name, name) == 0)
			return &f->kept[i];
	return NULL;
}

static int open_blob(struct folder *f, const char *name, struct kept **ret_kept, struct stat *st,
		     struct error *e)
{
	struct kept *k = oldest(f);
	char path[PATH_LEN_MAX];
	int code = locate(f, name, path, e), fd;

	if (code < 0)
		return code;
	fd = sys->open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	if (fd < 0)
		return error_errno(e, "blob %s", name);
	if (sys->fstat(fd, st) < 0 || !S_ISREG(st->st_mode)) {
		sys->close(fd);
		return error_set(e, E_IO, "blob %s: not a regular file", name);
	}
	kept_drop(k);
	*k = (struct kept){ .fd = fd };
	memcpy(k->name, name, strlen(name) + 1);
	*ret_kept = k;
	return 0;
}

static int look_up(struct folder *f, const char *name, int *ret_fd, uint64_t *ret_bytes,
		   struct error *e)
{
	struct kept *k = find_kept(f, name);
	struct stat st;
	int code;

	if (k && !still(k, &st)) {
		kept_drop(k);
		k = NULL;
	}
	if (!k) {
		code = open_blob(f, name, &k, &st, e);
		if (code < 0)
			return code;
	}
	k->used_at = ++f->clock;
	*ret_fd = k->fd;
	*ret_bytes = (uint64_t)st.st_size;
	return 0;
}

static int folder_get(struct blobs *b, const char *name, uint64_t at, uint64_t len_bytes,
		      struct buf *out, struct error *e)
{
	uint64_t size;
	int fd, code = look_up(folder_of(b), name, &fd, &size, e);

	if (code < 0)
		return code;
	if (at > size || len_bytes > size - at)
		return error_set(e, E_FORMAT, "blob %s: ends at %" PRIu64, name, size);
	code = buf_reserve(out, (size_t)len_bytes, e);
	if (code == 0)
		code = fd_pread_all(fd, out->data + out->len, (size_t)len_bytes, at, e);
	if (code < 0) {
		out->data[out->len] = '\0';
		error_wrap(e, "blob %s", name);
		return code;
	}
	out->len += (size_t)len_bytes;
	out->data[out->len] = '\0';
	return 0;
}

static int folder_size(struct blobs *b, const char *name, uint64_t *ret_bytes, struct error *e)
{
	int fd;

	return look_up(folder_of(b), name, &fd, ret_bytes, e);
}

/* Writing */

/* Unlike any other process's or handle's; a name left over from a crash is passed by. */
static int open_temp(struct folder *f, struct draft *d, struct error *e)
{
	mode_t mode = f->mode & 0666;
	char folder[PATH_LEN_MAX], name[64];
	int code;

	memcpy(folder, d->path, sizeof(folder));
	blob_to_parent(folder);
	for (int i = 0; i < TEMP_TRIES; i++) {
		snprintf(name, sizeof(name), BLOB_TEMP_PREFIX "%ld-%u", (long)getpid(), f->temps++);
		code = path_join(d->temp, folder, name, e);
		if (code < 0)
			return code;
		d->fd = sys->open(d->temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
		if (d->fd >= 0)
			return 0;
		if (errno != EEXIST)
			return error_errno(e, "blob %s", d->name);
	}
	return error_set(e, E_IO, "blob %s: too many temporary files beside it", d->name);
}

int draft_begin(struct folder *f, struct draft *d, const char *name, struct error *e)
{
	int code = locate(f, name, d->path, e);

	if (code < 0)
		return code;
	memcpy(d->name, name, strlen(name) + 1);
	code = ready(f, d->path, e);
	if (code == 0)
		code = open_temp(f, d, e);
	d->begun = code == 0;
	return code;
}

void draft_end(struct draft *d)
{
	if (!d->begun)
		return;
	sys->close(d->fd);
	sys->unlink(d->temp);
	d->begun = false;
}

/* 0: the same. E_CONFLICT: not. */
static int compare_files(int a, int b, uint64_t len, struct error *e)
{
	uint8_t left[COMPARE_CHUNK], right[COMPARE_CHUNK];

	for (uint64_t at = 0; at < len;) {
		size_t n = len - at < sizeof(left) ? (size_t)(len - at) : sizeof(left);
		int code = fd_pread_all(a, left, n, at, e);

		if (code == 0)
			code = fd_pread_all(b, right, n, at, e);
		if (code < 0)
			return code;
		if (memcmp(left, right, n) != 0)
			return error_set(e, E_CONFLICT, "holds other bytes");
		at += n;
	}
	return 0;
}

static int draft_compare(struct folder *f, const struct draft *d, struct error *e)
{
	uint64_t size;
	struct stat st;
	int fd, code = look_up(f, d->name, &fd, &size, e);

	if (code < 0)
		return code;
	if (sys->fstat(d->fd, &st) < 0)
		return error_errno(e, "blob %s", d->name);
	if ((uint64_t)st.st_size != size)
		return error_set(e, E_CONFLICT, "blob %s: holds other bytes", d->name);
	code = compare_files(d->fd, fd, size, e);
	if (code < 0)
		error_wrap(e, "blob %s", d->name);
	return code;
}

/* Under its name, if that is free or holds the same. Synced even if it was there: who put it
 * may have died before that. */
static int draft_land(struct folder *f, struct draft *d, struct error *e)
{
	int code = fd_sync(d->fd, d->temp, e);

	if (code == 0 && sys->link(d->temp, d->path) < 0)
		code = errno == EEXIST ? draft_compare(f, d, e) :
					 error_errno(e, "blob %s", d->name);
	draft_end(d);
	return code < 0 ? code : sync_folder_of(d->path, e);
}

int draft_over(struct folder *f, struct draft *d, struct error *e)
{
	int code = 0;

	if (sys->rename(d->temp, d->path) < 0)
		code = error_errno(e, "blob %s", d->name);
	blob_forget(f, d->name);
	if (code < 0) {
		draft_end(d);
		return code;
	}
	sys->close(d->fd);
	d->begun = false;
	return 0;
}

static int draft_replace(struct folder *f, struct draft *d, struct error *e)
{
	int code = fd_sync(d->fd, d->temp, e);

	if (code == 0)
		return draft_over(f, d, e) < 0 ? e->code : sync_folder_of(d->path, e);
	draft_end(d);
	return code;
}

bool draft_is(const struct draft *d, const void *bytes, size_t len_bytes)
{
	uint8_t there[COMPARE_CHUNK];
	struct error why = { 0 };
	struct stat st;

	return len_bytes <= sizeof(there) && sys->fstat(d->fd, &st) == 0 &&
	       (uint64_t)st.st_size == len_bytes &&
	       fd_pread_all(d->fd, there, len_bytes, 0, &why) == 0 &&
	       memcmp(there, bytes, len_bytes) == 0;
}

static int write_and(struct blobs *b, const char *name, const void *bytes, size_t len,
		     int (*then)(struct folder *f, struct draft *d, struct error *e),
		     struct error *e)
{
	struct folder *f = folder_of(b);
	struct draft d;
	int code = draft_begin(f, &d, name, e);

	if (code < 0)
		return code;
	code = fd_write_all(d.fd, bytes, len, e);
	if (code == 0)
		return then(f, &d, e);
	draft_end(&d);
	error_wrap(e, "blob %s", name);
	return code;
}

static int folder_put(struct blobs *b, const char *name, const void *bytes, size_t len_bytes,
		      struct error *e)
{
	return write_and(b, name, bytes, len_bytes, draft_land, e);
}

static int folder_replace(struct blobs *b, const char *name, const void *bytes,
			  size_t len_bytes, struct error *e)
{
	struct folder *f = folder_of(b);

	draft_end(&f->staged);
	return write_and(b, name, bytes, len_bytes, draft_replace, e);
}

static int folder_begin(struct blobs *b, const char *name, struct error *e)
{
	struct folder *f = folder_of(b);

	if (f->draft.begun)
		return error_set(e, E_CONFLICT, "blob %s is begun already", f->draft.name);
	return draft_begin(f, &f->draft, name, e);
}

static int not_begun(struct error *e)
{
	return error_set(e, E_NOT_FOUND, "no blob is begun");
}

static int folder_part(struct blobs *b, const void *bytes, size_t len_bytes, struct error *e)
{
	struct draft *d = &folder_of(b)->draft;
	int code;

	if (!d->begun)
		return not_begun(e);
	code = fd_write_all(d->fd, bytes, len_bytes, e);
	if (code < 0) {
		error_wrap(e, "blob %s", d->name);
		draft_end(d); /* half a part is there: nothing after it may land */
	}
	return code;
}

static int folder_finish(struct blobs *b, struct error *e)
{
	struct folder *f = folder_of(b);

	return f->draft.begun ? draft_land(f, &f->draft, e) : not_begun(e);
}

static void folder_drop(struct blobs *b)
{
	draft_end(&folder_of(b)->draft);
}

static int unlink_blob(struct folder *f, const char *name, char path[PATH_LEN_MAX],
		       struct error *e)
{
	int code = locate(f, name, path, e);

	if (code < 0)
		return code;
	blob_forget(f, name);
	return sys->unlink(path) < 0 && errno != ENOENT ? error_errno(e, "blob %s", name) : 0;
}

static int folder_shed_blob(struct blobs *b, const char *name, struct error *e)
{
	char path[PATH_LEN_MAX];

	return unlink_blob(folder_of(b), name, path, e);
}

static int folder_remove_blob(struct blobs *b, const char *name, struct error *e)
{
	char path[PATH_LEN_MAX];
	int code = unlink_blob(folder_of(b), name, path, e);

	if (code < 0)
		return code;
	/* Not there: who removed it may have died before this. */
	code = sync_folder_of(path, e);
	if (code != E_NOT_FOUND)
		return code;
	error_clear(e);
	return 0;
}

static int folder_list_blobs(struct blobs *b, const char *prefix,
			     int (*each)(void *ctx, const char *name, uint64_t len_bytes,
					 struct error *e),
			     void *ctx, struct error *e)
{
	return blobs_walk(folder_of(b)->root, prefix, each, ctx, e);
}

static void folder_close(struct blobs *b)
{
	struct folder *f = folder_of(b);

	draft_end(&f->draft);
	draft_end(&f->staged);
	blobs_settle_forget(f);
	for (size_t i = 0; i < OPEN_MAX_KEPT; i++)
		kept_drop(&f->kept[i]);
	for (size_t i = 0; i < READY_MAX_KEPT; i++)
		free(f->ready[i]);
	free(f);
}

static const struct blobs_calls folder_calls = {
	.put = folder_put,
	.write_many = blobs_write_many,
	.stage = blobs_stage,
	.settle = blobs_settle,
	.replace = folder_replace,
	.land = blobs_land,
	.get = folder_get,
	.size = folder_size,
	.list = folder_list_blobs,
	.remove = folder_remove_blob,
	.shed = folder_shed_blob,
	.begin = folder_begin,
	.part = folder_part,
	.finish = folder_finish,
	.drop = folder_drop,
	.close = folder_close,
};

int blobs_open_folder(struct blobs **ret_blobs, const char *folder, unsigned mode,
		      struct error *e)
{
	struct folder *f = calloc(1, sizeof(*f));
	int code;

	if (!f)
		return error_set(e, E_MEMORY, "out of memory");
	f->blobs.calls = &folder_calls;
	f->mode = mode;
	code = folder_make(folder, mode, e);
	if (code == 0)
		code = path_real(f->root, folder, e);
	if (code < 0) {
		folder_close(&f->blobs);
		return code;
	}
	*ret_blobs = &f->blobs;
	return 0;
}

void blobs_close(struct blobs *b)
{
	if (b)
		b->calls->close(b);
}
