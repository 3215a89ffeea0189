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

/* --- a world of chance, of which the test knows each record by itself --- */

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
		static const char *const asked[] = { "infer:" ID, "share:" ID, "finetune:Marketing" };
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

/* --- small worlds, said in words --- */

static struct by_hand h;
static uint64_t uploads;

/* Four records of a source that allows training and more, and nobody in it. */
static void begin(void)
{
	hand_begin(&h);
	uploads = hand_source(&h, "uploads", "upload", "none");
	hand_terms(&h, uploads, "CC-BY-4.0",
		   "train:" ID ",finetune:" ID ",embed:" ID ",share:" ID, NULL, 0, 0);
	hand_batch(&h, uploads, 0, 4);
}

static const char *why_record(uint64_t pos, const char *text)
{
	const struct use u = use_of(text);
	scoped(ask) *a = NULL;
	reasons got;

	check_ok(ask_open(&a, &h.r, h.r.at_utc_ms, &e));
	check_ok(ask_record(a, pos, &u, &got, &e));
	return words_of(got);
}

static const char *why_model(const char *name, const char *text)
{
	const struct use u = use_of(text);
	scoped(arena) *arena = NULL;
	scoped(ask) *a = NULL;
	struct model m;
	reasons got;

	check_ok(arena_create(&arena, &e));
	check_ok(ask_open(&a, &h.r, h.r.at_utc_ms, &e));
	check_ok(model_named(&h.r, arena, name, &m, &e));
	check_ok(ask_model(a, &m, &u, &got, NULL, &e));
	return words_of(got);
}

static uint64_t model(const char *name, const char *kind, uint64_t first, uint64_t second,
		      const char *positions)
{
	const uint64_t inputs[] = { first, second, UINT64_MAX };

	return hand_model(&h, name, kind, GRADE_DECLARED, MODEL_LIVE, inputs, positions);
}

#define NONE UINT64_MAX

TEST(marks_deny)
{
	begin();
	hand_mark(&h, MARK_ORDERED, "1");
	hand_mark(&h, MARK_QUARANTINED, "2");
	hand_mark(&h, MARK_ERASED, "3");
	hand_commit(&h);
	assert_string_equal(why_record(0, "train:" ID), "");
	assert_string_equal(why_record(1, "train:" ID), "order-open");
	assert_string_equal(why_record(2, "train:" ID), "hold");
	assert_string_equal(why_record(2, "evaluate:" ID), "use-not-allowed,hold");
	assert_string_equal(why_record(3, "train:" ID), "erased");
	hand_end(&h);
}

TEST(a_position_of_no_batch_has_no_source)
{
	begin();
	hand_tag(&h, TAG_SUBJECT, "p1", 9); /* nor does it help that somebody is in it */
	hand_commit(&h);
	check(strstr(why_record(4, "train:" ID), "no-source"));
	check(strstr(why_record(9, "train:" ID), "no-source"));
	hand_end(&h);
}

TEST(of_an_erased_record_nobody_asks_whom_it_was_about)
{
	uint64_t people;

	begin();
	people = hand_source(&h, "people", "upload", "biometric");
	hand_terms(&h, people, "CC-BY-4.0", "train:" ID, NULL, 0, 0);
	hand_batch(&h, people, 0, 3);
	hand_tag(&h, TAG_SUBJECT, "left over", 6);
	hand_mark(&h, MARK_ERASED, "5-6");
	hand_commit(&h);
	assert_string_equal(why_record(6, "train:" ID), "erased");
	assert_string_equal(why_record(4, "train:" ID), "no-notice,no-grant,no-explicit");
	assert_string_equal(why_record(5, "train:" ID), "erased");
	hand_end(&h);
}

