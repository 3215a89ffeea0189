#include "base/blobs_walk.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/blobs.h"
#include "base/file.h"
#include "base/sys.h"

static bool segment_valid(const char *p, size_t len)
{
	if (len == 0 || strncmp(p, BLOB_TEMP_PREFIX, sizeof(BLOB_TEMP_PREFIX) - 1) == 0)
		return false;
	if ((len == 1 && p[0] == '.') || (len == 2 && p[0] == '.' && p[1] == '.'))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!(p[i] >= 'a' && p[i] <= 'z') && !(p[i] >= 'A' && p[i] <= 'Z') &&
		    !(p[i] >= '0' && p[i] <= '9') && p[i] != '.' && p[i] != '_' && p[i] != '-')
			return false;
	return true;
}

/* Names may come from outside; none may lead out of the folder or to a temporary file. */
int blob_name_check(const char *name, struct error *e)
{
	char shown[64];

	if (strnlen(name, BLOBS_NAME_MAX + 1) > BLOBS_NAME_MAX)
		return error_set(e, E_RANGE, "blob name longer than %d bytes", BLOBS_NAME_MAX);
	for (const char *p = name;;) {
		size_t len = strcspn(p, "/");

		if (!segment_valid(p, len))
			return error_set(e, E_FORMAT, "not a blob name: %s",
					 path_escape(shown, sizeof(shown), name));
		if (p[len] == '\0')
			return 0;
		p += len + 1;
	}
}

struct walk {
	const char *root;
	int (*each)(void *ctx, const char *name, uint64_t len_bytes, struct error *e);
	void *ctx;
	struct error *e;
};

/* A folder's entry; the name of a folder ends in '/', as it does in the names below it, so
 * that sorting entries sorts blobs ("a.b" before "a/b"). */
struct entry {
	const char *name;
	uint64_t size;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* 1: an entry. 0: none of ours, or gone since. */
static int look_at(struct walk *w, struct arena *a, const char *prefix, const char *name,
		   struct entry *ret)
{
	const char *path = arena_printf(a, w->e, "%s/%s%s", w->root, prefix, name);
	struct stat st;

	if (!segment_valid(name, strlen(name)))
		return 0;
	if (!path)
		return E_MEMORY;
	if (sys->lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : error_errno(w->e, "blob %s%s", prefix, name);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return 0;
	ret->size = (uint64_t)st.st_size;
	ret->name = arena_printf(a, w->e, "%s%s%s", prefix, name, S_ISDIR(st.st_mode) ? "/" : "");
	return ret->name ? 1 : E_MEMORY;
}

static int entries_of(struct walk *w, struct arena *a, const char *prefix,
		      struct entry **ret_entries, size_t *ret_count)
{
	const char *path = arena_printf(a, w->e, "%s/%s", w->root, prefix);
	struct entry *entries;
	size_t names_count = 0, count = 0;
	char **names = NULL;
	int code = path ? folder_list(a, path, &names, &names_count, w->e) : E_MEMORY;

	if (code == E_NOT_FOUND) {
		error_clear(w->e);
		return 0;
	}
	if (code < 0)
		return code;
	entries = arena_alloc(a, (names_count + 1) * sizeof(*entries), w->e);
	if (!entries)
		return E_MEMORY;
	for (size_t i = 0; i < names_count; i++) {
		code = look_at(w, a, prefix, names[i], &entries[count]);
		if (code < 0)
			return code;
		count += (size_t)code;
	}
	qsort(entries, count, sizeof(*entries), by_name);
	*ret_entries = entries;
	*ret_count = count;
	return 0;
}

/* No deeper than a name can say: each level adds two bytes to the prefix at least. */
static int walk_below(struct walk *w, const char *prefix)
{
	scoped(arena) *a = NULL;
	struct entry *entries = NULL;
	size_t count = 0;
	int code = arena_create(&a, w->e);

	if (code == 0)
		code = entries_of(w, a, prefix, &entries, &count);
	for (size_t i = 0; i < count && code == 0; i++) {
		const char *name = entries[i].name;
		size_t len = strlen(name);

		if (len > BLOBS_NAME_MAX)
			continue;
		code = name[len - 1] == '/' ? walk_below(w, name) :
					      w->each(w->ctx, name, entries[i].size, w->e);
	}
	return code;
}

int blobs_walk(const char *root, const char *prefix,
	       int (*each)(void *ctx, const char *name, uint64_t len_bytes, struct error *e),
	       void *ctx, struct error *e)
{
	struct walk w = { .root = root, .each = each, .ctx = ctx, .e = e };
	char name[BLOBS_NAME_MAX + 1];
	size_t len = strnlen(prefix, BLOBS_NAME_MAX);
	int code;

	if (len == 0)
		return walk_below(&w, "");
	if (prefix[len - 1] != '/' || prefix[len] != '\0')
		return error_set(e, E_FORMAT, "a prefix of blobs ends in '/'");
	memcpy(name, prefix, len - 1);
	name[len - 1] = '\0';
	code = blob_name_check(name, e);
	return code < 0 ? code : walk_below(&w, prefix);
}
