/*
 * showing: what statements share while they are made: facts shown, fields of them opened, sets
 * opened as 0 at positions. A statement shows what was logged and opens what is asked of it; its
 * words are its own.
 */
#ifndef FLOW_SHOWING_H
#define FLOW_SHOWING_H

#include "proof/certificate.h"
#include "repo/things.h"

struct showing {
	struct repo *r;
	struct arena *a;
	struct certificate_draft *d;
	struct log *facts;
};

/* Begin a statement of this repository as its public heads are. After an error too, end it. */
must_use int showing_begin(struct showing *x, struct repo *r, struct error *e);
void showing_end(struct showing *x);

/* Show fact n; however often. */
must_use int showing_fact(struct showing *x, uint64_t n, struct error *e);
/* Every batch. */
must_use int showing_batches(struct showing *x, struct error *e);
/* Open the field of that name of its private part f; or withhold it. */
must_use int showing_field(struct showing *x, uint64_t n, const struct fields *f,
			   const char *name, bool withhold, struct error *e);
/* Show fact n, and open these fields of it (NULL-ended). */
must_use int showing_opened(struct showing *x, uint64_t n, const char *const *names,
			    struct error *e);
/* Show fact n, and open every field of these names that it has. */
must_use int showing_fields(struct showing *x, uint64_t n, const char *const *names,
			    struct error *e);
/* Show the fact that enrolled the key which said fact n, and open its role. */
must_use int showing_key_of(struct showing *x, uint64_t n, struct error *e);

/* Of each key that made this checkpoint again, one of the facts that say so, and the key's. *shown
 * counts those of all checkpoints: not more than CERTIFICATE_REPRODUCED_MAX are shown. */
must_use int showing_reproduced(struct showing *x, const struct model *m, size_t *shown,
				struct error *e);

/* Sets by the facts that committed to them: show these, and open each container once as 0 at those
 * of the positions that lie in it. */
struct shown_set {
	uint64_t fact;
	struct stored_set set;
};
must_use int showing_sets(struct showing *x, const struct shown_set *sets, size_t count,
			  const struct set *positions, struct error *e);

/* Does what an order demands name people or their data? It stays with who demanded it: they have the
 * salt, and the hash is pinned. */
bool showing_is_personal(const json_t *demand);

/* What does not hold for a stranger is not given out: E_MISMATCH, with the check that does not. order: the
 * demand that it has to answer; NULL: it is no certificate. */
must_use int showing_check(struct showing *x, const struct buf *statement,
			   const struct hash *order, struct error *e);

/* What it is signed with: the public heads as notes, lent by the arena, and the log's key; wipe it. */
struct signing {
	const char *facts_head, *records_head;
	uint8_t seed[SIGN_SEED_LEN];
};
must_use int showing_signing(struct showing *x, struct signing *ret, struct error *e);
/* Add a sentence, of 2,047 bytes at most. */
void showing_say(json_t *list, struct error *e, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Who signed the public heads beside us, as a sentence with their names, as this repository knows
 * them (showing_witnesses.c). */
must_use int showing_witnesses(struct repo *r, json_t *sentences, struct error *e);

#endif
