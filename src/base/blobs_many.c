/*
 * Many blobs at once: each is written where it will lie, and one wait for the disk makes them and
 * their names durable. Until then a name may hold any part of its bytes, so this is for what nobody
 * reads before: tiles beyond the public head.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/blobs_folder.h"
#include "base/blobs_walk.h"
#include "base/sys.h"

void blobs_settle_forget(struct folder *f)
{
	arena_destroy(f->unsynced_arena);
	f->unsynced_arena = NULL;
	f->unsynced = NULL;
	f->unsynced_count = f->unsynced_cap = 0;
}

static int note_unsynced(struct folder *f, const char *path, struct error *e)
{
	char **list;

	if (!f->unsynced_arena && arena_create(&f->unsynced_arena, e) < 0)
		return e->code;
	list = arena_grow(f->unsynced_arena, f->unsynced, sizeof(*list), f->unsynced_count,
			  &f->unsynced_cap, e);
	if (!list)
		return e->code;
	f->unsynced = list;
	list[f->unsynced_count] = arena_text(f->unsynced_arena, path, strlen(path), e);
	return list[f->unsynced_count] ? (int)(f->unsynced_count++, 0) : e->code;
}

/* The folders above path, below the root; settle makes them durable. */
static int make_folders(const struct folder *f, const char *path, struct error *e)
{
	char folder[PATH_LEN_MAX];

	memcpy(folder, path, strlen(path) + 1);
	for (char *at = folder + strlen(f->root) + 1; (at = strchr(at, '/')) != NULL; *at++ = '/') {
		*at = '\0';
		if (sys->mkdir(folder, f->mode) < 0 && errno != EEXIST)
			return error_errno(e, "%s", folder);
	}
	return 0;
}

/* A descriptor; E_CONFLICT when the name is taken. */
static int create(const struct folder *f, const char *path, struct error *e)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, fd = sys->open(path, flags, f->mode & 0666);

	if (fd < 0 && errno == ENOENT) {
		if (make_folders(f, path, e) < 0)
			return e->code;
		fd = sys->open(path, flags, f->mode & 0666);
	}
	if (fd >= 0)
		return fd;
	return errno == EEXIST ? error_set(e, E_CONFLICT, "it is there") : error_errno(e, "create");
}

static int write_new(const struct folder *f, const char *path, const struct blob_write *w,
		     struct error *e)
{
	int fd = create(f, path, e), code;

	if (fd < 0)
		return fd;
	code = fd_write_all(fd, w->bytes, w->len_bytes, e);
	sys->close(fd);
	if (code < 0)
		sys->unlink(path);
	return code;
}

/* 0: what has the name is the same. E_CONFLICT: not. */
static int compare(struct blobs *b, const struct blob_write *w, struct error *e)
{
	scoped(buf) *there = NULL;
	uint64_t len;

	if (b->calls->size(b, w->name, &len, e) < 0 || buf_create(&there, w->len_bytes, e) < 0)
		return e->code;
	if (len == w->len_bytes && b->calls->get(b, w->name, 0, len, there, e) < 0)
		return e->code;
	if (len == w->len_bytes && (len == 0 || memcmp(there->data, w->bytes, len) == 0))
		return 0;
	return error_set(e, E_CONFLICT, "blob %s: holds other bytes", w->name);
}

static int write_over(struct folder *f, const struct blob_write *w, struct error *e)
{
	struct draft d;

	if (draft_begin(f, &d, w->name, e) < 0)
		return e->code;
	if (fd_write_all(d.fd, w->bytes, w->len_bytes, e) == 0 && sys->rename(d.temp, d.path) < 0)
		error_errno(e, "blob %s", w->name);
	blob_forget(f, w->name);
	if (e->code) {
		draft_end(&d);
		return e->code;
	}
	sys->close(d.fd);
	return 0;
}

static int write_one(struct folder *f, const struct blob_write *w, bool *ret_new, struct error *e)
{
	char path[PATH_LEN_MAX];

	*ret_new = false;
	if (blob_name_check(w->name, e) < 0 || path_join(path, f->root, w->name, e) < 0 ||
	    note_unsynced(f, path, e) < 0)
		return e->code;
	if (write_new(f, path, w, e) == 0) {
		*ret_new = true;
		return 0;
	}
	if (e->code != E_CONFLICT)
		return error_wrap(e, "blob %s", w->name);
	error_clear(e);
	if (compare(&f->blobs, w, e) == 0)
		return 0;
	if (e->code != E_CONFLICT || !w->over)
		return e->code;
	error_clear(e);
	return write_over(f, w, e);
}

