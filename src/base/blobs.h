/*
 * blobs: where vault and log keep their files: a small table of calls over names
 * such as "pack/000000000012" or "tile/0/x001/234.p/17". A folder today, S3 behind
 * the same calls. What is put is durable on return. Handles are for one thread.
 */
#ifndef BASE_BLOBS_H
#define BASE_BLOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* Where an object lies: which pack, from which byte, how many bytes (with header and tags). */
struct place {
	uint64_t pack, at, len_bytes;
};

/* A name: segments of [a-zA-Z0-9._-] with '/' between, none of them ".", ".." or beginning
 * with ".tmp-". Other names are E_FORMAT, longer ones E_RANGE. */
enum { BLOBS_NAME_MAX = 255 };

struct blobs {
	const struct blobs_calls *calls;
};

/* A blob to be written; lent. */
struct blob_write {
	const char *name;
	const void *bytes;
	size_t len_bytes;
	bool over; /* what is there and is another is a write that was cut off: in its place */
};

struct blobs_calls {
	/* Put a whole blob under a name that is free. If the name holds the same bytes
	 * already: 0. E_CONFLICT: it holds other bytes, which stay. */
	int (*put)(struct blobs *b, const char *name, const void *bytes, size_t len_bytes,
		   struct error *e);
	/* Write each under its name, for settle: killed before that, a name may hold any part of its
	 * bytes. One that is there with the same bytes stays; with others and not over: E_CONFLICT,
	 * and nothing of the list is kept. */
	int (*write_many)(struct blobs *b, const struct blob_write *list, size_t count,
			  struct error *e);
	/* Write what replace will put in place, beside it, for settle. One at a time per handle. */
	int (*stage)(struct blobs *b, const char *name, const void *bytes, size_t len_bytes,
		     struct error *e);
	/* What write_many, stage and land wrote is durable; of also (NULL: none), another of this kind,
	 * too, with one wait for the disk where both lie on one. *ret_device (NULL: not asked): the file
	 * system (stat's number) of which all is durable that anybody wrote before; 0: none is. */
	int (*settle)(struct blobs *b, struct blobs *also, uint64_t *ret_device, struct error *e);
	/* Put a whole blob, in place of any older one (heads only). */
	int (*replace)(struct blobs *b, const char *name, const void *bytes, size_t len_bytes,
		       struct error *e);
	/* The same, and what was staged and settled for it is only renamed: until the next settle a
	 * power cut may bring the older one back. */
	int (*land)(struct blobs *b, const char *name, const void *bytes, size_t len_bytes,
		    struct error *e);
	/* Append len_bytes from at to out. E_NOT_FOUND; E_FORMAT when it ends earlier. */
	int (*get)(struct blobs *b, const char *name, uint64_t at, uint64_t len_bytes,
		   struct buf *out, struct error *e);
	int (*size)(struct blobs *b, const char *name, uint64_t *ret_bytes, struct error *e);
	/* Every blob whose name begins with prefix (a folder, ending in '/', or ""), in order of
	 * bytes; none when there is no such folder. Ends early when each returns non-zero, and
	 * returns that. each may put and remove. */
	int (*list)(struct blobs *b, const char *prefix,
		    int (*each)(void *ctx, const char *name, uint64_t len_bytes, struct error *e),
		    void *ctx, struct error *e);
	/* Remove every version of it; 0 when it is not there. Durable. */
	int (*remove)(struct blobs *b, const char *name, struct error *e);
	/* The same, and a power cut may bring it back. */
	int (*shed)(struct blobs *b, const char *name, struct error *e);
	/* Begin a blob too large for memory: write parts in order, then finish (durable,
	 * under name, as put) or drop it. One at a time per handle. A part or finish that
	 * fails has dropped it. */
	int (*begin)(struct blobs *b, const char *name, struct error *e);
	int (*part)(struct blobs *b, const void *bytes, size_t len_bytes, struct error *e);
	int (*finish)(struct blobs *b, struct error *e);
	void (*drop)(struct blobs *b);
	void (*close)(struct blobs *b);
};

/* Blobs as files below a folder, which is made (mode e.g. 0700 or 0755 for public tiles). */
must_use int blobs_open_folder(struct blobs **ret_blobs, const char *folder, unsigned mode,
			       struct error *e);
void blobs_close(struct blobs *b); /* NULL is fine */
SCOPED(blobs, blobs_close);

#endif
