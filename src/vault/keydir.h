/*
 * keydir: the keys directory (init --keys) and its mirror (--mirror): small secret files,
 * 0600, named "name" or "folder/name". keydir_write writes to the mirror first and then to
 * the directory, so that the directory is never ahead of its mirror; what is read comes from
 * the directory, or from the mirror when that fails (then `degraded` says so). Both places
 * hold the same "id", so that the keys of two repositories are never mixed. One writer by the
 * repository's lock. Files that hardly ever change (NAME.key, roles/NAME.key, never/oN) have
 * their digest in the file "digests": what is read of them is what was written, or is refused.
 * The bytes: docs/formats-vault.md.
 */
#ifndef VAULT_KEYDIR_H
#define VAULT_KEYDIR_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"

/* A never-again list may be as long as the last. */
enum { KEYDIR_ID_LEN = 32, KEYDIR_FILE_MAX = 1 << 20, KEYDIR_LIST_MAX = 1 << 30 };

/* The places, in the order they are read; keydir_write begins with the last. */
enum { KEYDIR_HERE, KEYDIR_MIRROR, KEYDIR_PLACES };

struct keydir {
	char path[PATH_LEN_MAX];
	char mirror[PATH_LEN_MAX]; /* "" when there is none */
	bool degraded;		   /* a place did not have what it should */
	/* What keydir_repair mended, or could not. May be NULL. */
	void (*tell)(void *ctx, const char *line);
	void *tell_ctx;
};

/* Make both folders, 0700; mirror may be NULL or "". E_CONFLICT when one of them holds a keys
 * directory already; E_USAGE when they are the same folder. */
must_use int keydir_create(struct keydir *ret, const char *path, const char *mirror,
			   struct error *e);
/* The mirror's path is remembered in the directory (file "mirror"); when the directory is
 * missing, or is no keys directory, and hint_mirror is given (it may be NULL), that is used.
 * E_NOT_FOUND: neither; E_MISMATCH: the mirror is another repository's. */
must_use int keydir_open(struct keydir *ret, const char *path, const char *hint_mirror,
			 struct error *e);
must_use int keydir_write(struct keydir *k, const char *name, const void *bytes, size_t len_bytes,
			  struct error *e);
/* keydir_write in two, of a file without a digest, for who is about to make a whole file system
 * durable: beside its places, where that can be done now; then in them, as keydir_write. device: what
 * file system is durable since (stat's number), 0: none. */
struct keydir_staged {
	char temp[KEYDIR_PLACES][PATH_LEN_MAX]; /* "": not there */
};
void keydir_stage(struct keydir *k, const char *name, const void *bytes, size_t len_bytes,
		  struct keydir_staged *ret);
must_use int keydir_land(struct keydir *k, const char *name, const void *bytes, size_t len_bytes,
			 struct keydir_staged *s, uint64_t device, struct error *e);
void keydir_unstage(struct keydir_staged *s); /* what did not land; none is fine */
/* E_MISMATCH: it has a digest, and is another in every place. */
must_use int keydir_read(struct keydir *k, const char *name, uint64_t max_bytes,
			 struct buf **ret, struct error *e);
/* Overwrite with zeros, sync, unlink, sync the folder: both places. 0 when it is not there.
 * (On flash and copy-on-write disks old blocks may linger: see docs/threat-model.md.) */
must_use int keydir_destroy(struct keydir *k, const char *name, struct error *e);
/* Unlink, durable, both places: what is sealed itself. 0 when it is not there. */
must_use int keydir_remove(struct keydir *k, const char *name, struct error *e);
/* Names in a folder of it ("" for its root), in either place, sorted, each once; lent by the
 * arena. None when the folder is not there. */
must_use int keydir_list(struct keydir *k, struct arena *a, const char *folder,
			 char ***ret_names, size_t *ret_count, struct error *e);
/* Make both places hold the same files again, but for the folder keyring/ (keyring_recover
 * does that, and then clears `degraded`). Where they differ the one with the right digest is kept,
 * else the mirror's: it was written first. What is damaged in every place stays. Under the lock. */
must_use int keydir_repair(struct keydir *k, struct error *e);
/* Is every file that has a digest there, and right, in each place? A line for each that is not. */
must_use int keydir_check(struct keydir *k, void (*tell)(void *ctx, const char *line), void *ctx,
			  struct error *e);

void keydir_tell(const struct keydir *k, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
const char *keydir_place_name(unsigned place); /* "the keys directory" */

/* One place alone, for the keyring, which decides itself what is whole and what is newer. */
bool keydir_has(const struct keydir *k, unsigned place);
/* Durable, then read back and compared. E_MISMATCH: the disk gives other bytes. */
must_use int keydir_put_at(struct keydir *k, unsigned place, const char *name,
			   const void *bytes, size_t len_bytes, struct error *e);
must_use int keydir_get_at(struct keydir *k, unsigned place, const char *name,
			   uint64_t max_bytes, struct buf **ret, struct error *e);
/* Exactly len_bytes from at. E_FORMAT: it ends earlier. */
must_use int keydir_range_at(struct keydir *k, unsigned place, const char *name,
			     uint64_t at, void *ret, size_t len_bytes, struct error *e);
must_use int keydir_size_at(struct keydir *k, unsigned place, const char *name,
			    uint64_t *ret_bytes, struct error *e);

#endif
