#include "vault/keydir.h"

#include <fcntl.h>
#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "crypto/seal.h"
#include "vault/keydir_digests.h"

static const char *root_of(const struct keydir *k, unsigned place)
{
	return place == KEYDIR_HERE ? k->path : k->mirror;
}

bool keydir_has(const struct keydir *k, unsigned place)
{
	return root_of(k, place)[0] != '\0';
}

static int locate(char ret[PATH_LEN_MAX], const struct keydir *k, unsigned place,
		  const char *name, struct error *e)
{
	return path_join(ret, root_of(k, place), name, e);
}

/* One place */

/* The folder of a name is made when the first file comes into it, and the root by keydir_repair
 * alone: a mirror that is not mounted must not grow a second one below its mount point. */
static int make_folder(const struct keydir *k, unsigned place, const char *name,
		       struct error *e)
{
	const char *slash = strchr(name, '/');
	char path[PATH_LEN_MAX];
	int code = locate(path, k, place, name, e);

	if (code < 0)
		return code;
	if (!file_exists(root_of(k, place)) || !slash)
		return error_set(e, E_NOT_FOUND, "%s: no such folder", root_of(k, place));
	path[strlen(path) - strlen(slash)] = '\0';
	return folder_make(path, 0700, e);
}

static int look_back(const char *path, const char *name, const void *bytes, size_t len_bytes,
		     struct error *e)
{
	scoped(buf) *back = NULL;

	if (file_read(path, len_bytes, &back, e) < 0)
		return e->code;
	if (back->len != len_bytes || (len_bytes > 0 && memcmp(back->data, bytes, len_bytes) != 0))
		return error_set(e, E_MISMATCH, "%s: the disk gives back other bytes", name);
	return 0;
}

int keydir_put_at(struct keydir *k, unsigned place, const char *name, const void *bytes,
		  size_t len_bytes, struct error *e)
{
	char path[PATH_LEN_MAX];
	int code = locate(path, k, place, name, e);

	if (code == 0)
		code = file_write(path, bytes, len_bytes, 0600, e);
	if (code == E_NOT_FOUND) {
		error_clear(e);
		code = make_folder(k, place, name, e);
		if (code == 0)
			code = file_write(path, bytes, len_bytes, 0600, e);
	}
	return code < 0 ? code : look_back(path, name, bytes, len_bytes, e);
}

int keydir_get_at(struct keydir *k, unsigned place, const char *name, uint64_t max_bytes,
		  struct buf **ret, struct error *e)
{
	char path[PATH_LEN_MAX];
	int code = locate(path, k, place, name, e);

	return code < 0 ? code : file_read(path, max_bytes, ret, e);
}

int keydir_range_at(struct keydir *k, unsigned place, const char *name, uint64_t at,
		    void *ret, size_t len_bytes, struct error *e)
{
	char path[PATH_LEN_MAX];
	int fd, code = locate(path, k, place, name, e);

	if (code < 0)
		return code;
	fd = file_open(path, O_RDONLY, 0, NULL, e);
	if (fd < 0)
		return fd;
	code = fd_pread_all(fd, ret, len_bytes, at, e);
	sys->close(fd);
	return code < 0 ? error_wrap(e, "%s", name) : 0;
}

int keydir_size_at(struct keydir *k, unsigned place, const char *name, uint64_t *ret_bytes,
		   struct error *e)
{
	char path[PATH_LEN_MAX];
	int code = locate(path, k, place, name, e);

	return code < 0 ? code : file_size(path, ret_bytes, e);
}

/* Both places */

static int write_both(struct keydir *k, const char *name, const void *bytes, size_t len_bytes,
		      struct error *e)
{
	for (unsigned place = KEYDIR_PLACES; place-- > 0;) {
		int code = keydir_has(k, place) ?
				   keydir_put_at(k, place, name, bytes, len_bytes, e) :
				   0;

		if (code < 0)
			return error_wrap(e, "keys in %s", root_of(k, place));
	}
	return 0;
}

void keydir_stage(struct keydir *k, const char *name, const void *bytes, size_t len_bytes,
		  struct keydir_staged *ret)
{
	for (unsigned place = 0; place < KEYDIR_PLACES; place++) {
		char path[PATH_LEN_MAX];
		struct error why = { 0 };

		if (!keydir_has(k, place) || locate(path, k, place, name, &why) < 0 ||
		    file_stage(ret->temp[place], path, bytes, len_bytes, 0600, &why) < 0)
			ret->temp[place][0] = 0; /* keydir_land says why */
	}
}

