/* Deployments and kept outputs: said, ended, listed. */
#include "flow/uses.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/command.h"
#include "base/sys.h"
#include "base/text.h"
#include "flow/order.h"
#include "flow/parts.h"

enum { USE_WORD_MAX = 4096, DAY_MS = 24 * 60 * 60 * 1000 };

static int check_word(const char *what, const char *text, struct error *e)
{
	if (!text)
		return 0;
	if (!*text || strlen(text) > USE_WORD_MAX || !utf8_valid(text, strlen(text)) ||
	    strchr(text, '\n'))
		return error_set(e, E_USAGE, "%s is one line of UTF-8, 1 to %d bytes", what, USE_WORD_MAX);
	return 0;
}

static int add_if(struct fields *f, const char *name, const char *value, struct error *e)
{
	return value ? fields_add_text(f, name, value, e) : 0;
}

/* The next id of a kind, as "d3". */
static int next_name(struct repo *r, uint8_t kind, char prefix, char ret[24], struct error *e)
{
	uint64_t id;

	if (catalog_next_id(r->catalog, kind, &id, e) < 0)
		return e->code;
	snprintf(ret, 24, "%c%" PRIu64, prefix, id);
	return 0;
}

static json_t *fact_of(const char *member, uint64_t fact, struct error *e)
{
	json_t *o = json_object_make(e);

	if (o)
		json_set_number(o, member, fact, e);
	return o;
}

/* --- reading --- */

struct uses_walk {
	struct arena *a;
	void *list;
	size_t count, cap, item_bytes;
	int (*fill)(struct arena *a, const struct catalog_thing *t, const json_t *body, void *item,
		    struct error *e);
};

static int walk_row(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct uses_walk *w = ctx;
	scoped_json *body = NULL;
	char *item;

	if (json_parse(&body, t->body, strlen(t->body), CATALOG_BODY_MAX, e) < 0)
		return e->code;
	w->list = arena_grow(w->a, w->list, w->item_bytes, w->count, &w->cap, e);
	if (!w->list)
		return e->code;
	item = (char *)w->list + w->count++ * w->item_bytes;
	memset(item, 0, w->item_bytes);
	return w->fill(w->a, t, body, item, e);
}

static int lend(struct arena *a, const char *text, const char **ret, struct error *e)
{
	*ret = arena_text(a, text, strlen(text), e);
	return *ret ? 0 : e->code;
}

static int fill_deployment(struct arena *a, const struct catalog_thing *t, const json_t *body,
			   void *item, struct error *e)
{
	struct deployment *d = item;

	d->id = t->id;
	d->fact = t->fact;
	d->model = t->owner;
	d->from_utc_ms = json_number_or(body, "from", TIME_NONE);
	d->until_utc_ms = json_number_or(body, "until", TIME_NONE);
	if (lend(a, t->name, &d->label, e) < 0 ||
	    lend(a, json_text_or(body, "product", ""), &d->product, e) < 0)
		return e->code;
	return lend(a, json_text_or(body, "use", ""), &d->use, e);
}

int deployments_all(struct repo *r, struct arena *a, struct deployment **ret, size_t *ret_count,
		    struct error *e)
{
	struct uses_walk w = { .a = a, .item_bytes = sizeof(**ret), .fill = fill_deployment };

	if (catalog_each_thing(r->catalog, THING_DEPLOYMENT, UINT64_MAX, walk_row, &w, e) < 0)
		return e->code;
	*ret = w.list;
	*ret_count = w.count;
	return 0;
}

static int fill_output(struct arena *a, const struct catalog_thing *t, const json_t *body,
		       void *item, struct error *e)
{
	struct output *o = item;

	o->id = t->id;
	o->fact = t->fact;
	o->model = t->owner;
	o->gone = t->state != 0;
	o->count = json_number_or(body, "count", 0);
	if (lend(a, t->name, &o->name, e) < 0)
		return e->code;
	return lend(a, json_text_or(body, "kind", ""), &o->kind, e);
}

int outputs_all(struct repo *r, struct arena *a, struct output **ret, size_t *ret_count,
		struct error *e)
{
	struct uses_walk w = { .a = a, .item_bytes = sizeof(**ret), .fill = fill_output };

	if (catalog_each_thing(r->catalog, THING_OUTPUT, UINT64_MAX, walk_row, &w, e) < 0)
		return e->code;
	*ret = w.list;
	*ret_count = w.count;
	return 0;
}

