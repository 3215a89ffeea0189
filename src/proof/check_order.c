/* Checks of the order, its plan and the approval. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proof/checks.h"

#define AT(type, member) .at = offsetof(struct type, member)
#define COUNT(type, member) .count_at = offsetof(struct type, member)
#define MEMBERS(...) .of = (const struct shape[]){ __VA_ARGS__, { 0 } }

/* ---- demand ---- */

static const struct shape demand_shape = { NULL, SHAPE_OBJECT, MEMBERS(
	{ "selector", SHAPE_TEXT, AT(demand, selector) },
	{ "authority", SHAPE_TEXT, AT(demand, authority) },
	{ "reason", SHAPE_TEXT, AT(demand, reason) },
	{ "keep_granted", SHAPE_FLAG, AT(demand, keep_granted) },
	{ "document", SHAPE_HEX_OR_NONE, AT(demand, document), .max = HASH_LEN }) };

static int open_demand(struct checking *c, const struct opening *o, struct error *e)
{
	struct demand *demand = arena_alloc(c->s->arena, sizeof(*demand), e);

	c->withheld = o->withheld;
	if (o->withheld)
		return limit(c, e, "what was demanded is withheld: that these positions answer it "
			     "is the operator's word");
	if (!demand || opened_read(c->s, o->n, o->field, &demand_shape, demand, e) < 0)
		return error_wrap(e, "demand");
	c->demand = demand;
	return 0;
}

int check_demand(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	const struct opening *o = opening_find(s, s->opened, "demand");
	const struct fact *order = NULL;
	const char *id = "";
	struct hash demand;

	if (fact_get(s, s->opened, FACT_ORDER, &order, e) < 0 ||
	    want(o, e, "neither the demand nor its commitment is shown") < 0)
		return e->code;
	opening_commitment(o, &demand);
	if (want(hash_equal(&demand, &s->demand), e, "the order's demand is not the subject") < 0 ||
	    want(!c->pins->order || hash_equal(&demand, c->pins->order), e,
		 "another order than the pinned one") < 0 ||
	    open_demand(c, o, e) < 0 || opened_text(s, order->n, "id", &id, e) < 0 ||
	    want(strcmp(id, s->order_id) == 0, e, "the order has another id") < 0)
		return e->code;
	return found(c, "order %s, %s", id, o->withheld ? "its demand withheld" :
		     c->demand->selector);
}

/* ---- positions ---- */

/* NAME of a selector that is source:NAME or source:"NAME" and nothing else; NULL otherwise. */
static const char *source_name(const char *selector, size_t *ret_len)
{
	size_t len, quotes;

	if (strncmp(selector, "source:", 7) != 0)
		return NULL;
	selector += 7;
	len = strlen(selector);
	quotes = len >= 2 && selector[0] == '"' && selector[len - 1] == '"';
	selector += quotes;
	len -= 2 * quotes;
	if (len == 0 || strcspn(selector, quotes ? "\"\\" : "\"\\() \t\r\n") < len)
		return NULL;
	*ret_len = len;
	return selector;
}

/* Positions and kept, which do not meet, are exactly the batches of this source. These do not
 * overlap (check_batches), so that it suffices that each is among them and that they are as many.
 * */
static int check_batches_of(const struct statement *s, const struct fact *source, struct error *e)
{
	uint64_t left = set_count(s->positions) + set_count(s->kept), end = 0;

	for (const struct fact *f = NULL; (f = fact_next(s, f, FACT_BATCH));) {
		uint64_t beyond = f->last - f->first;

		if (memcmp(f->source.tag, source->source.tag, TAG_LEN) != 0)
			continue;
		if (want_of(f, f->first >= end, e, "is not behind the one before it") < 0 ||
		    want_of(f, beyond < left && set_count_in(s->positions, f->first, f->last) +
			    set_count_in(s->kept, f->first, f->last) > beyond, e,
			    "is of this source, but not all of it is in the order") < 0)
			return e->code;
		left -= beyond + 1;
		end = f->last + 1;
	}
	return want(left == 0, e, "%" PRIu64 " positions are not of this source", left);
}

/* The one source that is shown is that of the order: of this name, and older. */
static int check_source(struct checking *c, const char *name, size_t len, struct error *e)
{
	const struct fact *source = fact_next(c->s, NULL, FACT_SOURCE);
	const char *opened = "";

	if (want(source, e, "the order's source is not shown") < 0 ||
	    opened_text(c->s, source->n, "name", &opened, e) < 0 ||
	    want(strlen(opened) == len && memcmp(opened, name, len) == 0 &&
		 source->n <= c->s->opened, e, "the source shown is not that of the order") < 0 ||
	    check_batches_of(c->s, source, e) < 0)
		return e->code;
	return limit(c, e, "that no other source bears this name is the operator's word");
}

