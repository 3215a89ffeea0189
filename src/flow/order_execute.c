/*
 * An approved plan is carried out, step by step: intent committed, effect, a second look, fact.
 * The lock is held throughout, so nothing comes between. Killed anywhere, the same command goes
 * on with the first step that is not done: every effect may be repeated.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/sys.h"
#include "base/text.h"
#include "flow/exact.h"
#include "flow/order_run.h"
#include "flow/parts.h"
#include "flow/sanitization_form.h"
#include "proof/certificate.h"
#include "repo/successor.h"
#include "vault/keyring.h"

/* --- steps --- */

static int step_state(struct run *x, size_t i, uint8_t *ret, struct error *e)
{
	struct catalog_thing t;

	if (catalog_thing(x->r->catalog, x->a, THING_STEP, x->o->id * ORDER_STEPS_MAX + i + 1, &t, e) < 0)
		return e->code;
	*ret = t.state;
	return 0;
}

/* The row's last error stays until the step is done (fold_step); why NULL: none is added. */
static int set_step_state(struct run *x, size_t i, uint8_t state, const char *why, struct error *e)
{
	scoped(buf) *text = NULL;
	scoped_json *body = NULL;
	struct catalog_thing t;

	if (catalog_thing(x->r->catalog, x->a, THING_STEP, x->o->id * ORDER_STEPS_MAX + i + 1, &t, e) < 0)
		return e->code;
	if (t.state == STEP_DONE)
		return 0; /* its fact is committed: what failed came after that */
	t.state = state;
	if (!why)
		return catalog_put_thing(x->r->catalog, &t, e);
	if (json_parse(&body, t.body, strlen(t.body), CATALOG_BODY_MAX, e) < 0)
		return e->code;
	json_set_new(body, "error", json_text_lossy(why, strlen(why), e), e);
	if (e->code || buf_create(&text, 512, e) < 0 || json_put(body, text, e) < 0)
		return e->code;
	t.body = buf_text(text);
	return catalog_put_thing(x->r->catalog, &t, e);
}

static int set_step_states(struct run *x, size_t first, size_t last, uint8_t state,
			   const char *why, struct error *e)
{
	if (catalog_begin(x->r->catalog, e) < 0)
		return e->code;
	for (size_t i = first; i <= last; i++)
		if (set_step_state(x, i, state, why, e) < 0) {
			catalog_rollback(x->r->catalog);
			return e->code;
		}
	return catalog_commit(x->r->catalog, e);
}

/* One transaction: these steps are about to be tried. */
int run_intend(struct run *x, size_t first, size_t last, struct error *e)
{
	if (set_step_states(x, first, last, STEP_INTENT, NULL, e) < 0)
		return e->code;
	FAULT(order_step_intent);
	return 0;
}

const char *run_step_do(const struct run *x, size_t i)
{
	return json_text_or(json_array_get(x->steps, i), "do", "");
}

/* The fact that steps first to last (from 0) are done, in an open change; done is taken. */
int run_note(struct run *x, struct change *c, size_t first, size_t last, json_t *done,
	     struct error *e)
{
	scoped_json *words = done, *public = json_object_make(e);
	json_t *range = json_array_make(e);
	scoped(fields) *f = NULL;
	uint64_t n;

	if (!public || !words)
		return e->code;
	json_add_new(range, json_integer((json_int_t)first + 1), e);
	json_add_new(range, json_integer((json_int_t)last + 1), e);
	json_set_new(public, "steps", range, e);
	json_set_number(public, "order", x->o->fact, e);
	json_set_number(public, "epoch", keyring_epoch(x->r->keyring), e);
	if (e->code || fields_create(&f, e) < 0 || parts_add_json(f, "done", words, e) < 0)
		return e->code;
	return change_fact(c, "step", give(public), f, &n, e);
}

/* --- all of them --- */

static const struct {
	const char *what;
	int (*run)(struct run *x, size_t first, size_t last, struct error *e);
	bool alone; /* each is a fact of its own, since one may fail and the next not */
} doers[] = {
	{ "stop", run_stops, true },	 { "erase", run_erasures, true },
	{ "withdraw", run_withdrawals, false }, { "subset", run_subsets, false },
	{ "unlearn", run_unlearn, false },	{ "delete", run_deletes, false },
	{ "destroy", run_destroy, false },	{ "search", run_search, false },
};

static int do_group(struct run *x, size_t first, size_t last, struct error *e)
{
	for (size_t i = 0; i < COUNT_OF(doers); i++)
		if (strcmp(doers[i].what, run_step_do(x, first)) == 0)
			return doers[i].run(x, first, last, e);
	return error_set(e, E_FORMAT, "step %zu is of a kind that this program does not know", first + 1);
}

