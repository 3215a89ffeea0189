/*
 * keydir_digests: the file "digests" of the keys directory: what the small files that hardly ever
 * change should be (NAME.key, roles/NAME.key, never/oN), so that a rotten one is noticed, is
 * never copied over a good one, and one that is gone is missed. The bytes: docs/formats-vault.md.
 * Only for vault/keydir*.c.
 */
#ifndef VAULT_KEYDIR_DIGESTS_H
#define VAULT_KEYDIR_DIGESTS_H

#include "base/arena.h"
#include "crypto/hash.h"
#include "vault/keydir.h"

enum { DIGESTS_BYTES_MAX = 16 << 20 };

struct digest_line {
	struct hash digest;
	const char *name;
};

/* Lines by name; a name that is being replaced has two. */
struct digests {
	struct digest_line *list; /* lent by the arena */
	size_t count, cap;
};

/* Is this a file that they speak of? */
bool digests_guard(const char *name);
must_use int digests_parse(struct digests *ret, struct arena *a, const void *bytes, size_t len,
			   struct error *e);
must_use int digests_put(const struct digests *d, struct buf *b, struct error *e);
/* What both places hold together: a line of either counts. None when no place has the file;
 * *ret_uneven: they are not the same, or one of them is damaged. */
must_use int digests_load(struct digests *ret, struct keydir *k, struct arena *a, bool *ret_uneven,
			  struct error *e);
must_use int digests_save(const struct digests *d, struct keydir *k, struct error *e);

bool digests_know(const struct digests *d, const char *name);
/* True also of a name that they do not know. */
bool digests_hold(const struct digests *d, const char *name, const struct buf *bytes);
/* The line of name; with alone, in place of all others of it. */
must_use int digests_note(struct digests *d, struct arena *a, const char *name,
			  const struct hash *digest, bool alone, struct error *e);
void digests_forget(struct digests *d, const char *name);

#endif
