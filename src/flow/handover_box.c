/* A folder that is being filled: what was begun there is removed unless it is kept. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/sys.h"
#include "flow/handover.h"

enum { SYNC_TOGETHER = 100, OUT_PART = 1 << 16, FILE_MODE = 0600, FOLDER_MODE = 0700, SHOWN_MAX = 200 };
#define SHOWN(path) path_escape((char[SHOWN_MAX]){ 0 }, SHOWN_MAX, path)

struct outbox {
	char folder[PATH_LEN_MAX];
	bool made, kept;
	struct arena *a;
	const char **files, **folders; /* below it; folders: each after those above it */
	size_t file_count, file_cap, folder_count, folder_cap;
	size_t synced; /* of the files */
};

struct outfile {
	char path[PATH_LEN_MAX];
	int fd;
	struct hasher *h;
	struct buf *part;
	uint64_t bytes;
};

static bool is_inside(const char *path, const char *folder)
{
	char real[PATH_LEN_MAX];
	size_t len;

	if (!*folder || !sys->realpath(folder, real))
		return false;
	len = strlen(real);
	return strncmp(path, real, len) == 0 && (path[len] == 0 || path[len] == '/');
}

static int check_folder(struct outbox *o, struct repo *r, struct error *e)
{
	char **names;
	size_t count;

	if (is_inside(o->folder, r->folder) || is_inside(o->folder, r->keys.path) ||
	    is_inside(o->folder, r->keys.mirror))
		return error_set(e, E_USAGE, "%s lies inside of the repository", SHOWN(o->folder));
	if (folder_list(o->a, o->folder, &names, &count, e) < 0)
		return e->code;
	if (count == 0)
		return 0;
	return error_set(e, E_CONFLICT,
			 "%s is not empty (name a new folder; what a stopped hand-over left there is noted nowhere: delete it)",
			 SHOWN(o->folder));
}

int outbox_open(struct outbox **ret, struct repo *r, const char *folder, struct error *e)
{
	scoped(outbox) *o = calloc(1, sizeof(*o));
	bool there = file_exists(folder);

	if (!o)
		return error_set(e, E_MEMORY, "out of memory");
	if (arena_create(&o->a, e) < 0 || folder_make(folder, FOLDER_MODE, e) < 0 ||
	    path_real(o->folder, folder, e) < 0)
		return e->code;
	o->made = !there;
	if (check_folder(o, r, e) < 0)
		return e->code;
	*ret = give(o);
	return 0;
}

const char *outbox_folder(const struct outbox *o)
{
	return o->folder;
}

void outbox_keep(struct outbox *o)
{
	o->kept = true;
}

/* What cannot be removed stays; the failure that brought us here is told. */
static void remove_all(struct outbox *o)
{
	char path[PATH_LEN_MAX];

	for (size_t i = o->file_count; i > 0; i--)
		if (path_join(path, o->folder, o->files[i - 1], NULL) == 0)
			sys->unlink(path);
	for (size_t i = o->folder_count; i > 0; i--)
		if (path_join(path, o->folder, o->folders[i - 1], NULL) == 0)
			sys->rmdir(path);
	if (o->made)
		sys->rmdir(o->folder);
}

void outbox_close(struct outbox *o)
{
	if (!o)
		return;
	if (!o->kept)
		remove_all(o);
	arena_destroy(o->a);
	free(o);
}

static int remember(struct outbox *o, const char ***list, size_t *count, size_t *cap,
		    const char *name, size_t len, struct error *e)
{
	*list = arena_grow(o->a, *list, sizeof(**list), *count, cap, e);
	if (!*list || !((*list)[*count] = arena_text(o->a, name, len, e)))
		return e->code;
	++*count;
	return 0;
}

/* Relative, no empty part, and none that leads out. */
static bool is_safe(const char *name)
{
	size_t len;

	for (;; name += len + 1) {
		len = strcspn(name, "/");
		if (len == 0 || (len == 1 && name[0] == '.') ||
		    (len == 2 && name[0] == '.' && name[1] == '.'))
			return false;
		if (!name[len])
			return true;
	}
}

