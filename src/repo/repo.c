#include "repo/repo.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/sys.h"
#include "base/text.h"
#include "proof/certificate.h"
#include "repo/inside.h"
#include "repo/things.h"

static const char format_line[] = FORMAT_LINE;

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

uint64_t repo_number(const struct repo *r)
{
	uint64_t number;

	origin_base(r->origin, &number);
	return number;
}

/* One of a log before, put back, may have as many facts: other ones. */
static int check_catalog(struct repo *r, struct error *e)
{
	uint64_t before;

	if (catalog_number(r->catalog, SUCCESSORS, 0, &before, e) < 0)
		return e->code;
	return before + 1 == repo_number(r) ? 0 : error_set(e, E_FORMAT, "it is of another log than %s", r->origin);
}

int repo_catalog_open(struct repo *r, struct error *e)
{
	char path[PATH_LEN_MAX];
	struct stat st;

	if (repo_catalog_path(r, path, e) < 0 || catalog_open(&r->catalog, path, false, e) < 0)
		return e->code;
	if (check_catalog(r, e) < 0) {
		catalog_close(r->catalog);
		r->catalog = NULL;
		return e->code;
	}
	r->catalog_file = sys->lstat(path, &st) == 0 ? (uint64_t)st.st_ino : 0;
	return 0;
}

int repo_catalog_follow(struct repo *r, struct error *e)
{
	char path[PATH_LEN_MAX];
	struct stat st;

	if (repo_catalog_path(r, path, e) < 0)
		return e->code;
	if (!r->catalog_file || (sys->lstat(path, &st) == 0 && (uint64_t)st.st_ino == r->catalog_file))
		return 0;
	catalog_close(r->catalog);
	r->catalog = NULL;
	return repo_catalog_open(r, e);
}

static const char *vkey_text(const struct note_key *k, struct arena *a, struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, 256, e) < 0 || note_key_put(k, b, e) < 0)
		return NULL;
	return arena_text(a, buf_text(b), b->len, e);
}

const char *repo_vkey(struct repo *r, int log, struct arena *a, struct error *e)
{
	return vkey_text(&r->log_key[log], a, e);
}

const char *repo_vkey_mldsa(struct repo *r, int log, struct arena *a, struct error *e)
{
	return r->log_mldsa[log].type ? vkey_text(&r->log_mldsa[log], a, e) : "";
}

/* A command met damage in the catalog: the next one makes it again. */
static bool note_damage(struct repo *r)
{
	char path[PATH_LEN_MAX], mark[PATH_LEN_MAX];
	struct error why = { 0 };
	struct stat st;

	if (!r->catalog || !catalog_damaged(r->catalog) || r->read_only ||
	    repo_catalog_path(r, path, &why) < 0 || sys->lstat(path, &st) != 0 ||
	    (uint64_t)st.st_ino != r->catalog_file)
		return false;
	return path_join(mark, r->folder, CATALOG_DAMAGED, &why) == 0 &&
	       file_write(mark, "", 0, 0600, &why) == 0;
}

void repo_close(struct repo *r)
{
	if (!r)
		return;
	if (note_damage(r))
		repo_tell(r, "the catalog is damaged: the next command makes it again from log and vault");
	publish_end(r);
	if (r->witness && r->heads_moved)
		r->witness(r);
	vault_close(r->vault);
	blobs_close(r->vault_blobs);
	for (int i = 0; i < LOG_COUNT; i++) {
		blobs_close(r->log_blobs[i]);
		r->log_blobs[i] = NULL;
	}
	catalog_close(r->catalog);
	keyring_close(r->keyring);
	repo_unlock(r);
	wipe(r, sizeof(*r));
	free(r);
}

int repo_create(struct repo **ret, struct error *e)
{
	struct repo *r = calloc(1, sizeof(*r));

	if (!r)
		return error_set(e, E_MEMORY, "out of memory");
	r->lock_fd = -1;
	*ret = r;
	return 0;
}

int repo_open_blobs(struct repo *r, struct error *e)
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

static int write_vkey(struct blobs *b, const char *file, const struct note_key *k, struct error *e)
{
	scoped(buf) *text = NULL;

	if (buf_create(&text, 256, e) < 0 || note_key_put(k, text, e) < 0 ||
	    buf_put(text, "\n", 1, e) < 0 || b->calls->put(b, file, text->data, text->len, e) < 0)
		return e->code != E_CONFLICT ? e->code :
		       error_set(e, E_MISMATCH, "the key of %s is not that of the file %s beside "
				 "its head: this file is damaged, or the origin in the file format, or the log is "
				 "one before (take the folder log away, it is made again)", k->name, file);
	return 0;
}

