/* Checks of an attestation: the checkpoint, what it rests on, what is not in it, orders. */
#include <inttypes.h>
#include <string.h>

#include "proof/checks.h"

int check_unpinned(const struct checking *c, struct error *e)
{
	return want(!c->pins->order, e, "an order is pinned, and this is about none");
}

/* ---- the checkpoint ---- */

static int say_grade(struct checking *c, const char *grade, struct error *e)
{
	static const char *const names[] = { "unknown", "declared", "observed", "enforced" };

	if (want(grade[0] >= '0' && grade[0] <= '3' && !grade[1], e, "no grade is %.20s",
		 grade) < 0)
		return e->code;
	return limit(c, e, "that it was made of the records in its set and of no others is as sure "
		     "as its lineage, whose grade is: %s", names[grade[0] - '0']);
}

int check_checkpoint(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	const struct opening *digest = opening_find(s, s->model, "digest");
	const char *name = "", *version = "", *kind = "", *grade = "";
	const struct fact *f = NULL;

	if (check_unpinned(c, e) < 0 || fact_get(s, s->model, FACT_MODEL, &f, e) < 0 ||
	    opened_text(s, f->n, "name", &name, e) < 0 ||
	    opened_text(s, f->n, "version", &version, e) < 0 ||
	    opened_text(s, f->n, "kind", &kind, e) < 0 ||
	    opened_text(s, f->n, "grade", &grade, e) < 0 ||
	    want(digest && digest->value_len == HASH_LEN &&
		 memcmp(digest->value, s->demand.b, HASH_LEN) == 0, e,
		 "the digest of fact %" PRIu64 " is not the subject", f->n) < 0 ||
	    say_grade(c, grade, e) < 0)
		return e->code;
	return found(c, "fact %" PRIu64 ", %s@%s (%s)", f->n, name, version, kind);
}

/* ---- lineage ---- */

/* One that is asked for is named, and what it rests on is shown, and asked for in its turn. */
static int check_rests(const struct statement *s, const struct fact *f, struct error *e)
{
	const char *text = "";

	if (want_of(f, f->asked || f->n == s->model, e, "is nothing that it rests on") < 0 ||
	    opened_text(s, f->n, "name", &text, e) < 0 ||
	    opened_text(s, f->n, "version", &text, e) < 0)
		return e->code;
	for (size_t i = 0; i < f->list_count; i++) {
		struct fact *of = fact_find(s, f->list[i]);

		if (want(of && fact_is_set(of), e, "fact %" PRIu64 " rests on fact %" PRIu64
			 ", which is not shown", f->n, f->list[i]) < 0)
			return e->code;
		of->asked = true;
	}
	return 0;
}

int check_lineage(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	size_t inputs = 0, things = 0;

	/* Inputs are earlier facts, so that one walk backwards reaches them all. */
	for (size_t i = s->fact_count; i-- > 0;) {
		const struct fact *f = &s->facts[i];

		if (!fact_is_set(f))
			continue;
		if (check_rests(s, f, e) < 0)
			return e->code;
		inputs += f->list_count;
		things++;
	}
	if (want(things > 0, e, "the checkpoint is not shown") < 0 ||
	    limit(c, e, inputs ? "that its set holds all that its inputs rest on is the operator's "
				 "word: only its own set is opened" :
				 "it names nothing that it rests on") < 0)
		return e->code;
	return found(c, "it and %zu datasets and checkpoints that it rests on", things - 1);
}

/* ---- what is not in it ---- */

int check_absent(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;

	if (want(s->set_count == 1 && s->sets[0].n == s->model, e,
		 "the set is not that of the checkpoint alone") < 0 ||
	    want(all_below(s->positions, c->records.size), e,
		 "positions that are not there are said to be absent") < 0 ||
	    check_roots(c, e) < 0)
		return e->code;
	return found(c, "its set was committed to with 0 at each of %" PRIu64 " positions",
		     set_count(s->positions));
}

/* ---- orders ---- */

static int check_order(struct checking *c, const struct fact *order, struct error *e)
{
	const struct statement *s = c->s;
	const char *text = "";
	scoped(set) *positions = NULL;
	uint64_t present;

	if (want_of(order, order->asked, e, "is not shown to be carried out") < 0 ||
	    opened_text(s, order->n, "id", &text, e) < 0 ||
	    opened_text(s, order->n, "positions", &text, e) < 0 ||
	    set_from_text(&positions, text, CERTIFICATE_RUNS_MAX, e) < 0 ||
	    spend(c, 1 + (set_count(positions) >> 10), e) < 0 ||
	    want_of(order, all_below(positions, order->records.size), e,
		    "takes back what was not there") < 0)
		return e->code;
	present = set_count(positions) - set_count_both(positions, s->positions);
	return want(present == 0, e, "of what the order of fact %" PRIu64 " took back %" PRIu64
		    " positions are not absent", order->n, present);
}

int check_orders(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	size_t count = 0;

	for (const struct fact *f = NULL; (f = fact_next(s, f, FACT_CERTIFIED));) {
		struct fact *order = fact_find(s, f->order);

		if (want_of(f, order && order->type == FACT_ORDER && order->n < f->n, e,
			    "is of no earlier order that is shown") < 0)
			return e->code;
		order->asked = true;
	}
	for (const struct fact *f = NULL; (f = fact_next(s, f, FACT_ORDER)); count++)
		if (check_order(c, f, e) < 0)
			return e->code;
	return found(c, "%zu orders were carried out, and nothing that they took back is in it",
		     count);
}

/* ---- reproduced ---- */

int check_reproduced(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;

	for (size_t i = 0; i < s->reproduced_count; i++)
		if (want_of(s->reproduced[i], s->reproduced[i]->model == s->model, e,
			    "is of another checkpoint") < 0 ||
		    check_again(c, s->reproduced[i], e) < 0)
			return e->code;
	if (s->reproduced_count == 0 &&
	    limit(c, e, "nobody is shown to have trained it again with the same result") < 0)
		return e->code;
	return found(c, "by %zu signatures", s->reproduced_count);
}
