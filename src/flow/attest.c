/* The attestation of a checkpoint: read, shown, said, signed, and verified before it is given out. */
#include "flow/attest.h"

#include "base/sys.h"
#include "flow/attesting.h"

void attesting_done(struct attesting *x)
{
	for (size_t i = 0; i < x->order_count; i++) {
		order_destroy(x->orders[i].o);
		json_decref(x->orders[i].made);
	}
	set_destroy(x->all);
	set_destroy(x->erased);
	set_destroy(x->named);
	set_destroy(x->absent);
	json_decref(x->corrections);
	json_decref(x->summary);
	json_decref(x->sources);
	json_decref(x->inputs);
	json_decref(x->unknown);
	json_decref(x->asserted);
	json_decref(x->signed_by_others);
	json_decref(x->not_covered);
}

/* --- what there is --- */

static int note_named(void *ctx, const struct tag *t, uint64_t pos, struct error *e)
{
	(void)t;
	return set_add(ctx, pos, e);
}

static int load_sets(struct attesting *x, struct error *e)
{
	struct repo *r = x->show.r;

	if (set_create(&x->all, e) < 0 || set_create(&x->erased, e) < 0 ||
	    set_create(&x->named, e) < 0 || stored_set_load(r, &x->m.set, x->all, e) < 0 ||
	    catalog_mark_get(r->catalog, MARK_ERASED, x->erased, e) < 0)
		return e->code;
	return catalog_each_tag(r->catalog, TAG_SUBJECT, note_named, x->named, e);
}

/* The digest of a file that is gone would answer whoever guesses it; that of an exact checkpoint is
 * salted. */
static int may_be_said(const struct model *m, struct error *e)
{
	if (m->state != MODEL_ERASED || m->exact)
		return 0;
	return error_set(e, E_NOT_FOUND, "%s is erased: the digest of its file would answer whoever "
			 "guesses it, so nothing is signed about it", m->label);
}

static int load(struct attesting *x, const char *name, struct error *e)
{
	struct repo *r = x->show.r;
	struct arena *a = x->show.a;

	if (model_named(r, a, name, &x->m, e) < 0 || may_be_said(&x->m, e) < 0 ||
	    models_all(r, a, &x->models, &x->model_count, e) < 0 ||
	    datasets_all(r, a, &x->datasets, &x->dataset_count, e) < 0 ||
	    batches_all(r, a, &x->batches, &x->batch_count, e) < 0)
		return e->code;
	x->corrections = json_array_make(e);
	return e->code ? e->code : load_sets(x, e);
}

/* --- signed, and verified --- */

static int sign_it(struct attesting *x, struct buf *out, struct error *e)
{
	struct attestation_words w = {
		.origin = x->show.r->origin, .tool = "rescind " RESCIND_VERSION,
		.issued_utc_ms = sys->now_utc_ms(), .model = x->m.fact, .absent = x->absent,
		.digest = &x->digest, .summary = x->summary, .asserted = x->asserted,
		.signed_by_others = x->signed_by_others, .not_covered = x->not_covered,
	};
	struct signing by;
	int code;

	if (showing_signing(&x->show, &by, e) < 0)
		return e->code;
	w.facts_head = by.facts_head;
	w.records_head = by.records_head;
	code = attestation_make(x->show.d, &w, by.seed, log_read, x->show.facts, out, e);
	wipe(by.seed, sizeof(by.seed));
	return code;
}

static int make(struct attesting *x, const char *name, struct buf *out, struct error *e)
{
	scoped(buf) *file = NULL;

	if (load(x, name, e) < 0 || attesting_lineage(x, e) < 0 || attesting_facts(x, e) < 0 ||
	    attesting_summary(x, e) < 0 || attesting_words(x, e) < 0 ||
	    buf_create(&file, 65536, e) < 0 || sign_it(x, file, e) < 0 || showing_check(&x->show, file, NULL, e) < 0)
		return e->code;
	return buf_put(out, file->data, file->len, e);
}

/* Under the lock, so that heads, facts and rows are of one moment. */
static int attest(struct repo *r, const char *model, struct buf *out, struct error *e)
{
	struct attesting x = { .model_count = 0 };
	int code = showing_begin(&x.show, r, e);

	if (code == 0)
		code = make(&x, model, out, e);
	attesting_done(&x);
	showing_end(&x.show);
	return code;
}

int flow_attest(struct repo *r, const char *model, struct buf *out, struct error *e)
{
	bool held = r->lock_fd >= 0;
	int code;

	if (r->witness)
		r->witness(r); /* so that the heads in it bear what they say */
	if (repo_lock(r, e) < 0)
		return e->code;
	code = attest(r, model, out, e);
	if (!held)
		repo_unlock(r);
	return code;
}
