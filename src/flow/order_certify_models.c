/* Of a certificate: the checkpoints that unlearned, what they became, and who made these again. */
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
		     showing_reproduced(&x->show, &models[i], &shown, e) < 0))
			return e->code;
	return 0;
}
