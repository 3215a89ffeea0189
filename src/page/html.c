#include "page/html.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static void put(struct html *h, const char *bytes, size_t len)
{
	if (h->e->code == 0 && len > 0)
		(void)!buf_put(h->out, bytes, len, h->e);
}

/* What stands for a character of len bytes (0: not UTF-8); NULL: the character itself. */
static const char *stand_in(const char *c, size_t len)
{
	const uint8_t *b = (const uint8_t *)c;

	if (len == 0 || (len == 2 && b[0] == 0xc2 && b[1] < 0xa0))
		return REPLACEMENT;
	if (len > 1)
		return NULL;
	switch (*c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\t':
	case '\n':
		return NULL;
	default:
		return b[0] < 0x20 || b[0] == 0x7f ? REPLACEMENT : NULL;
	}
}

void html_text(struct html *h, const char *text, size_t len_bytes)
{
	size_t from = 0, i = 0;

	while (i < len_bytes) {
		size_t len = utf8_char(text + i, len_bytes - i);
		const char *instead = stand_in(text + i, len);

		if (instead) {
			put(h, text + from, i - from);
			put(h, instead, strlen(instead));
		}
		i += len ? len : 1;
		if (instead)
			from = i;
	}
	put(h, text + from, i - from);
}

void html_fill(struct html *h, const char *const *markup_and_texts)
{
	const char *markup = markup_and_texts[0];
	const char *const *text = markup_and_texts + 1;

	for (;;) {
		size_t len = strcspn(markup, "$");

		put(h, markup, len);
		if (markup[len] == 0)
			return;
		if (*text) {
			html_text(h, *text, strlen(*text));
			text++;
		}
		markup += len + 1;
	}
}

struct html_number html_number(uint64_t n)
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, n), at = 0;
	struct html_number ret = { { 0 } };

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			ret.s[at++] = ',';
		ret.s[at++] = digits[i];
	}
	return ret;
}

void html_words(struct html *h, const char *text)
{
	html_put(h, "<bdi>$</bdi>", text);
}

void html_count(struct html *h, uint64_t n, const char *what)
{
	html_put(h, "$ $$", html_number(n).s, what, n == 1 ? "" : "s");
}

void html_digest(struct html *h, const char *hex)
{
	html_put(h, "<code class=\"digest\" title=\"$\">$</code>", hex, hex);
}
