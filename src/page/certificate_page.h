/* certificate_page: the sections of the page that certificate_html makes, each by one function. */
#ifndef PAGE_CERTIFICATE_PAGE_H
#define PAGE_CERTIFICATE_PAGE_H

#include "page/inside.h"

/* The sections, in the order of the page. */
void page_letterhead(const struct page *p);
void page_summary(const struct page *p);
void page_reached(const struct page *p);
void page_not_reached(const struct page *p);
void page_timeline(const struct page *p);     /* certificate_facts.c */
void page_retained(const struct page *p);
void page_models(const struct page *p);	      /* certificate_models.c; a part of retained */
void page_sanitization(const struct page *p); /* certificate_sanitization.c */
void page_how_to_check(const struct page *p);

#endif
