#include <stdio.h>

#include "base/text.h"
#include "proof/certificate.h"
#include "repo/inside.h"

enum { SECRET_FILE_MAX = 4096, LOG_KEY_MAX = 24 };

/* "PRIVATE+KEY+<name>+<8 hex>+<base64(type || seed)>", as the Go tools keep note signers. */
static int put_signer(struct repo *r, const char *file, const struct note_key *k,
		      const uint8_t seed[SIGN_SEED_LEN], struct error *e)
{
	scoped(buf) *b = NULL;
	uint8_t bytes[1 + SIGN_SEED_LEN] = { NOTE_ED25519 };
	int code;

	memcpy(bytes + 1, seed, SIGN_SEED_LEN);
	code = buf_create(&b, 256, e);
	if (code == 0)
		code = buf_printf(b, e, "PRIVATE+KEY+%s+%08x+", k->name, (unsigned)k->id);
	if (code == 0)
		code = base64_put(b, bytes, sizeof(bytes), e);
	if (code == 0)
		code = buf_put(b, "\n", 1, e);
	if (code == 0)
		code = keydir_write(&r->keys, file, b->data, b->len, e);
	wipe(bytes, sizeof(bytes));
	return code;
}

static int get_signer(struct repo *r, const char *file, uint8_t ret_seed[SIGN_SEED_LEN],
		      struct error *e)
{
	scoped(buf) *b = NULL, *raw = NULL;
	const char *text, *last;
	size_t len;

	if (keydir_read(&r->keys, file, SECRET_FILE_MAX, &b, e) < 0 || buf_create(&raw, 64, e) < 0)
		return e->code;
	text = buf_text(b);
	last = strrchr(text, '+');
	/* '+' is also a letter of base64: the value begins after the fourth one. */
	last = text;
	for (int plus = 0; plus < 4 && last; plus++) {
		last = strchr(last, '+');
		last = last ? last + 1 : NULL;
	}
	len = last ? strcspn(last, "\n") : 0;
	if (!last || base64_get(raw, last, len, e) < 0 || raw->len != 1 + SIGN_SEED_LEN)
		return error_set(e, E_FORMAT, "%s in the keys directory is not a signing key", file);
	memcpy(ret_seed, raw->data + 1, SIGN_SEED_LEN);
	return 0;
}

static int make_random(struct repo *r, const char *file, uint8_t ret[32], struct error *e)
{
	random_bytes(ret, 32);
	return keydir_write(&r->keys, file, ret, 32, e);
}

/* The scalar that a broken Ed25519 gives away is no way back to the seed. */
static void seed_of_mldsa(uint8_t ret[MLDSA_SEED_LEN], const uint8_t seed[SIGN_SEED_LEN])
{
	static const char domain[] = "rescind/log-mldsa/v1";
	struct hash h;

	hmac_bytes(&h, seed, SIGN_SEED_LEN, domain, sizeof(domain) - 1);
	memcpy(ret, h.b, MLDSA_SEED_LEN);
	wipe(&h, sizeof(h));
}

static int mldsa_public_of(uint8_t ret[MLDSA_PUBLIC_LEN], const uint8_t seed[SIGN_SEED_LEN],
			   struct error *e)
{
	uint8_t second[MLDSA_SEED_LEN];
	int code;

	seed_of_mldsa(second, seed);
	code = mldsa_public(ret, second, e);
	wipe(second, sizeof(second));
	return code;
}

static int log_keys(struct repo *r, const uint8_t seed[SIGN_SEED_LEN], struct error *e)
{
	static const char *const suffix[LOG_COUNT] = { "facts", "records" };
	uint8_t public_key[SIGN_PUBLIC_LEN], mldsa[MLDSA_PUBLIC_LEN];
	bool both = mldsa_is_there();

	if (sign_public(public_key, seed, e) < 0 || (both && mldsa_public_of(mldsa, seed, e) < 0))
		return e->code;
	for (int i = 0; i < LOG_COUNT; i++) {
		char name[NOTE_NAME_MAX + 16];

		snprintf(name, sizeof(name), "%s/%s", r->origin, suffix[i]);
		if (note_key_make(&r->log_key[i], name, NOTE_ED25519, public_key, e) < 0 ||
		    (both && note_key_make(&r->log_mldsa[i], name, NOTE_MLDSA, mldsa, e) < 0))
			return e->code;
	}
	return 0;
}

