/* Decisions over a set: first about the people that are known, then batch by batch. */
#include <stdlib.h>

#include "repo/ask_parts.h"

int denials_init(struct denials *d, struct error *e)
{
	for (size_t i = 0; i < REASON_COUNT; i++)
		d->by[i] = NULL;
	for (size_t i = 0; i < REASON_COUNT; i++)
		if (set_create(&d->by[i], e) < 0)
			return e->code;
	return 0;
}

void denials_done(struct denials *d)
{
	for (size_t i = 0; i < REASON_COUNT; i++)
		set_destroy(d->by[i]);
}

reasons denials_all(const struct denials *d)
{
	reasons found = 0;

	for (size_t i = 0; i < REASON_COUNT; i++) {
		uint64_t pos = 0;

		if (set_next(d->by[i], &pos))
			found |= (reasons)1 << i;
	}
	return found;
}

static int deny(struct denials *d, reasons why, uint64_t first, uint64_t last, struct error *e)
{
	for (size_t i = 0; why; i++, why >>= 1) {
		if (!(why & 1))
			continue;
		if ((first == last ? set_add(d->by[i], first, e) :
				     set_add_range(d->by[i], first, last, e)) < 0)
			return e->code;
	}
	return 0;
}

/* What was found for one person, by provenance and whether an order is open. */
struct verdict {
	uint64_t person; /* count of the person it is for; 0: none */
	reasons why;
};

struct judging {
	struct ask *a;
	const struct use *use;
	bool derived;
	uint8_t asked;
	struct denials *d;
	const struct set *which;
	struct set *about_people;

	struct verdict *verdicts; /* two for each provenance */
	struct tag tag;		  /* of the person who is judged */
	struct grants grants;	  /* theirs */
	uint64_t person;	  /* counted from 1 */
	size_t next;		  /* of a->people: the first not before tag */

	bool order_open, erased; /* of the part that is judged */
	reasons why;		 /* of the batch that is judged */
};

static reasons judge(const struct judging *j, struct decide_record r, bool order_open)
{
	r.order_open = order_open;
	return j->derived ? decide_derived(&r, j->use, j->asked, j->a->at_utc_ms) :
			    decide(&r, j->use, j->a->at_utc_ms);
}

/* Of which batch a position is; the number of batches when of none. */
static size_t batch_index(const struct ask *a, uint64_t pos)
{
	const struct batch *b = batch_of(a->batches, a->batch_count, pos);

	return b ? (size_t)(b - a->batches) : a->batch_count;
}

/* Everything about the batches that the set meets. */
static int look_up(struct ask *a, const struct set *which, struct error *e)
{
	for (uint64_t pos = 0; set_next(which, &pos);) {
		size_t i = batch_index(a, pos), index;

		if (i == a->batch_count) {
			pos++;
			continue;
		}
		if (a->batch_provenance[i] == 0) {
			if (ask_provenance(a, a->batches[i].source, a->batches[i].transfer, &index,
					   e) < 0)
				return e->code;
			a->batch_provenance[i] = index + 1;
		}
		pos = a->batches[i].last + 1;
	}
	return 0;
}

/* --- people --- */

static void next_person(struct judging *j, const struct tag *t)
{
	const struct ask *a = j->a;

	j->tag = *t;
	j->person++;
	while (j->next < a->people_count && memcmp(&a->people[j->next].tag, t, sizeof(*t)) < 0)
		j->next++;
	j->grants = (struct grants){ NULL, 0 };
	if (j->next < a->people_count && memcmp(&a->people[j->next].tag, t, sizeof(*t)) == 0)
		j->grants = a->people[j->next].grants;
}

/* Why the one who is judged denies a record at pos. */
static reasons why_person(struct judging *j, uint64_t pos)
{
	bool order_open = set_has(j->a->ordered, pos);
	size_t batch = batch_index(j->a, pos);
	struct decide_record r = { 0 };
	struct verdict *v = NULL;

	if (batch < j->a->batch_count) {
		size_t index = j->a->batch_provenance[batch] - 1;

		v = &j->verdicts[2 * index + order_open];
		if (v->person == j->person)
			return v->why;
		r = j->a->provenances[index].record;
	}
	r.of_subject = &j->grants;
	r.subjects = 1;
	if (!v)
		return judge(j, r, order_open);
	*v = (struct verdict){ j->person, judge(j, r, order_open) };
	return v->why;
}

static int one_subject(void *ctx, const struct tag *t, uint64_t pos, struct error *e)
{
	struct judging *j = ctx;
	reasons why;

	if (!set_has(j->which, pos) || set_has(j->a->erased, pos))
		return 0;
	if (j->person == 0 || memcmp(&j->tag, t, sizeof(*t)) != 0)
		next_person(j, t);
	if (set_add(j->about_people, pos, e) < 0)
		return e->code;
	why = why_person(j, pos);
	return why ? deny(j->d, why, pos, pos, e) : 0;
}

