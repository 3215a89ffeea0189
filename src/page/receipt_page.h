/*
 * receipt_page: the sections of the page that receipt_html makes. It was read by proof/; what its
 * summary holds beside `what` and `withdraw` may be anything, and what is missing leaves a gap. Only
 * for receipt*.c.
 */
#ifndef PAGE_RECEIPT_PAGE_H
#define PAGE_RECEIPT_PAGE_H

#include "page/inside.h"
#include "proof/receipt.h"

struct receipt_page {
	struct page p; /* what pages of other statements have */
	const json_t *summary, *records; /* records: as they are shown, by position */
	uint64_t count, erased, kept;	 /* records; kept: in quarantine */
	bool person;			 /* else it was asked for by position */
};

/* A member of the summary; NULL when it is no list. */
const json_t *receipt_page_list(const struct receipt_page *x, const char *member);
/* "1 March 2014" of a time; NULL or nothing: what else is said. */
void receipt_page_day(const struct receipt_page *x, const json_t *row, const char *member,
		      const char *otherwise);

/* "from 1 March 2014 until 2 May 2026", of members from and until. */
void receipt_page_period(const struct receipt_page *x, const json_t *row);
/* Uses ("train:IdentityVerification,..") in words; what is none of them stays as it is. */
void receipt_page_uses(const struct receipt_page *x, const char *text);

/* A table up to its first row. Titles of columns, NULL-ended; of one with # before it the numbers stand
 * to the right. */
void receipt_page_table(const struct receipt_page *x, const char *const *columns);

/* The sections, in the order of the page. */
void receipt_page_short(const struct receipt_page *x);	   /* receipt.c */
void receipt_page_withdraw(const struct receipt_page *x);
void receipt_page_records(const struct receipt_page *x);   /* receipt_came.c */
void receipt_page_terms(const struct receipt_page *x);
void receipt_page_grants(const struct receipt_page *x);
void receipt_page_made(const struct receipt_page *x);	   /* receipt_made.c */
void receipt_page_orders(const struct receipt_page *x);
void receipt_page_limits(const struct receipt_page *x);	   /* receipt_check.c */
void receipt_page_check(const struct receipt_page *x);

extern const char receipt_style[]; /* receipt_check.c: beside that of a certificate */

#endif
