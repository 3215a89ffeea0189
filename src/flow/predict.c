#include "flow/predict.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "flow/decoder.h"
#include "flow/parts.h"
#include "learn/loo.h"

enum { SHOWN_MAX = 4 * PATH_LEN_MAX };

/* --- the door --- */

void oracle_close(struct oracle *o)
{
	if (!o)
		return;
	weights_destroy(o->w);
	free(o);
}

json_t *oracle_denial(const struct model *m, const char *dataset, reasons why,
		      const uint64_t counts[REASON_COUNT], struct error *e)
{
	json_t *doc = json_object_make(e);

	if (!doc)
		return NULL;
	json_set_text(doc, "model", m->label, e);
	if (dataset)
		json_set_text(doc, "dataset", dataset, e);
	json_set_text(doc, "decision", "deny", e);
	json_set_new(doc, "reasons", parts_reason_list(why, e), e);
	json_set_new(doc, "counts", parts_reasons(counts, e), e);
	return doc;
}

int oracle_ask(struct repo *r, struct arena *a, const struct model *m, uint64_t at_utc_ms,
	       struct model_decision *ret, struct error *e)
{
	struct dataset *datasets = NULL;
	scoped(ask) *ask = NULL;
	size_t count = 0, asked = 0;

	if (datasets_all(r, a, &datasets, &count, e) < 0 ||
	    ask_open(&ask, r, at_utc_ms, e) < 0)
		return e->code;
	for (size_t d = 0; d < count; d++)
		for (size_t i = 0; i < m->input_count; i++) {
			struct use u = { .processing = INFER, .purpose = datasets[d].use.purpose };
			struct model_decision one = { 0 };

			if (datasets[d].fact != m->inputs[i])
				continue;
			if (ask_model_counted(ask, m, &u, &one, e) < 0)
				return e->code;
			if (asked++ == 0 || one.why)
				*ret = one;
			if (one.why)
				return 0;
		}
	if (asked == 0)
		ret->why = 1u << REASON_LINEAGE;
	return 0;
}

int oracle_refuse(const struct model *m, const struct model_decision *d, json_t **ret_denied,
		  struct error *e)
{
	scoped_json *doc = oracle_denial(m, NULL, d->why, d->by, e);

	if (e->code)
		return e->code;
	*ret_denied = give(doc);
	return error_set(e, E_DENIED, "%s may not be used", m->label);
}

/* Whether it may be used is said first, also of one that is erased. */
int oracle_open(struct oracle **ret, struct repo *r, struct arena *a, const char *model,
		json_t **ret_denied, struct error *e)
{
	scoped(oracle) *o = calloc(1, sizeof(*o));
	struct model_decision d = { 0 };

	if (!o)
		return error_set(e, E_MEMORY, "a model to ask");
	if (model_named(r, a, model, &o->m, e) < 0)
		return e->code;
	if (!o->m.exact)
		return error_set(e, E_USAGE, "%s is not made by train: only who made it can ask it",
				 o->m.label);
	if (oracle_ask(r, a, &o->m, r->at_utc_ms, &d, e) < 0)
		return e->code;
	if (d.why)
		return oracle_refuse(&o->m, &d, ret_denied, e);
	if (exact_recipe(r, a, o->m.fact, &o->how, e) < 0 ||
	    exact_weights(r, o->m.fact, &o->w, e) < 0)
		return error_wrap(e, "%s", o->m.label);
	*ret = give(o);
	return 0;
}

/* --- rows --- */

struct predicting {
	struct repo *r;
	const struct oracle *o;
	struct media *decoder; /* owned */
	int8_t *x;
	int64_t *scores;
	uint64_t answered;
};

/* What one file is said to be. A failure of its own is no failure of ours. */
static int answer(struct predicting *p, const char *file, struct error *e)
{
	scoped(buf) *b = NULL;

	if (file_read(file, MEDIA_BYTES_MAX, &b, e) < 0 ||
	    gather_bytes(p->decoder, b->data, b->len, p->o->w->d, p->x, e) < 0)
		return e->code;
	weights_scores(p->o->w, p->x, p->scores);
	return 0;
}

static void set_answer(const struct predicting *p, json_t *row, struct error *e)
{
	const struct weights *w = p->o->w;
	bool numbers = w->kind == SUMS_NUMBERS;
	size_t best = numbers ? 0 : weights_best(p->scores, w->count);
	json_t *list;

	if (numbers) {
		list = json_array_make(e);
		for (size_t i = 0; list && i < w->count; i++)
			json_add_new(list, json_integer(score_number(p->scores[i])), e);
		json_set_new(row, "numbers", list, e);
	} else {
		json_set_text(row, "label", w->label[best], e);
	}
	json_set_new(row, "score", json_real((double)p->scores[best] * 0x1p-30), e);
	json_set_new(row, "score_units", json_integer(p->scores[best]), e);
}

static json_t *row_of(struct predicting *p, const char *file, struct error *e)
{
	json_t *row = json_object_make(e);
	struct error own = { 0 };
	char shown[SHOWN_MAX];

	if (!row)
		return NULL;
	json_set_text(row, "file", path_escape(shown, sizeof(shown), file), e);
	if (answer(p, file, &own) == 0) {
		p->answered++;
		set_answer(p, row, e);
	} else {
		json_set_new(row, "error", json_text_lossy(own.text, strlen(own.text), e), e);
		if (own.code == E_MEMORY)
			error_set(e, E_MEMORY, "%s", own.text);
	}
	return row;
}

static int predict_all(struct predicting *p, const char *const *files, size_t count,
		       int (*each)(void *ctx, const json_t *row, struct error *e), void *ctx,
		       struct error *e)
{
	task_phase(p->r->task, "files", count);
	for (size_t i = 0; i < count; i++) {
		scoped_json *row = NULL;

		if (task_step(p->r->task, 1, e) < 0)
			return e->code;
		row = row_of(p, files[i], e);
		if (e->code)
			return e->code;
		if (each(ctx, row, e) < 0)
			return e->code;
	}
	if (p->answered == 0)
		return error_set(e, E_FORMAT, "none of %zu files can be answered", count);
	if (p->answered < count)
		return error_set(e, E_PARTIAL, "%zu of %zu files cannot be answered",
				 count - (size_t)p->answered, count);
	return 0;
}

int flow_predict(struct repo *r, const char *model, const char *const *files, size_t count,
		 int (*each)(void *ctx, const json_t *row, struct error *e), void *ctx,
		 json_t **ret, struct error *e)
{
	scoped(arena) *a = NULL;
	scoped(oracle) *o = NULL;
	struct predicting p = { .r = r };
	int code;

	if (arena_create(&a, e) < 0 || oracle_open(&o, r, a, model, ret, e) < 0)
		return e->code;
	p.o = o;
	p.x = malloc(o->w->d);
	p.scores = calloc(o->w->count, sizeof(*p.scores));
	code = p.x && p.scores ? decoder_open(&p.decoder, o->how.features, e) :
				 error_set(e, E_MEMORY, "scores of %zu outputs", o->w->count);
	if (code == 0)
		code = predict_all(&p, files, count, each, ctx, e);
	media_close(p.decoder);
	free(p.x);
	free(p.scores);
	return code;
}