int use_private(struct repo *r, struct arena *a, uint64_t fact, const char *field,
		const char **ret, struct error *e)
{
	scoped(fields) *f = NULL;
	const char *text;

	*ret = NULL;
	if (repo_private(r, fact, &f, e) < 0) {
		if (e->code != E_NOT_FOUND)
			return e->code;
		error_clear(e);
		return 0;
	}
	text = fields_text(f, field);
	return text && *text ? lend(a, text, ret, e) : 0;
}

static const char *label_of(const struct model *models, size_t count, uint64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (models[i].id == id)
			return models[i].label;
	return "";
}

/* --- deploy --- */

static int check_deploy(const struct deploy_words *w, struct error *e)
{
	uint64_t at;

	if (w->from && time_parse(&at, w->from, e) < 0)
		return error_set(e, E_USAGE, "--from %.40s is no time", w->from);
	if (!w->product || check_word("--to", w->product, e) < 0 ||
	    check_word("--recipient", w->recipient, e) < 0 ||
	    check_word("--endpoint", w->endpoint, e) < 0)
		return e->code ? e->code : error_set(e, E_USAGE, "deployed to what? (--to PRODUCT)");
	return check_word("--stop", w->stop, e);
}

static int ask_door(struct repo *r, struct arena *a, const char *model, const char *use,
		    uint64_t at_utc_ms, struct model *ret_model, struct model_decision *ret,
		    struct error *e)
{
	scoped(ask) *ask = NULL;
	struct use u;

	if (use_parse(&u, use, strlen(use), e) < 0 || model_named(r, a, model, ret_model, e) < 0 ||
	    ask_open(&ask, r, at_utc_ms, e) < 0)
		return e->code;
	return ask_model_counted(ask, ret_model, &u, ret, e);
}

static int decision(json_t *doc, const struct model *m, const struct model_decision *d,
		    struct error *e)
{
	json_set_text(doc, "decision", d->why ? "deny" : "allow", e);
	json_set_new(doc, "reasons", parts_reason_list(d->why, e), e);
	json_set_number(doc, "records", m->set.count, e);
	json_set_number(doc, "denied", d->denied, e);
	json_set_new(doc, "counts", parts_reasons(d->by, e), e);
	return e->code;
}

static int deploy_private(const struct deploy_words *w, const char *id, struct fields *f,
			  struct error *e)
{
	if (fields_add_text(f, "id", id, e) < 0 || fields_add_text(f, "product", w->product, e) < 0 ||
	    fields_add_text(f, "use", w->use, e) < 0 || add_if(f, "recipient", w->recipient, e) < 0 ||
	    add_if(f, "endpoint", w->endpoint, e) < 0 || add_if(f, "stop", w->stop, e) < 0)
		return e->code;
	return add_if(f, "from", w->from, e);
}

int flow_deploy(struct repo *r, const struct deploy_words *w, json_t **ret, struct error *e)
{
	scoped_json *doc = json_object_make(e);
	scoped(fields) *f = NULL;
	scoped(change) *c = NULL;
	scoped(arena) *a = NULL;
	struct model_decision d;
	struct model m;
	uint64_t n;
	char id[24];

	if (!doc || arena_create(&a, e) < 0 || check_deploy(w, e) < 0 || change_begin(&c, r, e) < 0 ||
	    ask_door(r, a, w->model, w->use, sys->now_utc_ms(), &m, &d, e) < 0 ||
	    decision(doc, &m, &d, e) < 0)
		return e->code;
	if (d.why) {
		json_set_new(doc, "deployment", json_null(), e);
		*ret = give(doc);
		return error_set(e, E_DENIED, "%s may not be used for %.128s", m.label, w->use);
	}
	if (next_name(r, THING_DEPLOYMENT, 'd', id, e) < 0 || fields_create(&f, e) < 0 ||
	    deploy_private(w, id, f, e) < 0 ||
	    change_fact(c, "deployment", fact_of("model", m.fact, e), f, &n, e) < 0 ||
	    change_commit(c, e) < 0)
		return e->code;
	json_set_text(doc, "deployment", id, e);
	json_set_text(doc, "model", m.label, e);
	json_set_text(doc, "product", w->product, e);
	*ret = give(doc);
	return e->code;
}

int undeploy_in(struct change *c, uint64_t deployment_fact, const char *reason, struct error *e)
{
	scoped(fields) *f = NULL;
	uint64_t n;

	if (fields_create(&f, e) < 0 || fields_add_text(f, "reason", reason, e) < 0)
		return e->code;
	return change_fact(c, "undeployment", fact_of("deployment", deployment_fact, e), f, &n, e);
}

