/*
 * sample: pictures for tests, made here.
 */
#ifndef MEDIA_SAMPLE_H
#define MEDIA_SAMPLE_H

#include "base/buf.h"

enum { SAMPLE_PROGRESSIVE = 1, SAMPLE_RESTARTS = 2, SAMPLE_GREY = 4, SAMPLE_ARITHMETIC = 8,
       SAMPLE_CMYK = 16, SAMPLE_APART = 32 /* each component in its scan */,
       SAMPLE_RGB = 64 /* stored as such */ };

/* A JPEG of noise over a slope, aborts on failure. scans: 0 for the usual ones, else so many, of a
 * grey progressive picture (2 to 127). */
struct buf *sample_jpeg(unsigned width, unsigned height, unsigned flags, unsigned scans);

/* What tests have made of samples: width, height, channels, all of them added up (8 bytes, big
 * endian), the first and the last. */
enum { SUMS_LEN = 22 };
void sample_sums(const uint8_t *samples, uint32_t width, uint32_t height, unsigned channels,
		 uint8_t ret[SUMS_LEN]);

#endif
