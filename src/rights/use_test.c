#include "rights/use.h"

#include <stdio.h>
#include <string.h>

#include "base/test.h"

static struct error e;

static uint16_t purpose(const char *name)
{
	uint16_t p = 0;

	check_ok(purpose_find(&p, name, strlen(name), &e));
	return p;
}

static struct use use(const char *text)
{
	struct use u = { 0 };

	check_ok(use_parse(&u, text, strlen(text), &e));
	return u;
}

static bool covers(const char *list, const char *asked, bool below_always)
{
	struct use u = use(asked);
	struct uses uses;

	check_ok(uses_parse(&uses, list, &e));
	return uses_cover(&uses, &u, below_always);
}

static bool says(const char *words)
{
	return strstr(e.text, words) != NULL;
}

static void check_put(const char *text, const char *want)
{
	scoped(buf) *b = NULL;
	struct uses uses;

	check_ok(buf_create(&b, 0, &e));
	check_ok(uses_parse(&uses, text, &e));
	check_ok(uses_put(&uses, b, &e));
	assert_string_equal(buf_text(b), want);
}

/* "train:Purpose,train:Purpose,..." */
static void many_uses(struct buf *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_ok(buf_printf(b, &e, "%strain:Purpose", i ? "," : ""));
}

TEST(dpv_2_3_has_122_purposes_and_the_first_is_Purpose)
{
	check(purpose_count() == 122);
	assert_string_equal(purpose_name(0), "Purpose");
	assert_string_equal(purpose_name(122), "unknown");
}

TEST(every_purpose_is_found_by_its_name_and_by_no_longer_or_shorter_one)
{
	for (uint16_t p = 0; p < purpose_count(); p++) {
		const char *name = purpose_name(p);
		uint16_t found;
		char longer[USE_TEXT_MAX];

		check(purpose(name) == p);
		check_code(purpose_find(&found, name, strlen(name) - 1, &e), E_NOT_FOUND);
		snprintf(longer, sizeof(longer), "%sx", name);
		check_code(purpose_find(&found, longer, strlen(longer), &e), E_NOT_FOUND);
	}
}

TEST(every_purpose_is_within_itself_and_within_Purpose_and_Purpose_within_no_other)
{
	for (uint16_t p = 0; p < purpose_count(); p++) {
		check(purpose_within(p, p));
		check(purpose_within(p, 0));
		check(p == 0 || !purpose_within(0, p));
	}
}

TEST(within_is_an_order_no_two_are_within_each_other_and_it_reaches_through)
{
	size_t n = purpose_count();

	for (uint16_t a = 0; a < n; a++)
		for (uint16_t b = 0; b < n; b++) {
			if (!purpose_within(a, b))
				continue;
			check(a == b || !purpose_within(b, a));
			for (uint16_t c = 0; c < n; c++)
				check(!purpose_within(b, c) || purpose_within(a, c));
		}
}

TEST(a_purpose_with_two_parents_is_within_both)
{
	uint16_t p = purpose("CommercialResearch");

	check(purpose_within(p, purpose("CommercialPurpose")));
	check(purpose_within(p, purpose("ResearchAndDevelopment")));
	check(!purpose_within(p, purpose("NonCommercialPurpose")));
	check(!purpose_within(purpose("ResearchAndDevelopment"), p));
}

TEST(a_purpose_lies_three_levels_below_another)
{
	uint16_t fraud = purpose("MaintainFraudDatabase"), security = purpose("EnforceSecurity");
	uint16_t deep = purpose("RecruitmentTargetedAdvertising");

	check(purpose_within(fraud, security) && !purpose_within(security, fraud));
	check(purpose_within(deep, purpose("Marketing")));
	check(purpose_within(deep, purpose("PersonnelHiring")));
}

TEST(a_purpose_beyond_the_last_is_within_nothing_and_nothing_within_it)
{
	check(!purpose_within(122, 122));
	check(!purpose_within(122, 0));
	check(!purpose_within(UINT16_MAX, 0));
	check(!purpose_within(0, 122));
}