static int judge_people(struct judging *j, struct error *e)
{
	size_t count = 2 * (j->a->provenance_count + 1);
	int code;

	if (ask_people(j->a, e) < 0)
		return e->code;
	j->verdicts = calloc(count, sizeof(j->verdicts[0]));
	if (!j->verdicts)
		return error_set(e, E_MEMORY, "out of memory");
	code = catalog_each_tag(j->a->r->catalog, TAG_SUBJECT, one_subject, j, e);
	free(j->verdicts);
	j->verdicts = NULL;
	return code;
}

/* --- batches --- */

/* Rows about people, who are not known any more once a record is erased. */
enum { ABOUT_PEOPLE = 1 << REASON_NO_NOTICE | 1 << REASON_NO_GRANT | 1 << REASON_NO_EXPLICIT |
		      1 << REASON_WITHDRAWN };

static reasons why_batch(const struct judging *j, size_t batch)
{
	struct decide_record r = { 0 };
	reasons why;

	if (batch < j->a->batch_count)
		r = j->a->provenances[j->a->batch_provenance[batch] - 1].record;
	r.erased = j->erased;
	why = judge(j, r, j->order_open);
	return j->erased ? why & ~(reasons)ABOUT_PEOPLE : why;
}

static int deny_run(void *ctx, uint64_t first, uint64_t last, struct error *e)
{
	struct judging *j = ctx;

	return deny(j->d, j->why, first, last, e);
}

/* Positions about nobody known, of which order_open and erased are the same. */
static int judge_part(struct judging *j, const struct set *part, struct error *e)
{
	for (uint64_t pos = 0; set_next(part, &pos);) {
		size_t batch = batch_index(j->a, pos);
		uint64_t last = batch < j->a->batch_count ? j->a->batches[batch].last : pos;

		j->why = why_batch(j, batch);
		if (j->why && set_each_run_in(part, pos, last, deny_run, j, e) < 0)
			return e->code;
		pos = last + 1;
	}
	return 0;
}

/* Keep of s what is in a mark, or what is not. */
static int keep(struct set *s, const struct set *mark, bool in, struct error *e)
{
	return in ? set_and(s, mark, e) : set_minus(s, mark, e);
}

static int judge_rest(struct judging *j, struct error *e)
{
	for (unsigned flags = 0; flags < 4; flags++) {
		scoped(set) *part = NULL;

		j->order_open = flags & 1;
		j->erased = flags & 2;
		if (set_copy(&part, j->which, e) < 0 || set_minus(part, j->about_people, e) < 0 ||
		    keep(part, j->a->ordered, j->order_open, e) < 0 ||
		    keep(part, j->a->erased, j->erased, e) < 0 || judge_part(j, part, e) < 0)
			return e->code;
	}
	return 0;
}

static int judge_quarantined(struct judging *j, struct error *e)
{
	scoped(set) *held = NULL;

	if (set_copy(&held, j->which, e) < 0 || set_and(held, j->a->quarantined, e) < 0 ||
	    set_minus(held, j->a->erased, e) < 0)
		return e->code;
	return set_or(j->d->by[REASON_HOLD], held, e);
}

int ask_judge(struct ask *a, const struct set *which, const struct use *u, bool derived,
	      uint8_t asked, struct denials *d, struct error *e)
{
	struct judging j = { .a = a, .use = u, .derived = derived, .asked = asked, .d = d,
			     .which = which };
	scoped(set) *about_people = NULL;
	uint64_t pos = 0;

	if (!set_next(which, &pos))
		return 0;
	if (set_create(&about_people, e) < 0 || look_up(a, which, e) < 0)
		return e->code;
	j.about_people = about_people;
	if (judge_people(&j, e) < 0 || judge_rest(&j, e) < 0)
		return e->code;
	return judge_quarantined(&j, e);
}

/* --- calls --- */

static int sum_up(const struct set *which, const struct denials *d, struct set_decision *ret,
		  struct error *e)
{
	struct set_decision s = { 0 };
	scoped(set) *allowed = NULL;

	if (set_copy(&allowed, which, e) < 0)
		return e->code;
	for (size_t i = 0; i < REASON_COUNT; i++) {
		s.why[i] = set_count(d->by[i]);
		if (set_minus(allowed, d->by[i], e) < 0)
			return e->code;
	}
	s.denied = set_count(which) - set_count(allowed);
	s.allowed = give(allowed);
	*ret = s;
	return 0;
}

int ask_set(struct ask *a, const struct set *which, const struct use *u, struct set_decision *ret,
	    struct error *e)
{
	struct denials d;
	int code = denials_init(&d, e);

	if (code == 0)
		code = ask_judge(a, which, u, false, 0, &d, e);
	if (code == 0)
		code = sum_up(which, &d, ret, e);
	denials_done(&d);
	return code;
}

void set_decision_done(struct set_decision *d)
{
	set_destroy(d->allowed);
	d->allowed = NULL;
}

int ask_record(struct ask *a, uint64_t pos, const struct use *u, reasons *ret, struct error *e)
{
	scoped(set) *one = NULL;
	struct denials d;
	int code;

	if (set_create(&one, e) < 0 || set_add(one, pos, e) < 0)
		return e->code;
	code = denials_init(&d, e);
	if (code == 0)
		code = ask_judge(a, one, u, false, 0, &d, e);
	if (code == 0)
		*ret = denials_all(&d);
	denials_done(&d);
	return code;
}
