/* Checks of the order, its plan and the approval. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proof/checks.h"

#define ONLY(j, ...) json_only(j, (const char *const[]){ __VA_ARGS__, NULL }, e)

/* ---- demand ---- */

static int demand_members(const json_t *j, struct error *e)
{
	const char *text = NULL;
	struct hash document;
	bool keep;

	if (ONLY(j, "selector", "authority", "reason", "document", "keep_granted") < 0 ||
	    json_get_text(j, "selector", &text, e) < 0 ||
	    json_get_text(j, "authority", &text, e) < 0 ||
	    json_get_text(j, "reason", &text, e) < 0 ||
	    json_get_bool(j, "keep_granted", &keep, e) < 0 ||
	    json_get_text(j, "document", &text, e) < 0)
		return e->code;
	return *text ? json_get_hash(j, "document", &document, e) : 0;
}

static int open_demand(struct checking *c, const struct opening *o, struct error *e)
{
	scoped_json *j = NULL;

	c->withheld = o->withheld;
	if (o->withheld)
		return limit(c, "what was demanded is withheld: that these positions answer it is "
			     "the operator's word", e);
	if (opened_json(c->s, o->n, o->field, &j, e) < 0 || demand_members(j, e) < 0)
		return error_wrap(e, "demand");
	c->demand = give(j);
	return 0;
}

int check_demand(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	const struct opening *o = opening_find(s, s->opened, "demand");
	const struct fact *order = NULL;
	const char *id = "";
	struct hash demand;

	if (fact_get(s, s->opened, FACT_ORDER, &order, e) < 0)
		return e->code;
	if (!o)
		return error_set(e, E_NOT_FOUND, "neither the demand nor its commitment is shown");
	opening_commitment(o, &demand);
	if (!hash_equal(&demand, &s->demand))
		return error_set(e, E_MISMATCH, "the order's demand is not the subject");
	if (c->pins->order && !hash_equal(&demand, c->pins->order))
		return error_set(e, E_MISMATCH, "another order than the pinned one");
	if (open_demand(c, o, e) < 0 || opened_text(s, order->n, "id", &id, e) < 0)
		return e->code;
	if (strcmp(id, s->order_id) != 0)
		return error_set(e, E_MISMATCH, "the order has another id");
	return found(c, "order %s, %s", id, o->withheld ? "its demand withheld" :
		     json_text_or(c->demand, "selector", ""));
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

/* Exactly one source is shown, by this name, older than the order. */
static int find_source(const struct statement *s, const char *name, size_t len,
		       const struct fact **ret, struct error *e)
{
	const char *opened = "";

	for (size_t i = 0; i < s->fact_count; i++) {
		if (s->facts[i].type != FACT_SOURCE)
			continue;
		if (opened_text(s, s->facts[i].n, "name", &opened, e) < 0)
			return e->code;
		if (strlen(opened) != len || memcmp(opened, name, len) != 0 ||
		    s->facts[i].n > s->opened)
			return error_set(e, E_MISMATCH, "the source shown is not that of the order");
		*ret = &s->facts[i];
		return 0;
	}
	return error_set(e, E_NOT_FOUND, "the order's source is not shown");
}

static int count_run(void *ctx, uint64_t first, uint64_t last, struct error *e)
{
	uint64_t *count = ctx;

	(void)e;
	*count += last - first + 1;
	return 0;
}

uint64_t set_count_in(const struct set *s, uint64_t first, uint64_t last)
{
	uint64_t count = 0;

	(void)set_each_run_in(s, first, last, count_run, &count, NULL);
	return count;
}

static int take_run(void *ctx, uint64_t first, uint64_t last, struct error *e)
{
	uint64_t *run = ctx;

	(void)e;
	run[0] = first;
	run[1] = last;
	return 1; /* of the others nothing is asked */
}

bool set_covers(const struct set *s, uint64_t first, uint64_t last)
{
	uint64_t run[2] = { 1, 0 };

	(void)set_each_run_in(s, first, last, take_run, run, NULL);
	return first <= last && run[0] == first && run[1] == last;
}

/* Positions and kept, which do not meet, are exactly the batches with this tag. These do not overlap
 * (check_batches), so that it suffices that each is among them and that they are as many. */
static int check_source(const struct statement *s, const uint8_t tag[TAG_LEN], struct error *e)
{
	uint64_t left = set_count(s->positions) + set_count(s->kept), end = 0;

	for (size_t i = 0; i < s->fact_count; i++) {
		const struct fact *f = &s->facts[i];

		if (f->type != FACT_BATCH || memcmp(f->source, tag, TAG_LEN) != 0)
			continue;
		if (f->first < end)
			return error_set(e, E_MISMATCH, "the batch of %" PRIu64 " to %" PRIu64
					 " is not behind the one before it", f->first, f->last);
		if (left == 0 || f->last - f->first > left - 1 ||
		    set_count_in(s->positions, f->first, f->last) +
				    set_count_in(s->kept, f->first, f->last) <= f->last - f->first)
			return error_set(e, E_MISMATCH, "the batch of %" PRIu64 " to %" PRIu64
					 " is of this source, but not all of it is in the order",
					 f->first, f->last);
		left -= f->last - f->first + 1;
		end = f->last + 1;
	}
	if (left > 0)
		return error_set(e, E_MISMATCH, "%" PRIu64 " positions are not of this source", left);
	return 0;
}

static int compare_selector(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	const char *selector = json_text_or(c->demand, "selector", ""), *name;
	const struct fact *source = NULL;
	size_t len;

	name = source_name(selector, &len);
	if (name) {
		if (find_source(s, name, len, &source, e) < 0 ||
		    check_source(s, source->source, e) < 0)
			return e->code;
		return limit(c, "that no other source bears this name is the operator's word", e);
	}
	for (size_t i = 0; i < s->fact_count; i++)
		if (s->facts[i].type == FACT_SOURCE)
			return error_set(e, E_MISMATCH, "a source is shown, but the order is not "
					 "against one");
	return c->withheld ? 0 : limit(c, "that these positions answer the selector is the "
				       "operator's word", e);
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
	    opened_text(s, s->opened, "kept", &kept, e) < 0)
		return e->code;
	if (strcmp(positions, s->positions_text) != 0 || strcmp(kept, s->kept_text) != 0)
		return error_set(e, E_MISMATCH, "the order is about other positions");
	if (count && !count->withheld &&
	    (number_parse(&n, (const char *)count->value, count->value_len, e) < 0 ||
	     n > set_count(s->positions)))
		return error_set(e, E_MISMATCH, "the order counts more than its positions");
	return 0;
}

