#include "base/task.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/test.h"

static struct error e;
static uint64_t now_us;
static unsigned shown;
static uint64_t shown_done;

static uint64_t clock_of_test(void)
{
	return now_us;
}

static void note_shown(void *ctx, const struct task *t)
{
	check(ctx == &shown);
	shown++;
	shown_done = t->done;
}

TEST(no_task_is_never_stopped)
{
	check_ok(task_check(NULL, &e));
	check_ok(task_step(NULL, 5, &e));
	task_phase(NULL, "files", 1);
}

TEST(each_phase_counts_what_is_its_own)
{
	struct task t = { .what = "records", .done = 7, .total = 9 };

	task_phase(&t, "bytes", 12);
	check(strcmp(t.what, "bytes") == 0 && t.done == 0 && t.total == 12);
}

TEST(a_task_ends_when_asked_and_at_its_deadline)
{
	struct sys fake = sys_real;
	struct task t = { 0 };

	fake.monotonic_us = clock_of_test;
	sys = &fake;
	now_us = 999;
	t.deadline_us = 1000;
	check_ok(task_check(&t, &e));
	now_us = 1000;
	check_code(task_check(&t, &e), E_CANCELLED);
	check_code(task_step(&t, 3, &e), E_CANCELLED);
	check(t.done == 3);
	t = (struct task){ .stop = 1 };
	check_code(task_check(&t, &e), E_CANCELLED);
	sys = &sys_real;
}

TEST(progress_is_shown_ten_times_a_second_and_at_the_end)
{
	struct sys fake = sys_real;
	struct task t = { .total = 1001, .show = note_shown, .show_ctx = &shown };

	fake.monotonic_us = clock_of_test;
	sys = &fake;
	now_us = 1;
	for (shown = 0; t.done < 1000; now_us += 1000)
		check_ok(task_step(&t, 1, &e));
	check(shown == 10);
	check_ok(task_step(&t, 1, &e));
	check(shown_done == 1001);
	shown = 0;
	check_ok(task_step(&t, 0, &e));
	check(shown == 0);
	sys = &sys_real;
}

/* The status of a child that gets these signals, one by one. */
static int child_of(int first, int second)
{
	static struct task t;
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		task_stop_on_signals(&t);
		raise(first);
		if (!t.stop)
			_exit(9);
		if (second)
			raise(second);
		_exit(3);
	}
	check(waitpid(pid, &status, 0) == pid);
	return status;
}

TEST(one_signal_asks_and_a_second_ends)
{
	int status = child_of(SIGINT, 0);

	check(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	status = child_of(SIGINT, SIGINT);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	status = child_of(SIGINT, SIGTERM);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

TEST_MAIN("task")
