/*
 * select: the small language that picks records everywhere: `source:partner and not subject:p7`.
 * Parsing is pure; evaluating reads the catalog, and opens cards only for path:GLOB.
 *
 *   expr  = term { "or" term } ;  term = factor { "and" factor } ;
 *   factor = "not" factor | "(" expr ")" | WORD:VALUE | erased | expired
 *   VALUE: up to white space or ")"; in double quotes (\" and \\ inside) when it has such, or
 *   a quote.
 *
 * transfer:t1 is what came by a transfer, transfer:out1 what left by one: a dataset as it was then.
 * signal: picks nothing: no record has signals yet.
 * path: is a pattern (repo/glob.h) for the paths that a record and its copies came by. licence:
 * asks the terms that are valid now. expired are records of a source of which no terms are valid
 * now, records about somebody known who had granted something of which nothing is left, and,
 * about nobody known, records of a source for which the same holds.
 */
#ifndef REPO_SELECT_H
#define REPO_SELECT_H

#include "repo/repo.h"

enum { SELECTOR_BYTES_MAX = 65536, SELECTOR_TERMS_MAX = 4096, SELECTOR_DEPTH_MAX = 64,
       SIGNAL_NAME_MAX = 100 };

struct selector;
/* Errors: E_USAGE, with the place in the text. What is there is asked by selector_run only. */
must_use int selector_parse(struct selector **ret, const char *text, struct error *e);
void selector_destroy(struct selector *s); /* NULL is fine */
SCOPED(selector, selector_destroy);

/* The canonical text of it (what demands and plans keep). */
must_use int selector_put(const struct selector *s, struct buf *b, struct error *e);
/* If it is just WORD:VALUE of this word, the value; else NULL. */
const char *selector_only(const struct selector *s, const char *word);
/* Does it name people or their data (subject, path, sha256, attr, record)? Then a
 * certificate withholds it. */
bool selector_is_personal(const struct selector *s);

/* The positions it picks, erased ones too (they answer to source, transfer, batch, record,
 * erased, dataset, model: what does not need their card). E_NOT_FOUND: names something that is
 * not there; a subject, path, digest or attribute that nobody knows picks nothing. */
must_use int selector_run(struct repo *r, const struct selector *s, struct set **ret,
			  struct error *e);

#endif
