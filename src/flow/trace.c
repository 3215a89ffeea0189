/* Lineage as a graph: what a thing rests on, and what grew from it. */
#include "base/text.h"
#include "flow/handover.h"
#include "flow/uses.h"

enum { TRACE_NODES_MAX = 100000 };

/* Everything that may be a node, once. */
struct tracing {
	struct repo *r;
	struct dataset *datasets;
	struct model *models;
	struct deployment *deployments;
	struct output *outputs;
	struct handover *handovers;
	struct batch *batches;
	size_t dataset_count, model_count, deployment_count, output_count, handover_count, batch_count;
	json_t *nodes, *edges, *seen; /* seen: an object by node id */
	json_t *visited;	      /* the same, of the way that is gone now */
	bool up, down;		      /* one of them: the other way is gone after it */
	struct arena *a;
};

static int load(struct tracing *t, struct error *e)
{
	if (datasets_all(t->r, t->a, &t->datasets, &t->dataset_count, e) < 0 ||
	    models_all(t->r, t->a, &t->models, &t->model_count, e) < 0 ||
	    deployments_all(t->r, t->a, &t->deployments, &t->deployment_count, e) < 0 ||
	    outputs_all(t->r, t->a, &t->outputs, &t->output_count, e) < 0 ||
	    handovers_all(t->r, t->a, &t->handovers, &t->handover_count, e) < 0)
		return e->code;
	return batches_all(t->r, t->a, &t->batches, &t->batch_count, e);
}

/* What a node says; its id is the kind and the name. */
struct saying {
	const char *kind, *name;
	const char *label;		       /* NULL: the name */
	const char *state, *product, *recipient; /* NULL: it has none */
};

static const char *node_id(struct tracing *t, const char *kind, const char *name, struct error *e)
{
	return arena_printf(t->a, e, "%s:%s", kind, name);
}

static void say(struct tracing *t, const char *id, const struct saying *s, struct error *e)
{
	json_t *node = json_object_make(e);

	if (!node)
		return;
	json_set_text(node, "id", id, e);
	json_set_text(node, "kind", s->kind, e);
	json_set_text(node, "label", s->label ? s->label : s->name, e);
	if (s->state)
		json_set_text(node, "state", s->state, e);
	if (s->product)
		json_set_text(node, "product", s->product, e);
	if (s->recipient)
		json_set_text(node, "recipient", s->recipient, e);
	json_add_new(t->nodes, node, e);
}

/* 1 when it is new on this way. */
static int add_node(struct tracing *t, const struct saying *s, const char **ret_id,
		    struct error *e)
{
	const char *id = node_id(t, s->kind, s->name, e);

	if (!id)
		return e->code;
	*ret_id = id;
	if (json_object_get(t->visited, id))
		return 0;
	json_set_bool(t->visited, id, true, e);
	if (!json_object_get(t->seen, id)) {
		if (json_array_size(t->nodes) >= TRACE_NODES_MAX)
			return error_set(e, E_RANGE, "lineage of more than %d things", TRACE_NODES_MAX);
		json_set_bool(t->seen, id, true, e);
		say(t, id, s, e);
	}
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
		    add_node(t, &(struct saying){ .kind = "source", .name = src.name }, &from, e) < 0)
			return e->code;
		add_edge(t, from, id, "enforced", e);
		*ret_any = true;
	}
	return e->code;
}

/* --- the ends: who has it, where it is in use, what was kept --- */

static int deployment_node(struct tracing *t, const struct deployment *d, const char **ret_id,
			   struct error *e)
{
	struct saying s = { .kind = "deployment", .name = d->label, .product = d->product,
			    .state = d->until_utc_ms == TIME_NONE ? "in use" : "ended" };

	if (use_private(t->r, t->a, d->fact, "recipient", &s.recipient, e) < 0)
		return e->code;
	s.label = arena_printf(t->a, e, "%s in %s%s%s", d->label, d->product,
			       s.recipient ? " of " : "", s.recipient ? s.recipient : "");
	return s.label ? add_node(t, &s, ret_id, e) : e->code;
}

