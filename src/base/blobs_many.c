/* Many blobs at once: written beside where they will land, synced together, and then each linked. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/blobs_folder.h"
#include "base/sys.h"

enum { MANY = 8 /* from so many on, syncing all that the file system has to write is faster */ };

struct written {
	char *temp, *path; /* temp is NULL when it is gone */
};

static int write_one(struct folder *f, const struct blob_put *put, struct arena *a,
		     struct written *ret, struct error *e)
{
	struct draft d;

	if (draft_begin(f, &d, put->name, e) < 0)
		return e->code;
	ret->temp = arena_text(a, d.temp, strlen(d.temp), e);
	ret->path = arena_text(a, d.path, strlen(d.path), e);
	if (!ret->temp || !ret->path || fd_write_all(d.fd, put->bytes, put->len_bytes, e) < 0) {
		ret->temp = NULL;
		draft_end(&d);
		return error_wrap(e, "blob %s", put->name);
	}
	sys->close(d.fd);
	return 0;
}

static int sync_one(const char *path, struct error *e)
{
	int fd = sys->open(path, O_RDONLY | O_NOFOLLOW, 0), code;

	if (fd < 0)
		return error_errno(e, "%s", path);
	code = fd_sync(fd, path, e);
	sys->close(fd);
	return code;
}

static int sync_written(struct folder *f, const struct written *w, size_t count, struct error *e)
{
	int fd = sys->open(f->root, O_RDONLY | O_DIRECTORY, 0);
	bool synced;

	if (fd < 0)
		return error_errno(e, "%s", f->root);
	synced = fd_sync_together(fd, f->root);
	sys->close(fd);
	for (size_t i = 0; i < count && !synced; i++)
		if (sync_one(w[i].temp, e) < 0)
			return e->code;
	return 0;
}

/* The name is taken: by the same bytes? */
static int compare_written(struct folder *f, const char *name, const char *temp, struct error *e)
{
	struct draft d = { .begun = true };
	int code;

	memcpy(d.name, name, strlen(name) + 1);
	memcpy(d.temp, temp, strlen(temp) + 1);
	d.fd = sys->open(temp, O_RDONLY | O_NOFOLLOW, 0);
	if (d.fd < 0)
		return error_errno(e, "blob %s", name);
	code = draft_compare(f, &d, e);
	sys->close(d.fd);
	return code;
}

static int land_one(struct folder *f, const struct blob_put *put, struct written *w,
		    struct error *e)
{
	int code = 0;

	if (sys->link(w->temp, w->path) < 0)
		code = errno == EEXIST ? compare_written(f, put->name, w->temp, e) :
					 error_errno(e, "blob %s", put->name);
	sys->unlink(w->temp);
	w->temp = NULL;
	return code;
}

/* Those of one folder follow each other, mostly. */
static int sync_folders(const struct written *w, size_t count, struct error *e)
{
	char now[PATH_LEN_MAX], last[PATH_LEN_MAX] = "";

	for (size_t i = 0; i < count; i++) {
		memcpy(now, w[i].path, strlen(w[i].path) + 1);
		blob_to_parent(now);
		if (strcmp(now, last) != 0 && folder_sync(now, e) < 0)
			return e->code;
		memcpy(last, now, sizeof(last));
	}
	return 0;
}

static int put_together(struct folder *f, const struct blob_put *list, size_t count,
			struct arena *a, struct written *w, struct error *e)
{
	for (size_t i = 0; i < count; i++)
		if (write_one(f, &list[i], a, &w[i], e) < 0)
			return e->code;
	if (sync_written(f, w, count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (land_one(f, &list[i], &w[i], e) < 0)
			return e->code;
	return sync_folders(w, count, e);
}

int blobs_put_many(struct blobs *b, const struct blob_put *list, size_t count,
		   struct error *e)
{
	struct folder *f = folder_of(b);
	scoped(arena) *a = NULL;
	struct written *w;
	int code = 0;

	if (count < MANY) {
		for (size_t i = 0; i < count && code == 0; i++)
			code = b->calls->put(b, list[i].name, list[i].bytes, list[i].len_bytes, e);
		return code;
	}
	if (arena_create(&a, e) < 0)
		return e->code;
	w = arena_alloc(a, count * sizeof(*w), e); /* all NULL */
	if (!w)
		return e->code;
	code = put_together(f, list, count, a, w, e);
	for (size_t i = 0; i < count; i++)
		if (w[i].temp)
			sys->unlink(w[i].temp);
	return code;
}
