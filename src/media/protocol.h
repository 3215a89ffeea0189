/*
 * protocol: what parent and child say to each other over their socket, in the machine's own byte
 * order, since both are the same program. A request is its head and then the bytes; the child
 * answers each in turn, with a head and then what it made. The parent believes nothing of an answer that it has not checked.
 */
#ifndef MEDIA_PROTOCOL_H
#define MEDIA_PROTOCOL_H

#include "media/media.h"

struct request {
	uint64_t len_bytes;
};

enum { ANSWER_READY = 0x52454144, ANSWER_PICTURE = 0x50494354 };

struct answer {
	uint32_t kind; /* ANSWER_READY once, when confined; then ANSWER_PICTURE */
	uint32_t width, height, whole;
	uint32_t made_len; /* so many bytes follow; of ANSWER_READY: will follow, of each picture */
	char story[MEDIA_STORY_MAX];
};

_Static_assert(sizeof(struct answer) == 20 + MEDIA_STORY_MAX, "no byte between them");

#endif
