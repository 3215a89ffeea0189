/*
 * csv: RFC 4180, read strictly: fields between commas, in double quotes where they hold a comma,
 * a quote (doubled) or a line's end; lines end in CRLF or LF, the last one may end without; each
 * record has as many fields as the first, the header. A byte order mark at the start is passed
 * over. Everything else is refused, with its line: a quote inside of a bare field, bytes behind a
 * closing quote, a lone CR outside of quotes, NUL anywhere. Fields are bytes of any encoding. Pure.
 */
#ifndef FLOW_CSV_H
#define FLOW_CSV_H

#include "base/buf.h"

enum { CSV_BYTES_MAX = 1 << 28, CSV_COLUMNS_MAX = 64, CSV_FIELD_MAX = 1 << 16 };

struct csv_field {
	const char *text; /* NUL-ended, lent for the call */
	size_t len;
};

/* Called for each record, the header first; line is where it begins, from 1. */
typedef int csv_row(void *ctx, uint64_t line, const struct csv_field *fields, size_t count,
		    struct error *e);
/* Errors: E_FORMAT, E_RANGE (more than the limits above), both with the line; what row returns, when
 * that is not 0, and then no more rows are read. Empty bytes are no rows. */
must_use int csv_read(const void *bytes, size_t len_bytes, csv_row *row, void *ctx,
		      struct error *e);
/* The column of a header; E_FORMAT names it when it is missing or there twice. */
must_use int csv_column(const struct csv_field *header, size_t count, const char *name,
			size_t *ret, struct error *e);

#endif
