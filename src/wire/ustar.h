/*
 * ustar: files in one file, as POSIX tar reads them, in one form: regular files alone, of nobody
 * and no time (docs/archive.md section 1 has the header to the byte). The same files in the same
 * order are the same bytes. Pure: bytes in, struct out; what is read is lent from the bytes.
 */
#ifndef WIRE_USTAR_H
#define WIRE_USTAR_H

#include <stdbool.h>

#include "base/buf.h"

enum { USTAR_FILES_MAX = 256, USTAR_BYTES_MAX = 80 << 20, USTAR_NAME_MAX = 99, USTAR_BLOCK = 512 };

struct ustar_file {
	char name[USTAR_NAME_MAX + 1];
	const uint8_t *data; /* lent from the parsed bytes */
	size_t len;
};
struct ustar {
	size_t count;
	struct ustar_file file[USTAR_FILES_MAX];
};

/* Parts of [A-Za-z0-9._-] with a '/' between two, none empty or beginning with a point. */
bool ustar_name_valid(const char *name);

/* Append one file; after the last one, the end. Errors: E_FORMAT, no name for a file; E_RANGE, b
 * would be more than USTAR_BYTES_MAX. That a name comes once is for the caller. */
must_use int ustar_put(struct buf *b, const char *name, const void *bytes, size_t len_bytes,
		       struct error *e);
must_use int ustar_end(struct buf *b, struct error *e);

/* Errors: E_FORMAT, anything but the one form, or a name that comes twice; E_RANGE, beyond a limit.
 * bytes stay with the caller as long as *ret. */
must_use int ustar_parse(struct ustar **ret, const void *bytes, size_t len_bytes, struct error *e);
void ustar_destroy(struct ustar *u); /* NULL is fine */
SCOPED(ustar, ustar_destroy);

#endif
