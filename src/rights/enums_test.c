#include "rights/decide.h"

#include <string.h>

#include "base/test.h"

static struct error e;

/* Every value below count is read back from its name, and no other text is read. */
static void check_words(int (*parse)(uint8_t *, const char *, struct error *),
			const char *(*name)(uint8_t), uint8_t first, uint8_t count)
{
	static const char *const bad[] = { "", "x", "None", " none", "none ", "consent,contract",
					   "A6-1-g", "a6-1-a", "A6-1" };
	uint8_t value = 99;

	for (uint8_t v = first; v < count; v++) {
		check_ok(parse(&value, name(v), &e));
		check(value == v);
	}
	value = 99;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		check_code(parse(&value, bad[i], &e), E_USAGE);
	check(value == 99);
	assert_string_equal(name(count), "unknown");
	assert_string_equal(name(UINT8_MAX), "unknown");
}

TEST(every_word_is_read_back_and_no_other)
{
	check_words(basis_parse, basis_name, CONSENT, BASIS_COUNT);
	check_words(people_parse, people_name, 0, PEOPLE_COUNT);
	check_words(source_kind_parse, source_kind_name, 0, SOURCE_KIND_COUNT);
	check_words(notified_parse, notified_name, 0, NOTIFIED_NO + 1);
}

TEST(words_mean_what_they_say)
{
	uint8_t v;

	check_ok(people_parse(&v, "none", &e));
	check(v == PEOPLE_NONE);
	check_ok(people_parse(&v, "biometric", &e));
	check(v == PEOPLE_BIOMETRIC);
	check_ok(source_kind_parse(&v, "partner", &e));
	check(v == PARTNER);
	check_ok(source_kind_parse(&v, "synthetic", &e));
	check(v == SYNTHETIC);
	check_ok(notified_parse(&v, "yes", &e));
	check(v == NOTIFIED_YES);
	check_ok(basis_parse(&v, "legitimate-interest", &e));
	check(v == LEGITIMATE_INTEREST);
	assert_string_equal(grade_name(GRADE_OBSERVED), "observed");
	assert_string_equal(grade_name(4), "unknown");
}

TEST(a_basis_may_be_named_by_its_article_and_none_is_never_written)
{
	char article[] = "A6-1-a";
	uint8_t v;

	for (uint8_t basis = CONSENT; basis < BASIS_COUNT; basis++, article[5]++) {
		check_ok(basis_parse(&v, article, &e));
		check(v == basis);
	}
	assert_string_equal(basis_name(BASIS_NONE), "none");
	check_code(basis_parse(&v, "none", &e), E_USAGE);
	check(strstr(e.text, "consent, contract, legal-obligation, vital-interest, public-task, "
			     "legitimate-interest") != NULL);
}

TEST(every_reason_has_a_code_of_its_own_and_a_sentence_without_a_full_stop)
{
	for (unsigned r = 0; r < REASON_COUNT; r++) {
		const char *sentence = reason_sentence((enum reason)r);

		check(strlen(sentence) > 10 && sentence[strlen(sentence) - 1] != '.');
		for (unsigned other = 0; other < r; other++)
			check(strcmp(reason_code((enum reason)r), reason_code((enum reason)other)));
	}
	assert_string_equal(reason_code(REASON_COUNT), "unknown");
	assert_string_equal(reason_sentence(REASON_COUNT), "the reason is not known");
}

TEST(reasons_are_written_in_one_order_and_none_as_nothing)
{
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	check_ok(reasons_put(0, b, &e));
	assert_string_equal(buf_text(b), "");
	check_ok(reasons_put(UINT32_MAX, b, &e));
	assert_string_equal(buf_text(b), "no-source,no-terms,use-not-allowed,licence,transfer,"
			    "no-notice,no-grant,no-explicit,signal,order-open,withdrawn,hold,"
			    "never-again,lineage,grade,erased");
}

TEST_MAIN("enums")
