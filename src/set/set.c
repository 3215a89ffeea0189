#include "set/set.h"

#include <inttypes.h>
#include <stdlib.h>

#include <roaring/roaring.h>

/* CRoaring 3 renamed what walks a bitmap; it is also the first with a roaring64.h. (Its version
 * is an enum, of which the preprocessor knows nothing.) */
#if __has_include(<roaring/roaring64.h>)
#define walk_init roaring_iterator_init
#define walk_seek roaring_uint32_iterator_move_equalorlarger
#define walk_read roaring_uint32_iterator_read
#else
#define walk_init roaring_init_iterator
#define walk_seek roaring_move_uint32_iterator_equalorlarger
#define walk_read roaring_read_uint32_iterator
#endif

enum { BATCH = 256 }; /* positions read at once */

/* The positions of which the upper half is high. Never empty. */
struct block {
	uint32_t high;
	roaring_bitmap_t *bits;
};

struct set {
	struct block *blocks; /* ascending */
	size_t count, cap;
};

static uint32_t high_of(uint64_t pos)
{
	return (uint32_t)(pos >> 32);
}

/* The first block whose high is not less. */
static size_t block_find(const struct set *s, uint32_t high)
{
	size_t from = 0, to = s->count;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (s->blocks[mid].high < high)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

static roaring_bitmap_t *block_bits(const struct set *s, uint32_t high)
{
	size_t i = block_find(s, high);

	return i < s->count && s->blocks[i].high == high ? s->blocks[i].bits : NULL;
}

static int blocks_reserve(struct set *s, struct error *e)
{
	size_t cap = s->cap ? 2 * s->cap : 1;
	struct block *more;

	if (s->count < s->cap)
		return 0;
	more = realloc(s->blocks, cap * sizeof(*more));
	if (!more)
		return error_set(e, E_MEMORY, "no memory for a set");
	s->blocks = more;
	s->cap = cap;
	return 0;
}

/* Takes bits, also when it fails. */
static int block_insert(struct set *s, size_t i, uint32_t high, roaring_bitmap_t *bits,
			struct error *e)
{
	if (!bits)
		return error_set(e, E_MEMORY, "no memory for a set");
	if (blocks_reserve(s, e) < 0) {
		roaring_bitmap_free(bits);
		return E_MEMORY;
	}
	memmove(&s->blocks[i + 1], &s->blocks[i], (s->count - i) * sizeof(s->blocks[0]));
	s->blocks[i] = (struct block){ high, bits };
	s->count++;
	return 0;
}

/* For adding to: the caller does not leave it empty. */
static int block_make(struct set *s, uint32_t high, roaring_bitmap_t **ret_bits, struct error *e)
{
	size_t i = block_find(s, high);

	if ((i == s->count || s->blocks[i].high != high) &&
	    block_insert(s, i, high, roaring_bitmap_create(), e) < 0)
		return E_MEMORY;
	*ret_bits = s->blocks[i].bits;
	return 0;
}

static void block_drop(struct set *s, size_t i)
{
	roaring_bitmap_free(s->blocks[i].bits);
	s->count--;
	memmove(&s->blocks[i], &s->blocks[i + 1], (s->count - i) * sizeof(s->blocks[0]));
}

static void block_drop_empty(struct set *s, size_t i)
{
	if (roaring_bitmap_is_empty(s->blocks[i].bits))
		block_drop(s, i);
}

int set_create(struct set **ret_set, struct error *e)
{
	struct set *s = calloc(1, sizeof(*s));

	if (!s)
		return error_set(e, E_MEMORY, "no memory for a set");
	*ret_set = s;
	return 0;
}

int set_copy(struct set **ret_set, const struct set *s, struct error *e)
{
	scoped(set) *copy = NULL;

	if (set_create(&copy, e) < 0 || set_or(copy, s, e) < 0)
		return E_MEMORY;
	*ret_set = give(copy);
	return 0;
}

void set_destroy(struct set *s)
{
	if (!s)
		return;
	while (s->count > 0)
		roaring_bitmap_free(s->blocks[--s->count].bits);
	free(s->blocks);
	free(s);
}

int set_add(struct set *s, uint64_t pos, struct error *e)
{
	roaring_bitmap_t *bits;

	if (block_make(s, high_of(pos), &bits, e) < 0)
		return E_MEMORY;
	roaring_bitmap_add(bits, (uint32_t)pos);
	return 0;
}

int set_add_range(struct set *s, uint64_t first, uint64_t last, struct error *e)
{
	if (first > last || last - first >= SET_RANGE_MAX)
		return error_set(e, E_RANGE, "%" PRIu64 "-%" PRIu64 ": %s", first, last,
				 first > last ? "ends before it begins" : "too many positions");

	for (uint64_t high = high_of(first); high <= high_of(last); high++) {
		uint32_t from = high == high_of(first) ? (uint32_t)first : 0;
		uint32_t to = high == high_of(last) ? (uint32_t)last : UINT32_MAX;
		roaring_bitmap_t *bits;

		if (block_make(s, (uint32_t)high, &bits, e) < 0)
			return E_MEMORY;
		roaring_bitmap_add_range_closed(bits, from, to);
	}
	return 0;
}

int set_append(struct set *s, uint64_t first, uint64_t last, struct error *e)
{
	const struct block *k = s->count ? &s->blocks[s->count - 1] : NULL;
	uint64_t end = k ? (uint64_t)k->high << 32 | roaring_bitmap_maximum(k->bits) : 0;

	if (k && (first <= end || first - end == 1))
		return error_set(e, E_FORMAT, "runs not ascending and apart");
	return set_add_range(s, first, last, e);
}

int set_remove(struct set *s, uint64_t pos, __attribute__((unused)) struct error *e)
{
	size_t i = block_find(s, high_of(pos));

	if (i == s->count || s->blocks[i].high != high_of(pos))
		return 0;
	roaring_bitmap_remove(s->blocks[i].bits, (uint32_t)pos);
	block_drop_empty(s, i);
	return 0;
}

bool set_has(const struct set *s, uint64_t pos)
{
	const roaring_bitmap_t *bits = block_bits(s, high_of(pos));

	return bits && roaring_bitmap_contains(bits, (uint32_t)pos);
}

uint64_t set_count(const struct set *s)
{
	uint64_t count = 0;

	for (size_t i = 0; i < s->count; i++)
		count += roaring_bitmap_get_cardinality(s->blocks[i].bits);
	return count;
}

uint64_t set_count_in(const struct set *s, uint64_t first, uint64_t last)
{
	uint64_t count = 0;

	if (first > last)
		return 0;
	for (size_t i = block_find(s, high_of(first)); i < s->count; i++) {
		const struct block *k = &s->blocks[i];
		uint32_t from = k->high == high_of(first) ? (uint32_t)first : 0;
		uint32_t to = k->high == high_of(last) ? (uint32_t)last : UINT32_MAX;

		if (k->high > high_of(last))
			break;
		count += roaring_bitmap_range_cardinality(k->bits, from, (uint64_t)to + 1);
	}
	return count;
}

bool set_covers(const struct set *s, uint64_t first, uint64_t last)
{
	for (uint64_t high = high_of(first); first <= last && high <= high_of(last); high++) {
		const roaring_bitmap_t *bits = block_bits(s, (uint32_t)high);
		uint32_t from = high == high_of(first) ? (uint32_t)first : 0;
		uint32_t to = high == high_of(last) ? (uint32_t)last : UINT32_MAX;

		if (!bits || !roaring_bitmap_contains_range(bits, from, (uint64_t)to + 1))
			return false;
	}
	return first <= last;
}

uint64_t set_count_both(const struct set *a, const struct set *b)
{
	uint64_t count = 0;

	for (size_t i = 0; i < a->count; i++) {
		const roaring_bitmap_t *other = block_bits(b, a->blocks[i].high);

		if (other)
			count += roaring_bitmap_and_cardinality(a->blocks[i].bits, other);
	}
	return count;
}

bool set_equal(const struct set *a, const struct set *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->blocks[i].high != b->blocks[i].high ||
		    !roaring_bitmap_equals(a->blocks[i].bits, b->blocks[i].bits))
			return false;
	return true;
}

