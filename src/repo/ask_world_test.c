/* Worlds of chance, of which the test knows each record by itself. */
#include "base/test.h"

#include <stdio.h>

#include "base/text.h"
#include "repo/ask.h"
#include "repo/by_hand.h"

static struct error e;

#define ID "IdentityVerification"

static struct use use_of(const char *text)
{
	struct use u;

	check_ok(use_parse(&u, text, strlen(text), &e));
	return u;
}

/* Reasons as text, so that a test that fails says which. */
static const char *words_of(reasons r)
{
	static char text[512];
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	check_ok(reasons_put(r, b, &e));
	snprintf(text, sizeof(text), "%s", buf_text(b));
	return text;
}

enum { SOURCES = 5, TRANSFERS = 5, PEOPLE = 12, BATCHES = 14, RECORDS = 400, WORLDS = 12 };
enum { GRANTS_MAX = 3, SUBJECTS_MAX = 3 };

struct person_told {
	struct grant grant[GRANTS_MAX];
	struct uses uses[GRANTS_MAX];
	size_t count;
	struct tag tag;
};

struct source_told {
	uint64_t id;
	uint8_t kind, people;
	struct terms terms[2];
	struct uses allow[2], deny[2];
	size_t terms_count;
	struct person_told controller;
};

struct transfer_told {
	uint64_t id;
	int source;
	struct transfer t;
	struct uses uses;
};

struct record_told {
	int source, transfer; /* transfer -1: none */
	int person[SUBJECTS_MAX];
	size_t persons;
	bool ordered, erased, quarantined;
};

static struct world {
	struct by_hand h;
	struct source_told source[SOURCES];
	struct transfer_told transfer[TRANSFERS];
	struct person_told person[PEOPLE];
	struct record_told record[RECORDS];
	size_t records;
} w;

static uint64_t dice_state;

static int dice(int sides)
{
	dice_state = dice_state * 6364136223846793005u + 1442695040888963407u;
	return (int)((dice_state >> 33) % (unsigned)sides);
}

static const char *one_of(const char *const *list, size_t count)
{
	return list[dice((int)count)];
}
#define ONE_OF(...) one_of((const char *const[]){ __VA_ARGS__ }, \
			   COUNT_OF(((const char *const[]){ __VA_ARGS__ })))

static const struct uses *read_uses(struct uses *ret, const char *text)
{
	if (text)
		check_ok(uses_parse(ret, text, &e));
	return text ? ret : NULL;
}

static struct period period_of(int from, int until)
{
	return (struct period){ hand_day(from), hand_day(until) };
}

static void make_grants(struct person_told *p, uint64_t source, const char *subject)
{
	size_t count = (size_t)dice(GRANTS_MAX + 1);

	p->count = 0;
	for (size_t i = 0; i < count; i++) {
		const char *uses = ONE_OF("train:" ID, "train:" ID ",infer:" ID ",finetune:" ID,
					  "train:Purpose+below", "share:" ID ",evaluate:" ID);
		const char *basis = ONE_OF("consent", "consent", "contract");
		bool is_explicit = dice(3) > 0, withdrawn = dice(5) == 0;
		int from = dice(4) ? 0 : dice(3) - 1, until = dice(4) ? 0 : dice(5) - 2;

		hand_grant(&w.h, source, subject, uses, basis, is_explicit, from, until, withdrawn);
		p->grant[i] = (struct grant){ .valid = period_of(from, until),
					      .uses = read_uses(&p->uses[i], uses),
					      .explicit_consent = is_explicit,
					      .withdrawn = withdrawn };
		check_ok(basis_parse(&p->grant[i].basis, basis, &e));
		p->count++;
	}
}

