/* Checks of a receipt: the records, where they came from, and that it names one person at most. */
#include <inttypes.h>
#include <string.h>

#include "proof/provenance.h"

/* ---- openings ---- */

static bool is_subject(const struct opening *o)
{
	return strcmp(o->field, "subject") == 0;
}

static bool all_name_one(const struct opening *list, size_t count, const struct opening **first)
{
	for (size_t i = 0; i < count; i++) {
		if (is_subject(&list[i]) && !*first)
			*first = &list[i];
		if (is_subject(&list[i]) && !opening_equal(&list[i], *first))
			return false;
	}
	return true;
}

int check_one_person(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	const struct opening *first = NULL;

	return want(all_name_one(s->record_openings, s->record_opening_count, &first) &&
		    all_name_one(s->openings, s->opening_count, &first), e,
		    "it names more than one person");
}

/* ---- records ---- */

struct recording {
	const struct shown_record *next; /* that no batch was met for */
	size_t closed;	/* cards of which nothing is opened */
	size_t unnamed; /* cards that are opened, but no person in them */
};

static int check_proof(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	uint64_t *indices = arena_alloc(s->arena, s->record_count * sizeof(*indices), e);
	struct hash *leaves = arena_alloc(s->arena, s->record_count * sizeof(*leaves), e);

	if (!indices || !leaves ||
	    want(s->subject_count == s->record_count, e, "%zu records, and %zu subjects",
		 s->record_count, s->subject_count) < 0)
		return e->code;
	for (size_t i = 0; i < s->record_count; i++) {
		const struct shown_record *r = &s->records[i];

		if (want(hash_equal(&r->commitment, &s->subjects[i].hash), e,
			 "record %" PRIu64 " is not the subject", r->pos) < 0)
			return e->code;
		indices[i] = r->pos;
		tree_leaf(&leaves[i], &r->commitment, HASH_LEN);
	}
	return tree_check_many(indices, leaves, s->record_count, c->records.size, s->records_proof,
			       s->records_proof_count, &c->records.root, e);
}

/* What the card says of where it came from is what the facts of its batch say. */
static int check_from(struct provenance *p, const struct opening *card, size_t count,
		      const struct fact *source, const struct fact *transfer, struct error *e)
{
	const struct opening *name = opening_named(card, count, "source");
	const struct opening *by = opening_named(card, count, "transfer");
	const struct opening *terms = opening_named(card, count, "terms");

	if (want(name && by && terms, e, "source, transfer and terms of it are not opened") < 0 ||
	    want(opening_equal(name, opening_find(p->s, source->n, "name")), e,
		 "the source of its card is not the source of fact %" PRIu64, source->n) < 0 ||
	    want(transfer ? opening_equal(by, opening_find(p->s, transfer->n, "id")) :
		 by->value_len == 0, e, "the transfer of its card is not that of its batch") < 0)
		return e->code;
	return provenance_terms(p, source, terms, e);
}

/* It holds the next of the records. */
static int check_batch(struct provenance *p, const struct fact *batch, const struct fact *source,
		       const struct fact *transfer, struct error *e)
{
	const struct statement *s = p->s;
	struct recording *k = p->ctx;
	const struct shown_record *before = k->next, *stop = s->records + s->record_count;

	if (want_of(batch, batch->records.size - 1 == batch->last, e,
		    "does not end where its records end") < 0 ||
	    want_of(batch, !successor_lost(s, batch), e, "is of records that the log before lost") < 0)
		return e->code;
	for (; k->next < stop && k->next->pos >= batch->first && k->next->pos <= batch->last;
	     k->next++) {
		size_t count = 0;
		const struct opening *card = openings_of(s->record_openings,
							 s->record_opening_count, k->next->pos,
							 &count);

		k->closed += count == 0;
		k->unnamed += count > 0 && !opening_named(card, count, "subject");
		if (count > 0 && check_from(p, card, count, source, transfer, e) < 0)
			return error_wrap(e, "record %" PRIu64, k->next->pos);
	}
	return want_of(batch, k->next > before, e, "holds none of the records");
}

/* ---- grants ---- */

/* A grant is the person's or a source's that is shown, a withdrawal the person's or of such a
 * grant. */
static int check_said_of(const struct statement *s, const struct fact *f,
			 const struct index *names, struct error *e)
{
	size_t count = 0;
	const struct opening *o = openings_of(s->openings, s->opening_count, f->n, &count);

	for (size_t i = 0; i < count; i++)
		if (is_subject(&o[i]) ||
		    (strcmp(o[i].field, "source") == 0 &&
		     index_find(names, FACT_SOURCE, o[i].value, o[i].value_len)) ||
		    (strcmp(o[i].field, "grant") == 0 &&
		     index_find(names, FACT_GRANT, o[i].value, o[i].value_len)))
			return 0;
	return want_of(f, false, e, "is neither of this person nor of a source that is shown");
}

static int check_told(const struct statement *s, struct error *e)
{
	static const char *const named_by[FACT_TYPES] = { [FACT_SOURCE] = "name",
							  [FACT_GRANT] = "id" };
	const char *text = "";
	struct index names;

	if (index_make(&names, s, named_by, e) < 0)
		return e->code;
	for (const struct fact *f = s->facts; f < s->facts + s->fact_count; f++)
		if (((f->type == FACT_GRANT || f->type == FACT_WITHDRAWAL) &&
		     check_said_of(s, f, &names, e) < 0) ||
		    (f->type == FACT_ORDER && opened_text(s, f->n, "id", &text, e) < 0))
			return e->code;
	return 0;
}

/* ---- the whole ---- */

static int say_rest(struct checking *c, const struct recording *k, struct error *e)
{
	if (k->closed > 0 &&
	    limit(c, e, "nothing of the cards of %zu of these records is opened: whose they were, "
		     "and what they held, is the operator's word", k->closed) < 0)
		return e->code;
	return k->unnamed == 0 ? 0 :
	       limit(c, e, "nobody is opened in the cards of %zu of these records: whose they are "
		     "is the operator's word", k->unnamed);
}

int check_records(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	struct recording k = { .next = s->records };
	struct provenance p = { .s = s, .ctx = &k };
	size_t left;

	if (check_unpinned(c, e) < 0 || check_proof(c, e) < 0 ||
	    provenance_walk(&p, check_batch, e) < 0)
		return e->code;
	left = (size_t)(s->records + s->record_count - k.next);
	if (want(left == 0, e, "%zu records are in no batch that is shown", left) < 0 ||
	    check_told(s, e) < 0 || say_rest(c, &k, e) < 0)
		return e->code;
	return found(c, "%zu records are in the log of %" PRIu64 ", each as its card and its batch "
		     "say", s->record_count, c->records.size);
}
