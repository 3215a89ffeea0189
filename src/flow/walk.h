/*
 * walk: every file at or below a path, folder by folder, each in order of the bytes of its names.
 * No symlink is ever followed, at the path itself neither; a .rescind folder is passed over.
 * Nothing is opened but folders.
 */
#ifndef FLOW_WALK_H
#define FLOW_WALK_H

#include <stdint.h>

#include "base/error.h"
#include "base/own.h"

enum walked_kind {
	WALKED_FILE,
	WALKED_SYMLINK,
	WALKED_OTHER,	  /* fifo, socket, device */
	WALKED_UNREADABLE /* a folder that cannot be listed, a name too long or gone */
};
struct walked {
	enum walked_kind kind;
	const char *path;     /* as the root was given, with what is below it */
	const char *relative; /* below the root; of the root itself, its base name */
	uint64_t len_bytes;   /* of a file, as it was a moment ago */
};

/* Ends early when each returns non-zero, and returns that. Errors: E_NOT_FOUND, no such root;
 * E_MEMORY. */
must_use int walk(const char *root,
		  int (*each)(void *ctx, const struct walked *f, struct error *e), void *ctx,
		  struct error *e);

#endif
