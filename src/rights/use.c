#include "rights/use.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rights/words.h"

static const char *const processings[] = { "train", "finetune", "evaluate",
					   "embed", "infer",	"share" };
_Static_assert(COUNT_OF(processings) == PROCESSING_COUNT, "a name for each processing");
static const struct words processing_words = { "processing", processings, PROCESSING_COUNT };

static const char below_word[] = "+below";
enum { BELOW_LEN = sizeof(below_word) - 1 };

const char *processing_name(uint8_t processing)
{
	return words_name(&processing_words, processing);
}

static int bad_use(struct error *e, const char *text, size_t len)
{
	error_wrap(e, "use \"%.*s\"", (int)(len < USE_TEXT_MAX ? len : USE_TEXT_MAX), text);
	if (e)
		e->code = E_USAGE;
	return E_USAGE;
}

static bool ends_in_below(const char *text, size_t len)
{
	return len > BELOW_LEN && memcmp(text + len - BELOW_LEN, below_word, BELOW_LEN) == 0;
}

int use_parse(struct use *ret, const char *text, size_t len, struct error *e)
{
	const char *colon = memchr(text, ':', len), *purpose;
	struct use u = { 0 };
	size_t purpose_len;

	if (!colon) {
		error_set(e, E_USAGE, "not PROCESSING:PURPOSE, as in train:IdentityVerification");
		return bad_use(e, text, len);
	}
	purpose = colon + 1;
	purpose_len = len - (size_t)(purpose - text);
	if (ends_in_below(purpose, purpose_len)) {
		u.below = 1;
		purpose_len -= BELOW_LEN;
	}
	if (words_find(&u.processing, &processing_words, text, (size_t)(colon - text), e) < 0 ||
	    purpose_find(&u.purpose, purpose, purpose_len, e) < 0)
		return bad_use(e, text, len);
	*ret = u;
	return 0;
}

const char *use_text(char ret[USE_TEXT_MAX], const struct use *u)
{
	snprintf(ret, USE_TEXT_MAX, "%s:%s%s", processing_name(u->processing),
		 purpose_name(u->purpose), u->below ? below_word : "");
	return ret;
}

int uses_parse(struct uses *ret, const char *text, struct error *e)
{
	struct uses uses = { .count = 0 };

	for (;;) {
		size_t len = strcspn(text, ",");

		if (uses.count == USES_MAX)
			return error_set(e, E_RANGE, "more than %d uses", (int)USES_MAX);
		if (use_parse(&uses.list[uses.count], text, len, e) < 0)
			return E_USAGE;
		uses.count++;
		if (text[len] == '\0')
			break;
		text += len + 1;
	}
	*ret = uses;
	return 0;
}

static int by_text(const void *left, const void *right)
{
	char a[USE_TEXT_MAX], b[USE_TEXT_MAX];

	return strcmp(use_text(a, left), use_text(b, right));
}

int uses_put(const struct uses *u, struct buf *b, struct error *e)
{
	struct uses sorted = *u;
	char text[USE_TEXT_MAX];

	qsort(sorted.list, sorted.count, sizeof(sorted.list[0]), by_text);
	if (buf_reserve(b, sorted.count * USE_TEXT_MAX, e) < 0)
		return E_MEMORY;
	for (size_t i = 0; i < sorted.count; i++) {
		if (i > 0 && by_text(&sorted.list[i - 1], &sorted.list[i]) == 0)
			continue;
		use_text(text, &sorted.list[i]);
		if ((i > 0 && buf_put(b, ",", 1, e) < 0) || buf_put(b, text, strlen(text), e) < 0)
			return E_MEMORY;
	}
	return 0;
}

static bool entry_covers(const struct use *entry, const struct use *u, bool below_always)
{
	if (entry->processing != u->processing)
		return false;
	if (below_always || entry->below)
		return purpose_within(u->purpose, entry->purpose);
	return u->purpose == entry->purpose && !u->below;
}

bool uses_cover(const struct uses *list, const struct use *u, bool below_always)
{
	if (!list || u->processing >= PROCESSING_COUNT || u->purpose >= purpose_count())
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (entry_covers(&list->list[i], u, below_always))
			return true;
	return false;
}
