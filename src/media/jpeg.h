/*
 * jpeg: is a JPEG whole? Every bit of its entropy-coded data is read by libjpeg-turbo, its pixels
 * are made at an eighth of the size only. Runs in the confined child: a fault in the decoder is
 * expected here.
 */
#ifndef MEDIA_JPEG_H
#define MEDIA_JPEG_H

#include "media/media.h"

enum { JPEG_SCANS_MAX = 100, JPEG_MEMORY_MAX = 256 << 20 };

/* Fills width, height, whole and story; the type stays. */
void jpeg_check(const void *bytes, size_t len_bytes, struct media_info *ret);

#endif
