/* What a witness of our own remembers. */
#include "flow/cosigner.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/sys.h"
#include "base/text.h"
#include "flow/cosigner_inside.h"

#define FIRST_LINE "rescind cosigner 1\n"
enum { KEY_FILE_MAX = 1024 };

void cosigner_close(struct cosigner *c)
{
	if (!c)
		return;
	wipe(c, sizeof(*c));
	free(c);
}

/* ---- the key ---- */

int cosigner_make(const char *folder, const char *name, struct error *e)
{
	uint8_t seed[COSIGNER_KEYS_MAX][SIGN_SEED_LEN];
	char path[PATH_LEN_MAX], hex[COSIGNER_KEYS_MAX][2 * SIGN_SEED_LEN + 1];
	scoped(buf) *b = NULL;

	if (!note_name_valid(name))
		return error_set(e, E_USAGE, "no name of a key: a URL without https://, no spaces, no +");
	if (sys->random(seed, sizeof(seed)) != 0)
		return error_errno(e, "random");
	for (int i = 0; i < COSIGNER_KEYS_MAX; i++)
		hex_encode(hex[i], seed[i], SIGN_SEED_LEN);
	if (folder_make(folder, 0700, e) < 0 || path_join(path, folder, "key", e) < 0 ||
	    buf_create(&b, KEY_FILE_MAX, e) < 0 ||
	    buf_printf(b, e, FIRST_LINE "%s\n%s\n%s\n", name, hex[0], hex[1]) < 0)
		return e->code;
	wipe(seed, sizeof(seed));
	wipe(hex, sizeof(hex));
	if (file_write_new(path, b->data, b->len, 0600, e) < 0)
		return e->code == E_CONFLICT ? error_set(e, E_CONFLICT, "%s: a witness is here already",
							 folder) : e->code;
	return 0;
}

static int read_seed(uint8_t *ret, const char **at, struct error *e)
{
	char hex[2 * SIGN_SEED_LEN + 1];
	int code;

	if (strcspn(*at, "\n") != sizeof(hex) - 1 || (*at)[sizeof(hex) - 1] != '\n')
		return error_set(e, E_FORMAT, "no seed");
	memcpy(hex, *at, sizeof(hex) - 1);
	hex[sizeof(hex) - 1] = 0;
	*at += sizeof(hex);
	code = hex_decode(ret, SIGN_SEED_LEN, hex, e);
	wipe(hex, sizeof(hex));
	return code;
}

static int make_keys(struct cosigner *c, const char *name, struct error *e)
{
	uint8_t public_key[NOTE_PUBLIC_MAX];

	if (sign_public(public_key, c->seed[0], e) < 0 ||
	    note_key_make(&c->key[0], name, NOTE_COSIGNATURE, public_key, e) < 0)
		return e->code;
	c->key_count = 1;
	if (!mldsa_is_there())
		return 0;
	c->key_count = 2;
	return mldsa_public(public_key, c->seed[1], e) < 0 ?
		       e->code : note_key_make(&c->key[1], name, NOTE_MLDSA, public_key, e);
}

static int read_key(struct cosigner *c, const char *text, struct error *e)
{
	char name[NOTE_NAME_MAX + 1];
	size_t len;

	if (strncmp(text, FIRST_LINE, sizeof(FIRST_LINE) - 1) != 0)
		return error_set(e, E_FORMAT, "not a witness that this program knows");
	text += sizeof(FIRST_LINE) - 1;
	len = strcspn(text, "\n");
	if (len > NOTE_NAME_MAX || text[len] != '\n')
		return error_set(e, E_FORMAT, "no name");
	memcpy(name, text, len);
	name[len] = 0;
	text += len + 1;
	for (int i = 0; i < COSIGNER_KEYS_MAX; i++)
		if (read_seed(c->seed[i], &text, e) < 0)
			return e->code;
	return *text ? error_set(e, E_FORMAT, "bytes after its end") : make_keys(c, name, e);
}

