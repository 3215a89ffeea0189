/* Any text: it is refused, or has one canonical form that reads as itself. */
#include <stdlib.h>

#include "base/text.h"
#include "repo/glob.h"
#include "repo/select.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int code)
{
	if (code < 0)
		abort();
}

/* The first half as a pattern for the second. */
static void match_something(const char *text, size_t len)
{
	char path[GLOB_MAX];
	size_t path_len;

	if (len / 2 > GLOB_MAX)
		return;
	if (utf8_valid(text, len / 2) && glob_is_path(text, len / 2, path, &path_len) &&
	    !glob_match(text, len / 2, path, path_len))
		abort();
	if (!glob_match("*", 1, text, len))
		abort();
	(void)glob_match(text, len / 2, text + len / 2, len - len / 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	scoped(buf) *text = NULL, *once = NULL, *twice = NULL;
	scoped(selector) *s = NULL, *again = NULL;
	struct error e = { 0 };

	must(buf_from(&text, data, len, &e));
	must(buf_create(&once, 0, &e));
	must(buf_create(&twice, 0, &e));
	match_something(buf_text(text), len);
	if (selector_parse(&s, buf_text(text), &e) < 0) {
		if (e.code != E_USAGE)
			abort();
		return 0;
	}
	must(selector_put(s, once, &e));
	must(selector_parse(&again, buf_text(once), &e));
	must(selector_put(again, twice, &e));
	if (strcmp(buf_text(once), buf_text(twice)) != 0 ||
	    selector_is_personal(s) != selector_is_personal(again))
		abort();
	return 0;
}
