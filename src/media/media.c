#include "media/media.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/sys.h"
#include "media/kind.h"
#include "media/protocol.h"
#include "media/worker.h"

/* A picture may take two seconds, and one more for every ten million bytes. */
enum { TIME_US = 2000000, BYTES_PER_US = 10, DEATHS_MAX = 2, ANSWERS_AT_ONCE = MEDIA_WINDOW };

struct slot {
	const void *bytes; /* lent */
	struct request head;
	size_t sent; /* of head and bytes together */
	unsigned deaths;
	bool done;
	struct media_info info;
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
	char *program;
	struct worker worker;
	struct slot slots[MEDIA_WINDOW];
	uint64_t taken, due, sending, put;
	uint64_t since_us; /* when the child could begin with the picture that is due */
	struct answer answers[ANSWERS_AT_ONCE];
	size_t answers_len; /* bytes */
};

static struct slot *slot_of(struct media *m, uint64_t i)
{
	return &m->slots[i % MEDIA_WINDOW];
}

static size_t total_of(const struct slot *s)
{
	return sizeof(s->head) + (size_t)s->head.len_bytes;
}

static uint64_t allowed_us(const struct slot *s)
{
	return TIME_US + s->head.len_bytes / BYTES_PER_US;
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
	int code = worker_start(&m->worker, m->program, e);

	m->answers_len = 0;
	m->since_us = sys->monotonic_us();
	for (uint64_t i = m->due; i < m->put; i++)
		slot_of(m, i)->sent = 0;
	m->sending = m->due;
	skip_done(m);
	return code;
}

int media_open(struct media **ret, const char *program, struct error *e)
{
	scoped(media) *m = calloc(1, sizeof(*m));
	int code;

	if (!m)
		return error_set(e, E_MEMORY, "no memory for the decoder");
	m->worker = (struct worker){ -1, -1 };
	m->program = strdup(program);
	if (!m->program)
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

/* Returns false when the child answers what it was not asked, or nonsense. */
static bool take_answer(struct media *m, const struct answer *a)
{
	struct slot *s = slot_of(m, m->due);
	char story[MEDIA_STORY_MAX];

	if (m->due == m->put || s->sent < total_of(s) || a->kind != ANSWER_PICTURE ||
	    a->whole > 1 || a->width > MEDIA_DIMENSION_MAX || a->height > MEDIA_DIMENSION_MAX ||
	    (uint64_t)a->width * a->height > MEDIA_PIXELS_MAX ||
	    (a->whole && (a->width == 0 || a->height == 0)))
		return false;
	copy_story(story, a->story);
	s->info.width = a->width;
	s->info.height = a->height;
	settle(s, a->whole, story);
	skip_done(m);
	m->since_us = sys->monotonic_us();
	return true;
}

/* Returns false when the child is gone or has lost its mind. */
static bool take_answers(struct media *m)
{
	ssize_t n = recv(m->worker.fd, (uint8_t *)m->answers + m->answers_len,
			 sizeof(m->answers) - m->answers_len, MSG_DONTWAIT);
	size_t i;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	m->answers_len += (size_t)n;
	for (i = 0; i < m->answers_len / sizeof(struct answer); i++)
		if (!take_answer(m, &m->answers[i]))
			return false;
	m->answers_len %= sizeof(struct answer);
	memmove(m->answers, &m->answers[i], m->answers_len);
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
				 (unsigned)(allowed_us(s) / 1000000));
		else
			snprintf(story, sizeof(story), "the decoder died of it (signal %d)",
				 signal);
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
	end_us = m->since_us + allowed_us(slot_of(m, m->due));
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
	*s = (struct slot){ .bytes = bytes, .head.len_bytes = len_bytes };
	strcpy(s->info.type, kind_of(bytes, len_bytes));
	if (len_bytes == 0)
		settle(s, false, "no bytes");
	else if (strcmp(s->info.type, "image/jpeg") != 0)
		settle(s, true, "");
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