int cosigner_open(struct cosigner **ret, const char *folder, struct error *e)
{
	scoped(cosigner) *c = calloc(1, sizeof(*c));
	char path[PATH_LEN_MAX];
	scoped(buf) *b = NULL;

	if (!c)
		return error_set(e, E_MEMORY, "witness: out of memory");
	if (path_join(path, folder, "key", e) < 0 || file_read(path, KEY_FILE_MAX, &b, e) < 0)
		return e->code == E_NOT_FOUND ?
			       error_set(e, E_NOT_FOUND, "%s: no witness is here (rescind log cosign new "
					 "NAME makes one)", folder) : e->code;
	if (path_real(c->folder, folder, e) < 0 || read_key(c, buf_text(b), e) < 0)
		return error_wrap(e, "%s", path);
	*ret = give(c);
	return 0;
}

static void add_vkey(json_t *list, const struct note_key *k, struct error *e)
{
	scoped(buf) *b = NULL;

	if (e->code || buf_create(&b, 256, e) < 0 || note_key_put(k, b, e) < 0)
		return;
	json_add_new(list, json_string(buf_text(b)), e);
}

int cosigner_json(const struct cosigner *c, json_t **ret, struct error *e)
{
	scoped_json *o = json_object_make(e);
	json_t *list = json_array_make(e);

	json_set_text(o, "name", c->key[0].name, e);
	for (size_t i = 0; i < c->key_count; i++)
		add_vkey(list, &c->key[i], e);
	json_set_new(o, "vkeys", list, e);
	if (e->code)
		return e->code;
	*ret = give(o);
	return 0;
}

/* ---- logs ---- */

int cosigner_path(const struct cosigner *c, char ret[PATH_LEN_MAX], const char *folder,
		  const char *hex, struct error *e)
{
	char inner[PATH_LEN_MAX];

	if (path_join(inner, c->folder, folder, e) < 0)
		return e->code;
	return path_join(ret, inner, hex, e);
}

static int parse_log(struct cosigner_log *l, const char *text, struct error *e)
{
	size_t len = strcspn(text, "\n");

	l->count = 0;
	if (len == 0 || len > NOTE_NAME_MAX || text[len] != '\n')
		return error_set(e, E_FORMAT, "no origin");
	memcpy(l->origin, text, len);
	l->origin[len] = 0;
	for (text += len + 1; *text; text += len + 1) {
		char vkey[NOTE_NAME_MAX + 2 * NOTE_PUBLIC_MAX + 32];

		len = strcspn(text, "\n");
		if (len >= sizeof(vkey) || text[len] != '\n' || l->count == COSIGNER_LOG_KEYS_MAX)
			return error_set(e, E_FORMAT, "a line that is no vkey");
		memcpy(vkey, text, len);
		vkey[len] = 0;
		if (note_key_parse(&l->key[l->count], vkey, e) < 0)
			return e->code;
		l->count++;
	}
	return l->count ? 0 : error_set(e, E_FORMAT, "no vkey");
}

int cosigner_log_read(const struct cosigner *c, const char *hex, struct cosigner_log *ret,
		      struct error *e)
{
	char path[PATH_LEN_MAX];
	scoped(buf) *b = NULL;

	if (cosigner_path(c, path, "logs", hex, e) < 0 ||
	    file_read(path, COSIGNER_LOG_BYTES_MAX, &b, e) < 0)
		return e->code;
	return parse_log(ret, buf_text(b), e) < 0 ? error_wrap(e, "%s", path) : 0;
}

static int put_log(struct buf *b, const struct cosigner_log *l, struct error *e)
{
	if (buf_printf(b, e, "%s\n", l->origin) < 0)
		return e->code;
	for (size_t i = 0; i < l->count; i++)
		if (note_key_put(&l->key[i], b, e) < 0 || buf_put_u8(b, '\n', e) < 0)
			return e->code;
	return 0;
}

