/* How well a checkpoint answers on the records of a dataset. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/sys.h"
#include "flow/parts.h"
#include "flow/predict.h"
#include "learn/loo.h"

/* Records wait for each other where they are answered as if they had been left out. */
struct evaluation {
	struct repo *r;
	const struct oracle *o;
	struct dataset d;
	struct set *all, *inside; /* of the dataset; what the checkpoint rests on */
	struct sums *sums;	  /* owned; NULL without --exact-loo */
	struct loo *loo;	  /* owned */
	int64_t *scores;
	int8_t *x;		/* LOO_BATCH rows of d */
	char *room;		/* LOO_BATCH labels */
	const char **labels;
	int32_t *numbers;
	struct loo_answer *answers;
	size_t waiting;
	struct gathered got;
	uint64_t n, right, known, left_out, no_others; /* known: answered by what learned from them */
	json_t *by_label; /* {label: {"label","n","hit"}}; lent */
	double squares;
	uint64_t begun_us;
};

/* --- answers --- */

static void add_one(json_t *row, const char *key, struct error *e)
{
	json_set_number(row, key, json_number_or(row, key, 0) + 1, e);
}

static void count_label(struct evaluation *v, const char *said, const char *really,
			struct error *e)
{
	json_t *row = json_object_get(v->by_label, really);
	bool hit = strcmp(said, really) == 0;

	v->n++;
	v->right += hit;
	if (!row) {
		row = json_object_make(e);
		json_set_new(v->by_label, really, row, e);
		if (e->code)
			return;
		json_set_text(row, "label", really, e);
		json_set_number(row, "n", 0, e);
		json_set_number(row, "hit", 0, e);
	}
	add_one(row, "n", e);
	if (hit)
		add_one(row, "hit", e);
}

static void count_number(struct evaluation *v, double score, int64_t said, int32_t really)
{
	v->n++;
	v->right += said == really;
	v->squares += (score - really) * (score - really);
}

static void answer_now(struct evaluation *v, const struct example *x, struct error *e)
{
	const struct weights *w = v->o->w;

	weights_scores(w, x->x, v->scores);
	if (v->o->how.numbers)
		count_number(v, (double)v->scores[0] * 0x1p-30, score_number(v->scores[0]),
			     x->number);
	else
		count_label(v, w->label[weights_best(v->scores, w->count)], x->label, e);
}

static int answer_waiting(struct evaluation *v, struct error *e)
{
	bool numbers = v->o->how.numbers;
	const struct records r = { v->waiting, v->x, numbers ? NULL : v->labels,
				   numbers ? v->numbers : NULL };

	if (v->waiting == 0)
		return 0;
	if (loo_answers(v->loo, &r, v->answers, e) < 0)
		return error_wrap(e, "%s without one of its records", v->o->m.label);
	for (size_t i = 0; i < v->waiting; i++) {
		const struct loo_answer *a = &v->answers[i];

		if (a->none)
			v->no_others++;
		else if (numbers)
			count_number(v, a->score, a->number, v->numbers[i]);
		else
			count_label(v, a->label, v->labels[i], e);
		v->left_out += !a->none;
	}
	v->waiting = 0;
	return e->code;
}

static int take(void *ctx, const struct example *x, struct error *e)
{
	struct evaluation *v = ctx;
	size_t i = v->waiting, d = v->o->w->d;
	bool known = set_has(v->inside, x->pos);

	if (!v->loo || !known) {
		v->known += known;
		answer_now(v, x, e);
		return e->code;
	}
	memcpy(v->x + i * d, x->x, d);
	v->numbers[i] = x->number;
	if (x->label) {
		char *label = v->room + i * (SUMS_LABEL_MAX + 1);

		memcpy(label, x->label, strlen(x->label) + 1);
		v->labels[i] = label;
	}
	v->waiting++;
	return v->waiting == LOO_BATCH ? answer_waiting(v, e) : 0;
}

/* --- the doors --- */

static int deny(const struct evaluation *v, const struct set_decision *d, json_t **ret,
		struct error *e)
{
	reasons why = 0;
	json_t *doc;

	for (unsigned i = 0; i < REASON_COUNT; i++)
		why |= d->why[i] > 0 ? 1u << i : 0;
	doc = oracle_denial(&v->o->m, v->d.label, why, d->why, e);
	if (e->code) {
		json_decref(doc);
		return e->code;
	}
	*ret = doc;
	return error_set(e, E_DENIED, "%" PRIu64 " records of %s are denied: nothing is evaluated",
			 d->denied, v->d.label);
}

static int decide_records(const struct evaluation *v, json_t **ret, struct error *e)
{
	const struct use *u = &v->d.use;
	struct set_decision d = { 0 };
	scoped(ask) *ask = NULL;
	int code;

	if (u->processing != TRAIN && u->processing != FINETUNE && u->processing != EVALUATE) {
		d.denied = d.why[REASON_USE_NOT_ALLOWED] = set_count(v->all);
		return deny(v, &d, ret, e);
	}
	if (ask_open(&ask, v->r, v->r->at_utc_ms, e) < 0 ||
	    ask_set(ask, v->all, u, &d, e) < 0)
		return e->code;
	code = d.denied > 0 ? deny(v, &d, ret, e) : 0;
	set_decision_done(&d);
	return code;
}

/* --- all of it --- */

