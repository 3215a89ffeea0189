/*
 * keydir: the keys directory (init --keys) and its mirror (--mirror): small secret files,
 * 0600, written to the mirror first and then to the directory, so that the directory is
 * never ahead of its mirror; read from the directory, or from the mirror when that fails
 * (then `degraded` says so).
 */
#ifndef VAULT_KEYDIR_H
#define VAULT_KEYDIR_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"

struct keydir {
	char path[PATH_LEN_MAX];
	char mirror[PATH_LEN_MAX]; /* "" when there is none */
	bool degraded;		   /* something had to be read from the mirror */
};

/* Make both folders, 0700. E_CONFLICT when path holds a keys directory already. */
must_use int keydir_create(struct keydir *ret, const char *path, const char *mirror,
			   struct error *e);
/* The folders exist. The mirror's path is remembered in the directory (file "mirror"); when the
 * directory is missing and hint_mirror is given, that is used. */
must_use int keydir_open(struct keydir *ret, const char *path, const char *hint_mirror,
			 struct error *e);
must_use int keydir_write(struct keydir *k, const char *name, const void *bytes, size_t len_bytes,
			  struct error *e);
must_use int keydir_read(struct keydir *k, const char *name, uint64_t max_bytes,
			 struct buf **ret, struct error *e);
/* Overwrite with zeros, sync, unlink, sync the folder: both places. 0 when it is not there.
 * (On flash and copy-on-write disks old blocks may linger: see docs/threat-model.md.) */
must_use int keydir_destroy(struct keydir *k, const char *name, struct error *e);
must_use int keydir_list(struct keydir *k, struct arena *a, const char *folder,
			 char ***ret_names, size_t *ret_count, struct error *e);

#endif