int repo_write_vkeys(struct repo *r, struct error *e)
{
	for (int i = 0; i < LOG_COUNT; i++)
		if (write_vkey(r->log_blobs[i], "vkey", &r->log_key[i], e) < 0 ||
		    (r->log_mldsa[i].type &&
		     write_vkey(r->log_blobs[i], "vkey-mldsa", &r->log_mldsa[i], e) < 0))
			return e->code;
	return 0;
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

static void tell_of_keys(void *ctx, const char *line)
{
	repo_tell(ctx, "%s", line);
}

int repo_read_format(struct repo *r, struct error *e)
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
	r->keys.tell = tell_of_keys;
	r->keys.tell_ctx = r;
	return 0;
}

int repo_write_format(struct repo *r, struct error *e)
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

/* What a killed switch to another log left is ended first. */
static int open_format(struct repo *r, struct error *e)
{
	bool did = false;

	if (repo_read_format(r, e) < 0 || successor_finish(r, &did, e) < 0)
		return e->code;
	return did ? repo_read_format(r, e) : 0;
}

static bool is_damage(int code)
{
	return code == E_FORMAT || code == E_NOT_FOUND || code == E_IO || code == E_RANGE;
}

/* What the old catalog has committed and not yet published would be lost with it; one that is
 * damaged is given up, and *ret_good false. */
static int settle_old_catalog(struct repo *r, bool *ret_good, struct error *e)
{
	*ret_good = true;
	if (repo_catalog_open(r, e) < 0 || recover_for_writing(r, e) < 0) {
		if (!is_damage(e->code))
			return e->code;
		repo_tell(r, "the old catalog is given up: %s", e->text);
		error_clear(e);
		*ret_good = false;
	}
	catalog_close(r->catalog);
	r->catalog = NULL;
	return 0;
}

static bool is_lost(int code)
{
	return is_damage(code) || code == E_MISMATCH;
}

/* Only who asks for a rebuild gets another anchor than the one that was lost. */
static int anchor_found(struct repo *r, bool asked, struct error *e)
{
	if (anchor_load(r, e) == 0 || !asked || !is_lost(e->code))
		return e->code;
	error_clear(e);
	return anchor_again(r, e);
}

static bool is_noted_damaged(const struct repo *r)
{
	char mark[PATH_LEN_MAX];
	struct error why = { 0 };

	return path_join(mark, r->folder, CATALOG_DAMAGED, &why) == 0 && file_exists(mark);
}

/* It opens, and yet a command met damage in it. What can be read of it stays when what it is made of
 * is damaged too. */
static int make_noted_again(struct repo *r, struct error *e)
{
	enum catalog_is is = CATALOG_UNKNOWN;
	char mark[PATH_LEN_MAX];

	repo_tell(r, "the catalog is damaged: making it again from log and vault");
	if (recover_for_writing(r, e) < 0) {
		if (!is_damage(e->code))
			return e->code;
		error_clear(e);
	}
	if (path_join(mark, r->folder, CATALOG_DAMAGED, e) < 0 || repo_catalog_again(r, &is, e) < 0)
		return e->code;
	if (is == CATALOG_UNKNOWN)
		repo_tell(r, "not all of log and vault can be read: the damaged catalog stays "
			     "(rescind fsck says more)");
	return file_remove(mark, e);
}

/* Opens it, unless there is none, or none that can be read. */
static int open_what_is_there(struct repo *r, struct error *why, struct error *e)
{
	char path[PATH_LEN_MAX];

	if (repo_catalog_path(r, path, e) < 0)
		return e->code;
	if (!file_exists(path)) {
		error_set(why, E_NOT_FOUND, "missing");
		return 0;
	}
	if (repo_catalog_open(r, e) == 0 || (e->code != E_FORMAT && e->code != E_NOT_FOUND))
		return e->code;
	*why = *e;
	error_clear(e);
	return 0;
}

static int rebuild(struct repo *r, bool asked, struct error *e)
{
	struct error why = { 0 };
	char path[PATH_LEN_MAX];
	bool good = false;

	if (repo_catalog_path(r, path, e) < 0 || (!asked && open_what_is_there(r, &why, e) < 0))
		return e->code;
	if (!asked && !why.code)
		return is_noted_damaged(r) ? make_noted_again(r, e) : 0; /* or another was faster */
	if (!asked && strcmp(why.text, "missing") == 0)
		repo_tell(r, "the catalog is missing: making it again from log and vault");
	else if (!asked)
		repo_tell(r, "the catalog cannot be read (%s): it is removed, and made again from log and "
			     "vault", why.text);
	if (anchor_found(r, asked, e) < 0 || recover_keys(r, e) < 0 || anchor_load(r, e) < 0 ||
	    (asked && file_exists(path) && settle_old_catalog(r, &good, e) < 0))
		return e->code;
	return rebuild_catalog(r, good, e);
}

