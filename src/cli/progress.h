/*
 * progress: how far a task is, on stderr: only on a terminal, only after a second, and gone when
 * something else is said.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/task.h"

enum { PROGRESS_AFTER_US = 1000000, PROGRESS_TEXT_MAX = 160 };

struct progress {
	uint64_t begun_us;
	bool shown;
};

/* Let t show itself; nothing happens unless stderr is a terminal. Both are lent to each other. */
void progress_begin(struct progress *p, struct task *t);
/* Take the bar away, if it is there. */
void progress_clear(struct progress *p);
/* The line itself: "[####......] 40 %  1,200 of 3,000 records". Returns ret. */
char *progress_text(char ret[PROGRESS_TEXT_MAX], const struct task *t);

#endif
