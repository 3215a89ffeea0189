/* Roles and the keys they act with. */
#include "base/text.h"
#include "flow/parts.h"
#include "flow/rights_said.h"

static int must_be_new(struct repo *r, const char *role, struct error *e)
{
	struct catalog_thing t;
	scoped(arena) *a = NULL;

	if (arena_create(&a, e) < 0)
		return e->code;
	if (catalog_thing_named(r->catalog, a, THING_KEY, role, &t, e) == 0)
		return error_set(e, E_CONFLICT, "role %s has a key already (rescind key ls)", role);
	if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	return 0;
}

static int public_key_of(struct repo *r, const char *role, uint8_t ret_public[SIGN_PUBLIC_LEN],
			 struct error *e)
{
	uint8_t seed[SIGN_SEED_LEN];
	char id[KEY_ID_MAX];
	int code;

	if (repo_role_seed(r, role, seed, id, e) < 0)
		return e->code;
	code = sign_public(ret_public, seed, e);
	wipe(seed, sizeof(seed));
	return code;
}

/* A key whose enrolment was killed before its fact is there, and is enrolled now. */
static int make_key(struct repo *r, const char *role, uint8_t ret_public[SIGN_PUBLIC_LEN],
		    struct error *e)
{
	if (repo_role_make(r, role, ret_public, e) == 0)
		return 0;
	if (e->code != E_CONFLICT)
		return e->code;
	error_clear(e);
	return public_key_of(r, role, ret_public, e);
}

static int enrol(struct change *c, const char *role, const char *key, struct error *e)
{
	scoped_json *public = json_object_make(e);
	scoped(fields) *f = NULL;
	uint64_t n;

	if (!public || fields_create(&f, e) < 0 || fields_add_text(f, "role", role, e) < 0)
		return e->code;
	json_set_text(public, "key", key, e);
	return e->code ? e->code : change_fact(c, "key", give(public), f, &n, e);
}

static int key_document(const char *role, const uint8_t public_key[SIGN_PUBLIC_LEN], json_t **ret,
			struct error *e)
{
	char key[2 * SIGN_PUBLIC_LEN + 1], id[KEY_ID_MAX];

	*ret = json_object_make(e);
	if (!*ret)
		return e->code;
	repo_key_id(id, public_key);
	json_set_text(*ret, "role", role, e);
	json_set_text(*ret, "id", id, e);
	json_set_text(*ret, "key", hex_encode(key, public_key, SIGN_PUBLIC_LEN), e);
	return e->code;
}

int flow_key_add(struct repo *r, const char *role, json_t **ret, struct error *e)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	char key[2 * SIGN_PUBLIC_LEN + 1];
	scoped(change) *c = NULL;

	if (parts_name("role", role, e) < 0 || change_begin(&c, r, e) < 0 ||
	    must_be_new(r, role, e) < 0 || make_key(r, role, public_key, e) < 0 ||
	    enrol(c, role, hex_encode(key, public_key, sizeof(public_key)), e) < 0 ||
	    change_commit(c, e) < 0)
		return e->code;
	return key_document(role, public_key, ret, e);
}

/* The new key is enrolled first, said by the old one, and then put in its place: killed between, the
 * role still has its old key, and the new one, which nobody has, never says anything. */
static int rotate_in(struct change *c, struct repo *r, const char *role,
		     uint8_t ret_public[SIGN_PUBLIC_LEN], struct error *e)
{
	char key[2 * SIGN_PUBLIC_LEN + 1];
	uint8_t seed[SIGN_SEED_LEN];
	int code;

	random_bytes(seed, sizeof(seed));
	code = sign_public(ret_public, seed, e);
	if (code == 0)
		code = enrol(c, role, hex_encode(key, ret_public, SIGN_PUBLIC_LEN), e);
	if (code == 0)
		code = change_commit(c, e);
	if (code == 0)
		code = repo_role_replace(r, role, seed, e);
	wipe(seed, sizeof(seed));
	return code;
}

int flow_key_rotate(struct repo *r, const char *role, json_t **ret, struct error *e)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	scoped(change) *c = NULL;
	struct catalog_thing t;
	scoped(arena) *a = NULL;

	if (parts_name("role", role, e) < 0 || arena_create(&a, e) < 0 ||
	    change_begin(&c, r, e) < 0)
		return e->code;
	if (catalog_thing_named(r->catalog, a, THING_KEY, role, &t, e) < 0)
		return e->code == E_NOT_FOUND ?
			       error_set(e, E_NOT_FOUND, "no role %s (rescind key add %s)", role, role) :
			       e->code;
	if (rotate_in(c, r, role, public_key, e) < 0)
		return e->code;
	return key_document(role, public_key, ret, e);
}

/* --- list --- */

/* Is the key that was enrolled in our keys directory? Not if it was lost, or replaced. */
static int is_here(struct repo *r, const char *role, const uint8_t enrolled[SIGN_PUBLIC_LEN],
		   bool *ret, struct error *e)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];

	*ret = false;
	if (public_key_of(r, role, public_key, e) == 0)
		*ret = memcmp(public_key, enrolled, SIGN_PUBLIC_LEN) == 0;
	else if (e->code == E_NOT_FOUND)
		error_clear(e);
	return e->code;
}

struct listing {
	struct repo *r;
	json_t *list;
};

static int show_key(void *ctx, const struct catalog_thing *t, struct error *e)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	json_t *doc = json_object_make(e);
	struct listing *l = ctx;
	scoped_json *body = NULL;
	char id[KEY_ID_MAX];
	const char *key;
	bool here;

	json_add_new(l->list, doc, e);
	if (e->code || json_parse(&body, t->body, strlen(t->body), CATALOG_BODY_MAX, e) < 0 ||
	    json_get_text(body, "key", &key, e) < 0 ||
	    hex_decode(public_key, sizeof(public_key), key, e) < 0 ||
	    is_here(l->r, json_text_or(body, "role", t->name), public_key, &here, e) < 0)
		return e->code;
	repo_key_id(id, public_key);
	json_set_text(doc, "role", json_text_or(body, "role", t->name), e);
	json_set_bool(doc, "replaced", !*t->name, e);
	json_set_text(doc, "key", key, e);
	json_set_text(doc, "id", id, e);
	json_set_bool(doc, "here", here, e);
	return e->code;
}

int flow_key_list(struct repo *r, json_t **ret, struct error *e)
{
	scoped_json *list = json_array_make(e);
	struct listing l = { r, list };

	if (!list || catalog_each_thing(r->catalog, THING_KEY, UINT64_MAX, show_key, &l, e) < 0)
		return e->code;
	*ret = give(list);
	return 0;
}
