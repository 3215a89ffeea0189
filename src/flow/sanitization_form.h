/*
 * sanitization_form: what an operator states for the sanitization of certificates (NIST SP 800-88 Rev. 2
 * section 4.6) and no program can know: KEYS/sanitization.json, docs/sanitization.md. Every
 * member may be missing.
 */
#ifndef FLOW_SANITIZATION_FORM_H
#define FLOW_SANITIZATION_FORM_H

#include "repo/repo.h"

#define SANITIZATION_FORM "sanitization.json"
enum { SANITIZATION_FORM_MAX = 8192, SANITIZATION_ROWS_MAX = 8 };

/* The object as it was written, in which everything is a text of its place. Errors: E_FORMAT, E_RANGE. */
must_use int sanitization_form_parse(json_t **ret, const void *bytes, size_t len_bytes,
				     struct error *e);
/* Of this repository; an empty object when there is none. Errors: those of the above, which name the
 * file. */
must_use int sanitization_form_load(struct repo *r, json_t **ret, struct error *e);

/* Keep the file at path (NULL: keep what there is), and say what a certificate would say now:
 * {"media":[..],"form":{..}}. Errors: those of the above. */
must_use int flow_sanitization(struct repo *r, const char *path, json_t **ret, struct error *e);
/* media of the form, else what is found now. */
must_use int sanitization_media(struct repo *r, const json_t *form, json_t **ret, struct error *e);

#endif
