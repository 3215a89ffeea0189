/*
 * fields: the private part of a record or a fact: a list of named values, each with
 * its own salt, so that each can be opened alone (crypto/commit.h). Its commitment is
 * commit_list over their number and the RFC 9162 root over the commitments of its fields in
 * order: entry i of the tree is the 32-byte commitment of field i. Names may repeat (a photo has several
 * subjects). What is sealed in the vault as a card or a fact's private part is
 *
 *   "RSF1"  u16 count  count x ( u8 len(name) name  salt[64]  u32 len(value) value )
 *
 * big-endian, nothing after it. Names are [a-z0-9_-]{1,32}. Values are bytes (texts
 * without NUL, hashes raw, numbers as decimal text).
 */
#ifndef WIRE_FIELDS_H
#define WIRE_FIELDS_H

#include "base/buf.h"
#include "crypto/commit.h"
#include "crypto/tree.h"

enum { FIELDS_MAX = 1024, FIELD_NAME_MAX = 32, FIELD_VALUE_MAX = 64 << 20 };

struct field {
	char name[FIELD_NAME_MAX + 1];
	uint8_t salt[SALT_LEN];
	struct buf *value; /* owned by the list */
};

struct fields {
	struct field *list;
	size_t count, cap;
};

must_use int fields_create(struct fields **ret, struct error *e);
void fields_destroy(struct fields *f); /* wipes; NULL is fine */
SCOPED(fields, fields_destroy);

/* Add with a fresh salt. Errors: E_RANGE, one too many or too long; E_FORMAT, not a name. */
must_use int fields_add(struct fields *f, const char *name, const void *value, size_t len_bytes,
			struct error *e);
must_use int fields_add_text(struct fields *f, const char *name, const char *value,
			     struct error *e);
must_use int fields_add_number(struct fields *f, const char *name, uint64_t value,
			       struct error *e);
/* So that their number and order say nothing of what the list is about: fields named "pad", without a
 * value, until the count is a multiple of FIELDS_STEP, and then those from first on in random
 * order. Errors: E_RANGE. */
enum { FIELDS_STEP = 16 };
must_use int fields_hide(struct fields *f, size_t first, struct error *e);
/* The first field of that name; NULL when there is none. */
const struct field *fields_find(const struct fields *f, const char *name);
/* Its value as text (NUL-ended by buf); NULL when there is none or it holds a NUL. */
const char *fields_text(const struct fields *f, const char *name);
/* otherwise when there is none or it is not a decimal number. */
uint64_t fields_number(const struct fields *f, const char *name, uint64_t otherwise);

/* crypto/commit.h over the name, the salt and the value. */
void field_commitment(struct hash *ret, const struct field *f);
must_use int fields_root(struct hash *ret, const struct fields *f, struct error *e);
/* Append the wire form. */
must_use int fields_put(const struct fields *f, struct buf *b, struct error *e);
/* Errors: E_FORMAT; E_RANGE, a count or a length beyond the limits above. */
must_use int fields_parse(struct fields **ret, const void *bytes, size_t len_bytes,
			  struct error *e);

/* The path that proves the commitment of field index against fields_root: the entry of the tree
 * is the commitment, its leaf hash tree_leaf(commitment). Errors: E_RANGE, no such field. */
must_use int fields_prove(const struct fields *f, size_t index, struct tree_path *ret,
			  struct error *e);

#endif
