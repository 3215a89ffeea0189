/* Checks of an attestation: the checkpoint, what it rests on, what is not in it, orders. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "proof/checks.h"

int check_unpinned(const struct checking *c, struct error *e)
{
	return c->pins->order ? error_set(e, E_MISMATCH, "an order is pinned, and this is about none") : 0;
}

/* ---- the checkpoint ---- */

static int say_grade(struct checking *c, const char *grade, struct error *e)
{
	static const char *const names[] = { "unknown", "declared", "observed", "enforced" };
	char text[200];
	uint64_t n = 0;

	if (number_parse(&n, grade, strlen(grade), e) < 0 || n >= COUNT_OF(names))
		return error_set(e, E_FORMAT, "no grade is %.20s", grade);
	snprintf(text, sizeof(text), "that it was made of the records in its set and of no others is as sure "
		 "as its lineage, whose grade is: %s", names[n]);
	return limit(c, text, e);
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
	    opened_text(s, f->n, "kind", &kind, e) < 0 || opened_text(s, f->n, "grade", &grade, e) < 0)
		return e->code;
	if (!digest || digest->value_len != HASH_LEN ||
	    memcmp(digest->value, s->demand.b, HASH_LEN) != 0)
		return error_set(e, E_MISMATCH, "the digest of fact %" PRIu64 " is not the subject", f->n);
	if (say_grade(c, grade, e) < 0 ||
	    limit(c, "how many records of which source are in it, and all else that `summary` says, is the "
		     "operator's word", e) < 0)
		return e->code;
	return found(c, "fact %" PRIu64 ", %s@%s (%s)", f->n, name, version, kind);
}

/* ---- lineage ---- */

/* Mark the inputs of a checkpoint, all of them shown. */
static int mark_inputs(const struct statement *s, const struct fact *f, bool *rests, size_t *count,
		       struct error *e)
{
	scoped_json *entry = NULL;
	const json_t *input;
	size_t i;

	if (json_parse_canonical(&entry, f->text, strlen(f->text), FACT_ENTRY_MAX, e) < 0)
		return e->code;
	json_array_foreach(json_object_get(entry, "inputs"), i, input) {
		uint64_t n = (uint64_t)json_integer_value(input);
		const struct fact *of = fact_find(s, n);

		if (!of || (of->type != FACT_MODEL && of->type != FACT_DATASET))
			return error_set(e, E_NOT_FOUND, "fact %" PRIu64 " rests on fact %" PRIu64
					 ", which is not shown", f->n, n);
		rests[of - s->facts] = true;
		*count += 1;
	}
	return 0;
}

static int check_named(const struct statement *s, const struct fact *f, bool rests, struct error *e)
{
	const char *text = "";

	if (!rests)
		return error_set(e, E_MISMATCH, "fact %" PRIu64 " (%s) is nothing that it rests on", f->n,
				 fact_type_name(f->type));
	if (opened_text(s, f->n, "name", &text, e) < 0)
		return e->code;
	return opened_text(s, f->n, "version", &text, e);
}

int check_lineage(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	bool *rests = arena_alloc(s->arena, s->fact_count * sizeof(*rests), e);
	size_t inputs = 0, things = 0;

	if (!rests)
		return e->code;
	/* Inputs are earlier facts, so that one walk backwards reaches them all. */
	for (size_t i = 0; i < s->fact_count; i++)
		rests[i] = s->facts[i].n == s->model;
	for (size_t i = s->fact_count; i-- > 0;) {
		const struct fact *f = &s->facts[i];

		if (f->type != FACT_MODEL && f->type != FACT_DATASET)
			continue;
		if (check_named(s, f, rests[i], e) < 0 ||
		    (f->type == FACT_MODEL && mark_inputs(s, f, rests, &inputs, e) < 0))
			return e->code;
		things++;
	}
	if (things == 0)
		return error_set(e, E_NOT_FOUND, "the checkpoint is not shown");
	if (limit(c, inputs ? "that its set holds all that its inputs rest on is the operator's word: only "
			      "its own set is opened" :
			      "it names nothing that it rests on", e) < 0)
		return e->code;
	return found(c, "it and %zu datasets and checkpoints that it rests on", things - 1);
}

