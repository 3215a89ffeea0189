/* Of a receipt: the facts that say on what terms the records came, what the person granted, what
 * was made of them and where that runs; and which fields of these are opened. */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "flow/handover.h"
#include "flow/receipt_parts.h"
#include "flow/uses.h"

static const char *const of_init[] = { "origin", NULL };
static const char *const of_source[] = { "name", "kind", "people", "controller", NULL };
static const char *const of_terms[] = { "document", "licence", "allow", "deny", "basis", "from",
					"until", NULL };
static const char *const of_transfer[] = { "id", "source", "from", "to", "date", "uses", "notified",
					   "document", NULL };
static const char *const of_correction[] = { "id", "uses", "notified", "document", NULL };
static const char *const of_grant[] = { "id", "subject", "source", "uses", "basis", "explicit",
					"evidence", "from", "until", NULL };
static const char *const of_withdrawal[] = { "grant", "subject", "uses", "order", NULL };
static const char *const of_dataset[] = { "name", "version", "use", NULL };
static const char *const of_model[] = { "name", "version", "kind", NULL };
static const char *const of_deployment[] = { "id", "product", "use", "recipient", "endpoint", "from",
					     NULL };
static const char *const of_undeployment[] = { "reason", NULL };
static const char *const of_output[] = { "kind", NULL };
static const char *const of_handover[] = { "id", "to", "use", "format", "count", "document", NULL };
static const char *const of_order[] = { "id", NULL };
static const char *const of_batch[] = { NULL };

