/*
 * draft: what a statement will show, collected in any order. Inside proof/ only: made by the
 * calls of certificate.h and receipt.h, read by make*.c.
 */
#ifndef PROOF_DRAFT_H
#define PROOF_DRAFT_H

#include "proof/statement.h"

struct certificate_draft {
	struct arena *arena;
	struct fact *facts; /* n and text alone */
	struct opening *openings;
	struct retained *sets;
	struct shown_container *containers;
	size_t fact_count, fact_cap, opening_count, opening_cap, set_count, set_cap;
	size_t container_count, container_cap;
	uint64_t *list; /* of the last set */
	size_t list_cap;
	uint64_t *table; /* containers by root: 0 is free, else index + 1 */
	size_t table_cap; /* a power of two, at least twice container_count */
	struct shown_record *records;
	struct opening *record_openings; /* n is the position */
	size_t record_count, record_cap, record_opening_count, record_opening_cap;
};

/* Facts and records ascending and once, openings by fact or record and field and once. Errors:
 * E_CONFLICT, two entries of one number. */
must_use int draft_sort(struct certificate_draft *d, struct error *e);

#endif
