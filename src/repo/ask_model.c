/* Decisions over a checkpoint: what was done to the records that it rests on, asked again. */
#include "repo/ask_parts.h"

struct lineage {
	struct ask *a;
	struct set *by[PROCESSING_COUNT]; /* what was done to which records */
	bool *wanted;			  /* of a->models: those that it rests on */
	struct decide_model found;
};

static int read_models(struct ask *a, struct error *e)
{
	if (a->models_read)
		return 0;
	if (models_all(a->r, a->a, &a->models, &a->model_count, e) < 0 ||
	    datasets_all(a->r, a->a, &a->datasets, &a->dataset_count, e) < 0)
		return e->code;
	a->models_read = true;
	return 0;
}

/* What a model of this kind does to the records of its datasets. */
static bool processing_of(const char *kind, uint8_t *ret)
{
	static const struct {
		const char *kind;
		uint8_t processing;
	} kinds[] = {
		{ "train", TRAIN },  { "finetune", FINETUNE }, { "embed", EMBED },
		{ "distil", TRAIN }, { "merge", TRAIN },       { "quantise", TRAIN },
	};

	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strcmp(kinds[i].kind, kind) == 0) {
			*ret = kinds[i].processing;
			return true;
		}
	*ret = TRAIN;
	return false;
}

static const struct dataset *dataset_of_fact(const struct ask *a, uint64_t fact)
{
	for (size_t i = 0; i < a->dataset_count; i++)
		if (a->datasets[i].fact == fact)
			return &a->datasets[i];
	return NULL;
}

/* One of the first count models: parents come before their children. */
static const struct model *model_of_fact(const struct ask *a, uint64_t fact, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (a->models[i].fact == fact)
			return &a->models[i];
	return NULL;
}

/* The sets of a model's inputs; its parents are noted as wanted. before: how many models come
 * before it. */
static int load_inputs(struct lineage *l, const struct model *m, size_t before,
		       struct set *of_datasets, struct set *of_parents, struct error *e)
{
	for (size_t i = 0; i < m->input_count; i++) {
		const struct dataset *d = dataset_of_fact(l->a, m->inputs[i]);
		const struct model *parent = model_of_fact(l->a, m->inputs[i], before);

		if (parent)
			l->wanted[parent - l->a->models] = true;
		if (!d && !parent)
			l->found.lineage_known = false;
		if (d && stored_set_load(l->a->r, &d->set, of_datasets, e) < 0)
			return e->code;
		if (parent && stored_set_load(l->a->r, &parent->set, of_parents, e) < 0)
			return e->code;
	}
	if (m->input_count == 0)
		l->found.lineage_known = false;
	return 0;
}

static void judge_model(struct lineage *l, const struct model *m)
{
	if (m->grade < l->found.grade)
		l->found.grade = m->grade;
	if (m->state == MODEL_ERASED)
		l->found.erased = true;
	else if (m->state != MODEL_LIVE)
		l->found.withdrawn = true;
}

/* What this model did itself is what it has from its datasets, and what nothing explains. */
static int visit(struct lineage *l, const struct model *m, size_t before, struct error *e)
{
	scoped(set) *own = NULL, *of_datasets = NULL, *of_parents = NULL;
	uint8_t processing;
	uint64_t pos = 0;

	judge_model(l, m);
	if (!processing_of(m->kind, &processing))
		l->found.lineage_known = false;
	if (set_create(&own, e) < 0 || set_create(&of_datasets, e) < 0 ||
	    set_create(&of_parents, e) < 0 || stored_set_load(l->a->r, &m->set, own, e) < 0 ||
	    load_inputs(l, m, before, of_datasets, of_parents, e) < 0 ||
	    set_minus(of_parents, of_datasets, e) < 0 || set_minus(own, of_parents, e) < 0 ||
	    set_or(l->by[processing], own, e) < 0 || set_minus(own, of_datasets, e) < 0)
		return e->code;
	if (set_next(own, &pos))
		l->found.lineage_known = false;
	return 0;
}

/* From children to parents, each once. m may be one that is not registered yet. */
static int visit_all(struct lineage *l, const struct model *m, struct error *e)
{
	struct ask *a = l->a;
	size_t before = 0;

	l->found = (struct decide_model){ .lineage_known = true, .grade = GRADE_ENFORCED,
					  .wanted = GRADE_DECLARED };
	l->wanted = arena_alloc(a->a, (a->model_count + 1) * sizeof(l->wanted[0]), e);
	if (!l->wanted)
		return e->code;
	while (before < a->model_count && a->models[before].fact != m->fact)
		before++;
	if (visit(l, m, before, e) < 0)
		return e->code;
	for (size_t i = before; i-- > 0;)
		if (l->wanted[i] && visit(l, &a->models[i], i, e) < 0)
			return e->code;
	return 0;
}

static int judge_lineage(struct lineage *l, const struct use *u, struct denials *d,
			 struct error *e)
{
	for (uint8_t p = 0; p < PROCESSING_COUNT; p++) {
		const struct use done = { .processing = p, .below = u->below,
					  .purpose = u->purpose };
		uint64_t pos = 0;

		if (set_next(l->by[p], &pos) &&
		    ask_judge(l->a, l->by[p], &done, true, u->processing, d, e) < 0)
			return e->code;
	}
	return 0;
}

static int lineage_init(struct lineage *l, struct error *e)
{
	for (size_t p = 0; p < PROCESSING_COUNT; p++)
		if (set_create(&l->by[p], e) < 0)
			return e->code;
	return read_models(l->a, e);
}

static void lineage_done(struct lineage *l)
{
	for (size_t p = 0; p < PROCESSING_COUNT; p++)
		set_destroy(l->by[p]);
}

static int answer(struct lineage *l, const struct denials *d, struct model_decision *ret,
		  struct error *e)
{
	scoped(set) *any = NULL;

	if (set_create(&any, e) < 0)
		return e->code;
	l->found.of_records = denials_all(d);
	ret->why = decide_model(&l->found);
	for (size_t i = 0; i < REASON_COUNT; i++) {
		ret->by[i] = set_count(d->by[i]);
		if (set_or(any, d->by[i], e) < 0)
			return e->code;
	}
	ret->denied = set_count(any);
	return 0;
}

int ask_model_counted(struct ask *a, const struct model *m, const struct use *u,
		      struct model_decision *ret, struct error *e)
{
	struct lineage l = { .a = a };
	struct denials d;
	int code;

	if (u->processing != INFER && u->processing != FINETUNE && u->processing != SHARE)
		return error_set(e, E_USAGE, "a model is asked infer, finetune or share, not %s",
				 processing_name(u->processing));
	code = denials_init(&d, e);
	if (code == 0)
		code = lineage_init(&l, e);
	if (code == 0)
		code = visit_all(&l, m, e);
	if (code == 0)
		code = judge_lineage(&l, u, &d, e);
	if (code == 0)
		code = answer(&l, &d, ret, e);
	lineage_done(&l);
	denials_done(&d);
	return code;
}

int ask_model(struct ask *a, const struct model *m, const struct use *u, reasons *ret,
	      uint64_t why[REASON_COUNT], struct error *e)
{
	struct model_decision d;

	if (ask_model_counted(a, m, u, &d, e) < 0)
		return e->code;
	*ret = d.why;
	if (why)
		memcpy(why, d.by, sizeof(d.by));
	return 0;
}