static int make_room(struct evaluation *v, struct error *e)
{
	const struct weights *w = v->o->w;

	v->scores = calloc(w->count, sizeof(*v->scores));
	v->x = malloc(LOO_BATCH * w->d);
	v->room = malloc(LOO_BATCH * (SUMS_LABEL_MAX + 1));
	v->labels = calloc(LOO_BATCH, sizeof(*v->labels));
	v->numbers = calloc(LOO_BATCH, sizeof(*v->numbers));
	v->answers = calloc(LOO_BATCH, sizeof(*v->answers));
	if (!v->scores || !v->x || !v->room || !v->labels || !v->numbers || !v->answers)
		return error_set(e, E_MEMORY, "%d records to evaluate", LOO_BATCH);
	return 0;
}

static void evaluation_done(struct evaluation *v)
{
	loo_destroy(v->loo);
	sums_destroy(v->sums);
	if (v->x)
		wipe(v->x, LOO_BATCH * v->o->w->d);
	if (v->room)
		wipe(v->room, LOO_BATCH * (SUMS_LABEL_MAX + 1));
	free(v->scores);
	free(v->x);
	free(v->room);
	free(v->labels);
	free(v->numbers);
	free(v->answers);
}

static int open_loo(struct evaluation *v, struct error *e)
{
	if (exact_sums(v->r, v->o->m.fact, &v->sums, e) < 0)
		return e->code;
	return loo_create(&v->loo, v->sums, v->o->w, e);
}

static int evaluate_all(struct evaluation *v, struct error *e)
{
	if (gather(v->r, &v->o->how, v->all, take, v, &v->got, e) < 0 || answer_waiting(v, e) < 0)
		return e->code;
	if (v->n == 0)
		return error_set(e, E_RANGE, "no record of %s can be used to evaluate %s: %" PRIu64
				 " without \"%s\", %" PRIu64 " without a picture", v->d.label,
				 v->o->m.label, v->got.no_target, v->o->how.target,
				 v->got.no_picture);
	return 0;
}

static json_t *unused_json(const struct evaluation *v, struct error *e)
{
	json_t *o = json_object_make(e);

	if (o && v->got.no_target)
		json_set_number(o, "no-target", v->got.no_target, e);
	if (o && v->got.no_number)
		json_set_number(o, "no-number", v->got.no_number, e);
	if (o && v->got.no_picture)
		json_set_number(o, "no-picture", v->got.no_picture, e);
	if (o && v->no_others)
		json_set_number(o, "no-others", v->no_others, e);
	return o;
}

/* Where the true share lies, 95 in 100 times (Wilson), if the records were drawn at random. */
static json_t *interval_json(uint64_t right, uint64_t n, struct error *e)
{
	const double z = 1.959963984540054, count = (double)n, share = (double)right / count;
	const double all = 1 + z * z / count, middle = (share + z * z / (2 * count)) / all;
	const double half =
		z * sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / all;
	json_t *list = json_array_make(e);

	json_add_new(list, json_real(right == 0 ? 0 : fmax(0, middle - half)), e);
	json_add_new(list, json_real(right == n ? 1 : fmin(1, middle + half)), e);
	return list;
}

static json_t *per_label_json(const struct evaluation *v, struct error *e)
{
	json_t *list = json_array_make(e), *row;
	const char *label;

	json_object_foreach(v->by_label, label, row)
		json_add_new(list, json_incref(row), e);
	return list;
}

static int document(const struct evaluation *v, json_t **ret, struct error *e)
{
	json_t *doc = *ret = json_object_make(e);

	if (!doc)
		return e->code;
	json_set_text(doc, "model", v->o->m.label, e);
	json_set_text(doc, "dataset", v->d.label, e);
	json_set_text(doc, "target", v->o->how.target, e);
	json_set_number(doc, "n", v->n, e);
	json_set_new(doc, "accuracy", json_real((double)v->right / (double)v->n), e);
	json_set_new(doc, "interval", interval_json(v->right, v->n, e), e);
	json_set_number(doc, "trained_on", v->known + v->left_out, e);
	if (v->o->how.numbers)
		json_set_new(doc, "rmse", json_real(sqrt(v->squares / (double)v->n)), e);
	if (v->loo)
		json_set_number(doc, "loo", v->left_out, e);
	json_set_new(doc, "unused", unused_json(v, e), e);
	if (!v->o->how.numbers)
		json_set_new(doc, "per_label", per_label_json(v, e), e);
	json_set_number(doc, "milliseconds", (sys->monotonic_us() - v->begun_us) / 1000, e);
	return e->code;
}

int flow_evaluate(struct repo *r, const char *model, const char *dataset, bool exact_loo,
		  json_t **ret, struct error *e)
{
	struct evaluation v = { .r = r, .begun_us = sys->monotonic_us() };
	scoped(set) *all = NULL, *inside = NULL;
	scoped_json *by_label = json_object_make(e);
	scoped(oracle) *o = NULL;
	scoped(arena) *a = NULL;
	int code;

	if (!by_label || arena_create(&a, e) < 0 || set_create(&all, e) < 0 ||
	    set_create(&inside, e) < 0 ||
	    dataset_named(r, a, dataset, &v.d, e) < 0 ||
	    stored_set_load(r, &v.d.set, all, e) < 0 || oracle_open(&o, r, a, model, ret, e) < 0 ||
	    stored_set_load(r, &o->m.set, inside, e) < 0)
		return e->code;
	v.o = o;
	v.all = all;
	v.inside = inside;
	v.by_label = by_label;
	code = decide_records(&v, ret, e);
	if (code == 0)
		code = make_room(&v, e);
	if (code == 0 && exact_loo)
		code = open_loo(&v, e);
	if (code == 0)
		code = evaluate_all(&v, e);
	if (code == 0)
		code = document(&v, ret, e);
	evaluation_done(&v);
	return code;
}
