/* Lineage as a graph: what a thing rests on, and what grew from it. */
#include "base/text.h"
#include "flow/uses.h"

enum { TRACE_NODES_MAX = 100000 };

/* Everything that may be a node, once. */
struct tracing {
	struct repo *r;
	struct dataset *datasets;
	struct model *models;
	struct deployment *deployments;
	struct output *outputs;
	struct batch *batches;
	size_t dataset_count, model_count, deployment_count, output_count, batch_count;
	json_t *nodes, *edges, *seen; /* seen: an object by node id */
	bool up, down;
	struct arena *a;
};

static int load(struct tracing *t, struct error *e)
{
	if (datasets_all(t->r, t->a, &t->datasets, &t->dataset_count, e) < 0 ||
	    models_all(t->r, t->a, &t->models, &t->model_count, e) < 0 ||
	    deployments_all(t->r, t->a, &t->deployments, &t->deployment_count, e) < 0 ||
	    outputs_all(t->r, t->a, &t->outputs, &t->output_count, e) < 0)
		return e->code;
	return batches_all(t->r, t->a, &t->batches, &t->batch_count, e);
}

static const char *node_id(struct tracing *t, const char *kind, const char *label, struct error *e)
{
	return arena_printf(t->a, e, "%s:%s", kind, label);
}

/* 1 when it is new. */
static int add_node(struct tracing *t, const char *kind, const char *label, const char *state,
		    const char **ret_id, struct error *e)
{
	const char *id = node_id(t, kind, label, e);
	json_t *node;

	if (!id)
		return e->code;
	*ret_id = id;
	if (json_object_get(t->seen, id))
		return 0;
	if (json_array_size(t->nodes) >= TRACE_NODES_MAX)
		return error_set(e, E_RANGE, "lineage of more than %d things", TRACE_NODES_MAX);
	node = json_object_make(e);
	if (!node)
		return e->code;
	json_set_text(node, "id", id, e);
	json_set_text(node, "kind", kind, e);
	json_set_text(node, "label", label, e);
	if (state)
		json_set_text(node, "state", state, e);
	json_add_new(t->nodes, node, e);
	json_set_bool(t->seen, id, true, e);
	return e->code ? e->code : 1;
}

static void add_edge(struct tracing *t, const char *from, const char *to, const char *grade,
		     struct error *e)
{
	const char *id = arena_printf(t->a, e, "%s > %s", from, to);
	json_t *edge;

	if (!id || json_object_get(t->seen, id))
		return;
	json_set_bool(t->seen, id, true, e);
	edge = json_object_make(e);
	if (!edge)
		return;
	json_set_text(edge, "from", from, e);
	json_set_text(edge, "to", to, e);
	json_set_text(edge, "grade", grade, e);
	json_add_new(t->edges, edge, e);
}

static int visit_model(struct tracing *t, const struct model *m, const char **ret_id,
		       struct error *e);

/* Does the dataset have records of this batch? */
static int holds_batch(const struct batch *b, const struct set *s, bool *ret, struct error *e)
{
	scoped(set) *range = NULL;

	if (set_create(&range, e) < 0 || set_add_range(range, b->first, b->last, e) < 0)
		return e->code;
	*ret = set_meets(range, s);
	return 0;
}

/* Edges from the sources that have records in it (of one source: source not 0); *ret_any says
 * whether there was one. */
static int sources_of(struct tracing *t, const struct dataset *d, const char *id, uint64_t source,
		      bool *ret_any, struct error *e)
{
	scoped(set) *s = NULL;

	*ret_any = false;
	if (set_create(&s, e) < 0 || stored_set_load(t->r, &d->set, s, e) < 0)
		return e->code;
	for (size_t i = 0; i < t->batch_count; i++) {
		struct source src;
		const char *from;
		bool holds = false;

		if (source && t->batches[i].source != source)
			continue;
		if (holds_batch(&t->batches[i], s, &holds, e) < 0)
			return e->code;
		if (!holds)
			continue;
		if (source_by_id(t->r, t->a, t->batches[i].source, &src, e) < 0 ||
		    add_node(t, "source", src.name, NULL, &from, e) < 0)
			return e->code;
		add_edge(t, from, id, "enforced", e);
		*ret_any = true;
	}
	return e->code;
}

static int visit_dataset(struct tracing *t, const struct dataset *d, const char **ret_id,
			 struct error *e)
{
	int fresh = add_node(t, "dataset", d->label, NULL, ret_id, e);
	bool any;

	if (fresh <= 0)
		return fresh;
	if (t->up && sources_of(t, d, *ret_id, 0, &any, e) < 0)
		return e->code;
	for (size_t i = 0; t->down && i < t->model_count; i++)
		for (size_t k = 0; k < t->models[i].input_count; k++) {
			const char *id;

			if (t->models[i].inputs[k] != d->fact)
				continue;
			if (visit_model(t, &t->models[i], &id, e) < 0)
				return e->code;
			add_edge(t, *ret_id, id, grade_name(t->models[i].grade), e);
		}
	return e->code;
}

