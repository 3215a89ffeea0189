/*
 * fatal: the end of the process where going on could only do harm: libcrypto fails at
 * hashing, or there are no random bytes. Inside crypto/ only.
 */
#ifndef CRYPTO_FATAL_H
#define CRYPTO_FATAL_H

#include <string.h>
#include <unistd.h>

#include "base/sys.h"

/* One line to the standard error, then exit 1 without any cleaning up. */
_Noreturn static inline void fatal(const char *line)
{
	ssize_t n = sys->write(STDERR_FILENO, line, strlen(line));

	(void)n;
	_exit(1);
}

#endif