bool set_meets(const struct set *a, const struct set *b)
{
	for (size_t i = 0; i < a->count; i++) {
		const roaring_bitmap_t *other = block_bits(b, a->blocks[i].high);

		if (other && roaring_bitmap_intersect(a->blocks[i].bits, other))
			return true;
	}
	return false;
}

int set_and(struct set *a, const struct set *b, __attribute__((unused)) struct error *e)
{
	if (a == b)
		return 0;
	for (size_t i = a->count; i-- > 0;) {
		const roaring_bitmap_t *other = block_bits(b, a->blocks[i].high);

		if (!other) {
			block_drop(a, i);
			continue;
		}
		roaring_bitmap_and_inplace(a->blocks[i].bits, other);
		block_drop_empty(a, i);
	}
	return 0;
}

int set_or(struct set *a, const struct set *b, struct error *e)
{
	if (a == b)
		return 0;
	for (size_t j = 0; j < b->count; j++) {
		const struct block *from = &b->blocks[j];
		size_t i = block_find(a, from->high);

		if (i < a->count && a->blocks[i].high == from->high)
			roaring_bitmap_or_inplace(a->blocks[i].bits, from->bits);
		else if (block_insert(a, i, from->high, roaring_bitmap_copy(from->bits), e) < 0)
			return E_MEMORY;
	}
	return 0;
}

