/* Records into sums and out of them, a block at a time. */
#include <stdlib.h>

#include "flow/exact.h"

enum { LEARN_BLOCK = 4096 /* records */ };

int exact_sums_create(struct sums **ret, const struct recipe *how, struct error *e)
{
	scoped(features) *f = NULL;

	if (features_create(&f, how->features, e) < 0)
		return e->code;
	return sums_create(ret, features_name(f), features_dim(f), how->numbers ? 1 : 0, e);
}

struct block {
	struct sums *s;
	int sign;
	struct set *used; /* may be NULL */
	size_t count;
	int8_t *x;	      /* LEARN_BLOCK rows of d */
	const char **labels;  /* each in a room of SUMS_LABEL_MAX + 1 */
	char *room;
	int32_t *numbers;
};

static void block_done(struct block *b)
{
	if (b->x)
		wipe(b->x, LEARN_BLOCK * b->s->d);
	if (b->room)
		wipe(b->room, LEARN_BLOCK * (SUMS_LABEL_MAX + 1));
	free(b->x);
	free(b->labels);
	free(b->room);
	free(b->numbers);
}

static int block_make(struct block *b, struct error *e)
{
	b->x = malloc(LEARN_BLOCK * b->s->d);
	b->labels = calloc(LEARN_BLOCK, sizeof(*b->labels));
	b->room = calloc(LEARN_BLOCK, SUMS_LABEL_MAX + 1);
	b->numbers = calloc(LEARN_BLOCK, sizeof(*b->numbers));
	if (!b->x || !b->labels || !b->room || !b->numbers)
		return error_set(e, E_MEMORY, "%d records", LEARN_BLOCK);
	return 0;
}

static int block_flush(struct block *b, struct error *e)
{
	bool numbers = b->s->kind == SUMS_NUMBERS;
	struct records r = { .count = b->count, .features = b->x,
			     .labels = numbers ? NULL : b->labels,
			     .numbers = numbers ? b->numbers : NULL };

	b->count = 0;
	if (r.count == 0)
		return 0;
	return b->sign < 0 ? sums_subtract(b->s, &r, e) : sums_add(b->s, &r, e);
}

static int block_add(void *ctx, const struct example *x, struct error *e)
{
	struct block *b = ctx;
	size_t i = b->count;

	memcpy(b->x + i * b->s->d, x->x, b->s->d);
	if (b->s->kind == SUMS_LABELS) {
		char *label = b->room + i * (SUMS_LABEL_MAX + 1);

		if (!x->label || strlen(x->label) > SUMS_LABEL_MAX)
			return error_set(e, E_RANGE, "a label of more than %d bytes", SUMS_LABEL_MAX);
		strcpy(label, x->label);
		b->labels[i] = label;
	} else {
		b->numbers[i] = x->number;
	}
	if (b->used && set_add(b->used, x->pos, e) < 0)
		return e->code;
	b->count++;
	return b->count == LEARN_BLOCK ? block_flush(b, e) : 0;
}

int exact_learn(struct repo *r, const struct recipe *how, const struct set *which, int sign,
		struct sums *s, struct set *ret_used, struct gathered *ret, struct error *e)
{
	struct block b = { .s = s, .sign = sign, .used = ret_used };
	struct gathered counts = { 0 };
	int code = block_make(&b, e);

	if (code == 0)
		code = gather(r, how, which, block_add, &b, &counts, e);
	if (code == 0)
		code = block_flush(&b, e);
	block_done(&b);
	if (code == 0)
		*ret = counts;
	return code;
}
