/* Of an attestation: the facts that are shown, the fields of them that are opened, and the
 * checkpoint's set, opened as 0 where it must be. */
#include "base/text.h"
#include "flow/attesting.h"
#include "flow/rights_said.h"

/* --- where the set is 0 --- */

bool attesting_meets(const struct attesting *x, const struct batch *b)
{
	uint64_t pos = b->first;

	return set_next(x->all, &pos) && pos <= b->last;
}

/* Every batch that has nothing in it, and what the orders shown took back. */
static int make_absent(struct attesting *x, struct error *e)
{
	if (set_create(&x->absent, e) < 0)
		return e->code;
	for (size_t i = 0; i < x->batch_count; i++)
		if (!attesting_meets(x, &x->batches[i]) &&
		    set_add_range(x->absent, x->batches[i].first, x->batches[i].last, e) < 0)
			return e->code;
	for (size_t i = 0; i < x->order_count; i++)
		if (x->orders[i].shown && set_or(x->absent, x->orders[i].o->positions, e) < 0)
			return e->code;
	return 0;
}

/* --- how the records came --- */

/* Every version: what they came under, and what holds now. */
static int show_terms(struct attesting *x, uint64_t source, struct error *e)
{
	static const char *const of_terms[] = { "document", "licence", "allow", "deny", "basis",
						"from", "until", NULL };
	struct terms_version *list = NULL;
	size_t count = 0;

	if (terms_of(x->show.r, x->show.a, source, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (showing_fields(&x->show, list[i].fact, of_terms, e) < 0)
			return e->code;
	return 0;
}

/* Corrections name a transfer by its tag; they are looked for once, among all facts. */
static int show_transfer(struct attesting *x, uint64_t id, struct error *e)
{
	static const char *const of_transfer[] = { "id", "source", "from", "to", "date", "uses",
						   "notified", "document", NULL };
	struct transfer_row t = { 0 };

	return transfer_by_id(x->show.r, x->show.a, id, &t, e) < 0 ?
		       e->code :
		       showing_fields(&x->show, t.fact, of_transfer, e);
}

static int show_source(struct attesting *x, uint64_t id, struct error *e)
{
	static const char *const of_source[] = { "name", "kind", "people", "controller", NULL };
	struct source s = { 0 };

	return source_by_id(x->show.r, x->show.a, id, &s, e) < 0 ||
			       showing_fields(&x->show, s.fact, of_source, e) < 0 ?
		       e->code :
		       show_terms(x, id, e);
}

static int show_batch(struct attesting *x, const struct batch *b, struct error *e)
{
	static const char *const of_batch[] = { "terms", "use", NULL };

	if (!attesting_meets(x, b))
		return showing_fact(&x->show, b->fact, e);
	if (showing_fields(&x->show, b->fact, of_batch, e) < 0 || show_source(x, b->source, e) < 0)
		return e->code;
	return b->transfer ? show_transfer(x, b->transfer, e) : 0;
}

static int corrects(struct attesting *x, const json_t *entry, bool *ret, struct error *e)
{
	const char *tag = json_text_or(entry, "transfer", "");

	*ret = false;
	for (size_t i = 0; i < x->batch_count && !*ret; i++) {
		struct transfer_row t = { 0 };
		char own[17];

		if (x->batches[i].transfer == 0 || !attesting_meets(x, &x->batches[i]))
			continue;
		if (transfer_by_id(x->show.r, x->show.a, x->batches[i].transfer, &t, e) < 0)
			return e->code;
		*ret = strcmp(hex_encode(own, t.tag, sizeof(t.tag)), tag) == 0;
	}
	return 0;
}

static int note_correction(struct attesting *x, uint64_t n, const json_t *entry, struct error *e)
{
	json_t *doc = json_object_make(e);
	scoped(fields) *f = NULL;

	json_add_new(x->corrections, doc, e);
	if (e->code || said_of(x->show.r, n, &f, e) < 0)
		return e->code;
	show_text(doc, "transfer", f, "id", e);
	json_set_text(doc, "at", json_text_or(entry, "at", ""), e);
	show_text(doc, "uses", f, "uses", e);
	show_text(doc, "notified", f, "notified", e);
	show_digests(doc, "documents", f, "document", e);
	return e->code;
}

static int show_corrections(struct attesting *x, struct error *e)
{
	static const char *const of_correction[] = { "id", "uses", "notified", "document", NULL };

	for (uint64_t n = 1; n < log_size(x->show.facts); n++) {
		scoped_json *entry = NULL;
		bool ours = false;

		if (repo_fact(x->show.r, n, &entry, e) < 0)
			return e->code;
		if (strcmp(json_text_or(entry, "type", ""), "correction") != 0)
			continue;
		if (corrects(x, entry, &ours, e) < 0 ||
		    (ours && (showing_fields(&x->show, n, of_correction, e) < 0 ||
			      note_correction(x, n, entry, e) < 0)))
			return e->code;
	}
	return 0;
}

/* --- what it was made of, and by which orders --- */

static int show_lineage(struct attesting *x, struct error *e)
{
	static const char *const of_dataset[] = { "name", "version", "use", "count", NULL };
	static const char *const of_parent[] = { "name", "version", "kind", "grade", "count",
						 NULL };
	static const char *const of_model[] = { "name", "version", "kind", "digest", "grade", "count",
						"reasons", NULL };

	for (size_t i = 0; i < x->dataset_count; i++)
		if (attesting_rests_on(x, x->datasets[i].fact) &&
		    showing_fields(&x->show, x->datasets[i].fact, of_dataset, e) < 0)
			return e->code;
	for (size_t i = 0; i < x->model_count; i++)
		if (attesting_rests_on(x, x->models[i].fact) &&
		    showing_fields(&x->show, x->models[i].fact,
				   x->models[i].fact == x->m.fact ? of_model : of_parent, e) < 0)
			return e->code;
	return 0;
}

static int show_orders(struct attesting *x, struct error *e)
{
	static const char *const of_order[] = { "id", "positions", NULL };
	static const char *const of_certified[] = { "sha256", "sha512", NULL };

	for (size_t i = 0; i < x->order_count; i++) {
		const struct order *o = x->orders[i].o;

		if (x->orders[i].shown &&
		    (showing_fields(&x->show, o->fact, of_order, e) < 0 ||
		     showing_fields(&x->show, o->certified_fact, of_certified, e) < 0))
			return e->code;
	}
	return 0;
}

static int read_digest(struct attesting *x, struct error *e)
{
	scoped(fields) *f = NULL;
	const struct field *digest;

	if (repo_private(x->show.r, x->m.fact, &f, e) < 0)
		return e->code;
	digest = fields_find(f, "digest");
	if (!digest || digest->value->len != HASH_LEN)
		return error_set(e, E_FORMAT, "a checkpoint without a digest");
	memcpy(x->digest.b, digest->value->data, HASH_LEN);
	return 0;
}

int attesting_facts(struct attesting *x, struct error *e)
{
	static const char *const of_init[] = { "origin", NULL };
	const struct shown_set set = { x->m.fact, x->m.set };
	size_t shown = 0;

	if (make_absent(x, e) < 0 || read_digest(x, e) < 0 ||
	    showing_fields(&x->show, 0, of_init, e) < 0)
		return e->code;
	for (size_t i = 0; i < x->batch_count; i++)
		if (show_batch(x, &x->batches[i], e) < 0)
			return e->code;
	if (show_corrections(x, e) < 0 || show_lineage(x, e) < 0 || show_orders(x, e) < 0 ||
	    showing_key_of(&x->show, x->m.fact, e) < 0 ||
	    showing_reproduced(&x->show, &x->m, &shown, e) < 0)
		return e->code;
	return showing_sets(&x->show, &set, 1, x->absent, e);
}
