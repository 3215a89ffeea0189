/*
 * media: is this picture whole, and how large is it? Decoders of others and bytes from outside
 * meet in one persistent child process that can do nothing else: seccomp (read, write, memory,
 * exit), no file, no network, bounded memory and time. It dies with its parent and is started
 * again when a picture kills it. JPEG is decoded whole; other bytes are known by their first bytes
 * ("image/png", "application/octet-stream", ...) and taken as they are.
 */
#ifndef MEDIA_MEDIA_H
#define MEDIA_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/own.h"

enum { MEDIA_TYPE_MAX = 64, MEDIA_STORY_MAX = 160, MEDIA_WINDOW = 32,
       MEDIA_PIXELS_MAX = 1 << 28, MEDIA_DIMENSION_MAX = 65500 };

struct media_info {
	char type[MEDIA_TYPE_MAX]; /* IANA media type */
	uint32_t width, height;	   /* pixels; 0 when not measured */
	bool whole;		   /* false: damaged, or too large to tell: story says why */
	char story[MEDIA_STORY_MAX];
};

struct media;

/* program: what to execute as the child, with the one argument "media-child" (the rescind binary
 * itself: "/proc/self/exe"; tests name another). Errors: E_IO. */
must_use int media_open(struct media **ret, const char *program, struct error *e);
void media_close(struct media *m); /* ends the child; NULL is fine */
SCOPED(media, media_close);

/* Send one file's bytes; at most MEDIA_WINDOW unanswered. Bytes that are no JPEG never leave this
 * process. Then take the answers in the order sent. A child that died or took longer than its
 * time is the answer "not whole" for the picture that did it, and the others are sent again. */
must_use int media_send(struct media *m, const void *bytes, size_t len_bytes, struct error *e);
must_use int media_answer(struct media *m, struct media_info *ret, struct error *e);
/* Both, for one. */
must_use int media_check(struct media *m, const void *bytes, size_t len_bytes,
			 struct media_info *ret, struct error *e);

/* The child's whole life: confines itself, then serves fd 0 to fd 1. Returns an exit code. */
int media_child(void);

#endif
