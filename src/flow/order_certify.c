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

int certify_show(struct certifying *x, uint64_t n, struct error *e)
{
	scoped(buf) *entry = NULL;

	if (buf_create(&entry, 1024, e) < 0 || catalog_fact(x->r->catalog, n, entry, e) < 0)
		return e->code;
	return certificate_show(x->d, n, entry->data, entry->len, e);
}

int certify_field(struct certifying *x, uint64_t n, const struct fields *f, const char *name,
		  bool withhold, struct error *e)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->list[i].name, name) == 0)
			return withhold ? certificate_withhold(x->d, n, f, i, e) :
					  certificate_open(x->d, n, f, i, e);
	return error_set(e, E_FORMAT, "fact %" PRIu64 " has no field %s", n, name);
}

static int show_open(struct certifying *x, uint64_t n, const char *name, struct error *e)
{
	scoped(fields) *f = NULL;

	if (certify_show(x, n, e) < 0 || repo_private(x->r, n, &f, e) < 0)
		return e->code;
	return certify_field(x, n, f, name, false, e);
}

/* --- facts --- */

static int show_batches(struct certifying *x, struct error *e)
{
	struct batch *batches;
	size_t count;

	if (batches_all(x->r, x->a, &batches, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (certify_show(x, batches[i].fact, e) < 0)
			return e->code;
	return 0;
}

/* What names people stays with who demanded it: they have the salt, and the hash is pinned. */
static bool demand_is_personal(const json_t *demand)
{
	scoped(selector) *s = NULL;
	struct error ignored = { 0 };

	return selector_parse(&s, json_text_or(demand, "selector", ""), &ignored) < 0 ||
	       selector_is_personal(s);
}

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
	if (source_named(x->r, x->a, name, &src, e) < 0)
		return e->code;
	return show_open(x, src.fact, "name", e);
}

static int show_order(struct certifying *x, struct certify_words *w, struct error *e)
{
	const struct field *field;
	scoped(fields) *f = NULL;

	if (certify_show(x, x->o->fact, e) < 0 || repo_private(x->r, x->o->fact, &f, e) < 0)
		return e->code;
	field = fields_find(f, "demand");
	if (!field || json_parse(&w->demand, field->value->data, field->value->len, FIELD_VALUE_MAX, e) < 0)
		return e->code ? e->code : error_set(e, E_FORMAT, "an order without a demand");
	w->withheld = demand_is_personal(w->demand);
	w->opener_login = fields_number(f, "login", UINT64_MAX);
	if (set_from_text(&w->kept, fields_text(f, "kept") ? fields_text(f, "kept") : "",
			  CERTIFICATE_RUNS_MAX, e) < 0 ||
	    certify_field(x, x->o->fact, f, "id", false, e) < 0 ||
	    certify_field(x, x->o->fact, f, "demand", w->withheld, e) < 0 ||
	    certify_field(x, x->o->fact, f, "positions", false, e) < 0 ||
	    certify_field(x, x->o->fact, f, "kept", false, e) < 0 ||
	    certify_field(x, x->o->fact, f, "count", false, e) < 0)
		return e->code;
	return w->withheld ? 0 : show_source(x, json_text_or(w->demand, "selector", ""), e);
}

/* The fact that enrolled the key which said fact n. */
struct key_finding {
	const char *id;
	uint64_t fact;
	bool found;
};

static int match_key(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct key_finding *k = ctx;
	uint8_t public_key[SIGN_PUBLIC_LEN];
	scoped_json *body = NULL;
	char id[KEY_ID_MAX];

	if (json_parse(&body, t->body, strlen(t->body), CATALOG_BODY_MAX, e) < 0 ||
	    hex_decode(public_key, sizeof(public_key), json_text_or(body, "key", ""), e) < 0)
		return e->code;
	repo_key_id(id, public_key);
	if (strcmp(id, k->id) == 0) {
		k->fact = t->fact;
		k->found = true;
	}
	return 0;
}

int certify_key_of(struct certifying *x, uint64_t n, struct error *e)
{
	scoped_json *entry = NULL;
	struct key_finding k = { 0 };

	if (repo_fact(x->r, n, &entry, e) < 0)
		return e->code;
	k.id = json_text_or(entry, "by", "");
	if (catalog_each_thing(x->r->catalog, THING_KEY, UINT64_MAX, match_key, &k, e) < 0)
		return e->code;
	if (!k.found)
		return error_set(e, E_NOT_FOUND, "the key %s that said fact %" PRIu64 " is not enrolled",
				 k.id, n);
	return show_open(x, k.fact, "role", e);
}

static int show_steps(struct certifying *x, struct certify_words *w, struct error *e)
{
	for (size_t i = 0; i < x->o->step_fact_count; i++) {
		uint64_t n = x->o->step_facts[i];
		scoped(fields) *f = NULL;
		const struct field *done;
		json_t *words;

		if (certify_show(x, n, e) < 0 || repo_private(x->r, n, &f, e) < 0)
			return e->code;
		done = fields_find(f, "done");
		if (!done || json_parse(&words, done->value->data, done->value->len, FIELD_VALUE_MAX, e) < 0)
			return e->code ? e->code : error_set(e, E_FORMAT, "a step without words");
		/* Which sets it made is part of the proof. */
		if (json_object_get(words, "made") && certify_field(x, n, f, "done", false, e) < 0) {
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

	if (repo_fact(x->r, x->o->fact, &opened, e) < 0 ||
	    repo_fact(x->r, x->o->approval_fact, &approved, e) < 0)
		return e->code;
	*ret = strcmp(json_text_or(opened, "by", ""), json_text_or(approved, "by", "")) == 0;
	return 0;
}

static int show_facts(struct certifying *x, struct certify_words *w, struct error *e)
{
	const struct order *o = x->o;
	scoped(fields) *approval = NULL;

	if (certify_show(x, 0, e) < 0 || show_batches(x, e) < 0 || show_order(x, w, e) < 0 ||
	    show_open(x, o->plan_fact, "plan", e) < 0 || certify_show(x, o->approval_fact, e) < 0 ||
	    repo_private(x->r, o->approval_fact, &approval, e) < 0 ||
	    certify_key_of(x, o->fact, e) < 0 || certify_key_of(x, o->approval_fact, e) < 0)
		return e->code;
	if (same_signer(x, &w->same_key, e) < 0)
		return e->code;
	w->approver_login = fields_number(approval, "login", UINT64_MAX);
	if (fields_text(approval, "role"))
		snprintf(w->approver, sizeof(w->approver), "%s", fields_text(approval, "role"));
	return show_steps(x, w, e);
}

/* --- all of it --- */

static int read_note(struct repo *r, int log, const char **ret, struct arena *a, struct error *e)
{
	scoped(buf) *note = NULL;

	if (buf_create(&note, 512, e) < 0 || log_published(r->log_blobs[log], note, e) < 0)
		return e->code;
	*ret = arena_text(a, buf_text(note), note->len, e);
	return *ret ? 0 : e->code;
}

static int sign_it(struct certifying *x, struct certify_words *w, struct buf *out, struct error *e)
{
	const struct order *o = x->o;
	struct certificate_words c = {
		.origin = x->r->origin, .tool = "rescind " RESCIND_VERSION, .order_id = o->name,
		.issued_utc_ms = sys->now_utc_ms(), .opened = o->fact, .plan = o->plan_fact,
		.approval = o->approval_fact, .steps = o->step_facts,
		.step_count = o->step_fact_count, .positions = o->positions, .kept = w->kept,
		.summary = w->summary, .asserted = w->asserted,
		.signed_by_others = w->signed_by_others, .not_covered = w->not_covered,
		.sanitization = w->sanitization, .demand = &o->demand
	};
	uint8_t seed[SIGN_SEED_LEN];
	int code;

	if (read_note(x->r, LOG_FACTS, &c.facts_head, x->a, e) < 0 ||
	    read_note(x->r, LOG_RECORDS, &c.records_head, x->a, e) < 0 ||
	    repo_log_seed(x->r, seed, e) < 0)
		return e->code;
	code = certificate_make(x->d, &c, seed, log_read, x->facts, out, e);
	wipe(seed, sizeof(seed));
	return code;
}

static int make(struct certifying *x, struct certify_words *w, struct buf *out, struct error *e)
{
	scoped_json *plan = NULL, *places = NULL;

	if (order_plan_json(x->r, x->o, &plan, &places, e) < 0)
		return e->code;
	w->plan = plan;
	if (show_facts(x, w, e) < 0 || certify_sets(x, w, e) < 0 || certify_models(x, w, e) < 0)
		return e->code;
	if (certify_words_fill(w, x->r, x->o, e) < 0)
		return e->code;
	return sign_it(x, w, out, e);
}

int order_certify(struct repo *r, const struct order *o, struct buf *out, struct error *e)
{
	scoped(certificate_draft) *d = NULL;
	struct certifying x = { .r = r, .o = o };
	struct certify_words w = { 0 };
	scoped(arena) *a = NULL;
	scoped(log) *facts = NULL;
	int code;

	if (r->witness)
		r->witness(r); /* so that the heads in it bear what they say */
	if (arena_create(&a, e) < 0 || certificate_draft_create(&d, e) < 0 ||
	    repo_log(r, LOG_FACTS, &facts, e) < 0)
		return e->code;
	x.a = a;
	x.d = d;
	x.facts = facts;
	w.done = json_array_make(e);
	code = w.done ? make(&x, &w, out, e) : e->code;
	certify_words_done(&w);
	return code;
}
