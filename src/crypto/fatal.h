/*
 * fatal: the end of the process where going on could only do harm: libcrypto fails at
 * hashing, or there are no random bytes. Inside crypto/ only.
 */
#ifndef CRYPTO_FATAL_H
#define CRYPTO_FATAL_H

#include <stdio.h>
#include <unistd.h>

/* One line to the standard error, then exit 1 without any cleaning up. Not through base/sys.h: no
 * test comes back from here, and the small verifier has no such table. */
_Noreturn static inline void fatal(const char *line)
{
	fputs(line, stderr);
	_exit(1);
}

#endif