static int output_node(struct tracing *t, const struct output *o, const char **ret_id,
		       struct error *e)
{
	return add_node(t, &(struct saying){ .kind = "output", .name = o->name,
					     .state = o->gone ? "erased" : "kept" }, ret_id, e);
}

static int handover_node(struct tracing *t, const struct handover *h, const char **ret_id,
			 struct error *e)
{
	struct saying s = { .kind = "handover", .name = h->label, .label = h->label };

	if (h->ours)
		s.label = arena_printf(t->a, e, "%s to ourselves", h->label);
	else if (*h->to) {
		s.recipient = h->to;
		s.label = arena_printf(t->a, e, "%s to %s", h->label, h->to);
	}
	return s.label ? add_node(t, &s, ret_id, e) : e->code;
}

/* To others alone: what was written out for ourselves is no recipient's. */
static int handed_over(struct tracing *t, uint64_t fact, const char *id, struct error *e)
{
	const char *to;

	for (size_t i = 0; i < t->handover_count; i++) {
		const struct handover *h = &t->handovers[i];

		if (h->of != fact || h->ours)
			continue;
		if (handover_node(t, h, &to, e) < 0)
			return e->code;
		add_edge(t, id, to, "enforced", e);
	}
	return e->code;
}

/* --- the way up and the way down --- */

static int visit_dataset(struct tracing *t, const struct dataset *d, const char **ret_id,
			 struct error *e)
{
	int fresh = add_node(t, &(struct saying){ .kind = "dataset", .name = d->label }, ret_id, e);
	bool any;

	if (fresh <= 0)
		return fresh;
	if (t->up)
		return sources_of(t, d, *ret_id, 0, &any, e);
	for (size_t i = 0; i < t->model_count; i++)
		for (size_t k = 0; k < t->models[i].input_count; k++) {
			const char *id;

			if (t->models[i].inputs[k] != d->fact)
				continue;
			if (visit_model(t, &t->models[i], &id, e) < 0)
				return e->code;
			add_edge(t, *ret_id, id, grade_name(t->models[i].grade), e);
		}
	return handed_over(t, d->fact, *ret_id, e);
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
			if (deployment_node(t, &t->deployments[i], &to, e) < 0)
				return e->code;
			add_edge(t, id, to, "declared", e);
		}
	for (size_t i = 0; i < t->output_count; i++)
		if (t->outputs[i].model == m->id) {
			if (output_node(t, &t->outputs[i], &to, e) < 0)
				return e->code;
			add_edge(t, id, to, "declared", e);
		}
	return handed_over(t, m->fact, id, e);
}

static int visit_model(struct tracing *t, const struct model *m, const char **ret_id,
		       struct error *e)
{
	const struct saying s = { .kind = "model", .name = m->label,
				   .state = model_state_name(m->state) };
	int fresh = add_node(t, &s, ret_id, e);

	if (fresh <= 0)
		return fresh;
	return t->up ? inputs_of(t, m, *ret_id, e) : grown_from(t, m, *ret_id, e);
}

static int visit_source(struct tracing *t, const struct source *src, const char **ret_id,
			struct error *e)
{
	const char *to;

