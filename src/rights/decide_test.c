#include "rights/decide.h"

#include <string.h>

#include "base/test.h"
#include "base/text.h"
#include "rights/decide_world.h"

static struct error e;

/* What the facts are: decide_world.h. An empty answer is "allow". */
static const struct line {
	const char *sentence, *facts, *answer;
} lines[] = {
	/* The stories. */
	{ "a volunteer's photo, with a grant of their own", "person grant", "" },
	{ "a partner's photos: people were told, the controller says they agreed",
	  "partner transfer grant", "" },
	{ "the same after it came out that nobody was told",
	  "partner transfer notified=no grant", "no-notice" },
	{ "the same when nobody knows whether they were told",
	  "partner transfer notified=unknown grant", "no-notice" },
	{ "told or not, no contract and nobody asked",
	  "partner lost-transfer", "transfer,no-notice,no-grant" },
	{ "drawn by a program: nobody in it, nobody to ask", "synthetic none", "" },
	{ "public data without people", "public none licence=CC-BY-4.0", "" },
	{ "faces scraped from the web, nobody asked",
	  "scrape biometric", "no-notice,no-grant,no-explicit" },
	{ "licensed photos of people, handed over with notice and the controller's word",
	  "licensed transfer grant", "" },

	/* The source, and terms valid at that time. */
	{ "of an unknown source nothing counts, whatever is said of it",
	  "no-source synthetic none",
	  "no-source,no-terms,use-not-allowed,licence,transfer,no-notice,no-grant,no-explicit" },
	{ "an unknown source, but the person agreed explicitly: told, granted, still denied",
	  "no-source person grant explicit",
	  "no-source,no-terms,use-not-allowed,licence,transfer" },
	{ "without terms there is no allowance and no licence",
	  "no-terms person grant", "no-terms,use-not-allowed,licence" },
	{ "terms that ended", "until=2025-12-31 person grant", "no-terms,use-not-allowed,licence" },
	{ "terms that begin tomorrow", "from=2026-01-02 person grant",
	  "no-terms,use-not-allowed,licence" },
	{ "terms that begin in this minute hold",
	  "from=2026-01-01T00:00:59Z at=2026-01-01T00:00:01Z person grant", "" },
	{ "terms that begin in the next minute do not yet",
	  "from=2026-01-01T00:01:00Z at=2026-01-01T00:00:59Z person grant",
	  "no-terms,use-not-allowed,licence" },
	{ "terms that end in this minute have ended",
	  "until=2026-01-01T00:00:59Z at=2026-01-01T00:00:01Z person grant",
	  "no-terms,use-not-allowed,licence" },
	{ "terms that end in the next minute still hold",
	  "until=2026-01-01T00:01:00Z at=2026-01-01T00:00:59Z person grant", "" },
	{ "a question about 2014 is about the policy of 2014",
	  "from=2013-01-01 deny=train:Purpose and-terms from=2018-05-25 person grant at=2014-06-01",
	  "use-not-allowed" },
	{ "and one about today about that of today",
	  "from=2013-01-01 deny=train:Purpose and-terms from=2018-05-25 person grant", "" },
	{ "the later version counts, wherever it stands in the list",
	  "from=2018-05-25 deny=train:Purpose and-terms from=2013-01-01 person grant",
	  "use-not-allowed" },
	{ "a version with a date comes after one that held always",
	  "deny=train:Purpose and-terms from=2013-01-01 person grant", "" },
	{ "of two versions from the same minute the later fact counts",
	  "from=2020-01-01T00:00:40Z and-terms from=2020-01-01T00:00:10Z deny=train:Purpose "
	  "person grant",
	  "use-not-allowed" },
	{ "when the later version has ended, the earlier one that still holds counts",
	  "from=2013-01-01 and-terms from=2018-01-01 until=2020-01-01 deny=train:Purpose "
	  "person grant",
	  "" },
	{ "between two versions nothing is valid",
	  "until=2018-01-01 and-terms from=2020-01-01 person grant at=2019-01-01",
	  "no-terms,use-not-allowed,licence" },

	/* The use within the terms. */
	{ "terms that allow exactly this", "allow=train:IdentityVerification person grant", "" },
	{ "terms that allow what is above it", "allow=train:EnforceSecurity person grant", "" },
	{ "terms that allow only what is below it",
	  "allow=train:IdentityVerification person grant for=train:Verification "
	  "ask=train:Verification",
	  "use-not-allowed" },
	{ "terms that allow something beside it", "allow=train:AgeVerification person grant",
	  "use-not-allowed" },
	{ "terms that allow it for another processing",
	  "allow=finetune:IdentityVerification,infer:IdentityVerification person grant",
	  "use-not-allowed" },
	{ "terms that allow and deny it",
	  "deny=train:IdentityVerification person grant", "use-not-allowed" },
	{ "a denial covers what is below it", "deny=train:EnforceSecurity person grant",
	  "use-not-allowed" },
	{ "a denial of everything", "deny=train:Purpose person grant", "use-not-allowed" },
	{ "a denial below it does not reach up",
	  "deny=train:IdentityVerification person grant for=train:Verification "
	  "ask=train:Verification",
	  "" },
	{ "a denial of another processing", "deny=share:Purpose person grant", "" },
	{ "a denial through one of two parents is enough",
	  "none public deny=train:CommercialPurpose ask=train:CommercialResearch",
	  "use-not-allowed" },
	{ "and through the other",
	  "none public deny=train:ResearchAndDevelopment ask=train:CommercialResearch",
	  "use-not-allowed" },
	{ "one does not ask for a purpose and all below it",
	  "none public ask=train:IdentityVerification+below", "use-not-allowed" },

	/* The licence. */
	{ "a missing licence", "licence= person grant", "licence" },
	{ "nobody asserts a licence", "licence=NOASSERTION person grant", "licence" },
	{ "there is none", "licence=NONE person grant", "licence" },
	{ "something that is no licence", "licence=ask-us person grant", "licence" },
	{ "an SPDX id without an entry allows what the terms allow",
	  "licence=MIT person grant", "" },
	{ "and not more", "licence=MIT allow=train:Marketing person grant", "use-not-allowed" },
	{ "non-commercial, for advertising",
	  "public none licence=CC-BY-NC-4.0 ask=train:TargetedAdvertising", "licence" },
	{ "non-commercial, for research",
	  "public none licence=CC-BY-NC-4.0 ask=train:AcademicResearch",
	  "" },
	{ "non-commercial, for research in a company",
	  "public none licence=CC-BY-NC-SA-4.0 ask=train:CommercialResearch", "licence" },
	{ "no derivatives, shared", "public none licence=CC-BY-ND-4.0 ask=share:AcademicResearch",
	  "licence" },
	{ "no derivatives, trained on",
	  "public none licence=CC-BY-ND-4.0 ask=train:AcademicResearch",
	  "" },
	{ "both, shared",
	  "public none licence=CC-BY-NC-ND-4.0 ask=share:AcademicResearch", "licence" },
	{ "the licence is that of the version of the time",
	  "licence=MIT and-terms from=2020-01-01 licence=NONE person grant", "licence" },

	/* The transfer. */
	{ "a partner's data with people in it and no transfer named, though each agreed",
	  "partner person grant", "transfer" },
	{ "a partner's data without people needs none", "partner none", "" },
	{ "a partner's data said to be without people, with a person in it, needs one",
	  "partner none person grant", "transfer" },
	{ "anybody else's data needs none", "licensed person grant", "" },
	{ "what came by a transfer that is not found, even without people",
	  "public none lost-transfer", "transfer" },
	{ "a transfer that ended", "partner transfer ended grant", "transfer" },
	{ "one that ended denies data without people too",
	  "public none transfer ended", "transfer" },
	{ "agreed for exactly this",
	  "partner transfer agreed=train:IdentityVerification grant", "" },
	{ "agreed for what is above", "partner transfer agreed=train:EnforceSecurity grant", "" },
	{ "agreed for what is below",
	  "partner transfer agreed=train:IdentityVerification grant for=train:Verification "
	  "ask=train:Verification", "transfer" },
	{ "agreed for something else",
	  "partner transfer agreed=train:AcademicResearch grant", "transfer" },
	{ "agreed for another processing",
	  "partner transfer agreed=infer:Purpose grant", "transfer" },
	{ "terms allow it, the transfer does not: both must",
	  "partner allow=train:Purpose transfer agreed=share:Purpose grant", "transfer" },

	/* Notice to the people. */
	{ "an upload with nobody known and no transfer: who was told?", "grant", "no-notice" },
	{ "told by the transfer, nobody known", "transfer grant", "" },
	{ "not told, but each known person gave a grant of their own",
	  "partner transfer notified=no person grant person grant", "" },
	{ "not told, and one of two gave none",
	  "partner transfer notified=no person grant person", "no-notice,no-grant" },
	{ "not told, and the grant is for something else",
	  "transfer notified=no person grant for=train:AcademicResearch", "no-notice,no-grant" },
	{ "the controller's word is no notice", "partner transfer notified=no grant", "no-notice" },
	{ "without people nobody need be told", "public none transfer notified=no", "" },
	{ "a person in data said to be without: asked, not told",
	  "public none person", "no-grant" },

	/* Grants. */
	{ "two people, both agreed", "person grant person grant", "" },
	{ "two people, the second did not", "person grant person", "no-notice,no-grant" },
	{ "two people, the first did not", "person person grant", "no-notice,no-grant" },
	{ "a known person did not agree; the controller's word does not speak for them",
	  "grant person", "no-notice,no-grant" },
	{ "even when everybody was told", "partner transfer grant person", "no-grant" },
	{ "nobody known and no word of the controller", "partner transfer", "no-grant" },
	{ "a second grant of the same person may be the one",
	  "person grant until=2020-01-01 grant", "" },
	{ "a grant that ended", "person grant until=2026-01-01", "no-notice,no-grant" },
	{ "a grant that ends tomorrow", "person grant until=2026-01-02", "" },
	{ "a grant that begins tomorrow", "person grant from=2026-01-02", "no-notice,no-grant" },
	{ "a grant that begins in this minute",
	  "person grant from=2026-01-01T00:00:59Z at=2026-01-01T00:00:01Z", "" },
	{ "a grant given and ended in one minute never held",
	  "person grant from=2026-01-01T00:00:01Z until=2026-01-01T00:00:59Z "
	  "at=2026-01-01T00:00:30Z", "no-notice,no-grant" },
	{ "a grant for what is above does not reach down",
	  "person grant for=train:EnforceSecurity", "no-notice,no-grant" },
	{ "unless it says so", "person grant for=train:EnforceSecurity+below", "" },
	{ "a controller's neither",
	  "partner transfer grant for=train:EnforceSecurity", "no-grant" },
	{ "unless it says so too", "partner transfer grant for=train:EnforceSecurity+below", "" },
	{ "a grant for what is below does not reach up",
	  "person grant for=train:IdentityVerification+below ask=train:Verification",
	  "no-notice,no-grant" },
	{ "a grant for another processing", "person grant for=share:IdentityVerification",
	  "no-notice,no-grant" },
	{ "a grant on any basis", "person grant basis=legitimate-interest", "" },
	{ "a grant does not widen the terms",
	  "allow=train:AcademicResearch person grant", "use-not-allowed" },

	/* Explicit consent. */
	{ "biometric data, agreed but not explicitly", "biometric person grant", "no-explicit" },
	{ "biometric data, explicitly", "biometric person grant explicit", "" },
	{ "explicit, but a contract is no consent",
	  "biometric person grant basis=contract explicit", "no-explicit" },
	{ "biometric data of two, one explicitly",
	  "biometric person grant explicit person grant", "no-explicit" },
	{ "one plain and one explicit grant of the same person",
	  "biometric person grant grant explicit", "" },
	{ "explicit, but for something else",
	  "biometric person grant grant for=train:AcademicResearch explicit", "no-explicit" },
	{ "explicit, but ended", "biometric person grant grant explicit until=2025-01-01",
	  "no-explicit" },
	{ "biometric data of nobody known: the controller's explicit consent is asserted",
	  "partner biometric transfer grant explicit", "" },
	{ "and a plain one is not enough", "partner biometric transfer grant", "no-explicit" },
	{ "the controller's explicit word does not stand for a known person",
	  "partner biometric transfer grant explicit person grant", "no-explicit" },
	{ "personal data for healthcare infers health",
	  "person grant for=train:ImproveHealthcare ask=train:ImproveHealthcare", "no-explicit" },
	{ "explicitly",
	  "person grant for=train:ImproveHealthcare explicit ask=train:ImproveHealthcare",
	  "" },
	{ "a political campaign infers opinions",
	  "person grant for=train:PoliticalCampaign ask=train:PoliticalCampaign", "no-explicit" },
	{ "any purpose may infer anything", "person grant for=train:Purpose ask=train:Purpose",
	  "no-explicit" },
	{ "data of nobody, for healthcare", "synthetic none ask=train:ImproveHealthcare", "" },
	{ "a person in data said to be without, for healthcare",
	  "synthetic none person grant for=train:ImproveHealthcare ask=train:ImproveHealthcare",
	  "no-explicit" },

	/* Signals, orders, what was withdrawn or erased. */
	{ "a reservation in the data, though everybody agreed", "person grant signal", "signal" },
	{ "a reservation in public data", "public none signal", "signal" },
	{ "an open order denies at once", "person grant order", "order-open" },
	{ "and data of nobody too", "synthetic none order", "order-open" },
	{ "a withdrawn grant, in the record's own state",
	  "person grant grant-withdrawn", "withdrawn" },
	{ "a withdrawn grant is no grant",
	  "person grant withdrawn", "no-notice,no-grant,withdrawn" },
	{ "a fresh grant of the same person takes its place", "person grant withdrawn grant", "" },
	{ "that of another person does not",
	  "person grant withdrawn person grant", "no-notice,no-grant,withdrawn" },
	{ "a grant for something else was withdrawn",
	  "person grant grant for=train:AcademicResearch withdrawn", "" },
	{ "and was the only one", "person grant for=train:AcademicResearch withdrawn",
	  "no-notice,no-grant" },
	{ "a withdrawal covers what is below",
	  "person grant for=train:EnforceSecurity withdrawn", "no-notice,no-grant,withdrawn" },
	{ "one use of a grant was taken back",
	  "person grant taken-back=train:IdentityVerification", "no-notice,no-grant,withdrawn" },
	{ "with what is below it",
	  "person grant for=train:EnforceSecurity+below taken-back=train:Verification",
	  "no-notice,no-grant,withdrawn" },
	{ "what lies beside it stays granted",
	  "person grant for=train:EnforceSecurity+below taken-back=train:AgeVerification", "" },
	{ "the controller took back its word",
	  "partner transfer grant withdrawn", "no-grant,withdrawn" },
	{ "which does not touch people who agreed themselves",
	  "partner transfer grant withdrawn person grant", "" },
	{ "but does touch data without people", "public none grant withdrawn", "withdrawn" },
	{ "an ended grant was not withdrawn",
	  "partner transfer grant until=2020-01-01", "no-grant" },
	{ "on the never-again list", "person grant never-again", "never-again" },
	{ "erased", "person grant erased", "erased" },
	{ "everything that can be wrong at once",
	  "no-source person signal order grant-withdrawn never-again erased",
	  "no-source,no-terms,use-not-allowed,licence,transfer,no-notice,no-grant,no-explicit,"
	  "signal,order-open,withdrawn,never-again,erased" },
};

