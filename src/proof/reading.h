/*
 * reading: pieces that the readers of a statement share. Inside proof/ only: read*.c. Errors:
 * E_FORMAT, E_RANGE (a named limit), E_MEMORY.
 */
#ifndef PROOF_READING_H
#define PROOF_READING_H

#include "proof/statement.h"

#define ONLY(j, ...) json_only(j, (const char *const[]){ __VA_ARGS__, NULL }, e)

/* Base64 under key, decoded into the arena and followed by a NUL byte. */
must_use int read_bytes(struct statement *s, const json_t *o, const char *key, const uint8_t **ret,
			size_t *ret_len, struct error *e);
must_use int read_hashes(struct statement *s, const json_t *o, const char *key, size_t max,
			 struct hash **ret, size_t *ret_count, struct error *e);
/* The list under key, each item read into item_bytes of the arena. */
typedef int read_item(struct statement *s, const json_t *j, void *ret, struct error *e);
must_use int read_list(struct statement *s, const json_t *o, const char *key, size_t max,
		       size_t item_bytes, read_item *read, void *ret_items, size_t *ret_count,
		       struct error *e);
int read_number(struct statement *s, const json_t *j, void *ret, struct error *e);
/* Texts that are shown to people have a length that fits them. */
must_use int read_name(const json_t *o, const char *key, const char **ret, struct error *e);

/* The lists "facts" with "facts_proof", "openings" (of: "n") or "record_openings" (of: "p"), "sets"
 * with "containers". */
must_use int read_facts(struct statement *s, const json_t *p, struct error *e);
must_use int read_openings(struct statement *s, const json_t *p, struct error *e);
must_use int read_record_openings(struct statement *s, const json_t *p, struct error *e);
must_use int read_sets(struct statement *s, const json_t *p, struct error *e);

/* read_kinds.c: the predicate of each kind. */
must_use int read_predicate(struct statement *s, const json_t *p, struct error *e);

#endif
