#include "wire/ustar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t zeros[USTAR_BLOCK];

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

bool ustar_name_valid(const char *name)
{
	bool begins = true; /* a part */

	if (strlen(name) > USTAR_NAME_MAX)
		return false;
	for (; *name; name++) {
		if (*name == '/' ? begins : !is_name_byte(*name) || (begins && *name == '.'))
			return false;
		begins = *name == '/';
	}
	return !begins;
}

static size_t padding(size_t len_bytes)
{
	return (USTAR_BLOCK - len_bytes % USTAR_BLOCK) % USTAR_BLOCK;
}

/* Everything in a header follows from name and size. */
static void header_make(uint8_t ret[USTAR_BLOCK], const char *name, size_t len_bytes)
{
	static const struct {
		size_t at;
		const char *text;
	} fixed[] = {
		{ 100, "0000644" },  { 108, "0000000" }, { 116, "0000000" }, { 136, "00000000000" },
		{ 148, "        " }, { 156, "0" },	 { 257, "ustar" },   { 263, "00" },
		{ 329, "0000000" },  { 337, "0000000" },
	};
	char number[24];
	unsigned sum = 0;

	memset(ret, 0, USTAR_BLOCK);
	memcpy(ret, name, strlen(name));
	for (size_t i = 0; i < COUNT_OF(fixed); i++)
		memcpy(ret + fixed[i].at, fixed[i].text, strlen(fixed[i].text));
	snprintf(number, sizeof(number), "%011zo", len_bytes);
	memcpy(ret + 124, number, 11);
	for (size_t i = 0; i < USTAR_BLOCK; i++)
		sum += ret[i];
	snprintf(number, sizeof(number), "%06o", sum);
	memcpy(ret + 148, number, 7); /* with its zero byte; the space after it is there */
}

int ustar_put(struct buf *b, const char *name, const void *bytes, size_t len_bytes, struct error *e)
{
	uint8_t header[USTAR_BLOCK];

	if (!ustar_name_valid(name))
		return error_set(e, E_FORMAT, "archive: no name for a file: %.100s", name);
	if (len_bytes > USTAR_BYTES_MAX || b->len > USTAR_BYTES_MAX ||
	    b->len + len_bytes + padding(len_bytes) + 3 * (size_t)USTAR_BLOCK > USTAR_BYTES_MAX)
		return error_set(e, E_RANGE, "archive: more than %d bytes", USTAR_BYTES_MAX);
	header_make(header, name, len_bytes);
	if (buf_reserve(b, len_bytes + 2 * (size_t)USTAR_BLOCK, e) < 0 ||
	    buf_put(b, header, sizeof(header), e) < 0 || buf_put(b, bytes, len_bytes, e) < 0)
		return e->code;
	return buf_put(b, zeros, padding(len_bytes), e);
}

int ustar_end(struct buf *b, struct error *e)
{
	return buf_put(b, zeros, USTAR_BLOCK, e) < 0 ? e->code : buf_put(b, zeros, USTAR_BLOCK, e);
}

/* ---- reading ---- */

/* Eleven octal digits. */
static int size_get(const uint8_t *digits, size_t *ret, struct error *e)
{
	uint64_t n = 0;

	for (size_t i = 0; i < 11; i++) {
		if (digits[i] < '0' || digits[i] > '7')
			return error_set(e, E_FORMAT, "a size is no octal number");
		n = n * 8 + (uint64_t)(digits[i] - '0');
	}
	if (n > USTAR_BYTES_MAX)
		return error_set(e, E_RANGE, "a file of more than %d bytes", USTAR_BYTES_MAX);
	*ret = (size_t)n;
	return 0;
}

static int header_read(struct ustar_file *f, const uint8_t *header, struct error *e)
{
	uint8_t exact[USTAR_BLOCK];
	size_t len = strnlen((const char *)header, USTAR_NAME_MAX + 1);

	if (len > USTAR_NAME_MAX)
		return error_set(e, E_FORMAT, "a name of more than %d bytes", USTAR_NAME_MAX);
	memcpy(f->name, header, len);
	if (!ustar_name_valid(f->name))
		return error_set(e, E_FORMAT, "a file has no name that it may have");
	if (size_get(header + 124, &f->len, e) < 0)
		return error_wrap(e, "%s", f->name);
	header_make(exact, f->name, f->len);
	if (memcmp(exact, header, sizeof(exact)) != 0)
		return error_set(e, E_FORMAT, "%s: its header is not in the one form", f->name);
	return 0;
}

static int file_take(struct ustar *u, const uint8_t *bytes, size_t len_bytes, size_t *at,
		     struct error *e)
{
	struct ustar_file *f = &u->file[u->count];
	size_t left = len_bytes - *at - USTAR_BLOCK;

	if (u->count == USTAR_FILES_MAX)
		return error_set(e, E_RANGE, "more than %d files", USTAR_FILES_MAX);
	if (header_read(f, bytes + *at, e) < 0)
		return e->code;
	if (f->len > left || padding(f->len) > left - f->len)
		return error_set(e, E_FORMAT, "%s is cut short", f->name);
	f->data = bytes + *at + USTAR_BLOCK;
	if (memcmp(f->data + f->len, zeros, padding(f->len)) != 0)
		return error_set(e, E_FORMAT, "%s: bytes after its end", f->name);
	for (size_t i = 0; i < u->count; i++)
		if (strcmp(u->file[i].name, f->name) == 0)
			return error_set(e, E_FORMAT, "%s is there twice", f->name);
	u->count++;
	*at += USTAR_BLOCK + f->len + padding(f->len);
	return 0;
}

int ustar_parse(struct ustar **ret, const void *bytes, size_t len_bytes, struct error *e)
{
	const uint8_t *p = bytes;
	scoped(ustar) *u = NULL;
	size_t at = 0;

	if (len_bytes > USTAR_BYTES_MAX)
		return error_set(e, E_RANGE, "archive: more than %d bytes", USTAR_BYTES_MAX);
	if (len_bytes % USTAR_BLOCK != 0)
		return error_set(e, E_FORMAT, "archive: not a whole number of blocks");
	u = calloc(1, sizeof(*u));
	if (!u)
		return error_set(e, E_MEMORY, "archive: out of memory");
	while (len_bytes - at >= USTAR_BLOCK && memcmp(p + at, zeros, USTAR_BLOCK) != 0)
		if (file_take(u, p, len_bytes, &at, e) < 0)
			return error_wrap(e, "archive");
	if (len_bytes - at != 2 * (size_t)USTAR_BLOCK ||
	    memcmp(p + len_bytes - USTAR_BLOCK, zeros, USTAR_BLOCK) != 0)
		return error_set(e, E_FORMAT,
				 "archive: does not end with two blocks of zero bytes");
	*ret = give(u);
	return 0;
}

void ustar_destroy(struct ustar *u)
{
	free(u);
}