static void check_line(const struct line *l)
{
	scoped(buf) *answer = NULL;
	struct world w;

	world_read(&w, l->facts);
	check_ok(buf_create(&answer, 0, &e));
	check_ok(reasons_put(world_decide(&w), answer, &e));
	if (strcmp(buf_text(answer), l->answer) != 0)
		fail_msg("%s (%s):\n\"%s\" instead of \"%s\"", l->sentence, l->facts,
			 buf_text(answer), l->answer);
}

TEST(every_line_of_the_table_is_decided_so)
{
	for (size_t i = 0; i < COUNT_OF(lines); i++)
		check_line(&lines[i]);
}

TEST(a_question_about_which_nothing_was_said_is_denied_for_every_reason_there_can_be)
{
	struct decide_record nothing = { 0 };
	struct use u = { 0 };

	check(decide(&nothing, &u, 0) ==
	      (1u << REASON_NO_SOURCE | 1u << REASON_NO_TERMS | 1u << REASON_USE_NOT_ALLOWED |
	       1u << REASON_LICENCE | 1u << REASON_TRANSFER | 1u << REASON_NO_NOTICE |
	       1u << REASON_NO_GRANT | 1u << REASON_NO_EXPLICIT));
}

TEST(people_and_kinds_that_are_not_stated_are_the_strictest)
{
	struct world w;

	world_read(&w, "grant");
	w.record.people = PEOPLE_COUNT;
	check(world_decide(&w) == (1u << REASON_NO_NOTICE | 1u << REASON_NO_EXPLICIT));
	w.record.source_kind = SOURCE_KIND_COUNT;
	check(world_decide(&w) & 1u << REASON_TRANSFER);
}