static int rebuild_locked(struct repo *r, bool asked, bool may_read_on, struct error *e)
{
	int code;

	if (lock_take(r, LOCK_WAIT_US, e) < 0) {
		if (!may_read_on || e->code == E_MEMORY)
			return e->code;
		error_clear(e); /* nobody may write, or somebody does */
		return repo_catalog_open(r, e);
	}
	code = rebuild(r, asked, e);
	repo_unlock(r);
	return code;
}

static int open_catalog(struct repo *r, bool asked, struct error *e)
{
	struct error why = { 0 };
	uint64_t solo;

	if (!asked && open_what_is_there(r, &why, e) < 0)
		return error_wrap(e, "catalog");
	if (asked || why.code || is_noted_damaged(r)) {
		catalog_close(r->catalog);
		r->catalog = NULL;
		if (rebuild_locked(r, asked, !asked && !why.code, e) < 0)
			return error_wrap(e, "catalog");
	}
	if (catalog_number(r->catalog, "solo", 0, &solo, e) < 0)
		return e->code;
	r->solo = solo != 0;
	return 0;
}

/* An init that was killed at its very end. */
static int end_init(struct repo *r, struct error *e)
{
	char path[PATH_LEN_MAX];

	if (path_join(path, r->keys.path, "unfinished", e) < 0)
		return e->code;
	return file_exists(path) ? keydir_destroy(&r->keys, "unfinished", e) : 0;
}

/* Without one nothing is read, but a rebuild may go on. */
static int load_anchor(struct repo *r, bool rebuild, struct error *e)
{
	if (anchor_load(r, e) == 0)
		return 0;
	if (!rebuild || !is_lost(e->code))
		return is_lost(e->code) ? error_wrap(e, "the anchor is lost (rescind fsck --rebuild makes "
							"it anew)") : e->code;
	error_clear(e);
	return 0;
}

/* Damage that is met on the way is mended at once. */
static int open_and_recover(struct repo *r, bool rebuild, struct error *e)
{
	if (open_catalog(r, rebuild, e) == 0 && recover_on_open(r, e) == 0)
		return 0;
	if (e->code != E_FORMAT || !r->catalog || !catalog_damaged(r->catalog) || !note_damage(r))
		return e->code;
	catalog_close(r->catalog);
	r->catalog = NULL;
	error_clear(e);
	return open_catalog(r, false, e) < 0 ? e->code : recover_on_open(r, e);
}

int repo_open(struct repo **ret, const struct repo_options *o, struct error *e)
{
	scoped(repo) *r = NULL;

	if (repo_create(&r, e) < 0)
		return e->code;
	r->tell = o->tell;
	r->tell_ctx = o->tell_ctx;
	r->task = o->task;
	r->at_utc_ms = o->at_utc_ms == TIME_NONE ? sys->now_utc_ms() : o->at_utc_ms;
	snprintf(r->role, sizeof(r->role), "%s", o->role ? o->role : "operator");
	if (find_folder(r, o->folder, e) < 0 || open_format(r, e) < 0 || end_init(r, e) < 0 ||
	    secrets_load(r, e) < 0 ||
	    load_anchor(r, o->rebuild, e) < 0 || keyring_open(&r->keyring, &r->keys, e) < 0 ||
	    repo_open_blobs(r, e) < 0 || open_and_recover(r, o->rebuild, e) < 0)
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

struct saying {
	struct repo *r;
	int (*each)(void *ctx, const struct field *f, struct error *e);
	void *ctx;
};

static int say_fields(const struct saying *s, const struct fields *f, struct error *e)
{
	for (size_t i = 0; i < f->count; i++)
		if ((strcmp(f->list[i].name, "subject") == 0 ||
		     strcmp(f->list[i].name, "attr") == 0) &&
		    s->each(s->ctx, &f->list[i], e) < 0)
			return e->code;
	return 0;
}

static int say_copy(void *ctx, const struct catalog_object *o, struct error *e)
{
	const struct saying *s = ctx;
	scoped(fields) *f = NULL;

	if (get_fields(s->r, &o->at, OBJECT_COPY, o->slot, o->owner, &f, e) < 0)
		return error_wrap(e, "copy of record %llu", (unsigned long long)o->owner);
	return say_fields(s, f, e);
}

int repo_said(struct repo *r, uint64_t pos, const struct fields *card,
	      int (*each)(void *ctx, const struct field *f, struct error *e), void *ctx,
	      struct error *e)
{
	struct saying s = { r, each, ctx };

	if (say_fields(&s, card, e) < 0)
		return e->code;
	return catalog_each_object(r->catalog, ROW_COPY, pos, say_copy, &s, e);
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
