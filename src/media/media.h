/*
 * media: is this picture whole, and how large is it? Decoders of others and bytes from outside
 * meet in one persistent child process that can do nothing else: seccomp (read, write, memory,
 * exit), no file, no network, no environment, bounded memory and time. It dies with its parent
 * and is started again when a picture kills it. JPEG is decoded whole; other bytes are known by
 * their first bytes ("image/png", "application/octet-stream", ...) and taken as they are.
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
       MEDIA_PIXELS_MAX = 1 << 28, MEDIA_DIMENSION_MAX = 65500 };

struct media_info {
	char type[MEDIA_TYPE_MAX]; /* IANA media type */
	uint32_t width, height;	   /* pixels; 0 when not measured */
	bool whole;		   /* false: damaged, empty, or too large to tell: story says why */
	char story[MEDIA_STORY_MAX]; /* printable ASCII; empty when whole */
};

struct media;

/* program: what to execute as the child, with the one argument "media-child" (the rescind binary
 * itself: "/proc/self/exe"; tests name another); its main has to call media_child. Errors: E_IO
 * (the child does not start, or cannot confine itself), E_MEMORY. */
must_use int media_open(struct media **ret, const char *program, struct error *e);
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

/* The child's whole life: confines itself, then serves fd 0 (a socket) to fd 1, and ends the
 * process when its parent has nothing more. What was open or ignored before does not matter. */
_Noreturn void media_child(void);

#endif
