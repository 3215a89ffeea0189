#include "rights/decide.h"

#include "base/text.h"

/* What every row is asked, with what is not known already made strict. */
struct question {
	const struct decide_record *record;
	const struct use *use;
	uint64_t at_utc_ms;
	const struct terms *terms; /* those of the time; NULL: none */
	uint8_t source_kind, people;
};

static uint64_t minute(uint64_t utc_ms)
{
	return utc_ms / (60 * 1000);
}

bool period_holds(const struct period *p, uint64_t at_utc_ms)
{
	if (at_utc_ms == TIME_NONE)
		return false;
	if (p->from != TIME_NONE && minute(at_utc_ms) < minute(p->from))
		return false;
	return p->until == TIME_NONE || minute(at_utc_ms) < minute(p->until);
}

static uint64_t holds_from(const struct terms *t)
{
	return t->valid.from == TIME_NONE ? 0 : minute(t->valid.from);
}

const struct terms *terms_at(const struct terms *list, size_t count, uint64_t at_utc_ms)
{
	const struct terms *latest = NULL;

	for (size_t i = 0; list && i < count; i++)
		if (period_holds(&list[i].valid, at_utc_ms) &&
		    (!latest || holds_from(&list[i]) >= holds_from(latest)))
			latest = &list[i];
	return latest;
}

static bool has_people(const struct question *q)
{
	return q->people != PEOPLE_NONE || q->record->subjects > 0;
}

static bool grant_covers(const struct grant *g, const struct question *q, bool must_be_explicit)
{
	bool explicit_consent = g->basis == CONSENT && g->explicit_consent;

	if (g->withdrawn || g->basis == BASIS_NONE || g->basis >= BASIS_COUNT)
		return false;
	return period_holds(&g->valid, q->at_utc_ms) && uses_cover(g->uses, q->use, false) &&
	       !uses_cover(g->taken_back, q->use, true) && (!must_be_explicit || explicit_consent);
}

static bool granted(const struct grants *by, const struct question *q, bool must_be_explicit)
{
	for (size_t i = 0; i < by->count; i++)
		if (grant_covers(&by->list[i], q, must_be_explicit))
			return true;
	return false;
}

static bool granted_by_each_subject(const struct question *q, bool must_be_explicit)
{
	const struct decide_record *r = q->record;

	if (r->subjects == 0 || !r->of_subject)
		return false;
	for (size_t i = 0; i < r->subjects; i++)
		if (!granted(&r->of_subject[i], q, must_be_explicit))
			return false;
	return true;
}

/* The controller speaks only for people who are not known. */
static bool granted_by_all(const struct question *q, bool must_be_explicit)
{
	if (q->record->subjects == 0)
		return granted(&q->record->of_source, q, must_be_explicit);
	return granted_by_each_subject(q, must_be_explicit);
}

/* Taken back, and no other grant by the same person in its place. */
static bool taken_back(const struct grants *by, const struct question *q)
{
	if (granted(by, q, false))
		return false;
	for (size_t i = 0; i < by->count; i++) {
		const struct grant *g = &by->list[i];

		if (uses_cover(g->taken_back, q->use, true) ||
		    (g->withdrawn && uses_cover(g->uses, q->use, true)))
			return true;
	}
	return false;
}

/* The rows of the table. Each is true when it holds. */

static bool source_is_known(const struct question *q)
{
	return q->record->source_known;
}

static bool terms_are_valid(const struct question *q)
{
	return q->terms != NULL;
}

static bool use_is_within_terms(const struct question *q)
{
	return q->terms && !q->use->below && uses_cover(q->terms->allow, q->use, true) &&
	       !uses_cover(q->terms->deny, q->use, true);
}

static bool use_is_within_licence(const struct question *q)
{
	return q->terms && !licence_denies(q->terms->licence, q->use);
}

static bool transfer_covers_use(const struct question *q)
{
	const struct transfer *t = q->record->transfer;
	bool needed = q->record->by_transfer || (q->source_kind == PARTNER && has_people(q));

	if (!t)
		return !needed;
	return t->in_force && uses_cover(t->uses, q->use, true);
}

