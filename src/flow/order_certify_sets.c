/* Of a certificate: the retained sets, each proved to be without the positions. */
#include <inttypes.h>

#include "base/pool.h"
#include "flow/certifying.h"
#include "set/container.h"
#include "set/hidden.h"

static int container_key(struct certifying *x, uint64_t number, const struct catalog_container *k,
			 uint8_t ret_key[32], struct error *e)
{
	uint8_t slot_key[SEAL_KEY_LEN];
	scoped(buf) *plain = NULL;
	int code;

	if (buf_create(&plain, CONTAINER_BYTES_MAX + 128, e) < 0 ||
	    keyring_key(x->r->keyring, k->slot, slot_key, e) < 0)
		return e->code;
	code = vault_get(x->r->vault, &k->at, OBJECT_CONTAINER, k->slot, number, slot_key, plain, e);
	wipe(slot_key, sizeof(slot_key));
	if (code == 0 && plain->len < 32)
		code = error_set(e, E_FORMAT, "a container's object is too short");
	if (code == 0)
		memcpy(ret_key, plain->data, 32);
	return code;
}

/* The ordered positions below the set's size that lie in this container. */
static int positions_in(struct certifying *x, uint64_t number, uint64_t size, struct set **ret,
			struct error *e)
{
	uint64_t first = number * CONTAINER_POSITIONS, end = container_end(number, size);
	scoped(set) *s = NULL;

	if (set_create(&s, e) < 0 || set_add_range(s, first, end - 1, e) < 0 ||
	    set_and(s, x->o->positions, e) < 0)
		return e->code;
	*ret = give(s);
	return 0;
}

/* One container in which ordered positions lie, to be opened. */
struct opening {
	struct hash name, root;
	uint64_t number, size;
	uint8_t key[32];
	struct buf *bytes, *out; /* owned */
	struct set *which;	 /* owned */
};

/* What is retained: sets by their facts, and each container of them to open, once. */
struct retaining {
	struct certifying *x;
	struct {
		uint64_t fact;
		struct stored_set set;
	} *sets;
	size_t set_count, set_cap;
	struct opening *list;
	size_t count, cap;
};

static struct opening *find_opening(const struct retaining *t, const struct hash *name)
{
	for (size_t i = 0; i < t->count; i++)
		if (hash_equal(&t->list[i].name, name))
			return &t->list[i];
	return NULL;
}

static void retaining_done(struct retaining *t)
{
	for (size_t i = 0; i < t->count; i++) {
		wipe(t->list[i].key, sizeof(t->list[i].key));
		buf_destroy(t->list[i].bytes);
		buf_destroy(t->list[i].out);
		set_destroy(t->list[i].which);
	}
}

static int want_container(struct retaining *t, uint64_t number, uint64_t size,
			  const struct hash *name, struct error *e)
{
	struct certifying *x = t->x;
	struct catalog_container k;
	struct opening *o;

	if (find_opening(t, name))
		return 0;
	t->list = arena_grow(x->a, t->list, sizeof(*t->list), t->count, &t->cap, e);
	if (!t->list)
		return e->code;
	o = &t->list[t->count++];
	memset(o, 0, sizeof(*o));
	o->name = *name;
	o->number = number;
	o->size = size;
	if (buf_create(&o->bytes, 64, e) < 0 || buf_create(&o->out, 64, e) < 0 ||
	    catalog_container(x->r->catalog, name, &k, o->bytes, e) < 0 ||
	    positions_in(x, number, size, &o->which, e) < 0)
		return e->code;
	o->root = k.root;
	return set_count(o->which) ? container_key(x, number, &k, o->key, e) : 0;
}

static int open_one(void *ctx, size_t i, struct error *e)
{
	struct opening *o = (struct opening *)ctx + i;

	return set_count(o->which) == 0 ?
		       0 :
		       hidden_open(o->out, o->key, o->number, o->size, o->bytes->data, o->bytes->len,
				   o->which, e);
}

static int want_set(struct retaining *t, uint64_t fact, const struct stored_set *s,
		    struct error *e)
{
	t->sets = arena_grow(t->x->a, t->sets, sizeof(*t->sets), t->set_count, &t->set_cap, e);
	if (!t->sets)
		return e->code;
	t->sets[t->set_count].fact = fact;
	t->sets[t->set_count++].set = *s;
	for (uint64_t i = 0; i < container_count(s->size); i++)
		if (want_container(t, i, s->size, &s->containers[i], e) < 0)
			return error_wrap(e, "retained set of fact %" PRIu64, fact);
	return 0;
}

bool certify_was_made(const struct certify_words *w, uint64_t fact)
{
	const json_t *words, *made;
	size_t i, k;

	json_array_foreach(w->done, i, words)
		json_array_foreach(json_object_get(words, "made"), k, made)
			if ((uint64_t)json_integer_value(made) == fact)
				return true;
	return false;
}

/* Every dataset's latest version, what the order made, and every checkpoint that is live. */
static int want_all(struct retaining *t, struct certify_words *w, struct error *e)
{
	struct certifying *x = t->x;
	struct dataset *datasets, latest;
	struct model *models;
	size_t dn, mn;

	if (datasets_all(x->r, x->a, &datasets, &dn, e) < 0 ||
	    models_all(x->r, x->a, &models, &mn, e) < 0)
		return e->code;
	for (size_t i = 0; i < dn; i++) {
		if (dataset_named(x->r, x->a, datasets[i].name, &latest, e) < 0)
			return e->code;
		if (latest.fact != datasets[i].fact && !certify_was_made(w, datasets[i].fact))
			continue;
		if (want_set(t, datasets[i].fact, &datasets[i].set, e) < 0)
			return e->code;
	}
	for (size_t i = 0; i < mn; i++) {
		if (models[i].state != MODEL_LIVE && !certify_was_made(w, models[i].fact))
			continue;
		if (want_set(t, models[i].fact, &models[i].set, e) < 0)
			return e->code;
	}
	return 0;
}

static int put_set(struct retaining *t, size_t i, struct error *e)
{
	const struct stored_set *s = &t->sets[i].set;
	struct certificate_draft *d = t->x->d;

	if (certify_show(t->x, t->sets[i].fact, e) < 0 || certificate_set(d, t->sets[i].fact, e) < 0)
		return e->code;
	for (uint64_t k = 0; k < container_count(s->size); k++) {
		const struct opening *o = find_opening(t, &s->containers[k]);

		if (certificate_set_container(d, k, s->size, &o->root, o->out->data, o->out->len, e) < 0)
			return e->code;
	}
	return 0;
}

int certify_sets(struct certifying *x, struct certify_words *w, struct error *e)
{
	struct retaining t = { .x = x };
	int code = want_all(&t, w, e);

	if (code == 0)
		code = pool_run(t.count, open_one, t.list, e);
	for (size_t i = 0; i < t.set_count && code == 0; i++)
		code = put_set(&t, i, e);
	retaining_done(&t);
	return code;
}
