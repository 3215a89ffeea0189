/*
 * sys: every file, clock and random call of the program, in one table, so that a
 * test can fail, count or reorder any of them. The calls mean what the system
 * calls of these names mean, and set errno; every open adds O_CLOEXEC. Nothing
 * else in the tree may call the system for these; SQLite runs on a VFS over it. (The small
 * verifier's main reads its one file itself, and has no table.)
 */
#ifndef BASE_SYS_H
#define BASE_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct sys {
	int (*open)(const char *path, int flags, mode_t mode);
	int (*close)(int fd);
	ssize_t (*read)(int fd, void *p, size_t len);
	ssize_t (*write)(int fd, const void *p, size_t len);
	ssize_t (*pread)(int fd, void *p, size_t len, off_t at);
	ssize_t (*pwrite)(int fd, const void *p, size_t len, off_t at);
	int (*fsync)(int fd);
	int (*syncfs)(int fd); /* all that was written to the file system of fd */
	int (*ftruncate)(int fd, off_t len);
	int (*fstat)(int fd, struct stat *st);
	int (*lstat)(const char *path, struct stat *st);
	char *(*realpath)(const char *path, char *ret); /* ret has room for 4096 bytes */
	int (*rename)(const char *from, const char *to);
	int (*link)(const char *from, const char *to);
	int (*unlink)(const char *path);
	int (*mkdir)(const char *path, mode_t mode);
	int (*rmdir)(const char *path);
	/* Calls each(name) for every entry but . and .. in no order; stops when each returns
	 * non-zero and returns that; -1 with errno if the folder cannot be read. */
	int (*list)(const char *path, int (*each)(void *ctx, const char *name), void *ctx);
	/* Open-file-description lock on bytes [at, at+len) of fd: type F_RDLCK, F_WRLCK or
	 * F_UNLCK, never waiting. */
	int (*lock)(int fd, short type, off_t at, off_t len);
	int (*random)(void *p, size_t len);
	uint64_t (*now_utc_ms)(void);	  /* wall clock */
	uint64_t (*monotonic_us)(void);	  /* for durations */
	void (*sleep_us)(uint64_t us);	  /* a signal ends it early */
};

extern const struct sys sys_real;
/* The table in use; a test may put its own here, and puts the old one back. */
extern const struct sys *sys;

#endif
