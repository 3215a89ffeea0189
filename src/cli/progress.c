#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/sys.h"

enum { BAR_CHARS = 24 };

char *progress_text(char ret[PROGRESS_TEXT_MAX], const struct task *t)
{
	const char *what = t->what ? t->what : "steps";
	uint64_t done = t->done < t->total ? t->done : t->total;
	double share = t->total > 0 ? (double)done / (double)t->total : 0;
	char bar[BAR_CHARS + 1] = "";

	if (t->total == 0) {
		snprintf(ret, PROGRESS_TEXT_MAX, "%" PRIu64 " %.40s", t->done, what);
		return ret;
	}
	for (int i = 0; i < BAR_CHARS; i++)
		bar[i] = i < (int)(share * (double)BAR_CHARS) ? '#' : '.';
	snprintf(ret, PROGRESS_TEXT_MAX, "[%s] %3d %%  %" PRIu64 " of %" PRIu64 " %.40s", bar,
		 (int)(share * 100), done, t->total, what);
	return ret;
}

static void show(void *ctx, const struct task *t)
{
	char text[PROGRESS_TEXT_MAX];
	struct progress *p = ctx;

	if (sys->monotonic_us() - p->begun_us < PROGRESS_AFTER_US)
		return;
	fprintf(stderr, "\r%s\033[K", progress_text(text, t));
	p->shown = true;
}

void progress_begin(struct progress *p, struct task *t)
{
	p->begun_us = sys->monotonic_us();
	t->show_ctx = p;
	t->show = isatty(STDERR_FILENO) ? show : NULL;
}

void progress_clear(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