static int land_at(struct keydir *k, unsigned place, const char *name, const void *bytes,
		   size_t len_bytes, char *temp, uint64_t device, struct error *e)
{
	char path[PATH_LEN_MAX];

	if (!*temp)
		return keydir_put_at(k, place, name, bytes, len_bytes, e);
	if (locate(path, k, place, name, e) < 0 || file_land(temp, path, device, e) < 0)
		return e->code;
	*temp = 0;
	return look_back(path, name, bytes, len_bytes, e);
}

int keydir_land(struct keydir *k, const char *name, const void *bytes, size_t len_bytes,
		struct keydir_staged *s, uint64_t device, struct error *e)
{
	for (unsigned place = KEYDIR_PLACES; place-- > 0;)
		if (keydir_has(k, place) &&
		    land_at(k, place, name, bytes, len_bytes, s->temp[place], device, e) < 0)
			return error_wrap(e, "keys in %s", root_of(k, place));
	return 0;
}

void keydir_unstage(struct keydir_staged *s)
{
	for (unsigned place = 0; place < KEYDIR_PLACES; place++)
		if (s->temp[place][0])
			file_unstage(s->temp[place]);
}

/* Killed anywhere, the file is one of those that its lines speak of; or it is new, and has none yet. */
int keydir_write(struct keydir *k, const char *name, const void *bytes, size_t len_bytes,
		 struct error *e)
{
	scoped(arena) *a = NULL;
	struct digests d;
	struct hash digest;
	bool uneven;

	if (!digests_guard(name))
		return write_both(k, name, bytes, len_bytes, e);
	hash_bytes(&digest, bytes, len_bytes);
	if (arena_create(&a, e) < 0 || digests_load(&d, k, a, &uneven, e) < 0)
		return e->code;
	if (digests_know(&d, name) && (digests_note(&d, a, name, &digest, false, e) < 0 ||
				       digests_save(&d, k, e) < 0))
		return e->code;
	if (write_both(k, name, bytes, len_bytes, e) < 0)
		return e->code;
	return digests_note(&d, a, name, &digest, true, e) < 0 ? e->code : digests_save(&d, k, e);
}

/* As it is in one place, if that is what its digest says; d may be NULL. */
static int get_right(struct keydir *k, const struct digests *d, unsigned place, const char *name,
		     uint64_t max_bytes, struct buf **ret, struct error *e)
{
	scoped(buf) *b = NULL;

	if (keydir_get_at(k, place, name, max_bytes, &b, e) < 0)
		return e ? e->code : E_IO;
	if (d && !digests_hold(d, name, b))
		return error_set(e, E_MISMATCH, "%s in the keys directory is damaged: it is not what "
						"was written", name);
	*ret = give(b);
	return 0;
}

int keydir_read(struct keydir *k, const char *name, uint64_t max_bytes, struct buf **ret,
		struct error *e)
{
	bool guarded = digests_guard(name), uneven;
	struct error there = { 0 };
	scoped(arena) *a = NULL;
	struct digests d;
	int code;

	if (guarded && (arena_create(&a, e) < 0 || digests_load(&d, k, a, &uneven, e) < 0))
		return e->code;
	code = get_right(k, guarded ? &d : NULL, KEYDIR_HERE, name, max_bytes, ret, e);
	if (code == 0 || !keydir_has(k, KEYDIR_MIRROR))
		return code;
	/* The story told is the directory's: it is the one to be mended. */
	if (get_right(k, guarded ? &d : NULL, KEYDIR_MIRROR, name, max_bytes, ret, &there) < 0)
		return code;
	k->degraded = true;
	error_clear(e);
	return 0;
}

static int write_zeros(int fd, const char *path, uint64_t left, struct error *e)
{
	static const uint8_t zeros[4096];

	while (left > 0) {
		size_t n = left < sizeof(zeros) ? (size_t)left : sizeof(zeros);

		if (fd_write_all(fd, zeros, n, e) < 0)
			return error_wrap(e, "%s", path);
		left -= n;
	}
	return fd_sync(fd, path, e);
}

static int destroy_file(const char *path, struct error *e)
{
	struct stat st;
	int fd, code;

	fd = file_open(path, O_WRONLY | O_NOFOLLOW, 0, &st, e);
	if (fd == E_NOT_FOUND) {
		error_clear(e);
		return 0;
	}
	if (fd < 0)
		return fd;
	code = write_zeros(fd, path, (uint64_t)st.st_size, e);
	sys->close(fd);
	return code < 0 ? code : file_remove(path, e);
}