int check_positions(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	const struct fact *order = NULL;

	if (!c->demand && !c->withheld)
		return error_set(e, E_NOT_FOUND, "the demand is not known");
	if (fact_get(s, s->opened, FACT_ORDER, &order, e) < 0 || check_opened_positions(s, e) < 0)
		return e->code;
	if (set_meets(s->positions, s->kept) || !all_below(s->positions, order->records.size) ||
	    !all_below(s->kept, order->records.size))
		return error_set(e, E_MISMATCH, "positions that are kept, or that were not there");
	if (c->demand && !json_is_true(json_object_get(c->demand, "keep_granted")) &&
	    set_count(s->kept) > 0)
		return error_set(e, E_MISMATCH, "positions are kept that were demanded");
	if (compare_selector(c, e) < 0)
		return e->code;
	return found(c, "%" PRIu64 " taken back, %" PRIu64 " kept", set_count(s->positions),
		     set_count(s->kept));
}

/* ---- plan ---- */

static bool is_deed(const char *text)
{
	static const char *const deeds[] = { "stop", "erase", "withdraw", "subset", "unlearn",
					     "delete", "destroy", "search" };

	for (size_t i = 0; i < COUNT_OF(deeds); i++)
		if (strcmp(text, deeds[i]) == 0)
			return true;
	return false;
}

