/* The checks of sets: their roots, and a 0 at each position taken back, or absent. */
#include <inttypes.h>
#include <string.h>

#include "base/pool.h"
#include "proof/checks.h"
#include "set/container.h"
#include "set/hidden.h"

static uint64_t count_here(const struct statement *s, const struct shown_container *k)
{
	return set_count_in(s->positions, k->number * CONTAINER_POSITIONS, k->size - 1);
}

/* The root that a container has if all is as it says. */
static int root_one(void *ctx, size_t i, struct error *e)
{
	const struct statement *s = ctx;
	struct shown_container *k = &s->containers[i];
	bool needed = count_here(s, k) > 0;

	if (want(!needed || k->opening, e, "it has positions that are not opened") < 0 ||
	    want(needed || !k->opening, e, "it has no position to open") < 0 ||
	    (needed && hidden_check(&k->root, k->number, s->positions, k->size - 1, 0, k->opening,
				    k->opening_len, e) < 0))
		return error_wrap(e, "container %zu", i);
	return 0;
}

/* The containers of r are those of one set, in order; *ret_size is its size. */
static int join(const struct statement *s, const struct retained *r, struct hash *ret,
		uint64_t *ret_size, struct error *e)
{
	struct hash *leaves = arena_alloc(s->arena, r->count * sizeof(*leaves), e), h;

	if (!leaves)
		return e->code;
	*ret_size = 0;
	for (size_t i = 0; i < r->count; i++) {
		if (want(r->containers[i] < s->container_count, e, "no container %" PRIu64,
			 r->containers[i]) < 0)
			return e->code;
		*ret_size = s->containers[r->containers[i]].size;
	}
	/* Each ends where one of its number does, so that none is left out. */
	for (size_t i = 0; i < r->count; i++) {
		struct shown_container *k = &s->containers[r->containers[i]];

		if (want(k->number == i && k->size == container_end(i, *ret_size), e,
			 "container %zu is not at its place", i) < 0)
			return e->code;
		tree_leaf(&leaves[i], &k->root, sizeof(k->root));
		k->used = true;
	}
	tree_root(&h, leaves, r->count);
	hidden_root_of_tree(ret, *ret_size, &h);
	return 0;
}

static int check_set(const struct statement *s, const struct retained *r, struct error *e)
{
	const struct fact *f = fact_find(s, r->n);
	uint64_t size = 0;
	struct hash root;

	if (want(f && fact_is_set(f), e, "no set that is shown") < 0 ||
	    join(s, r, &root, &size, e) < 0 ||
	    want(hash_equal(&root, &f->root), e,
		 "its containers, with 0 at each position, are not what was committed to") < 0)
		return e->code;
	return want(size <= f->records.size, e, "a set of %" PRIu64 " of %" PRIu64 " records", size,
		    f->records.size);
}

int check_roots(struct checking *c, struct error *e)
{
	struct statement *s = c->s;

	for (size_t i = 0; i < s->container_count; i++)
		if (s->containers[i].opening && spend(c, count_here(s, &s->containers[i]), e) < 0)
			return e->code;
	if (pool_run(s->container_count, root_one, s, e) < 0)
		return e->code;
	for (size_t i = 0; i < s->set_count; i++)
		if (check_set(s, &s->sets[i], e) < 0)
			return error_wrap(e, "the set of fact %" PRIu64, s->sets[i].n);
	for (size_t i = 0; i < s->container_count; i++)
		if (want(s->containers[i].used, e, "container %zu is of no set", i) < 0)
			return e->code;
	return 0;
}

/* ---- of a certificate ---- */

bool set_is_listed(const struct statement *s, uint64_t n)
{
	return number_find(s->sets, s->set_count, sizeof(*s->sets), n) != NULL;
}

/* What a step made is shown, and was made by no other. So it is among the sets (check_list): only
 * what was there before the approval may be missing. */
static int check_made(const struct checking *c, struct error *e)
{
	const struct fact *f = NULL;

	for (const struct made *m = c->made; m < c->made + c->made_count; m++)
		if (m->n > 0 &&
		    (fact_get(c->s, m->n, m->type, &f, e) < 0 ||
		     want_of(f, m == c->made || m->n != m[-1].n, e, "was made by two steps") < 0))
			return e->code;
	return 0;
}

/* Sets are listed once, ascending, and every set fact that is shown is listed, or was unlearned. */
static int check_list(const struct statement *s, struct error *e)
{
	for (size_t i = 1; i < s->set_count; i++)
		if (want(s->sets[i].n > s->sets[i - 1].n, e, "the set of fact %" PRIu64
			 " is listed twice, or not in order", s->sets[i].n) < 0)
			return e->code;
	for (const struct fact *f = s->facts; f < s->facts + s->fact_count; f++)
		if (want_of(f, !fact_is_set(f) || set_is_listed(s, f->n) ||
			    (f->type == FACT_MODEL && f->asked), e,
			    "is shown, and not among the sets") < 0)
			return e->code;
	return 0;
}

int check_retained(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;

	if (check_list(s, e) < 0 || check_made(c, e) < 0 || check_roots(c, e) < 0)
		return e->code;
	return found(c, "%zu sets were committed to with 0 at each of %" PRIu64 " positions",
		     s->set_count, set_count(s->positions));
}
