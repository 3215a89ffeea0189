#include "base/command.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/test.h"

static struct error e;

TEST(a_command_that_ends_well_is_0)
{
	check_ok(command_run("true", &e));
	check_ok(command_run("test -z \"$(cat)\"", &e)); /* nothing to read */
}

TEST(how_it_ended_is_told)
{
	check_code(command_run("exit 7", &e), E_IO);
	check(strstr(e.text, "ended with 7"));
	check_code(command_run("kill -9 $$", &e), E_IO);
	check(strstr(e.text, "signal 9"));
	check_code(command_run("no-such-command-anywhere 2>/dev/null", &e), E_IO);
}

TEST(it_inherits_no_descriptor_of_ours)
{
	char command[128];
	int fd = open("/dev/null", O_RDONLY); /* without close-on-exec */

	check(fd > 2);
	snprintf(command, sizeof(command), "test ! -e /proc/self/fd/%d", fd);
	check_ok(command_run(command, &e));
	close(fd);
}

TEST(it_dies_with_its_parent)
{
	char path[PATH_LEN_MAX], command[PATH_LEN_MAX + 64];
	pid_t parent;

	check_ok(path_join(path, test_folder(), "late", &e));
	snprintf(command, sizeof(command), "sleep 2; touch '%.3000s'", path);
	parent = fork();
	if (parent == 0)
		_exit(command_run(command, &e) < 0);
	usleep(300 * 1000);
	check(kill(parent, SIGKILL) == 0 && waitpid(parent, NULL, 0) == parent);
	usleep(2200 * 1000);
	check(!file_exists(path));
}

TEST_MAIN("command")
