#include "repo/repo.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/sys.h"
#include "base/text.h"
#include "repo/change.h"
#include "repo/inside.h"

enum { FORMAT_BYTES_MAX = 16384 };
static const char format_line[] = "rescind 1\n";

void repo_tell(struct repo *r, const char *format, ...)
{
	char line[1024];
	va_list args;

	if (!r->tell)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	r->tell(r->tell_ctx, line);
}

int repo_catalog_path(const struct repo *r, char ret[PATH_LEN_MAX], struct error *e)
{
	return path_join(ret, r->folder, "catalog.db", e);
}

const char *repo_vkey(struct repo *r, int log, struct arena *a, struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, 256, e) < 0 || note_key_put(&r->log_key[log], b, e) < 0)
		return NULL;
	return arena_text(a, buf_text(b), b->len, e);
}

void repo_close(struct repo *r)
{
	if (!r)
		return;
	vault_close(r->vault);
	blobs_close(r->vault_blobs);
	for (int i = 0; i < LOG_COUNT; i++)
		blobs_close(r->log_blobs[i]);
	catalog_close(r->catalog);
	keyring_close(r->keyring);
	repo_unlock(r);
	wipe(r, sizeof(*r));
	free(r);
}

static int create(struct repo **ret, struct error *e)
{
	struct repo *r = calloc(1, sizeof(*r));

	if (!r)
		return error_set(e, E_MEMORY, "out of memory");
	r->lock_fd = -1;
	*ret = r;
	return 0;
}

static int open_blobs(struct repo *r, struct error *e)
{
	char path[PATH_LEN_MAX];

	if (path_join(path, r->folder, "vault", e) < 0 ||
	    blobs_open_folder(&r->vault_blobs, path, 0700, e) < 0 ||
	    vault_open(&r->vault, r->vault_blobs, e) < 0 ||
	    path_join(path, r->folder, "log/facts", e) < 0 ||
	    blobs_open_folder(&r->log_blobs[LOG_FACTS], path, 0755, e) < 0 ||
	    path_join(path, r->folder, "log/records", e) < 0)
		return e->code;
	return blobs_open_folder(&r->log_blobs[LOG_RECORDS], path, 0755, e);
}

/* --- init --- */

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

/* Absolute, also of what does not exist yet; below the folder that holds .rescind is refused,
 * since a copy of the repository would then bring its keys along. */
static int keys_path(char ret[PATH_LEN_MAX], const char *path, struct error *e)
{
	if (strchr(path, '\n'))
		return error_set(e, E_USAGE, "a keys directory may not have a newline in its name");
	return folder_make(path, 0700, e) < 0 ? e->code : path_real(ret, path, e);
}

static int write_format(struct repo *r, struct error *e)
{
	scoped(buf) *b = NULL;
	char path[PATH_LEN_MAX];

	if (buf_create(&b, 512, e) < 0 ||
	    buf_printf(b, e, "%sorigin %s\nkeys %s\nmirror %s\n", format_line, r->origin, r->keys.path,
		       r->keys.mirror) < 0 ||
	    path_join(path, r->folder, "format", e) < 0)
		return e->code;
	return file_write(path, b->data, b->len, 0600, e);
}

static int write_vkeys(struct repo *r, struct error *e)
{
	for (int i = 0; i < LOG_COUNT; i++) {
		scoped(buf) *b = NULL;

		if (buf_create(&b, 256, e) < 0 || note_key_put(&r->log_key[i], b, e) < 0 ||
		    buf_put(b, "\n", 1, e) < 0 ||
		    r->log_blobs[i]->calls->put(r->log_blobs[i], "vkey", b->data, b->len, e) < 0)
			return e->code;
	}
	return 0;
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
	if (!note_name_valid(origin) || strlen(origin) > NOTE_NAME_MAX - 10 || strstr(origin, "..") ||
	    *origin == '/' || strchr(origin, '\n'))
		return error_set(e, E_USAGE, "\"%.100s\" is no name for an origin", origin);
	snprintf(r->origin, sizeof(r->origin), "%s", origin);
	return 0;
}

/* A keys directory that an init was killed over bears the file "unfinished", and may be made anew. */
static int make_keys(struct repo *r, const char *keys, const char *mirror, struct error *e)
{
	char path[PATH_LEN_MAX];

	if (path_join(path, keys, "unfinished", e) < 0)
		return e->code;
	if (file_exists(path) &&
	    (folder_remove(keys, e) < 0 || folder_make(keys, 0700, e) < 0 ||
	     (*mirror && (folder_remove(mirror, e) < 0 || folder_make(mirror, 0700, e) < 0))))
		return e->code;
	if (keydir_create(&r->keys, keys, *mirror ? mirror : NULL, e) < 0)
		return e->code;
	return keydir_write(&r->keys, "unfinished", "1\n", 2, e);
}

