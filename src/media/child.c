#include "media/child.h"

#include <errno.h>
#include <stdlib.h>
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

static void reply(const struct media_info *info, size_t made_len)
{
	struct answer a = { .kind = ANSWER_PICTURE, .width = info->width, .height = info->height,
			    .whole = info->whole, .made_len = info->made ? (uint32_t)made_len : 0 };

	memcpy(a.story, info->story, sizeof(a.story));
	write_all(&a, sizeof(a));
	if (info->made)
		write_all(info->made, made_len);
}

_Noreturn void child_serve(child_look *look, const struct media_maker *maker)
{
	const size_t made_len = maker ? maker->len_bytes : 0;
	const struct answer ready = { .kind = ANSWER_READY, .made_len = (uint32_t)made_len };
	struct buf *b = NULL;
	uint8_t *made = malloc(made_len + 1);

	if (!made || made_len > MEDIA_MADE_MAX || confine() < 0)
		_exit(1);
	write_all(&ready, sizeof(ready));
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
			look(b->data, (size_t)r.len_bytes, maker, made, &info);
		}
		reply(&info, made_len);
	}
}

_Noreturn void media_child(const struct media_maker *maker)
{
	child_serve(jpeg_look, maker);
}