bool step_is(const json_t *step, const char *deed)
{
	return strcmp(json_text_or(step, "do", ""), deed) == 0;
}

bool step_makes(const json_t *step)
{
	return step_is(step, "subset") || step_is(step, "unlearn");
}

static int check_plan_step(const json_t *j, uint64_t n, uint64_t as_of, struct error *e)
{
	const char *deed = "", *text = NULL;
	uint64_t number = 0, fact = 0;
	bool has_fact = json_object_get(j, "fact") != NULL;

	if (ONLY(j, "n", "do", "target", "method", "fact") < 0 ||
	    json_get_number(j, "n", &number, e) < 0 || json_get_text(j, "do", &deed, e) < 0 ||
	    json_get_text(j, "target", &text, e) < 0 || json_get_text(j, "method", &text, e) < 0 ||
	    (has_fact && json_get_number(j, "fact", &fact, e) < 0))
		return e->code;
	if (number != n || !is_deed(deed) || fact > as_of || (step_makes(j) && !has_fact))
		return error_set(e, E_MISMATCH, "no such step can be");
	return 0;
}

static int plan_members(const struct statement *s, const json_t *j, struct error *e)
{
	json_t *steps = NULL, *not_reached = NULL;
	struct hash order;
	uint64_t as_of = 0;

	if (ONLY(j, "order", "as_of", "steps", "not_reached") < 0 ||
	    json_get_hash(j, "order", &order, e) < 0 ||
	    json_get_number(j, "as_of", &as_of, e) < 0 ||
	    json_get_array(j, "steps", &steps, e) < 0 ||
	    json_get_array(j, "not_reached", &not_reached, e) < 0)
		return e->code;
	if (!hash_equal(&order, &s->demand))
		return error_set(e, E_MISMATCH, "a plan of another order");
	if (json_array_size(not_reached) > CERTIFICATE_WORDS_MAX)
		return error_set(e, E_RANGE, "a plan with more than %d sentences", CERTIFICATE_WORDS_MAX);
	if (as_of < s->opened || as_of >= s->plan)
		return error_set(e, E_MISMATCH, "a plan as of fact %" PRIu64, as_of);
	for (size_t i = 0; i < json_array_size(steps); i++)
		if (check_plan_step(json_array_get(steps, i), i + 1, as_of, e) < 0)
			return error_wrap(e, "step %zu", i + 1);
	return 0;
}

static bool is_said(const struct checking *c, const json_t *sentence)
{
	const json_t *list = json_object_get(c->s->predicate, "not_covered"), *j;
	size_t i;

	json_array_foreach(list, i, j)
		if (json_equal(j, sentence))
			return true;
	return false;
}

/* What the approved plan did not reach is said, where the statement is silent about it. */
static int say_not_reached(struct checking *c, struct error *e)
{
	const json_t *list = json_object_get(c->plan, "not_reached"), *j;
	scoped(buf) *b = NULL;
	size_t i;

	if (buf_create(&b, 256, e) < 0)
		return e->code;
	json_array_foreach(list, i, j) {
		if (is_said(c, j))
			continue;
		buf_clear(b);
		if (buf_printf(b, e, "the plan did not reach: ") < 0 ||
		    (json_is_string(j) ? buf_printf(b, e, "%s", json_string_value(j)) :
					 json_put(j, b, e)) < 0 ||
		    limit(c, buf_text(b), e) < 0)
			return e->code;
	}
	return 0;
}

static int say_not_destroyed(struct checking *c, struct error *e)
{
	const json_t *list = json_object_get(c->plan, "steps"), *j;
	bool destroys = false, unlearned = false;
	size_t i;

	json_array_foreach(list, i, j) {
		destroys = destroys || step_is(j, "destroy");
		unlearned = step_is(j, "unlearn") || (unlearned && !step_is(j, "destroy"));
	}
	if (!destroys)
		return limit(c, "the plan has no step that destroys keys", e);
	return unlearned ? limit(c, "the plan has no step that destroys keys after the last that "
				 "unlearns", e) : 0;
}

