/*
 * decoder: the program started again as the confined child of media/, with what learn/ makes of a
 * picture. Every main whose program may open one calls decoder_main first.
 */
#ifndef FLOW_DECODER_H
#define FLOW_DECODER_H

#include "media/media.h"

/* Started as "PROGRAM media-child [FEATURES]": serves, and never returns. Otherwise returns. */
void decoder_main(int argc, char **argv);

/* A child that looks at pictures, and where features (NAME or NAME@DIGEST of learn/feature.h) is
 * given makes these of every whole one. Starts this very program. Errors: E_NOT_FOUND, no such
 * features; else as media_open. */
must_use int decoder_open(struct media **ret, const char *features, struct error *e);

#endif
