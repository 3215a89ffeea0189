/*
 * The sets of set.h once more, as a plain list of runs: without CRoaring, which Debian has only
 * as a shared library, for the small verifier. The same tests run over both (set_test.c). Slower
 * where many positions are added out of order.
 */
#include "set/set.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/search.h"

struct run {
	uint64_t first, last;
};

struct set {
	struct run *runs; /* ascending, with at least one position between two */
	size_t count, cap;
};

static int no_memory(struct error *e)
{
	return error_set(e, E_MEMORY, "no memory for a set");
}

static int reserve(struct set *s, struct error *e)
{
	size_t cap = s->cap ? 2 * s->cap : 4;
	struct run *more;

	if (s->count < s->cap)
		return 0;
	if (cap > SIZE_MAX / 4 / sizeof(*more) || !(more = realloc(s->runs, cap * sizeof(*more))))
		return no_memory(e);
	s->runs = more;
	s->cap = cap;
	return 0;
}

/* The first run that ends at pos or later. */
static size_t run_find(const struct set *s, uint64_t pos)
{
	return s->count ? search_from(&s->runs->last, s->count, sizeof(*s->runs), pos) : 0;
}

int set_create(struct set **ret_set, struct error *e)
{
	struct set *s = calloc(1, sizeof(*s));

	if (!s)
		return no_memory(e);
	*ret_set = s;
	return 0;
}

void set_destroy(struct set *s)
{
	if (!s)
		return;
	free(s->runs);
	free(s);
}

/* Room for count runs, at most one more, where those of [i, end) were. */
static int make_room(struct set *s, size_t i, size_t end, size_t count, struct error *e)
{
	if (count > end - i && reserve(s, e) < 0)
		return E_MEMORY;
	if (end < s->count)
		memmove(&s->runs[i + count], &s->runs[end], (s->count - end) * sizeof(*s->runs));
	s->count = s->count - (end - i) + count;
	return 0;
}

/* What touches the run becomes one with it. */
static int add_run(struct set *s, uint64_t first, uint64_t last, struct error *e)
{
	size_t i = run_find(s, first > 0 ? first - 1 : 0), end = i;

	for (; end < s->count && (last == UINT64_MAX || s->runs[end].first <= last + 1); end++) {
		first = s->runs[end].first < first ? s->runs[end].first : first;
		last = s->runs[end].last > last ? s->runs[end].last : last;
	}
	if (make_room(s, i, end, 1, e) < 0)
		return E_MEMORY;
	s->runs[i] = (struct run){ first, last };
	return 0;
}

int set_add_range(struct set *s, uint64_t first, uint64_t last, struct error *e)
{
	if (first > last || last - first >= SET_RANGE_MAX)
		return error_set(e, E_RANGE, "%" PRIu64 "-%" PRIu64 ": %s", first, last,
				 first > last ? "ends before it begins" : "too many positions");
	return add_run(s, first, last, e);
}

int set_append(struct set *s, uint64_t first, uint64_t last, struct error *e)
{
	uint64_t end = s->count ? s->runs[s->count - 1].last : 0;

	if (s->count && (first <= end || first - end == 1))
		return error_set(e, E_FORMAT, "runs not ascending and apart");
	if (first > last || last - first >= SET_RANGE_MAX)
		return error_set(e, E_RANGE, "a run that ends before it begins, or is too long");
	if (reserve(s, e) < 0)
		return E_MEMORY;
	s->runs[s->count++] = (struct run){ first, last };
	return 0;
}

int set_add(struct set *s, uint64_t pos, struct error *e)
{
	return add_run(s, pos, pos, e);
}

int set_remove(struct set *s, uint64_t pos, struct error *e)
{
	size_t i = run_find(s, pos);
	struct run *r = &s->runs[i];

	if (i == s->count || r->first > pos)
		return 0;
	if (r->first == r->last) {
		return make_room(s, i, i + 1, 0, e);
	} else if (r->first == pos) {
		r->first++;
	} else if (r->last == pos) {
		r->last--;
	} else {
		if (make_room(s, i, i, 1, e) < 0)
			return E_MEMORY;
		s->runs[i] = (struct run){ s->runs[i + 1].first, pos - 1 };
		s->runs[i + 1].first = pos + 1;
	}
	return 0;
}

bool set_has(const struct set *s, uint64_t pos)
{
	size_t i = run_find(s, pos);

	return i < s->count && s->runs[i].first <= pos;
}

uint64_t set_count_in(const struct set *s, uint64_t first, uint64_t last)
{
	uint64_t count = 0;
	size_t i = first <= last ? run_find(s, first) : s->count;

	for (; i < s->count && s->runs[i].first <= last; i++) {
		const struct run *r = &s->runs[i];
		uint64_t from = r->first > first ? r->first : first;

		count += (r->last < last ? r->last : last) - from + 1;
	}
	return count;
}

bool set_covers(const struct set *s, uint64_t first, uint64_t last)
{
	size_t i = run_find(s, first);

	return first <= last && i < s->count && s->runs[i].first <= first &&
	       last <= s->runs[i].last;
}