static int compare_selector(struct checking *c, struct error *e)
{
	size_t len = 0;
	const char *name = c->demand ? source_name(c->demand->selector, &len) : NULL;

	if (name)
		return check_source(c, name, len, e);
	if (want(!fact_next(c->s, NULL, FACT_SOURCE), e,
		 "a source is shown, but the order is not against one") < 0 || c->withheld)
		return e->code;
	return limit(c, e, "that these positions answer the selector is the operator's word");
}

bool all_below(const struct set *s, uint64_t size)
{
	return !set_next(s, &size);
}

static int check_opened_positions(const struct statement *s, struct error *e)
{
	const char *positions = "", *kept = "";
	const struct opening *count = opening_find(s, s->opened, "count");
	uint64_t n = 0;

	if (opened_text(s, s->opened, "positions", &positions, e) < 0 ||
	    opened_text(s, s->opened, "kept", &kept, e) < 0 ||
	    want(strcmp(positions, s->positions_text) == 0 && strcmp(kept, s->kept_text) == 0, e,
		 "the order is about other positions") < 0 ||
	    (count && !count->withheld && opened_number(count, &n, e) < 0))
		return e->code;
	return want(n <= set_count(s->positions), e, "the order counts more than its positions");
}

int check_positions(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	const struct fact *order = NULL;

	if (want(c->demand || c->withheld, e, "the demand is not known") < 0 ||
	    fact_get(s, s->opened, FACT_ORDER, &order, e) < 0 || check_opened_positions(s, e) < 0 ||
	    want(set_count_both(s->positions, s->kept) == 0 &&
		 all_below(s->positions, order->records.size) &&
		 all_below(s->kept, order->records.size), e,
		 "positions that are kept, or that were not there") < 0 ||
	    want(!c->demand || c->demand->keep_granted || set_count(s->kept) == 0, e,
		 "positions are kept that were demanded") < 0 ||
	    compare_selector(c, e) < 0)
		return e->code;
	return found(c, "%" PRIu64 " taken back, %" PRIu64 " kept", set_count(s->positions),
		     set_count(s->kept));
}

/* ---- plan ---- */

static const struct shape step_shape = { NULL, SHAPE_OBJECT, MEMBERS(
	{ "n", SHAPE_NUMBER, AT(step, n) }, { "do", SHAPE_TEXT, AT(step, deed) },
	{ "target", SHAPE_TEXT, AT(step, target) }, { "method", SHAPE_TEXT, AT(step, method) },
	{ "fact", SHAPE_NUMBER, AT(step, fact), COUNT(step, has_fact), .optional = true }) };
static const struct shape sentence = { NULL, SHAPE_TEXT, .at = 0 };
static const struct shape plan_shape = { NULL, SHAPE_OBJECT, MEMBERS(
	{ "order", SHAPE_HEX, AT(plan, order), .max = HASH_LEN },
	{ "as_of", SHAPE_NUMBER, AT(plan, as_of) },
	{ "steps", SHAPE_LIST, AT(plan, steps), .max = STATEMENT_MARKS_MAX,
	  .unit = sizeof(struct step), COUNT(plan, step_count), .of = &step_shape },
	{ "not_reached", SHAPE_LIST, AT(plan, not_reached), .max = CERTIFICATE_WORDS_MAX,
	  .unit = sizeof(char *), COUNT(plan, not_reached_count), .of = &sentence }) };

bool step_is(const struct step *step, const char *deed)
{
	return strcmp(step->deed, deed) == 0;
}

bool step_makes(const struct step *step)
{
	return step_is(step, "subset") || step_is(step, "unlearn");
}

static int check_plan_step(const struct step *step, uint64_t n, uint64_t as_of, struct error *e)
{
	static const char *const deeds[] = { "stop", "erase", "withdraw", "subset", "unlearn",
					     "delete", "destroy", "search" };
	size_t i = 0;

	while (i < COUNT_OF(deeds) && !step_is(step, deeds[i]))
		i++;
	return want(step->n == n && i < COUNT_OF(deeds) && step->fact <= as_of &&
		    (step->has_fact || !step_makes(step)), e,
		    "step %" PRIu64 ": no such step can be", n);
}

static bool is_said(const struct checking *c, const char *said)
{
	const json_t *list = json_object_get(c->s->predicate, "not_covered");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_array_get(list, i)), said) == 0)
			return true;
	return false;
}

