#include "media/media.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/sys.h"
#include "media/kind.h"
#include "media/protocol.h"
#include "media/worker.h"

/* A picture may take two seconds, and one more for every ten million bytes; three more where
 * something is made of it. */
enum { TIME_US = 2000000, MAKE_TIME_US = 3000000, BYTES_PER_US = 10, DEATHS_MAX = 2,
       ANSWERS_AT_ONCE = 8 };

struct slot {
	const void *bytes; /* lent */
	struct request head;
	size_t sent; /* of head and bytes together */
	unsigned deaths;
	bool done;
	struct media_info info;
	uint8_t *made; /* room for what is made; the handle's */
};

/*
 * The window: slot i lies at slots[i % MEDIA_WINDOW].
 *
 *	taken         due             sending        put
 *	  | answered   | written whole  | in part     |
 *	--+------------+----------------+-------------+--> i
 *
 * Slots that need no child are done from the beginning, wherever they lie.
 */
struct media {
	char *program, *make; /* make NULL: looks only */
	size_t made_len;
	struct worker worker;
	struct slot slots[MEDIA_WINDOW];
	uint64_t taken, due, sending, put;
	uint64_t since_us; /* when the child could begin with the picture that is due */
	uint8_t *answers; /* as they come */
	size_t answers_len, answers_cap;
	uint8_t *made; /* of all slots */
};

static struct slot *slot_of(struct media *m, uint64_t i)
{
	return &m->slots[i % MEDIA_WINDOW];
}

static size_t total_of(const struct slot *s)
{
	return sizeof(s->head) + (size_t)s->head.len_bytes;
}

static uint64_t allowed_us(const struct media *m, const struct slot *s)
{
	return (m->make ? TIME_US + MAKE_TIME_US : TIME_US) + s->head.len_bytes / BYTES_PER_US;
}

static void settle(struct slot *s, bool whole, const char *story)
{
	s->done = true;
	s->info.whole = whole;
	snprintf(s->info.story, MEDIA_STORY_MAX, "%s", story);
}

static void skip_done(struct media *m)
{
	while (m->due < m->put && slot_of(m, m->due)->done)
		m->due++;
	if (m->sending < m->due)
		m->sending = m->due;
	while (m->sending < m->put && slot_of(m, m->sending)->done)
		m->sending++;
}

static int start(struct media *m, struct error *e)
{
	int code = worker_start(&m->worker, m->program, m->make, m->made_len, e);

	m->answers_len = 0;
	m->since_us = sys->monotonic_us();
	for (uint64_t i = m->due; i < m->put; i++)
		slot_of(m, i)->sent = 0;
	m->sending = m->due;
	skip_done(m);
	return code;
}

static bool has_room(const struct media *m, bool made)
{
	return m && m->program && m->answers && m->made && (m->make || !made);
}

int media_open(struct media **ret, const char *program, const char *make, size_t made_len,
	       struct error *e)
{
	scoped(media) *m = NULL;
	int code;

	if (made_len > MEDIA_MADE_MAX || (made_len > 0) != (make != NULL) ||
	    (make && strlen(make) > MEDIA_MAKE_MAX))
		return error_set(e, E_RANGE, "the decoder is to make %zu bytes", made_len);
	m = calloc(1, sizeof(*m));
	if (m) {
		m->worker = (struct worker){ -1, -1 };
		m->made_len = made_len;
		m->program = strdup(program);
		m->make = make ? strdup(make) : NULL;
		m->answers_cap = ANSWERS_AT_ONCE * (sizeof(struct answer) + made_len);
		m->answers = malloc(m->answers_cap);
		m->made = malloc(MEDIA_WINDOW * made_len + 1);
	}
	if (!has_room(m, make != NULL))
		return error_set(e, E_MEMORY, "no memory for the decoder");
	code = start(m, e);
	if (code < 0)
		return code;
	*ret = give(m);
	return 0;
}

void media_close(struct media *m)
{
	if (!m)
		return;
	worker_stop(&m->worker);
	free(m->program);
	free(m->make);
	if (m->answers)
		wipe(m->answers, m->answers_cap);
	free(m->answers);
	if (m->made)
		wipe(m->made, MEDIA_WINDOW * m->made_len);
	free(m->made);
	free(m);
}

pid_t media_pid(const struct media *m)
{
	return m->worker.pid;
}

/* As much of one slot as the socket takes. A child that is gone is noticed where answers are
 * read: some may still be there. Returns false when there is no more room. */
static bool send_slot(struct media *m, struct slot *s)
{
	size_t head = sizeof(s->head), in_bytes = s->sent > head ? s->sent - head : 0;
	size_t in_head = s->sent < head ? s->sent : head;
	struct iovec parts[2] = {
		{ (uint8_t *)&s->head + in_head, head - in_head },
		/* sendmsg only reads. */
		{ (void *)((uintptr_t)s->bytes + in_bytes), (size_t)s->head.len_bytes - in_bytes },
	};
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t n = sendmsg(m->worker.fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n <= 0)
		return n < 0 && errno == EINTR;
	s->sent += (size_t)n;
	return true;
}

static void send_some(struct media *m)
{
	while (m->worker.fd >= 0 && m->sending < m->put) {
		struct slot *s = slot_of(m, m->sending);

		if (!send_slot(m, s))
			return;
		if (m->sending == m->due)
			m->since_us = sys->monotonic_us();
		if (s->sent < total_of(s))
			continue;
		m->sending++;
		skip_done(m);
	}
}