static void make_source(int i)
{
	struct source_told *s = &w.source[i];
	const char *kind = ONE_OF("partner", "upload", "scrape");
	const char *people = ONE_OF("biometric", "personal", "none");
	char name[16];

	snprintf(name, sizeof(name), "s%d", i);
	s->id = hand_source(&w.h, name, kind, people);
	check_ok(source_kind_parse(&s->kind, kind, &e));
	check_ok(people_parse(&s->people, people, &e));
	s->terms_count = (size_t)(dice(6) ? 1 + dice(2) : 0);
	for (size_t t = 0; t < s->terms_count; t++) {
		const char *allow = ONE_OF("train:Purpose,finetune:Purpose,share:Purpose",
					   "train:Purpose", "train:Marketing");
		const char *deny = ONE_OF(NULL, NULL, "finetune:" ID);
		const char *licence = ONE_OF("CC-BY-4.0", "CC-BY-ND-4.0", NULL);
		int from = dice(3) - 1, until = dice(4) ? 0 : dice(5) - 2;

		hand_terms(&w.h, s->id, licence, allow, deny, from, until);
		s->terms[t] = (struct terms){ .valid = period_of(from, until), .licence = licence };
		s->terms[t].allow = read_uses(&s->allow[t], allow);
		s->terms[t].deny = read_uses(&s->deny[t], deny);
	}
	make_grants(&s->controller, s->id, NULL);
}

static void make_transfer(int i)
{
	struct transfer_told *t = &w.transfer[i];
	const char *uses = ONE_OF("train:Purpose", "train:Purpose,share:Purpose,finetune:Purpose");
	const char *notified = ONE_OF("yes", "yes", "no", "unknown");
	int date = dice(4) ? -3 : 3;

	t->source = dice(SOURCES);
	t->id = hand_transfer(&w.h, w.source[t->source].id, uses, notified, date);
	t->t = (struct transfer){ .uses = read_uses(&t->uses, uses), .in_force = date < 0 };
	check_ok(notified_parse(&t->t.notified, notified, &e));
}

static void make_person(int i)
{
	char name[16];

	snprintf(name, sizeof(name), "p%d", i);
	w.person[i].tag = hand_subject(&w.h, name);
	make_grants(&w.person[i], 0, name);
}

static void make_record(uint64_t pos, int source, int transfer)
{
	struct record_told *r = &w.record[pos];
	int first = dice(PEOPLE);
	char name[16];

	*r = (struct record_told){ .source = source, .transfer = transfer };
	r->ordered = dice(10) == 0;
	r->erased = dice(10) == 0;
	r->quarantined = dice(10) == 0;
	r->persons = (size_t)(r->erased || dice(2) ? 0 : 1 + dice(SUBJECTS_MAX));
	for (size_t i = 0; i < r->persons; i++) {
		r->person[i] = (first + (int)i * 5) % PEOPLE;
		snprintf(name, sizeof(name), "p%d", r->person[i]);
		hand_tag(&w.h, TAG_SUBJECT, name, pos);
	}
}

static void make_batch(void)
{
	int transfer = dice(TRANSFERS + 2), source = dice(SOURCES);
	uint64_t count = (uint64_t)(1 + dice(RECORDS / BATCHES)), first;

	if (transfer < TRANSFERS)
		source = w.transfer[transfer].source;
	else
		transfer = -1;
	first = hand_batch(&w.h, w.source[source].id, transfer < 0 ? 0 : w.transfer[transfer].id,
			   count);
	for (uint64_t pos = first; pos < first + count; pos++)
		make_record(pos, source, transfer);
	w.records = (size_t)(first + count);
}

static void make_mark(uint64_t mark, size_t flag_at)
{
	scoped(buf) *text = NULL;
	scoped(set) *s = NULL;

	check_ok(set_create(&s, &e));
	check_ok(buf_create(&text, 0, &e));
	for (size_t i = 0; i < w.records; i++)
		if (*((const char *)&w.record[i] + flag_at))
			check_ok(set_add(s, i, &e));
	check_ok(set_put_text(s, text, &e));
	hand_mark(&w.h, mark, buf_text(text));
}

static void make_world(uint64_t seed)
{
	dice_state = seed;
	hand_begin(&w.h);
	for (int i = 0; i < SOURCES; i++)
		make_source(i);
	for (int i = 0; i < TRANSFERS; i++)
		make_transfer(i);
	for (int i = 0; i < PEOPLE; i++)
		make_person(i);
	for (int i = 0; i < BATCHES; i++)
		make_batch();
	make_mark(MARK_ORDERED, offsetof(struct record_told, ordered));
	make_mark(MARK_ERASED, offsetof(struct record_told, erased));
	make_mark(MARK_QUARANTINED, offsetof(struct record_told, quarantined));
	hand_commit(&w.h);
}