static int each_place(struct keydir *k, const char *name,
		      int (*call)(const char *path, struct error *e), struct error *e)
{
	for (unsigned place = KEYDIR_PLACES; place-- > 0;) {
		char path[PATH_LEN_MAX];
		int code = keydir_has(k, place) ? locate(path, k, place, name, e) : 0;

		if (code == 0 && keydir_has(k, place))
			code = call(path, e);
		if (code < 0)
			return error_wrap(e, "keys in %s", root_of(k, place));
	}
	return 0;
}

static int forget_digest(struct keydir *k, const char *name, struct error *e)
{
	scoped(arena) *a = NULL;
	struct digests d;
	bool uneven;

	if (!digests_guard(name))
		return 0;
	if (arena_create(&a, e) < 0 || digests_load(&d, k, a, &uneven, e) < 0)
		return e->code;
	if (!digests_know(&d, name))
		return 0;
	digests_forget(&d, name);
	return digests_save(&d, k, e);
}

int keydir_destroy(struct keydir *k, const char *name, struct error *e)
{
	return each_place(k, name, destroy_file, e) < 0 ? e->code : forget_digest(k, name, e);
}

/* Not file_remove alone, which syncs the folder also when there was nothing to remove. */
static int remove_file(const char *path, struct error *e)
{
	return file_exists(path) ? file_remove(path, e) : 0;
}

int keydir_remove(struct keydir *k, const char *name, struct error *e)
{
	return each_place(k, name, remove_file, e) < 0 ? e->code : forget_digest(k, name, e);
}

/* What both lists hold comes once. */
static int merge(struct arena *a, char ***list, size_t *count, char **more, size_t more_count,
		 struct error *e)
{
	char **both = arena_alloc(a, (*count + more_count + 1) * sizeof(*both), e);
	size_t i = 0, j = 0, n = 0;

	if (!both)
		return E_MEMORY;
	while (i < *count || j < more_count) {
		int order = i == *count ? 1 : j == more_count ? -1 : strcmp((*list)[i], more[j]);

		both[n++] = order <= 0 ? (*list)[i] : more[j];
		i += order <= 0;
		j += order >= 0;
	}
	*list = both;
	*count = n;
	return 0;
}

int keydir_list(struct keydir *k, struct arena *a, const char *folder, char ***ret_names,
		size_t *ret_count, struct error *e)
{
	char **names = NULL;
	size_t count = 0;

	for (unsigned place = 0; place < KEYDIR_PLACES; place++) {
		char path[PATH_LEN_MAX], **more = NULL;
		size_t more_count = 0;
		int code = locate(path, k, place, folder, e);

		if (!keydir_has(k, place))
			continue;
		if (code == 0)
			code = folder_list(a, path, &more, &more_count, e);
		if (code == 0)
			code = merge(a, &names, &count, more, more_count, e);
		if (code < 0 && code != E_NOT_FOUND)
			return code;
		if (code < 0)
			error_clear(e);
	}
	*ret_names = names;
	*ret_count = count;
	return 0;
}

/* Create and open */

/* A copy of a path may be cut when it is too long. */
static int text_copy(char ret[PATH_LEN_MAX], const char *text, size_t len, struct error *e)
{
	if (len >= PATH_LEN_MAX)
		return error_set(e, E_RANGE, "path longer than %d bytes", PATH_LEN_MAX - 1);
	memmove(ret, text, len);
	ret[len] = '\0';
	return 0;
}

static int id_read(struct keydir *k, unsigned place, char ret[KEYDIR_ID_LEN + 1],
		   struct error *e)
{
	uint8_t raw[KEYDIR_ID_LEN / 2];
	scoped(buf) *b = NULL;
	int code = keydir_get_at(k, place, "id", KEYDIR_ID_LEN, &b, e);

	if (code < 0)
		return code;
	if (b->len != KEYDIR_ID_LEN || hex_decode(raw, sizeof(raw), buf_text(b), e) < 0)
		return error_set(e, E_FORMAT, "%s/id: not 32 hex digits", root_of(k, place));
	memcpy(ret, b->data, KEYDIR_ID_LEN + 1);
	return 0;
}

static int place_make(struct keydir *k, unsigned place, const char *path, struct error *e)
{
	char *root = place == KEYDIR_HERE ? k->path : k->mirror, id[KEYDIR_ID_LEN + 1];
	int code = folder_make(path, 0700, e);

	if (code == 0)
		code = path_real(root, path, e);
	if (code < 0)
		return code;
	code = id_read(k, place, id, NULL);
	if (code != E_NOT_FOUND)
		return error_set(e, E_CONFLICT, "%s: there are keys in it already", path);
	return 0;
}