/* The checkpoints that its unlearn steps name. */
static int take_old(struct checking *c, struct error *e)
{
	const json_t *list = json_object_get(c->plan, "steps"), *j;
	size_t i;

	c->old = arena_alloc(c->s->arena, json_array_size(list) * sizeof(*c->old), e);
	if (!c->old)
		return e->code;
	json_array_foreach(list, i, j)
		if (step_is(j, "unlearn"))
			c->old[c->old_count++] = json_number_or(j, "fact", 0);
	if (c->old_count > 0)
		qsort(c->old, c->old_count, sizeof(*c->old), by_number);
	return 0;
}

int check_plan(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	const struct fact *plan = NULL;
	scoped_json *j = NULL;

	if (fact_get(s, s->plan, FACT_PLAN, &plan, e) < 0)
		return e->code;
	if (plan->order != s->opened || plan->n <= s->opened)
		return error_set(e, E_MISMATCH, "the plan of fact %" PRIu64, plan->order);
	if (opened_json(s, plan->n, "plan", &j, e) < 0 || plan_members(s, j, e) < 0)
		return e->code;
	c->plan = give(j);
	if (take_old(c, e) < 0 || say_not_reached(c, e) < 0 || say_not_destroyed(c, e) < 0)
		return e->code;
	return found(c, "%zu steps", json_array_size(json_object_get(c->plan, "steps")));
}

/* ---- approval ---- */

static int check_approver(struct checking *c, const struct fact *approval, const struct fact *key,
			  struct error *e)
{
	const struct statement *s = c->s;
	const struct fact *order = NULL, *opener = NULL, *init = NULL;

	if (fact_get(s, s->opened, FACT_ORDER, &order, e) < 0 ||
	    fact_key(s, order->by, order->n, &opener, e) < 0 ||
	    fact_get(s, 0, FACT_INIT, &init, e) < 0)
		return e->code;
	if (init->solo)
		return limit(c, "opener and approver may be one person here (solo)", e);
	if (memcmp(approval->by, order->by, KEY_ID_LEN) == 0 ||
	    memcmp(key->key, opener->key, sizeof(key->key)) == 0)
		return error_set(e, E_MISMATCH, "approved by the key that opened the order");
	if (memcmp(key->key, s->key, sizeof(key->key)) == 0)
		return error_set(e, E_MISMATCH, "approved by the log's own key");
	return limit(c, "that another person holds the approver's key, and that the opener's key opened "
		     "the order, is the operator's word", e);
}

int check_approval(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	const struct opening *plan = opening_find(s, s->plan, "plan");
	const struct fact *approval = NULL, *key = NULL;
	char hex[2 * KEY_ID_LEN + 1];
	const struct fact *order = NULL, *planned = NULL;
	struct approved what = { .demand = s->demand };
	scoped(buf) *text = NULL;

	if (fact_get(s, s->opened, FACT_ORDER, &order, e) < 0 ||
	    fact_get(s, s->plan, FACT_PLAN, &planned, e) < 0 ||
	    fact_get(s, s->approval, FACT_APPROVAL, &approval, e) < 0 ||
	    fact_key(s, approval->by, approval->n, &key, e) < 0)
		return e->code;
	if (!plan || approval->order != s->opened || approval->plan != s->plan ||
	    approval->n <= s->plan)
		return error_set(e, E_MISMATCH, "the approval of another plan");
	opening_commitment(plan, &what.plan);
	tree_leaf(&what.order_leaf, order->text, strlen(order->text));
	tree_leaf(&what.plan_leaf, planned->text, strlen(planned->text));
	if (buf_create(&text, 512, e) < 0 ||
	    certificate_approval_text(text, s->origin, &what, e) < 0 ||
	    sign_check(approval->signature, key->key, text->data, text->len, e) < 0 ||
	    check_approver(c, approval, key, e) < 0)
		return e->code;
	return found(c, "fact %" PRIu64 " by key %s", approval->n,
		     hex_encode(hex, approval->by, KEY_ID_LEN));
}
