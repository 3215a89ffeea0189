/* A new repository: keys, stores, the two first facts, and at last the format file. Killed before
 * that, there is none, and the next init makes it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/sys.h"
#include "base/text.h"
#include "repo/change.h"
#include "repo/inside.h"

/* So that statements of a log that follows it have a name that is not too long either; and "~" is
 * for these. */
enum { ORIGIN_MAX = 170 };

static int default_keys(char ret[PATH_LEN_MAX], const char *origin, struct error *e)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	int len;

	if (data && *data == '/')
		len = snprintf(ret, PATH_LEN_MAX, "%s/rescind/%s", data, origin);
	else if (home && *home == '/')
		len = snprintf(ret, PATH_LEN_MAX, "%s/.local/share/rescind/%s", home, origin);
	else
		return error_set(e, E_USAGE, "no home for the keys (say --keys DIR)");
	return len < PATH_LEN_MAX ? 0 : error_set(e, E_RANGE, "the keys' path is too long");
}

/* Absolute, also of what does not exist yet. */
static int keys_path(char ret[PATH_LEN_MAX], const char *path, struct error *e)
{
	if (strchr(path, '\n'))
		return error_set(e, E_USAGE, "a keys directory may not have a newline in its name");
	return folder_make(path, 0700, e) < 0 ? e->code : path_real(ret, path, e);
}

/* A copy of the repository would bring along the keys that lie in it. */
static int check_apart(const struct repo *r, const char *keys, struct error *e)
{
	size_t len = strlen(r->folder);

	if (strncmp(keys, r->folder, len) != 0 || (keys[len] != '/' && keys[len] != 0))
		return 0;
	/* What keys_path made: gone again, when there is nothing in it. */
	(void)!sys->rmdir(keys);
	(void)!sys->rmdir(r->folder);
	return error_set(e, E_USAGE, "keys lie apart from what they open: not in %.200s", r->folder);
}

static int first_facts(struct repo *r, bool solo, struct error *e)
{
	scoped(fields) *origin = NULL, *role = NULL;
	uint8_t public_key[SIGN_PUBLIC_LEN];
	scoped(change) *c = NULL;
	char hex[HASH_HEX_MAX];
	json_t *key, *init = json_object_make(e);
	uint64_t n;

	if (!init)
		return e->code;
	json_set_bool(init, "solo", solo, e);
	if (repo_role_make(r, "operator", public_key, e) < 0 || change_begin(&c, r, e) < 0 ||
	    fields_create(&origin, e) < 0 || fields_add_text(origin, "origin", r->origin, e) < 0 ||
	    change_fact(c, "init", init, origin, &n, e) < 0)
		return e->code;
	key = json_object_make(e);
	if (!key)
		return e->code;
	json_set_text(key, "key", hex_encode(hex, public_key, SIGN_PUBLIC_LEN), e);
	if (fields_create(&role, e) < 0 || fields_add_text(role, "role", "operator", e) < 0 ||
	    change_fact(c, "key", key, role, &n, e) < 0)
		return e->code;
	return change_commit(c, e);
}

static int name_origin(struct repo *r, const char *origin, struct error *e)
{
	uint8_t random[4];
	char hex[16];

	if (!origin) {
		random_bytes(random, sizeof(random));
		snprintf(r->origin, sizeof(r->origin), "rescind-%s", hex_encode(hex, random, 4));
		return 0;
	}
	if (!note_name_valid(origin) || strstr(origin, "..") ||
	    *origin == '/' || strchr(origin, '\n') || strchr(origin, '~') || strlen(origin) > ORIGIN_MAX)
		return error_set(e, E_USAGE, "\"%.100s\" is no name for an origin", origin);
	snprintf(r->origin, sizeof(r->origin), "%s", origin);
	return 0;
}

/* What init puts into a keys directory; anything else in that folder is not ours to remove. */
static const char *const key_files[] = { "mirror",  "anchor", "log.key", "tags.key", "never.key",
					 "keyring", "roles",  "never",	 "id",	     "unfinished" };

static bool is_key_file(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(key_files); i++) {
		size_t len = strlen(key_files[i]);

		if (strncmp(name, key_files[i], len) == 0 &&
		    (!name[len] || (name[len] == '.' && file_is_temp(name))))
			return true;
	}
	return false;
}

