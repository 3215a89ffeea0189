#include "proof/index.h"

#include <stdlib.h>
#include <string.h>

static int by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	int order = memcmp(x->key, y->key, x->len < y->len ? x->len : y->len);

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return order ? order : (x->len > y->len) - (x->len < y->len);
}

static struct keyed by_tag(struct fact *f)
{
	if (f->type == FACT_TRANSFER)
		return (struct keyed){ f->type, f->transfer, TAG_LEN, f };
	if (f->type == FACT_TERMS)
		return (struct keyed){ f->type, f->source.tag, sizeof(f->source), f };
	return (struct keyed){ f->type, f->type == FACT_SOURCE ? f->source.tag : NULL, TAG_LEN, f };
}

static struct keyed by_field(const struct statement *s, struct fact *f, const char *field)
{
	const struct opening *o = field ? opening_find(s, f->n, field) : NULL;

	return (struct keyed){ f->type, o ? o->value : NULL, o ? o->value_len : 0, f };
}

int index_make(struct index *ret, const struct statement *s, const char *const fields[FACT_TYPES],
	       struct error *e)
{
	ret->count = 0;
	ret->list = arena_alloc(s->arena, s->fact_count * sizeof(*ret->list), e);
	if (!ret->list)
		return e->code;
	for (struct fact *f = s->facts; f < s->facts + s->fact_count; f++) {
		struct keyed *k = &ret->list[ret->count];

		*k = fields ? by_field(s, f, fields[f->type]) : by_tag(f);
		ret->count += k->key != NULL;
	}
	qsort(ret->list, ret->count, sizeof(*ret->list), by_key);
	return 0;
}

struct fact *index_find(const struct index *x, enum fact_type type, const void *key, size_t len)
{
	const struct keyed k = { type, key, len, NULL };
	const struct keyed *there = x->count ? bsearch(&k, x->list, x->count, sizeof(k), by_key) :
					       NULL;

	return there ? there->fact : NULL;
}

int index_distinct(const struct index *x, struct error *e)
{
	for (size_t i = 1; i < x->count; i++)
		if (want_of(x->list[i].fact, by_key(&x->list[i - 1], &x->list[i]) != 0, e,
			    "has the tag of another one") < 0)
			return e->code;
	return 0;
}
