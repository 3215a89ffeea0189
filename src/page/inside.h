/*
 * inside: what the pages of all statements share. What is shown was read by proof/ and has its shape;
 * the entries of facts and what was opened of them may still be anything. Only for src/page/.
 */
#ifndef PAGE_INSIDE_H
#define PAGE_INSIDE_H

#include "page/html.h"
#include "page/page.h"
#include "proof/certificate.h"

enum { PAGE_STYLES_MAX = 4, PAGE_KEYS_MAX = 64, PAGE_ROLE_MAX = 100, PAGE_KEY_ID_MAX = 17, PAGE_TIME_MAX = 48,
       PAGE_POSITIONS_MAX = 240 };

struct page_key {
	char id[PAGE_KEY_ID_MAX], role[PAGE_ROLE_MAX + 1];
};

struct page {
	struct html *h;
	const struct verdict *v;
	const json_t *predicate, *order;
	const char *origin, *demand; /* hex */
	uint64_t opened, plan_fact, approval, last; /* numbers of facts; last: as of */
	uint64_t taken, kept;			    /* positions */
	bool withheld;				    /* of the demand only its commitment is shown */
	json_t *words, *plan;			    /* demand and plan; owned; NULL: not opened */
	struct page_key keys[PAGE_KEYS_MAX];
	size_t key_count;
	struct hash file;
	/* Numbers of sections that others point to. */
	const char *rests_on, *limits, *how;
};

/* certificate_facts.c */
/* The entry of fact n, yours; NULL when it is not shown or no JSON. */
json_t *page_fact(const struct page *p, uint64_t n);
/* Index of the first item of a list ascending by "n" that is not below n. A list in another order,
 * which the verifier told of, only finds less. */
size_t page_first_of(const json_t *list, uint64_t n);
/* What was opened of fact n under this name, the first; yours; NULL: nothing. */
struct buf *page_opened_bytes(const struct page *p, uint64_t n, const char *field);
/* JSON opened from fact n, yours; NULL. */
json_t *page_opened(const struct page *p, uint64_t n, const char *field);
bool page_withheld(const struct page *p, uint64_t n, const char *field);
void page_keys_read(struct page *p); /* at most PAGE_KEYS_MAX that have a role */
/* "2026-05-02 10:00 UTC" of "2026-05-02T10:00Z", "2 May 2026, 10:00 "
						  "UTC"; what is no time as "?". */
struct page_time {
	char s[PAGE_TIME_MAX];
};
struct page_time page_time_short(const char *at);
struct page_time page_time_long(const char *at);
/* statement.c */
/* A kind of page. write is given all of p that is the same for every kind; the rest, which is 0, is its own. What
 * fails is in p->h->e. */
struct page_kind {
	const char *type, *noun; /* predicateType, "an attestation" */
	const char *rests_on, *limits, *how;
	void (*write)(const struct page *p, const json_t *statement);
};
/* The page of a statement, verified: as page.h says. */
must_use int page_make(const struct page_kind *k, const void *bytes, size_t len_bytes,
		       struct buf *out, struct error *e);
/* What the pages of other statements have too, of which p has h, v, predicate,
 * origin, file and the numbers of sections. */
bool page_holds(const struct page *p, const char *check);
/* Every check but that of the key, which is for the reader to pin. */
bool page_all_hold(const struct page *p);
/* All up to the first line of what is seen. Nothing is loaded and nothing runs: the one thing
 * allowed are these styles, by their digest. title: markup and texts, as of html_fill. */
void page_begin(const struct page *p, const char *const *styles, size_t count,
		const char *const *title);
void page_letter_begin(const struct page *p, const char *title);
void page_letter_row(const struct page *p, const char *name, const char *value);
/* state: if it holds; else an alarm follows. */
void page_letter_end(const struct page *p, const char *state);
void page_end(const struct page *p, const char *noun);
void page_list(const struct page *p, const json_t *lines, const char *none);
void page_rests_on(const struct page *p);
/* One word of a command line as a shell reads it: an origin is from outside, and this is a line that
 * people copy. */
void page_shell_word(const struct page *p, const char *word);
must_use int page_vkey(const struct page *p, struct buf *ret, struct error *e); /* of the facts log */
void page_heads(const struct page *p);

/* style.c: one part after the other. */
enum { PAGE_STYLE_PARTS = 2 };
extern const char *const page_style[PAGE_STYLE_PARTS];

#endif