uint64_t set_count(const struct set *s)
{
	return set_count_in(s, 0, UINT64_MAX);
}

uint64_t set_count_both(const struct set *a, const struct set *b)
{
	uint64_t count = 0;

	for (size_t i = 0; i < a->count; i++)
		count += set_count_in(b, a->runs[i].first, a->runs[i].last);
	return count;
}

bool set_meets(const struct set *a, const struct set *b)
{
	return set_count_both(a, b) > 0;
}

bool set_equal(const struct set *a, const struct set *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->runs[i].first != b->runs[i].first || a->runs[i].last != b->runs[i].last)
			return false;
	return true;
}

/* The next stretch that lies in a and b, from run *i and run *j on; false: there is no more. */
static bool both(const struct set *a, const struct set *b, size_t *i, size_t *j, struct run *ret)
{
	while (*i < a->count && *j < b->count) {
		const struct run *x = &a->runs[*i], *y = &b->runs[*j];

		*ret = (struct run){ x->first > y->first ? x->first : y->first,
				     x->last < y->last ? x->last : y->last };
		if (x->last < y->last)
			++*i;
		else
			++*j;
		if (ret->first <= ret->last)
			return true;
	}
	return false;
}

/* s becomes made, which is left empty. */
static void become(struct set *s, struct set *made)
{
	free(s->runs);
	*s = *made;
	*made = (struct set){ 0 };
}

int set_or(struct set *a, const struct set *b, struct error *e)
{
	scoped(set) *made = NULL;
	size_t i = 0, j = 0;

	if (set_create(&made, e) < 0)
		return E_MEMORY;
	while (i < a->count || j < b->count) {
		bool of_a = j == b->count ||
			    (i < a->count && a->runs[i].first <= b->runs[j].first);
		const struct run *r = of_a ? &a->runs[i++] : &b->runs[j++];

		if (add_run(made, r->first, r->last, e) < 0)
			return E_MEMORY;
	}
	become(a, made);
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

int set_and(struct set *a, const struct set *b, struct error *e)
{
	scoped(set) *made = NULL;
	size_t i = 0, j = 0;
	struct run r;

	if (set_create(&made, e) < 0)
		return E_MEMORY;
	while (both(a, b, &i, &j, &r))
		if (add_run(made, r.first, r.last, e) < 0)
			return E_MEMORY;
	become(a, made);
	return 0;
}

/* What of r is not in b, of which the runs before *j end before r. */
static int append_without(struct set *made, struct run r, const struct set *b, size_t *j,
			  struct error *e)
{
	while (*j < b->count && b->runs[*j].last < r.first)
		++*j;
	for (size_t k = *j; k < b->count && b->runs[k].first <= r.last; k++) {
		const struct run *cut = &b->runs[k];

		if (cut->first > r.first &&
		    add_run(made, r.first, cut->first - 1, e) < 0)
			return E_MEMORY;
		if (cut->last >= r.last)
			return 0;
		r.first = cut->last + 1;
	}
	return add_run(made, r.first, r.last, e);
}

int set_minus(struct set *a, const struct set *b, struct error *e)
{
	scoped(set) *made = NULL;
	size_t j = 0;

	if (set_create(&made, e) < 0)
		return E_MEMORY;
	for (size_t i = 0; i < a->count; i++)
		if (append_without(made, a->runs[i], b, &j, e) < 0)
			return E_MEMORY;
	become(a, made);
	return 0;
}

bool set_next(const struct set *s, uint64_t *pos)
{
	size_t i = run_find(s, *pos);

	if (i == s->count)
		return false;
	if (s->runs[i].first > *pos)
		*pos = s->runs[i].first;
	return true;
}

int set_each_run_in(const struct set *s, uint64_t from, uint64_t to,
		    int (*each)(void *ctx, uint64_t first, uint64_t last, struct error *e),
		    void *ctx, struct error *e)
{
	int code = 0;

	for (size_t i = run_find(s, from); i < s->count && s->runs[i].first <= to && !code; i++) {
		const struct run *r = &s->runs[i];

		if (from <= to)
			code = each(ctx, r->first > from ? r->first : from,
				    r->last < to ? r->last : to, e);
	}
	return code;
}

int set_each_run(const struct set *s,
		 int (*each)(void *ctx, uint64_t first, uint64_t last, struct error *e), void *ctx,
		 struct error *e)
{
	return set_each_run_in(s, 0, UINT64_MAX, each, ctx, e);
}

int set_each(const struct set *s, int (*each)(void *ctx, uint64_t pos, struct error *e), void *ctx,
	     struct error *e)
{
	int code = 0;

	for (size_t i = 0; i < s->count; i++) {
		uint64_t pos = s->runs[i].first;

		code = each(ctx, pos, e);
		/* The last one may be the last number there is. */
		while (code == 0 && pos < s->runs[i].last)
			code = each(ctx, ++pos, e);
		if (code)
			return code;
	}
	return 0;
}