	if (add_node(t, &(struct saying){ .kind = "source", .name = src->name }, ret_id, e) < 0)
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

/* A deployment, an output or a hand-over has nothing below it. */
static int above_leaf(struct tracing *t, const struct model *m, const struct dataset *d,
		      const char *leaf, const char *grade, struct error *e)
{
	const char *id;

	if (!t->up)
		return 0;
	if ((m ? visit_model(t, m, &id, e) : visit_dataset(t, d, &id, e)) < 0)
		return e->code;
	add_edge(t, id, leaf, grade, e);
	return e->code;
}

/* The model that a deployment or an output is of. */
static int visit_owner(struct tracing *t, uint64_t model, const char *leaf, struct error *e)
{
	for (size_t i = 0; i < t->model_count; i++)
		if (t->models[i].id == model)
			return above_leaf(t, &t->models[i], NULL, leaf, "declared", e);
	return error_set(e, E_NOT_FOUND, "its checkpoint is not there");
}

static int visit_handover(struct tracing *t, const struct handover *h, const char **ret_id,
			  struct error *e)
{
	if (handover_node(t, h, ret_id, e) < 0)
		return e->code;
	for (size_t i = 0; h->of_model && i < t->model_count; i++)
		if (t->models[i].fact == h->of)
			return above_leaf(t, &t->models[i], NULL, *ret_id, "enforced", e);
	for (size_t i = 0; i < t->dataset_count; i++)
		if (t->datasets[i].fact == h->of)
			return above_leaf(t, NULL, &t->datasets[i], *ret_id, "enforced", e);
	return error_set(e, E_NOT_FOUND, "what %s handed over is not there", h->label);
}

static int visit_leaf(struct tracing *t, const char *thing, const char **ret_id, struct error *e)
{
	for (size_t i = 0; i < t->deployment_count; i++)
		if (strcmp(t->deployments[i].label, thing) == 0)
			return deployment_node(t, &t->deployments[i], ret_id, e) < 0 ?
				       e->code :
				       visit_owner(t, t->deployments[i].model, *ret_id, e);
	for (size_t i = 0; i < t->output_count; i++)
		if (strcmp(t->outputs[i].name, thing) == 0)
			return output_node(t, &t->outputs[i], ret_id, e) < 0 ?
				       e->code :
				       visit_owner(t, t->outputs[i].model, *ret_id, e);
	for (size_t i = 0; i < t->handover_count; i++)
		if (strcmp(t->handovers[i].label, thing) == 0)
			return visit_handover(t, &t->handovers[i], ret_id, e);
	return error_set(e, E_NOT_FOUND, "nothing with a lineage is called \"%.100s\"", thing);
}

/* A model, a dataset, a source, a deployment (d1), an output or a hand-over (out1), in this order. */
static int visit_thing(struct tracing *t, const char *thing, const char **ret_id, struct error *e)
{
	struct dataset d;
	struct source src;
	struct model m;

	if (model_named(t->r, t->a, thing, &m, e) == 0)
		return visit_model(t, &m, ret_id, e);
	if (e->code == E_NOT_FOUND && dataset_named(t->r, t->a, thing, &d, e) == 0) {
		error_clear(e);
		return visit_dataset(t, &d, ret_id, e);
	}
	if (e->code == E_NOT_FOUND && source_named(t->r, t->a, thing, &src, e) == 0) {
		error_clear(e);
		return visit_source(t, &src, ret_id, e);
	}
	if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	return visit_leaf(t, thing, ret_id, e);
}

/* One way alone, so that nothing is met which neither the thing rests on nor grew from it. */
static int go(struct tracing *t, const char *thing, bool up, const char **ret_id, struct error *e)
{
	json_object_clear(t->visited);
	t->up = up;
	t->down = !up;
	return visit_thing(t, thing, ret_id, e);
}

static void mark_asked(struct tracing *t, const char *id, struct error *e)
{
	json_t *node;
	size_t i;

	json_array_foreach(t->nodes, i, node)
		if (strcmp(json_text_or(node, "id", ""), id) == 0)
			json_set_bool(node, "asked", true, e);
}

int flow_trace(struct repo *r, const char *thing, bool up, bool down, json_t **ret,
	       struct error *e)
{
	scoped_json *doc = json_object_make(e), *seen = json_object_make(e);
	scoped_json *visited = json_object_make(e);
	struct tracing t = { .r = r, .seen = seen, .visited = visited };
	scoped(arena) *a = NULL;
	const char *id = "";

	if (!doc || !seen || !visited || arena_create(&a, e) < 0)
		return e->code;
	t.a = a;
	t.nodes = json_array_make(e);
	t.edges = json_array_make(e);
	json_set_new(doc, "nodes", t.nodes, e);
	json_set_new(doc, "edges", t.edges, e);
	if (e->code || load(&t, e) < 0 || ((up || !down) && go(&t, thing, true, &id, e) < 0) ||
	    ((down || !up) && go(&t, thing, false, &id, e) < 0))
		return e->code;
	mark_asked(&t, id, e);
	if (e->code)
		return e->code;
	*ret = give(doc);
	return 0;
}
