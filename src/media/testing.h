/*
 * testing: a child and what is asked of it, for the tests of media.h.
 */
#ifndef MEDIA_TESTING_H
#define MEDIA_TESTING_H

#include "base/test.h"
#include "media/media.h"
#include "media/sample.h"

static struct error e;

static inline struct media *open_child(void)
{
	struct media *m = NULL;

	check_ok(media_open(&m, MEDIA_CHILD, NULL, 0, &e));
	return m;
}

static inline struct media_info ask(struct media *m, const void *bytes, size_t len)
{
	struct media_info info = { 0 };

	check_ok(media_check(m, bytes, len, &info, &e));
	check(memchr(info.story, 0, sizeof(info.story)) && info.whole == (info.story[0] == 0));
	return info;
}

/* A picture that makes the child do what the word says, see media_child_main.c. */
static inline struct buf *hook(const char *word)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	check_ok(buf_printf(b, &e, "\xff\xd8HOOK:%s", word));
	return b;
}

static inline struct media_info ask_hook(struct media *m, const char *word)
{
	scoped(buf) *b = hook(word);

	return ask(m, b->data, b->len);
}

#endif
