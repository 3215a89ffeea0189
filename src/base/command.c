#include "base/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sys.h"

enum { POLL_US = 10 * 1000 };

static _Noreturn void become(const char *command, pid_t parent)
{
	int nothing = open("/dev/null", O_RDONLY);

	/* A parent that died before the first call would never be noticed. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || nothing < 0 ||
	    dup2(nothing, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0 ||
	    close_range(3, ~0U, 0) != 0)
		_exit(126);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static int ended(const char *command, int status, struct error *e)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status))
		return error_set(e, E_IO, "\"%.200s\" ended with %d", command, WEXITSTATUS(status));
	return error_set(e, E_IO, "\"%.200s\" was ended by signal %d", command, WTERMSIG(status));
}

int command_run(const char *command, struct error *e)
{
	uint64_t began = sys->monotonic_us();
	pid_t parent = getpid(), child = fork(), got;
	int status = 0;

	if (child < 0)
		return error_errno(e, "run \"%.200s\"", command);
	if (child == 0)
		become(command, parent);
	while ((got = waitpid(child, &status, WNOHANG)) == 0 || (got < 0 && errno == EINTR)) {
		if (sys->monotonic_us() - began > COMMAND_TIME_MAX_S * 1000000ULL)
			kill(child, SIGKILL);
		sys->sleep_us(POLL_US);
	}
	return got < 0 ? error_errno(e, "wait for \"%.200s\"", command) : ended(command, status, e);
}
