/* Is a file one of the records that a receipt speaks of? */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "flow/rights.h"
#include "flow/verify_files.h"
#include "proof/receipt.h"

enum { ANSWER_MAX = 160 };

bool verify_is_receipt(const struct verdict *v)
{
	return strcmp(json_text_or(v->statement, "predicateType", ""), RECEIPT_TYPE) == 0;
}

struct found {
	uint64_t pos;	 /* the first record of these bytes */
	uint64_t opened; /* records whose content is opened */
	bool any;
};

static void look(const json_t *predicate, const struct hash *sha256, struct found *ret)
{
	const json_t *item, *list = json_object_get(predicate, "record_openings");
	size_t i;

	*ret = (struct found){ 0 };
	json_array_foreach(list, i, item) {
		struct error ignored = { 0 };
		scoped(buf) *value = NULL;

		if (strcmp(json_text_or(item, "field", ""), "content") != 0 ||
		    json_get_bytes64(item, "value", &value, &ignored) < 0 || value->len != HASH_LEN)
			continue;
		ret->opened++;
		if (ret->any || memcmp(value->data, sha256->b, HASH_LEN) != 0)
			continue;
		ret->any = true;
		ret->pos = json_number_or(item, "p", 0);
	}
}

static void not_covered(json_t *doc, const char *path, uint64_t destroyed, struct error *e)
{
	char shown[PATH_LEN_MAX], line[PATH_LEN_MAX + 128];

	snprintf(line, sizeof(line), "whether %s is one of %" PRIu64 " records of it: opening destroyed",
		 path_escape(shown, sizeof(shown), path), destroyed);
	json_add_new(json_object_get(doc, "not_covered"), json_string(line), e);
}

static int answer(const struct verdict *v, const char *path, json_t *rows, json_t *doc,
		  struct error *e)
{
	const json_t *predicate = json_object_get(v->statement, "predicate");
	uint64_t records = json_array_size(json_object_get(predicate, "records"));
	const struct held h = { .path = path };
	char hex[HASH_HEX_MAX], text[ANSWER_MAX];
	struct hash sha256;
	struct found f;

	if (flow_digest_file(path, hex, e) < 0 || hash_from_hex(&sha256, hex, e) < 0)
		return error_wrap(e, "--data");
	look(predicate, &sha256, &f);
	if (!v->valid) {
		snprintf(text, sizeof(text), "not said (the receipt does not hold)");
	} else if (f.any) {
		snprintf(text, sizeof(text), "record %" PRIu64 ": it is what this speaks of", f.pos);
	} else if (f.opened < records) {
		snprintf(text, sizeof(text), "opening destroyed (of %" PRIu64 " of %" PRIu64 " records)",
			 records - f.opened, records);
		not_covered(doc, path, records - f.opened, e);
	} else {
		snprintf(text, sizeof(text), "not what it speaks of");
		answer_fails(doc, path, e);
	}
	json_add_new(rows, held_row(&h, text, e), e);
	return e->code;
}

int verify_receipt_answers(const struct verdict *v, const char *const *data, size_t count,
			   json_t *doc, struct error *e)
{
	json_t *rows = json_array_make(e);

	json_set_new(doc, "data", rows, e);
	for (size_t i = 0; e->code == 0 && i < count; i++)
		if (answer(v, data[i], rows, doc, e) < 0)
			return e->code;
	return e->code;
}
