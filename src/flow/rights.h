/*
 * rights: sources, terms, transfers, grants and roles, said and corrected. Every call that has a
 * result gives the document that `--json` prints (docs: the command line); lists are arrays of
 * which each item is printed on its own line. Texts are lent; NULL is "not stated".
 */
#ifndef FLOW_RIGHTS_H
#define FLOW_RIGHTS_H

#include "repo/change.h"

struct terms_words {
	const char *terms; /* a file: its SHA-256 is kept */
	const char *licence, *allow, *deny, *basis, *from, *until;
};
struct source_words {
	const char *name, *controller, *kind, *people; /* people NULL: biometric */
	struct terms_words terms;
};
/* {"source":NAME}. Errors: E_CONFLICT, the name is taken; E_USAGE; E_NOT_FOUND, no terms file. */
must_use int flow_source_add(struct repo *r, const struct source_words *w, json_t **ret,
			     struct error *e);
/* {"source":NAME,"version":N} */
must_use int flow_source_terms(struct repo *r, const char *name, const struct terms_words *w,
			       json_t **ret, struct error *e);
/* Per source: source, kind, people, controller, records, terms (of each version: version, from,
 * until, licence, allow, deny, basis, document). name NULL: all, as an array. */
must_use int flow_source_show(struct repo *r, const char *name, json_t **ret, struct error *e);

struct transfer_words {
	const char *source, *from, *to, *date, *uses, *notified;
	const char *const *under; /* files */
	size_t under_count;
};
must_use int flow_transfer_add(struct repo *r, const struct transfer_words *w, json_t **ret,
			       struct error *e); /* {"transfer":"t1"} */
/* w: notified, uses, under only. */
must_use int flow_transfer_correct(struct repo *r, const char *id, const struct transfer_words *w,
				   json_t **ret, struct error *e);
must_use int flow_transfer_show(struct repo *r, const char *id, json_t **ret, struct error *e);

struct grant_words {
	const char *subject, *source; /* one of them */
	const char *uses, *basis, *evidence, *from, *until;
	bool explicit_consent;
};
must_use int flow_grant_add(struct repo *r, const struct grant_words *w, json_t **ret,
			    struct error *e); /* {"grant":"g1"} */
/* By grant id, or by subject (all of theirs; use: only those that name it). Opens an order over the
 * records concerned, with the withdrawal as its reason:
 * {"withdrawn":[ids],"records":N,"models":[labels],"order":"oN" or null when nothing is held}. */
must_use int flow_grant_withdraw(struct repo *r, const char *id, const char *subject,
				 const char *use, json_t **ret, struct error *e);

must_use int flow_key_add(struct repo *r, const char *role, json_t **ret, struct error *e);
must_use int flow_key_list(struct repo *r, json_t **ret, struct error *e); /* role, key, id, here */

/* SHA-256 of a file (terms, evidence, documents), hex. Errors name it. */
must_use int flow_digest_file(const char *path, char ret_hex[HASH_HEX_MAX], struct error *e);

#endif
