/* Where records came from: sources, terms, transfers and corrections. */
#include "proof/provenance.h"

#include <inttypes.h>
#include <string.h>

/* What must be opened of these, so that it is told what they are. */
static const char *const told[FACT_TYPES][8] = {
	[FACT_SOURCE] = { "name", "kind", "people", "controller" },
	[FACT_TERMS] = { "document", "licence", "allow", "deny", "basis", "from", "until" },
	[FACT_TRANSFER] = { "id", "from", "to", "date", "uses", "notified" },
};

static int check_told(const struct statement *s, const struct fact *f, struct error *e)
{
	size_t count = 0;
	const struct opening *o = openings_of(s->openings, s->opening_count, f->n, &count);

	for (const char *const *name = told[f->type]; *name; name++)
		if (want(opening_named(o, count, *name), e,
			 "%s of fact %" PRIu64 " (%s) is not opened", *name, f->n,
			 fact_type_name(f->type)) < 0)
			return e->code;
	/* A correction may lack fields: opened whole, there is no choice between two of one name.
	 * */
	return want_of(f, f->type != FACT_CORRECTION || (count > 0 && o->count == count), e,
		       "is not opened whole");
}

int provenance_begin(struct provenance *p, const struct statement *s, struct error *e)
{
	p->s = s;
	if (index_make(&p->sources, s, FACT_SOURCE, NULL, e) < 0 ||
	    index_make(&p->terms, s, FACT_TERMS, NULL, e) < 0 ||
	    index_make(&p->transfers, s, FACT_TRANSFER, NULL, e) < 0 ||
	    index_distinct(&p->sources, e) < 0 || index_distinct(&p->terms, e) < 0 ||
	    index_distinct(&p->transfers, e) < 0)
		return e->code;
	for (size_t i = 0; i < s->fact_count; i++)
		if (check_told(s, &s->facts[i], e) < 0)
			return e->code;
	return 0;
}

static int ask(const struct index *x, const char *what, const uint8_t tag[TAG_LEN],
	       const struct fact *batch, const struct fact **ret, struct error *e)
{
	struct fact *f = index_find(x, tag, TAG_LEN);

	if (want(f && f->n <= batch->n && memcmp(f->source.tag, batch->source.tag, TAG_LEN) == 0, e,
		 "the %s of the batch of fact %" PRIu64 " is not shown", what, batch->n) < 0)
		return e->code;
	f->asked = true;
	*ret = f;
	return 0;
}

int provenance_of(const struct provenance *p, const struct fact *batch,
		  const struct fact **ret_source, const struct fact **ret_transfer, struct error *e)
{
	if (ask(&p->sources, "source", batch->source.tag, batch, ret_source, e) < 0)
		return e->code;
	*ret_transfer = NULL;
	return !batch->has_transfer ? 0 : ask(&p->transfers, "transfer", batch->transfer, batch,
					      ret_transfer, e);
}

int provenance_terms(const struct provenance *p, const struct fact *source,
		     const struct opening *version, struct error *e)
{
	struct fact terms = { .source = source->source };

	if (opened_number(version, &terms.version, e) < 0)
		return error_wrap(e, "terms");
	be_set(terms.source.version, terms.version, sizeof(terms.source.version));
	return want(terms.version == 0 ||
		    index_find(&p->terms, &terms.source, sizeof(terms.source)), e,
		    "version %" PRIu64 " of its terms is not shown", terms.version);
}

/* Of what is it? It is not shown beside. */
static bool is_asked(const struct provenance *p, const struct fact *f)
{
	struct fact *of;

	switch (f->type) {
	case FACT_SOURCE:
	case FACT_TRANSFER:
		return f->asked;
	case FACT_TERMS:
		of = index_find(&p->sources, f->source.tag, TAG_LEN);
		if (of)
			of->has_terms = true;
		return of != NULL;
	case FACT_CORRECTION:
		of = index_find(&p->transfers, f->transfer, TAG_LEN);
		return of && of->n <= f->n;
	default:
		return true;
	}
}

int provenance_end(const struct provenance *p, bool every, struct error *e)
{
	const struct statement *s = p->s;

	for (size_t i = 0; i < s->fact_count; i++)
		if (want_of(&s->facts[i], is_asked(p, &s->facts[i]), e,
			    "is of no batch that asks for it") < 0)
			return e->code;
	for (struct fact *f = NULL; every && (f = fact_next(s, f, FACT_SOURCE));)
		if (want_of(f, f->has_terms, e, "has no terms that are shown") < 0)
			return e->code;
	return 0;
}

/* ---- of an attestation ---- */

int check_sources(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	struct provenance p;
	size_t batches = 0;
	uint64_t end = 0;

	if (provenance_begin(&p, s, e) < 0)
		return e->code;
	for (const struct fact *f = NULL, *source = NULL, *transfer = NULL;
	     (f = fact_next(s, f, FACT_BATCH));) {
		const struct opening *terms = opening_find(s, f->n, "terms");

		if (want_of(f, f->first >= end, e, "is not behind the one before it") < 0)
			return e->code;
		end = f->last + 1;
		if (set_covers(s->positions, f->first, f->last))
			continue;
		if (provenance_of(&p, f, &source, &transfer, e) < 0)
			return e->code;
		if (terms && provenance_terms(&p, source, terms, e) < 0)
			return error_wrap(e, "the batch of fact %" PRIu64, f->n);
		batches++;
	}
	if (provenance_end(&p, true, e) < 0 ||
	    limit(c, e, "that all versions of terms, all transfers and all corrections are shown, "
		     "and that no other source bears a tag that is shown, is the operator's "
		     "word") < 0)
		return e->code;
	return found(c, "%zu batches that may be in it are of %zu sources, which are shown",
		     batches, p.sources.count);
}
