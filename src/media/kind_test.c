#include "media/kind.h"

#include <string.h>

#include "base/test.h"
#include "media/media.h"

#define IS(bytes, type) { bytes, sizeof(bytes) - 1, type }

static const struct {
	const char *bytes;
	size_t len;
	const char *type;
} cases[] = {
	IS("\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
	IS("\xff\xd8", "image/jpeg"),
	IS("\xff", "application/octet-stream"),
	IS("\x89PNG\r\n\x1a\n....", "image/png"),
	IS("\x89PNG\r\n\x1a", "application/octet-stream"),
	IS("\x89PNG\n\x1a\n.....", "application/octet-stream"),
	IS("GIF89a..", "image/gif"),
	IS("GIF87a", "image/gif"),
	IS("GIF88a", "text/plain"),
	IS("RIFF\1\0\0\0WEBPVP8 ", "image/webp"),
	IS("RIFF\1\0\0\0WAVEfmt ", "audio/vnd.wave"),
	IS("RIFF\1\0\0\0AVI LIST", "video/vnd.avi"),
	IS("RIFF\1\0\0\0WEB", "application/octet-stream"),
	IS("RIFF\1\0\0\0CDXA....", "application/octet-stream"),
	IS("II*\0\x08\0\0\0", "image/tiff"),
	IS("MM\0*\0\0\0\x08", "image/tiff"),
	IS("II*", "text/plain"),
	IS("BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0", "image/bmp"),
	IS("BMW built many cars, so they say", "text/plain"),
	IS("%PDF-1.7\n", "application/pdf"),
	IS("%PDF 1.7\n", "text/plain"),
	IS("PK\3\4..", "application/zip"),
	IS("PK\5\6..", "application/zip"),
	IS("\x1f\x8b\x08\0", "application/gzip"),
	IS("\0\0\0\x18" "ftypheic\0\0\0\0", "image/heic"),
	IS("\0\0\0\x18" "ftypmif1\0\0\0\0", "image/heif"),
	IS("\0\0\0\x18" "ftypavif\0\0\0\0", "image/avif"),
	IS("\0\0\0\x18" "ftypqt  \0\0\0\0", "video/quicktime"),
	IS("\0\0\0\x18" "ftypM4A \0\0\0\0", "audio/mp4"),
	IS("\0\0\0\x18" "ftypisom\0\0\0\0", "video/mp4"),
	IS("\0\0\0\x18" "ftyp", "application/octet-stream"),
	IS("P5\n# by hand\n1 1\n255\n\0", "image/x-portable-graymap"),
	IS("P6 2 2 255 ............", "image/x-portable-pixmap"),
	IS("P5 players meet", "text/plain"),
	IS("P4 1 1 .", "text/plain"),
	IS("plain words,\r\n\tand a tab\n", "text/plain"),
	IS("gr\xc3\xbc\xc3\x9f" "e", "text/plain"),
	IS("gr\xfc\xdf" "e", "application/octet-stream"),
	IS("cut in a letter \xc3", "application/octet-stream"),
	IS("a bell \a", "application/octet-stream"),
	IS("\x7f", "application/octet-stream"),
	IS("a zero\0", "application/octet-stream"),
	IS("", "application/octet-stream"),
};

TEST(the_first_bytes_tell_the_kind)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *type = kind_of(cases[i].bytes, cases[i].len);

		if (strcmp(type, cases[i].type) != 0)
			fail_msg("case %zu: %s instead of %s", i, type, cases[i].type);
	}
}

TEST(no_bytes_at_all_may_come_without_an_address)
{
	check(strcmp(kind_of(NULL, 0), "application/octet-stream") == 0);
}

TEST(every_short_beginning_has_a_kind_that_fits)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (size_t len = 0; len < cases[i].len; len++) {
			char exact[64];

			memcpy(exact + sizeof(exact) - len, cases[i].bytes, len);
			check(strlen(kind_of(exact + sizeof(exact) - len, len)) < MEDIA_TYPE_MAX);
		}
}

TEST_MAIN("media/kind")
