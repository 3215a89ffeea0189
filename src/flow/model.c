/* Checkpoints declared: a copy sealed, the path remembered, the decision taken. What exists is
 * always recorded; what is denied now is born withdrawn. */
#include <stdlib.h>

#include "base/sys.h"
#include "base/text.h"
#include "flow/model_fact.h"
#include "flow/order.h"
#include "flow/parts.h"

enum { MODEL_FILES_MAX = 65536, MODEL_DEPTH_MAX = 1000, MODEL_FOLDERS_MAX = 64 };

/* What is being made. */
struct making {
	struct change *c;
	struct repo *r;
	struct arena *a;
	const struct model_words *w;
	const char *kind;
	struct dataset *datasets;
	struct model *parents;
	struct set *set; /* through all parents */
	reasons why;
	uint8_t grade;
	json_t *files;
	struct hash digest;
	char at[PATH_LEN_MAX];
	uint64_t version;
};

static const char *const kinds[] = { "train", "finetune", "distil", "merge", "quantise", "embed" };

static int choose_kind(struct making *m, struct error *e)
{
	if (m->w->kind) {
		for (size_t i = 0; i < COUNT_OF(kinds); i++)
			if (strcmp(kinds[i], m->w->kind) == 0) {
				m->kind = kinds[i];
				return 0;
			}
		return error_set(e, E_USAGE, "no kind \"%.40s\" (train, finetune, distil, merge, quantise, embed)",
				 m->w->kind);
	}
	if (m->w->dataset_count == 0)
		m->kind = m->w->parent_count ? "finetune" : "train";
	else
		m->kind = m->datasets[0].use.processing == FINETUNE ? "finetune" :
			  m->datasets[0].use.processing == EMBED    ? "embed" :
								      "train";
	return 0;
}

/* --- lineage and the decision at birth --- */

static uint8_t processing_of(const char *kind)
{
	return strcmp(kind, "finetune") == 0 ? FINETUNE : strcmp(kind, "embed") == 0 ? EMBED : TRAIN;
}

static int judge_dataset(struct making *m, struct ask *ask, const struct dataset *d,
			 uint8_t processing, struct error *e)
{
	struct use use = { .processing = processing, .purpose = d->use.purpose };
	struct set_decision decision = { 0 };
	scoped(set) *s = NULL;

	if (set_create(&s, e) < 0 || stored_set_load(m->r, &d->set, s, e) < 0 ||
	    ask_set(ask, s, &use, &decision, e) < 0)
		return e->code;
	for (unsigned i = 0; i < REASON_COUNT; i++)
		if (decision.why[i] > 0)
			m->why |= 1u << i;
	set_decision_done(&decision);
	return 0;
}

struct lists {
	struct dataset *datasets;
	struct model *models;
	size_t dataset_count, model_count;
};

/* What a parent rests on is judged for what was done to it, again and now. */
static int judge_model(struct making *m, struct ask *ask, const struct lists *all,
		       const struct model *parent, unsigned depth, struct error *e)
{
	if (parent->state != MODEL_LIVE)
		m->why |= 1u << (parent->state == MODEL_ERASED ? REASON_ERASED : REASON_WITHDRAWN);
	if (parent->grade == GRADE_UNKNOWN || parent->input_count == 0 || depth > MODEL_DEPTH_MAX)
		m->why |= 1u << REASON_LINEAGE;
	for (size_t i = 0; i < parent->input_count && depth <= MODEL_DEPTH_MAX; i++) {
		for (size_t d = 0; d < all->dataset_count; d++)
			if (all->datasets[d].fact == parent->inputs[i] &&
			    judge_dataset(m, ask, &all->datasets[d], processing_of(parent->kind), e) < 0)
				return e->code;
		for (size_t p = 0; p < all->model_count; p++)
			if (all->models[p].fact == parent->inputs[i] &&
			    judge_model(m, ask, all, &all->models[p], depth + 1, e) < 0)
				return e->code;
	}
	return 0;
}

