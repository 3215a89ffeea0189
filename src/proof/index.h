/*
 * index: shown facts, ordered by their type and a key of bytes: their tag, or what one of their
 * fields holds. Inside proof/ only.
 */
#ifndef PROOF_INDEX_H
#define PROOF_INDEX_H

#include "proof/statement.h"

struct index {
	struct keyed {
		enum fact_type type;
		const uint8_t *key; /* NULL: it has none, and is not there */
		size_t len;
		struct fact *fact;
	} *list;
	size_t count;
};
/* fields NULL: sources, terms (with their version) and transfers by their tags; else each type by
 * the value of the field that stands for it here; facts of which it is not opened are not there. */
must_use int index_make(struct index *ret, const struct statement *s,
			const char *const fields[FACT_TYPES], struct error *e);
/* One of this type with this key; NULL: none. */
struct fact *index_find(const struct index *x, enum fact_type type, const void *key, size_t len);
/* E_MISMATCH: two of one type have one key. */
must_use int index_distinct(const struct index *x, struct error *e);

#endif
