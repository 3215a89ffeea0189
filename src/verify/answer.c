#include "verify/answer.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { NAME_WIDTH = 12 };

int answer_make(json_t **ret, const void *bytes, size_t len_bytes,
		const char *const keys[ANSWER_KEYS_MAX], const char *order, struct error *e)
{
	struct verify_pins pins = { 0 };
	scoped(verdict) *v = NULL;
	struct hash demand;

	for (size_t i = 0; i < ANSWER_KEYS_MAX && keys[i]; i++)
		if (pins_take(&pins, keys[i], e) < 0)
			return e->code;
	if (order && hex_decode(demand.b, HASH_LEN, order, e) < 0)
		return error_set(e, E_USAGE, "the order is no hash of 64 lowercase hex digits");
	pins.order = order ? &demand : NULL;
	if (certificate_verify(&v, bytes, len_bytes, &pins, e) < 0)
		return e->code;
	return verdict_json(v, ret, e);
}

bool answer_valid(const json_t *answer)
{
	return json_is_true(json_object_get(answer, "valid"));
}

/* ---- the page ---- */

/* What a terminal might obey instead of showing: C0, DEL, C1, and the marks that turn the direction
 * of a line or end it. */
static bool is_obeyed(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static int put_text(struct buf *b, const char *text, struct error *e)
{
	uint32_t point = 0;
	int code = 0;

	for (size_t len; *text && code == 0; text += len) {
		len = utf8_point(&point, text, strnlen(text, 4));
		if (len > 0 && !is_obeyed(point))
			code = buf_put(b, text, len, e);
		else if (*text == '\n' || *text == '\t')
			code = buf_printf(b, e, "\\%c", *text == '\n' ? 'n' : 't');
		else
			for (size_t i = 0; i < (len ? len : 1) && code == 0; i++)
				code = buf_printf(b, e, "\\x%02x", (uint8_t)text[i]);
		len = len ? len : 1;
	}
	return code;
}

static int put_line(struct buf *b, const char *before, const char *text, struct error *e)
{
	return buf_printf(b, e, "  %s", before) < 0 || put_text(b, text, e) < 0 ?
		       e->code : buf_put_u8(b, '\n', e);
}

static int put_check(struct buf *b, const json_t *check, struct error *e)
{
	const char *name = json_text_or(check, "name", ""),
		   *detail = json_text_or(check, "detail", "");
	bool ok = json_is_true(json_object_get(check, "ok"));
	char before[64];

	snprintf(before, sizeof(before), "%s%-*s", ok ? "ok      " : "NOT OK  ",
		 detail[0] ? NAME_WIDTH : 0, name);
	return put_line(b, before, detail, e);
}

static int put_list(struct buf *b, const char *title, const json_t *list, struct error *e)
{
	int code = buf_printf(b, e, "\n%s\n%s", title, json_array_size(list) ? "" : "  nothing\n");

	for (size_t i = 0; i < json_array_size(list) && code == 0; i++)
		code = put_line(b, "- ", json_string_value(json_array_get(list, i)), e);
	return code;
}

int answer_page(const json_t *answer, struct buf *b, struct error *e)
{
	static const struct { const char *key, *title; } lists[] = {
		{ "signed_by_others", "Signed by others" },
		{ "asserted", "Asserted by the operator" }, { "not_covered", "Not covered" },
	};
	const json_t *checks = json_object_get(answer, "checks");
	int code = buf_printf(b, e, "%s\n\nChecked here\n",
			      answer_valid(answer) ? "valid" : "NOT VALID");

	for (size_t i = 0; i < json_array_size(checks) && code == 0; i++)
		code = put_check(b, json_array_get(checks, i), e);
	for (size_t i = 0; i < COUNT_OF(lists) && code == 0; i++)
		code = put_list(b, lists[i].title, json_object_get(answer, lists[i].key), e);
	return code;
}
