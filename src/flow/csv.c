#include "flow/csv.h"

#include <inttypes.h>
#include <stdbool.h>

struct reader {
	const uint8_t *p, *end;
	uint64_t line;	  /* where p is */
	uint64_t row_line; /* where the record began */
	struct buf *text; /* the fields of this record, each with its NUL */
	size_t count, columns; /* fields of this record; of the header, 0 before it */
	size_t at[CSV_COLUMNS_MAX], len[CSV_COLUMNS_MAX];
};

static int bad(const struct reader *r, int code, const char *what, struct error *e)
{
	return error_set(e, code, "line %" PRIu64 ": %s", r->line, what);
}

/* Up to the next comma, line's end, quote or NUL. */
static size_t plain_length(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *at = p;

	while (at < end && *at != ',' && *at != '\n' && *at != '\r' && *at != '"' && *at)
		at++;
	return (size_t)(at - p);
}

static int bare_field(struct reader *r, struct error *e)
{
	size_t len = plain_length(r->p, r->end);

	if (len > CSV_FIELD_MAX)
		return bad(r, E_RANGE, "a field is too long", e);
	if (buf_put(r->text, r->p, len, e) < 0)
		return e->code;
	r->p += len;
	if (r->p < r->end && *r->p == '"')
		return bad(r, E_FORMAT, "a quote inside of a field that is not quoted", e);
	return 0;
}

/* Up to the next quote, counting lines; E_FORMAT when there is none. */
static int quoted_piece(struct reader *r, size_t begin, struct error *e)
{
	const uint8_t *from = r->p;

	for (; r->p < r->end && *r->p != '"'; r->p++) {
		if (!*r->p)
			return bad(r, E_FORMAT, "a NUL byte", e);
		if (*r->p == '\n')
			r->line++;
	}
	if (r->p == r->end)
		return error_set(e, E_FORMAT, "line %" PRIu64 ": a quoted field does not end",
				 r->row_line);
	if (r->text->len - begin + (size_t)(r->p - from) > CSV_FIELD_MAX)
		return bad(r, E_RANGE, "a field is too long", e);
	return buf_put(r->text, from, (size_t)(r->p - from), e);
}

static int quoted_field(struct reader *r, struct error *e)
{
	size_t begin = r->text->len;

	r->p++;
	for (;;) {
		if (quoted_piece(r, begin, e) < 0)
			return e->code;
		r->p++;
		if (r->p == r->end || *r->p != '"')
			break;
		if (r->text->len - begin >= CSV_FIELD_MAX)
			return bad(r, E_RANGE, "a field is too long", e);
		if (buf_put_u8(r->text, '"', e) < 0)
			return e->code;
		r->p++;
	}
	if (r->p < r->end && *r->p != ',' && *r->p != '\n' && *r->p != '\r')
		return bad(r, E_FORMAT, "bytes behind a closing quote", e);
	return 0;
}

static int field(struct reader *r, struct error *e)
{
	size_t begin = r->text->len;
	int code;

	if (r->count == CSV_COLUMNS_MAX)
		return bad(r, E_RANGE, "too many columns", e);
	code = r->p < r->end && *r->p == '"' ? quoted_field(r, e) : bare_field(r, e);
	if (code < 0)
		return code;
	r->at[r->count] = begin;
	r->len[r->count++] = r->text->len - begin;
	return buf_put_u8(r->text, 0, e);
}

/* Behind a field: *ret_more says that another one of this record follows. */
static int delimiter(struct reader *r, bool *ret_more, struct error *e)
{
	*ret_more = false;
	if (r->p == r->end)
		return 0;
	if (*r->p == ',') {
		*ret_more = true;
		r->p++;
		return 0;
	}
	if (*r->p == '\r' && r->end - r->p > 1 && r->p[1] == '\n')
		r->p++;
	if (*r->p == '\r')
		return bad(r, E_FORMAT, "a carriage return that does not end a line", e);
	if (!*r->p)
		return bad(r, E_FORMAT, "a NUL byte", e);
	r->p++;
	r->line++;
	return 0;
}

static int one_row(struct reader *r, csv_row *row, void *ctx, struct error *e)
{
	struct csv_field fields[CSV_COLUMNS_MAX];
	bool more = true;

	buf_clear(r->text);
	r->count = 0;
	r->row_line = r->line;
	while (more)
		if (field(r, e) < 0 || delimiter(r, &more, e) < 0)
			return e->code;
	if (r->columns == 0)
		r->columns = r->count;
	if (r->count != r->columns)
		return error_set(e, E_FORMAT, "line %" PRIu64 ": %zu fields, the header has %zu",
				 r->row_line, r->count, r->columns);
	for (size_t i = 0; i < r->count; i++)
		fields[i] = (struct csv_field){ (const char *)r->text->data + r->at[i], r->len[i] };
	return row(ctx, r->row_line, fields, r->count, e);
}

int csv_read(const void *bytes, size_t len_bytes, csv_row *row, void *ctx, struct error *e)
{
	static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };
	struct reader r = { .p = bytes, .line = 1 };
	scoped(buf) *text = NULL;
	int code;

	if (len_bytes > CSV_BYTES_MAX)
		return error_set(e, E_RANGE, "%zu bytes are more than the %d that a CSV may have",
				 len_bytes, CSV_BYTES_MAX);
	if (len_bytes == 0)
		return 0;
	if (buf_create(&text, 1024, e) < 0)
		return e->code;
	r.end = r.p + len_bytes;
	r.text = text;
	if (len_bytes >= sizeof(mark) && memcmp(r.p, mark, sizeof(mark)) == 0)
		r.p += sizeof(mark);
	while (r.p < r.end) {
		code = one_row(&r, row, ctx, e);
		if (code != 0)
			return code;
	}
	return 0;
}

int csv_column(const struct csv_field *header, size_t count, const char *name, size_t *ret,
	       struct error *e)
{
	size_t found = count;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(header[i].text, name) != 0)
			continue;
		if (found < count)
			return error_set(e, E_FORMAT, "column \"%s\" is there twice", name);
		found = i;
	}
	if (found == count)
		return error_set(e, E_FORMAT, "column \"%s\" is missing", name);
	*ret = found;
	return 0;
}
