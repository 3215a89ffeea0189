/*
 * blobs_folder: blobs as files below a folder, shared by blobs.c and blobs_many.c alone.
 */
#ifndef BASE_BLOBS_FOLDER_H
#define BASE_BLOBS_FOLDER_H

#include "base/blobs.h"
#include "base/file.h"

enum { OPEN_MAX_KEPT = 8, READY_MAX_KEPT = 8 };

/* A blob open for reading. Its folder's entry may since be gone or another: see still(). */
struct kept {
	char name[BLOBS_NAME_MAX + 1];
	int fd;
	uint64_t used_at; /* 0: this place is free */
};

/* A blob being written: a temporary file in the folder where it will land. */
struct draft {
	char name[BLOBS_NAME_MAX + 1];
	char temp[PATH_LEN_MAX], path[PATH_LEN_MAX];
	int fd;
	bool begun;
};

struct folder {
	struct blobs blobs; /* first: a struct blobs * is a struct folder * */
	char root[PATH_LEN_MAX];
	unsigned mode;
	struct kept kept[OPEN_MAX_KEPT];
	char *ready[READY_MAX_KEPT]; /* folders that this handle has made durable */
	size_t ready_next;
	uint64_t clock;
	unsigned temps; /* number of the next temporary file */
	struct draft draft;
	struct draft staged; /* begun: written; it lands by land */
	bool staged_synced;
	/* What settle waits for: paths. */
	struct arena *unsynced_arena;
	char **unsynced;
	size_t unsynced_count, unsynced_cap;
};

static inline struct folder *folder_of(struct blobs *b)
{
	return (struct folder *)b;
}

/* Cut the last segment off. There is one: root/name. */
void blob_to_parent(char path[PATH_LEN_MAX]);
/* A temporary file, empty and open, in the folder where the blob will land. */
must_use int draft_begin(struct folder *f, struct draft *d, const char *name, struct error *e);
/* Closed and gone, when it was begun. */
void draft_end(struct draft *d);
/* In its place, and closed. */
must_use int draft_over(struct folder *f, struct draft *d, struct error *e);
/* Is what d wrote those bytes? */
must_use bool draft_is(const struct draft *d, const void *bytes, size_t len_bytes);
/* What is kept open of this name is closed. */
void blob_forget(struct folder *f, const char *name);

/* blobs_many.c */
int blobs_write_many(struct blobs *b, const struct blob_write *list, size_t count,
		     struct error *e);
int blobs_stage(struct blobs *b, const char *name, const void *bytes, size_t len_bytes,
		struct error *e);
int blobs_land(struct blobs *b, const char *name, const void *bytes, size_t len_bytes,
	       struct error *e);
int blobs_settle(struct blobs *b, struct blobs *also, uint64_t *ret_device, struct error *e);
void blobs_settle_forget(struct folder *f);

#endif
