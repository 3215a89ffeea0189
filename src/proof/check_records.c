/* Checks of a receipt: the records, where they came from, and that it names one person at most. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proof/provenance.h"

/* ---- openings ---- */

int check_card(struct checking *c, size_t i, struct error *e)
{
	const struct opening *o = &c->s->record_openings[i];
	const struct shown_record *r =
		number_find(c->s->records, c->s->record_count, sizeof(*r), o->n);

	if (!r)
		return error_set(e, E_NOT_FOUND, "record %" PRIu64 " is not shown", o->n);
	return card_place(o, e) < 0 ? e->code : opening_check(o, &r->commitment, e);
}

static bool is_subject(const struct opening *o)
{
	return strcmp(o->field, "subject") == 0;
}

static const struct opening *other_subject(const struct opening *list, size_t count,
					   const struct opening **first)
{
	for (size_t i = 0; i < count; i++) {
		const struct opening *o = &list[i];

		if (!is_subject(o))
			continue;
		if (!*first)
			*first = o;
		if (o->value_len != (*first)->value_len ||
		    memcmp(o->value, (*first)->value, o->value_len) != 0)
			return o;
	}
	return NULL;
}

int check_one_person(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	const struct opening *first = NULL;

	if (other_subject(s->record_openings, s->record_opening_count, &first) ||
	    other_subject(s->openings, s->opening_count, &first))
		return error_set(e, E_MISMATCH, "it names more than one person");
	return 0;
}

/* ---- records ---- */

struct recording {
	const struct statement *s;
	struct provenance from;
	size_t closed;	/* cards of which nothing is opened */
	size_t unnamed; /* cards that are opened, but no person in them */
};

static int check_proof(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	uint64_t *indices = arena_alloc(s->arena, s->record_count * sizeof(*indices), e);
	struct hash *leaves = arena_alloc(s->arena, s->record_count * sizeof(*leaves), e);

	if (!indices || !leaves)
		return e->code;
	if (s->subject_count != s->record_count)
		return error_set(e, E_MISMATCH, "%zu records, and %zu subjects", s->record_count,
				 s->subject_count);
	for (size_t i = 0; i < s->record_count; i++) {
		if (!hash_equal(&s->records[i].commitment, &s->subjects[i]))
			return error_set(e, E_MISMATCH, "record %" PRIu64 " is not the subject",
					 s->records[i].pos);
		indices[i] = s->records[i].pos;
		tree_leaf(&leaves[i], &s->records[i].commitment, HASH_LEN);
	}
	return tree_check_many(indices, leaves, s->record_count, c->records.size, s->records_proof,
			       s->records_proof_count, &c->records.root, e);
}

static const struct opening *card_field(const struct opening *list, size_t count, const char *field)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].field, field) == 0)
			return &list[i];
	return NULL;
}

static bool is_value(const struct opening *o, const struct opening *of)
{
	return of && o->value_len == of->value_len &&
	       (o->value_len == 0 || memcmp(o->value, of->value, o->value_len) == 0);
}

/* What the card says of where it came from is what the facts of its batch say. */
static int check_from(struct recording *k, const struct opening *card, size_t count,
		      const struct fact *source, const struct fact *transfer, struct error *e)
{
	const struct opening *name = card_field(card, count, "source");
	const struct opening *by = card_field(card, count, "transfer");
	const struct opening *terms = card_field(card, count, "terms");
	uint64_t version = 0;

	if (!name || !by || !terms)
		return error_set(e, E_NOT_FOUND, "of its card source, transfer and terms are not opened");
	if (!is_value(name, opening_find(k->s, source->n, "name")))
		return error_set(e, E_MISMATCH, "the source of its card is not the source of fact %"
				 PRIu64, source->n);
	if (transfer ? !is_value(by, opening_find(k->s, transfer->n, "id")) : by->value_len > 0)
		return error_set(e, E_MISMATCH, "the transfer of its card is not that of its batch");
	if (number_parse(&version, (const char *)terms->value, terms->value_len, e) < 0)
		return error_wrap(e, "terms");
	if (version != 0 && !provenance_has_terms(&k->from, source, version))
		return error_set(e, E_NOT_FOUND, "version %" PRIu64 " of its terms is not shown", version);
	return 0;
}

static int check_record(struct recording *k, const struct shown_record *r, const struct fact *source,
			const struct fact *transfer, struct error *e)
{
	size_t count = 0;
	const struct opening *card = openings_of(k->s->record_openings, k->s->record_opening_count,
						 r->pos, &count);

	k->closed += count == 0;
	k->unnamed += count > 0 && !card_field(card, count, "subject");
	if (count == 0 || check_from(k, card, count, source, transfer, e) == 0)
		return 0;
	return error_wrap(e, "record %" PRIu64, r->pos);
}

