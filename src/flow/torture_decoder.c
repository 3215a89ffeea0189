#include "flow/torture_decoder.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/test.h"
#include "flow/decoder.h"
#include "learn/feature.h"
#include "media/protocol.h"
#include "media/worker.h"

enum { ANSWERS_MAX = 64, WORKERS_MAX = 8, FD_FIRST = 1 << 24,
       TORTURE_DIM = 136, FILE_MAX = 2048,
       IN_MAX = sizeof(struct request) + FILE_MAX,
       OUT_MAX = (MEDIA_WINDOW + 1) * (sizeof(struct answer) + TORTURE_DIM) };

/* What was said of these bytes. */
struct known {
	char make[MEDIA_MAKE_MAX + 1];
	uint8_t bytes[FILE_MAX], made[TORTURE_DIM];
	size_t len;
	struct answer said;
};

/* A child that is none: descriptor FD_FIRST and its number. */
struct pretended {
	bool there;
	char make[MEDIA_MAKE_MAX + 1];
	size_t in_len, out_len;
	uint8_t in[IN_MAX], out[OUT_MAX];
};

static struct known known[ANSWERS_MAX];
static size_t known_count;
static struct pretended workers[WORKERS_MAX];
static bool asking = true; /* also in the child, which is this program */

size_t __real_features_dim(const struct features *f);
int __real_worker_start(struct worker *w, const char *program, const char *make, size_t made_len,
			struct error *e);
int __real_worker_stop(struct worker *w);
ssize_t __real_sendmsg(int fd, const struct msghdr *msg, int flags);
ssize_t __real_recv(int fd, void *p, size_t len, int flags);
int __real_poll(struct pollfd *p, nfds_t count, int ms);
size_t __wrap_features_dim(const struct features *f);
int __wrap_worker_start(struct worker *w, const char *program, const char *make, size_t made_len,
			struct error *e);
int __wrap_worker_stop(struct worker *w);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *msg, int flags);
ssize_t __wrap_recv(int fd, void *p, size_t len, int flags);
int __wrap_poll(struct pollfd *p, nfds_t count, int ms);

size_t __wrap_features_dim(const struct features *f)
{
	return asking ? __real_features_dim(f) : TORTURE_DIM;
}

int __wrap_worker_start(struct worker *w, const char *program, const char *make, size_t made_len,
			struct error *e)
{
	int i = 0;

	if (asking)
		return __real_worker_start(w, program, make, made_len, e);
	while (i < WORKERS_MAX && workers[i].there)
		i++;
	if (i == WORKERS_MAX)
		return error_set(e, E_IO, "more than %d pretended decoders", WORKERS_MAX);
	workers[i].there = true;
	workers[i].in_len = workers[i].out_len = 0;
	snprintf(workers[i].make, sizeof(workers[i].make), "%s", make ? make : "");
	*w = (struct worker){ .pid = -1, .fd = FD_FIRST + i };
	return 0;
}

static struct pretended *pretended_of(int fd)
{
	return fd >= FD_FIRST && fd < FD_FIRST + WORKERS_MAX ? &workers[fd - FD_FIRST] : NULL;
}

int __wrap_worker_stop(struct worker *w)
{
	struct pretended *p = pretended_of(w->fd);

	if (!p)
		return __real_worker_stop(w);
	p->there = false;
	*w = (struct worker){ -1, -1 };
	return 0;
}

static void say(struct pretended *p, const void *bytes, size_t len)
{
	check(p->out_len + len <= sizeof(p->out));
	memcpy(p->out + p->out_len, bytes, len);
	p->out_len += len;
}

