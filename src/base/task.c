#include "base/task.h"

#include <stddef.h>

#include "base/sys.h"

enum { SHOW_EVERY_US = 100000 };

int task_check(struct task *t, struct error *e)
{
	if (!t)
		return 0;
	if (t->stop)
		return error_set(e, E_CANCELLED, "stopped");
	if (t->deadline_us > 0 && sys->monotonic_us() >= t->deadline_us)
		return error_set(e, E_CANCELLED, "no time left");
	return 0;
}

static void show_if_due(struct task *t, uint64_t before)
{
	uint64_t now_us = sys->monotonic_us();
	int ended = t->total > 0 && before < t->total && t->done >= t->total;

	if (!ended && t->shown_us > 0 && now_us - t->shown_us < SHOW_EVERY_US)
		return;
	t->shown_us = now_us;
	t->show(t->show_ctx, t);
}

void task_phase(struct task *t, const char *what, uint64_t total)
{
	if (!t)
		return;
	t->what = what;
	t->done = 0;
	t->total = total;
}

int task_step(struct task *t, uint64_t more, struct error *e)
{
	if (!t)
		return 0;
	t->done += more;
	if (t->show)
		show_if_due(t, t->done - more);
	return task_check(t, e);
}

/* A signal reaches the process, so this is the process's: the task it stops. */
static struct task *volatile stopped_by_signals;

static void on_signal(int number)
{
	struct task *t = stopped_by_signals;

	if (t && !t->stop) {
		t->stop = 1;
		return;
	}
	signal(number, SIG_DFL);
	raise(number); /* taken when this handler returns */
}

void task_stop_on_signals(struct task *t)
{
	struct sigaction action = { .sa_handler = t ? on_signal : SIG_DFL };

	stopped_by_signals = t;
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}
