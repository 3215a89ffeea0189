#include "base/fault.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"

/* How many of five passings of anchor_set a child survives with this wish; 5: all. */
static int passings_survived(const char *wish)
{
	int fds[2], status = 0;
	char passed[16];
	pid_t pid;
	ssize_t n;

	check(pipe(fds) == 0);
	pid = fork();
	if (pid == 0) {
		if (wish)
			setenv("RESCIND_FAULT", wish, 1);
		else
			unsetenv("RESCIND_FAULT");
		for (int i = 0; i < 5; i++) {
			FAULT(head_stored);
			FAULT(anchor_set);
			if (write(fds[1], "x", 1) != 1)
				_exit(9);
		}
		_exit(0);
	}
	check(waitpid(pid, &status, 0) == pid);
	close(fds[1]);
	n = read(fds[0], passed, sizeof(passed));
	close(fds[0]);
	check(n == 5 ? WIFEXITED(status) && WEXITSTATUS(status) == 0 :
		       WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return (int)n;
}

TEST(a_fault_kills_at_the_passing_it_names)
{
	check(passings_survived("anchor_set:1") == 0);
	check(passings_survived("anchor_set:3") == 2);
	check(passings_survived("anchor_set:5") == 4);
	check(passings_survived("anchor_set:6") == 5);
}

TEST(anything_else_kills_nothing)
{
	const char *wishes[] = { NULL, "", "anchor_set", "anchor_set:", "anchor_set:0", ":1",
				 "anchor:1", "anchor_set_:1", "anchor_set:-1", "anchor_set:1x",
				 "log_tiles_written:1" };

	for (size_t i = 0; i < sizeof(wishes) / sizeof(*wishes); i++)
		check(passings_survived(wishes[i]) == 5);
	check(strcmp(fault_names[FAULT_anchor_set], "anchor_set") == 0);
}

TEST_MAIN("fault")
