/* Of a certificate: the retained sets, each proved to be without the positions. */
#include "flow/certifying.h"

bool certify_was_made(const struct certify_words *w, uint64_t fact)
{
	const json_t *words, *made;
	size_t i, k;

	json_array_foreach(w->done, i, words)
		json_array_foreach(json_object_get(words, "made"), k, made)
			if ((uint64_t)json_integer_value(made) == fact)
				return true;
	return false;
}

/* What is retained. */
struct retaining {
	struct certifying *x;
	struct shown_set *sets;
	size_t count, cap;
};

static int want_set(struct retaining *t, uint64_t fact, const struct stored_set *s,
		    struct error *e)
{
	t->sets = arena_grow(t->x->show.a, t->sets, sizeof(*t->sets), t->count, &t->cap, e);
	if (!t->sets)
		return e->code;
	t->sets[t->count].fact = fact;
	t->sets[t->count++].set = *s;
	return 0;
}

/* Every dataset's latest version, what the order made, and every checkpoint that is live. */
static int want_all(struct retaining *t, struct certify_words *w, struct error *e)
{
	struct certifying *x = t->x;
	struct dataset *datasets, latest;
	struct model *models;
	size_t dn, mn;

	if (datasets_all(x->show.r, x->show.a, &datasets, &dn, e) < 0 ||
	    models_all(x->show.r, x->show.a, &models, &mn, e) < 0)
		return e->code;
	for (size_t i = 0; i < dn; i++) {
		if (dataset_named(x->show.r, x->show.a, datasets[i].name, &latest, e) < 0)
			return e->code;
		if (latest.fact != datasets[i].fact && !certify_was_made(w, datasets[i].fact))
			continue;
		if (want_set(t, datasets[i].fact, &datasets[i].set, e) < 0)
			return e->code;
	}
	for (size_t i = 0; i < mn; i++) {
		if (models[i].state != MODEL_LIVE && !certify_was_made(w, models[i].fact))
			continue;
		if (want_set(t, models[i].fact, &models[i].set, e) < 0)
			return e->code;
	}
	return 0;
}

int certify_sets(struct certifying *x, struct certify_words *w, struct error *e)
{
	struct retaining t = { .x = x };

	if (want_all(&t, w, e) < 0)
		return e->code;
	return showing_sets(&x->show, t.sets, t.count, x->o->positions, e);
}
