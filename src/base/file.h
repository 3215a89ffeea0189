/*
 * file: whole files and folders over base/sys.h. "Durable" means: the file is
 * synced, renamed into place and its folder synced, so that after a power cut it
 * is there whole or not at all. A failed fsync ends the process with a clear word
 * (exit 1): the kernel may have dropped the pages, and a second try would lie.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

enum { PATH_LEN_MAX = 4096 };

/* Join with one '/'. Errors: E_RANGE when longer than PATH_LEN_MAX. */
must_use int path_join(char ret_path[PATH_LEN_MAX], const char *folder, const char *name,
		       struct error *e);
/* Absolute, without links, of something that exists. */
must_use int path_real(char ret_path[PATH_LEN_MAX], const char *path, struct error *e);
/* A path or name for people: control bytes, quotes, backslashes and bytes that are not
 * UTF-8 as \n, \t, \\ or \xff; one line. Truncated with "..." to fit. Returns ret. */
const char *path_escape(char *ret, size_t cap, const char *path);

/* Open a regular file as open(2) does, and say what it is (ret_st may be NULL). A pipe, folder or device
 * in its place is E_IO, and never waited for. Returns the descriptor, or the code. */
struct stat;
must_use int file_open(const char *path, int flags, unsigned mode, struct stat *ret_st,
		       struct error *e);
/* Read a regular file of at most max_bytes. Errors: E_NOT_FOUND, E_RANGE, E_IO. */
must_use int file_read(const char *path, uint64_t max_bytes, struct buf **ret_bytes,
		       struct error *e);
/* Write a file that is durable on return, in place of any older one. mode e.g. 0600.
 * A temporary file beside it, of this call alone (NAME.HEX.tmp), holds it until then. */
must_use int file_write(const char *path, const void *bytes, size_t len_bytes, unsigned mode,
			struct error *e);
/* Like file_write, but E_CONFLICT when the name exists. */
must_use int file_write_new(const char *path, const void *bytes, size_t len_bytes, unsigned mode,
			    struct error *e);
/* file_write in two, for who is about to make a whole file system durable: the bytes beside path; then
 * in place of it, durable on return. device: what file system is durable since (stat's number), 0:
 * none; file_land waits for the bytes where they are on another. Or file_unstage, which removes them. */
must_use int file_stage(char ret_temp[PATH_LEN_MAX], const char *path, const void *bytes,
			size_t len_bytes, unsigned mode, struct error *e);
must_use int file_land(const char *temp, const char *path, uint64_t device, struct error *e);
void file_unstage(const char *temp);
/* Does a temporary file have such a name? One that nobody is writing was left by a kill. */
bool file_is_temp(const char *name);
must_use int file_remove(const char *path, struct error *e); /* 0 when it is not there */
bool file_exists(const char *path);
/* Where it must be known: E_IO when it cannot be found out. */
must_use int file_is_there(const char *path, bool *ret, struct error *e);
must_use int file_size(const char *path, uint64_t *ret_bytes, struct error *e);

/* Make the folder and those above it, durable, mode 0700 for private ones. */
must_use int folder_make(const char *path, unsigned mode, struct error *e);
must_use int folder_sync(const char *path, struct error *e);
/* Remove a folder and all below it; 0 when it is not there. */
must_use int folder_remove(const char *path, struct error *e);
/* Names in a folder, sorted by bytes. Lent by the arena. */
struct arena;
must_use int folder_list(struct arena *a, const char *path, char ***ret_names, size_t *ret_count,
			 struct error *e);

/* Descriptors: all of it or an error. A short read at the end is E_FORMAT. */
must_use int fd_write_all(int fd, const void *bytes, size_t len_bytes, struct error *e);
must_use int fd_pread_all(int fd, void *bytes, size_t len_bytes, uint64_t at, struct error *e);
must_use int fd_sync(int fd, const char *path, struct error *e); /* does not return on failure */
/* All that was written to the file system of fd. False: it cannot do that, and nothing was tried.
 * Does not return when it failed. */
must_use bool fd_sync_together(int fd, const char *path);

#endif