static int remove_keys(const char *folder, struct error *e)
{
	scoped(arena) *a = NULL;
	char **names = NULL;
	size_t count = 0;

	if (!file_exists(folder))
		return 0;
	if (arena_create(&a, e) < 0 || folder_list(a, folder, &names, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		char path[PATH_LEN_MAX];
		struct stat st;

		if (!is_key_file(names[i]))
			continue;
		if (path_join(path, folder, names[i], e) < 0)
			return e->code;
		if (sys->lstat(path, &st) != 0)
			continue;
		if ((S_ISDIR(st.st_mode) ? folder_remove(path, e) : file_remove(path, e)) < 0)
			return e->code;
	}
	return 0;
}

static bool same_id(const char *keys, const char *mirror)
{
	scoped(buf) *here = NULL, *there = NULL;
	char path[PATH_LEN_MAX];

	return path_join(path, keys, "id", NULL) == 0 &&
	       file_read(path, KEYDIR_ID_LEN, &here, NULL) == 0 &&
	       path_join(path, mirror, "id", NULL) == 0 &&
	       file_read(path, KEYDIR_ID_LEN, &there, NULL) == 0 && here->len == there->len &&
	       memcmp(here->data, there->data, here->len) == 0;
}

static bool keys_are_there(const char *folder)
{
	char path[PATH_LEN_MAX];

	return path_join(path, folder, "id", NULL) == 0 && file_exists(path);
}

/* A keys directory that an init was killed over bears the file "unfinished", with the repository
 * that it was for; if that never became one, it may be made anew. */
static int is_unfinished(const char *path, bool *ret, struct error *e)
{
	scoped(buf) *folder = NULL;
	char format[PATH_LEN_MAX];

	*ret = false;
	if (!file_exists(path))
		return 0;
	if (file_read(path, PATH_LEN_MAX - 1, &folder, e) < 0 ||
	    path_join(format, buf_text(folder), "format", e) < 0)
		return e->code;
	*ret = !file_exists(format);
	return 0;
}

static int make_keys(struct repo *r, const char *keys, const char *mirror, struct error *e)
{
	char path[PATH_LEN_MAX];
	bool unfinished;

	if (path_join(path, keys, "unfinished", e) < 0 || is_unfinished(path, &unfinished, e) < 0)
		return e->code;
	/* A mirror that is another's stays, and is refused below. */
	if (unfinished && *mirror && (same_id(keys, mirror) || !keys_are_there(mirror)) &&
	    remove_keys(mirror, e) < 0)
		return e->code;
	if (unfinished && remove_keys(keys, e) < 0)
		return e->code;
	/* Before the directory is one, so that no kill leaves one that nobody may make anew. */
	if (!file_exists(path) && !keys_are_there(keys) &&
	    file_write(path, r->folder, strlen(r->folder), 0600, e) < 0)
		return e->code;
	return keydir_create(&r->keys, keys, *mirror ? mirror : NULL, e);
}

/* Everything but the format file, which makes it a repository, and then its first facts. */
static int make(struct repo *r, const struct repo_new *n, struct error *e)
{
	char keys[PATH_LEN_MAX], mirror[PATH_LEN_MAX] = "", wanted[PATH_LEN_MAX], path[PATH_LEN_MAX];
	struct anchor none = { .changes = 0 };
	uint8_t seed[SIGN_SEED_LEN];

	if (n->keys)
		snprintf(wanted, sizeof(wanted), "%s", n->keys);
	else if (default_keys(wanted, r->origin, e) < 0)
		return e->code;
	if (keys_path(keys, wanted, e) < 0 || (n->mirror && keys_path(mirror, n->mirror, e) < 0) ||
	    check_apart(r, keys, e) < 0 || check_apart(r, mirror, e) < 0 ||
	    make_keys(r, keys, mirror, e) < 0 || secrets_make(r, seed, e) < 0)
		return e->code;
	wipe(seed, sizeof(seed));
	for (int i = 0; i < LOG_COUNT; i++)
		tree_root(&none.head[i].root, NULL, 0);
	if (anchor_init(r, &none, e) < 0 || keyring_create(&r->keys, e) < 0 ||
	    keyring_open(&r->keyring, &r->keys, e) < 0 || folder_make(r->folder, 0755, e) < 0 ||
	    repo_open_blobs(r, e) < 0 || repo_write_vkeys(r, e) < 0 || repo_catalog_path(r, path, e) < 0 ||
	    catalog_open(&r->catalog, path, true, e) < 0)
		return e->code;
	r->solo = n->solo;
	snprintf(r->role, sizeof(r->role), "operator");
	r->at_utc_ms = sys->now_utc_ms();
	if (first_facts(r, n->solo, e) < 0 || repo_write_format(r, e) < 0)
		return e->code;
	return keydir_destroy(&r->keys, "unfinished", e);
}

int repo_init(const struct repo_new *n, struct error *e)
{
	char folder[PATH_LEN_MAX], format[PATH_LEN_MAX];
	scoped(repo) *r = NULL;

	if (repo_create(&r, e) < 0 || folder_make(n->folder, 0755, e) < 0 ||
	    path_real(folder, n->folder, e) < 0 || path_join(r->folder, folder, ".rescind", e) < 0 ||
	    path_join(format, r->folder, "format", e) < 0)
		return e->code;
	if (file_exists(format))
		return error_set(e, E_CONFLICT, "%s is a repository already", r->folder);
	if (name_origin(r, n->origin, e) < 0)
		return e->code;
	/* What an init that was killed left behind was never a repository. */
	if (folder_remove(r->folder, e) < 0)
		return e->code;
	return make(r, n, e);
}