static void answer(struct pretended *p, const uint8_t *bytes, size_t len)
{
	const struct answer unknown = { .kind = ANSWER_PICTURE, .story = "nobody asked of this file" };

	for (size_t i = 0; i < known_count; i++)
		if (strcmp(known[i].make, p->make) == 0 && known[i].len == len &&
		    memcmp(known[i].bytes, bytes, len) == 0) {
			say(p, &known[i].said, sizeof(known[i].said));
			say(p, known[i].made, known[i].said.made_len);
			return;
		}
	say(p, &unknown, sizeof(unknown));
}

/* A request that is there as a whole is answered at once. */
static void serve(struct pretended *p)
{
	struct request r;

	if (p->in_len < sizeof(r))
		return;
	memcpy(&r, p->in, sizeof(r));
	check(r.len_bytes <= FILE_MAX);
	if (p->in_len < sizeof(r) + r.len_bytes)
		return;
	answer(p, p->in + sizeof(r), (size_t)r.len_bytes);
	p->in_len = 0;
}

/* media.c sends no more than one request at once. */
ssize_t __wrap_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct pretended *p = pretended_of(fd);
	size_t sent = 0;

	if (!p)
		return __real_sendmsg(fd, msg, flags);
	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		check(p->in_len + msg->msg_iov[i].iov_len <= sizeof(p->in));
		memcpy(p->in + p->in_len, msg->msg_iov[i].iov_base, msg->msg_iov[i].iov_len);
		p->in_len += msg->msg_iov[i].iov_len;
		sent += msg->msg_iov[i].iov_len;
	}
	serve(p);
	return (ssize_t)sent;
}

ssize_t __wrap_recv(int fd, void *to, size_t len, int flags)
{
	struct pretended *p = pretended_of(fd);

	if (!p)
		return __real_recv(fd, to, len, flags);
	if (p->out_len == 0) {
		errno = EAGAIN;
		return -1;
	}
	len = len < p->out_len ? len : p->out_len;
	memcpy(to, p->out, len);
	p->out_len -= len;
	memmove(p->out, p->out + len, p->out_len);
	return (ssize_t)len;
}

int __wrap_poll(struct pollfd *f, nfds_t count, int ms)
{
	struct pretended *p = count == 1 ? pretended_of(f->fd) : NULL;

	if (!p)
		return __real_poll(f, count, ms);
	f->revents = (short)((p->out_len > 0 ? POLLIN : 0) | (f->events & POLLOUT));
	return f->revents != 0;
}

struct asking {
	const char *folder, *features;
	struct media *m;
};

static int ask_one(void *ctx, const char *name)
{
	struct asking *a = ctx;
	struct known *k = &known[known_count];
	scoped(features) *f = NULL;
	scoped(buf) *bytes = NULL;
	struct error e = { 0 };
	struct media_info info;
	char path[256];

	check(known_count < ANSWERS_MAX);
	snprintf(path, sizeof(path), "%s/%s", a->folder, name);
	check_ok(file_read(path, FILE_MAX, &bytes, &e));
	check_ok(media_check(a->m, bytes->data, bytes->len, &info, &e));
	if (a->features) {
		check_ok(features_create(&f, a->features, &e));
		check(features_dim(f) >= TORTURE_DIM);
		snprintf(k->make, sizeof(k->make), "%s", features_name(f));
	}
	k->len = bytes->len;
	memcpy(k->bytes, bytes->data, bytes->len);
	k->said = (struct answer){ .kind = ANSWER_PICTURE, .width = info.width, .height = info.height,
				   .whole = info.whole };
	memcpy(k->said.story, info.story, sizeof(k->said.story));
	if (info.made) {
		k->said.made_len = TORTURE_DIM;
		memcpy(k->made, info.made, TORTURE_DIM);
	}
	known_count++;
	return 0;
}

void torture_decoder_ask(const char *folder, const char *features)
{
	struct asking a = { .folder = folder, .features = features };
	struct error e = { 0 };

	asking = true;
	check_ok(decoder_open(&a.m, features, &e));
	check(sys->list(folder, ask_one, &a) == 0);
	media_close(a.m);
	asking = false;
}
