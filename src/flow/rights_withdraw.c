/* A grant is taken back: what rests on it, and the order that answers. */
#include <inttypes.h>
#include <stdio.h>

#include "flow/order.h"
#include "flow/rights_said.h"

struct withdrawal {
	struct repo *r;
	struct change *c;
	struct arena *a;
	struct grant_row *of_all; /* of the same person, or for the same source */
	size_t count;
	bool *ends;		  /* which of them */
	const char *subject;	  /* who said it; NULL: the controller, of */
	const char *source;
	struct buf *selector;	  /* what rests on them */
	struct set *touched;	  /* and is here; owned */
	char order[24];		  /* "" when none is opened */
};

/* Does the grant give this, or something below it? */
static bool names_use(const struct grant *g, const struct use *u)
{
	for (size_t i = 0; g->uses && i < g->uses->count; i++) {
		const struct use *given = &g->uses->list[i];

		if (given->processing == u->processing &&
		    (purpose_within(given->purpose, u->purpose) ||
		     (given->below && purpose_within(u->purpose, given->purpose))))
			return true;
	}
	return false;
}

static int mark_ends(struct withdrawal *w, struct error *e)
{
	w->ends = arena_alloc(w->a, w->count + 1, e);
	return w->ends ? 0 : e->code;
}

static int choose_by_id(struct withdrawal *w, const char *id, struct error *e)
{
	scoped(fields) *f = NULL;
	struct grant_row *g;
	const char *subject, *source;
	uint64_t number;
	size_t index;

	if (said_id("grant", id, &number, e) < 0 ||
	    find_grant(w->r, w->a, number, &w->of_all, &w->count, &index, e) < 0 ||
	    mark_ends(w, e) < 0)
		return e->code;
	g = &w->of_all[index];
	if (g->grant.withdrawn)
		return error_set(e, E_CONFLICT, "grant %.40s was withdrawn already", id);
	if (repo_private(w->r, g->fact, &f, e) < 0)
		return e->code;
	w->ends[index] = true;
	subject = fields_text(f, "subject");
	source = fields_text(f, "source");
	w->subject = subject ? arena_text(w->a, subject, strlen(subject), e) : NULL;
	w->source = source ? arena_text(w->a, source, strlen(source), e) : NULL;
	return e->code;
}

static int choose_by_subject(struct withdrawal *w, const char *subject, const struct use *u,
			     struct error *e)
{
	size_t named = 0, ending = 0;
	struct tag tag;

	repo_tag(w->r, &tag, TAG_SUBJECT, subject, strlen(subject));
	if (grants_of_subject(w->r, w->a, &tag, &w->of_all, &w->count, e) < 0 ||
	    mark_ends(w, e) < 0)
		return e->code;
	for (size_t i = 0; i < w->count; i++) {
		const struct grant *g = &w->of_all[i].grant;
		bool is_named = !u || names_use(g, u);

		w->ends[i] = is_named && !g->withdrawn;
		named += is_named;
		ending += w->ends[i];
	}
	w->subject = subject;
	if (named == 0)
		return error_set(e, E_NOT_FOUND, "no grant by \"%.100s\"%s", subject,
				 u ? " for this use" : "");
	return ending ? 0 : error_set(e, E_CONFLICT, "\"%.100s\" withdrew this already", subject);
}

static int put_selector(struct withdrawal *w, struct error *e)
{
	const char *value = w->subject ? w->subject : w->source;

	if (buf_printf(w->selector, e, "%s:\"", w->subject ? "subject" : "source") < 0)
		return e->code;
	for (; *value; value++)
		if (((*value == '"' || *value == '\\') && buf_put(w->selector, "\\", 1, e) < 0) ||
		    buf_put(w->selector, value, 1, e) < 0)
			return e->code;
	return buf_put(w->selector, "\"", 1, e);
}

static int find_records(struct withdrawal *w, struct error *e)
{
	scoped(selector) *sel = NULL;
	scoped(set) *erased = NULL;

	if (put_selector(w, e) < 0 || selector_parse(&sel, buf_text(w->selector), e) < 0 ||
	    selector_run(w->r, sel, &w->touched, e) < 0 || set_create(&erased, e) < 0 ||
	    catalog_mark_get(w->r->catalog, MARK_ERASED, erased, e) < 0)
		return e->code;
	return set_minus(w->touched, erased, e);
}

