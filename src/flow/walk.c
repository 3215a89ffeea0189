#include "flow/walk.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/sys.h"

struct walker {
	char path[PATH_LEN_MAX];
	size_t len, below; /* of path; where the relative part begins */
	int (*each)(void *ctx, const struct walked *f, struct error *e);
	void *ctx;
};

static int found(struct walker *w, enum walked_kind kind, uint64_t len_bytes, struct error *e)
{
	/* A root that cannot be listed has nothing below it. */
	const char *relative = w->path + (w->below <= w->len ? w->below : 0);
	const struct walked f = { kind, w->path, relative, len_bytes };

	return w->each(w->ctx, &f, e);
}

/* A name that makes the path too long cannot be opened: it is told by its beginning. */
static bool append(struct walker *w, const char *name)
{
	size_t len = strlen(name), room = sizeof(w->path) - 1 - w->len;
	bool slash = w->len && w->path[w->len - 1] != '/';

	if (slash && room) {
		w->path[w->len++] = '/';
		room--;
	}
	if (len < room)
		room = len;
	memcpy(w->path + w->len, name, room);
	w->len += room;
	w->path[w->len] = 0;
	return room == len;
}

static int entry(struct walker *w, struct error *e);

static int folder(struct walker *w, struct error *e)
{
	size_t len = w->len, count;
	scoped(arena) *a = NULL;
	char **names;
	int code;

	if (arena_create(&a, e) < 0)
		return e->code;
	if (folder_list(a, w->path, &names, &count, e) < 0) {
		if (e->code == E_MEMORY)
			return e->code;
		error_clear(e);
		return found(w, WALKED_UNREADABLE, 0, e);
	}
	for (size_t i = 0; i < count; i++) {
		bool fits = append(w, names[i]);

		code = fits ? entry(w, e) : found(w, WALKED_UNREADABLE, 0, e);
		w->len = len;
		w->path[len] = 0;
		if (code != 0)
			return code;
	}
	return 0;
}

static bool is_repository(const char *path)
{
	const char *name = strrchr(path, '/');

	return strcmp(name ? name + 1 : path, ".rescind") == 0;
}

static int entry(struct walker *w, struct error *e)
{
	struct stat st;

	if (sys->lstat(w->path, &st) != 0)
		return found(w, WALKED_UNREADABLE, 0, e);
	if (S_ISDIR(st.st_mode))
		return is_repository(w->path) ? 0 : folder(w, e);
	if (S_ISLNK(st.st_mode))
		return found(w, WALKED_SYMLINK, 0, e);
	return S_ISREG(st.st_mode) ? found(w, WALKED_FILE, (uint64_t)st.st_size, e) :
				     found(w, WALKED_OTHER, 0, e);
}

int walk(const char *root, int (*each)(void *ctx, const struct walked *f, struct error *e),
	 void *ctx, struct error *e)
{
	struct walker w = { .each = each, .ctx = ctx, .len = strlen(root) };
	const char *slash = strrchr(root, '/');
	char shown[256];
	struct stat st;

	if (w.len >= sizeof(w.path))
		return error_set(e, E_NOT_FOUND, "a path of more than %d bytes", PATH_LEN_MAX - 1);
	if (sys->lstat(root, &st) != 0)
		return error_errno(e, "%s", path_escape(shown, sizeof(shown), root));
	memcpy(w.path, root, w.len + 1);
	if (!S_ISDIR(st.st_mode)) {
		w.below = slash ? (size_t)(slash + 1 - root) : 0;
		return entry(&w, e);
	}
	w.below = w.len + (w.len && root[w.len - 1] != '/');
	if (is_repository(root))
		return 0;
	return folder(&w, e);
}