static bool goes_alone(const struct run *x, size_t i)
{
	for (size_t k = 0; k < COUNT_OF(doers); k++)
		if (strcmp(doers[k].what, run_step_do(x, i)) == 0)
			return doers[k].alone;
	return false;
}

/* Consecutive steps of a kind that are left go together. */
static int last_of_group(struct run *x, size_t i, size_t *ret, struct error *e)
{
	size_t count = json_array_size(x->steps);
	uint8_t state = STEP_LEFT;

	for (*ret = i; !goes_alone(x, i) && *ret + 1 < count; ++*ret) {
		if (strcmp(run_step_do(x, *ret + 1), run_step_do(x, i)) != 0)
			return 0;
		if (step_state(x, *ret + 1, &state, e) < 0 || state == STEP_DONE)
			return e->code;
	}
	return 0;
}

/* A step that failed is marked so, told, and may be tried again by the same command. */
static int mark_failed(struct run *x, struct error *e)
{
	struct error why = *e;

	error_clear(e);
	repo_tell(x->r, "%s", why.text);
	return set_step_states(x, x->failed_first, x->failed_last, STEP_FAILED, why.text, e);
}

/* What failed outside of the house is put off; all else ends it. */
static int do_steps(struct run *x, struct error *e)
{
	size_t count = json_array_size(x->steps), failed = 0, first = 0;
	struct error why = { 0 };

	for (size_t i = 0, last; i < count; i = last + 1) {
		uint8_t state = STEP_DONE;

		last = i;
		if (step_state(x, i, &state, e) < 0)
			return e->code;
		if (state == STEP_DONE)
			continue;
		if (last_of_group(x, i, &last, e) < 0 || task_check(x->r->task, e) < 0)
			return e->code;
		x->failed_first = i;
		x->failed_last = last;
		x->others_go_on = false;
		if (do_group(x, i, last, e) == 0)
			continue;
		if (!x->others_go_on)
			return e->code;
		if (failed++ == 0) {
			first = i + 1;
			why = *e;
		}
		if (mark_failed(x, e) < 0)
			return e->code;
	}
	x->failed_last = SIZE_MAX;
	if (failed > 0)
		return error_set(e, E_PARTIAL, "step %zu failed%s: %.300s", first,
				 failed > 1 ? ", and others" : "", why.text);
	return 0;
}

/* The statement is sealed and noted in one change; an order is certified by it. */
static int certify(struct run *x, struct error *e)
{
	scoped_json *public = json_object_make(e);
	scoped(buf) *file = NULL;
	scoped(change) *c = NULL;
	scoped(fields) *f = NULL;
	scoped(order) *now = NULL;
	uint8_t long_digest[64];
	struct hash digest;
	uint64_t n;

	if (!public || buf_create(&file, 65536, e) < 0 || order_load(x->r, x->o->name, &now, e) < 0 ||
	    order_certify(x->r, now, file, e) < 0 || change_begin(&c, x->r, e) < 0 ||
	    change_object(c, OBJECT_STATEMENT, x->o->fact, 0, file->data, file->len, e) < 0)
		return error_wrap(e, "certificate");
	FAULT(certificate_written);
	hash_bytes(&digest, file->data, file->len);
	hash512_bytes(long_digest, file->data, file->len);
	json_set_number(public, "order", x->o->fact, e);
	if (e->code || fields_create(&f, e) < 0 ||
	    fields_add(f, "sha256", digest.b, HASH_LEN, e) < 0 ||
	    fields_add(f, "sha512", long_digest, sizeof(long_digest), e) < 0 ||
	    change_fact(c, "certified", give(public), f, &n, e) < 0)
		return e->code;
	return change_commit(c, e);
}

/* --- proving --- */

static json_t *row_of(json_t *rows, uint64_t fact)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
		if (json_number_or(row, "fact", 0) == fact)
			return row;
	return NULL;
}

static int prove_one(struct run *x, const struct model *m, struct error *e)
{
	json_t *row = row_of(x->made, m->fact);
	scoped_json *proof = NULL;

	if (row && json_object_get(row, "reproduced"))
		return 0; /* another order of the batch made it too */
	if (flow_model_prove(x->r, m->label, &proof, e) < 0)
		return e->code;
	if (!row) {
		row = json_object_make(e);
		json_set_number(row, "fact", m->fact, e);
		json_add_new(x->made, row, e);
	}
	json_set_bool(row, "reproduced", true, e);
	json_set_number(row, "prove_milliseconds", json_number_or(proof, "milliseconds", 0), e);
	return e->code;
}

