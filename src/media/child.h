/*
 * child: what runs in the confined process.
 */
#ifndef MEDIA_CHILD_H
#define MEDIA_CHILD_H

#include "media/media.h"

#if defined(__has_feature)
#define MEDIA_HAS(name) __has_feature(name)
#else
#define MEDIA_HAS(name) 0
#endif
/* Built with a sanitizer, whose runtime needs a few calls more and reports on fd 2. */
#if defined(__SANITIZE_ADDRESS__) || MEDIA_HAS(address_sanitizer) || \
	MEDIA_HAS(memory_sanitizer) || MEDIA_HAS(undefined_behavior_sanitizer)
#define MEDIA_SANITIZED 1
#else
#define MEDIA_SANITIZED 0
#endif

/* From now on this process can read fd 0, write fd 1, ask for memory and end; anything else kills
 * it. Returns -1 when the system did not do as told. */
must_use int confine(void);

/* Confine, then answer every request with what look says of its bytes; ret->made is NULL or made,
 * which has room for what maker makes (NULL: nothing). media_child is this with jpeg_look; tests
 * bring a look that misbehaves. */
typedef void child_look(const void *bytes, size_t len_bytes, const struct media_maker *maker,
			uint8_t *made, struct media_info *ret);
_Noreturn void child_serve(child_look *look, const struct media_maker *maker);

#endif
