/*
 * index: the shown facts of one type, ordered by a key of bytes: their tag, or what one of their
 * fields holds. Inside proof/ only.
 */
#ifndef PROOF_INDEX_H
#define PROOF_INDEX_H

#include "proof/statement.h"

struct index {
	struct keyed {
		const uint8_t *key;
		size_t len;
		struct fact *fact;
	} *list;
	size_t count;
};
/* field NULL: by tag (of terms with their version), else by its value; facts of which it is not
 * opened are not there. */
must_use int index_make(struct index *ret, const struct statement *s, enum fact_type type,
			const char *field, struct error *e);
/* The first with this key; NULL: none. */
struct fact *index_find(const struct index *x, const void *key, size_t len);
/* E_MISMATCH: two have one key. */
must_use int index_distinct(const struct index *x, struct error *e);

#endif
