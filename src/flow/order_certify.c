/*
 * The certificate of an order: which facts are shown, which fields opened, and what is said in
 * words. What a verifier makes of it: proof/.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/sys.h"
#include "base/text.h"
#include "flow/certifying.h"
#include "repo/select.h"

static int show_open(struct certifying *x, uint64_t n, const char *name, struct error *e)
{
	return showing_opened(&x->show, n, (const char *const[]){ name, NULL }, e);
}

/* --- facts --- */

static int show_source(struct certifying *x, const char *selector, struct error *e)
{
	scoped(selector) *s = NULL;
	struct source src;
	const char *name;

	if (selector_parse(&s, selector, e) < 0)
		return e->code;
	name = selector_only(s, "source");
	if (!name)
		return 0;
	if (source_named(x->show.r, x->show.a, name, &src, e) < 0)
		return e->code;
	return show_open(x, src.fact, "name", e);
}

static int show_order(struct certifying *x, struct certify_words *w, struct error *e)
{
	const struct field *field;
	scoped(fields) *f = NULL;

	if (showing_fact(&x->show, x->o->fact, e) < 0 || repo_private(x->show.r, x->o->fact, &f, e) < 0)
		return e->code;
	field = fields_find(f, "demand");
	if (!field || json_parse(&w->demand, field->value->data, field->value->len, FIELD_VALUE_MAX, e) < 0)
		return e->code ? e->code : error_set(e, E_FORMAT, "an order without a demand");
	w->withheld = showing_is_personal(w->demand);
	w->opener_login = fields_number(f, "login", UINT64_MAX);
	if (set_from_text(&w->kept, fields_text(f, "kept") ? fields_text(f, "kept") : "",
			  CERTIFICATE_RUNS_MAX, e) < 0 ||
	    showing_field(&x->show, x->o->fact, f, "id", false, e) < 0 ||
	    showing_field(&x->show, x->o->fact, f, "demand", w->withheld, e) < 0 ||
	    showing_field(&x->show, x->o->fact, f, "positions", false, e) < 0 ||
	    showing_field(&x->show, x->o->fact, f, "kept", false, e) < 0 ||
	    showing_field(&x->show, x->o->fact, f, "count", false, e) < 0)
		return e->code;
	return w->withheld ? 0 : show_source(x, json_text_or(w->demand, "selector", ""), e);
}

static int show_steps(struct certifying *x, struct certify_words *w, struct error *e)
{
	for (size_t i = 0; i < x->o->step_fact_count; i++) {
		uint64_t n = x->o->step_facts[i];
		scoped(fields) *f = NULL;
		const struct field *done;
		json_t *words;

		if (showing_fact(&x->show, n, e) < 0 || repo_private(x->show.r, n, &f, e) < 0)
			return e->code;
		done = fields_find(f, "done");
		if (!done || json_parse(&words, done->value->data, done->value->len, FIELD_VALUE_MAX, e) < 0)
			return e->code ? e->code : error_set(e, E_FORMAT, "a step without words");
		/* Which sets it made is part of the proof. */
		if (json_object_get(words, "made") && showing_field(&x->show, n, f, "done", false, e) < 0) {
			json_decref(words);
			return e->code;
		}
		json_add_new(w->done, words, e);
	}
	return e->code;
}

static int same_signer(struct certifying *x, bool *ret, struct error *e)
{
	scoped_json *opened = NULL, *approved = NULL;

	if (repo_fact(x->show.r, x->o->fact, &opened, e) < 0 ||
	    repo_fact(x->show.r, x->o->approval_fact, &approved, e) < 0)
		return e->code;
	*ret = strcmp(json_text_or(opened, "by", ""), json_text_or(approved, "by", "")) == 0;
	return 0;
}

static int show_facts(struct certifying *x, struct certify_words *w, struct error *e)
{
	const struct order *o = x->o;
	scoped(fields) *approval = NULL;

	if (showing_fact(&x->show, 0, e) < 0 || showing_batches(&x->show, e) < 0 || show_order(x, w, e) < 0 ||
	    show_open(x, o->plan_fact, "plan", e) < 0 || showing_fact(&x->show, o->approval_fact, e) < 0 ||
	    repo_private(x->show.r, o->approval_fact, &approval, e) < 0 ||
	    showing_key_of(&x->show, o->fact, e) < 0 || showing_key_of(&x->show, o->approval_fact, e) < 0)
		return e->code;
	if (same_signer(x, &w->same_key, e) < 0)
		return e->code;
	w->approver_login = fields_number(approval, "login", UINT64_MAX);
	if (fields_text(approval, "role"))
		snprintf(w->approver, sizeof(w->approver), "%s", fields_text(approval, "role"));
	return show_steps(x, w, e);
}

/* --- all of it --- */

static int sign_it(struct certifying *x, struct certify_words *w, struct buf *out, struct error *e)
{
	const struct order *o = x->o;
	struct certificate_words c = {
		.origin = x->show.r->origin, .tool = "rescind " RESCIND_VERSION, .order_id = o->name,
		.issued_utc_ms = sys->now_utc_ms(), .opened = o->fact, .plan = o->plan_fact,
		.approval = o->approval_fact, .steps = o->step_facts,
		.step_count = o->step_fact_count, .positions = o->positions, .kept = w->kept,
		.summary = w->summary, .asserted = w->asserted,
		.signed_by_others = w->signed_by_others, .not_covered = w->not_covered,
		.sanitization = w->sanitization, .demand = &o->demand
	};
	struct signing by;
	int code;

	if (showing_signing(&x->show, &by, e) < 0)
		return e->code;
	c.facts_head = by.facts_head;
	c.records_head = by.records_head;
	code = certificate_make(x->show.d, &c, by.seed, log_read, x->show.facts, out, e);
	wipe(by.seed, sizeof(by.seed));
	return code;
}

static int make(struct certifying *x, struct certify_words *w, struct buf *out, struct error *e)
{
	scoped_json *plan = NULL, *places = NULL;

	if (order_plan_json(x->show.r, x->o, &plan, &places, e) < 0)
		return e->code;
	w->plan = plan;
	if (show_facts(x, w, e) < 0 || certify_sets(x, w, e) < 0 || certify_models(x, w, e) < 0)
		return e->code;
	if (certify_words_fill(w, x->show.r, x->o, e) < 0)
		return e->code;
	if (sign_it(x, w, out, e) < 0)
		return e->code;
	return showing_check(&x->show, out, &x->o->demand, e);
}

int order_certify(struct repo *r, const struct order *o, struct buf *out, struct error *e)
{
	struct certifying x = { .o = o };
	struct certify_words w = { 0 };
	int code;

	if (r->witness)
		r->witness(r); /* so that the heads in it bear what they say */
	w.done = json_array_make(e);
	code = w.done ? showing_begin(&x.show, r, e) : e->code;
	if (code == 0)
		code = make(&x, &w, out, e);
	certify_words_done(&w);
	showing_end(&x.show);
	return code;
}
