#include "media/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sys.h"
#include "media/child.h"
#include "media/protocol.h"

enum { START_MS_MAX = 20000, FIRST_CLOSED = MEDIA_SANITIZED ? 3 : 2 };

/* Between fork and exec: nothing here may allocate or lock. */
static _Noreturn void become(const char *program, const char *make, int fd, pid_t parent)
{
	char name[] = "rescind", verb[] = "media-child", what[MEDIA_MAKE_MAX + 1];
	char *const argv[] = { name, verb, make ? what : NULL, NULL };
	char *const no_environment[] = { NULL };
	sigset_t none;

	if (make)
		strcpy(what, make);
	/* What the terminal sends is for the parent, who may want the answers still. */
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent)
		_exit(127);
	/* A copy above both, since dup2 of a descriptor onto itself keeps FD_CLOEXEC. */
	fd = fcntl(fd, F_DUPFD, 3);
	if (fd < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0 ||
	    close_range(FIRST_CLOSED, ~0u, 0) < 0)
		_exit(127);
	execve(program, argv, no_environment);
	_exit(127);
}

static int spawn(struct worker *w, const char *program, const char *make, struct error *e)
{
	pid_t parent = getpid(), pid;
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return error_set(e, E_IO, "no socket for the decoder");
	pid = fork();
	if (pid == 0)
		become(program, make, fd[1], parent);
	sys->close(fd[1]);
	if (pid < 0 || fcntl(fd[0], F_SETFL, O_NONBLOCK) < 0) {
		w->fd = fd[0];
		w->pid = pid;
		worker_stop(w);
		return error_set(e, E_IO, "no process for the decoder");
	}
	w->fd = fd[0];
	w->pid = pid;
	return 0;
}

static bool is_ready(const struct worker *w, size_t made_len)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	uint64_t end_us = sys->monotonic_us() + START_MS_MAX * 1000;
	struct answer a;
	int n;

	do
		n = poll(&p, 1, START_MS_MAX);
	while (n < 0 && errno == EINTR && sys->monotonic_us() < end_us);
	/* It is written at once, so it is there at once. */
	return n > 0 && recv(w->fd, &a, sizeof(a), MSG_DONTWAIT) == (ssize_t)sizeof(a) &&
	       a.kind == ANSWER_READY && a.made_len == made_len;
}

int worker_start(struct worker *w, const char *program, const char *make, size_t made_len,
		 struct error *e)
{
	struct worker fresh = { -1, -1 };
	int code = spawn(&fresh, program, make, e);

	if (code < 0)
		return code;
	if (!is_ready(&fresh, made_len)) {
		worker_stop(&fresh);
		return error_set(e, E_IO, "the decoder %s does not start or cannot be confined",
				 program);
	}
	*w = fresh;
	return 0;
}

int worker_stop(struct worker *w)
{
	int status = 0;
	pid_t ended = -1;

	if (w->fd >= 0)
		sys->close(w->fd);
	if (w->pid > 0) {
		kill(w->pid, SIGKILL); /* one that died before keeps its own end */
		do
			ended = waitpid(w->pid, &status, 0);
		while (ended < 0 && errno == EINTR);
	}
	*w = (struct worker){ -1, -1 };
	return ended > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}
