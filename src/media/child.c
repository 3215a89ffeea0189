#include "media/child.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/sys.h"
#include "media/jpeg.h"
#include "media/protocol.h"

enum { KEEP_BYTES = 4 << 20 }; /* of memory between pictures */

/* A parent that is gone is the ordinary end. */
static void read_all(void *p, size_t len)
{
	uint8_t *at = p;

	while (len > 0) {
		ssize_t n = sys->read(0, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0);
		at += n;
		len -= (size_t)n;
	}
}

static void write_all(const void *p, size_t len)
{
	const uint8_t *at = p;

	while (len > 0) {
		ssize_t n = sys->write(1, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0);
		at += n;
		len -= (size_t)n;
	}
}

static void skip(uint64_t len)
{
	uint8_t some[4096];

	while (len > 0) {
		size_t n = len < sizeof(some) ? (size_t)len : sizeof(some);

		read_all(some, n);
		len -= n;
	}
}

static struct buf *room_for(struct buf *b, size_t len)
{
	struct buf *larger = NULL;

	if (b && len <= b->cap && (b->cap <= KEEP_BYTES || len > KEEP_BYTES))
		return b;
	buf_destroy(b);
	if (buf_create(&larger, len, NULL) < 0)
		return NULL;
	return larger;
}

static void reply(uint32_t kind, const struct media_info *info)
{
	struct answer a = { .kind = kind, .width = info->width, .height = info->height,
			    .whole = info->whole };

	memcpy(a.story, info->story, sizeof(a.story));
	write_all(&a, sizeof(a));
}

_Noreturn void child_serve(void (*check)(const void *bytes, size_t len_bytes,
					 struct media_info *ret))
{
	struct buf *b = NULL;

	if (confine() < 0)
		_exit(1);
	reply(ANSWER_READY, &(struct media_info){ 0 });
	for (;;) {
		struct media_info info = { 0 };
		struct request r;

		read_all(&r, sizeof(r));
		if (r.len_bytes > MEDIA_BYTES_MAX)
			_exit(1);
		b = room_for(b, (size_t)r.len_bytes);
		if (!b) {
			skip(r.len_bytes);
			strcpy(info.story, "no memory for so many bytes");
		} else {
			read_all(b->data, (size_t)r.len_bytes);
			check(b->data, (size_t)r.len_bytes, &info);
		}
		reply(ANSWER_PICTURE, &info);
	}
}

_Noreturn void media_child(void)
{
	child_serve(jpeg_check);
}