static int make_folder(struct outbox *o, const char *name, size_t len, struct error *e)
{
	char below[PATH_LEN_MAX], path[PATH_LEN_MAX];
	struct stat st;

	memcpy(below, name, len);
	below[len] = 0;
	if (path_join(path, o->folder, below, e) < 0)
		return e->code;
	if (sys->mkdir(path, FOLDER_MODE) == 0)
		return remember(o, &o->folders, &o->folder_count, &o->folder_cap, name, len, e);
	if (errno != EEXIST)
		return error_errno(e, "%s", SHOWN(path));
	if (sys->lstat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return error_set(e, E_CONFLICT, "%s is no folder", SHOWN(path));
	return 0;
}

static int make_folders(struct outbox *o, const char *name, struct error *e)
{
	const char *last = o->file_count ? o->files[o->file_count - 1] : "";

	for (const char *at = strchr(name, '/'); at; at = strchr(at + 1, '/')) {
		size_t len = (size_t)(at - name);

		/* Files of one folder mostly follow each other. */
		if (strncmp(last, name, len + 1) == 0)
			continue;
		if (make_folder(o, name, len, e) < 0)
			return e->code;
	}
	return 0;
}

static int open_file(struct outbox *o, const char *name, struct outfile *f, struct error *e)
{
	if (hasher_create(&f->h, e) < 0 || buf_create(&f->part, OUT_PART, e) < 0 ||
	    make_folders(o, name, e) < 0)
		return e->code;
	f->fd = sys->open(f->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE);
	if (f->fd >= 0)
		return remember(o, &o->files, &o->file_count, &o->file_cap, name, strlen(name), e);
	return errno == EEXIST ? error_set(e, E_CONFLICT, "%s exists", SHOWN(f->path)) :
				 error_errno(e, "%s", SHOWN(f->path));
}

int outbox_begin(struct outbox *o, const char *name, struct outfile **ret, struct error *e)
{
	scoped(outfile) *f = NULL;

	if (!is_safe(name))
		return error_set(e, E_USAGE, "%s is no name for a file here", SHOWN(name));
	f = calloc(1, sizeof(*f));
	if (!f)
		return error_set(e, E_MEMORY, "out of memory");
	f->fd = -1;
	if (path_join(f->path, o->folder, name, e) < 0 || open_file(o, name, f, e) < 0)
		return e->code;
	*ret = give(f);
	return 0;
}

static int flush(struct outfile *f, struct error *e)
{
	int code = fd_write_all(f->fd, f->part->data, f->part->len, e);

	buf_clear(f->part);
	return code < 0 ? error_wrap(e, "%s", SHOWN(f->path)) : 0;
}

int outfile_add(struct outfile *f, const void *bytes, size_t len_bytes, struct error *e)
{
	hasher_add(f->h, bytes, len_bytes);
	f->bytes += len_bytes;
	if (f->part->len + len_bytes > OUT_PART && flush(f, e) < 0)
		return e->code;
	if (len_bytes < OUT_PART)
		return buf_put(f->part, bytes, len_bytes, e);
	return fd_write_all(f->fd, bytes, len_bytes, e) < 0 ? error_wrap(e, "%s", SHOWN(f->path)) :
							      0;
}

int outfile_end(struct outfile *f, struct hash *ret, uint64_t *ret_bytes, struct error *e)
{
	int code = flush(f, e);

	if (sys->close(f->fd) != 0 && code == 0)
		code = error_errno(e, "%s", SHOWN(f->path));
	f->fd = -1;
	if (code == 0 && ret)
		hasher_end(f->h, ret);
	if (code == 0 && ret_bytes)
		*ret_bytes = f->bytes;
	outfile_drop(f);
	return code;
}

void outfile_drop(struct outfile *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		sys->close(f->fd);
	hasher_destroy(f->h);
	buf_destroy(f->part);
	free(f);
}

int outbox_write(struct outbox *o, const char *name, const void *bytes, size_t len_bytes,
		 struct hash *ret, struct error *e)
{
	scoped(outfile) *f = NULL;

	if (outbox_begin(o, name, &f, e) < 0 || outfile_add(f, bytes, len_bytes, e) < 0)
		return e->code;
	return outfile_end(give(f), ret, NULL, e);
}

static int sync_file(const char *path, struct error *e)
{
	int fd = sys->open(path, O_RDONLY | O_NOFOLLOW, 0), code;

	if (fd < 0)
		return error_errno(e, "%s", SHOWN(path));
	code = fd_sync(fd, path, e);
	sys->close(fd);
	return code;
}

/* Each file that is synced alone waits for the disk once; many are synced with all else that their
 * file system has to write. False: it cannot do that. */
static bool sync_together(struct outbox *o)
{
	bool synced;
	int fd;

	if (o->file_count - o->synced < SYNC_TOGETHER)
		return false;
	fd = sys->open(o->folder, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return false;
	synced = fd_sync_together(fd, o->folder);
	sys->close(fd);
	if (synced)
		o->synced = o->file_count;
	return synced;
}

int outbox_sync(struct outbox *o, struct error *e)
{
	char path[PATH_LEN_MAX];

	if (sync_together(o))
		return 0;
	for (; o->synced < o->file_count; o->synced++)
		if (path_join(path, o->folder, o->files[o->synced], e) < 0 ||
		    sync_file(path, e) < 0)
			return e->code;
	for (size_t i = o->folder_count; i > 0; i--)
		if (path_join(path, o->folder, o->folders[i - 1], e) < 0 ||
		    folder_sync(path, e) < 0)
			return e->code;
	return folder_sync(o->folder, e);
}