/* Everything but the format file, which makes it a repository, and then its first facts. */
static int make(struct repo *r, const struct repo_new *n, struct error *e)
{
	char keys[PATH_LEN_MAX], mirror[PATH_LEN_MAX] = "", wanted[PATH_LEN_MAX], path[PATH_LEN_MAX];
	struct head_state none[LOG_COUNT] = { { 0 }, { 0 } };
	uint8_t seed[SIGN_SEED_LEN];

	if (n->keys)
		snprintf(wanted, sizeof(wanted), "%s", n->keys);
	else if (default_keys(wanted, r->origin, e) < 0)
		return e->code;
	if (keys_path(keys, wanted, e) < 0 || (n->mirror && keys_path(mirror, n->mirror, e) < 0) ||
	    make_keys(r, keys, mirror, e) < 0 || secrets_make(r, seed, e) < 0)
		return e->code;
	wipe(seed, sizeof(seed));
	for (int i = 0; i < LOG_COUNT; i++)
		tree_root(&none[i].root, NULL, 0);
	if (anchor_init(r, none, e) < 0 || keyring_create(&r->keys, e) < 0 ||
	    keyring_open(&r->keyring, &r->keys, e) < 0 || folder_make(r->folder, 0755, e) < 0 ||
	    open_blobs(r, e) < 0 || write_vkeys(r, e) < 0 || repo_catalog_path(r, path, e) < 0 ||
	    catalog_open(&r->catalog, path, true, e) < 0)
		return e->code;
	r->solo = n->solo;
	snprintf(r->role, sizeof(r->role), "operator");
	r->at_utc_ms = sys->now_utc_ms();
	if (first_facts(r, n->solo, e) < 0 || write_format(r, e) < 0)
		return e->code;
	return keydir_destroy(&r->keys, "unfinished", e);
}

int repo_init(const struct repo_new *n, struct error *e)
{
	char folder[PATH_LEN_MAX], format[PATH_LEN_MAX];
	scoped(repo) *r = NULL;

	if (create(&r, e) < 0 || folder_make(n->folder, 0755, e) < 0 ||
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

/* --- open --- */

static int find_folder(struct repo *r, const char *folder, struct error *e)
{
	char at[PATH_LEN_MAX], format[PATH_LEN_MAX], *slash;

	if (path_real(at, folder ? folder : ".", e) < 0)
		return e->code;
	for (;;) {
		if (path_join(r->folder, at, ".rescind", e) < 0 ||
		    path_join(format, r->folder, "format", e) < 0)
			return e->code;
		if (file_exists(format))
			return 0;
		slash = strrchr(at, '/');
		if (folder || !slash || !at[1])
			break;
		slash[slash == at] = 0;
	}
	return error_set(e, E_NOT_FOUND, "no repository in %s (rescind init makes one)",
			 folder ? folder : "this folder or above it");
}

/* The value of a line "name value\n" at *at, which is moved behind it. */
static int format_value(char **at, const char *name, const char **ret, struct error *e)
{
	size_t len = strlen(name);
	char *end;

	if (strncmp(*at, name, len) != 0 || (*at)[len] != ' ' || !(end = strchr(*at, '\n')))
		return error_set(e, E_FORMAT, "line \"%s\" is missing", name);
	*end = 0;
	*ret = *at + len + 1;
	*at = end + 1;
	return 0;
}

static int read_format(struct repo *r, struct error *e)
{
	const char *origin = NULL, *keys = NULL, *mirror = NULL;
	char path[PATH_LEN_MAX], *at;
	scoped(buf) *b = NULL;

	if (path_join(path, r->folder, "format", e) < 0 ||
	    file_read(path, FORMAT_BYTES_MAX, &b, e) < 0)
		return e->code;
	at = (char *)b->data;
	if (strncmp(at, "rescind ", 8) == 0 && strncmp(at, format_line, sizeof(format_line) - 1) != 0)
		return error_set(e, E_FORMAT, "%s: a format newer than this program", path);
	if (strncmp(at, format_line, sizeof(format_line) - 1) != 0)
		return error_set(e, E_FORMAT, "%s: not the format file of a repository", path);
	at += sizeof(format_line) - 1;
	if (format_value(&at, "origin", &origin, e) < 0 || format_value(&at, "keys", &keys, e) < 0 ||
	    format_value(&at, "mirror", &mirror, e) < 0)
		return error_wrap(e, "%s", path);
	if (!note_name_valid(origin))
		return error_set(e, E_FORMAT, "%s: not an origin", path);
	snprintf(r->origin, sizeof(r->origin), "%s", origin);
	if (keydir_open(&r->keys, keys, mirror, e) < 0)
		return error_wrap(e, "the keys directory of this repository");
	return 0;
}

static int open_catalog(struct repo *r, bool rebuild, struct error *e)
{
	char path[PATH_LEN_MAX];
	uint64_t solo;

	if (repo_catalog_path(r, path, e) < 0)
		return e->code;
	if (!rebuild && !file_exists(path)) {
		repo_tell(r, "the catalog is missing: making it again from log and vault");
		rebuild = true;
	}
	if (rebuild ? rebuild_catalog(r, e) < 0 : catalog_open(&r->catalog, path, false, e) < 0)
		return error_wrap(e, "catalog");
	if (catalog_number(r->catalog, "solo", 0, &solo, e) < 0)
		return e->code;
	r->solo = solo != 0;
	return 0;
}

int repo_open(struct repo **ret, const struct repo_options *o, struct error *e)
{
	scoped(repo) *r = NULL;

	if (create(&r, e) < 0)
		return e->code;
	r->tell = o->tell;
	r->tell_ctx = o->tell_ctx;
	r->task = o->task;
	r->at_utc_ms = o->at_utc_ms == TIME_NONE ? sys->now_utc_ms() : o->at_utc_ms;
	snprintf(r->role, sizeof(r->role), "%s", o->role ? o->role : "operator");
	if (find_folder(r, o->folder, e) < 0 || read_format(r, e) < 0 || secrets_load(r, e) < 0 ||
	    anchor_load(r, e) < 0 || keyring_open(&r->keyring, &r->keys, e) < 0 ||
	    open_blobs(r, e) < 0 || open_catalog(r, o->rebuild, e) < 0 || recover_on_open(r, e) < 0)
		return e->code;
	*ret = give(r);
	return 0;
}

/* --- reading --- */

int repo_fact(struct repo *r, uint64_t n, json_t **ret_entry, struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, 1024, e) < 0 || catalog_fact(r->catalog, n, b, e) < 0 ||
	    json_parse(ret_entry, b->data, b->len, LOG_ENTRY_MAX, e) < 0)
		return error_wrap(e, "fact %llu", (unsigned long long)n);
	return 0;
}

