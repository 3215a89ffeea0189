/*
 * said: what a person said, checked and put into the private part of a fact in its one form; and
 * shown again from there. What was not stated is "". Errors of what was said are E_USAGE and begin
 * with the field's name. Only for flow/rights_*.c.
 */
#ifndef FLOW_RIGHTS_SAID_H
#define FLOW_RIGHTS_SAID_H

#include "flow/rights.h"
#include "repo/things.h"

enum { SAID_NAME_MAX = 256 /* bytes of an organisation's or a person's name */,
       SAID_DOCUMENTS_MAX = 64 /* with one fact */ };

/* UTF-8 of 1 to SAID_NAME_MAX bytes without control characters. */
must_use int said_name(struct fields *f, const char *field, const char *text, struct error *e);
/* At least one use; sorted, each once. */
must_use int said_uses(struct fields *f, const char *field, const char *text, struct error *e);
/* None is fine. */
must_use int said_no_uses(struct fields *f, const char *field, const char *text, struct error *e);
must_use int said_time(struct fields *f, const char *field, const char *text, struct error *e);
/* from and until; each may be missing. */
must_use int said_period(struct fields *f, const char *from, const char *until, struct error *e);
/* The legal basis; missing is fine where it is not needed. */
must_use int said_basis(struct fields *f, const char *text, bool needed, struct error *e);
/* The file's SHA-256, raw. */
must_use int said_document(struct fields *f, const char *field, const char *path,
			   struct error *e);
must_use int said_documents(struct fields *f, const char *const *paths, size_t count,
			    struct error *e);

/* 8 random bytes, hex: how facts name a source or a transfer. */
const char *said_new_tag(char ret[17]);
/* The number in an id like "t12" (E_NOT_FOUND: it is none; what: "transfer"). */
must_use int said_id(const char *what, const char *id, uint64_t *ret, struct error *e);

/* rights_grant.c: the row of a grant, among all by the same person or for the same source. Lent by
 * the arena. E_NOT_FOUND. */
must_use int find_grant(struct repo *r, struct arena *a, uint64_t id, struct grant_row **ret_all,
			size_t *ret_count, size_t *ret_index, struct error *e);

/* The private part of a fact; NULL when its key was destroyed. */
must_use int said_of(struct repo *r, uint64_t fact, struct fields **ret, struct error *e);
/* Members of documents: null where nothing is known. f may be NULL. */
void show_text(json_t *doc, const char *key, const struct fields *f, const char *field,
	       struct error *e);
void show_digests(json_t *doc, const char *key, const struct fields *f, const char *field,
		  struct error *e); /* an array */
void show_digest(json_t *doc, const char *key, const struct fields *f, const char *field,
		 struct error *e);
void show_uses(json_t *doc, const char *key, const struct uses *u, struct error *e);
void show_period(json_t *doc, const struct period *p, struct error *e);

#endif
