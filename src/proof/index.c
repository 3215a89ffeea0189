#include "proof/index.h"

#include <stdlib.h>
#include <string.h>

static int compare(const struct keyed *k, const void *key, size_t len)
{
	size_t least = k->len < len ? k->len : len;
	int order = least ? memcmp(k->key, key, least) : 0;

	return order ? order : (k->len > len) - (k->len < len);
}

static int by_key(const void *a, const void *b)
{
	const struct keyed *y = b;

	return compare(a, y->key, y->len);
}

static struct keyed by_tag(struct fact *f)
{
	return (struct keyed){ f->type == FACT_TRANSFER ? f->transfer : f->source.tag,
			       f->type == FACT_TERMS ? sizeof(f->source) : TAG_LEN, f };
}

int index_make(struct index *ret, const struct statement *s, enum fact_type type, const char *field,
	       struct error *e)
{
	ret->count = 0;
	ret->list = arena_alloc(s->arena, s->fact_count * sizeof(*ret->list), e);
	if (!ret->list)
		return e->code;
	for (struct fact *f = NULL; (f = fact_next(s, f, type));) {
		const struct opening *o = field ? opening_find(s, f->n, field) : NULL;

		if (!field || o)
			ret->list[ret->count++] = o ? (struct keyed){ o->value, o->value_len, f } :
						      by_tag(f);
	}
	qsort(ret->list, ret->count, sizeof(*ret->list), by_key);
	return 0;
}

struct fact *index_find(const struct index *x, const void *key, size_t len)
{
	size_t low = 0, high = x->count;

	while (low < high) {
		size_t i = low + (high - low) / 2;

		if (compare(&x->list[i], key, len) < 0)
			low = i + 1;
		else
			high = i;
	}
	return low < x->count && compare(&x->list[low], key, len) == 0 ? x->list[low].fact : NULL;
}

int index_distinct(const struct index *x, struct error *e)
{
	for (size_t i = 1; i < x->count; i++)
		if (want_of(x->list[i].fact, by_key(&x->list[i - 1], &x->list[i]) != 0, e,
			    "has the tag of another one") < 0)
			return e->code;
	return 0;
}
