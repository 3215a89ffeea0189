/*
 * segments: what a camera and a rights holder write into a JPEG beside its picture: EXIF, and now
 * and then a reservation or a permission. They are there for whoever reads such signals.
 */
#ifndef DEMO_SEGMENTS_H
#define DEMO_SEGMENTS_H

#include <stdio.h>
#include <jpeglib.h>

enum signal { SIGNAL_NONE, SIGNAL_PLUS_NO, SIGNAL_PLUS_YES, SIGNAL_TDM, SIGNAL_CAWG };

/* After jpeg_start_compress, before the first row. minute: when it was taken, from 2013-05-01. */
void segments_write(j_compress_ptr c, const char *artist, unsigned minute, enum signal signal);

#endif
