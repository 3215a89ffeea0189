/* What a certificate says of the checkpoints that unlearned: which took whose place, on what the
 * new one rests, and who trained it again. All of it in the operator's words. */
#include <stdio.h>
#include <string.h>

#include "flow/certify_words.h"
#include "flow/record.h"

struct telling {
	struct repo *r;
	const struct certify_words *w;
	json_t *list; /* lent */
	struct model *models;
	size_t count;
};

static const struct model *model_of(const struct telling *t, uint64_t fact)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->models[i].fact == fact)
			return &t->models[i];
	return NULL;
}

static json_t *keys_of(const struct model *m, struct error *e)
{
	json_t *list = json_array_make(e);

	for (size_t i = 0; i < m->reproduced_count && list; i++)
		json_add_new(list, json_string(m->reproduced[i]), e);
	return list;
}

/* The key that made it the first time. */
static int made_by(const struct telling *t, uint64_t fact, json_t *row, struct error *e)
{
	scoped_json *entry = NULL;

	if (repo_fact(t->r, fact, &entry, e) < 0)
		return e->code;
	json_set_text(row, "made_by", json_text_or(entry, "by", ""), e);
	return e->code;
}

static int tell_one(struct telling *t, const json_t *step, const struct model *made,
		    struct error *e)
{
	json_t *row = json_object_make(e), *record = NULL;

	json_add_new(t->list, row, e);
	if (e->code || record_rows(t->r, &made->set, &record, e) < 0)
		return e->code;
	json_set_new(row, "record", record, e);
	json_set_text(row, "old", json_text_or(step, "target", ""), e);
	json_set_text(row, "new", made->label, e);
	json_set_number(row, "fact", made->fact, e);
	json_set_number(row, "records", made->set.count, e);
	if (made_by(t, made->fact, row, e) < 0)
		return e->code;
	json_set_text(row, "grade", made->reproduced_count ? "reproduced" : grade_name(made->grade), e);
	json_set_new(row, "reproduced_by", keys_of(made, e), e);
	return e->code;
}

/* `made` of a fact has one number for each of its steps that makes something, in order; 0 where
 * nothing was left to make it of. */
static int tell_steps(struct telling *t, const json_t *range, const json_t *done, struct error *e)
{
	const json_t *steps = json_object_get(t->w->plan, "steps");
	const json_t *made = json_object_get(done, "made");
	json_int_t first = json_integer_value(json_array_get(range, 0));
	json_int_t last = json_integer_value(json_array_get(range, 1));
	size_t k = 0;

	for (json_int_t n = first; n <= last; n++) {
		const json_t *step = json_array_get(steps, (size_t)n - 1);
		bool unlearn = strcmp(json_text_or(step, "do", ""), "unlearn") == 0;
		const struct model *m;

		if (!unlearn && strcmp(json_text_or(step, "do", ""), "subset") != 0)
			continue;
		m = model_of(t, (uint64_t)json_integer_value(json_array_get(made, k++)));
		if (unlearn && m && tell_one(t, step, m, e) < 0)
			return e->code;
	}
	return 0;
}

int certify_words_models(struct repo *r, const struct order *o, const struct certify_words *w,
			 json_t **ret, struct error *e)
{
	scoped_json *list = json_array_make(e);
	struct telling t = { .r = r, .w = w, .list = list };
	scoped(arena) *a = NULL;

	if (!list || arena_create(&a, e) < 0 || models_all(r, a, &t.models, &t.count, e) < 0)
		return e->code;
	for (size_t i = 0; i < o->step_fact_count; i++) {
		scoped_json *fact = NULL;

		if (repo_fact(r, o->step_facts[i], &fact, e) < 0 ||
		    tell_steps(&t, json_object_get(fact, "steps"), json_array_get(w->done, i), e) < 0)
			return e->code;
	}
	*ret = give(list);
	return 0;
}

static bool is_exact(const struct model *list, size_t count, uint64_t fact)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].fact == fact)
			return list[i].exact;
	return false;
}

int certify_words_ended(struct repo *r, const struct certify_words *w, uint64_t *ret,
			struct error *e)
{
	const json_t *step, *steps = json_object_get(w->plan, "steps");
	uint64_t unlearned = 0, withdrawn = 0;
	scoped(arena) *a = NULL;
	struct model *list;
	size_t count, i;

	if (arena_create(&a, e) < 0 || models_all(r, a, &list, &count, e) < 0)
		return e->code;
	json_array_foreach(steps, i, step) {
		unlearned += strcmp(json_text_or(step, "do", ""), "unlearn") == 0;
		withdrawn += strcmp(json_text_or(step, "do", ""), "withdraw") == 0 &&
			     is_exact(list, count, json_number_or(step, "fact", 0));
	}
	*ret = withdrawn + unlearned - json_array_size(w->models);
	return 0;
}

void certify_keys(const json_t *model, char ret[CERTIFY_KEYS_MAX])
{
	static const char own[] = "the operator's own key";
	const json_t *key, *keys = json_object_get(model, "reproduced_by");
	const char *maker = json_text_or(model, "made_by", "");
	size_t i, at = 0;

	ret[0] = '\0';
	json_array_foreach(keys, i, key) {
		const char *is = json_string_value(key);

		if (*maker && strcmp(is, maker) == 0)
			is = own;
		if (at + 2 + strlen(is) < CERTIFY_KEYS_MAX)
			at += (size_t)snprintf(ret + at, CERTIFY_KEYS_MAX - at, "%s%s",
					       at ? ", " : "", is);
	}
}