static int judge(struct making *m, struct error *e)
{
	struct lists all;
	scoped(ask) *ask = NULL;

	if (ask_open(&ask, m->r, sys->now_utc_ms(), e) < 0 ||
	    datasets_all(m->r, m->a, &all.datasets, &all.dataset_count, e) < 0 ||
	    models_all(m->r, m->a, &all.models, &all.model_count, e) < 0)
		return e->code;
	for (size_t i = 0; i < m->w->dataset_count; i++)
		if (judge_dataset(m, ask, &m->datasets[i], processing_of(m->kind), e) < 0)
			return e->code;
	for (size_t i = 0; i < m->w->parent_count; i++)
		if (judge_model(m, ask, &all, &m->parents[i], 0, e) < 0)
			return e->code;
	if (m->w->dataset_count == 0 && m->w->parent_count == 0)
		m->why |= 1u << REASON_LINEAGE;
	return 0;
}

static int find_inputs(struct making *m, struct error *e)
{
	const struct model_words *w = m->w;

	m->grade = w->dataset_count || w->parent_count ? GRADE_DECLARED : GRADE_UNKNOWN;
	if (w->parent_count + w->dataset_count > MODEL_INPUTS_MAX)
		return error_set(e, E_RANGE, "more than %d datasets and parents", MODEL_INPUTS_MAX);
	m->parents = arena_alloc(m->a, (w->parent_count + 1) * sizeof(*m->parents), e);
	m->datasets = arena_alloc(m->a, (w->dataset_count + 1) * sizeof(*m->datasets), e);
	if (!m->parents || !m->datasets)
		return e->code;
	for (size_t i = 0; i < w->dataset_count; i++)
		if (dataset_named(m->r, m->a, w->datasets[i], &m->datasets[i], e) < 0 ||
		    stored_set_load(m->r, &m->datasets[i].set, m->set, e) < 0)
			return e->code;
	for (size_t i = 0; i < w->parent_count; i++) {
		if (model_named(m->r, m->a, w->parents[i], &m->parents[i], e) < 0 ||
		    stored_set_load(m->r, &m->parents[i].set, m->set, e) < 0)
			return e->code;
		if (m->parents[i].grade < m->grade)
			m->grade = m->parents[i].grade;
	}
	return choose_kind(m, e);
}

/* --- files --- */

static int seal_file(struct making *m, const char *path, const char *name, struct hasher *all,
		     struct error *e)
{
	json_t *row = json_object_make(e);
	struct hash digest;
	uint64_t bytes;

	if (!row)
		return e->code;
	if (json_array_size(m->files) >= MODEL_FILES_MAX)
		return error_set(e, E_RANGE, "more than %d files", MODEL_FILES_MAX);
	if (change_file(m->c, change_facts(m->c), json_array_size(m->files), path, &digest, &bytes,
			e) < 0) {
		json_decref(row);
		return e->code;
	}
	hasher_add(all, digest.b, HASH_LEN);
	json_set_bytes64(row, "path", name, strlen(name), e);
	json_set_hash(row, "sha256", &digest, e);
	json_set_number(row, "bytes", bytes, e);
	json_add_new(m->files, row, e);
	m->digest = digest;
	return e->code;
}

/* The names of all files below a folder, relative to it. */
struct names {
	const char **list;
	size_t count, cap;
};

