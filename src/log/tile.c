#include "log/tile.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

/* Append; TILE_NAME_MAX has room for the longest name. */
__attribute__((format(printf, 2, 3))) static void put(char name[TILE_NAME_MAX],
						      const char *format, ...)
{
	size_t len = strlen(name);
	va_list args;

	va_start(args, format);
	vsnprintf(name + len, TILE_NAME_MAX - len, format, args);
	va_end(args);
}

/*
 * A number is written in groups of three digits, each but the last behind an 'x', so that no
 * file is called like a folder: 1234067 is x001/x234/067.
 */
static void put_number(char name[TILE_NAME_MAX], uint64_t number)
{
	uint64_t power = 1;

	while (number / power >= 1000)
		power *= 1000;
	for (; power > 1; power /= 1000)
		put(name, "x%03u/", (unsigned)(number / power % 1000));
	put(name, "%03u", (unsigned)(number % 1000));
}

int tile_name(char ret_name[TILE_NAME_MAX], int level, uint64_t number, unsigned width,
	      struct error *e)
{
	if (level < TILE_ENTRIES || level > TILE_LEVEL_MAX || width < 1 || width > TILE_WIDTH)
		return error_set(e, E_RANGE, "no tile of level %d and width %u", level, width);
	ret_name[0] = '\0';
	if (level == TILE_ENTRIES)
		put(ret_name, "tile/entries/");
	else
		put(ret_name, "tile/%d/", level);
	put_number(ret_name, number);
	if (width < TILE_WIDTH)
		put(ret_name, ".p/%u", width);
	return 0;
}

static bool prefix_take(const char **p, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(*p, prefix, len) != 0)
		return false;
	*p += len;
	return true;
}

static bool digits_take(const char **p, uint64_t *ret)
{
	uint64_t v = 0;
	const char *s = *p;

	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return false;
	if (s == *p)
		return false;
	*p = s;
	*ret = v;
	return true;
}

static bool number_take(const char **p, uint64_t *ret)
{
	uint64_t v = 0, group;
	bool more;

	do {
		more = prefix_take(p, "x");
		if (!digits_take(p, &group) || __builtin_mul_overflow(v, 1000, &v) ||
		    __builtin_add_overflow(v, group, &v) || (more && !prefix_take(p, "/")))
			return false;
	} while (more);
	*ret = v;
	return true;
}

/* Any spelling that could be meant; the caller compares with the one that is right. */
static bool name_take(const char *p, uint64_t *ret_level, uint64_t *ret_number,
		      uint64_t *ret_width, bool *ret_entries)
{
	*ret_width = TILE_WIDTH;
	*ret_level = 0;
	if (!prefix_take(&p, "tile/"))
		return false;
	*ret_entries = prefix_take(&p, "entries/");
	if (!*ret_entries && (!digits_take(&p, ret_level) || !prefix_take(&p, "/")))
		return false;
	if (!number_take(&p, ret_number))
		return false;
	return *p == '\0' || (prefix_take(&p, ".p/") && digits_take(&p, ret_width) && *p == '\0');
}

int tile_parse_name(const char *name, int *ret_level, uint64_t *ret_number, unsigned *ret_width,
		    struct error *e)
{
	uint64_t level, number, width;
	char right[TILE_NAME_MAX];
	bool entries;
	int code;

	if (strnlen(name, TILE_NAME_MAX) == TILE_NAME_MAX ||
	    !name_take(name, &level, &number, &width, &entries) || level > TILE_LEVEL_MAX ||
	    width < 1 || width > TILE_WIDTH)
		return error_set(e, E_FORMAT, "not the name of a tile");
	code = tile_name(right, entries ? TILE_ENTRIES : (int)level, number, (unsigned)width, e);
	if (code < 0)
		return code;
	if (strcmp(right, name) != 0)
		return error_set(e, E_FORMAT, "not how %s is written", right);
	*ret_level = entries ? TILE_ENTRIES : (int)level;
	*ret_number = number;
	*ret_width = (unsigned)width;
	return 0;
}

uint64_t tile_hashes(int level, uint64_t size)
{
	if (level <= 0)
		return size;
	return level < 8 ? size >> (8 * level) : 0;
}

int bundle_put(struct buf *b, const void *entry, size_t len_bytes, struct error *e)
{
	int code;

	if (len_bytes > LOG_ENTRY_MAX)
		return error_set(e, E_RANGE, "an entry of %zu bytes", len_bytes);
	code = buf_reserve(b, 2 + len_bytes, e);
	if (code == 0)
		code = buf_put_be(b, len_bytes, 2, e);
	if (code == 0 && len_bytes > 0)
		code = buf_put(b, entry, len_bytes, e);
	return code;
}

int bundle_next(const struct buf *bundle, size_t *at, const uint8_t **ret_entry, size_t *ret_len,
		struct error *e)
{
	size_t left = *at <= bundle->len ? bundle->len - *at : 0, len;

	if (left < 2)
		return error_set(e, E_FORMAT, "no entry at byte %zu of a bundle", *at);
	len = (size_t)be_get(bundle->data + *at, 2);
	if (left - 2 < len)
		return error_set(e, E_FORMAT, "entry at byte %zu of a bundle is cut short", *at);
	*ret_entry = bundle->data + *at + 2;
	*ret_len = len;
	*at += 2 + len;
	return 0;
}
