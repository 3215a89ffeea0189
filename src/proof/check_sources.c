/* Where records came from: sources, terms, transfers and corrections. */
#include "proof/provenance.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* ---- by tag ---- */

static const uint8_t *tag_of(const struct fact *f)
{
	return f->type == FACT_TRANSFER ? f->transfer : f->source;
}

static int compare(const struct fact *f, const uint8_t tag[TAG_LEN], uint64_t version)
{
	int order = memcmp(tag_of(f), tag, TAG_LEN);

	return order != 0 ? order : (f->version > version) - (f->version < version);
}

static int by_tag(const void *a, const void *b)
{
	const struct fact *const *x = a, *const *y = b;

	return compare(*x, tag_of(*y), (*y)->version);
}

/* The index of the first that is not below; count when there is none. */
static size_t first_of(const struct tagged *t, const uint8_t tag[TAG_LEN], uint64_t version)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t i = low + (high - low) / 2;

		if (compare(t->list[i], tag, version) < 0)
			low = i + 1;
		else
			high = i;
	}
	return low;
}

/* Its index; count when it is not shown. */
static size_t find(const struct tagged *t, const uint8_t tag[TAG_LEN])
{
	size_t i = first_of(t, tag, 0);

	return i < t->count && memcmp(tag_of(t->list[i]), tag, TAG_LEN) == 0 ? i : t->count;
}

static int collect(const struct statement *s, enum fact_type type, struct tagged *ret,
		   struct error *e)
{
	ret->list = arena_alloc(s->arena, s->fact_count * sizeof(*ret->list), e);
	ret->used = arena_alloc(s->arena, s->fact_count * sizeof(*ret->used), e);
	if (!ret->list || !ret->used)
		return e->code;
	memset(ret->used, 0, s->fact_count * sizeof(*ret->used));
	for (size_t i = 0; i < s->fact_count; i++)
		if (s->facts[i].type == type)
			ret->list[ret->count++] = &s->facts[i];
	if (ret->count > 0)
		qsort(ret->list, ret->count, sizeof(*ret->list), by_tag);
	for (size_t i = 1; i < ret->count; i++)
		if (by_tag(&ret->list[i - 1], &ret->list[i]) == 0)
			return error_set(e, E_MISMATCH, "facts %" PRIu64 " and %" PRIu64
					 " (%s) have one tag", ret->list[i - 1]->n, ret->list[i]->n,
					 fact_type_name(type));
	return 0;
}

/* ---- what they say ---- */

static int check_fields(const struct statement *s, const struct fact *f, const char *const *names,
			struct error *e)
{
	for (; *names; names++) {
		const struct opening *o = opening_find(s, f->n, *names);

		if (!o)
			return error_set(e, E_NOT_FOUND, "%s of fact %" PRIu64 " (%s) is not opened",
					 *names, f->n, fact_type_name(f->type));
	}
	return 0;
}

/* A correction may lack fields: opened whole, there is no choice between two of one name. */
static int check_whole(const struct statement *s, const struct fact *f, struct error *e)
{
	size_t count = 0;
	const struct opening *o = openings_of(s->openings, s->opening_count, f->n, &count);

	if (count == 0 || o->count != count)
		return error_set(e, E_NOT_FOUND, "the correction of fact %" PRIu64 " is not opened whole",
				 f->n);
	return 0;
}

static int check_said(const struct statement *s, const struct fact *f, struct error *e)
{
	static const char *const source[] = { "name", "kind", "people", "controller", NULL };
	static const char *const terms[] = { "document", "licence", "allow", "deny", "basis", "from",
					     "until", NULL };
	static const char *const transfer[] = { "id", "from", "to", "date", "uses", "notified", NULL };

	return f->type == FACT_SOURCE	? check_fields(s, f, source, e) :
	       f->type == FACT_TERMS	? check_fields(s, f, terms, e) :
	       f->type == FACT_TRANSFER ? check_fields(s, f, transfer, e) :
	       f->type == FACT_CORRECTION ? check_whole(s, f, e) : 0;
}

int provenance_begin(struct provenance *p, const struct statement *s, struct error *e)
{
	*p = (struct provenance){ .s = s };
	if (collect(s, FACT_SOURCE, &p->sources, e) < 0 ||
	    collect(s, FACT_TERMS, &p->terms, e) < 0 ||
	    collect(s, FACT_TRANSFER, &p->transfers, e) < 0)
		return e->code;
	for (size_t i = 0; i < s->fact_count; i++)
		if (check_said(s, &s->facts[i], e) < 0)
			return e->code;
	return 0;
}

/* ---- of batches ---- */