static bool people_were_told(const struct question *q)
{
	const struct transfer *t = q->record->transfer;

	if (q->people == PEOPLE_NONE)
		return true;
	return (t && t->notified == NOTIFIED_YES) || granted_by_each_subject(q, false);
}

static bool people_agree(const struct question *q)
{
	return !has_people(q) || granted_by_all(q, false);
}

static bool people_agree_explicitly(const struct question *q)
{
	bool special = has_people(q) && purpose_infers_special(q->use->purpose);

	return (q->people != PEOPLE_BIOMETRIC && !special) || granted_by_all(q, true);
}

static bool no_signal(const struct question *q)
{
	return !q->record->signal_denies;
}

static bool no_open_order(const struct question *q)
{
	return !q->record->order_open;
}

static bool nothing_withdrawn(const struct question *q)
{
	const struct decide_record *r = q->record;

	if (r->grant_withdrawn)
		return false;
	if (r->subjects == 0)
		return !taken_back(&r->of_source, q);
	for (size_t i = 0; r->of_subject && i < r->subjects; i++)
		if (taken_back(&r->of_subject[i], q))
			return false;
	return true;
}

static bool may_come_again(const struct question *q)
{
	return !q->record->never_again;
}

static bool is_not_erased(const struct question *q)
{
	return !q->record->erased;
}

static const struct row {
	enum reason reason;
	bool (*holds)(const struct question *q);
} rows[] = {
	{ REASON_NO_SOURCE, source_is_known },
	{ REASON_NO_TERMS, terms_are_valid },
	{ REASON_USE_NOT_ALLOWED, use_is_within_terms },
	{ REASON_LICENCE, use_is_within_licence },
	{ REASON_TRANSFER, transfer_covers_use },
	{ REASON_NO_NOTICE, people_were_told },
	{ REASON_NO_GRANT, people_agree },
	{ REASON_NO_EXPLICIT, people_agree_explicitly },
	{ REASON_SIGNAL, no_signal },
	{ REASON_ORDER_OPEN, no_open_order },
	{ REASON_WITHDRAWN, nothing_withdrawn },
	{ REASON_NEVER_AGAIN, may_come_again },
	{ REASON_ERASED, is_not_erased },
};

/* Of a source that is not known, nothing said about it counts. */
static struct question ask(const struct decide_record *r, const struct use *u, uint64_t at_utc_ms)
{
	struct question q = {
		.record = r, .use = u, .at_utc_ms = at_utc_ms,
		.source_kind = PARTNER, .people = PEOPLE_BIOMETRIC,
	};

	if (!r->source_known)
		return q;
	q.terms = terms_at(r->terms, r->terms_count, at_utc_ms);
	if (r->source_kind < SOURCE_KIND_COUNT)
		q.source_kind = r->source_kind;
	if (r->people < PEOPLE_COUNT)
		q.people = r->people;
	return q;
}

reasons decide(const struct decide_record *r, const struct use *u, uint64_t at_utc_ms)
{
	const struct question q = ask(r, u, at_utc_ms);
	reasons found = 0;

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (!rows[i].holds(&q))
			found |= (reasons)1 << rows[i].reason;
	return found;
}

reasons decide_derived(const struct decide_record *r, const struct use *done, uint8_t asked,
		       uint64_t at_utc_ms)
{
	const struct use share = { .processing = SHARE, .purpose = done->purpose };
	const struct question q = ask(r, &share, at_utc_ms);
	reasons found = decide(r, done, at_utc_ms);

	if (asked == SHARE && !use_is_within_licence(&q))
		found |= (reasons)1 << REASON_LICENCE;
	return found;
}

reasons decide_model(const struct decide_model *m)
{
	uint8_t wanted = m->wanted > GRADE_DECLARED ? m->wanted : GRADE_DECLARED;
	bool sure = m->grade >= wanted && m->grade <= GRADE_ENFORCED;
	reasons found = m->of_records;

	if (!m->lineage_known)
		found |= 1u << REASON_LINEAGE;
	if (!sure)
		found |= 1u << REASON_GRADE;
	if (m->withdrawn)
		found |= 1u << REASON_WITHDRAWN;
	if (m->erased)
		found |= 1u << REASON_ERASED;
	return found;
}