/* A grant that stays, and holds now. */
static bool another_holds(const struct withdrawal *w)
{
	for (size_t i = 0; i < w->count; i++)
		if (!w->ends[i] && !w->of_all[i].grant.withdrawn &&
		    period_holds(&w->of_all[i].grant.valid, change_now(w->c)))
			return true;
	return false;
}

/* Where the controller takes back what it said for all, those who agreed themselves stay. */
static int open_order(struct withdrawal *w, struct error *e)
{
	const struct order_words words = {
		.selector = buf_text(w->selector),
		.authority = w->subject ? "the person" : "the controller",
		.reason = "grant withdrawn",
		.keep_granted = !w->subject,
	};
	scoped(set) *ordered = NULL;
	uint64_t id;

	if (set_count(w->touched) == 0 || another_holds(w))
		return 0;
	if (order_open_in(w->c, w->r, &words, &id, e) < 0) {
		if (e->code != E_NOT_FOUND)
			return e->code;
		error_clear(e); /* all of them stay */
		return 0;
	}
	snprintf(w->order, sizeof(w->order), "o%" PRIu64, id);
	if (set_create(&ordered, e) < 0 ||
	    catalog_mark_get(w->r->catalog, MARK_ORDER + id, ordered, e) < 0)
		return e->code;
	return set_and(w->touched, ordered, e);
}

static int add_withdrawal(struct withdrawal *w, const char *subject, const struct use *u,
			  struct error *e)
{
	scoped(fields) *f = NULL;
	char text[USE_TEXT_MAX];
	uint64_t n;

	if (fields_create(&f, e) < 0)
		return e->code;
	for (size_t i = 0; i < w->count; i++) {
		char id[24];

		snprintf(id, sizeof(id), "g%" PRIu64, w->of_all[i].id);
		if (w->ends[i] && fields_add_text(f, "grant", id, e) < 0)
			return e->code;
	}
	if ((subject && fields_add_text(f, "subject", subject, e) < 0) ||
	    (u && fields_add_text(f, "uses", use_text(text, u), e) < 0) ||
	    fields_add_text(f, "order", w->order, e) < 0)
		return e->code;
	return change_fact(w->c, "withdrawal", json_object_make(e), f, &n, e);
}

static int withdrawal_document(const struct withdrawal *w, json_t *doc, struct error *e)
{
	json_t *ids = json_array_make(e), *models = json_array_make(e);
	struct touched t;

	json_set_new(doc, "withdrawn", ids, e);
	json_set_new(doc, "models", models, e);
	if (e->code || touched_by(w->r, w->a, w->touched, &t, e) < 0)
		return e->code;
	for (size_t i = 0; i < w->count; i++)
		if (w->ends[i])
			json_add_new(ids, json_sprintf("g%" PRIu64, w->of_all[i].id), e);
	json_set_number(doc, "records", set_count(w->touched), e);
	for (size_t i = 0; i < t.model_count; i++)
		json_add_new(models, json_string(t.models[i].label), e);
	json_set_text(doc, "order", w->order[0] ? w->order : NULL, e);
	return e->code;
}

static int withdraw(struct withdrawal *w, const char *id, const char *subject,
		    const struct use *u, json_t *doc, struct error *e)
{
	if ((id ? choose_by_id(w, id, e) : choose_by_subject(w, subject, u, e)) < 0 ||
	    find_records(w, e) < 0 || open_order(w, e) < 0 ||
	    add_withdrawal(w, subject, u, e) < 0)
		return e->code;
	return withdrawal_document(w, doc, e);
}

int flow_grant_withdraw(struct repo *r, const char *id, const char *subject, const char *use,
			json_t **ret, struct error *e)
{
	scoped(change) *c = NULL;
	scoped(arena) *a = NULL;
	scoped(buf) *selector = NULL;
	scoped_json *doc = json_object_make(e);
	struct use u;
	struct withdrawal w = { .r = r };
	int code;

	if (!id == !subject || (id && use))
		return error_set(e, E_USAGE, "say which grant, or whose (and for which use)");
	if (!doc || (use && use_parse(&u, use, strlen(use), e) < 0) || arena_create(&a, e) < 0 ||
	    buf_create(&selector, 64, e) < 0 || change_begin(&c, r, e) < 0)
		return e->code;
	w.c = c;
	w.a = a;
	w.selector = selector;
	code = withdraw(&w, id, subject, use ? &u : NULL, doc, e);
	set_destroy(w.touched);
	if (code < 0 || change_commit(c, e) < 0)
		return e->code;
	*ret = give(doc);
	return 0;
}
