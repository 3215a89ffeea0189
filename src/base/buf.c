#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUF_CAP_MIN = 64 };

int buf_create(struct buf **ret_buf, size_t cap_bytes, struct error *e)
{
	scoped(buf) *b = calloc(1, sizeof(*b));

	if (!b)
		return error_set(e, E_MEMORY, "out of memory");
	if (buf_reserve(b, cap_bytes, e) < 0)
		return E_MEMORY;
	*ret_buf = give(b);
	return 0;
}

void buf_destroy(struct buf *b)
{
	if (!b)
		return;
	if (b->data && !b->plain)
		wipe(b->data, b->cap + 1);
	free(b->data);
	free(b);
}

/* realloc would leave the old bytes behind unwiped. */
static int move(struct buf *b, size_t cap, struct error *e)
{
	uint8_t *data = b->plain ? realloc(b->data, cap + 1) : malloc(cap + 1);

	if (!data)
		return error_set(e, E_MEMORY, "out of memory for %zu bytes", cap);
	if (b->data && !b->plain) {
		memcpy(data, b->data, b->len);
		wipe(b->data, b->cap + 1);
		free(b->data);
	}
	data[b->len] = '\0';
	b->data = data;
	b->cap = cap;
	return 0;
}

int buf_reserve(struct buf *b, size_t more_bytes, struct error *e)
{
	size_t cap = b->cap * 2;

	if (more_bytes > SIZE_MAX / 4 - b->len)
		return error_set(e, E_MEMORY, "out of memory for %zu bytes", more_bytes);
	if (b->data && more_bytes <= b->cap - b->len)
		return 0;
	if (cap < b->len + more_bytes)
		cap = b->len + more_bytes;
	return move(b, cap < BUF_CAP_MIN ? BUF_CAP_MIN : cap, e);
}

int buf_put(struct buf *b, const void *bytes, size_t len_bytes, struct error *e)
{
	if (buf_reserve(b, len_bytes, e) < 0)
		return E_MEMORY;
	if (len_bytes > 0)
		memcpy(b->data + b->len, bytes, len_bytes);
	b->len += len_bytes;
	b->data[b->len] = '\0';
	return 0;
}

int buf_put_u8(struct buf *b, uint8_t v, struct error *e)
{
	return buf_put(b, &v, 1, e);
}

int buf_put_be(struct buf *b, uint64_t v, unsigned width_bytes, struct error *e)
{
	uint8_t bytes[8];

	if (width_bytes > sizeof(bytes))
		return error_set(e, E_RANGE, "no integer of %u bytes", width_bytes);
	be_set(bytes, v, width_bytes);
	return buf_put(b, bytes, width_bytes, e);
}

int buf_vprintf(struct buf *b, struct error *e, const char *format, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0 || buf_reserve(b, (size_t)len, e) < 0)
		return error_set(e, E_MEMORY, "out of memory");
	vsnprintf((char *)b->data + b->len, (size_t)len + 1, format, args);
	b->len += (size_t)len;
	return 0;
}

int buf_printf(struct buf *b, struct error *e, const char *format, ...)
{
	va_list args;
	int code;

	va_start(args, format);
	code = buf_vprintf(b, e, format, args);
	va_end(args);
	return code;
}

int buf_from(struct buf **ret_buf, const void *bytes, size_t len_bytes, struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, len_bytes, e) < 0 || buf_put(b, bytes, len_bytes, e) < 0)
		return E_MEMORY;
	*ret_buf = give(b);
	return 0;
}

const char *buf_text(const struct buf *b)
{
	b->data[b->len] = '\0'; /* for those who filled reserved room themselves */
	return (const char *)b->data;
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->data[0] = '\0';
}

uint64_t be_get(const uint8_t *p, unsigned width_bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < width_bytes; i++)
		v = v << 8 | p[i];
	return v;
}

void be_set(uint8_t *p, uint64_t v, unsigned width_bytes)
{
	for (unsigned i = width_bytes; i-- > 0; v >>= 8)
		p[i] = (uint8_t)(v & 0xff);
}

void wipe(void *p, size_t len_bytes)
{
	explicit_bzero(p, len_bytes);
}