/* Each checkpoint that was made is trained again. One that a later order replaced is not. */
static int prove_all(struct run *x, struct error *e)
{
	x->models = NULL;
	for (size_t i = 0; i < json_array_size(x->steps); i++) {
		struct unlearned u;
		struct model m;

		if (strcmp(run_step_do(x, i), "unlearn") != 0)
			continue;
		if (order_unlearned(x->r, x->o, i, &u, e) < 0)
			return e->code;
		if (u.made == 0)
			continue;
		if (run_model_of_fact(x, u.made, &m, e) < 0 ||
		    (m.state == MODEL_LIVE && prove_one(x, &m, e) < 0))
			return e->code;
	}
	return 0;
}

/* Other bytes were found, and until they are the same nothing is certified. It is in the order's row. */
static int set_unproved(struct run *x, bool is, struct error *e)
{
	scoped(buf) *text = NULL;
	scoped_json *body = NULL;
	struct catalog_thing t;

	if (catalog_thing(x->r->catalog, x->a, THING_ORDER, x->o->id, &t, e) < 0 ||
	    json_parse(&body, t.body, strlen(t.body), CATALOG_BODY_MAX, e) < 0)
		return e->code;
	json_set_bool(body, "unproved", is, e);
	if (e->code || buf_create(&text, 1024, e) < 0 || json_put(body, text, e) < 0 ||
	    catalog_begin(x->r->catalog, e) < 0)
		return e->code;
	t.body = buf_text(text);
	if (catalog_put_thing(x->r->catalog, &t, e) == 0)
		return catalog_commit(x->r->catalog, e);
	catalog_rollback(x->r->catalog);
	return e->code;
}

/* A difference is no failed step: all were done. It is told, and nothing is certified. */
static int prove(struct run *x, struct error *e)
{
	struct error why;

	if (prove_all(x, e) == 0)
		return x->o->unproved ? set_unproved(x, false, e) : 0;
	if (e->code != E_MISMATCH)
		return error_wrap(e, "--prove");
	why = *e;
	error_clear(e);
	repo_tell(x->r, "no certificate: %s", why.text);
	if (set_unproved(x, true, e) < 0)
		return e->code;
	return error_set(e, E_PARTIAL, "no certificate: %.400s", why.text);
}

/* --- all of it --- */

static int run_all(struct run *x, bool proved, struct error *e)
{
	scoped_json *plan = NULL, *places = NULL;

	if (order_plan_json(x->r, x->o, &plan, &places, e) < 0)
		return e->code;
	x->steps = json_object_get(plan, "steps");
	x->places = places;
	x->failed_last = SIZE_MAX;
	if (do_steps(x, e) < 0 || (proved && prove(x, e) < 0))
		return e->code;
	if (x->o->unproved && !proved)
		return error_set(e, E_PARTIAL,
				 "no certificate: --prove found other weights or sums, and has to find the same (rescind order execute %s --prove)",
				 x->o->name);
	return certify(x, e);
}

/* The others are left as they are, for the same command to go on with. */
static int end_failed(struct run *x, struct error *e)
{
	struct error why = *e, second = why;
	uint8_t state = STEP_FAILED;

	if (why.code == E_CANCELLED) {
		repo_tell(x->r, "%s", why.text);
		return why.code;
	}
	if (mark_failed(x, &second) < 0 || step_state(x, x->failed_first, &state, &second) < 0)
		repo_tell(x->r, "%s", second.text);
	if (state == STEP_DONE)
		return why.code;
	return error_set(e, E_PARTIAL, "step %zu failed: %.300s", x->failed_first + 1, why.text);
}

/* As it is now: the order may have been marked as begun, or carried on, since it was loaded. */
static int carry_out(struct run *x, const char *name, bool proved, struct error *e)
{
	scoped(order) *o = NULL;
	int code;

	if (order_load(x->r, name, &o, e) < 0)
		return e->code;
	x->o = o;
	x->models = NULL;
	code = run_all(x, proved, e);
	if (code < 0 && x->failed_last != SIZE_MAX)
		code = end_failed(x, e);
	x->o = NULL;
	return code;
}

/* Each to its certificate in turn; one that failed in part does not keep the others from theirs. */
static int carry_out_all(struct run *x, const struct party *p, bool proved, struct error *e)
{
	for (size_t i = 0; i < p->count; i++) {
		struct error own = { 0 };

		if (p->list[i]->state == ORDER_CERTIFIED ||
		    carry_out(x, p->list[i]->name, proved, &own) == 0)
			continue;
		if (e->code == 0 || own.code != E_PARTIAL)
			*e = own;
		if (own.code != E_PARTIAL)
			break;
	}
	return e->code;
}

/* --- the answer --- */