static void take_back(struct folder *f, const struct blob_write *list, const bool *new,
		      size_t count)
{
	char path[PATH_LEN_MAX];
	struct error why = { 0 };

	for (size_t i = 0; i < count; i++)
		if (new[i] && path_join(path, f->root, list[i].name, &why) == 0) {
			blob_forget(f, list[i].name);
			sys->unlink(path);
		}
}

int blobs_write_many(struct blobs *b, const struct blob_write *list, size_t count,
		     struct error *e)
{
	struct folder *f = folder_of(b);
	size_t before = f->unsynced_count;
	scoped(arena) *a = NULL;
	bool *new;

	if (count == 0)
		return 0;
	if (arena_create(&a, e) < 0)
		return e->code;
	new = arena_alloc(a, count * sizeof(*new), e); /* all false */
	if (!new)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (write_one(f, &list[i], &new[i], e) < 0) {
			take_back(f, list, new, i);
			f->unsynced_count = before;
			return e->code;
		}
	return 0;
}

int blobs_stage(struct blobs *b, const char *name, const void *bytes, size_t len_bytes,
		struct error *e)
{
	struct folder *f = folder_of(b);

	draft_end(&f->staged);
	f->staged_synced = false;
	if (draft_begin(f, &f->staged, name, e) < 0)
		return e->code;
	if (fd_write_all(f->staged.fd, bytes, len_bytes, e) == 0)
		return 0;
	draft_end(&f->staged);
	return error_wrap(e, "blob %s", name);
}

int blobs_land(struct blobs *b, const char *name, const void *bytes, size_t len_bytes,
	       struct error *e)
{
	struct folder *f = folder_of(b);

	if (!f->staged.begun || !f->staged_synced || strcmp(f->staged.name, name) != 0 ||
	    !draft_is(&f->staged, bytes, len_bytes))
		return b->calls->replace(b, name, bytes, len_bytes, e);
	return note_unsynced(f, f->staged.path, e) < 0 ? e->code : draft_over(f, &f->staged, e);
}

/* --- settle --- */

static bool waits(const struct folder *f)
{
	return f->unsynced_count > 0 || (f->staged.begun && !f->staged_synced);
}

static int sync_file(const char *path, struct error *e)
{
	int fd = sys->open(path, O_RDONLY | O_NOFOLLOW, 0), code;

	if (fd < 0)
		return error_errno(e, "%s", path);
	code = fd_sync(fd, path, e);
	sys->close(fd);
	return code;
}

/* Of one path and the one before, the folders above both are synced once. */
static int sync_folders(const struct folder *f, const char *path, char last[PATH_LEN_MAX],
			struct error *e)
{
	char folder[PATH_LEN_MAX];

	memcpy(folder, path, strlen(path) + 1);
	blob_to_parent(folder);
	if (strcmp(folder, last) == 0)
		return 0;
	memcpy(last, folder, sizeof(folder));
	for (; strlen(folder) >= strlen(f->root); blob_to_parent(folder))
		if (folder_sync(folder, e) < 0)
			return e->code;
	return 0;
}

static int sync_each(struct folder *f, struct error *e)
{
	char last[PATH_LEN_MAX] = "";

	if (f->staged.begun && fd_sync(f->staged.fd, f->staged.temp, e) < 0)
		return e->code;
	for (size_t i = 0; i < f->unsynced_count; i++)
		if (sync_file(f->unsynced[i], e) < 0 || sync_folders(f, f->unsynced[i], last, e) < 0)
			return e->code;
	return 0;
}

static void settled(struct folder *f)
{
	f->staged_synced = true;
	blobs_settle_forget(f);
}

/* *ret_device: what was synced together, or 0. */
static int settle_one(struct folder *f, dev_t *ret_device, struct error *e)
{
	int fd = sys->open(f->root, O_RDONLY | O_DIRECTORY, 0);
	struct stat st;
	bool together;

	if (fd < 0)
		return error_errno(e, "%s", f->root);
	together = fd_sync_together(fd, f->root);
	*ret_device = together && sys->fstat(fd, &st) == 0 ? st.st_dev : 0;
	sys->close(fd);
	if (!together && sync_each(f, e) < 0)
		return e->code;
	settled(f);
	return 0;
}

int blobs_settle(struct blobs *b, struct blobs *also, uint64_t *ret_device, struct error *e)
{
	struct folder *f = folder_of(b), *g = also ? folder_of(also) : NULL;
	dev_t device = 0;
	struct stat st;

	if (waits(f) && settle_one(f, &device, e) < 0)
		return e->code;
	if (g && waits(g)) {
		if (device != 0 && sys->lstat(g->root, &st) == 0 && st.st_dev == device)
			settled(g);
		else if (settle_one(g, &device, e) < 0)
			return e->code;
	}
	if (ret_device)
		*ret_device = device;
	return 0;
}