static int add_key(struct cosigner_log *l, const struct note_key *k, struct error *e)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->key[i].id == k->id && strcmp(l->key[i].name, k->name) == 0)
			return error_set(e, E_CONFLICT, "this log is known by this key already");
	if (l->count == COSIGNER_LOG_KEYS_MAX)
		return error_set(e, E_RANGE, "more than %d keys of one log", COSIGNER_LOG_KEYS_MAX);
	l->key[l->count++] = *k;
	return 0;
}

static bool is_origin(const char *origin)
{
	size_t len = strlen(origin);

	for (const char *p = origin; *p; p++)
		if ((uint8_t)*p < 0x20)
			return false;
	return len > 0 && len <= NOTE_NAME_MAX && utf8_valid(origin, len);
}

int cosigner_add_log(struct cosigner *c, const char *origin, const char *vkey, struct error *e)
{
	scoped(cosigner_log) *l = calloc(1, sizeof(*l));
	char path[PATH_LEN_MAX], folder[PATH_LEN_MAX], hex[HASH_HEX_MAX];
	scoped(buf) *b = NULL;
	struct note_key k;

	if (!l)
		return error_set(e, E_MEMORY, "witness: out of memory");
	if (!is_origin(origin))
		return error_set(e, E_USAGE, "no origin of a log: one line of up to %d bytes",
				 NOTE_NAME_MAX);
	if (note_key_parse(&k, vkey, e) < 0 || k.type == NOTE_COSIGNATURE)
		return error_set(e, E_USAGE, "no vkey of a log: it is NAME+HEX+BASE64");
	cosigner_origin_hex(hex, origin, strlen(origin));
	if (cosigner_log_read(c, hex, l, e) < 0) {
		if (e->code != E_NOT_FOUND)
			return e->code;
		error_clear(e);
		snprintf(l->origin, sizeof(l->origin), "%s", origin);
	}
	if (add_key(l, &k, e) < 0 || path_join(folder, c->folder, "logs", e) < 0 ||
	    folder_make(folder, 0700, e) < 0 || path_join(path, folder, hex, e) < 0 ||
	    buf_create(&b, 1024, e) < 0 || put_log(b, l, e) < 0)
		return e->code;
	return file_write(path, b->data, b->len, 0600, e);
}

static json_t *log_json(const struct cosigner *c, const char *hex, struct error *e)
{
	scoped(cosigner_log) *l = calloc(1, sizeof(*l));
	json_t *o = json_object_make(e), *list = json_array_make(e);
	struct head h;

	if (!l)
		(void)error_set(e, E_MEMORY, "witness: out of memory");
	if (e->code == 0 && cosigner_log_read(c, hex, l, e) == 0) {
		json_set_text(o, "origin", l->origin, e);
		for (size_t i = 0; i < l->count; i++)
			add_vkey(list, &l->key[i], e);
		if (cosigner_head(c, hex, l->origin, &h, NULL, e) == 0) {
			json_set_number(o, "size", h.size, e);
		} else if (e->code == E_NOT_FOUND) {
			error_clear(e);
			json_set_new(o, "size", json_null(), e);
		}
	}
	json_set_new(o, "vkeys", list, e);
	return o;
}

int cosigner_logs(struct cosigner *c, json_t **ret, struct error *e)
{
	scoped_json *all = json_array_make(e);
	char folder[PATH_LEN_MAX];
	scoped(arena) *a = NULL;
	char **names = NULL;
	size_t count = 0;

	if (!all || arena_create(&a, e) < 0 || path_join(folder, c->folder, "logs", e) < 0)
		return e->code;
	if (file_exists(folder) && folder_list(a, folder, &names, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (strlen(names[i]) == HASH_HEX_MAX - 1)
			json_add_new(all, log_json(c, names[i], e), e);
	if (e->code)
		return e->code;
	*ret = give(all);
	return 0;
}