TEST(what_is_missing_for_one_subject_is_missing)
{
	begin();
	hand_grant(&h, 0, "yes", "train:" ID, "consent", true, 0, 0, false);
	hand_grant(&h, 0, "once", "train:" ID, "consent", true, 0, 0, true);
	hand_grant(&h, 0, "still", "train:" ID, "consent", true, 0, 0, true);
	hand_grant(&h, 0, "still", "train:" ID, "consent", true, 0, 0, false);
	hand_tag(&h, TAG_SUBJECT, "yes", 0);
	hand_tag(&h, TAG_SUBJECT, "still", 0);
	hand_tag(&h, TAG_SUBJECT, "yes", 1);
	hand_tag(&h, TAG_SUBJECT, "once", 1);
	hand_tag(&h, TAG_SUBJECT, "yes", 2);
	hand_tag(&h, TAG_SUBJECT, "never", 2);
	hand_commit(&h);
	assert_string_equal(why_record(0, "train:" ID), "");
	assert_string_equal(why_record(1, "train:" ID), "no-grant,withdrawn");
	assert_string_equal(why_record(2, "train:" ID), "no-grant");
	assert_string_equal(why_record(3, "train:" ID), "");
	hand_end(&h);
}

TEST(a_transfer_that_is_anothers_or_lost_covers_nothing)
{
	uint64_t other, transfer;

	begin();
	other = hand_source(&h, "other", "upload", "none");
	transfer = hand_transfer(&h, other, "train:" ID, "yes", -1);
	hand_batch(&h, uploads, transfer, 1);
	hand_batch(&h, uploads, 77, 1);
	hand_commit(&h);
	assert_string_equal(why_record(4, "train:" ID), "transfer");
	assert_string_equal(why_record(5, "train:" ID), "transfer");
	hand_end(&h);
}

static const char *why_incoming(uint64_t source)
{
	const struct use u = use_of("train:" ID);
	struct source s = { .id = source };
	scoped(ask) *a = NULL;
	reasons got;

	check_ok(ask_open(&a, &h.r, h.r.at_utc_ms, &e));
	check_ok(ask_incoming(a, &s, 0, NULL, 0, false, &u, &got, &e));
	return words_of(got);
}

