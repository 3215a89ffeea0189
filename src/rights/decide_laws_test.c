/*
 * The laws of decide() over many worlds: all the small ones row by row, and random ones to
 * which something bad, or something less known, is added.
 */
#include "rights/decide.h"

#include <stdio.h>
#include <string.h>

#include "base/test.h"
#include "base/text.h"
#include "rights/decide_world.h"

static bool has(reasons set, enum reason r)
{
	return set >> r & 1;
}

/* The small world: every kind of source, people, transfer, and up to two people and the
 * controller with each kind of grant; and the rows about people said a second time. */

static const char *const kinds[] = { "partner",	 "upload", "scrape",
				     "licensed", "public", "synthetic" };
static const char *const peoples[] = { "biometric", "personal", "none" };
static const char *const transfers[] = { "", "lost-transfer", "transfer", "transfer notified=no",
					 "transfer notified=unknown", "transfer ended",
					 "transfer agreed=train:AcademicResearch" };
static const char *const grants[] = {
	"", "grant", "grant explicit", "grant basis=contract explicit", "grant until=2020-01-01",
	"grant for=share:Purpose", "grant withdrawn",
};
enum { GRANTS = COUNT_OF(grants), NO_PERSON = GRANTS };

struct small {
	unsigned kind, people, transfer, controller, first, second;
};

static bool plain(unsigned grant)
{
	return grant == 1 || grant == 2 || grant == 3;
}

static bool is_explicit(unsigned grant)
{
	return grant == 2;
}

static bool all(const struct small *s, bool (*good)(unsigned grant))
{
	if (s->first == NO_PERSON)
		return good(s->controller);
	return good(s->first) && (s->second == NO_PERSON || good(s->second));
}

static reasons expected(const struct small *s)
{
	bool anybody = s->people != 2 || s->first != NO_PERSON;
	bool own = s->first != NO_PERSON && all(s, plain);
	bool transfer_fine = s->transfer == 0 ? s->kind != 0 || !anybody :
						s->transfer >= 2 && s->transfer <= 4;
	bool notified = s->transfer == 2 || s->transfer == 5 || s->transfer == 6;
	bool withdrawn = s->first == NO_PERSON ? s->controller == 6 :
						 s->first == 6 || s->second == 6;

	return (reasons)((transfer_fine ? 0 : 1u << REASON_TRANSFER) |
			 (s->people == 2 || notified || own ? 0 : 1u << REASON_NO_NOTICE) |
			 (!anybody || all(s, plain) ? 0 : 1u << REASON_NO_GRANT) |
			 (s->people != 0 || all(s, is_explicit) ? 0 : 1u << REASON_NO_EXPLICIT) |
			 (withdrawn ? 1u << REASON_WITHDRAWN : 0));
}

static void check_small(const struct small *s)
{
	struct world w;
	char facts[512];
	reasons got;

	snprintf(facts, sizeof(facts), "%s %s %s %s %s %s %s %s", kinds[s->kind],
		 peoples[s->people], transfers[s->transfer], grants[s->controller],
		 s->first < GRANTS ? "person" : "", s->first < GRANTS ? grants[s->first] : "",
		 s->second < GRANTS ? "person" : "",
		 s->second < GRANTS ? grants[s->second] : "");
	world_read(&w, facts);
	got = world_decide(&w);
	if (got != expected(s))
		fail_msg("%s: %x instead of %x", facts, got, expected(s));
}

static void check_small_people(struct small *s)
{
	for (s->controller = 0; s->controller < GRANTS; s->controller++)
		for (s->first = 0; s->first <= NO_PERSON; s->first++)
			for (s->second = 0; s->second <= NO_PERSON; s->second++)
				if (s->first != NO_PERSON || s->second == NO_PERSON)
					check_small(s);
}

TEST(the_rows_about_people_hold_in_the_whole_small_world)
{
	struct small s;

	for (s.kind = 0; s.kind < COUNT_OF(kinds); s.kind++)
		for (s.people = 0; s.people < COUNT_OF(peoples); s.people++)
			for (s.transfer = 0; s.transfer < COUNT_OF(transfers); s.transfer++)
				check_small_people(&s);
}

/* Random worlds, the same in every run of one build. */

static uint32_t dice;

static unsigned throw(unsigned sides)
{
	dice = dice * 1664525 + 1013904223;
	return (dice >> 16) % sides;
}

static const char *one(const char *const *list, size_t count)
{
	return list[throw((unsigned)count)];
}

static const char *const asks[] = {
	"", "", "ask=train:AcademicResearch", "ask=train:TargetedAdvertising",
	"ask=share:IdentityVerification", "ask=train:Purpose", "ask=train:ImproveHealthcare",
};
static const char *const terms[] = { "", "", "deny=train:Marketing", "allow=train:EnforceSecurity",
				     "licence=CC-BY-NC-4.0", "until=2020-01-01", "licence=NONE",
				     "and-terms from=2020-01-01 deny=share:Purpose" };
static const char *const more_grants[] = {
	"", "grant", "grant explicit", "grant for=train:Purpose+below explicit",
	"grant for=share:Purpose+below", "grant withdrawn",
	"grant basis=contract for=train:Purpose+below",
	"grant for=train:Purpose+below explicit taken-back=train:Marketing",
	"grant until=2020-01-01",
};
static const char *const flags[] = { "", "", "", "", "", "signal", "order", "erased", "never-again",
				     "grant-withdrawn" };

