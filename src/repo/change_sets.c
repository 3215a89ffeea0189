/* Sets stored: containers by internal name, once each, sealed with the key that hides them. */
#include "base/pool.h"
#include "repo/change_parts.h"
#include "repo/inside.h"
#include "set/container.h"
#include "set/hidden.h"

static struct prepared *find_prepared(struct change *c, const struct hash *name)
{
	for (size_t i = 0; i < c->prepared_count; i++)
		if (hash_equal(&c->prepared[i].name, name))
			return &c->prepared[i];
	return NULL;
}

/* Is it stored, or about to be? */
static int is_known(struct change *c, const struct hash *name, bool *ret, struct error *e)
{
	struct catalog_container k;

	*ret = true;
	if (find_prepared(c, name) || catalog_container(c->r->catalog, name, &k, NULL, e) == 0)
		return 0;
	if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	*ret = false;
	return 0;
}

/* Note a container as one to be made. */
static int prepare(struct change *c, uint64_t number, uint64_t size, const struct hash *name,
		   const struct buf *bytes, struct error *e)
{
	struct prepared *p;
	uint8_t *copy;

	if (!c->prepared_arena && arena_create(&c->prepared_arena, e) < 0)
		return e->code;
	c->prepared = arena_grow(c->prepared_arena, c->prepared, sizeof(*c->prepared),
				 c->prepared_count, &c->prepared_cap, e);
	copy = arena_alloc(c->prepared_arena, bytes->len, e);
	if (!c->prepared || !copy)
		return e->code;
	memcpy(copy, bytes->data, bytes->len);
	p = &c->prepared[c->prepared_count++];
	memset(p, 0, sizeof(*p));
	p->name = *name;
	p->number = number;
	p->size = size;
	p->bytes = copy;
	p->len_bytes = bytes->len;
	random_bytes(p->key, sizeof(p->key));
	return 0;
}

static int root_of(void *ctx, size_t i, struct error *e)
{
	struct prepared *p = (struct prepared *)ctx + i;

	return hidden_container_root(&p->root, p->key, p->number, p->size, p->bytes, p->len_bytes, e);
}

static int canonical(const struct set *s, uint64_t number, uint64_t size, struct buf *bytes,
		     struct hash *ret_name, struct error *e)
{
	buf_clear(bytes);
	if (container_put(s, number, bytes, e) < 0)
		return e->code;
	container_name(ret_name, number, container_end(number, size), bytes->data, bytes->len);
	return 0;
}

int change_prepare_sets(struct change *c, struct set *const *sets, size_t count, uint64_t size,
			struct error *e)
{
	size_t first = c->prepared_count;
	scoped(buf) *bytes = NULL;
	struct hash name;
	bool known;

	if (buf_create(&bytes, CONTAINER_BYTES_MAX, e) < 0)
		return e->code;
	for (size_t s = 0; s < count; s++)
		for (uint64_t i = 0; i < container_count(size); i++) {
			if (canonical(sets[s], i, size, bytes, &name, e) < 0 ||
			    is_known(c, &name, &known, e) < 0 ||
			    (!known && prepare(c, i, size, &name, bytes, e) < 0))
				return e->code;
		}
	return pool_run(c->prepared_count - first, root_of, c->prepared + first, e);
}

/* Seal it: key, published root, the size that its name is over, bytes. */
static int put_container(struct change *c, const struct prepared *p, struct error *e)
{
	uint8_t plain[CONTAINER_OBJECT_HEAD + CONTAINER_BYTES_MAX], key[SEAL_KEY_LEN];
	struct place at;
	uint64_t slot;
	int code = change_slot(c, &slot, key, e);

	memcpy(plain, p->key, 32);
	memcpy(plain + 32, p->root.b, HASH_LEN);
	be_set(plain + 32 + HASH_LEN, container_end(p->number, p->size), 8);
	memcpy(plain + CONTAINER_OBJECT_HEAD, p->bytes, p->len_bytes);
	if (code == 0)
		code = vault_add(c->r->vault, OBJECT_CONTAINER, slot, p->number, key, plain,
				 CONTAINER_OBJECT_HEAD + p->len_bytes, &at, e);
	wipe(plain, sizeof(plain));
	wipe(key, sizeof(key));
	return code < 0 ? code :
			  catalog_put_container(c->r->catalog, &p->name, p->number, p->bytes,
						p->len_bytes, &p->root, slot, &at, e);
}

static int add_container(struct change *c, const struct hash *name, struct hash *ret_root,
			 struct error *e)
{
	struct catalog_container k;
	const struct prepared *p;

	if (catalog_container(c->r->catalog, name, &k, NULL, e) == 0) {
		*ret_root = k.root;
		return 0;
	}
	if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	p = find_prepared(c, name);
	if (!p)
		return error_set(e, E_NOT_FOUND, "a container was not prepared");
	*ret_root = p->root;
	return put_container(c, p, e);
}

int change_set(struct change *c, struct set *s, uint64_t size, struct buf *names,
	       struct buf *roots, struct hash *ret_root, struct error *e)
{
	scoped(buf) *bytes = NULL, *list = NULL;
	struct hash name, root;

	if (buf_create(&bytes, CONTAINER_BYTES_MAX, e) < 0 || buf_create(&list, 1024, e) < 0 ||
	    change_prepare_sets(c, &s, 1, size, e) < 0)
		return e->code;
	for (uint64_t i = 0; i < container_count(size); i++)
		if (canonical(s, i, size, bytes, &name, e) < 0 ||
		    add_container(c, &name, &root, e) < 0 || buf_put(names, name.b, HASH_LEN, e) < 0 ||
		    buf_put(list, root.b, HASH_LEN, e) < 0)
			return e->code;
	hidden_set_root(ret_root, size, (const struct hash *)(const void *)list->data,
			container_count(size));
	return buf_put(roots, list->data, list->len, e);
}