static int list_files(struct making *m, const char *folder, const char *prefix, struct names *out,
		      unsigned depth, struct error *e)
{
	char **names, path[PATH_LEN_MAX];
	struct stat st;
	size_t count;

	if (depth > MODEL_FOLDERS_MAX)
		return error_set(e, E_RANGE, "%.200s: folders nested too deep", folder);
	if (folder_list(m->a, folder, &names, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		const char *name = arena_printf(m->a, e, "%s%s", prefix, names[i]);

		if (!name || path_join(path, folder, names[i], e) < 0)
			return e->code;
		if (sys->lstat(path, &st) != 0)
			return error_errno(e, "%.200s", path);
		if (S_ISDIR(st.st_mode)) {
			name = arena_printf(m->a, e, "%s/", name);
			if (!name || list_files(m, path, name, out, depth + 1, e) < 0)
				return e->code;
			continue;
		}
		out->list = arena_grow(m->a, out->list, sizeof(*out->list), out->count, &out->cap, e);
		if (!out->list)
			return e->code;
		out->list[out->count++] = name;
	}
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In order of their whole names, so that the digest over their digests is the root digest of
 * OpenSSF model signing ("files" serialisation, SHA-256). */
static int seal_folder(struct making *m, struct hasher *all, struct error *e)
{
	struct names names = { 0 };
	char path[PATH_LEN_MAX];

	if (list_files(m, m->at, "", &names, 0, e) < 0)
		return e->code;
	if (names.count == 0)
		return error_set(e, E_FORMAT, "%.200s holds no file", m->at);
	qsort(names.list, names.count, sizeof(*names.list), by_bytes);
	for (size_t i = 0; i < names.count; i++)
		if (path_join(path, m->at, names.list[i], e) < 0 ||
		    seal_file(m, path, names.list[i], all, e) < 0)
			return e->code;
	hasher_end(all, &m->digest);
	return 0;
}

static int seal_all(struct making *m, struct error *e)
{
	scoped(hasher) *all = NULL;
	struct stat st;

	if (path_real(m->at, m->w->path, e) < 0 || hasher_create(&all, e) < 0)
		return e->code;
	if (sys->lstat(m->at, &st) != 0)
		return error_errno(e, "%s", m->at);
	return S_ISDIR(st.st_mode) ? seal_folder(m, all, e) : seal_file(m, m->at, "", all, e);
}

/* --- the fact --- */

static int put_fact(struct making *m, uint64_t *ret_n, struct error *e)
{
	uint64_t inputs[MODEL_INPUTS_MAX];
	struct model_fact f = { .name = m->w->name, .version = m->version, .kind = m->kind,
				.at = m->at, .grade = m->grade, .why = m->why, .digest = m->digest,
				.files = m->files, .inputs = inputs, .set = m->set };

	for (size_t i = 0; i < m->w->dataset_count; i++)
		inputs[f.input_count++] = m->datasets[i].fact;
	for (size_t i = 0; i < m->w->parent_count; i++)
		inputs[f.input_count++] = m->parents[i].fact;
	return model_fact_put(m->c, &f, ret_n, e);
}

static int document(const struct making *m, uint64_t fact, json_t **ret, struct error *e)
{
	json_t *doc = *ret = json_object_make(e);

	if (!doc)
		return e->code;
	json_set_text(doc, "model", m->w->name, e);
	json_set_number(doc, "version", m->version, e);
	json_set_text(doc, "state", m->why ? "withdrawn" : "live", e);
	json_set_hash(doc, "digest", &m->digest, e);
	json_set_text(doc, "grade", grade_name(m->grade), e);
	json_set_text(doc, "kind", m->kind, e);
	json_set_number(doc, "records", set_count(m->set), e);
	json_set_number(doc, "fact", fact, e);
	json_set_new(doc, "reasons", parts_reason_list(m->why, e), e);
	return e->code;
}

static int make(struct making *m, json_t **ret, struct error *e)
{
	uint64_t fact;

	if (find_inputs(m, e) < 0 || order_none_begun(m->r, m->set, e) < 0 ||
	    model_next_version(m->r, m->w->name, &m->version, e) < 0 || judge(m, e) < 0 ||
	    seal_all(m, e) < 0 || put_fact(m, &fact, e) < 0 || change_commit(m->c, e) < 0 ||
	    document(m, fact, ret, e) < 0)
		return e->code;
	return m->why ? error_set(e, E_DENIED, "a decision denies it: born withdrawn") : 0;
}

int flow_model_add(struct repo *r, const struct model_words *w, json_t **ret, struct error *e)
{
	scoped_json *files = json_array_make(e);
	struct making m = { .r = r, .w = w, .files = files };
	scoped(change) *c = NULL;
	scoped(arena) *a = NULL;
	scoped(set) *s = NULL;

	if (!files || parts_name("model", w->name, e) < 0 || arena_create(&a, e) < 0 ||
	    set_create(&s, e) < 0 || change_begin(&c, r, e) < 0)
		return e->code;
	m.a = a;
	m.c = c;
	m.set = s;
	return make(&m, ret, e);
}
