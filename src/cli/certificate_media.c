/* What certificates say of media, people and the like: shown, or kept from a file. */
#include "cli/certificate_sign.h"
#include "flow/sanitization_form.h"

static void page(struct print *p, const json_t *doc)
{
	static const struct column columns[] = {
		{ "holds", "holds", CELL_VALUE },   { "vendor", "manufacturer", CELL_VALUE },
		{ "model", "model", CELL_VALUE },   { "serial", "serial", CELL_VALUE },
		{ "assetId", "asset", CELL_VALUE }, { "type", "type", CELL_VALUE },
	};
	const json_t *form = json_object_get(doc, "form");

	print_table(p, member_list(doc, "media"), columns, COUNT_OF(columns));
	print_put(p, "\n");
	if (json_object_size(form) > 0)
		print_document(p, form);
	else
		print_put(p, "nothing else is stated (docs/sanitization.md)\n");
}

int certificate_media(struct call *c, struct error *e)
{
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_sanitization(r, call_operand(c, 0), &doc, e), &doc, page, e);
}
