#include "media/kind.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/own.h"
#include "base/text.h"

enum { MAGIC_MAX = 8 };

struct magic {
	size_t at, len;
	char bytes[MAGIC_MAX];
	const char *type;
};

static const struct magic magics[] = {
	{ 0, 2, "\xff\xd8", "image/jpeg" },
	{ 0, 8, "\x89PNG\r\n\x1a\n", "image/png" },
	{ 0, 6, "GIF87a", "image/gif" },
	{ 0, 6, "GIF89a", "image/gif" },
	{ 0, 4, "II*\0", "image/tiff" },
	{ 0, 4, "MM\0*", "image/tiff" },
	{ 0, 4, "II+\0", "image/tiff" }, /* BigTIFF */
	{ 0, 4, "MM\0+", "image/tiff" },
	{ 0, 5, "%PDF-", "application/pdf" },
	{ 0, 4, "PK\3\4", "application/zip" },
	{ 0, 4, "PK\5\6", "application/zip" }, /* an empty one */
	{ 0, 3, "\x1f\x8b\x08", "application/gzip" },
};

/* What follows "RIFF" and a length, and what follows a length and "ftyp". */
static const struct magic riffs[] = {
	{ 8, 4, "WEBP", "image/webp" },
	{ 8, 4, "WAVE", "audio/vnd.wave" },
	{ 8, 4, "AVI ", "video/vnd.avi" },
};
static const struct magic brands[] = {
	{ 8, 4, "heic", "image/heic" },	  { 8, 4, "heix", "image/heic" },
	{ 8, 4, "heim", "image/heic" },	  { 8, 4, "heis", "image/heic" },
	{ 8, 4, "hevc", "image/heic-sequence" }, { 8, 4, "hevx", "image/heic-sequence" },
	{ 8, 4, "mif1", "image/heif" },	  { 8, 4, "msf1", "image/heif-sequence" },
	{ 8, 4, "avif", "image/avif" },	  { 8, 4, "avis", "image/avif" },
	{ 8, 4, "qt  ", "video/quicktime" }, { 8, 3, "M4A", "audio/mp4" },
	{ 8, 3, "3gp", "video/3gpp" },
};

static const char *find(const struct magic *m, size_t count, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (len >= m[i].at + m[i].len && memcmp(p + m[i].at, m[i].bytes, m[i].len) == 0)
			return m[i].type;
	return NULL;
}

/* "BM" begins words too; the length of the second header hardly does. */
static bool is_bmp(const uint8_t *p, size_t len)
{
	return len >= 26 && p[0] == 'B' && p[1] == 'M' && p[14] >= 12 && p[14] <= 124 &&
	       p[15] == 0 && p[16] == 0 && p[17] == 0;
}

/* "P5 100 100 255": a white space, then a number or a comment. */
static bool is_pnm(const uint8_t *p, size_t len)
{
	return len >= 4 && p[0] == 'P' && (p[1] == '5' || p[1] == '6') &&
	       memchr(" \t\r\n", p[2], 4) && (p[3] == '#' || (p[3] >= '0' && p[3] <= '9'));
}

static bool is_text(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((p[i] < ' ' && !memchr("\t\n\f\r", p[i], 4)) || p[i] == 0x7f)
			return false;
	return utf8_valid((const char *)p, len);
}

const char *kind_of(const void *bytes, size_t len_bytes)
{
	const uint8_t *p = bytes;
	const char *type;

	if (len_bytes == 0)
		return "application/octet-stream";
	type = find(magics, COUNT_OF(magics), p, len_bytes);
	if (!type && len_bytes >= 12 && memcmp(p, "RIFF", 4) == 0)
		type = find(riffs, COUNT_OF(riffs), p, len_bytes);
	if (!type && len_bytes >= 12 && memcmp(p + 4, "ftyp", 4) == 0) {
		type = find(brands, COUNT_OF(brands), p, len_bytes);
		type = type ? type : "video/mp4";
	}
	if (type)
		return type;
	if (is_bmp(p, len_bytes))
		return "image/bmp";
	if (is_pnm(p, len_bytes))
		return p[1] == '5' ? "image/x-portable-graymap" : "image/x-portable-pixmap";
	return is_text(p, len_bytes) ? "text/plain" : "application/octet-stream";
}
