/* Any text: uses are read or refused; what was read is written canonically, once and for all. */
#include "rights/licence.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int code)
{
	if (code < 0)
		abort();
}

static void written_again_the_same(const struct uses *uses, struct buf *once)
{
	scoped(buf) *twice = NULL;
	struct error e = { 0 };
	struct uses again;

	must(buf_create(&twice, 0, &e));
	must(uses_put(uses, once, &e));
	must(uses_parse(&again, buf_text(once), &e));
	must(uses_put(&again, twice, &e));
	if (twice->len != once->len || memcmp(twice->data, once->data, once->len) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	scoped(buf) *text = NULL, *once = NULL;
	struct error e = { 0 };
	struct uses uses;
	struct use u;

	must(buf_from(&text, data, len, &e));
	must(buf_create(&once, 0, &e));
	(void)!use_parse(&u, buf_text(text), len, &e);
	(void)!licence_valid(buf_text(text), &e);
	if (uses_parse(&uses, buf_text(text), &e) == 0)
		written_again_the_same(&uses, once);
	return 0;
}