int set_minus(struct set *a, const struct set *b, __attribute__((unused)) struct error *e)
{
	for (size_t i = a->count; i-- > 0;) {
		const roaring_bitmap_t *other = block_bits(b, a->blocks[i].high);

		if (a == b) {
			block_drop(a, i);
			continue;
		}
		if (!other)
			continue;
		roaring_bitmap_andnot_inplace(a->blocks[i].bits, other);
		block_drop_empty(a, i);
	}
	return 0;
}

bool set_next(const struct set *s, uint64_t *pos)
{
	uint32_t high = high_of(*pos);

	for (size_t i = block_find(s, high); i < s->count; i++) {
		const struct block *k = &s->blocks[i];
		roaring_uint32_iterator_t walk;

		walk_init(k->bits, &walk);
		if (!walk_seek(&walk, k->high == high ? (uint32_t)*pos : 0))
			continue;
		*pos = (uint64_t)k->high << 32 | walk.current_value;
		return true;
	}
	return false;
}

/* Joins what comes in pieces to maximal runs. */
struct runs {
	int (*each)(void *ctx, uint64_t first, uint64_t last, struct error *e);
	void *ctx;
	struct error *e;
	uint64_t first, last;
	bool any;
};

static int runs_take(struct runs *r, uint64_t first, uint64_t last)
{
	int code = 0;

	if (r->any && r->last + 1 == first) {
		r->last = last;
		return 0;
	}
	if (r->any)
		code = r->each(r->ctx, r->first, r->last, r->e);
	r->first = first;
	r->last = last;
	r->any = true;
	return code;
}

/* The end of what follows `at` without a gap in steps of a container, up to last. */
static uint32_t stride(const roaring_bitmap_t *bits, uint32_t at, uint32_t last)
{
	while (at < last) {
		uint32_t end = (at + 1) | 0xffff;

		if (end > last)
			end = last;
		if (!roaring_bitmap_contains_range(bits, (uint64_t)at + 1, (uint64_t)end + 1))
			break;
		at = end;
	}
	return at;
}

static int runs_batch(struct runs *r, uint64_t base, const uint32_t *low, uint32_t count)
{
	for (uint32_t i = 0, end; i < count; i = end) {
		int code;

		for (end = i + 1; end < count && low[end] - low[end - 1] == 1;)
			end++;
		code = runs_take(r, base | low[i], base | low[end - 1]);
		if (code)
			return code;
	}
	return 0;
}

/* A batch that was one piece may be part of a long run: most of that is not read one by one. */
static int runs_block(struct runs *r, const struct block *k, uint32_t from, uint32_t last)
{
	uint64_t base = (uint64_t)k->high << 32;
	roaring_uint32_iterator_t walk;
	uint32_t low[BATCH], count, end;
	int code;

	walk_init(k->bits, &walk);
	if (!walk_seek(&walk, from))
		return 0;
	while ((count = walk_read(&walk, low, BATCH)) > 0) {
		while (count > 0 && low[count - 1] > last)
			count--;
		code = runs_batch(r, base, low, count);
		if (code || count < BATCH)
			return code;
		end = low[BATCH - 1];
		if (end - low[0] != BATCH - 1)
			continue;
		end = stride(k->bits, end, last);
		if (end == low[BATCH - 1])
			continue;
		code = runs_take(r, base | (low[BATCH - 1] + 1), base | end);
		if (code || end == last || !walk_seek(&walk, end + 1))
			return code;
	}
	return 0;
}

int set_each_run_in(const struct set *s, uint64_t from, uint64_t to,
		    int (*each)(void *ctx, uint64_t first, uint64_t last, struct error *e),
		    void *ctx, struct error *e)
{
	struct runs r = { .each = each, .ctx = ctx, .e = e };

	if (from > to)
		return 0;
	for (size_t i = block_find(s, high_of(from)); i < s->count; i++) {
		const struct block *k = &s->blocks[i];
		int code;

		if (k->high > high_of(to))
			break;
		code = runs_block(&r, k, k->high == high_of(from) ? (uint32_t)from : 0,
				  k->high == high_of(to) ? (uint32_t)to : UINT32_MAX);
		if (code)
			return code;
	}
	return r.any ? each(ctx, r.first, r.last, e) : 0;
}

int set_each_run(const struct set *s,
		 int (*each)(void *ctx, uint64_t first, uint64_t last, struct error *e), void *ctx,
		 struct error *e)
{
	return set_each_run_in(s, 0, UINT64_MAX, each, ctx, e);
}

struct single {
	int (*each)(void *ctx, uint64_t pos, struct error *e);
	void *ctx;
};

static int single_run(void *ctx, uint64_t first, uint64_t last, struct error *e)
{
	const struct single *one = ctx;
	int code = one->each(one->ctx, first, e);

	/* last may be the last number there is. */
	while (code == 0 && first < last)
		code = one->each(one->ctx, ++first, e);
	return code;
}

int set_each(const struct set *s, int (*each)(void *ctx, uint64_t pos, struct error *e), void *ctx,
	     struct error *e)
{
	struct single one = { each, ctx };

	return set_each_run(s, single_run, &one, e);
}