/* Printable, and ended, whatever the child wrote. */
static void copy_story(char ret[MEDIA_STORY_MAX], const char from[MEDIA_STORY_MAX])
{
	size_t i;

	for (i = 0; i < MEDIA_STORY_MAX - 1 && from[i]; i++)
		ret[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
	ret[i] = 0;
}

/* False when the child answers what it was not asked, or nonsense. */
static bool is_sound(struct media *m, const struct answer *a)
{
	const struct slot *s = slot_of(m, m->due);

	if (m->due == m->put || s->sent < total_of(s) || a->kind != ANSWER_PICTURE ||
	    a->whole > 1 || a->width > MEDIA_DIMENSION_MAX || a->height > MEDIA_DIMENSION_MAX ||
	    (uint64_t)a->width * a->height > MEDIA_PIXELS_MAX ||
	    (a->whole && (a->width == 0 || a->height == 0)))
		return false;
	return a->made_len == 0 || (a->whole && a->made_len == m->made_len);
}

/* made: a->made_len bytes. */
static void take_answer(struct media *m, const struct answer *a, const uint8_t *made)
{
	struct slot *s = slot_of(m, m->due);
	char story[MEDIA_STORY_MAX] = "";

	if (!a->whole || (m->make && a->made_len == 0))
		copy_story(story, a->story);
	s->info.width = a->width;
	s->info.height = a->height;
	if (a->made_len > 0) {
		s->info.made = s->made;
		memcpy(s->made, made, m->made_len);
	}
	settle(s, a->whole, story);
	skip_done(m);
	m->since_us = sys->monotonic_us();
}

/* Returns false when the child is gone or has lost its mind. */
static bool take_answers(struct media *m)
{
	ssize_t n = recv(m->worker.fd, m->answers + m->answers_len,
			 m->answers_cap - m->answers_len, MSG_DONTWAIT);
	struct answer a;
	size_t at = 0;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	m->answers_len += (size_t)n;
	while (m->answers_len - at >= sizeof(a)) {
		memcpy(&a, m->answers + at, sizeof(a));
		if (!is_sound(m, &a))
			return false;
		if (m->answers_len - at < sizeof(a) + a.made_len)
			break;
		take_answer(m, &a, m->answers + at + sizeof(a));
		at += sizeof(a) + a.made_len;
	}
	m->answers_len -= at;
	memmove(m->answers, m->answers + at, m->answers_len);
	return true;
}

/* The child died, or is to die, over the picture that is due. */
static int replace(struct media *m, bool too_long, struct error *e)
{
	struct slot *s = slot_of(m, m->due);
	int signal = worker_stop(&m->worker);
	char story[MEDIA_STORY_MAX];

	s->deaths++;
	if (s->deaths == DEATHS_MAX) {
		if (too_long)
			snprintf(story, sizeof(story), "decoding took longer than %u s",
				 (unsigned)(allowed_us(m, s) / 1000000));
		else
			snprintf(story, sizeof(story), "the decoder died of it (signal %d)",
				 signal);
		s->info.died = true;
		settle(s, false, story);
		skip_done(m);
	}
	return start(m, e);
}

/* Write and read what can be, waiting for something to happen. Called while one is due. */
static int turn(struct media *m, struct error *e)
{
	struct pollfd p = { .fd = m->worker.fd, .events = POLLIN };
	uint64_t end_us, now_us;
	int n;

	if (m->worker.fd < 0)
		return start(m, e);
	send_some(m);
	if (m->sending < m->put)
		p.events |= POLLOUT;
	end_us = m->since_us + allowed_us(m, slot_of(m, m->due));
	now_us = sys->monotonic_us();
	n = poll(&p, 1, now_us < end_us ? (int)((end_us - now_us) / 1000 + 1) : 0);
	if (n < 0 && errno != EINTR)
		return error_set(e, E_IO, "cannot wait for the decoder");
	if (n > 0 && (p.revents & ~POLLOUT))
		return take_answers(m) ? 0 : replace(m, false, e);
	if (n == 0 && sys->monotonic_us() >= end_us)
		return replace(m, true, e);
	return 0;
}

int media_send(struct media *m, const void *bytes, size_t len_bytes, struct error *e)
{
	struct slot *s = slot_of(m, m->put);

	if (m->put - m->taken == MEDIA_WINDOW)
		return error_set(e, E_RANGE, "%d pictures wait for their answers", MEDIA_WINDOW);
	*s = (struct slot){ .bytes = bytes, .head.len_bytes = len_bytes,
			    .made = m->made + m->put % MEDIA_WINDOW * m->made_len };
	strcpy(s->info.type, kind_of(bytes, len_bytes));
	if (len_bytes == 0)
		settle(s, false, "no bytes");
	else if (strcmp(s->info.type, "image/jpeg") != 0)
		settle(s, true, m->make ? "nothing is made of this type" : "");
	else if (len_bytes > MEDIA_BYTES_MAX)
		settle(s, false, "too many bytes for one picture");
	m->put++;
	skip_done(m);
	send_some(m);
	return 0;
}

int media_answer(struct media *m, struct media_info *ret, struct error *e)
{
	struct slot *s = slot_of(m, m->taken);

	if (m->taken == m->put)
		return error_set(e, E_RANGE, "no picture waits for its answer");
	while (!s->done) {
		int code = turn(m, e);

		if (code < 0)
			return code;
	}
	*ret = s->info;
	m->taken++;
	return 0;
}

int media_check(struct media *m, const void *bytes, size_t len_bytes, struct media_info *ret,
		struct error *e)
{
	int code;

	if (m->taken < m->put)
		return error_set(e, E_RANGE, "other pictures wait for their answers");
	code = media_send(m, bytes, len_bytes, e);
	return code < 0 ? code : media_answer(m, ret, e);
}