/* ---- what is not in it ---- */

int check_absent(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;

	if (s->set_count != 1 || s->sets[0].n != s->model)
		return error_set(e, E_MISMATCH, "the set is not that of the checkpoint alone");
	if (!all_below(s->positions, c->records.size))
		return error_set(e, E_MISMATCH, "positions that are not there are said to be absent");
	if (check_roots(c, e) < 0)
		return e->code;
	return found(c, "its set was committed to with 0 at each of %" PRIu64 " positions",
		     set_count(s->positions));
}

/* ---- orders ---- */

static int run_is_absent(void *ctx, uint64_t first, uint64_t last, struct error *e)
{
	if (set_covers(ctx, first, last))
		return 0;
	return error_set(e, E_MISMATCH, "%" PRIu64 " to %" PRIu64 " are not all absent", first, last);
}

static int check_order(struct checking *c, const struct fact *order, struct error *e)
{
	const struct statement *s = c->s;
	const char *text = "";
	scoped(set) *positions = NULL;

	if (opened_text(s, order->n, "id", &text, e) < 0 ||
	    opened_text(s, order->n, "positions", &text, e) < 0)
		return e->code;
	if (set_from_text(&positions, text, CERTIFICATE_RUNS_MAX, e) < 0)
		return error_wrap(e, "positions of fact %" PRIu64, order->n);
	if (spend(c, 1 + (set_count(positions) >> 10), e) < 0)
		return e->code;
	if (!all_below(positions, order->records.size))
		return error_set(e, E_MISMATCH, "the order of fact %" PRIu64
				 " takes back what was not there", order->n);
	if (set_each_run_in(positions, 0, UINT64_MAX, run_is_absent, s->positions, e) < 0)
		return error_wrap(e, "what the order of fact %" PRIu64 " took back", order->n);
	return 0;
}

/* Each order that a `certified` fact is of. */
static int mark_certified(const struct statement *s, bool *certified, struct error *e)
{
	for (size_t i = 0; i < s->fact_count; i++) {
		const struct fact *f = &s->facts[i], *order = NULL;

		if (f->type != FACT_CERTIFIED)
			continue;
		if (fact_get(s, f->order, FACT_ORDER, &order, e) < 0)
			return e->code;
		if (order->n >= f->n)
			return error_set(e, E_MISMATCH, "fact %" PRIu64 " certified a later order", f->n);
		certified[order - s->facts] = true;
	}
	return 0;
}

int check_orders(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	bool *certified = arena_alloc(s->arena, s->fact_count * sizeof(*certified), e);
	size_t count = 0;

	if (!certified)
		return e->code;
	memset(certified, 0, s->fact_count * sizeof(*certified));
	if (mark_certified(s, certified, e) < 0)
		return e->code;
	for (size_t i = 0; i < s->fact_count; i++) {
		if (s->facts[i].type != FACT_ORDER)
			continue;
		if (!certified[i])
			return error_set(e, E_MISMATCH, "the order of fact %" PRIu64
					 " is not shown to be carried out", s->facts[i].n);
		if (check_order(c, &s->facts[i], e) < 0)
			return e->code;
		count++;
	}
	if (limit(c, "that no other order concerned it, and that it was not withdrawn, is the operator's "
		     "word", e) < 0)
		return e->code;
	return found(c, "%zu orders were carried out, and nothing that they took back is in it", count);
}

/* ---- reproduced ---- */

int check_reproduced(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;

	for (size_t i = 0; i < s->reproduced_count; i++) {
		if (s->reproduced[i]->model != s->model)
			return error_set(e, E_MISMATCH, "fact %" PRIu64 " (reproduced) is of another "
					 "checkpoint", s->reproduced[i]->n);
		if (check_again(c, s->reproduced[i], e) < 0)
			return e->code;
	}
	if (s->reproduced_count == 0 &&
	    limit(c, "nobody is shown to have trained it again with the same result", e) < 0)
		return e->code;
	return found(c, "by %zu signatures", s->reproduced_count);
}