static int find_deployment(struct repo *r, struct arena *a, const char *id, struct deployment *ret,
			   struct error *e)
{
	struct deployment *list = NULL;
	size_t count = 0;

	if (deployments_all(r, a, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].label, id) == 0) {
			*ret = list[i];
			return 0;
		}
	return error_set(e, E_NOT_FOUND, "no deployment \"%.40s\" (rescind deploy ls)", id);
}

int flow_undeploy(struct repo *r, const char *id, json_t **ret, struct error *e)
{
	scoped(change) *c = NULL;
	scoped(arena) *a = NULL;
	struct deployment d = { 0 };
	const char *stop;

	if (arena_create(&a, e) < 0 || change_begin(&c, r, e) < 0 ||
	    find_deployment(r, a, id, &d, e) < 0)
		return e->code;
	if (d.until_utc_ms != TIME_NONE)
		return error_set(e, E_CONFLICT, "%s is not in use any more", id);
	if (use_private(r, a, d.fact, "stop", &stop, e) < 0 || (stop && command_run(stop, e) < 0) ||
	    undeploy_in(c, d.fact, "undeploy", e) < 0 || change_commit(c, e) < 0)
		return e->code;
	return flow_deployments(r, id, ret, e);
}

/* Private texts of a fact as members; null where not said, or where its key was destroyed. */
static void private_texts(struct repo *r, struct arena *a, uint64_t fact,
			  const char *const *names, json_t *doc, struct error *e)
{
	const char *text;

	for (; *names; names++) {
		if (e->code || use_private(r, a, fact, *names, &text, e) < 0)
			return;
		json_set_text(doc, *names, text, e);
	}
}

static int deployment_json(struct repo *r, struct arena *a, const struct deployment *d,
			   const char *model, json_t **ret, struct error *e)
{
	static const char *const said[] = { "recipient", "endpoint", "stop", NULL };
	uint64_t until = d->until_utc_ms == TIME_NONE ? r->at_utc_ms : d->until_utc_ms;
	scoped_json *o = json_object_make(e);

	if (!o)
		return e->code;
	json_set_text(o, "deployment", d->label, e);
	json_set_text(o, "model", model, e);
	json_set_text(o, "product", d->product, e);
	json_set_text(o, "use", d->use, e);
	private_texts(r, a, d->fact, said, o, e);
	json_set_time(o, "since", d->from_utc_ms, e);
	json_set_time(o, "until", d->until_utc_ms, e);
	json_set_number(o, "days", until > d->from_utc_ms ? (until - d->from_utc_ms) / DAY_MS : 0, e);
	if (e->code)
		return e->code;
	*ret = give(o);
	return 0;
}

