/* The door of training: every record is decided again, and one that is denied shuts it. */
#include <inttypes.h>

#include "base/sys.h"
#include "base/text.h"
#include "flow/exact.h"
#include "flow/parts.h"

enum { TARGET_MAX = 255 };

/* What is being trained. */
struct training {
	struct repo *r;
	const struct train_words *w;
	struct recipe how;
	struct dataset d;
	struct set *all, *used; /* of the dataset; of these, what could be used */
	struct sums *sums;
	struct gathered got;
	uint64_t begun_us;
};

/* --- what was asked for --- */

static int read_lambda(const char *text, int64_t *ret, struct error *e)
{
	uint64_t v;

	if (!text)
		return 0;
	if (number_parse(&v, text, strlen(text), e) < 0 || v < 1 || v > (uint64_t)LEARN_LAMBDA_MAX)
		return error_set(e, E_USAGE, "--lambda is a whole number from 1 to %" PRId64,
				 LEARN_LAMBDA_MAX);
	*ret = (int64_t)v;
	return 0;
}

static int read_words(struct training *t, struct arena *a, struct error *e)
{
	const char *features = t->w->features ? t->w->features : features_default();
	const char *target = t->w->target;
	scoped(features) *f = NULL;

	if (parts_name("model", t->w->model, e) < 0 ||
	    read_lambda(t->w->lambda, &t->how.lambda, e) < 0)
		return e->code;
	if (!*target || strlen(target) > TARGET_MAX || !utf8_valid(target, strlen(target)))
		return error_set(e, E_USAGE, "--target is the key of an attribute, 1 to %d bytes of UTF-8",
				 TARGET_MAX);
	if (features_create(&f, features, e) < 0)
		return e->code == E_NOT_FOUND ? error_set(e, E_USAGE, "no features \"%.100s\" (%s, %s)",
							  features, features_rule(0), features_rule(1)) :
						e->code;
	t->how.target = target;
	t->how.numbers = t->w->numbers;
	t->how.features = arena_text(a, features_name(f), strlen(features_name(f)), e);
	return t->how.features ? 0 : e->code;
}

/* --- the decision --- */

static int deny(const struct set_decision *d, json_t **ret, struct error *e)
{
	json_t *doc = *ret = json_object_make(e);
	reasons why = 0;

	if (!doc)
		return e->code;
	for (unsigned i = 0; i < REASON_COUNT; i++)
		if (d->why[i] > 0)
			why |= 1u << i;
	json_set_text(doc, "model", NULL, e);
	json_set_text(doc, "decision", "deny", e);
	json_set_new(doc, "reasons", parts_reason_list(why, e), e);
	json_set_new(doc, "counts", parts_reasons(d->why, e), e);
	return e->code ? e->code :
			 error_set(e, E_DENIED, "%" PRIu64 " records are denied: nothing is trained",
				   d->denied);
}

/* 0 when every record allows what the dataset was made for. */
static int decide_all(struct training *t, json_t **ret, struct error *e)
{
	struct set_decision d = { 0 };
	scoped(ask) *ask = NULL;
	int code;

	if (t->d.use.processing != TRAIN && t->d.use.processing != FINETUNE) {
		d.denied = d.why[REASON_USE_NOT_ALLOWED] = set_count(t->all);
		return deny(&d, ret, e);
	}
	if (ask_open(&ask, t->r, sys->now_utc_ms(), e) < 0 ||
	    ask_set(ask, t->all, &t->d.use, &d, e) < 0)
		return e->code;
	code = d.denied > 0 ? deny(&d, ret, e) : 0;
	set_decision_done(&d);
	return code;
}

/* --- training --- */

static int learn_all(struct training *t, struct error *e)
{
	if (exact_sums_create(&t->sums, &t->how, e) < 0 ||
	    exact_learn(t->r, &t->how, t->all, 1, t->sums, t->used, &t->got, e) < 0)
		return e->code;
	if (t->got.used == 0)
		return error_set(e, E_RANGE,
				 "no record of %s can be used: %" PRIu64 " without \"%s\", %" PRIu64
				 " where it is no number, %" PRIu64 " without a picture",
				 t->d.label, t->got.no_target, t->how.target, t->got.no_number,
				 t->got.no_picture);
	return 0;
}

static json_t *unused_json(const struct gathered *got, struct error *e)
{
	json_t *o = json_object_make(e);

	if (o && got->no_target)
		json_set_number(o, "no-target", got->no_target, e);
	if (o && got->no_number)
		json_set_number(o, "no-number", got->no_number, e);
	if (o && got->no_picture)
		json_set_number(o, "no-picture", got->no_picture, e);
	return o;
}

static int document(const struct training *t, uint64_t version, const struct hash *weights,
		    uint64_t fact, json_t **ret, struct error *e)
{
	json_t *doc = *ret = json_object_make(e);
	int64_t lambda = t->how.lambda ? t->how.lambda : learn_lambda(t->sums);
	struct hash digest;

	if (!doc || exact_digest(t->r, fact, &digest, e) < 0)
		return e->code;
	json_set_text(doc, "model", t->w->model, e);
	json_set_number(doc, "version", version, e);
	json_set_text(doc, "state", "live", e);
	json_set_hash(doc, "weights_sha256", weights, e);
	json_set_hash(doc, "digest", &digest, e);
	json_set_number(doc, "records", t->got.used, e);
	json_set_new(doc, "unused", unused_json(&t->got, e), e);
	json_set_text(doc, "features", t->how.features, e);
	json_set_number(doc, "labels", t->how.numbers ? 0 : t->sums->count, e);
	json_set_text(doc, "grade", grade_name(GRADE_ENFORCED), e);
	json_set_number(doc, "lambda", (uint64_t)lambda, e);
	json_set_text(doc, "dataset", t->d.label, e);
	json_set_number(doc, "fact", fact, e);
	json_set_number(doc, "milliseconds", (sys->monotonic_us() - t->begun_us) / 1000, e);
	return e->code;
}

/* Under the lock: what changed while it learned is asked for once more. */
static int put(struct training *t, json_t **ret, struct error *e)
{
	struct exact_new n = { .name = t->w->model, .how = &t->how, .inputs = &t->d.fact,
			       .input_count = 1, .set = t->used, .sums = t->sums };
	scoped(change) *c = NULL;
	uint64_t fact, version;
	struct hash weights;

	if (change_begin(&c, t->r, e) < 0 || decide_all(t, ret, e) < 0 ||
	    exact_put(c, t->r, &n, &fact, &version, &weights, e) < 0 || change_commit(c, e) < 0)
		return e->code;
	return document(t, version, &weights, fact, ret, e);
}

int flow_train(struct repo *r, const struct train_words *w, json_t **ret, struct error *e)
{
	struct training t = { .r = r, .w = w, .begun_us = sys->monotonic_us() };
	scoped(set) *all = NULL, *used = NULL;
	scoped(arena) *a = NULL;
	int code;

	if (arena_create(&a, e) < 0 || set_create(&all, e) < 0 || set_create(&used, e) < 0 ||
	    read_words(&t, a, e) < 0 || dataset_named(r, a, w->dataset, &t.d, e) < 0 ||
	    stored_set_load(r, &t.d.set, all, e) < 0)
		return e->code;
	t.all = all;
	t.used = used;
	code = decide_all(&t, ret, e);
	if (code == 0)
		code = learn_all(&t, e);
	if (code == 0)
		code = put(&t, ret, e);
	sums_destroy(t.sums);
	return code;
}