static const struct fact *take(struct tagged *t, const uint8_t tag[TAG_LEN], const struct fact *batch)
{
	size_t i = find(t, tag);

	if (i == t->count || t->list[i]->n > batch->n ||
	    memcmp(t->list[i]->source, batch->source, TAG_LEN) != 0)
		return NULL;
	t->used[i] = true;
	return t->list[i];
}

int provenance_of(struct provenance *p, const struct fact *batch, const struct fact **ret_source,
		  const struct fact **ret_transfer, struct error *e)
{
	const struct fact *source = take(&p->sources, batch->source, batch), *transfer = NULL;

	if (!source)
		return error_set(e, E_NOT_FOUND, "the source of the batch of fact %" PRIu64
				 " is not shown", batch->n);
	if (batch->has_transfer && !(transfer = take(&p->transfers, batch->transfer, batch)))
		return error_set(e, E_NOT_FOUND, "the transfer of the batch of fact %" PRIu64
				 " is not shown", batch->n);
	*ret_source = source;
	*ret_transfer = transfer;
	return 0;
}

bool provenance_has_terms(const struct provenance *p, const struct fact *source, uint64_t version)
{
	size_t i = first_of(&p->terms, source->source, version);

	return i < p->terms.count && compare(p->terms.list[i], source->source, version) == 0;
}

static int no_place(const struct fact *f, struct error *e)
{
	return error_set(e, E_MISMATCH, "fact %" PRIu64 " (%s) is of no batch that asks for it", f->n,
			 fact_type_name(f->type));
}

static int check_used(const struct tagged *t, struct error *e)
{
	for (size_t i = 0; i < t->count; i++)
		if (!t->used[i])
			return no_place(t->list[i], e);
	return 0;
}

static int check_terms(const struct provenance *p, bool every, struct error *e)
{
	for (size_t i = 0; i < p->terms.count; i++)
		if (find(&p->sources, p->terms.list[i]->source) == p->sources.count)
			return no_place(p->terms.list[i], e);
	for (size_t i = 0; every && i < p->sources.count; i++)
		if (find(&p->terms, p->sources.list[i]->source) == p->terms.count)
			return error_set(e, E_NOT_FOUND, "no terms of the source of fact %" PRIu64
					 " are shown", p->sources.list[i]->n);
	return 0;
}

int provenance_end(const struct provenance *p, bool every, struct error *e)
{
	const struct tagged *t = &p->transfers;

	if (check_used(&p->sources, e) < 0 || check_used(&p->transfers, e) < 0 ||
	    check_terms(p, every, e) < 0)
		return e->code;
	for (size_t i = 0; i < p->s->fact_count; i++) {
		const struct fact *f = &p->s->facts[i];
		size_t of = f->type == FACT_CORRECTION ? find(t, f->transfer) : 0;

		if (f->type == FACT_CORRECTION && (of == t->count || t->list[of]->n > f->n))
			return no_place(f, e);
	}
	return 0;
}

/* ---- of an attestation ---- */

/* What a batch says that its terms were, where that is opened. */
static int check_decided(const struct provenance *p, const struct fact *batch,
			 const struct fact *source, struct error *e)
{
	const struct opening *o = opening_find(p->s, batch->n, "terms");
	uint64_t version = 0;

	if (!o)
		return 0;
	if (number_parse(&version, (const char *)o->value, o->value_len, e) < 0)
		return error_wrap(e, "terms of fact %" PRIu64, batch->n);
	if (version != 0 && !provenance_has_terms(p, source, version))
		return error_set(e, E_NOT_FOUND, "version %" PRIu64 " of the terms, of the batch of fact %"
				 PRIu64 ", is not shown", version, batch->n);
	return 0;
}

int check_sources(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	struct provenance p;
	size_t batches = 0;
	uint64_t end = 0;

	if (provenance_begin(&p, s, e) < 0)
		return e->code;
	for (size_t i = 0; i < s->fact_count; i++) {
		const struct fact *f = &s->facts[i], *source = NULL, *transfer = NULL;

		if (f->type != FACT_BATCH)
			continue;
		if (f->first < end)
			return error_set(e, E_MISMATCH, "the batch of fact %" PRIu64
					 " is not behind the one before it", f->n);
		end = f->last + 1;
		if (set_covers(s->positions, f->first, f->last))
			continue;
		if (provenance_of(&p, f, &source, &transfer, e) < 0 ||
		    check_decided(&p, f, source, e) < 0)
			return e->code;
		batches++;
	}
	if (provenance_end(&p, true, e) < 0 ||
	    limit(c, "that all versions of terms, all transfers and all corrections are shown, and that no "
		     "other source bears a tag that is shown, is the operator's word", e) < 0)
		return e->code;
	return found(c, "%zu batches that may be in it are of %zu sources, which are shown", batches,
		     p.sources.count);
}