int secrets_make(struct repo *r, uint8_t ret_log_seed[SIGN_SEED_LEN], struct error *e)
{
	random_bytes(ret_log_seed, SIGN_SEED_LEN);
	if (log_keys(r, ret_log_seed, e) < 0 ||
	    put_signer(r, "log.key", &r->log_key[LOG_FACTS], ret_log_seed, e) < 0 ||
	    make_random(r, "tags.key", r->tag_key, e) < 0)
		return e->code;
	return make_random(r, "never.key", r->never_key, e);
}

static int load_random(struct repo *r, const char *file, uint8_t ret[32], struct error *e)
{
	scoped(buf) *b = NULL;

	if (keydir_read(&r->keys, file, 32, &b, e) < 0)
		return e->code;
	if (b->len != 32)
		return error_set(e, E_FORMAT, "%s in the keys directory is not 32 bytes", file);
	memcpy(ret, b->data, 32);
	return 0;
}

/* A log that lost its end has a successor, with a key of its own: "log.key", then "log~2.key".
 * An older file that comes back is no other log's. */
static const char *key_file(char ret[LOG_KEY_MAX], uint64_t number)
{
	snprintf(ret, LOG_KEY_MAX, number == 1 ? "log.key" : "log~%u.key", (unsigned)number);
	return ret;
}

static const char *our_key(const struct repo *r, char ret[LOG_KEY_MAX])
{
	uint64_t number;

	origin_base(r->origin, &number);
	return key_file(ret, number);
}

static int get_log_seed(struct repo *r, uint8_t ret_seed[SIGN_SEED_LEN], struct error *e)
{
	char file[LOG_KEY_MAX], other[LOG_KEY_MAX];

	if (get_signer(r, our_key(r, file), ret_seed, e) == 0 || e->code != E_NOT_FOUND)
		return e->code;
	for (uint64_t n = 1; n <= SUCCESSORS_MAX; n++) {
		struct error why = { 0 };
		bool there;

		if (secrets_has(r, n, &there, &why) < 0 || !there)
			continue;
		key_file(other, n);
		error_clear(e);
		return error_set(e, E_MISMATCH, "there is %s, and no %s: the key is of another log than %s; a log was "
				 "followed by another, and one of the two was put back to before", other, file,
				 r->origin);
	}
	return e->code;
}

int secrets_load(struct repo *r, struct error *e)
{
	uint8_t seed[SIGN_SEED_LEN];
	int code;

	if (get_log_seed(r, seed, e) < 0)
		return e->code;
	code = log_keys(r, seed, e);
	wipe(seed, sizeof(seed));
	if (code < 0 || load_random(r, "tags.key", r->tag_key, e) < 0)
		return e->code;
	return load_random(r, "never.key", r->never_key, e);
}

int repo_log_seed(struct repo *r, uint8_t ret_seed[SIGN_SEED_LEN], struct error *e)
{
	return get_log_seed(r, ret_seed, e);
}

int secrets_succeed(struct repo *s, struct error *e)
{
	uint8_t seed[SIGN_SEED_LEN];
	char file[LOG_KEY_MAX];
	int code;

	random_bytes(seed, sizeof(seed));
	code = log_keys(s, seed, e) < 0 ? e->code :
					  put_signer(s, our_key(s, file), &s->log_key[LOG_FACTS], seed, e);
	wipe(seed, sizeof(seed));
	return code;
}

/* Also where a kill left its digest alone. */
int secrets_end(struct repo *r, uint64_t from, uint64_t to, struct error *e)
{
	char file[LOG_KEY_MAX];

	for (; from < to; from++)
		if (keydir_destroy(&r->keys, key_file(file, from), e) < 0)
			return e->code;
	return 0;
}