static int add_weights(struct repo *r, json_t *row, struct error *e)
{
	uint64_t fact = json_number_or(row, "fact", 0);
	scoped(buf) *bytes = NULL;
	struct hash digest;

	if (fact == 0 || json_object_get(row, "weights_after"))
		return 0;
	if (buf_create(&bytes, 4096, e) < 0)
		return e->code;
	if (exact_bytes(r, fact, EXACT_WEIGHTS, bytes, e) < 0) {
		if (e->code == E_NOT_FOUND)
			error_clear(e); /* a later order took it back */
		return e->code;
	}
	hash_bytes(&digest, bytes->data, bytes->len);
	json_set_hash(row, "weights_after", &digest, e);
	return e->code;
}

static int answer(struct repo *r, const char *id, json_t *made, const struct party *p, json_t **ret,
		  struct error *e)
{
	scoped(order) *now = NULL;
	json_t *row, *list = NULL;
	size_t i;

	if (order_load(r, id, &now, e) < 0 ||
	    order_document_at(r, now, sys->now_utc_ms(), ret, e) < 0)
		return e->code;
	json_array_foreach(json_object_get(*ret, "models"), i, row) {
		json_t *more = row_of(made, json_number_or(row, "fact", 0));

		if (more && json_object_update(row, more) < 0)
			return error_set(e, E_MEMORY, "out of memory");
		if (add_weights(r, row, e) < 0)
			return e->code;
	}
	if (p && (list = json_array_make(e)))
		for (i = 0; i < p->count; i++)
			json_add_new(list, json_string(p->list[i]->name), e);
	if (list)
		json_set_new(*ret, "batch", list, e);
	return e->code;
}

static int execute(struct repo *r, struct arena *a, struct order *first,
		   const struct execute_words *w, struct party *p, json_t *made, struct error *e)
{
	struct run x = { .r = r, .a = a, .made = made };
	int code = party_make(p, r, a, first, w->batch, e);

	x.taken = p->taken;
	return code < 0 ? code : carry_out_all(&x, p, w->prove, e);
}

int flow_order_execute(struct repo *r, const char *id, const struct execute_words *w, json_t **ret,
		       struct error *e)
{
	static const struct execute_words neither = { 0 };
	scoped_json *made = json_array_make(e), *form = NULL;
	struct error after = { 0 };
	struct party p = { 0 };
	scoped(order) *o = NULL;
	scoped(arena) *a = NULL;
	int code;

	w = w ? w : &neither;
	if (!made || arena_create(&a, e) < 0 || repo_lock(r, e) < 0 || order_load(r, id, &o, e) < 0)
		return e->code;
	if (o->state == ORDER_CERTIFIED && !w->batch)
		return answer(r, id, made, NULL, ret, e);
	/* What the certificate could not be made of is better known before anything is destroyed. */
	if (sanitization_form_load(r, &form, e) < 0)
		return e->code;
	code = execute(r, a, give(o), w, &p, made, e);
	if (code == 0 || code == E_PARTIAL || code == E_DENIED)
		if (answer(r, id, made, w->batch && code != E_DENIED ? &p : NULL, ret, &after) < 0) {
			*e = after;
			code = after.code;
		}
	party_done(&p);
	return code;
}

int flow_certificate(struct repo *r, const char *id, struct buf *out, struct error *e)
{
	struct catalog_object at;
	scoped(order) *o = NULL;
	scoped(arena) *a = NULL;
	uint8_t key[SEAL_KEY_LEN];
	const char *vkey = NULL;
	int code;

	if (order_load(r, id, &o, e) < 0)
		return e->code;
	if (catalog_object(r->catalog, OBJECT_STATEMENT, o->fact, 0, &at, e) < 0)
		return e->code == E_NOT_FOUND ?
			       error_set(e, E_NOT_FOUND, o->state == ORDER_REFUSED ?
					 "%s is %s, so it has no certificate (rescind order status %s)" :
					 "%s is %s, so it has no certificate yet (rescind order status %s)",
					 o->name, order_state_name(o->state), o->name) :
			       e->code;
	if (keyring_key(r->keyring, at.slot, key, e) < 0)
		return e->code;
	code = vault_get(r->vault, &at.at, OBJECT_STATEMENT, at.slot, o->fact, key, out, e);
	wipe(key, sizeof(key));
	if (code < 0 || o->certified_fact == 0 || arena_create(&a, e) < 0 ||
	    successors_vkey(r, o->certified_fact, a, &vkey, e) < 0)
		return e->code;
	if (vkey)
		repo_tell(r, "%s was certified by the log before this one: it is verified with that one's key, %s",
			  o->name, vkey);
	return 0;
}