TEST(commercial_are_CommercialPurpose_Marketing_SellProducts_what_is_below_and_Purpose)
{
	static const char *const yes[] = {
		"Purpose", "CommercialPurpose", "CommercialResearch", "Marketing", "Advertising",
		"PersonalisedAdvertising", "TargetedAdvertising", "PoliticalCampaign",
		"RecruitmentAdvertising", "RecruitmentTargetedAdvertising", "DirectMarketing",
		"PublicRelations", "SocialMediaMarketing", "SellProducts", "SellDataToThirdParties",
		"SellInsightsFromData", "SellProductsToDataSubject",
	};
	size_t found = 0;

	for (size_t i = 0; i < COUNT_OF(yes); i++)
		check(purpose_commercial(purpose(yes[i])));
	for (uint16_t p = 0; p < purpose_count(); p++)
		found += purpose_commercial(p);
	check(found == COUNT_OF(yes));
	check(purpose_commercial(122)); /* unknown */
}

TEST(special_categories_are_inferred_by_healthcare_political_campaigns_and_whatever_Purpose_is)
{
	for (uint16_t p = 0; p < purpose_count(); p++) {
		const char *name = purpose_name(p);
		bool special = !strcmp(name, "Purpose") || !strcmp(name, "ImproveHealthcare") ||
			       !strcmp(name, "PoliticalCampaign");

		check(purpose_infers_special(p) == special);
	}
	check(purpose_infers_special(122));
}

TEST(every_use_is_read_back_as_it_was_written)
{
	char text[USE_TEXT_MAX];

	for (uint8_t processing = 0; processing < PROCESSING_COUNT; processing++)
		for (uint16_t p = 0; p < purpose_count(); p++)
			for (uint8_t below = 0; below < 2; below++) {
				struct use u = { processing, below, p }, back;

				use_text(text, &u);
				check(strlen(text) + 1 < USE_TEXT_MAX);
				back = use(text);
				check(back.processing == processing && back.below == below);
				check(back.purpose == p);
			}
}

TEST(what_is_no_use_is_refused)
{
	static const char *const bad[] = {
		"", ":", "train", "train:", ":Marketing", "train:marketing", "Train:Marketing",
		"train :Marketing", "train: Marketing", " train:Marketing", "train:Marketing ",
		"train:Marketing+", "train:Marketing+Below", "train:Marketing+below+below",
		"train:+below", "training:Marketing", "train:train:Marketing", "train:Sector",
		"train:hasPurpose", "train:dpv:Marketing", "*:Marketing", "train:*",
	};
	struct use u;

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		check_code(use_parse(&u, bad[i], strlen(bad[i]), &e), E_USAGE);
	check_code(use_parse(&u, "train:Marketing\0", 16, &e), E_USAGE);
	check_code(use_parse(&u, "train", 5, NULL), E_USAGE);
}

TEST(a_use_that_is_refused_changes_nothing)
{
	struct use u = use("share:Marketing+below"), before = u;
	struct uses uses = { .count = 7 };

	check_code(use_parse(&u, "train:Marketin", 14, &e), E_USAGE);
	check(memcmp(&u, &before, sizeof(u)) == 0);
	check_code(uses_parse(&uses, "train:Marketing,train", &e), E_USAGE);
	check(uses.count == 7);
}

TEST(a_misspelt_purpose_is_told_the_nearest_and_a_strange_one_where_to_look)
{
	struct use u;
	uint16_t p;

	check_code(use_parse(&u, "train:IdentityVerfication", 25, &e), E_USAGE);
	check(says("nearest: IdentityVerification"));
	check(says("use \"train:IdentityVerfication\""));
	check_code(purpose_find(&p, "MARKETING", 9, &e), E_NOT_FOUND);
	check(says("nearest: Marketing"));
	check_code(purpose_find(&p, "Personalization", 15, &e), E_NOT_FOUND);
	check(says("nearest: Personalisation"));
	check_code(purpose_find(&p, "qqqqqqqq", 8, &e), E_NOT_FOUND);
	check(says("https://w3id.org/dpv") && !says("nearest"));
	check_code(purpose_find(&p, "", 0, &e), E_NOT_FOUND);
}

TEST(a_purpose_of_65_letters_and_one_of_a_million_get_no_hint_and_do_no_harm)
{
	scoped(buf) *b = NULL;
	uint16_t p;

	check_ok(buf_create(&b, 0, &e));
	for (size_t i = 0; i < 1000000; i++)
		check_ok(buf_put(b, "M", 1, &e));
	check_code(purpose_find(&p, buf_text(b), 64, &e), E_NOT_FOUND);
	check_code(purpose_find(&p, buf_text(b), 65, &e), E_NOT_FOUND);
	check_code(purpose_find(&p, buf_text(b), b->len, &e), E_NOT_FOUND);
}