/* Batches ascend and lie apart; each holds the next of the records. */
static int check_batches_of(struct recording *k, struct error *e)
{
	const struct statement *s = k->s;
	uint64_t end = 0;
	size_t next = 0;

	for (size_t i = 0; i < s->fact_count; i++) {
		const struct fact *f = &s->facts[i], *source = NULL, *transfer = NULL;
		size_t before = next;

		if (f->type != FACT_BATCH)
			continue;
		if (f->first < end || f->records.size - 1 != f->last)
			return error_set(e, E_MISMATCH, "the batch of fact %" PRIu64
					 " is not behind the one before it", f->n);
		end = f->records.size;
		if (provenance_of(&k->from, f, &source, &transfer, e) < 0)
			return e->code;
		for (; next < s->record_count && s->records[next].pos >= f->first &&
		       s->records[next].pos <= f->last; next++)
			if (check_record(k, &s->records[next], source, transfer, e) < 0)
				return e->code;
		if (next == before)
			return error_set(e, E_MISMATCH, "the batch of fact %" PRIu64 " holds none of the "
					 "records", f->n);
	}
	return next == s->record_count ? 0 : error_set(e, E_NOT_FOUND, "the batch of record %" PRIu64
						       " is not shown", s->records[next].pos);
}

/* ---- grants ---- */

/* One field of all facts of a type, by value. */
struct values {
	const struct opening **list;
	size_t count;
};

static int compare_values(const struct opening *a, const struct opening *b)
{
	if (a->value_len != b->value_len)
		return a->value_len < b->value_len ? -1 : 1;
	return a->value_len ? memcmp(a->value, b->value, a->value_len) : 0;
}

static int by_value(const void *a, const void *b)
{
	const struct opening *const *x = a, *const *y = b;

	return compare_values(*x, *y);
}

static int gather(const struct statement *s, enum fact_type type, const char *field,
		  struct values *ret, struct error *e)
{
	ret->list = arena_alloc(s->arena, s->fact_count * sizeof(*ret->list), e);
	if (!ret->list)
		return e->code;
	for (size_t i = 0; i < s->fact_count; i++) {
		const struct opening *o = s->facts[i].type == type ?
						  opening_find(s, s->facts[i].n, field) : NULL;

		if (o)
			ret->list[ret->count++] = o;
	}
	if (ret->count > 0)
		qsort(ret->list, ret->count, sizeof(*ret->list), by_value);
	return 0;
}

static bool has_value(const struct values *v, const struct opening *o)
{
	return v->count > 0 && bsearch(&o, v->list, v->count, sizeof(o), by_value);
}

/* A grant is the person's or a source's that is shown, a withdrawal the person's or of such a grant. */
static int check_said_of(const struct statement *s, const struct fact *f,
			 const struct values *sources, const struct values *grants,
			 struct error *e)
{
	size_t count = 0;
	const struct opening *o = openings_of(s->openings, s->opening_count, f->n, &count);

	for (size_t i = 0; i < count; i++)
		if (is_subject(&o[i]) ||
		    (strcmp(o[i].field, "source") == 0 && has_value(sources, &o[i])) ||
		    (strcmp(o[i].field, "grant") == 0 && has_value(grants, &o[i])))
			return 0;
	return error_set(e, E_MISMATCH, "fact %" PRIu64 " (%s) is neither of this person nor of a source "
			 "that is shown", f->n, fact_type_name(f->type));
}

static int check_told(const struct statement *s, struct error *e)
{
	struct values sources = { 0 }, grants = { 0 };
	const char *text = "";

	if (gather(s, FACT_SOURCE, "name", &sources, e) < 0 ||
	    gather(s, FACT_GRANT, "id", &grants, e) < 0)
		return e->code;
	for (size_t i = 0; i < s->fact_count; i++) {
		const struct fact *f = &s->facts[i];

		if ((f->type == FACT_GRANT || f->type == FACT_WITHDRAWAL) &&
		    check_said_of(s, f, &sources, &grants, e) < 0)
			return e->code;
		if (f->type == FACT_ORDER && opened_text(s, f->n, "id", &text, e) < 0)
			return e->code;
	}
	return 0;
}

/* ---- the whole ---- */

static int say_rest(struct checking *c, const struct recording *k, struct error *e)
{
	char text[200];

	snprintf(text, sizeof(text), "nothing of the cards of %zu of these records is opened: whose they "
		 "were, and what they held, is the operator's word", k->closed);
	if (k->closed > 0 && limit(c, text, e) < 0)
		return e->code;
	snprintf(text, sizeof(text), "nobody is opened in the cards of %zu of these records: whose they are "
		 "is the operator's word", k->unnamed);
	if (k->unnamed > 0 && limit(c, text, e) < 0)
		return e->code;
	if (limit(c, "that these are all records of the person, that nothing else was made of them and that "
		     "they went nowhere else, is the operator's word", e) < 0)
		return e->code;
	return limit(c, "that the datasets and checkpoints shown hold these records, that the orders shown "
			"concern them, and that no fact beside those shown does, is the operator's word: no "
			"set is opened", e);
}

int check_records(struct checking *c, struct error *e)
{
	struct recording k = { .s = c->s };

	if (check_unpinned(c, e) < 0 || check_proof(c, e) < 0 ||
	    provenance_begin(&k.from, c->s, e) < 0 || check_batches_of(&k, e) < 0 ||
	    provenance_end(&k.from, false, e) < 0 || check_told(c->s, e) < 0 ||
	    say_rest(c, &k, e) < 0)
		return e->code;
	return found(c, "%zu records are in the log of %" PRIu64 ", each as its card and its batch say",
		     c->s->record_count, c->records.size);
}
