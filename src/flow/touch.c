/* What a set touches: intersection, container by container. Sets that share a container are met
 * once; a checkpoint on a dataset costs nothing more than the dataset. */
#include <stdlib.h>

#include "base/sys.h"
#include "flow/sets.h"
#include "flow/parts.h"
#include "set/container.h"

struct met {
	struct hash name;
	uint64_t both;
};

struct touching {
	struct repo *r;
	struct arena *a;
	const struct set *s;
	uint8_t (*bits)[CONTAINER_BITS_LEN]; /* of s, by container; lazily */
	bool *bits_made, *empty;
	uint64_t containers;
	struct met *met; /* open addressing, a power of two */
	size_t slots, used;
	struct buf *bytes;
};

static uint64_t count_common(const uint8_t *a, const uint8_t *b)
{
	uint64_t n = 0, x, y;

	for (size_t i = 0; i < CONTAINER_BITS_LEN; i += sizeof(x)) {
		memcpy(&x, a + i, sizeof(x));
		memcpy(&y, b + i, sizeof(y));
		n += (uint64_t)__builtin_popcountll(x & y);
	}
	return n;
}

static struct met *find(struct touching *t, const struct hash *name)
{
	size_t i = (size_t)be_get(name->b, 8) & (t->slots - 1);

	while (t->met[i].both != UINT64_MAX && !hash_equal(&t->met[i].name, name))
		i = (i + 1) & (t->slots - 1);
	return &t->met[i];
}

static int make_room(struct touching *t, struct error *e)
{
	size_t slots = t->slots ? t->slots * 2 : 1024;
	struct met *old = t->met, *fresh;
	size_t count = t->slots;

	if (t->used * 2 < t->slots)
		return 0;
	fresh = arena_alloc(t->a, slots * sizeof(*fresh), e);
	if (!fresh)
		return e->code;
	for (size_t i = 0; i < slots; i++)
		fresh[i].both = UINT64_MAX;
	t->met = fresh;
	t->slots = slots;
	for (size_t i = 0; i < count; i++)
		if (old[i].both != UINT64_MAX)
			*find(t, &old[i].name) = old[i];
	return 0;
}

static void make_bits(struct touching *t, uint64_t number)
{
	uint64_t pos = number * CONTAINER_POSITIONS;

	if (t->bits_made[number])
		return;
	t->bits_made[number] = true;
	t->empty[number] = !set_next(t->s, &pos) || pos / CONTAINER_POSITIONS != number;
	if (!t->empty[number])
		container_bits_of(t->bits[number], t->s, number);
}

static int count_container(struct touching *t, const struct hash *name, uint64_t number,
			   uint64_t size, uint64_t *ret, struct error *e)
{
	uint8_t bits[CONTAINER_BITS_LEN];
	struct catalog_container k;
	struct met *m;

	*ret = 0;
	if (number >= t->containers)
		return 0;
	make_bits(t, number);
	if (t->empty[number])
		return 0;
	if (make_room(t, e) < 0)
		return e->code;
	m = find(t, name);
	if (m->both == UINT64_MAX) {
		buf_clear(t->bytes);
		if (catalog_container(t->r->catalog, name, &k, t->bytes, e) < 0 ||
		    container_bits(bits, number, size, t->bytes->data, t->bytes->len, e) < 0)
			return e->code;
		m->name = *name;
		m->both = count_common(bits, t->bits[number]);
		t->used++;
	}
	*ret = m->both;
	return 0;
}

static int count_set(struct touching *t, const struct stored_set *s, uint64_t *ret,
		     struct error *e)
{
	*ret = 0;
	for (uint64_t i = 0; i < container_count(s->size); i++) {
		uint64_t n;

		if (count_container(t, &s->containers[i], i, s->size, &n, e) < 0)
			return e->code;
		*ret += n;
	}
	return 0;
}

static int touch_datasets(struct touching *t, struct touched *ret, struct error *e)
{
	struct dataset *list;
	uint64_t *records;
	size_t count, n = 0;

	if (datasets_all(t->r, t->a, &list, &count, e) < 0)
		return e->code;
	records = arena_alloc(t->a, (count + 1) * sizeof(*records), e);
	if (!records)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		if (count_set(t, &list[i].set, &records[n], e) < 0)
			return e->code;
		if (records[n] > 0)
			list[n++] = list[i];
	}
	ret->datasets = list;
	ret->dataset_records = records;
	ret->dataset_count = n;
	return 0;
}

/* 1 with a dataset of its own that is touched; else one more than the nearest parent's. */
static unsigned distance_of(const struct model *m, const struct touched *t)
{
	unsigned nearest = 0;

	for (size_t i = 0; i < m->input_count; i++) {
		for (size_t d = 0; d < t->dataset_count; d++)
			if (t->datasets[d].fact == m->inputs[i])
				return 1;
		for (size_t p = 0; p < t->model_count; p++)
			if (t->models[p].fact == m->inputs[i] &&
			    (nearest == 0 || t->model_distance[p] + 1 < nearest))
				nearest = t->model_distance[p] + 1;
	}
	return nearest ? nearest : 1;
}

static int touch_models(struct touching *t, struct touched *ret, struct error *e)
{
	struct model *list;
	size_t count;

	if (models_all(t->r, t->a, &list, &count, e) < 0)
		return e->code;
	ret->models = list;
	ret->model_records = arena_alloc(t->a, (count + 1) * sizeof(*ret->model_records), e);
	ret->model_distance = arena_alloc(t->a, (count + 1) * sizeof(*ret->model_distance), e);
	if (!ret->model_records || !ret->model_distance)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		size_t n = ret->model_count;

		if (count_set(t, &list[i].set, &ret->model_records[n], e) < 0)
			return e->code;
		if (ret->model_records[n] == 0)
			continue;
		ret->model_distance[n] = distance_of(&list[i], ret);
		list[n] = list[i];
		ret->model_count++;
	}
	return 0;
}

int touched_by(struct repo *r, struct arena *a, const struct set *s, struct touched *ret,
	       struct error *e)
{
	struct touching t = { .r = r, .a = a, .s = s };
	scoped(buf) *bytes = NULL;
	uint64_t positions;

	memset(ret, 0, sizeof(*ret));
	if (buf_create(&bytes, CONTAINER_BYTES_MAX, e) < 0 ||
	    catalog_commitment_count(r->catalog, &positions, e) < 0)
		return e->code;
	t.bytes = bytes;
	t.containers = container_count(positions);
	t.bits = arena_alloc(a, (size_t)(t.containers + 1) * sizeof(*t.bits), e);
	t.bits_made = arena_alloc(a, (size_t)t.containers + 1, e);
	t.empty = arena_alloc(a, (size_t)t.containers + 1, e);
	if (!t.bits || !t.bits_made || !t.empty || touch_datasets(&t, ret, e) < 0)
		return e->code;
	return touch_models(&t, ret, e);
}