TEST(a_use_that_does_not_exist_is_denied)
{
	struct world w;

	world_read(&w, "synthetic none");
	check(world_decide(&w) == 0);
	w.asked.purpose = (uint16_t)purpose_count();
	check(world_decide(&w) & 1u << REASON_USE_NOT_ALLOWED);
	w.asked = (struct use){ PROCESSING_COUNT, 0, 1 };
	check(world_decide(&w) & 1u << REASON_USE_NOT_ALLOWED);
}

TEST(a_grant_without_a_known_basis_gives_nothing)
{
	static const uint8_t unknown[] = { BASIS_NONE, BASIS_COUNT, UINT8_MAX };
	struct world w;

	world_read(&w, "person grant explicit");
	for (size_t i = 0; i < COUNT_OF(unknown); i++) {
		w.given[1][0].basis = unknown[i];
		check(world_decide(&w) == (1u << REASON_NO_NOTICE | 1u << REASON_NO_GRANT));
	}
}

TEST(subjects_whose_grants_were_not_looked_up_have_none)
{
	struct world w;

	world_read(&w, "transfer person grant");
	check(world_decide(&w) == 0);
	w.record.of_subject = NULL;
	check(world_decide(&w) == 1u << REASON_NO_GRANT);
}

TEST(a_period_holds_from_its_first_minute_up_to_but_not_in_its_last)
{
	enum { MINUTE = 60000 };

	for (uint64_t from = 0; from < 4 * MINUTE; from += MINUTE / 3)
		for (uint64_t until = 0; until < 4 * MINUTE; until += MINUTE / 3)
			for (uint64_t at = 0; at < 4 * MINUTE; at += MINUTE / 3) {
				struct period p = { from, until };

				check(period_holds(&p, at) == (from / MINUTE <= at / MINUTE &&
							       at / MINUTE < until / MINUTE));
			}
}

