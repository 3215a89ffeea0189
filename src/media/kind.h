/*
 * kind: the media type that the first bytes tell. Knows what people keep beside photos; anything
 * else is text/plain when all of it is UTF-8 without control bytes, or application/octet-stream.
 */
#ifndef MEDIA_KIND_H
#define MEDIA_KIND_H

#include <stddef.h>

/* Never NULL, and shorter than MEDIA_TYPE_MAX; lent for ever. */
const char *kind_of(const void *bytes, size_t len_bytes);

#endif
