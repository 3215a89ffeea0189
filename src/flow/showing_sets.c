/* Sets of a statement being made, each opened as 0 at positions. */
#include <inttypes.h>

#include "base/pool.h"
#include "flow/showing.h"
#include "set/container.h"
#include "set/hidden.h"

static int container_key(struct showing *x, uint64_t number, const struct catalog_container *k,
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

/* Those of the positions that lie in this container, below the set's size. */
static int positions_in(const struct set *positions, uint64_t number, uint64_t size,
			struct set **ret, struct error *e)
{
	uint64_t first = number * CONTAINER_POSITIONS, end = container_end(number, size);
	scoped(set) *s = NULL;

	if (set_create(&s, e) < 0 || set_add_range(s, first, end - 1, e) < 0 ||
	    set_and(s, positions, e) < 0)
		return e->code;
	*ret = give(s);
	return 0;
}

/* One container, to be opened where positions lie in it. */
struct opening_one {
	struct hash name, root;
	uint64_t number, size;
	uint8_t key[32];
	struct buf *bytes, *out; /* owned */
	struct set *which;	 /* owned */
};

/* Each container of the sets, once. */
struct opening_all {
	struct showing *x;
	const struct set *positions;
	struct opening_one *list;
	size_t count, cap;
};

static struct opening_one *find_opening(const struct opening_all *t, const struct hash *name)
{
	for (size_t i = 0; i < t->count; i++)
		if (hash_equal(&t->list[i].name, name))
			return &t->list[i];
	return NULL;
}

static void opening_done(struct opening_all *t)
{
	for (size_t i = 0; i < t->count; i++) {
		wipe(t->list[i].key, sizeof(t->list[i].key));
		buf_destroy(t->list[i].bytes);
		buf_destroy(t->list[i].out);
		set_destroy(t->list[i].which);
	}
}

static int want_container(struct opening_all *t, uint64_t number, uint64_t size,
			  const struct hash *name, struct error *e)
{
	struct showing *x = t->x;
	struct catalog_container k;
	struct opening_one *o;

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
	    positions_in(t->positions, number, size, &o->which, e) < 0)
		return e->code;
	o->root = k.root;
	return set_count(o->which) ? container_key(x, number, &k, o->key, e) : 0;
}

static int open_one(void *ctx, size_t i, struct error *e)
{
	struct opening_one *o = (struct opening_one *)ctx + i;

	return set_count(o->which) == 0 ?
		       0 :
		       hidden_open(o->out, o->key, o->number, o->size, o->bytes->data, o->bytes->len,
				   o->which, e);
}

static int want_set(struct opening_all *t, const struct shown_set *s, struct error *e)
{
	for (uint64_t i = 0; i < container_count(s->set.size); i++)
		if (want_container(t, i, s->set.size, &s->set.containers[i], e) < 0)
			return error_wrap(e, "the set of fact %" PRIu64, s->fact);
	return 0;
}

static int put_set(struct opening_all *t, const struct shown_set *shown, struct error *e)
{
	const struct stored_set *s = &shown->set;
	struct certificate_draft *d = t->x->d;

	if (showing_fact(t->x, shown->fact, e) < 0 || certificate_set(d, shown->fact, e) < 0)
		return e->code;
	for (uint64_t k = 0; k < container_count(s->size); k++) {
		const struct opening_one *o = find_opening(t, &s->containers[k]);

		if (certificate_set_container(d, k, s->size, &o->root, o->out->data, o->out->len, e) < 0)
			return e->code;
	}
	return 0;
}

int showing_sets(struct showing *x, const struct shown_set *sets, size_t count,
		 const struct set *positions, struct error *e)
{
	struct opening_all t = { .x = x, .positions = positions };
	int code = 0;

	for (size_t i = 0; i < count && code == 0; i++)
		code = want_set(&t, &sets[i], e);
	if (code == 0)
		code = pool_run(t.count, open_one, t.list, e);
	for (size_t i = 0; i < count && code == 0; i++)
		code = put_set(&t, &sets[i], e);
	opening_done(&t);
	return code;
}
