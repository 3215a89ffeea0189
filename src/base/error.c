#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Formatted aside first: the arguments may lie in e->text itself. */
int error_vset(struct error *e, int code, const char *format, va_list args)
{
	char text[ERROR_TEXT_MAX];

	if (!e)
		return code;
	vsnprintf(text, sizeof(text), format, args);
	memcpy(e->text, text, sizeof(text));
	e->code = code;
	return code;
}

int error_set(struct error *e, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	error_vset(e, code, format, args);
	va_end(args);
	return code;
}

static int code_of_errno(int number)
{
	if (number == ENOENT)
		return E_NOT_FOUND;
	return number == ENOMEM ? E_MEMORY : E_IO;
}

int error_errno(struct error *e, const char *format, ...)
{
	int number = errno, code = code_of_errno(number);
	char reason[128];
	va_list args;

	va_start(args, format);
	error_vset(e, code, format, args);
	va_end(args);
	return !e ? code : error_set(e, code, "%s: %s", e->text,
				     strerror_r(number, reason, sizeof(reason)));
}

int error_wrap(struct error *e, const char *format, ...)
{
	char where[ERROR_TEXT_MAX];
	va_list args;

	if (!e)
		return E_IO; /* nobody kept the code; no caller of ours does this */
	va_start(args, format);
	vsnprintf(where, sizeof(where), format, args);
	va_end(args);
	return error_set(e, e->code, "%s: %s", where, e->text);
}
