/*
 * jpeg: is a JPEG whole? Every bit of its entropy-coded data is read by libjpeg-turbo, its pixels
 * are made at an eighth of the size only, unless somebody makes something of them. Runs in the confined child: a fault in the decoder is
 * expected here.
 */
#ifndef MEDIA_JPEG_H
#define MEDIA_JPEG_H

#include "media/media.h"

enum { JPEG_SCANS_MAX = 100, JPEG_MEMORY_MAX = 256 << 20 };

/* Fills width, height, whole and story; the type stays. */
void jpeg_check(const void *bytes, size_t len_bytes, struct media_info *ret);
/* As strict, and what maker (NULL: none) makes of a whole one is written to made, which has room
 * for it; then ret->made is made. Of one of more than MEDIA_SAMPLES_MAX samples, or in a space of colours
 * that nobody knows, nothing is made: ret->story says so, and ret->made is NULL. */
void jpeg_look(const void *bytes, size_t len_bytes, const struct media_maker *maker, uint8_t *made,
	       struct media_info *ret);

#endif
