/*
 * parts: small things that the stories share: documents, reasons as JSON, private fields.
 */
#ifndef FLOW_PARTS_H
#define FLOW_PARTS_H

#include "repo/ask.h"
#include "wire/fields.h"
#include "wire/json.h"

/* {"no-grant":3,"no-notice":3} of counts by reason. */
json_t *parts_reasons(const uint64_t why[REASON_COUNT], struct error *e);
/* ["no-grant","no-notice"] of a set of reasons. */
json_t *parts_reason_list(reasons set, struct error *e);
/* Add the value's one form as a private field. */
must_use int parts_add_json(struct fields *f, const char *name, const json_t *value,
			    struct error *e);
/* "name@version" */
must_use int parts_label(char ret[128], const char *name, uint64_t version, struct error *e);
/* Errors: E_USAGE, "what "x" is no name". */
must_use int parts_name(const char *what, const char *name, struct error *e);

#endif
