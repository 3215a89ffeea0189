#include "base/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static int real_open(const char *path, int flags, mode_t mode)
{
	return open(path, flags | O_CLOEXEC, mode);
}

static int real_fstat(int fd, struct stat *st)
{
	return fstat(fd, st);
}

static int real_lstat(const char *path, struct stat *st)
{
	return lstat(path, st);
}

static int each_entry(DIR *dir, int (*each)(void *ctx, const char *name), void *ctx)
{
	for (;;) {
		struct dirent *entry;
		int stop;

		errno = 0; /* the only way to tell the end from an error */
		entry = readdir(dir);
		if (!entry)
			return errno ? -1 : 0;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		stop = each(ctx, entry->d_name);
		if (stop != 0)
			return stop;
	}
}

static int real_list(const char *path, int (*each)(void *ctx, const char *name), void *ctx)
{
	DIR *dir = opendir(path); /* with O_CLOEXEC, says POSIX */
	int code, saved;

	if (!dir)
		return -1;
	code = each_entry(dir, each, ctx);
	saved = errno;
	closedir(dir);
	errno = saved;
	return code;
}

static int real_lock(int fd, short type, off_t at, off_t len)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = len };

	return fcntl(fd, F_OFD_SETLK, &lock);
}

static int real_random(void *p, size_t len)
{
	uint8_t *at = p;

	while (len > 0) {
		ssize_t n = getrandom(at, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static uint64_t clock_in(clockid_t clock, uint64_t units_per_second)
{
	struct timespec now = { 0 };

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * units_per_second +
	       (uint64_t)now.tv_nsec / (1000000000u / units_per_second);
}

static uint64_t real_now_utc_ms(void)
{
	return clock_in(CLOCK_REALTIME, 1000);
}

static uint64_t real_monotonic_us(void)
{
	return clock_in(CLOCK_MONOTONIC, 1000000);
}

static void real_sleep_us(uint64_t us)
{
	struct timespec span = { .tv_sec = (time_t)(us / 1000000),
				 .tv_nsec = (long)(us % 1000000) * 1000 };

	nanosleep(&span, NULL);
}

const struct sys sys_real = {
	.open = real_open,
	.close = close,
	.read = read,
	.write = write,
	.pread = pread,
	.pwrite = pwrite,
	.fsync = fsync,
	.syncfs = syncfs,
	.ftruncate = ftruncate,
	.fstat = real_fstat,
	.lstat = real_lstat,
	.realpath = realpath,
	.rename = rename,
	.link = link,
	.unlink = unlink,
	.mkdir = mkdir,
	.rmdir = rmdir,
	.list = real_list,
	.lock = real_lock,
	.random = real_random,
	.now_utc_ms = real_now_utc_ms,
	.monotonic_us = real_monotonic_us,
	.sleep_us = real_sleep_us,
};

const struct sys *sys = &sys_real;
