/*
 * blobs_walk: which files of a folder are blobs, and in which order. For blobs.c alone.
 */
#ifndef BASE_BLOBS_WALK_H
#define BASE_BLOBS_WALK_H

#include <stdint.h>

#include "base/error.h"
#include "base/own.h"

/* Files that begin so are being written, or were left by a crash: no blobs. */
#define BLOB_TEMP_PREFIX ".tmp-"

/* Errors: as blobs.h says of names. */
must_use int blob_name_check(const char *name, struct error *e);
/* As list of blobs.h. */
must_use int blobs_walk(const char *root, const char *prefix,
			int (*each)(void *ctx, const char *name, uint64_t len_bytes,
				    struct error *e),
			void *ctx, struct error *e);

#endif