int flow_deployments(struct repo *r, const char *id, json_t **ret, struct error *e)
{
	scoped_json *all = json_array_make(e);
	scoped(arena) *a = NULL;
	struct deployment *list = NULL, one;
	struct model *models = NULL;
	size_t count = 0, mn = 0;

	if (!all || arena_create(&a, e) < 0 || models_all(r, a, &models, &mn, e) < 0)
		return e->code;
	if (id)
		return find_deployment(r, a, id, &one, e) < 0 ?
			       e->code :
			       deployment_json(r, a, &one, label_of(models, mn, one.model), ret, e);
	if (deployments_all(r, a, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		json_t *o = NULL;

		if (deployment_json(r, a, &list[i], label_of(models, mn, list[i].model), &o, e) < 0)
			return e->code;
		json_add_new(all, o, e);
	}
	if (e->code)
		return e->code;
	*ret = give(all);
	return 0;
}

/* --- outputs --- */

static const char *const output_kinds[] = { "embeddings", "templates", "labels", "predictions" };

static int check_output(const struct output_words *w, uint64_t *ret_count, struct error *e)
{
	bool known = false;

	*ret_count = 0;
	for (size_t i = 0; w->kind && i < COUNT_OF(output_kinds); i++)
		known = known || strcmp(output_kinds[i], w->kind) == 0;
	if (!known)
		return error_set(e, E_USAGE, "--kind is embeddings, templates, labels or predictions");
	if (w->count && number_parse(ret_count, w->count, strlen(w->count), e) < 0)
		return error_set(e, E_USAGE, "--count %.40s is no number", w->count);
	if (!w->at)
		return error_set(e, E_USAGE, "where is it kept? (--at LOCATION)");
	if (parts_name("output", w->name, e) < 0 || check_word("--at", w->at, e) < 0)
		return e->code;
	return check_word("--erase", w->erase, e);
}

int flow_output_add(struct repo *r, const struct output_words *w, json_t **ret, struct error *e)
{
	struct catalog_thing taken;
	scoped(fields) *f = NULL;
	scoped(change) *c = NULL;
	scoped(arena) *a = NULL;
	scoped(set) *s = NULL;
	uint64_t n, count;
	struct model m;

	if (check_output(w, &count, e) < 0 || arena_create(&a, e) < 0 || change_begin(&c, r, e) < 0 ||
	    model_named(r, a, w->model, &m, e) < 0 || set_create(&s, e) < 0 ||
	    stored_set_load(r, &m.set, s, e) < 0 || order_none_begun(r, s, e) < 0)
		return e->code;
	if (catalog_thing_named(r->catalog, a, THING_OUTPUT, w->name, &taken, e) == 0)
		return error_set(e, E_CONFLICT, "there is an output %s already", w->name);
	if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	if (fields_create(&f, e) < 0 || fields_add_text(f, "name", w->name, e) < 0 ||
	    fields_add_text(f, "kind", w->kind, e) < 0 || fields_add_text(f, "at", w->at, e) < 0 ||
	    fields_add_number(f, "count", count, e) < 0 || add_if(f, "erase", w->erase, e) < 0 ||
	    change_fact(c, "output", fact_of("model", m.fact, e), f, &n, e) < 0 ||
	    change_commit(c, e) < 0)
		return e->code;
	return flow_outputs(r, w->name, ret, e);
}

int output_gone_in(struct change *c, uint64_t output_fact, const char *order, struct error *e)
{
	scoped(fields) *f = NULL;
	uint64_t n;

	if (fields_create(&f, e) < 0 || fields_add_text(f, "order", order, e) < 0)
		return e->code;
	return change_fact(c, "output-gone", fact_of("output", output_fact, e), f, &n, e);
}

static int output_json(struct repo *r, struct arena *a, const struct output *o,
		       const char *model, json_t **ret, struct error *e)
{
	static const char *const said[] = { "at", "erase", NULL };
	scoped_json *doc = json_object_make(e), *entry = NULL;

	if (!doc || repo_fact(r, o->fact, &entry, e) < 0)
		return e->code;
	json_set_text(doc, "output", o->name, e);
	json_set_text(doc, "kind", o->kind, e);
	json_set_text(doc, "model", model, e);
	json_set_number(doc, "count", o->count, e);
	json_set_text(doc, "state", o->gone ? "erased" : "kept", e);
	private_texts(r, a, o->fact, said, doc, e);
	json_set_text(doc, "since", json_text_or(entry, "at", ""), e);
	if (e->code)
		return e->code;
	*ret = give(doc);
	return 0;
}

int flow_outputs(struct repo *r, const char *name, json_t **ret, struct error *e)
{
	scoped_json *all = json_array_make(e);
	scoped(arena) *a = NULL;
	struct output *list = NULL;
	struct model *models = NULL;
	size_t count = 0, mn = 0;

	if (!all || arena_create(&a, e) < 0 || models_all(r, a, &models, &mn, e) < 0 ||
	    outputs_all(r, a, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		const char *model = label_of(models, mn, list[i].model);
		json_t *doc = NULL;

		if (name && strcmp(list[i].name, name) != 0)
			continue;
		if (output_json(r, a, &list[i], model, name ? ret : &doc, e) < 0 || name)
			return e->code;
		json_add_new(all, doc, e);
	}
	if (name)
		return error_set(e, E_NOT_FOUND, "no output \"%.100s\" (rescind output ls)", name);
	if (e->code)
		return e->code;
	*ret = give(all);
	return 0;
}

/* --- gate --- */

int flow_gate(struct repo *r, const char *model, const char *use, const char *agent,
	      json_t **ret, struct error *e)
{
	scoped_json *doc = json_object_make(e);
	scoped(arena) *a = NULL;
	struct model_decision d;
	uint64_t facts = 0;
	struct model m;

	if (!doc || arena_create(&a, e) < 0 ||
	    ask_door(r, a, model, use, r->at_utc_ms, &m, &d, e) < 0 ||
	    decision(doc, &m, &d, e) < 0 || catalog_fact_count(r->catalog, &facts, e) < 0)
		return e->code;
	json_set_text(doc, "model", m.label, e);
	json_set_text(doc, "use", use, e);
	json_set_number(doc, "as_of", facts ? facts - 1 : 0, e);
	if (agent)
		json_set_text(doc, "agent", agent, e);
	if (e->code)
		return e->code;
	*ret = give(doc);
	return d.why ? error_set(e, E_DENIED, "%s may not be used for %.128s", m.label, use) : 0;
}