int keydir_create(struct keydir *ret, const char *path, const char *mirror, struct error *e)
{
	char id[KEYDIR_ID_LEN + 1];
	uint8_t raw[KEYDIR_ID_LEN / 2];
	struct keydir k = { .degraded = false };
	int code = place_make(&k, KEYDIR_HERE, path, e);

	if (code == 0 && mirror && *mirror)
		code = place_make(&k, KEYDIR_MIRROR, mirror, e);
	if (code < 0)
		return code;
	if (strcmp(k.path, k.mirror) == 0)
		return error_set(e, E_USAGE, "%s: a mirror of itself", k.path);
	random_bytes(raw, sizeof(raw));
	hex_encode(id, raw, sizeof(raw));
	code = keydir_write(&k, "mirror", k.mirror, strlen(k.mirror), e);
	/* Here first: killed in between, it can be opened and repaired. */
	for (unsigned place = 0; place < KEYDIR_PLACES && code == 0; place++)
		if (keydir_has(&k, place))
			code = keydir_put_at(&k, place, "id", id, KEYDIR_ID_LEN, e);
	if (code == 0)
		*ret = k;
	return code;
}

static int mirror_remembered(struct keydir *k, struct error *e)
{
	scoped(buf) *b = NULL;
	int code = keydir_get_at(k, KEYDIR_HERE, "mirror", PATH_LEN_MAX - 1, &b, e);

	if (code < 0)
		return code;
	if (memchr(b->data, 0, b->len) || (b->len > 0 && b->data[0] != '/'))
		return error_set(e, E_FORMAT, "%s/mirror: not an absolute path", k->path);
	return text_copy(k->mirror, buf_text(b), b->len, e);
}

/* The directory is whole; is the mirror the one that belongs to it? A mirror that is not there
 * now, or is empty, hinders no reading. */
static int mirror_check(struct keydir *k, const char *id, struct error *e)
{
	char theirs[KEYDIR_ID_LEN + 1];
	struct error story = { 0 };

	if (!keydir_has(k, KEYDIR_MIRROR))
		return 0;
	if (id_read(k, KEYDIR_MIRROR, theirs, &story) < 0) {
		k->degraded = true;
		return 0;
	}
	if (strcmp(id, theirs) != 0)
		return error_set(e, E_MISMATCH, "%s: keys of another repository than in %s",
				 k->mirror, k->path);
	return 0;
}

/* The file "mirror" names a folder that is no keys directory, and the hint is our mirror. */
static bool mirror_is_elsewhere(struct keydir *k, const char *id, const char *hint)
{
	struct keydir there = *k, other = { .degraded = false };
	char theirs[KEYDIR_ID_LEN + 1];

	if (!hint || !*hint || strcmp(hint, k->mirror) == 0 || strlen(hint) >= PATH_LEN_MAX)
		return false;
	if (keydir_has(&there, KEYDIR_MIRROR) && id_read(&there, KEYDIR_MIRROR, theirs, NULL) == 0)
		return false;
	memcpy(other.mirror, hint, strlen(hint) + 1);
	return id_read(&other, KEYDIR_MIRROR, theirs, NULL) == 0 && strcmp(id, theirs) == 0;
}

int keydir_open(struct keydir *ret, const char *path, const char *hint_mirror, struct error *e)
{
	struct keydir k = { .degraded = false };
	char id[KEYDIR_ID_LEN + 1];
	int code = text_copy(k.path, path, strlen(path), e);

	if (code == 0 && file_exists(path))
		code = path_real(k.path, path, e);
	if (code < 0)
		return code;
	code = id_read(&k, KEYDIR_HERE, id, e);
	if (code == 0)
		code = mirror_remembered(&k, e);
	if (code == 0 && mirror_is_elsewhere(&k, id, hint_mirror))
		code = path_real(k.mirror, hint_mirror, e);
	if (code == 0) {
		code = mirror_check(&k, id, e);
	} else if (hint_mirror && *hint_mirror) {
		k.degraded = true;
		error_clear(e);
		code = path_real(k.mirror, hint_mirror, e);
		if (code == 0)
			code = id_read(&k, KEYDIR_MIRROR, id, e);
	}
	if (code == 0)
		*ret = k;
	return code < 0 ? error_wrap(e, "keys directory") : 0;
}
