#include "base/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void base64_one_spelling(const char *text, size_t len)
{
	scoped(buf) *plain = NULL, *again = NULL;

	if (buf_create(&plain, 0, NULL) < 0 || buf_create(&again, 0, NULL) < 0 ||
	    base64_get(plain, text, len, NULL) < 0)
		return;
	must(base64_put(again, plain->data, plain->len, NULL) == 0);
	must(again->len == len && memcmp(again->data, text, len) == 0);
}

/* To the second a time comes back as it was read. */
static void time_comes_back(const char *text)
{
	char shown[TIME_TEXT_MAX];
	uint64_t ms, again;

	if (time_parse(&ms, text, NULL) < 0)
		return;
	must(time_parse(&again, time_text(shown, ms), NULL) == 0 && again == ms / 1000 * 1000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	scoped(buf) *text = NULL;
	uint8_t bytes[32];
	uint64_t v;

	if (buf_from(&text, data, len, NULL) < 0)
		return 0;
	base64_one_spelling(buf_text(text), len);
	time_comes_back(buf_text(text));
	must(number_parse(&v, buf_text(text), len, NULL) < 0 || len <= 20);
	must(hex_decode(bytes, sizeof(bytes), buf_text(text), NULL) < 0 || len >= 64);
	must(!name_valid(buf_text(text)) || utf8_valid(buf_text(text), strlen(buf_text(text))));
	return 0;
}