TEST(a_misspelt_processing_is_told_all_six)
{
	struct use u;

	check_code(use_parse(&u, "learn:Marketing", 15, &e), E_USAGE);
	check(says("train, finetune, evaluate, embed, infer, share"));
}

TEST(a_list_needs_at_least_one_use_and_nothing_empty)
{
	static const char *const bad[] = { "", ",", "train:Marketing,", ",train:Marketing",
					   "train:Marketing,,share:Marketing",
					   "train:Marketing, share:Marketing" };
	struct uses uses;

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		check_code(uses_parse(&uses, bad[i], &e), E_USAGE);
	check_ok(uses_parse(&uses, "train:Marketing,share:Marketing", &e));
	check(uses.count == 2);
}

TEST(a_list_has_up_to_256_uses_and_not_one_more)
{
	scoped(buf) *b = NULL;
	struct uses uses;

	check_ok(buf_create(&b, 0, &e));
	many_uses(b, USES_MAX);
	check_ok(uses_parse(&uses, buf_text(b), &e));
	check(uses.count == USES_MAX);
	buf_clear(b);
	many_uses(b, USES_MAX + 1);
	check_code(uses_parse(&uses, buf_text(b), &e), E_RANGE);
}

TEST(a_list_is_written_sorted_and_without_doubles)
{
	check_put("train:Marketing", "train:Marketing");
	check_put("train:Marketing,share:Marketing", "share:Marketing,train:Marketing");
	check_put("train:Purpose,train:Marketing,train:Purpose,train:Marketing+below",
		  "train:Marketing,train:Marketing+below,train:Purpose");
	check_put("infer:Verification,infer:Advertising,embed:Verification",
		  "embed:Verification,infer:Advertising,infer:Verification");
}

TEST(a_processing_includes_no_other)
{
	for (uint8_t a = 0; a < PROCESSING_COUNT; a++)
		for (uint8_t b = 0; b < PROCESSING_COUNT; b++) {
			struct uses list = { .list = { { a, 1, 0 } }, .count = 1 };
			struct use u = { b, 0, 5 };

			check(uses_cover(&list, &u, true) == (a == b));
			check(uses_cover(&list, &u, false) == (a == b));
		}
}

TEST(a_plain_entry_covers_what_is_below_only_where_below_is_always_covered)
{
	check(covers("train:Marketing", "train:Marketing", false));
	check(covers("train:Marketing", "train:Marketing", true));
	check(!covers("train:Marketing", "train:TargetedAdvertising", false));
	check(covers("train:Marketing", "train:TargetedAdvertising", true));
	check(covers("train:Marketing+below", "train:TargetedAdvertising", false));
	check(!covers("train:TargetedAdvertising+below", "train:Marketing", true));
	check(covers("share:Purpose,train:Advertising+below", "train:TargetedAdvertising", false));
	check(!covers("train:Marketing+below", "train:Personalisation", true));
}

TEST(a_use_with_below_is_covered_only_by_an_entry_that_reaches_below)
{
	check(!covers("train:Marketing", "train:Marketing+below", false));
	check(covers("train:Marketing", "train:Marketing+below", true));
	check(covers("train:Marketing+below", "train:Marketing+below", false));
	check(covers("train:Purpose+below", "train:Marketing+below", false));
	check(!covers("train:Advertising+below", "train:Marketing+below", false));
}

TEST(no_list_and_an_unknown_use_cover_nothing)
{
	struct uses all = { .count = 0 };
	struct use u = use("train:Marketing"), beyond = { TRAIN, 0, 122 };

	check(!uses_cover(NULL, &u, true));
	check(!uses_cover(&all, &u, true));
	for (uint8_t p = 0; p < PROCESSING_COUNT; p++)
		all.list[all.count++] = (struct use){ p, 1, 0 };
	check(uses_cover(&all, &u, false));
	check(!uses_cover(&all, &beyond, true));
	all.list[all.count++] = beyond;
	check(!uses_cover(&all, &beyond, false));
	beyond = (struct use){ PROCESSING_COUNT, 0, 0 };
	all.list[all.count++] = beyond;
	check(!uses_cover(&all, &beyond, true));
}

TEST_MAIN("use")
