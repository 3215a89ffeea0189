#include "cli/verify_head.h"

#include <string.h>

int verdict_of_one(const char *check, bool ok, const char *detail, json_t **ret, struct error *e)
{
	scoped_json *doc = json_object_make(e);
	json_t *row = json_object_make(e), *checks = json_array_make(e);

	if (doc && row && checks) {
		json_set_text(row, "name", check, e);
		json_set_bool(row, "ok", ok, e);
		json_set_new(row, "detail", json_text_lossy(detail, strlen(detail), e), e);
		json_set_bool(doc, "valid", ok, e);
	}
	json_add_new(checks, row, e);
	json_set_new(doc, "checks", checks, e);
	json_set_new(doc, "signed_by_others", json_array_make(e), e);
	json_set_new(doc, "asserted", json_array_make(e), e);
	json_set_new(doc, "not_covered", json_array_make(e), e);
	if (e->code)
		return e->code;
	*ret = give(doc);
	return 0;
}

int verify_head(const struct buf *bytes, const struct verify_pins *pins, json_t **ret,
		struct error *e)
{
	scoped(verdict) *v = NULL;

	if ((is_tlog_proof(bytes) ? tlog_proof_verify(&v, bytes, pins, e) :
				    head_verify(&v, bytes, pins, e)) < 0)
		return e->code;
	return verdict_json(v, ret, e);
}