TEST(an_open_order_against_a_source_keeps_more_of_it_out)
{
	static const struct {
		uint8_t state;
		const char *why;
	} cases[] = {
		{ ORDER_OPEN, "order-open" },	   { ORDER_PLANNED, "order-open" },
		{ ORDER_APPROVED, "order-open" },  { ORDER_EXECUTING, "order-open" },
		{ ORDER_HELD, "order-open" },	   { ORDER_CERTIFIED, "" },
		{ ORDER_REFUSED, "" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint64_t other;

		begin();
		other = hand_source(&h, "other", "upload", "none");
		hand_terms(&h, other, "MIT", "train:" ID, NULL, 0, 0);
		hand_order(&h, uploads, cases[i].state);
		hand_order(&h, 0, ORDER_OPEN);
		hand_commit(&h);
		assert_string_equal(why_incoming(uploads), cases[i].why);
		assert_string_equal(why_incoming(other), "");
		check(strstr(why_incoming(99), "no-source"));
		hand_end(&h);
	}
}

TEST(a_model_may_do_what_its_records_allow_to_have_been_done)
{
	begin();
	model("m", "train", hand_dataset(&h, "d", 1, "0-3"), NONE, "0-3");
	hand_commit(&h);
	assert_string_equal(why_model("m", "infer:" ID), "");
	assert_string_equal(why_model("m", "finetune:" ID), "");
	assert_string_equal(why_model("m", "share:" ID), "");
	assert_string_equal(why_model("m", "infer:Marketing"), "use-not-allowed");
	hand_end(&h);
}

TEST(a_model_is_not_asked_what_is_done_to_records)
{
	static const char *const uses[] = { "train:" ID, "evaluate:" ID, "embed:" ID };
	scoped(ask) *a = NULL;

	begin();
	hand_commit(&h);
	check_ok(ask_open(&a, &h.r, h.r.at_utc_ms, &e));
	for (size_t i = 0; i < COUNT_OF(uses); i++) {
		const struct use u = use_of(uses[i]);
		struct model m = { .kind = "train" };
		reasons got;

		check_code(ask_model(a, &m, &u, &got, NULL, &e), E_USAGE);
	}
	hand_end(&h);
}

/* Each kind asks for what it did; this source allows one processing. */
static const char *why_kind(const char *allowed, const char *kind)
{
	static char why[128];
	uint64_t source, first;
	char positions[16];

	begin();
	source = hand_source(&h, "one", "upload", "none");
	hand_terms(&h, source, "CC-BY-4.0", allowed, NULL, 0, 0);
	first = hand_batch(&h, source, 0, 1);
	snprintf(positions, sizeof(positions), "%d", (int)first);
	model("m", kind, hand_dataset(&h, "d", 1, positions), NONE, positions);
	hand_commit(&h);
	snprintf(why, sizeof(why), "%s", why_model("m", "infer:" ID));
	hand_end(&h);
	return why;
}

TEST(each_kind_of_model_asks_for_what_it_did)
{
	assert_string_equal(why_kind("train:" ID, "train"), "");
	assert_string_equal(why_kind("finetune:" ID, "train"), "use-not-allowed");
	assert_string_equal(why_kind("finetune:" ID, "finetune"), "");
	assert_string_equal(why_kind("train:" ID, "finetune"), "use-not-allowed");
	assert_string_equal(why_kind("embed:" ID, "embed"), "");
	assert_string_equal(why_kind("train:" ID, "embed"), "use-not-allowed");
	assert_string_equal(why_kind("train:" ID, "distil"), "");
	assert_string_equal(why_kind("finetune:" ID, "merge"), "use-not-allowed");
	assert_string_equal(why_kind("train:" ID, "something"), "lineage");
}

TEST(what_a_parent_did_is_asked_of_its_child)
{
	uint64_t base, tune_only, old;

	begin();
	base = hand_source(&h, "tune", "upload", "none");
	hand_terms(&h, base, "CC-BY-4.0", "finetune:" ID, NULL, 0, 0);
	hand_batch(&h, base, 0, 2); /* 4 and 5 */
	tune_only = hand_dataset(&h, "tune", 1, "4-5");
	old = model("old", "train", hand_dataset(&h, "d", 1, "0-3"), NONE, "0-3");
	model("small", "quantise", model("new", "finetune", old, tune_only, "0-5"), NONE, "0-5");
	model("wrong-small", "distil", model("wrong", "train", old, tune_only, "0-5"), NONE, "0-5");
	hand_commit(&h);
	assert_string_equal(why_model("new", "infer:" ID), "");
	assert_string_equal(why_model("small", "infer:" ID), "");
	assert_string_equal(why_model("wrong", "infer:" ID), "use-not-allowed");
	assert_string_equal(why_model("wrong-small", "infer:" ID), "use-not-allowed");
	hand_end(&h);
}

TEST(what_was_done_twice_to_a_record_is_asked_twice)
{
	uint64_t source, d, old;

	begin();
	source = hand_source(&h, "train-only", "upload", "none");
	hand_terms(&h, source, "CC-BY-4.0", "train:" ID, NULL, 0, 0);
	hand_batch(&h, source, 0, 1);
	d = hand_dataset(&h, "d", 1, "4");
	old = model("old", "train", d, NONE, "4");
	model("new", "finetune", old, d, "4");
	model("small", "quantise", old, NONE, "4");
	hand_commit(&h);
	assert_string_equal(why_model("old", "infer:" ID), "");
	assert_string_equal(why_model("small", "infer:" ID), "");
	assert_string_equal(why_model("new", "infer:" ID), "use-not-allowed");
	hand_end(&h);
}

TEST(an_open_order_and_a_withdrawn_grant_reach_every_descendant)
{
	uint64_t old, other;

	begin();
	hand_grant(&h, 0, "gone", "train:" ID, "consent", true, 0, 0, true);
	hand_tag(&h, TAG_SUBJECT, "gone", 2);
	hand_mark(&h, MARK_ORDERED, "1");
	old = model("old", "train", hand_dataset(&h, "d", 1, "1"), NONE, "1");
	other = hand_dataset(&h, "d", 2, "2");
	model("newer", "merge", model("new", "finetune", old, NONE, "1"), other, "1-2");
	model("apart", "train", hand_dataset(&h, "d", 3, "0,3"), NONE, "0,3");
	hand_commit(&h);
	assert_string_equal(why_model("new", "infer:" ID), "order-open");
	assert_string_equal(why_model("newer", "infer:" ID), "no-grant,order-open,withdrawn");
	assert_string_equal(why_model("apart", "infer:" ID), "");
	hand_end(&h);
}

TEST(lineage_is_known_when_every_input_and_every_position_is)
{
	uint64_t d, unknown;

	begin();
	d = hand_dataset(&h, "d", 1, "0-1");
	model("whole", "train", d, NONE, "0-1");
	model("less", "train", d, NONE, "0");
	model("more", "train", d, NONE, "0-2");
	unknown = model("none", "train", NONE, NONE, "");
	model("missing", "train", d, 999, "0-1");
	model("child", "quantise", unknown, NONE, "");
	model("self", "finetune", h.facts, NONE, "0-1");
	hand_commit(&h);
	assert_string_equal(why_model("whole", "infer:" ID), "");
	assert_string_equal(why_model("less", "infer:" ID), "");
	assert_string_equal(why_model("more", "infer:" ID), "lineage");
	assert_string_equal(why_model("none", "infer:" ID), "lineage");
	assert_string_equal(why_model("missing", "infer:" ID), "lineage");
	assert_string_equal(why_model("child", "infer:" ID), "lineage");
	assert_string_equal(why_model("self", "infer:" ID), "lineage");
	hand_end(&h);
}

TEST(a_model_is_as_sure_and_as_alive_as_the_weakest_it_rests_on)
{
	static const struct {
		uint8_t grade, state;
		const char *why;
	} cases[] = {
		{ GRADE_ENFORCED, MODEL_LIVE, "" },
		{ GRADE_DECLARED, MODEL_LIVE, "" },
		{ GRADE_UNKNOWN, MODEL_LIVE, "grade" },
		{ GRADE_DECLARED, MODEL_WITHDRAWN, "withdrawn" },
		{ GRADE_DECLARED, MODEL_ERASED, "erased" },
		{ GRADE_DECLARED, 9, "withdrawn" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint64_t inputs[] = { 0, UINT64_MAX }, oldest;

		begin();
		inputs[0] = hand_dataset(&h, "d", 1, "0-3");
		oldest = hand_model(&h, "oldest", "train", cases[i].grade, cases[i].state, inputs,
				    "0-3");
		model("young", "quantise", model("middle", "finetune", oldest, NONE, "0-3"), NONE,
		      "0-3");
		model("apart", "train", inputs[0], NONE, "0-3");
		hand_commit(&h);
		assert_string_equal(why_model("oldest", "infer:" ID), cases[i].why);
		assert_string_equal(why_model("young", "infer:" ID), cases[i].why);
		assert_string_equal(why_model("apart", "infer:" ID), "");
		hand_end(&h);
	}
}

TEST(what_is_derived_under_nd_is_not_shared)
{
	uint64_t nd;

	begin();
	nd = hand_source(&h, "nd", "upload", "none");
	hand_terms(&h, nd, "CC-BY-ND-4.0", "train:" ID ",share:" ID, NULL, 0, 0);
	hand_batch(&h, nd, 0, 1);
	model("m", "train", hand_dataset(&h, "d", 1, "0,4"), NONE, "0,4");
	hand_commit(&h);
	assert_string_equal(why_model("m", "infer:" ID), "");
	assert_string_equal(why_model("m", "share:" ID), "licence");
	hand_end(&h);
}

TEST(a_model_that_is_not_registered_yet_can_be_asked)
{
	const struct use u = use_of("infer:" ID);
	uint64_t inputs[1];
	scoped(arena) *arena = NULL;
	scoped(ask) *a = NULL;
	struct model m = { 0 };
	struct dataset d;
	reasons got;

	begin();
	inputs[0] = hand_dataset(&h, "d", 1, "0-3");
	hand_commit(&h);
	check_ok(arena_create(&arena, &e));
	check_ok(dataset_named(&h.r, arena, "d", &d, &e));
	m = (struct model){ .fact = h.facts, .kind = "train", .grade = GRADE_DECLARED,
			    .inputs = inputs, .input_count = 1, .set = d.set };
	check_ok(ask_open(&a, &h.r, h.r.at_utc_ms, &e));
	check_ok(ask_model(a, &m, &u, &got, NULL, &e));
	assert_string_equal(words_of(got), "");
	m.grade = GRADE_UNKNOWN;
	check_ok(ask_model(a, &m, &u, &got, NULL, &e));
	assert_string_equal(words_of(got), "grade");
	hand_end(&h);
}

TEST_MAIN("repo/ask")
