#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Formatted aside first: the arguments may lie in e->text itself. */
__attribute__((format(printf, 3, 0))) static int story(struct error *e, int code,
							const char *format, va_list args)
{
	char text[ERROR_TEXT_MAX];

	if (!e)
		return code;
	vsnprintf(text, sizeof(text), format, args);
	memcpy(e->text, text, sizeof(text));
	e->code = code;
	return code;
}

/* Append what fits. */
static void append(char text[ERROR_TEXT_MAX], const char *more)
{
	size_t len = strlen(text), n = strlen(more);

	if (n > ERROR_TEXT_MAX - 1 - len)
		n = ERROR_TEXT_MAX - 1 - len;
	memcpy(text + len, more, n);
	text[len + n] = '\0';
}

int error_set(struct error *e, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	story(e, code, format, args);
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
	story(e, code, format, args);
	va_end(args);
	if (!e)
		return code;
	append(e->text, ": ");
	append(e->text, strerror_r(number, reason, sizeof(reason)));
	return code;
}

int error_wrap(struct error *e, const char *format, ...)
{
	char inner[ERROR_TEXT_MAX];
	va_list args;

	if (!e)
		return E_IO; /* nobody kept the code; no caller of ours does this */
	memcpy(inner, e->text, sizeof(inner));
	va_start(args, format);
	story(e, e->code, format, args);
	va_end(args);
	append(e->text, ": ");
	append(e->text, inner);
	return e->code;
}
