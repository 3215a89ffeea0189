/*
 * media: is this picture whole, and how large is it? Decoders of others and bytes from outside
 * meet in one persistent child process that can do nothing else: seccomp (read, write, memory,
 * exit), no file, no network, no environment, bounded memory and time. It dies with its parent
 * and is started again when a picture kills it. JPEG is decoded whole; other bytes are known by
 * their first bytes ("image/png", "application/octet-stream", ...) and taken as they are.
 *
 * A child may be started to make something of every whole picture too: so many bytes, by a
 * callback of whoever wrote its main (struct media_maker). Pixels never leave the child.
 *
 * A handle belongs to one thread, and that thread has to live as long as the handle: the kernel
 * ends the child with the thread that started it.
 */
#ifndef MEDIA_MEDIA_H
#define MEDIA_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/own.h"

enum { MEDIA_TYPE_MAX = 64, MEDIA_STORY_MAX = 160, MEDIA_WINDOW = 32,
       MEDIA_BYTES_MAX = 128 << 20, /* of one JPEG */
       MEDIA_PIXELS_MAX = 1 << 28, MEDIA_DIMENSION_MAX = 65500,
       MEDIA_SAMPLES_MAX = 64 << 20, /* of a picture that something is made of */
       MEDIA_MADE_MAX = 8192,	     /* bytes */
       MEDIA_MAKE_MAX = 100	     /* characters of the name of what is made */ };

struct media_info {
	char type[MEDIA_TYPE_MAX]; /* IANA media type */
	uint32_t width, height;	   /* pixels; 0 when not measured */
	bool whole;		   /* false: damaged, empty, or too large to tell: story says why */
	char story[MEDIA_STORY_MAX]; /* printable ASCII; empty when whole, unless nothing was made */
	/* The decoder died of it or took too long, twice: not whole. Another day it may be. */
	bool died;
	const uint8_t *made; /* of a whole JPEG, when asked for: lent until the next call */
};

struct media;

/* program: what to execute as the child, with the argument "media-child" (the rescind binary
 * itself: "/proc/self/exe"; tests name another) and, where make is not NULL, make as another; its
 * main has to call media_child, with a maker of made_len bytes (0 without make). Errors: E_RANGE, a
 * made_len or make beyond its maximum; E_IO (the child does not start, cannot confine itself, or
 * makes another number of bytes), E_MEMORY. */
must_use int media_open(struct media **ret, const char *program, const char *make,
			size_t made_len, struct error *e);
void media_close(struct media *m); /* kills the child, answered or not; NULL is fine */
SCOPED(media, media_close);

/* Send one file's bytes; at most MEDIA_WINDOW unanswered. Never waits. The bytes are lent until
 * their answer is taken (or the handle closed). Bytes that are no JPEG never leave this process.
 * Errors: E_RANGE, MEDIA_WINDOW are unanswered. */
must_use int media_send(struct media *m, const void *bytes, size_t len_bytes, struct error *e);
/* Take the answers in the order sent. A child that died or took longer than its time is started
 * again, and what was unanswered is sent again; a picture that did it twice is not whole. (Twice:
 * somebody else may have killed the child.) Errors: E_RANGE, nothing is unanswered; E_IO, the
 * child does not start any more: the answer can be asked for again. */
must_use int media_answer(struct media *m, struct media_info *ret, struct error *e);
/* Both, for one; when nothing is unanswered (else E_RANGE). */
must_use int media_check(struct media *m, const void *bytes, size_t len_bytes,
			 struct media_info *ret, struct error *e);

/* The child as it is now, for tests and those who look at processes; -1 when there is none. */
pid_t media_pid(const struct media *m);

/*
 * What a child makes. make gets 8-bit samples, rows without gaps: 1 channel is grey (of a grey or
 * YCbCr picture the Y component as it is, so that nothing is rounded twice), 3 are red, green, blue.
 * It writes len_bytes to made, or returns false: nothing can be made of this one. It runs
 * confined: what it needs beside memory is there before media_child is called.
 */
struct media_maker {
	size_t len_bytes; /* 1 to MEDIA_MADE_MAX */
	bool (*make)(void *ctx, const uint8_t *samples, uint32_t width, uint32_t height,
		     unsigned channels, uint8_t *made);
	void *ctx;
};

/* The child's whole life: confines itself, then serves fd 0 (a socket) to fd 1, and ends the
 * process when its parent has nothing more. What was open or ignored before does not matter.
 * maker NULL: it looks only. */
_Noreturn void media_child(const struct media_maker *maker);

#endif
