/*
 * error: the one error type. A call returns 0 or a negative code; the caller's
 * struct error then holds the code and one line of story, which only cli/ and
 * http/ print. Nothing here allocates, so it can say "out of memory".
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdarg.h>

enum error_code {
	E_MEMORY = -1,
	E_IO = -2,
	E_NOT_FOUND = -3,
	E_CONFLICT = -4,  /* somebody was first, or holds the lock: read again */
	E_RANGE = -5,	  /* a number, a length or a count is beyond its limit */
	E_FORMAT = -6,	  /* input is not what it says */
	E_MISMATCH = -7,  /* a hash, a proof or a signature does not hold */
	E_DENIED = -8,	  /* a decision denies */
	E_PARTIAL = -9,	  /* some of it was done */
	E_USAGE = -10,	  /* the words of a command are wrong */
	E_CANCELLED = -11 /* the task was asked to stop */
};

enum { ERROR_TEXT_MAX = 480 };

/* A call that returns 0 leaves no code behind: one that met an expected error clears it. */
struct error {
	int code;
	char text[ERROR_TEXT_MAX];
};

/* Begin the story. Returns code, so that `return error_set(...)` reads well. e may be NULL. */
int error_set(struct error *e, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

int error_vset(struct error *e, int code, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/* Begin the story from errno: ENOENT is E_NOT_FOUND, ENOMEM E_MEMORY, the rest E_IO;
 * the text ends in ": <strerror>". */
int error_errno(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Put "where: " before the story. Returns e->code. */
int error_wrap(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The error was expected and dealt with: whoever returns 0 leaves no story behind. e may be
 * NULL. */
static inline void error_clear(struct error *e)
{
	if (e)
		*e = (struct error){ 0 };
}

#endif
