/*
 * html: markup written into a buf. The markup is ours and a literal; each $ in it stands for a
 * text from outside, which comes in escaped. There is no other way in.
 *
 *	html_put(h, "<td>$</td><td>$</td>", name, reason);
 *
 * The first failure is kept in h->e and later calls do nothing: look at h->e->code at the end.
 */
#ifndef PAGE_HTML_H
#define PAGE_HTML_H

#include <stdint.h>

#include "base/buf.h"

struct html {
	struct buf *out;
	struct error *e; /* not NULL; its code is 0 before the first call */
};

/* A $ without a text is left empty. Safe between tags and in double-quoted attributes, not in
 * names, scripts or styles. Escaped are & < > " '; control bytes other than tab and newline, and
 * what is not UTF-8, become U+FFFD. */
#define html_put(h, ...) html_fill(h, (const char *const[]){ __VA_ARGS__, NULL })
/* markup first, then the texts, ended by NULL */
void html_fill(struct html *h, const char *const *markup_and_texts);
void html_text(struct html *h, const char *text, size_t len_bytes);

/* "1,490" */
struct html_number {
	char s[32];
};
struct html_number html_number(uint64_t n);

/* A text that may be in any script: isolated, so that its direction stays its own. */
void html_words(struct html *h, const char *text);
/* "1 record", "1,490 records". what: singular and ours; many adds an s. */
void html_count(struct html *h, uint64_t n, const char *what);
/* A digest: shortened on a screen where room is short; whole on paper, copied and read aloud. */
void html_digest(struct html *h, const char *hex);

#endif
