/*
 * attestation_page: the sections of the page that attestation_html makes. What it says of sources,
 * lineage and orders is what the facts shown open; of the summary, which no check looks at, only what
 * nothing opens: it may have any shape. Only for attestation*.c.
 */
#ifndef PAGE_ATTESTATION_PAGE_H
#define PAGE_ATTESTATION_PAGE_H

#include "page/inside.h"
#include "proof/attestation.h"

/* Beyond them the page says that the file has more. Rows are those of a table, or of the summary. */
enum { ATTESTATION_FACTS_MAX = 20000, ATTESTATION_SOURCES_MAX = 200, ATTESTATION_ROWS_MAX = 1000 };

/* A fact that is shown, but no batch. */
struct attested_fact {
	uint64_t n;
	json_t *entry;	  /* owned */
	const char *type; /* of it */
};

struct attestation_page {
	struct page p;
	const json_t *summary, *checkpoint, *sources; /* the operator's words */
	const char *digest;	/* hex */
	uint64_t model;
	struct attested_fact *list; /* ascending; owned */
	size_t count, cap;
	bool cut; /* there are more than ATTESTATION_FACTS_MAX */
};

/* --- what facts say: attestation_facts.c --- */

must_use int attestation_facts_read(struct attestation_page *x, struct error *e);
void attestation_facts_done(struct attestation_page *x);
/* The next fact of this type from *at on; NULL at the end. Begin with 0. */
const struct attested_fact *attestation_next(const struct attestation_page *x, const char *type,
					     size_t *at);
const struct attested_fact *attestation_find(const struct attestation_page *x, uint64_t n);
/* Do both name the same source (or transfer) by its tag? */
bool attestation_same(const struct attested_fact *a, const struct attested_fact *b, const char *tag);
bool attestation_is(const struct attestation_page *x, uint64_t n, const char *field,
		    const char *text);
bool attestation_has(const struct attestation_page *x, uint64_t n, const char *field); /* not "" */
/* What was opened, written: as text, as uses, as a day ("1 March 2014"), as a number, as a digest. */
void attestation_text(const struct attestation_page *x, uint64_t n, const char *field,
		      const char *otherwise);
void attestation_uses(const struct attestation_page *x, uint64_t n, const char *field,
		      const char *otherwise);
void attestation_day(const struct attestation_page *x, uint64_t n, const char *field,
		     const char *otherwise);
void attestation_digests(const struct attestation_page *x, uint64_t n, const char *field,
			 const char *otherwise); /* each of that name */
uint64_t attestation_number(const struct attestation_page *x, uint64_t n, const char *field,
			    uint64_t otherwise);
/* "faces@2" */
void attestation_label(const struct attestation_page *x, uint64_t n);
bool attestation_exact(const struct attestation_page *x); /* is the checkpoint? */
const char *attestation_grade(const struct attestation_page *x, uint64_t n); /* attestation_made.c */
/* A row of a table of words: its title, then the cell is open. */
void attestation_row(const struct attestation_page *x, const char *title);

/* --- the sections, in the order of the page --- */

void attestation_short(const struct attestation_page *x);   /* attestation.c */
void attestation_sources(const struct attestation_page *x); /* attestation_sources.c */
void attestation_unknown(const struct attestation_page *x); /* attestation.c */
void attestation_made(const struct attestation_page *x);    /* attestation_made.c */
void attestation_orders(const struct attestation_page *x);
void attestation_check(const struct attestation_page *x);   /* attestation.c */

#endif