static bool is_among(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

/* NULL when its key was destroyed. */
static int private_of(struct receipting *x, uint64_t n, struct fields **ret, struct error *e)
{
	if (repo_private(x->show.r, n, ret, e) == E_NOT_FOUND)
		error_clear(e);
	return e->code;
}

/* Show fact n, and open every field of these names that it has. What nobody can open any more is
 * shown as it is. */
static int show(struct receipting *x, uint64_t n, const char *const *list, struct error *e)
{
	scoped(fields) *f = NULL;

	if (showing_fact(&x->show, n, e) < 0 || (*list && private_of(x, n, &f, e) < 0))
		return e->code;
	for (size_t i = 0; f && i < f->count; i++)
		if (is_among(f->list[i].name, list) && certificate_open(x->show.d, n, f, i, e) < 0)
			return e->code;
	return 0;
}

/* --- how they came --- */

static int show_terms(struct receipting *x, const struct batch *b, struct error *e)
{
	struct terms_version *list = NULL;
	size_t count = 0;

	if (terms_of(x->show.r, x->show.a, b->source, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (list[i].version == b->terms && show(x, list[i].fact, of_terms, e) < 0)
			return e->code;
	return 0;
}

/* What the controller granted for its source. */
static int show_agreed(struct receipting *x, const struct batch *b, struct error *e)
{
	struct grant_row *list = NULL;
	size_t count = 0;

	if (grants_of_source(x->show.r, x->show.a, b->source, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (show(x, list[i].fact, of_grant, e) < 0)
			return e->code;
	return 0;
}

static int show_batch(struct receipting *x, const struct batch *b, struct error *e)
{
	struct transfer_row t = { 0 };
	struct source s = { 0 };

	if (show(x, b->fact, of_batch, e) < 0 ||
	    source_by_id(x->show.r, x->show.a, b->source, &s, e) < 0 ||
	    show(x, s.fact, of_source, e) < 0 || show_terms(x, b, e) < 0 || show_agreed(x, b, e) < 0)
		return e->code;
	if (b->transfer == 0)
		return 0;
	return transfer_by_id(x->show.r, x->show.a, b->transfer, &t, e) < 0 ?
		       e->code :
		       show(x, t.fact, of_transfer, e);
}

/* Corrections follow: they name a transfer by its tag. */
static int corrects(struct receipting *x, const json_t *entry, bool *ret, struct error *e)
{
	const char *tag = json_text_or(entry, "transfer", "");

	*ret = false;
	for (size_t i = 0; i < x->batch_count && !*ret; i++) {
		struct transfer_row t = { 0 };
		char own[17];

		if (x->batches[i].transfer == 0)
			continue;
		if (transfer_by_id(x->show.r, x->show.a, x->batches[i].transfer, &t, e) < 0)
			return e->code;
		*ret = strcmp(hex_encode(own, t.tag, sizeof(t.tag)), tag) == 0;
	}
	return 0;
}

/* --- what grew from them --- */

static int show_sets(struct receipting *x, struct error *e)
{
	for (size_t i = 0; i < x->touched.dataset_count; i++)
		if (show(x, x->touched.datasets[i].fact, of_dataset, e) < 0)
			return e->code;
	for (size_t i = 0; i < x->touched.model_count; i++)
		if (show(x, x->touched.models[i].fact, of_model, e) < 0)
			return e->code;
	return 0;
}

static bool is_touched(const struct receipting *x, uint64_t model)
{
	for (size_t i = 0; i < x->touched.model_count; i++)
		if (x->touched.models[i].id == model)
			return true;
	return false;
}

static int show_in_use(struct receipting *x, struct set *deployments, struct error *e)
{
	struct deployment *d = NULL;
	struct output *o = NULL;
	size_t dn = 0, on = 0;

	if (deployments_all(x->show.r, x->show.a, &d, &dn, e) < 0 ||
	    outputs_all(x->show.r, x->show.a, &o, &on, e) < 0)
		return e->code;
	for (size_t i = 0; i < dn; i++)
		if (is_touched(x, d[i].model) &&
		    (show(x, d[i].fact, of_deployment, e) < 0 || set_add(deployments, d[i].fact, e) < 0))
			return e->code;
	for (size_t i = 0; i < on; i++)
		if (is_touched(x, o[i].model) && show(x, o[i].fact, of_output, e) < 0)
			return e->code;
	return 0;
}

static int show_given(struct receipting *x, struct error *e)
{
	struct recipient *list = NULL;
	size_t count = 0;

	if (recipients_of(x->show.r, x->show.a, &x->touched, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (!list[i].deployed && show(x, list[i].fact, of_handover, e) < 0)
			return e->code;
	return 0;
}

/* --- what was said of it later --- */

/* A withdrawal is shown where it ends a grant that is shown: then all that it names are by the same
 * person, or for the same source. */
static int withdraws(struct receipting *x, uint64_t n, const struct set *grants, bool *ret,
		     struct error *e)
{
	scoped(fields) *f = NULL;

	*ret = false;
	if (private_of(x, n, &f, e) < 0)
		return e->code;
	for (size_t i = 0; f && i < f->count && !*ret; i++) {
		const struct buf *id = f->list[i].value; /* "g1" */
		uint64_t number;

		*ret = strcmp(f->list[i].name, "grant") == 0 && id->len > 1 &&
		       number_parse(&number, buf_text(id) + 1, id->len - 1, NULL) == 0 &&
		       set_has(grants, number);
	}
	return 0;
}

struct later {
	struct receipting *x;
	const struct set *deployments, *grants; /* facts; ids */
};

static int show_later(const struct later *l, uint64_t n, const struct buf *text, struct error *e)
{
	scoped_json *entry = NULL;
	const char *type;
	bool wanted = false;

	if (json_parse(&entry, text->data, text->len, SIZE_MAX, e) < 0)
		return e->code;
	type = json_text_or(entry, "type", "");
	if (strcmp(type, "correction") == 0) {
		if (corrects(l->x, entry, &wanted, e) < 0)
			return e->code;
		return wanted ? show(l->x, n, of_correction, e) : 0;
	}
	if (strcmp(type, "withdrawal") == 0) {
		if (withdraws(l->x, n, l->grants, &wanted, e) < 0)
			return e->code;
		return wanted ? show(l->x, n, of_withdrawal, e) : 0;
	}
	return strcmp(type, "undeployment") == 0 &&
			       set_has(l->deployments, json_number_or(entry, "deployment", UINT64_MAX)) ?
		       show(l->x, n, of_undeployment, e) :
		       0;
}

/* These make no rows, so they are looked for among the facts; most are told by a part of their text,
 * without being read. */
static int show_all_later(const struct later *l, struct error *e)
{
	static const char *const types[] = { "\"correction\"", "\"withdrawal\"", "\"undeployment\"" };
	struct catalog *c = l->x->show.r->catalog;
	scoped(buf) *text = NULL;
	uint64_t count;

	if (buf_create(&text, 1024, e) < 0 || catalog_fact_count(c, &count, e) < 0)
		return e->code;
	for (uint64_t n = 0; n < count; n++) {
		buf_clear(text);
		if (catalog_fact(c, n, text, e) < 0)
			return e->code;
		for (size_t i = 0; i < COUNT_OF(types); i++)
			if (strstr(buf_text(text), types[i]) && show_later(l, n, text, e) < 0)
				return e->code;
	}
	return 0;
}

/* Ids of the grants that are shown. */
static int shown_grants(struct receipting *x, struct set *ids, struct error *e)
{
	for (size_t i = 0; i < x->grant_count; i++)
		if (set_add(ids, x->grants[i].id, e) < 0)
			return e->code;
	for (size_t k = 0; k < x->batch_count; k++) {
		struct grant_row *list = NULL;
		size_t count = 0;

		if (grants_of_source(x->show.r, x->show.a, x->batches[k].source, &list, &count, e) < 0)
			return e->code;
		for (size_t i = 0; i < count; i++)
			if (set_add(ids, list[i].id, e) < 0)
				return e->code;
	}
	return 0;
}

int receipting_facts(struct receipting *x, struct error *e)
{
	scoped(set) *deployments = NULL, *grants = NULL;
	struct later l = { .x = x };

	if (set_create(&deployments, e) < 0 || set_create(&grants, e) < 0 ||
	    show(x, 0, of_init, e) < 0)
		return e->code;
	for (size_t i = 0; i < x->batch_count; i++)
		if (show_batch(x, &x->batches[i], e) < 0)
			return e->code;
	for (size_t i = 0; i < x->grant_count; i++)
		if (show(x, x->grants[i].fact, of_grant, e) < 0)
			return e->code;
	for (size_t i = 0; i < x->order_count; i++)
		if (show(x, x->orders[i].fact, of_order, e) < 0)
			return e->code;
	if (show_sets(x, e) < 0 || show_in_use(x, deployments, e) < 0 || show_given(x, e) < 0 ||
	    shown_grants(x, grants, e) < 0)
		return e->code;
	l.deployments = deployments;
	l.grants = grants;
	return show_all_later(&l, e);
}
