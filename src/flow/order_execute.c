/*
 * An approved plan is carried out, step by step: intent committed, effect, a second look, fact.
 * The lock is held throughout, so nothing comes between. Killed anywhere, the same command goes
 * on with the first step that is not done: every effect may be repeated.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/text.h"
#include "flow/order_places.h"
#include "flow/order_run.h"
#include "flow/parts.h"
#include "proof/certificate.h"
#include "repo/never.h"
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

static int set_step_state(struct run *x, size_t i, uint8_t state, struct error *e)
{
	struct catalog_thing t;

	if (catalog_thing(x->r->catalog, x->a, THING_STEP, x->o->id * ORDER_STEPS_MAX + i + 1, &t, e) < 0)
		return e->code;
	t.state = state;
	return catalog_put_thing(x->r->catalog, &t, e);
}

/* One transaction: these steps are about to be tried. */
int run_intend(struct run *x, size_t first, size_t last, uint8_t state, struct error *e)
{
	if (catalog_begin(x->r->catalog, e) < 0)
		return e->code;
	for (size_t i = first; i <= last; i++)
		if (set_step_state(x, i, state, e) < 0) {
			catalog_rollback(x->r->catalog);
			return e->code;
		}
	if (catalog_commit(x->r->catalog, e) < 0)
		return e->code;
	if (state == STEP_INTENT)
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

/* --- subset --- */

/* The datasets of steps first to last and what is left of each. Sets are owned. */
struct subsets {
	struct dataset *datasets;
	struct set **left;
	size_t count;
};

static void subsets_done(struct subsets *x)
{
	for (size_t i = 0; i < x->count; i++)
		set_destroy(x->left[i]);
}

static int find_dataset(const struct dataset *all, size_t count, uint64_t fact,
			struct dataset *ret, struct error *e)
{
	for (size_t i = 0; i < count; i++)
		if (all[i].fact == fact) {
			*ret = all[i];
			return 0;
		}
	return error_set(e, E_NOT_FOUND, "the dataset of a step is not there");
}

static int load_subsets(struct run *x, size_t first, size_t last, struct subsets *ret,
			struct error *e)
{
	size_t count, wanted = last - first + 1;
	struct dataset *all;

	ret->datasets = arena_alloc(x->a, wanted * sizeof(*ret->datasets), e);
	ret->left = arena_alloc(x->a, wanted * sizeof(*ret->left), e);
	if (!ret->datasets || !ret->left || datasets_all(x->r, x->a, &all, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < wanted; i++) {
		uint64_t fact = json_number_or(json_array_get(x->steps, first + i), "fact", 0);

		if (find_dataset(all, count, fact, &ret->datasets[i], e) < 0 ||
		    dataset_without(x->r, &ret->datasets[i], x->o->positions, &ret->left[i], e) < 0)
			return e->code;
		ret->count++;
	}
	return 0;
}

/* Their next versions, and one fact for all of them: `made` has the fact of each, in order. */
static int put_subsets(struct run *x, struct change *c, size_t first, struct subsets *s,
		       struct error *e)
{
	scoped_json *done = json_object_make(e);
	json_t *made = json_array_make(e);
	uint64_t fact, version;

	json_set_new(done, "made", made, e);
	if (e->code || change_prepare_sets(c, s->left, s->count, change_positions(c), e) < 0)
		return e->code;
	for (size_t i = 0; i < s->count; i++) {
		if (dataset_next(c, x->r, &s->datasets[i], s->left[i], x->o->name, &fact, &version, e) < 0)
			return e->code;
		json_add_new(made, json_integer((json_int_t)fact), e);
	}
	return e->code ? e->code : run_note(x, c, first, first + s->count - 1, give(done), e);
}

static int do_subsets(struct run *x, size_t first, size_t last, struct error *e)
{
	struct subsets s = { 0 };
	scoped(change) *c = NULL;
	int code = run_intend(x, first, last, STEP_INTENT, e);

	if (code == 0)
		code = change_begin(&c, x->r, e);
	if (code == 0)
		FAULT(order_step_effect);
	if (code == 0)
		code = load_subsets(x, first, last, &s, e);
	if (code == 0)
		code = put_subsets(x, c, first, &s, e);
	if (code == 0)
		code = change_commit(c, e);
	subsets_done(&s);
	if (code == 0)
		FAULT(order_step_noted);
	return code;
}

/* --- withdraw --- */

int run_model_of_step(struct run *x, size_t i, struct model *ret, struct error *e)
{
	uint64_t fact = json_number_or(json_array_get(x->steps, i), "fact", 0);

	if (!x->models && models_all(x->r, x->a, &x->models, &x->model_count, e) < 0)
		return e->code;
	for (size_t m = 0; m < x->model_count; m++)
		if (x->models[m].fact == fact) {
			*ret = x->models[m];
			return 0;
		}
	return error_set(e, E_NOT_FOUND, "the checkpoint of step %zu is not there", i + 1);
}

/* The files of a checkpoint where it was added from. */
static int remove_checkpoint(struct run *x, const struct model *m, struct error *e)
{
	scoped(fields) *f = NULL;
	scoped_json *files = NULL;
	const struct field *list;
	const char *at;
	json_t *file;
	size_t i;

	if (repo_private(x->r, m->fact, &f, e) < 0)
		return e->code;
	at = fields_text(f, "at");
	list = fields_find(f, "files");
	if (!at || !list || json_parse(&files, list->value->data, list->value->len, FIELD_VALUE_MAX, e) < 0)
		return e->code ? e->code : error_set(e, E_FORMAT, "a checkpoint without its files");
	json_array_foreach(files, i, file) {
		scoped(buf) *name = NULL;
		char path[PATH_LEN_MAX];
		struct hash digest;
		bool gone, other;

		if (json_get_bytes64(file, "path", &name, e) < 0 ||
		    json_get_hash(file, "sha256", &digest, e) < 0)
			return e->code;
		if (name->len > 0 ? path_join(path, at, buf_text(name), e) < 0 :
				    snprintf(path, sizeof(path), "%s", at) >= (int)sizeof(path))
			return error_set(e, E_RANGE, "a path that is too long");
		if (remove_file(path, &digest, &gone, &other, e) < 0)
			return e->code;
		x->files_gone += gone;
		x->files_other += other;
		if (!gone && !other)
			return error_set(e, E_IO, "%.200s is still there", path);
	}
	return 0;
}

static json_t *files_done(const struct run *x, struct error *e)
{
	json_t *done = json_object_make(e);

	if (done) {
		json_set_number(done, "files_gone", x->files_gone, e);
		json_set_number(done, "other_files_left", x->files_other, e);
	}
	return done;
}

static int do_withdrawals(struct run *x, size_t first, size_t last, struct error *e)
{
	scoped(change) *c = NULL;
	struct model m;

	if (run_intend(x, first, last, STEP_INTENT, e) < 0)
		return e->code;
	x->files_gone = x->files_other = 0;
	for (size_t i = first; i <= last; i++)
		if (run_model_of_step(x, i, &m, e) < 0 || remove_checkpoint(x, &m, e) < 0)
			return error_wrap(e, "step %zu", i + 1);
	FAULT(order_step_effect);
	if (change_begin(&c, x->r, e) < 0)
		return e->code;
	for (size_t i = first; i <= last; i++) {
		if (run_model_of_step(x, i, &m, e) < 0)
			return e->code;
		if (m.state == MODEL_LIVE &&
		    model_set_state(c, &m, MODEL_WITHDRAWN, "order", x->o->name, e) < 0)
			return e->code;
	}
	if (run_note(x, c, first, last, files_done(x, e), e) < 0 || change_commit(c, e) < 0)
		return e->code;
	FAULT(order_step_noted);
	return 0;
}

/* --- delete: files in place --- */

struct deleting {
	struct run *x;
	const char *folder; /* escaped, as in the plan's places */
	char path[PATH_LEN_MAX], shown[PATH_LEN_MAX];
};

static int delete_place(void *ctx, const struct found_at *f, struct error *e)
{
	struct deleting *d = ctx;
	bool gone, other;

	if (!f->in_place || strcmp(path_escape(d->shown, sizeof(d->shown), f->origin), d->folder) != 0)
		return 0;
	if (path_join(d->path, f->origin, f->path, e) < 0 ||
	    remove_file(d->path, &f->content, &gone, &other, e) < 0)
		return e->code;
	d->x->files_gone += gone;
	d->x->files_other += other;
	return gone || other ? 0 : error_set(e, E_IO, "a file in %.200s is still there", d->shown);
}

/* The name of the folder that the step's target ends with: "12 files in folder 2". */
static const char *folder_of(const struct run *x, size_t i)
{
	const char *target = json_text_or(json_array_get(x->steps, i), "target", "");
	const char *number = strrchr(target, ' ');
	size_t n = number ? strtoull(number + 1, NULL, 10) : 0;
	const char *name = n ? json_string_value(json_array_get(x->places, n - 1)) : NULL;

	return name ? name : "";
}

static int do_deletes(struct run *x, size_t first, size_t last, struct error *e)
{
	scoped(change) *c = NULL;

	if (run_intend(x, first, last, STEP_INTENT, e) < 0)
		return e->code;
	x->files_gone = x->files_other = 0;
	for (size_t i = first; i <= last; i++) {
		struct deleting d = { .x = x };

		d.folder = folder_of(x, i);
		if (each_place(x->r, x->o->positions, delete_place, &d, e) < 0)
			return error_wrap(e, "step %zu", i + 1);
	}
	FAULT(order_step_effect);
	if (change_begin(&c, x->r, e) < 0 ||
	    run_note(x, c, first, last, files_done(x, e), e) < 0 || change_commit(c, e) < 0)
		return e->code;
	FAULT(order_step_noted);
	return 0;
}

/* --- all of them --- */

static const struct {
	const char *what;
	int (*run)(struct run *x, size_t first, size_t last, struct error *e);
} doers[] = {
	{ "stop", run_stops },		{ "erase", run_erasures },
	{ "withdraw", do_withdrawals }, { "subset", do_subsets }, { "delete", do_deletes },
	{ "destroy", run_destroy },	{ "search", run_search },
};

static int do_group(struct run *x, size_t first, size_t last, struct error *e)
{
	for (size_t i = 0; i < COUNT_OF(doers); i++)
		if (strcmp(doers[i].what, run_step_do(x, first)) == 0)
			return doers[i].run(x, first, last, e);
	return error_set(e, E_FORMAT, "step %zu is of a kind that this program does not know", first + 1);
}

/* Consecutive steps of a kind that are left go together. */
static int do_steps(struct run *x, struct error *e)
{
	size_t count = json_array_size(x->steps);

	for (size_t i = 0, last; i < count; i = last + 1) {
		uint8_t state = STEP_DONE;

		last = i;
		if (step_state(x, i, &state, e) < 0)
			return e->code;
		if (state == STEP_DONE)
			continue;
		while (last + 1 < count && strcmp(run_step_do(x, last + 1), run_step_do(x, i)) == 0 &&
		       step_state(x, last + 1, &state, e) == 0 && state != STEP_DONE)
			last++;
		if (e->code || task_check(x->r->task, e) < 0)
			return e->code;
		x->failed_first = i;
		x->failed_last = last;
		if (do_group(x, i, last, e) < 0)
			return e->code;
	}
	x->failed_last = SIZE_MAX;
	return 0;
}

static int check_state(struct repo *r, const struct order *o, struct error *e)
{
	bool holds;

	if (o->state == ORDER_EXECUTING)
		return 0;
	if (o->state != ORDER_APPROVED)
		return error_set(e, E_CONFLICT, "%s is %s, not approved (rescind order approve %s PLAN)",
				 o->name, order_state_name(o->state), o->name);
	if (order_plan_holds(r, o, &holds, e) < 0)
		return e->code;
	return holds ? 0 :
		       error_set(e, E_CONFLICT,
				 "the repository changed and so would the plan: ask for a new one (rescind order plan %s)",
				 o->name);
}

/* What does not hold for a stranger is not issued. */
static int check_certificate(struct run *x, const struct buf *file, struct error *e)
{
	scoped(verdict) *v = NULL;
	scoped(arena) *a = NULL;
	struct verify_pins pins = { .order = &x->o->demand };

	if (arena_create(&a, e) < 0)
		return e->code;
	pins.vkey = repo_vkey(x->r, LOG_FACTS, a, e);
	if (!pins.vkey || certificate_verify(&v, file->data, file->len, &pins, e) < 0)
		return e->code;
	for (size_t i = 0; i < v->count; i++)
		if (!v->check[i].ok)
			return error_set(e, E_MISMATCH, "it would not verify: %s: %s", v->check[i].name,
					 v->check[i].detail);
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
	    order_certify(x->r, now, file, e) < 0 || check_certificate(x, file, e) < 0 ||
	    change_begin(&c, x->r, e) < 0 ||
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

static int run_all(struct run *x, struct error *e)
{
	scoped_json *plan = NULL, *places = NULL;

	if (order_plan_json(x->r, x->o, &plan, &places, e) < 0)
		return e->code;
	x->steps = json_object_get(plan, "steps");
	x->places = places;
	x->failed_last = SIZE_MAX;
	if (do_steps(x, e) == 0)
		return certify(x, e);
	return e->code;
}

/* A step that failed is marked so, told, and may be tried again by the same command. */
static int mark_failed(struct run *x, struct error *e)
{
	struct error why = *e, second = { 0 };
	scoped_json *plan = NULL, *places = NULL;

	repo_tell(x->r, "%s", why.text);
	if (why.code == E_CANCELLED || order_plan_json(x->r, x->o, &plan, &places, &second) < 0)
		return why.code;
	x->steps = json_object_get(plan, "steps");
	if (run_intend(x, x->failed_first, x->failed_last, STEP_FAILED, &second) < 0)
		repo_tell(x->r, "%s", second.text);
	return error_set(e, E_PARTIAL, "step %zu failed: %.300s", x->failed_first + 1, why.text);
}

int flow_order_execute(struct repo *r, const char *id, json_t **ret, struct error *e)
{
	scoped(order) *o = NULL, *now = NULL;
	scoped(arena) *a = NULL;
	struct run x = { .r = r };
	struct error after = { 0 };
	int code;

	if (arena_create(&a, e) < 0 || repo_lock(r, e) < 0 || order_load(r, id, &o, e) < 0)
		return e->code;
	x.o = o;
	x.a = a;
	if (o->state == ORDER_CERTIFIED)
		return order_document(r, o, ret, e);
	if (check_state(r, o, e) < 0)
		return e->code;
	code = run_all(&x, e);
	if (code < 0 && x.failed_last != SIZE_MAX)
		code = mark_failed(&x, e);
	if (code < 0 && code != E_PARTIAL)
		return code;
	if (order_load(r, id, &now, &after) < 0 || order_document(r, now, ret, &after) < 0) {
		*e = after;
		return after.code;
	}
	return code;
}

int flow_certificate(struct repo *r, const char *id, struct buf *out, struct error *e)
{
	struct catalog_object at;
	scoped(order) *o = NULL;
	uint8_t key[SEAL_KEY_LEN];
	int code;

	if (order_load(r, id, &o, e) < 0)
		return e->code;
	if (catalog_object(r->catalog, OBJECT_STATEMENT, o->fact, 0, &at, e) < 0)
		return e->code == E_NOT_FOUND ?
			       error_set(e, E_NOT_FOUND, "%s is %s, so it has no certificate yet", o->name,
					 order_state_name(o->state)) :
			       e->code;
	if (keyring_key(r->keyring, at.slot, key, e) < 0)
		return e->code;
	code = vault_get(r->vault, &at.at, OBJECT_STATEMENT, at.slot, o->fact, key, out, e);
	wipe(key, sizeof(key));
	return code;
}
