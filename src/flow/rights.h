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
/* {"source":NAME,"version":N}. From is needed; until NULL is no end; licence, allow, deny and basis
 * NULL are as in the version before, and "" takes deny or basis away. */
must_use int flow_source_terms(struct repo *r, const char *name, const struct terms_words *w,
			       json_t **ret, struct error *e);
/* Per source: source, kind, people, controller, records (not erased), terms (of each version:
 * version, from, until, licence, allow, deny, basis, document). name NULL: all, as an array. Here
 * and below: what was not stated is null, uses are text as they are said, digests hex. */
must_use int flow_source_show(struct repo *r, const char *name, json_t **ret, struct error *e);

struct transfer_words {
	const char *source, *from, *to, *date, *uses, *notified;
	const char *const *under; /* files */
	size_t under_count;
};
must_use int flow_transfer_add(struct repo *r, const struct transfer_words *w, json_t **ret,
			       struct error *e); /* {"transfer":"t1"} */
/* w: notified, uses (one of them at least) and under (one at least) only; the rest stays. */
must_use int flow_transfer_correct(struct repo *r, const char *id, const struct transfer_words *w,
				   json_t **ret, struct error *e);
/* transfer, source, from, to, date, uses, notified (these two as they are now), documents[]; of one
 * also corrections[] (at, fact, uses?, notified?, documents[]). id NULL: all, as an array. */
must_use int flow_transfer_show(struct repo *r, const char *id, json_t **ret, struct error *e);

struct grant_words {
	const char *subject, *source; /* one of them */
	const char *uses, *basis, *evidence, *from, *until;
	bool explicit_consent;
};
must_use int flow_grant_add(struct repo *r, const struct grant_words *w, json_t **ret,
			    struct error *e); /* {"grant":"g1"} */
/* The same of everybody in a CSV file, column `subject`, once each, in one change: all or none.
 * {"grants":[ids]}. w names neither subject nor source. Errors also E_FORMAT, of the file or nobody
 * in it; E_RANGE. */
enum { GRANTS_AT_ONCE_MAX = 100000 };
must_use int flow_grants_add(struct repo *r, const struct grant_words *w, const char *subjects,
			     json_t **ret, struct error *e);
/* grant, subject, source, uses, basis, explicit, from, until, evidence, withdrawn. id NULL: all. */
must_use int flow_grant_show(struct repo *r, const char *id, json_t **ret, struct error *e);
/* By grant id, or by subject (all of theirs; use: those that give it, or something below it).
 * When no other grant of the same person (or for the same source) is left that holds now, opens
 * an order over the records concerned: subject:ID by "the person"; or source:NAME by "the
 * controller", and then records stay whose every subject has an own grant.
 * {"withdrawn":[ids],"records":N,"models":[labels],"order":"oN" or null}: records are what the
 * order takes back; where none is opened, what is here of that person (or source).
 * Errors: E_NOT_FOUND, no such grant; E_CONFLICT, withdrawn already. */
must_use int flow_grant_withdraw(struct repo *r, const char *id, const char *subject,
				 const char *use, json_t **ret, struct error *e);

/* {"role","id","key"}. Errors: E_CONFLICT, enrolled already. */
must_use int flow_key_add(struct repo *r, const char *role, json_t **ret, struct error *e);
/* Of each: role, key, id, here (in our keys directory). */
/* Another key for the role, enrolled; what the old one signed stays good. */
must_use int flow_key_rotate(struct repo *r, const char *role, json_t **ret, struct error *e);
must_use int flow_key_list(struct repo *r, json_t **ret, struct error *e);

/* SHA-256 of a regular file (terms, evidence, documents), hex. Errors name it. */
must_use int flow_digest_file(const char *path, char ret_hex[HASH_HEX_MAX], struct error *e);

#endif