TEST(without_from_it_held_always_and_without_until_it_has_no_end_but_an_unknown_time_is_in_none)
{
	const struct period always = { TIME_NONE, TIME_NONE }, to = { TIME_NONE, 60000 },
			    since = { 60000, TIME_NONE };

	check(period_holds(&always, 0) && period_holds(&always, TIME_NONE - 1));
	check(period_holds(&to, 59999) && !period_holds(&to, 60000));
	check(!period_holds(&since, 59999) && period_holds(&since, TIME_NONE - 1));
	check(!period_holds(&always, TIME_NONE) && !period_holds(&since, TIME_NONE));
}

TEST(the_version_of_the_time_is_lent_and_there_may_be_none)
{
	struct world w;

	world_read(&w, "from=2013-01-01 and-terms from=2018-01-01");
	check(terms_at(w.terms, 2, w.at_utc_ms) == &w.terms[1]);
	check(terms_at(w.terms, 1, w.at_utc_ms) == &w.terms[0]);
	check(terms_at(w.terms, 2, 0) == NULL);
	check(terms_at(NULL, 2, 0) == NULL);
}

TEST(what_is_derived_may_be_shared_only_if_the_licence_lets_it)
{
	struct world w;

	world_read(&w, "public none licence=CC-BY-ND-4.0 ask=train:AcademicResearch");
	check(decide_derived(&w.record, &w.asked, INFER, w.at_utc_ms) == 0);
	check(decide_derived(&w.record, &w.asked, SHARE, w.at_utc_ms) == 1u << REASON_LICENCE);
	w.terms[0].licence = "CC-BY-4.0";
	check(decide_derived(&w.record, &w.asked, SHARE, w.at_utc_ms) == 0);
	w.record.order_open = true;
	check(decide_derived(&w.record, &w.asked, SHARE, w.at_utc_ms) == 1u << REASON_ORDER_OPEN);
}

static reasons bit(bool denies, enum reason r)
{
	return denies ? 1u << r : 0;
}

static void check_model(unsigned bits, uint8_t grade, uint8_t wanted)
{
	const struct decide_model m = {
		.of_records = bit(bits & 1, REASON_SIGNAL), .lineage_known = bits & 2,
		.grade = grade, .wanted = wanted, .withdrawn = bits & 4, .erased = bits & 8,
	};
	bool sure = grade >= GRADE_DECLARED && grade <= GRADE_ENFORCED && grade >= wanted;

	check(decide_model(&m) == (m.of_records | bit(!(bits & 2), REASON_LINEAGE) |
				   bit(!sure, REASON_GRADE) | bit(bits & 4, REASON_WITHDRAWN) |
				   bit(bits & 8, REASON_ERASED)));
}

TEST(a_model_is_allowed_only_if_all_that_can_be_asked_of_it_holds)
{
	for (unsigned bits = 0; bits < 16; bits++)
		for (uint8_t grade = 0; grade <= GRADE_ENFORCED + 2; grade++)
			for (uint8_t wanted = 0; wanted <= GRADE_ENFORCED + 2; wanted++)
				check_model(bits, grade, wanted);
}

TEST_MAIN("decide")