#define ONE(list) one(list, COUNT_OF(list))
static void random_world(struct world *w)
{
	char facts[512];
	bool second = throw(3) == 0;

	snprintf(facts, sizeof(facts), "%s %s %s %s %s %s %s %s %s %s %s %s", ONE(kinds),
		 ONE(peoples), ONE(terms), ONE(transfers), ONE(more_grants),
		 throw(2) ? "person" : "", ONE(more_grants), ONE(more_grants), second ? "person" : "",
		 second ? ONE(more_grants) : "", ONE(flags), ONE(asks));
	world_read(w, facts);
}

static void random_use(struct uses *ret)
{
	ret->count = 1;
	ret->list[0] = (struct use){ (uint8_t)throw(PROCESSING_COUNT), 0,
				     throw(4) ? (uint16_t)throw((unsigned)purpose_count()) : 0 };
}

static struct grant *any_grant(struct world *w)
{
	return &w->given[throw(WORLD_MAX)][throw(WORLD_MAX)];
}

/* One thing more that speaks against it. */
static void worse(struct world *w, struct uses *room)
{
	random_use(room);
	switch (throw(12)) {
	case 0: w->record.signal_denies = true; break;
	case 1: w->record.order_open = true; break;
	case 2: w->record.grant_withdrawn = true; break;
	case 3: w->record.never_again = true; break;
	case 4: w->record.erased = true; break;
	case 5: w->transfer.in_force = false; break;
	case 6: w->transfer.notified = NOTIFIED_NO; break;
	case 7: any_grant(w)->withdrawn = true; break;
	case 8: any_grant(w)->valid.until = 0; break;
	case 9: any_grant(w)->explicit_consent = false; break;
	case 10:
		for (size_t i = 0; i < WORLD_MAX; i++)
			if (!w->terms[i].deny)
				w->terms[i].deny = room;
		break;
	default:
		for (size_t i = 0; i < WORLD_MAX; i++)
			if (!w->given[i][0].taken_back)
				w->given[i][0].taken_back = room;
	}
}

/* One thing less that is known. */
static void less_known(struct world *w)
{
	switch (throw(11)) {
	case 0: w->record.source_known = false; break;
	case 1: w->record.terms_count = 0; break;
	case 2: w->record.terms = NULL; break;
	case 3: w->terms[0].licence = w->terms[1].licence = NULL; break;
	case 4: w->terms[0].allow = w->terms[1].allow = NULL; break;
	case 5: w->record.transfer = NULL; break;
	case 6: w->transfer.notified = NOTIFIED_UNKNOWN; break;
	case 7: w->transfer.uses = NULL; break;
	case 8: any_grant(w)->basis = BASIS_NONE; break;
	case 9: w->record.people = PEOPLE_COUNT; break;
	default: w->record.source_kind = SOURCE_KIND_COUNT;
	}
}

TEST(one_thing_more_against_it_takes_no_reason_away)
{
	unsigned allowed = 0;

	for (dice = 1; allowed < 2000;) {
		struct uses room[3];
		struct world w;

		random_world(&w);
		for (size_t i = 0; i < COUNT_OF(room); i++) {
			reasons before = world_decide(&w);

			worse(&w, &room[i]);
			check((before & ~world_decide(&w)) == 0);
			allowed += before == 0;
		}
	}
}

TEST(one_thing_less_known_takes_no_reason_away)
{
	unsigned allowed = 0;

	for (dice = 2; allowed < 2000;) {
		struct world w;

		random_world(&w);
		for (size_t i = 0; i < 3; i++) {
			reasons before = world_decide(&w);

			less_known(&w);
			check((before & ~world_decide(&w)) == 0);
			allowed += before == 0;
		}
	}
}

TEST(a_person_more_without_a_grant_is_never_allowed)
{
	dice = 3;
	for (unsigned i = 0; i < 4000; i++) {
		struct world w;

		random_world(&w);
		w.by[w.record.subjects + 1].count = 0;
		w.record.subjects++;
		check(has(world_decide(&w), REASON_NO_GRANT));
	}
}

TEST(a_grant_more_adds_no_reason)
{
	dice = 5;
	for (unsigned i = 0; i < 4000; i++) {
		struct grants *by;
		struct world w;
		reasons before;

		random_world(&w);
		by = &w.by[throw(WORLD_MAX)];
		before = world_decide(&w);
		w.given[by - w.by][by->count] = (struct grant){
			.valid = { TIME_NONE, TIME_NONE },
			.uses = w.terms[0].allow,
			.basis = CONSENT,
		};
		by->count++;
		w.record.of_source = w.by[0];
		check((world_decide(&w) & ~before) == 0);
	}
}

TEST(unknown_denies)
{
	dice = 4;
	for (unsigned i = 0; i < 2000; i++) {
		struct world w;

		random_world(&w);
		w.record.source_known = false;
		check(has(world_decide(&w), REASON_NO_SOURCE));
		random_world(&w);
		w.record.terms = NULL;
		check(has(world_decide(&w), REASON_NO_TERMS));
		random_world(&w);
		w.at_utc_ms = TIME_NONE;
		check(has(world_decide(&w), REASON_NO_TERMS));
		random_world(&w);
		w.record.transfer = NULL;
		w.record.by_transfer = true;
		check(has(world_decide(&w), REASON_TRANSFER));
	}
}

TEST_MAIN("decide laws")