/* What the approved plan did not reach is said, where the statement is silent about it. */
static int say_not_reached(struct checking *c, struct error *e)
{
	for (size_t i = 0; i < c->plan->not_reached_count; i++)
		if (!is_said(c, c->plan->not_reached[i]) &&
		    limit(c, e, "the plan did not reach: %s", c->plan->not_reached[i]) < 0)
			return e->code;
	return 0;
}

/* Which checkpoints it unlearns, and whether keys are destroyed after that. */
static int look_at_steps(struct checking *c, struct error *e)
{
	bool destroys = false, unlearned = false;

	for (size_t i = 0; i < c->plan->step_count; i++) {
		const struct step *step = &c->plan->steps[i];
		struct fact *old = step_is(step, "unlearn") ? fact_find(c->s, step->fact) : NULL;

		c->unlearn_count += step_is(step, "unlearn");
		if (old)
			old->asked = true;
		destroys = destroys || step_is(step, "destroy");
		unlearned = step_is(step, "unlearn") || (unlearned && !step_is(step, "destroy"));
	}
	if (!destroys)
		return limit(c, e, "the plan has no step that destroys keys");
	return unlearned ? limit(c, e, "the plan has no step that destroys keys after the last "
				 "that unlearns") : 0;
}

int check_plan(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	struct plan *p = arena_alloc(s->arena, sizeof(*p), e);
	const struct fact *f = NULL;

	if (!p || fact_get(s, s->plan, FACT_PLAN, &f, e) < 0 ||
	    want(f->order == s->opened && f->n > s->opened, e, "the plan of fact %" PRIu64,
		 f->order) < 0 ||
	    opened_read(s, f->n, "plan", &plan_shape, p, e) < 0 ||
	    want(hash_equal(&p->order, &s->demand), e, "a plan of another order") < 0 ||
	    want(p->as_of >= s->opened && p->as_of < s->plan, e, "a plan as of fact %" PRIu64,
		 p->as_of) < 0)
		return e->code;
	for (size_t i = 0; i < p->step_count; i++)
		if (check_plan_step(&p->steps[i], i + 1, p->as_of, e) < 0)
			return e->code;
	c->plan = p;
	if (say_not_reached(c, e) < 0 || look_at_steps(c, e) < 0)
		return e->code;
	return found(c, "%zu steps", p->step_count);
}

/* ---- approval ---- */

static int check_approver(struct checking *c, const struct fact *order, const struct fact *approval,
			  const struct fact *key, struct error *e)
{
	const struct fact *opener = NULL, *init = NULL;

	if (fact_key(c->s, order->by, order->n, &opener, e) < 0 ||
	    fact_get(c->s, 0, FACT_INIT, &init, e) < 0)
		return e->code;
	if (init->solo)
		return limit(c, e, "opener and approver may be one person here (solo)");
	if (want(memcmp(approval->by, order->by, KEY_ID_LEN) != 0 &&
		 memcmp(key->key, opener->key, sizeof(key->key)) != 0, e,
		 "approved by the key that opened the order") < 0 ||
	    want(memcmp(key->key, c->s->key, sizeof(key->key)) != 0, e,
		 "approved by the log's own key") < 0)
		return e->code;
	return limit(c, e, "that another person holds the approver's key, and that the opener's "
		     "key opened the order, is the operator's word");
}

int check_approval(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	const struct opening *plan = opening_find(s, s->plan, "plan");
	const struct fact *order = NULL, *planned = NULL, *approval = NULL, *key = NULL;
	struct approved what = { .demand = s->demand };
	char hex[2 * KEY_ID_LEN + 1];
	scoped(buf) *text = NULL;

	if (fact_get(s, s->opened, FACT_ORDER, &order, e) < 0 ||
	    fact_get(s, s->plan, FACT_PLAN, &planned, e) < 0 ||
	    fact_get(s, s->approval, FACT_APPROVAL, &approval, e) < 0 ||
	    fact_key(s, approval->by, approval->n, &key, e) < 0 ||
	    want(plan && approval->order == s->opened && approval->plan == s->plan &&
		 approval->n > s->plan, e, "the approval of another plan") < 0)
		return e->code;
	opening_commitment(plan, &what.plan);
	fact_leaf(&what.order_leaf, order);
	fact_leaf(&what.plan_leaf, planned);
	if (buf_create(&text, 512, e) < 0 ||
	    certificate_approval_text(text, s->origin, &what, e) < 0 ||
	    sign_check(approval->signature, key->key, text->data, text->len, e) < 0 ||
	    check_approver(c, order, approval, key, e) < 0)
		return e->code;
	return found(c, "fact %" PRIu64 " by key %s", approval->n,
		     hex_encode(hex, approval->by, KEY_ID_LEN));
}
