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

static const struct fact *ask(const struct provenance *p, enum fact_type type, const uint8_t *tag,
			      const struct fact *batch, struct error *e)
{
	struct fact *f = index_find(&p->tags, type, tag, TAG_LEN);

	if (want(f && f->n <= batch->n && memcmp(f->source.tag, batch->source.tag, TAG_LEN) == 0, e,
		 "the %s of the batch of fact %" PRIu64 " is not shown", fact_type_name(type),
		 batch->n) < 0)
		return NULL;
	f->asked = true;
	return f;
}

int provenance_terms(const struct provenance *p, const struct fact *source,
		     const struct opening *version, struct error *e)
{
	struct fact terms = { .source = source->source };

	if (opened_number(version, &terms.source.version, e) < 0)
		return error_wrap(e, "terms");
	return want(terms.source.version == 0 ||
		    index_find(&p->tags, FACT_TERMS, &terms.source, sizeof(terms.source)), e,
		    "version %" PRIu64 " of its terms is not shown", terms.source.version);
}

/* Of what is it? It is not shown beside. */
static bool is_asked(struct provenance *p, const struct fact *f)
{
	struct fact *of;

	switch (f->type) {
	case FACT_SOURCE:
	case FACT_TRANSFER:
		p->sources += f->type == FACT_SOURCE;
		return f->asked;
	case FACT_TERMS:
		of = index_find(&p->tags, FACT_SOURCE, f->source.tag, TAG_LEN);
		if (of)
			of->has_terms = true;
		return of != NULL;
	case FACT_CORRECTION:
		of = index_find(&p->tags, FACT_TRANSFER, f->transfer, TAG_LEN);
		return of && of->n <= f->n;
	default:
		return true;
	}
}

static int check_facts_of(struct provenance *p, struct error *e)
{
	const struct statement *s = p->s;

	for (size_t i = 0; i < s->fact_count; i++)
		if (want_of(&s->facts[i], is_asked(p, &s->facts[i]), e,
			    "is of no batch that asks for it") < 0)
			return e->code;
	for (struct fact *f = NULL; (f = fact_next(s, f, FACT_SOURCE));)
		if (want_of(f, f->has_terms || s->kind == RECEIPT, e,
			    "has no terms that are shown") < 0)
			return e->code;
	return 0;
}

int provenance_walk(struct provenance *p, provenance_batch *each, struct error *e)
{
	const struct statement *s = p->s;
	uint64_t end = 0;

	if (index_make(&p->tags, s, NULL, e) < 0 || index_distinct(&p->tags, e) < 0)
		return e->code;
	for (size_t i = 0; i < s->fact_count; i++)
		if (check_told(s, &s->facts[i], e) < 0)
			return e->code;
	for (const struct fact *f = NULL, *source, *transfer; (f = fact_next(s, f, FACT_BATCH));) {
		if (want_of(f, f->first >= end, e, "is not behind the one before it") < 0)
			return e->code;
		end = f->last + 1;
		if (s->positions && set_covers(s->positions, f->first, f->last))
			continue;
		source = ask(p, FACT_SOURCE, f->source.tag, f, e);
		transfer = source && f->has_transfer ?
				   ask(p, FACT_TRANSFER, f->transfer, f, e) : NULL;
		if (e->code || each(p, f, source, transfer, e) < 0)
			return e->code;
	}
	return check_facts_of(p, e);
}

/* ---- of an attestation ---- */

static int check_batch(struct provenance *p, const struct fact *batch, const struct fact *source,
		       __attribute__((unused)) const struct fact *transfer, struct error *e)
{
	const struct opening *terms = opening_find(p->s, batch->n, "terms");
	size_t *batches = p->ctx;

	++*batches;
	if (terms && provenance_terms(p, source, terms, e) < 0)
		return error_wrap(e, "the batch of fact %" PRIu64, batch->n);
	return 0;
}

int check_sources(struct checking *c, struct error *e)
{
	size_t batches = 0;
	struct provenance p = { .s = c->s, .ctx = &batches };

	if (provenance_walk(&p, check_batch, e) < 0)
		return e->code;
	return found(c, "%zu batches that may be in it are of %zu sources, which are shown",
		     batches, p.sources);
}
