/*
 * buf: bytes that grow. Contents are wiped when destroyed, since a buf may have
 * held a key or a photo. data is always followed by one NUL byte that len does
 * not count, so that text in a buf can be used as a C string.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/own.h"

struct buf {
	uint8_t *data;
	size_t len, cap;
	bool plain; /* set by who made it: all may know what is in it, and nothing is wiped */
};

/* An empty buf with room for cap_bytes. Errors: E_MEMORY. */
must_use int buf_create(struct buf **ret_buf, size_t cap_bytes, struct error *e);
void buf_destroy(struct buf *b); /* NULL is fine */
SCOPED(buf, buf_destroy);

/* Make room for at least more_bytes beyond len. Errors: E_MEMORY. */
must_use int buf_reserve(struct buf *b, size_t more_bytes, struct error *e);
/* Append. Errors: E_MEMORY; then b is unchanged. */
must_use int buf_put(struct buf *b, const void *bytes, size_t len_bytes, struct error *e);
must_use int buf_put_u8(struct buf *b, uint8_t v, struct error *e);
must_use int buf_put_be(struct buf *b, uint64_t v, unsigned width_bytes, struct error *e);
must_use int buf_vprintf(struct buf *b, struct error *e, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));
must_use int buf_printf(struct buf *b, struct error *e, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* A buf that holds a copy of the bytes. */
must_use int buf_from(struct buf **ret_buf, const void *bytes, size_t len_bytes, struct error *e);
const char *buf_text(const struct buf *b);
void buf_clear(struct buf *b); /* len becomes 0; the memory stays */

/* Big-endian integers in bytes that the caller knows to be there. */
uint64_t be_get(const uint8_t *p, unsigned width_bytes);
void be_set(uint8_t *p, uint64_t v, unsigned width_bytes);

/* Overwrite so that no compiler leaves it out. */
void wipe(void *p, size_t len_bytes);

#endif
