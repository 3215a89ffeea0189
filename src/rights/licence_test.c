#include "rights/licence.h"

#include <string.h>

#include "base/test.h"

static struct error e;

static const char *const all[] = {
#define X(id) id,
#include "rights/licences.def"
#undef X
};

static bool denies(const char *licence, const char *use)
{
	struct use u = { 0 };

	check_ok(use_parse(&u, use, strlen(use), &e));
	return licence_denies(licence, &u);
}

static bool says(const char *words)
{
	return strstr(e.text, words) != NULL;
}

TEST(every_spdx_id_is_a_licence_and_the_list_is_sorted)
{
	check(COUNT_OF(all) == 727);
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		check_ok(licence_valid(all[i], &e));
		check(strlen(all[i]) <= LICENCE_MAX);
		check(i == 0 || strcmp(all[i - 1], all[i]) < 0);
	}
}

TEST(references_and_the_two_words_for_no_answer_are_valid)
{
	static const char *const good[] = { "LicenseRef-x", "LicenseRef-Acme-photos-1.0",
					    "LicenseRef-.", "NOASSERTION", "NONE" };

	for (size_t i = 0; i < COUNT_OF(good); i++)
		check_ok(licence_valid(good[i], &e));
}

TEST(what_spdx_does_not_spell_so_is_no_licence)
{
	static const char *const bad[] = {
		"", "cc-by-4.0", "CC-BY-4", "CC-BY-4.0 ", " MIT", "MIT OR Apache-2.0", "none",
		"noassertion", "LicenseRef-", "LicenseRef", "licenseref-x", "LicenseRef-a b",
		"LicenseRef-a_b", "LicenseRef-a/b", "LicenseRef-\xc3\xa9", "Bison-exception-2.2",
		"LLVM-exception", "Linux-syscall-note", "DocumentRef-a:LicenseRef-b",
		"GPL-2.0-only+",
	};

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		check_code(licence_valid(bad[i], &e), E_USAGE);
}

TEST(a_reference_has_up_to_100_letters_and_not_one_more)
{
	char id[LICENCE_MAX + 2] = "LicenseRef-";

	memset(id + 11, 'a', LICENCE_MAX - 11);
	check_ok(licence_valid(id, &e));
	check(!denies(id, "train:Marketing"));
	id[LICENCE_MAX] = 'a';
	check_code(licence_valid(id, &e), E_USAGE);
	check(denies(id, "train:Marketing"));
}

TEST(a_misspelt_id_is_told_the_nearest)
{
	check_code(licence_valid("cc-by-nc-4.0", &e), E_USAGE);
	check(says("nearest: CC-BY-NC-4.0"));
	check_code(licence_valid("Apache 2.0", &e), E_USAGE);
	check(says("nearest: Apache-2.0"));
	check_code(licence_valid("our own terms, see the contract", &e), E_USAGE);
	check(says("LicenseRef-NAME"));
}

TEST(a_missing_licence_denies_every_use)
{
	static const char *const none[] = { NULL, "", "NOASSERTION", "NONE", "whatever",
					    "LicenseRef-", "cc-by-4.0" };

	for (size_t i = 0; i < COUNT_OF(none); i++) {
		check(denies(none[i], "train:AcademicResearch"));
		check(denies(none[i], "share:Marketing"));
	}
}

TEST(a_licence_without_an_entry_denies_nothing)
{
	static const char *const open[] = { "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "MIT",
					    "GPL-3.0-only", "ODbL-1.0", "CDLA-Sharing-1.0",
					    "LicenseRef-contract",
					    "LicenseRef-CC-BY-NC-4.0" };

	for (size_t i = 0; i < COUNT_OF(open); i++)
		for (uint8_t p = 0; p < PROCESSING_COUNT; p++)
			for (uint16_t purpose = 0; purpose < purpose_count(); purpose++) {
				struct use u = { p, 0, purpose };

				check(!licence_denies(open[i], &u));
			}
}

TEST(a_non_commercial_licence_denies_commercial_purposes_for_every_processing_and_no_other)
{
	static const char *const nc[] = { "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-1.0",
					  "CC-BY-NC-3.0-DE", "NCGL-UK-2.0",
					  "PolyForm-Noncommercial-1.0.0" };

	for (size_t i = 0; i < COUNT_OF(nc); i++)
		for (uint8_t p = 0; p < PROCESSING_COUNT; p++)
			for (uint16_t purpose = 0; purpose < purpose_count(); purpose++) {
				struct use u = { p, 0, purpose };

				check(licence_denies(nc[i], &u) == purpose_commercial(purpose));
			}
	check(denies("CC-BY-NC-4.0", "train:CommercialResearch"));
	check(denies("CC-BY-NC-4.0", "train:TargetedAdvertising"));
	check(!denies("CC-BY-NC-4.0", "train:AcademicResearch"));
	check(!denies("CC-BY-NC-4.0", "train:ResearchAndDevelopment"));
	check(!denies("CC-BY-NC-4.0", "train:IdentityVerification"));
	check(!denies("CC-BY-NC-4.0", "share:AcademicResearch"));
}

TEST(a_licence_against_derivatives_denies_sharing_and_nothing_else)
{
	for (uint8_t p = 0; p < PROCESSING_COUNT; p++)
		for (uint16_t purpose = 0; purpose < purpose_count(); purpose++) {
			struct use u = { p, 0, purpose };

			check(licence_denies("CC-BY-ND-4.0", &u) == (p == SHARE));
		}
}

TEST(one_that_is_both_denies_what_either_denies)
{
	check(denies("CC-BY-NC-ND-4.0", "share:AcademicResearch"));
	check(denies("CC-BY-NC-ND-4.0", "train:CommercialResearch"));
	check(!denies("CC-BY-NC-ND-4.0", "train:AcademicResearch"));
}

TEST(every_spdx_id_that_speaks_of_NC_or_ND_in_its_name_has_an_entry)
{
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		bool nc = strstr(all[i], "-NC-") || strstr(all[i], "oncommercial") ||
			  strncmp(all[i], "NCGL", 4) == 0;
		bool nd = strstr(all[i], "-ND-") != NULL;

		check(denies(all[i], "train:CommercialPurpose") == nc);
		check(denies(all[i], "share:AcademicResearch") == nd);
		check(!denies(all[i], "train:AcademicResearch"));
	}
}

TEST_MAIN("licence")