int secrets_has(struct repo *r, uint64_t number, bool *ret, struct error *e)
{
	char file[LOG_KEY_MAX], path[PATH_LEN_MAX];

	*ret = false;
	for (unsigned i = 0; i < KEYDIR_PLACES && !*ret; i++)
		if (keydir_has(&r->keys, i) &&
		    (path_join(path, i ? r->keys.mirror : r->keys.path, key_file(file, number), e) < 0 ||
		     file_is_there(path, ret, e) < 0))
			return e->code;
	return 0;
}

int repo_mldsa_seed(struct repo *r, uint8_t ret_seed[MLDSA_SEED_LEN], struct error *e)
{
	uint8_t seed[SIGN_SEED_LEN];

	if (repo_log_seed(r, seed, e) < 0)
		return e->code;
	seed_of_mldsa(ret_seed, seed);
	wipe(seed, sizeof(seed));
	return 0;
}

static void role_file(char ret[160], const char *role)
{
	snprintf(ret, 160, "roles/%.100s.key", role);
}

int repo_role_make(struct repo *r, const char *role, uint8_t ret_public[SIGN_PUBLIC_LEN],
		      struct error *e)
{
	uint8_t seed[SIGN_SEED_LEN];
	struct note_key k;
	char file[160];
	int code;

	if (!name_valid(role))
		return error_set(e, E_USAGE, "\"%s\" is no name for a role ([a-z0-9][a-z0-9._-]*)", role);
	role_file(file, role);
	if (get_signer(r, file, seed, e) == 0)
		return error_set(e, E_CONFLICT, "role %s has a key already", role);
	if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	random_bytes(seed, sizeof(seed));
	code = sign_public(ret_public, seed, e);
	if (code == 0)
		code = note_key_make(&k, role, NOTE_ED25519, ret_public, e);
	if (code == 0)
		code = put_signer(r, file, &k, seed, e);
	wipe(seed, sizeof(seed));
	return code;
}

int repo_role_replace(struct repo *r, const char *role, const uint8_t seed[SIGN_SEED_LEN],
		      struct error *e)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct note_key k;
	char file[160];

	role_file(file, role);
	if (!name_valid(role) || sign_public(public_key, seed, e) < 0 ||
	    note_key_make(&k, role, NOTE_ED25519, public_key, e) < 0)
		return e->code;
	return put_signer(r, file, &k, seed, e);
}

int repo_role_seed(struct repo *r, const char *role, uint8_t ret_seed[SIGN_SEED_LEN],
		   char ret_id[KEY_ID_MAX], struct error *e)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	char file[160];

	role_file(file, role);
	if (!name_valid(role) || get_signer(r, file, ret_seed, e) < 0)
		return error_set(e, E_NOT_FOUND, "no key for role \"%s\" (rescind key add %s)", role,
				 role);
	if (sign_public(public_key, ret_seed, e) < 0)
		return e->code;
	repo_key_id(ret_id, public_key);
	return 0;
}

void repo_key_id(char ret_id[KEY_ID_MAX], const uint8_t public_key[SIGN_PUBLIC_LEN])
{
	struct hash h;

	hash_bytes(&h, public_key, SIGN_PUBLIC_LEN);
	hex_encode(ret_id, h.b, 8);
}

void repo_tag(const struct repo *r, struct tag *ret, uint8_t kind, const void *value, size_t len)
{
	struct hash inner, outer;
	uint8_t message[1 + HASH_LEN] = { kind };

	hash_bytes(&inner, value, len);
	memcpy(message + 1, inner.b, HASH_LEN);
	hmac_bytes(&outer, r->tag_key, sizeof(r->tag_key), message, sizeof(message));
	memcpy(ret->b, outer.b, sizeof(ret->b));
}

void repo_place_tag(const struct repo *r, struct tag *ret, const struct hash *content,
		    const char *source, const char *origin, const char *path, bool in_place)
{
	const struct hash_piece pieces[] = { { content->b, HASH_LEN },
					     { source, strlen(source) + 1 },
					     { origin, strlen(origin) },
					     { "/", 1 },
					     { path, strlen(path) },
					     { "\0in place", in_place ? 9 : 0 } };
	struct hash h;

	hash_pieces(&h, pieces, COUNT_OF(pieces));
	repo_tag(r, ret, TAG_PLACE, h.b, HASH_LEN);
}
