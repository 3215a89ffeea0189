/* Of a certificate: the checkpoints that unlearned, what they became, and who made these again. */
#include <inttypes.h>

#include "flow/certifying.h"

/* Its digest is a salted commitment, and says nothing of the weights. */
static int show_model(struct certifying *x, uint64_t n, struct error *e)
{
	scoped(fields) *f = NULL;

	if (showing_fact(&x->show, n, e) < 0 || repo_private(x->show.r, n, &f, e) < 0 ||
	    showing_field(&x->show, n, f, "name", false, e) < 0 ||
	    showing_field(&x->show, n, f, "version", false, e) < 0)
		return e->code;
	return showing_field(&x->show, n, f, "digest", false, e);
}

/* Which of the keys that made it again said this entry; their count: none of them. */
static size_t said_by(const struct model *m, const json_t *entry)
{
	size_t k = 0;

	if (strcmp(json_text_or(entry, "type", ""), "reproduced") != 0 ||
	    json_number_or(entry, "model", 0) != m->fact)
		return m->reproduced_count;
	while (k < m->reproduced_count &&
	       strcmp(m->reproduced[k], json_text_or(entry, "by", "")) != 0)
		k++;
	return k;
}

/* One of the facts that say so for each key. *shown counts those of all checkpoints. */
static int show_reproduced(struct certifying *x, const struct model *m, size_t *shown,
			   struct error *e)
{
	bool *done = arena_alloc(x->show.a, (m->reproduced_count + 1) * sizeof(*done), e);
	size_t left = m->reproduced_count;

	if (!done)
		return e->code;
	memset(done, 0, (m->reproduced_count + 1) * sizeof(*done));
	done[m->reproduced_count] = true;
	for (uint64_t n = m->fact + 1; n < log_size(x->show.facts) && left > 0; n++) {
		scoped_json *entry = NULL;
		size_t k;

		if (repo_fact(x->show.r, n, &entry, e) < 0)
			return e->code;
		k = said_by(m, entry);
		if (done[k])
			continue;
		if (*shown == CERTIFICATE_REPRODUCED_MAX)
			return 0;
		if (showing_fact(&x->show, n, e) < 0 || showing_key_of(&x->show, n, e) < 0)
			return e->code;
		done[k] = true;
		left--;
		++*shown;
	}
	return 0;
}

static bool unlearns(const struct certify_words *w)
{
	const json_t *step;
	size_t i;

	json_array_foreach(json_object_get(w->plan, "steps"), i, step)
		if (strcmp(json_text_or(step, "do", ""), "unlearn") == 0)
			return true;
	return false;
}

static int show_old(struct certifying *x, const struct certify_words *w, struct error *e)
{
	const json_t *step;
	size_t i;

	json_array_foreach(json_object_get(w->plan, "steps"), i, step)
		if (strcmp(json_text_or(step, "do", ""), "unlearn") == 0 &&
		    show_model(x, json_number_or(step, "fact", 0), e) < 0)
			return e->code;
	return 0;
}

int certify_models(struct certifying *x, struct certify_words *w, struct error *e)
{
	size_t count, shown = 0;
	struct model *models;

	if (!unlearns(w))
		return 0;
	if (show_old(x, w, e) < 0 || models_all(x->show.r, x->show.a, &models, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (certify_was_made(w, models[i].fact) &&
		    (show_model(x, models[i].fact, e) < 0 ||
		     show_reproduced(x, &models[i], &shown, e) < 0))
			return e->code;
	return 0;
}