/* What one record is told, by itself and by all its people at once. */
static struct decide_record record_of(size_t pos, struct grants people[SUBJECTS_MAX])
{
	const struct record_told *r = &w.record[pos];
	const struct source_told *s = &w.source[r->source];
	struct decide_record d = {
		.source_known = true, .source_kind = s->kind, .people = s->people,
		.terms = s->terms, .terms_count = s->terms_count, .by_transfer = r->transfer >= 0,
		.transfer = r->transfer >= 0 ? &w.transfer[r->transfer].t : NULL,
		.of_source = { s->controller.grant, s->controller.count }, .of_subject = people,
		.subjects = r->persons, .order_open = r->ordered, .erased = r->erased,
	};

	for (size_t i = 0; i < r->persons; i++)
		people[i] = (struct grants){ w.person[r->person[i]].grant,
					     w.person[r->person[i]].count };
	return d;
}

static reasons told(size_t pos, reasons why)
{
	const struct record_told *r = &w.record[pos];

	if (r->erased)
		why &= ~(1u << REASON_NO_NOTICE | 1u << REASON_NO_GRANT | 1u << REASON_NO_EXPLICIT |
			 1u << REASON_WITHDRAWN);
	else if (r->quarantined)
		why |= 1u << REASON_HOLD;
	return why;
}

static reasons told_by_itself(size_t pos, const struct use *u)
{
	struct grants people[SUBJECTS_MAX];
	const struct decide_record d = record_of(pos, people);

	return told(pos, decide(&d, u, w.h.r.at_utc_ms));
}

static void as_each_by_itself(struct ask *a, const struct set *which, const char *text)
{
	const struct use u = use_of(text);
	struct set_decision got;
	uint64_t why[REASON_COUNT] = { 0 }, denied = 0;

	check_ok(ask_set(a, which, &u, &got, &e));
	for (size_t pos = 0; pos < w.records; pos++) {
		reasons found;

		if (!set_has(which, pos)) {
			check(!set_has(got.allowed, pos));
			continue;
		}
		found = told_by_itself(pos, &u);
		denied += found != 0;
		for (size_t i = 0; i < REASON_COUNT; i++)
			why[i] += found >> i & 1;
		if (set_has(got.allowed, pos) != (found == 0))
			fail_msg("%s of %zu: %s", text, pos, words_of(found));
	}
	assert_int_equal(got.denied, denied);
	for (size_t i = 0; i < REASON_COUNT; i++)
		if (got.why[i] != why[i])
			fail_msg("%s: %s: %d instead of %d", text, reason_code((enum reason)i),
				 (int)got.why[i], (int)why[i]);
	check(set_count(got.allowed) + denied == set_count(which));
	set_decision_done(&got);
}

static const char *const some_uses[] = { "train:" ID,	 "train:Marketing", "finetune:" ID,
					 "share:" ID,	 "train:Purpose",   "infer:" ID,
					 "train:ImproveHealthcare" };

TEST(a_set_is_told_what_each_record_is_told_by_itself)
{
	uint64_t allowed = 0;

	for (uint64_t seed = 1; seed <= WORLDS; seed++) {
		scoped(set) *all = NULL, *some = NULL, *none = NULL;
		scoped(ask) *a = NULL;
		struct set_decision got;
		struct use u = use_of("train:" ID);

		make_world(seed);
		check_ok(set_create(&all, &e));
		check_ok(set_create(&some, &e));
		check_ok(set_create(&none, &e));
		check_ok(set_add_range(all, 0, w.records - 1, &e));
		for (size_t pos = 0; pos < w.records; pos++)
			if (dice(3) == 0)
				check_ok(set_add(some, pos, &e));
		check_ok(ask_open(&a, &w.h.r, w.h.r.at_utc_ms, &e));
		for (size_t i = 0; i < COUNT_OF(some_uses); i++) {
			as_each_by_itself(a, all, some_uses[i]);
			as_each_by_itself(a, some, some_uses[i]);
		}
		as_each_by_itself(a, none, "train:" ID);
		check_ok(ask_set(a, all, &u, &got, &e));
		allowed += set_count(got.allowed);
		set_decision_done(&got);
		hand_end(&w.h);
	}
	check(allowed > 20); /* not all worlds deny everything */
}

