/* The small enumerations of decide.h: their words, read and written. */
#include "rights/decide.h"

#include <string.h>

#include "rights/words.h"

static const char *const reason_codes[] = {
#define X(name, text) text,
	REASONS(X)
#undef X
};

static const char *const reason_sentences[] = {
	[REASON_NO_SOURCE] = "its source is not known",
	[REASON_NO_TERMS] = "no version of the source's terms is valid at that time",
	[REASON_USE_NOT_ALLOWED] = "the terms do not allow the use, or deny it",
	[REASON_LICENCE] = "the licence is missing or denies the use",
	[REASON_TRANSFER] = "no transfer in force covers the use",
	[REASON_NO_NOTICE] = "the people were not told, as far as is known",
	[REASON_NO_GRANT] = "there is no valid grant for the use by everybody concerned",
	[REASON_NO_EXPLICIT] = "biometric data or a special category lacks explicit consent",
	[REASON_SIGNAL] = "a reservation in or beside the data is against it",
	[REASON_ORDER_OPEN] = "an order to take it back is open",
	[REASON_WITHDRAWN] = "the grant, or the model, was withdrawn",
	[REASON_HOLD] = "it was quarantined when it came in; ingest it again to let it in",
	[REASON_NEVER_AGAIN] = "it was erased before and is on the never-again list",
	[REASON_LINEAGE] = "what it was made from is not known",
	[REASON_GRADE] = "its lineage is less sure than the policy asks",
	[REASON_ERASED] = "it was erased",
};
_Static_assert(COUNT_OF(reason_sentences) == REASON_COUNT, "a sentence for each reason");

static const struct words reason_words = { "reason", reason_codes, REASON_COUNT };

const char *reason_code(enum reason r)
{
	return words_name(&reason_words, (uint8_t)r);
}

const char *reason_sentence(enum reason r)
{
	return (unsigned)r < REASON_COUNT ? reason_sentences[r] : "the reason is not known";
}

int reasons_put(reasons set, struct buf *b, struct error *e)
{
	const char *comma = "";

	for (unsigned r = 0; r < REASON_COUNT; r++) {
		if (!(set >> r & 1))
			continue;
		if (buf_printf(b, e, "%s%s", comma, reason_codes[r]) < 0)
			return E_MEMORY;
		comma = ",";
	}
	return 0;
}

/* BASIS_NONE is never written, so it is in no list: the first word is CONSENT. */
static const char *const bases[] = { "consent",		"contract",    "legal-obligation",
				     "vital-interest",	"public-task", "legitimate-interest" };
static const char *const articles[] = { "A6-1-a", "A6-1-b", "A6-1-c",
					"A6-1-d", "A6-1-e", "A6-1-f" };
_Static_assert(COUNT_OF(bases) == BASIS_COUNT - 1, "a word for each basis");
_Static_assert(COUNT_OF(articles) == BASIS_COUNT - 1, "an article for each basis");
static const struct words basis_words = { "basis", bases, COUNT_OF(bases) };
static const struct words article_words = { "basis", articles, COUNT_OF(articles) };

int basis_parse(uint8_t *ret, const char *text, struct error *e)
{
	uint8_t index;

	if (words_find(&index, &article_words, text, strlen(text), NULL) < 0 &&
	    words_find(&index, &basis_words, text, strlen(text), e) < 0)
		return E_USAGE;
	*ret = (uint8_t)(index + CONSENT);
	return 0;
}

const char *basis_name(uint8_t basis)
{
	return basis == BASIS_NONE ? "none" : words_name(&basis_words, (uint8_t)(basis - CONSENT));
}

#define WORDS(name, what, ...)							\
	static const char *const name##_list[] = { __VA_ARGS__ };		\
	static const struct words name = { what, name##_list, COUNT_OF(name##_list) }

WORDS(people_words, "people", "biometric", "personal", "none");
WORDS(kind_words, "kind of source", "partner", "upload", "scrape", "licensed", "public",
      "synthetic");
WORDS(notified_words, "notified", "unknown", "yes", "no");
WORDS(grade_words, "grade", "unknown", "declared", "observed", "enforced");

int people_parse(uint8_t *ret, const char *text, struct error *e)
{
	return words_find(ret, &people_words, text, strlen(text), e);
}

const char *people_name(uint8_t people)
{
	return words_name(&people_words, people);
}

int source_kind_parse(uint8_t *ret, const char *text, struct error *e)
{
	return words_find(ret, &kind_words, text, strlen(text), e);
}

const char *source_kind_name(uint8_t kind)
{
	return words_name(&kind_words, kind);
}

int notified_parse(uint8_t *ret, const char *text, struct error *e)
{
	return words_find(ret, &notified_words, text, strlen(text), e);
}

const char *notified_name(uint8_t notified)
{
	return words_name(&notified_words, notified);
}

const char *grade_name(uint8_t grade)
{
	return words_name(&grade_words, grade);
}
