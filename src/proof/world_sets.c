/* The sets of a world: containers, roots, openings. */
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "proof/world.h"
#include "set/container.h"
#include "set/hidden.h"

static struct error e;

/* Growing the secrets of a container takes a while, and many worlds have the same ones. */
enum { KEPT_MAX = 1024 };
static struct {
	struct hash name;
	struct buf *bytes;
} kept[KEPT_MAX];
static size_t kept_count;

static void forget(void)
{
	for (size_t i = 0; i < kept_count; i++)
		buf_destroy(kept[i].bytes);
}

static const struct buf *remember(const struct hash *name, struct buf *bytes)
{
	if (kept_count == 0)
		atexit(forget);
	check(kept_count < KEPT_MAX);
	kept[kept_count].name = *name;
	kept[kept_count].bytes = bytes;
	return kept[kept_count++].bytes;
}

static const struct buf *remembered(const struct hash *name)
{
	for (size_t i = 0; i < kept_count; i++)
		if (hash_equal(&kept[i].name, name))
			return kept[i].bytes;
	return NULL;
}

struct grown {
	uint8_t key[32];
	struct buf *bytes;
	struct hash name;
};

static void container_of(const struct world_set *s, uint64_t number, struct grown *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->key[0] = s->key;
	ret->key[1] = (uint8_t)number;
	check_ok(buf_create(&ret->bytes, 0, &e));
	check_ok(container_put(s->s, number, ret->bytes, &e));
	container_name(&ret->name, number, s->size, ret->bytes->data, ret->bytes->len);
	for (size_t i = 0; i < 2; i++)
		ret->name.b[i] = (uint8_t)(ret->name.b[i] ^ ret->key[i]);
}

void world_container_root(const struct world_set *s, uint64_t number, struct hash *ret)
{
	const struct buf *known;
	struct grown g;
	struct buf *b = NULL;

	container_of(s, number, &g);
	known = remembered(&g.name);
	if (!known) {
		check_ok(hidden_container_root(ret, g.key, number, s->size, g.bytes->data,
					       g.bytes->len, &e));
		check_ok(buf_from(&b, ret, sizeof(*ret), &e));
		known = remember(&g.name, b);
	}
	memcpy(ret, known->data, sizeof(*ret));
	buf_destroy(g.bytes);
}

void world_set_root(const struct world_set *s, struct hash *ret)
{
	struct hash roots[WORLD_SETS];
	uint64_t count = container_count(s->size);

	check(count <= WORLD_SETS);
	for (uint64_t i = 0; i < count; i++)
		world_container_root(s, i, &roots[i]);
	hidden_set_root(ret, s->size, roots, count);
}

static const struct buf *opening_of(const struct world_set *s, uint64_t number,
				    const struct set *which)
{
	scoped(buf) *text = NULL;
	const struct buf *known;
	struct buf *b = NULL;
	struct hash name;
	struct grown g;

	container_of(s, number, &g);
	check_ok(buf_from(&text, &g.name, sizeof(g.name), &e));
	check_ok(set_put_text(which, text, &e));
	hash_bytes(&name, text->data, text->len);
	known = remembered(&name);
	if (!known) {
		check_ok(buf_create(&b, 0, &e));
		check_ok(hidden_open(b, g.key, number, s->size, g.bytes->data, g.bytes->len, which,
				     &e));
		known = remember(&name, b);
	}
	buf_destroy(g.bytes);
	return known;
}

/* A liar opens what he has not: the positions that are in the set come from a set without. */
void world_show_set(struct certificate_draft *d, const struct world_set *s,
		    const struct set *positions)
{
	struct world_set without = *s;

	check_ok(set_copy(&without.s, s->s, &e));
	check_ok(set_minus(without.s, positions, &e));
	check_ok(certificate_set(d, s->n, &e));
	for (uint64_t i = 0; i < container_count(s->size); i++) {
		uint64_t first = i * CONTAINER_POSITIONS, pos = first;
		scoped(set) *which = NULL;
		const struct buf *opening = NULL;
		struct hash root;

		check_ok(set_create(&which, &e));
		check_ok(set_add_range(which, first, container_end(i, s->size) - 1, &e));
		check_ok(set_and(which, positions, &e));
		if (set_next(which, &pos))
			opening = opening_of(&without, i, which);
		world_container_root(s, i, &root);
		check_ok(certificate_set_container(d, i, s->size, &root,
						   opening ? opening->data : NULL,
						   opening ? opening->len : 0, &e));
	}
	set_destroy(without.s);
}
