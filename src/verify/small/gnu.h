/* Before all else in WebAssembly: what base/ takes from glibc and wasi-libc has otherwise. */
#ifndef VERIFY_SMALL_GNU_H
#define VERIFY_SMALL_GNU_H

#include <string.h>

/* There are no system calls there that could fail. */
static inline const char *gnu_strerror_r(int number, char *text, size_t len)
{
	(void)number, (void)text, (void)len;
	return "an error of the system";
}
#define strerror_r gnu_strerror_r

#endif
