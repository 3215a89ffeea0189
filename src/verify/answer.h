/*
 * answer: what is said of the bytes of one file: the whole of `rescind-verify` but for its reading
 * of words and its printing. Pure; also compiled to WebAssembly (web/verify/).
 */
#ifndef VERIFY_ANSWER_H
#define VERIFY_ANSWER_H

#include "proof/certificate.h"

/* keys (a log's of Ed25519, of ML-DSA-44, or both; the first NULL ends them) and order as they were typed;
 * NULL: not given. *ret is the document of verdict_json; what is no certificate is an answer too. Errors:
 * E_USAGE, a key is no vkey or order no hash; E_MEMORY. */
enum { ANSWER_KEYS_MAX = 2 };
must_use int answer_make(json_t **ret, const void *bytes, size_t len_bytes,
			 const char *const keys[ANSWER_KEYS_MAX], const char *order,
			 struct error *e);
bool answer_valid(const json_t *answer);

/* Append the page for people. Nothing that the file holds moves a terminal: what one might obey,
 * and what is not UTF-8, comes out as \x1b. */
must_use int answer_page(const json_t *answer, struct buf *b, struct error *e);

#endif
