/*
 * certificate_page: the sections of the page that certificate_html makes, each by one function.
 * What is shown was read by proof/ and has its shape; the entries of facts and what was opened
 * of them may still be anything. Only for flow/certificate_*.c.
 */
#ifndef FLOW_CERTIFICATE_PAGE_H
#define FLOW_CERTIFICATE_PAGE_H

#include "flow/html.h"
#include "proof/certificate.h"

enum { PAGE_KEYS_MAX = 64, PAGE_ROLE_MAX = 100, PAGE_KEY_ID_MAX = 17, PAGE_TIME_MAX = 48,
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
};

/* certificate_facts.c */
/* The entry of fact n, yours; NULL when it is not shown or no JSON. */
json_t *page_fact(const struct page *p, uint64_t n);
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
/* certificate_checks.c */
bool page_holds(const struct page *p, const char *check);
/* Every check but that of the key, which is for the reader to pin. */
bool page_all_hold(const struct page *p);
void page_list(const struct page *p, const json_t *lines, const char *none);

/* The sections, in the order of the page. */
void page_letterhead(const struct page *p);
void page_summary(const struct page *p);
void page_reached(const struct page *p);
void page_not_reached(const struct page *p);
void page_rests_on(const struct page *p);     /* certificate_checks.c */
void page_timeline(const struct page *p);     /* certificate_facts.c */
void page_retained(const struct page *p);
void page_models(const struct page *p);	      /* certificate_models.c; a part of retained */
void page_sanitization(const struct page *p); /* certificate_checks.c */
void page_how_to_check(const struct page *p);

/* certificate_style.c: of the whole page, one part after the other. */
enum { CERTIFICATE_STYLE_PARTS = 2 };
extern const char *const certificate_style[CERTIFICATE_STYLE_PARTS];

#endif
