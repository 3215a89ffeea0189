/*
 * text: hex, base64, numbers and times as text, strict in reading: no spaces, no
 * signs, no leading zeros, no second spelling of anything.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* ret has room for 2*len+1; lowercase. Returns ret. */
char *hex_encode(char *ret, const void *bytes, size_t len_bytes);
/* Exactly len_bytes from 2*len_bytes lowercase hex digits and NUL. Errors: E_FORMAT. */
must_use int hex_decode(void *ret, size_t len_bytes, const char *text, struct error *e);

/* RFC 4648 section 4, padded. */
must_use int base64_put(struct buf *b, const void *bytes, size_t len_bytes, struct error *e);
/* Strict: canonical padding, no unused bits set. Errors: E_FORMAT. ret has room for len/4*3. */
must_use int base64_decode(uint8_t *ret, size_t *ret_len, const char *text, size_t len,
			   struct error *e);
/* The same, appended to b, which is unchanged on failure. */
must_use int base64_get(struct buf *b, const char *text, size_t len, struct error *e);

/* Decimal without sign or leading zeros. Errors: E_FORMAT, E_RANGE. */
must_use int number_parse(uint64_t *ret, const char *text, size_t len, struct error *e);

/* Times are UTC, milliseconds since 1970; TIME_NONE means "not stated". */
#define TIME_NONE UINT64_MAX
enum { TIME_TEXT_MAX = 32 };
/* RFC 3339 in UTC ("2014-03-01T12:00:00Z", also with fraction or minutes only
 * "2014-03-01T12:00Z") or a date ("2014-03-01", its first moment). Years 1970-9999; a
 * fraction has 1 to 9 digits and is cut to milliseconds. Errors: E_FORMAT. */
must_use int time_parse(uint64_t *ret_utc_ms, const char *text, struct error *e);
/* A time in exactly this one spelling. Errors: E_FORMAT. */
#define TIME_SECOND "YYYY-MM-DDThh:mm:ssZ"
#define TIME_MINUTE "YYYY-MM-DDThh:mmZ"
must_use int time_parse_like(uint64_t *ret_utc_ms, const char *text, const char *like,
			     struct error *e);
/* "2014-03-01T12:00:00Z"; "not stated" for TIME_NONE. Returns ret. */
char *time_text(char ret[TIME_TEXT_MAX], uint64_t utc_ms);
/* "2014-03-01T12:00Z": cut to the minute. Returns ret. */
char *time_text_minute(char ret[TIME_TEXT_MAX], uint64_t utc_ms);

/* How many bytes the first character takes, 1 to 4; 0 when it is not UTF-8 or len is 0. */
size_t utf8_char(const char *text, size_t len);
size_t utf8_point(uint32_t *ret, const char *text, size_t len); /* the same, and which it is */
bool utf8_valid(const char *text, size_t len);
/* [a-z0-9][a-z0-9._-]{0,99}: names of sources, datasets, models, roles. */
bool name_valid(const char *name);

#endif