TEST(one_record_is_told_the_same)
{
	const struct use u = use_of("train:" ID);
	scoped(ask) *a = NULL;

	make_world(99);
	check_ok(ask_open(&a, &w.h.r, w.h.r.at_utc_ms, &e));
	for (size_t pos = 0; pos < w.records; pos++) {
		reasons got;

		check_ok(ask_record(a, pos, &u, &got, &e));
		assert_int_equal(got, told_by_itself(pos, &u));
	}
	hand_end(&w.h);
}

TEST(what_would_come_in_is_told_the_same_but_for_its_marks)
{
	const struct use u = use_of("train:" ID);
	scoped(ask) *a = NULL;

	make_world(7);
	check_ok(ask_open(&a, &w.h.r, w.h.r.at_utc_ms, &e));
	for (size_t pos = 0; pos < w.records; pos++) {
		const struct record_told *r = &w.record[pos];
		struct source s = { .id = w.source[r->source].id };
		struct grants people[SUBJECTS_MAX];
		struct decide_record d = record_of(pos, people);
		struct tag tags[SUBJECTS_MAX];
		bool never = dice(4) == 0;
		reasons got;

		for (size_t i = 0; i < r->persons; i++)
			tags[i] = w.person[r->person[i]].tag;
		d.order_open = d.erased = false;
		d.never_again = never;
		check_ok(ask_incoming(a, &s, r->transfer < 0 ? 0 : w.transfer[r->transfer].id, tags,
				      r->persons, never, &u, &got, &e));
		assert_int_equal(got, decide(&d, &u, w.h.r.at_utc_ms));
	}
	hand_end(&w.h);
}

TEST(a_model_is_told_what_each_of_its_records_is_told_of_what_was_done_to_it)
{
	for (uint64_t seed = 1; seed <= WORLDS; seed++) {
		static const char *const asked[] = { "infer:" ID, "share:" ID,
						     "finetune:Marketing" };
		uint64_t inputs[2] = { 0, UINT64_MAX };
		scoped(arena) *arena = NULL;
		scoped(ask) *a = NULL;
		struct model m;
		char all[32];

		make_world(seed);
		snprintf(all, sizeof(all), "0-%zu", w.records - 1);
		hand_again(&w.h);
		inputs[0] = hand_dataset(&w.h, "d", 1, all);
		hand_model(&w.h, "m", "train", GRADE_DECLARED, MODEL_LIVE, inputs, all);
		hand_commit(&w.h);
		check_ok(arena_create(&arena, &e));
		check_ok(model_named(&w.h.r, arena, "m", &m, &e));
		check_ok(ask_open(&a, &w.h.r, w.h.r.at_utc_ms, &e));
		for (size_t i = 0; i < COUNT_OF(asked); i++) {
			const struct use u = use_of(asked[i]);
			const struct use done = { .processing = TRAIN, .purpose = u.purpose };
			uint64_t why[REASON_COUNT], want[REASON_COUNT] = { 0 };
			reasons got, all_found = 0;

			for (size_t pos = 0; pos < w.records; pos++) {
				struct grants people[SUBJECTS_MAX];
				const struct decide_record d = record_of(pos, people);
				reasons found = told(pos, decide_derived(&d, &done, u.processing,
									 w.h.r.at_utc_ms));

				all_found |= found;
				for (size_t k = 0; k < REASON_COUNT; k++)
					want[k] += found >> k & 1;
			}
			check_ok(ask_model(a, &m, &u, &got, why, &e));
			assert_string_equal(words_of(got), words_of(all_found));
			assert_memory_equal(why, want, sizeof(want));
		}
		hand_end(&w.h);
	}
}

TEST_MAIN("repo/ask_world")
