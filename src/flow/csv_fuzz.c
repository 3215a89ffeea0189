/* Whatever was read, written with every field in quotes, reads as the same rows. */
#include <stdlib.h>

#include "flow/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len_bytes);

static int quote(void *ctx, uint64_t line, const struct csv_field *fields, size_t count,
		 struct error *e)
{
	struct buf *out = ctx;

	(void)line;
	for (size_t i = 0; i < count; i++) {
		if (fields[i].text[fields[i].len] != 0 || strlen(fields[i].text) != fields[i].len)
			abort();
		if (buf_put(out, i ? ",\"" : "\"", i ? 2 : 1, e) < 0)
			return e->code;
		for (size_t j = 0; j < fields[i].len; j++)
			if ((fields[i].text[j] == '"' && buf_put_u8(out, '"', e) < 0) ||
			    buf_put_u8(out, (uint8_t)fields[i].text[j], e) < 0)
				return e->code;
		if (buf_put_u8(out, '"', e) < 0)
			return e->code;
	}
	return buf_put(out, "\r\n", 2, e);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len_bytes)
{
	scoped(buf) *once = NULL, *twice = NULL;
	struct error e = { 0 };

	if (buf_create(&once, 64, &e) < 0 || buf_create(&twice, 64, &e) < 0 ||
	    csv_read(bytes, len_bytes, quote, once, &e) < 0)
		return 0;
	if (csv_read(once->data, once->len, quote, twice, &e) < 0 || once->len != twice->len ||
	    memcmp(once->data, twice->data, once->len) != 0)
		abort();
	return 0;
}
