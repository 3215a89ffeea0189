/* The checks of sets: their roots, and a 0 at each position taken back, or absent. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "proof/checks.h"
#include "set/container.h"
#include "set/hidden.h"

static int add_run(void *ctx, uint64_t first, uint64_t last, struct error *e)
{
	return set_add_range(ctx, first, last, e);
}

/* The positions in the container, of which those at or beyond its end are no part. */
static int opened_positions(const struct statement *s, const struct shown_container *k,
			    struct set **ret, struct error *e)
{
	scoped(set) *which = NULL;

	if (set_create(&which, e) < 0 ||
	    set_each_run_in(s->positions, k->number * CONTAINER_POSITIONS, k->size - 1, add_run,
			    which, e) < 0)
		return e->code;
	*ret = give(which);
	return 0;
}

/* The root that a container has if all is as it says. */
static int container_root(const struct statement *s, const struct shown_container *k,
			  struct hash *ret, struct error *e)
{
	uint64_t pos = k->number * CONTAINER_POSITIONS;
	bool needed = set_next(s->positions, &pos) && pos < k->size;
	scoped(set) *which = NULL;

	if (needed != k->opened)
		return error_set(e, E_MISMATCH, "container %" PRIu64 " has %s", k->number,
				 needed ? "positions that are not opened" : "no position to open");
	*ret = k->root;
	if (!needed)
		return 0;
	if (opened_positions(s, k, &which, e) < 0)
		return e->code;
	return hidden_check(ret, k->number, which, 0, k->opening, k->opening_len, e);
}

struct rooting {
	const struct statement *s;
	struct hash *roots;
};

static int root_one(void *ctx, size_t i, struct error *e)
{
	const struct rooting *r = ctx;

	if (container_root(r->s, &r->s->containers[i], &r->roots[i], e) < 0)
		return error_wrap(e, "container %zu", i);
	return 0;
}

struct use {
	struct hash *roots; /* of all containers */
	bool *used;
};

/* The containers of r are those of one set, in order; *ret_size is its size. */
static int join(const struct statement *s, const struct retained *r, const struct use *u,
		struct hash *ret, uint64_t *ret_size, struct error *e)
{
	const struct shown_container *last;
	struct tree_edge edge;
	uint64_t size = 0;
	struct hash h;

	for (size_t i = 0; i < r->count; i++)
		if (r->containers[i] >= s->container_count)
			return error_set(e, E_MISMATCH, "no container %" PRIu64, r->containers[i]);
	if (r->count > 0) {
		last = &s->containers[r->containers[r->count - 1]];
		size = last->size;
	}
	if (container_count(size) != r->count)
		return error_set(e, E_MISMATCH, "%zu containers are no set of size %" PRIu64,
				 r->count, size);
	tree_edge_init(&edge);
	for (size_t i = 0; i < r->count; i++) {
		const struct shown_container *k = &s->containers[r->containers[i]];

		if (k->number != i || k->size != container_end(i, size))
			return error_set(e, E_MISMATCH, "container %zu is not at its place", i);
		tree_leaf(&h, &u->roots[r->containers[i]], sizeof(h));
		tree_edge_add(&edge, &h);
		u->used[r->containers[i]] = true;
	}
	tree_edge_root(&edge, &h);
	hidden_root_of_tree(ret, size, &h);
	*ret_size = size;
	return 0;
}

static int check_set(const struct statement *s, const struct retained *r, const struct use *u,
		     struct error *e)
{
	const struct fact *f = fact_find(s, r->n);
	uint64_t size = 0;
	struct hash root;

	if (!f || (f->type != FACT_DATASET && f->type != FACT_MODEL))
		return error_set(e, E_NOT_FOUND, "fact %" PRIu64 " is no set that is shown", r->n);
	if (join(s, r, u, &root, &size, e) < 0)
		return e->code;
	if (!hash_equal(&root, &f->root))
		return error_set(e, E_MISMATCH, "its containers, with 0 at each position, are not "
				 "what was committed to");
	if (size > f->records.size)
		return error_set(e, E_MISMATCH, "a set of %" PRIu64 " of %" PRIu64 " records", size,
				 f->records.size);
	return 0;
}

bool set_is_listed(const struct statement *s, uint64_t n)
{
	return number_find(s->sets, s->set_count, sizeof(*s->sets), n) != NULL;
}

/* Each dataset and checkpoint that a step made is among the sets, and no two steps made the same. */
static int check_made(const struct checking *c, struct error *e)
{
	const struct fact *f = NULL;

	for (size_t i = 0; i < c->made_count; i++) {
		const struct made *m = &c->made[i];

		if (m->n == 0)
			continue;
		if (!set_is_listed(c->s, m->n))
			return error_set(e, E_MISMATCH, "the %s of fact %" PRIu64 ", made by step %"
					 PRIu64 ", is not among the sets", fact_type_name(m->type),
					 m->n, m->step);
		if (fact_get(c->s, m->n, m->type, &f, e) < 0)
			return e->code;
		if (i > 0 && m->n == m[-1].n)
			return error_set(e, E_MISMATCH, "two steps made fact %" PRIu64, m->n);
	}
	return 0;
}

/* Sets are listed once, ascending, and every set fact that is shown is listed, or was unlearned. */
static int check_list(const struct checking *c, struct error *e)
{
	const struct statement *s = c->s;

	for (size_t i = 1; i < s->set_count; i++)
		if (s->sets[i].n <= s->sets[i - 1].n)
			return error_set(e, E_MISMATCH, "the set of fact %" PRIu64 " is listed "
					 "twice, or not in order", s->sets[i].n);
	for (size_t i = 0; i < s->fact_count; i++) {
		const struct fact *f = &s->facts[i];

		if ((f->type != FACT_DATASET && f->type != FACT_MODEL) || set_is_listed(s, f->n) ||
		    (f->type == FACT_MODEL && number_find(c->old, c->old_count, sizeof(*c->old), f->n)))
			continue;
		return error_set(e, E_MISMATCH, "fact %" PRIu64 " (%s) is shown, and not among the "
				 "sets", f->n, fact_type_name(f->type));
	}
	return 0;
}

int check_roots(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	const struct use u = {
		arena_alloc(s->arena, s->container_count * sizeof(*u.roots), e),
		arena_alloc(s->arena, s->container_count * sizeof(*u.used), e),
	};

	if (!u.roots || !u.used)
		return e->code;
	for (size_t i = 0; i < s->container_count; i++) {
		const struct shown_container *k = &s->containers[i];
		uint64_t first = k->number * CONTAINER_POSITIONS;

		if (k->opened && spend(c, set_count_in(s->positions, first, k->size - 1), e) < 0)
			return e->code;
	}
	if (pool_run(s->container_count, root_one, &(struct rooting){ s, u.roots }, e) < 0)
		return e->code;
	for (size_t i = 0; i < s->set_count; i++)
		if (check_set(s, &s->sets[i], &u, e) < 0)
			return error_wrap(e, "the set of fact %" PRIu64, s->sets[i].n);
	for (size_t i = 0; i < s->container_count; i++)
		if (!u.used[i])
			return error_set(e, E_MISMATCH, "container %zu is of no set", i);
	return 0;
}

int check_retained(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;

	if (check_list(c, e) < 0 || check_made(c, e) < 0 || check_roots(c, e) < 0)
		return e->code;
	return found(c, "%zu sets were committed to with 0 at each of %" PRIu64 " positions",
		     s->set_count, set_count(s->positions));
}