static int get_fields(struct repo *r, const struct place *at, uint8_t kind, uint64_t slot,
		      uint64_t owner, struct fields **ret, struct error *e)
{
	uint8_t key[SEAL_KEY_LEN];
	scoped(buf) *plain = NULL;
	int code = 0;

	if (buf_create(&plain, at->len_bytes, e) < 0 || keyring_key(r->keyring, slot, key, e) < 0)
		return e->code;
	code = vault_get(r->vault, at, kind, slot, owner, key, plain, e);
	wipe(key, sizeof(key));
	return code < 0 ? code : fields_parse(ret, plain->data, plain->len, e);
}

int repo_private(struct repo *r, uint64_t n, struct fields **ret, struct error *e)
{
	struct catalog_object o;

	if (catalog_object(r->catalog, OBJECT_FACT, n, 0, &o, e) < 0 ||
	    get_fields(r, &o.at, OBJECT_FACT, o.slot, n, ret, e) < 0)
		return error_wrap(e, "private part of fact %llu", (unsigned long long)n);
	return 0;
}

static int check_card(struct repo *r, uint64_t pos, const struct fields *card, struct error *e)
{
	struct hash root, committed;

	if (fields_root(&root, card, e) < 0 ||
	    catalog_commitments(r->catalog, pos, 1, &committed, e) < 0)
		return e->code;
	if (!hash_equal(&root, &committed))
		return error_set(e, E_MISMATCH, "the card is not the one that was committed to");
	return 0;
}

int repo_card(struct repo *r, const struct catalog_record *rec, bool check, struct fields **ret,
	      struct error *e)
{
	scoped(fields) *card = NULL;

	if (rec->status == RECORD_ERASED)
		return error_set(e, E_NOT_FOUND, "record %llu is erased", (unsigned long long)rec->pos);
	if (get_fields(r, &rec->card, OBJECT_CARD, rec->slot, rec->pos, &card, e) < 0 ||
	    (check && check_card(r, rec->pos, card, e) < 0))
		return error_wrap(e, "card of record %llu", (unsigned long long)rec->pos);
	*ret = give(card);
	return 0;
}

int repo_bytes(struct repo *r, const struct catalog_record *rec, struct buf *out, struct error *e)
{
	uint8_t key[SEAL_KEY_LEN];
	int code;

	if (rec->status == RECORD_ERASED)
		return error_set(e, E_NOT_FOUND, "record %llu is erased", (unsigned long long)rec->pos);
	if (keyring_key(r->keyring, rec->slot, key, e) < 0)
		return error_wrap(e, "record %llu", (unsigned long long)rec->pos);
	code = vault_get(r->vault, &rec->bytes, OBJECT_BYTES, rec->slot, rec->pos, key, out, e);
	wipe(key, sizeof(key));
	return code < 0 ? error_wrap(e, "record %llu", (unsigned long long)rec->pos) : 0;
}