static int inputs_of(struct tracing *t, const struct model *m, const char *id, struct error *e)
{
	const char *from;

	for (size_t k = 0; k < m->input_count; k++) {
		for (size_t i = 0; i < t->dataset_count; i++)
			if (t->datasets[i].fact == m->inputs[k]) {
				if (visit_dataset(t, &t->datasets[i], &from, e) < 0)
					return e->code;
				add_edge(t, from, id, grade_name(m->grade), e);
			}
		for (size_t i = 0; i < t->model_count; i++)
			if (t->models[i].fact == m->inputs[k]) {
				if (visit_model(t, &t->models[i], &from, e) < 0)
					return e->code;
				add_edge(t, from, id, grade_name(m->grade), e);
			}
	}
	return e->code;
}

static int grown_from(struct tracing *t, const struct model *m, const char *id, struct error *e)
{
	const char *to;

	for (size_t i = 0; i < t->model_count; i++)
		for (size_t k = 0; k < t->models[i].input_count; k++)
			if (t->models[i].inputs[k] == m->fact) {
				if (visit_model(t, &t->models[i], &to, e) < 0)
					return e->code;
				add_edge(t, id, to, grade_name(t->models[i].grade), e);
			}
	for (size_t i = 0; i < t->deployment_count; i++)
		if (t->deployments[i].model == m->id) {
			if (add_node(t, "deployment", t->deployments[i].label,
				     t->deployments[i].until_utc_ms == TIME_NONE ? "in use" : "ended", &to,
				     e) < 0)
				return e->code;
			add_edge(t, id, to, "declared", e);
		}
	for (size_t i = 0; i < t->output_count; i++)
		if (t->outputs[i].model == m->id) {
			if (add_node(t, "output", t->outputs[i].name,
				     t->outputs[i].gone ? "erased" : "kept", &to, e) < 0)
				return e->code;
			add_edge(t, id, to, "declared", e);
		}
	return e->code;
}

static int visit_model(struct tracing *t, const struct model *m, const char **ret_id,
		       struct error *e)
{
	int fresh = add_node(t, "model", m->label, model_state_name(m->state), ret_id, e);

	if (fresh <= 0)
		return fresh;
	if (t->up && inputs_of(t, m, *ret_id, e) < 0)
		return e->code;
	return t->down ? grown_from(t, m, *ret_id, e) : 0;
}

static int visit_source(struct tracing *t, const struct source *src, struct error *e)
{
	const char *id, *to;

	if (add_node(t, "source", src->name, NULL, &id, e) < 0)
		return e->code;
	for (size_t i = 0; t->down && i < t->dataset_count; i++) {
		bool any = false;

		to = node_id(t, "dataset", t->datasets[i].label, e);
		if (!to || sources_of(t, &t->datasets[i], to, src->id, &any, e) < 0 ||
		    (any && visit_dataset(t, &t->datasets[i], &to, e) < 0))
			return e->code;
	}
	return e->code;
}

/* The model that a deployment or an output is of. */
static int visit_owner(struct tracing *t, uint64_t model, struct error *e)
{
	const char *id;

	for (size_t i = 0; i < t->model_count; i++)
		if (t->models[i].id == model)
			return visit_model(t, &t->models[i], &id, e);
	return error_set(e, E_NOT_FOUND, "its checkpoint is not there");
}

/* A model, a dataset, a source, a deployment (d1) or an output, in this order. */
static int visit_thing(struct tracing *t, const char *thing, struct error *e)
{
	struct dataset d;
	struct source src;
	struct model m;
	const char *id;

	if (model_named(t->r, t->a, thing, &m, e) == 0)
		return visit_model(t, &m, &id, e);
	if (e->code == E_NOT_FOUND && dataset_named(t->r, t->a, thing, &d, e) == 0) {
		error_clear(e);
		return visit_dataset(t, &d, &id, e);
	}
	if (e->code == E_NOT_FOUND && source_named(t->r, t->a, thing, &src, e) == 0) {
		error_clear(e);
		return visit_source(t, &src, e);
	}
	if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	for (size_t i = 0; i < t->deployment_count; i++)
		if (strcmp(t->deployments[i].label, thing) == 0)
			return visit_owner(t, t->deployments[i].model, e);
	for (size_t i = 0; i < t->output_count; i++)
		if (strcmp(t->outputs[i].name, thing) == 0)
			return visit_owner(t, t->outputs[i].model, e);
	return error_set(e, E_NOT_FOUND, "nothing with a lineage is called \"%.100s\"", thing);
}

int flow_trace(struct repo *r, const char *thing, bool up, bool down, json_t **ret,
	       struct error *e)
{
	struct tracing t = { .r = r, .up = up || !down, .down = down || !up };
	scoped_json *doc = json_object_make(e), *seen = json_object_make(e);
	scoped(arena) *a = NULL;

	if (!doc || !seen || arena_create(&a, e) < 0)
		return e->code;
	t.a = a;
	t.seen = seen;
	t.nodes = json_array_make(e);
	t.edges = json_array_make(e);
	json_set_new(doc, "nodes", t.nodes, e);
	json_set_new(doc, "edges", t.edges, e);
	if (e->code || load(&t, e) < 0 || visit_thing(&t, thing, e) < 0)
		return e->code;
	*ret = give(doc);
	return 0;
}
