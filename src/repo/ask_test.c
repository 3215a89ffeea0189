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
