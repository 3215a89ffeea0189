/* Parts of certificates of other repositories and other orders, signed as they should be. */
#include <string.h>

#include "base/test.h"
#include "proof/world.h"

/* Members of the predicate, one by one, from the certificate of another world. */
static void check_swaps(struct world *a, struct world *b)
{
	static const char *const members[] = { "heads", "facts", "facts_proof", "openings", "order",
					       "sets", "containers" };
	scoped(buf) *ca = world_certify(a), *cb = world_certify(b);
	scoped_json *other = statement_of(cb);

	for (size_t i = 0; i < COUNT_OF(members); i++) {
		scoped_json *j = statement_of(ca);
		json_t *p = predicate_of(j);
		json_t *x = json_object_get(predicate_of(other), members[i]);
		scoped(buf) *mixed = NULL;
		scoped(verdict) *v = NULL;

		if (json_equal(json_object_get(p, members[i]), x))
			continue;
		json_object_set(p, members[i], x);
		mixed = world_sign(a, j, false);
		v = world_verdict(a, mixed);
		check(!v->valid);
	}
}

static void make(struct world *w, const char *origin, uint8_t number, bool unlearn)
{
	world_begin(w, NO_LIE, origin, number);
	w->unlearn = unlearn;
	if (unlearn)
		w->reproducer = w->approver;
	world_build(w);
}

TEST(no_part_of_a_certificate_of_another_repository_fits)
{
	for (int unlearn = 0; unlearn < 2; unlearn++) {
		struct world a, b;

		make(&a, "example.org/log", 10, unlearn);
		make(&b, "example.org/log", 20, unlearn);
		check_swaps(&a, &b);
		check_swaps(&b, &a);
		world_end(&b);
		/* The same keys do not help. */
		make(&b, "example.org/log", 10, unlearn);
		check_swaps(&a, &b);
		world_end(&b);
		make(&b, "example.org/other", 10, unlearn);
		check_swaps(&a, &b);
		world_end(&b);
		world_end(&a);
	}
}

/* Two orders in one repository: the later facts are told on, the log is one. */
static void check_orders(bool unlearn)
{
	struct world a;
	struct world first;
	scoped(buf) *one = NULL, *two = NULL;
	scoped_json *j1 = NULL, *j2 = NULL;
	static const char *const members[] = { "facts", "openings", "order", "positions", "sets",
					       "containers", "facts_proof" };

	make(&a, "example.org/log", 10, unlearn);
	first = a; /* its order, with the log as it will be */
	one = world_certify(&a);
	a.plain_selector = true;
	a.id = "o2";
	a.set_count = a.step_count = 0;
	world_order(&a);
	two = world_certify(&a);
	j1 = statement_of(one);
	j2 = statement_of(two);
	{
		scoped(verdict) *v = world_verdict(&a, two);

		check(v->valid);
	}
	for (size_t i = 0; i < COUNT_OF(members); i++) {
		scoped_json *j = json_deep_copy(j2);
		scoped(buf) *mixed = NULL;
		scoped(verdict) *v = NULL;

		json_object_set(predicate_of(j), members[i],
				json_object_get(predicate_of(j1), members[i]));
		if (json_equal(j, j2))
			continue;
		mixed = world_sign(&a, j, strcmp(members[i], "facts_proof") != 0);
		v = world_verdict(&a, mixed);
		check(!v->valid);
	}
	/* The subject alone. */
	json_object_set(j2, "subject", json_object_get(j1, "subject"));
	{
		scoped(buf) *mixed = world_sign(&a, j2, true);
		scoped(verdict) *v = world_verdict(&a, mixed);

		check(!v->valid);
	}
	set_destroy(first.positions);
	set_destroy(first.kept);
	for (size_t i = 0; i < first.set_count; i++)
		set_destroy(first.sets[i].s);
	world_end(&a);
}

TEST(no_part_of_a_certificate_of_another_order_fits)
{
	check_orders(false);
	check_orders(true);
}

TEST_MAIN("swaps")
